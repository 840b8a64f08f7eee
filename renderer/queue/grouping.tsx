import './grouping.css';
import type { Alert, AlertGrouping, OccurrenceHistogram } from '../../shared/domain/alert.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { CopyButton, SafeText, Section, useShowTime } from '../ui/index.ts';

/** What the parts of a key are, where a source's adapter always makes it alike. */
const keyParts: Readonly<Record<string, string>> = {
  'suricata-eve': 'the signature’s number, the attacking address, and what it attacked',
  alertmanager: 'the fingerprint of the labels, and when it began to fire',
  range: 'the service, and the rule',
  webhook: 'the field that the mapping names, else the title and the entities',
};

/** Why the occurrences of an alert are one, in words, its key, and how they lie in time. */
export function Grouping({
  alert,
  grouping,
  histogram,
}: {
  readonly alert: Alert;
  readonly grouping: AlertGrouping | null;
  readonly histogram: OccurrenceHistogram | null;
}) {
  const showTime = useShowTime();
  const parts = keyParts[alert.sourceKind];
  return (
    <Section title={alert.count === 1 ? 'One occurrence' : `Why ${alert.count.toLocaleString('en')} are one`}>
      {grouping === null ? (
        <p className="quiet">These records came before the key was kept with them.</p>
      ) : (
        <>
          <p>
            {alert.count === 1 ? 'More would join it that come' : 'They came'} from the same source with the
            same key
            {grouping.fromMs === null
              ? '; this source says itself when an episode ends, so there is no window.'
              : `, within one fixed window of ${formatDuration(grouping.windowMs)}: ${showTime(grouping.fromMs)} to ${showTime(grouping.fromMs + grouping.windowMs)}. What comes after it is an alert of its own.`}
          </p>
          <div className="grouping-key">
            <span className="quiet">Key</span>
            <SafeText text={grouping.key} mono limit={200} />
            <CopyButton text={grouping.key} label="Copy the key" iconOnly />
          </div>
          {parts === undefined ? null : <p className="quiet small">Made of {parts}.</p>}
        </>
      )}
      {histogram === null || histogram.counts.length < 2 ? null : <OccurrenceBars histogram={histogram} />}
    </Section>
  );
}

const barsHeight = 44;

/** Bars of exact counts over time. A bucket without any is nothing that is missing: none came. */
function OccurrenceBars({ histogram }: { readonly histogram: OccurrenceHistogram }) {
  const showTime = useShowTime();
  const { fromMs, bucketMs, counts, leftOut } = histogram;
  const most = Math.max(...counts, 1);
  const peak = counts.indexOf(most);
  const each = formatDuration(bucketMs);
  const number = (count: number) => count.toLocaleString('en');
  const peakWords = `most ${number(most)} at ${showTime(fromMs + peak * bucketMs, 'clock')}`;
  return (
    <figure className="occurrence-bars" aria-label="Occurrences">
      <figcaption>
        <span>Occurrences per {each}</span>
        <span className="tabular">{peakWords}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={`Occurrences per ${each}, ${peakWords}`}
        viewBox={`0 0 ${counts.length} ${barsHeight}`}
        preserveAspectRatio="none"
      >
        {counts.map((count, index) => {
          // One that came is always seen.
          const height = count === 0 ? 0 : Math.max(2, (count / most) * (barsHeight - 1));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the place in time is its identity
            <g key={index}>
              <title>{`${showTime(fromMs + index * bucketMs, 'clock')}: ${number(count)}`}</title>
              <rect className="occurrence-place" x={index} y={0} width={1} height={barsHeight} />
              <rect
                className="occurrence-bar"
                x={index + 0.1}
                y={barsHeight - height}
                width={0.8}
                height={height}
              />
            </g>
          );
        })}
      </svg>
      <div className="occurrence-axis tabular">
        <span>{showTime(fromMs, 'clock')}</span>
        {leftOut > 0 ? <span>{number(leftOut)} earlier ones are not drawn</span> : null}
        <span>{showTime(fromMs + counts.length * bucketMs, 'clock')}</span>
      </div>
    </figure>
  );
}
