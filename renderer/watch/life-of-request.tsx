import { severityRank } from '../../shared/domain/alert.ts';
import type { Service } from '../../shared/domain/customer.ts';
import { formatQuantity, formatShare, toQuantity } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { lastTimeMs, readNearest } from '../../shared/domain/series.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { isNovelty, stages } from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { useLiveSamples } from '../state/live-samples.ts';
import { classNames, findingSeverity, SafeText, SeverityShape, stageWords, useNow } from '../ui/index.ts';
import { firstDeviation, type StageSignals, stageSignals } from './choose-signals.ts';

/** How old a value may be before it is no longer said to be so. */
const staleAfterSteps = 20;

/** The way of a request through each service, with what each stage does now and where something deviated first. */
export function LifeOfRequest({
  services,
  signals,
  findings,
  activeServiceId,
  customerNames,
  onChoose,
}: {
  readonly services: readonly Service[];
  readonly signals: readonly Signal[];
  readonly findings: readonly Finding[];
  readonly activeServiceId: string | null;
  readonly customerNames: ReadonlyMap<string, string>;
  readonly onChoose: (service: Service) => void;
}) {
  return (
    <section className="life" aria-label="Life of a request">
      <div className="life-head" aria-hidden="true">
        <span>Service</span>
        {stages.map((stage) => (
          <span key={stage}>{stageWords[stage]}</span>
        ))}
        <span>First deviating</span>
      </div>
      <div className="life-rows">
        {services.map((service) => (
          <ServiceRow
            key={service.id}
            service={service}
            customerName={customerNames.get(service.customerId) ?? ''}
            signals={signals.filter((signal) => signal.serviceId === service.id)}
            findings={findings.filter(
              (finding) =>
                finding.serviceId === service.id && finding.state === 'open' && !isNovelty(finding),
            )}
            active={service.id === activeServiceId}
            onChoose={() => onChoose(service)}
          />
        ))}
      </div>
    </section>
  );
}

function ServiceRow({
  service,
  customerName,
  signals,
  findings,
  active,
  onChoose,
}: {
  readonly service: Service;
  readonly customerName: string;
  readonly signals: readonly Signal[];
  readonly findings: readonly Finding[];
  readonly active: boolean;
  readonly onChoose: () => void;
}) {
  const first = firstDeviation(findings);
  return (
    <button
      type="button"
      className={classNames('life-row', active && 'is-active')}
      aria-pressed={active}
      onClick={onChoose}
    >
      <span className="life-service">
        <span className="truncate life-name">
          <SafeText text={service.name} plain limit={60} />
        </span>
        <span className="truncate faint small">
          <SafeText text={customerName} plain limit={60} />
        </span>
      </span>
      {stageSignals(signals).map((each) => (
        <StageCell
          key={each.stage}
          stage={each}
          findings={findings.filter((finding) => finding.stage === each.stage)}
          isFirst={first?.stage === each.stage}
        />
      ))}
      <span className="life-first">
        <span className="visually-hidden">{first ? 'First deviating: ' : 'Nothing deviates'}</span>
        {first ? (
          <>
            <span>{stageWords[first.stage]}</span>
            <span className="faint small">
              {first.leadMs !== null && first.nextStage !== null
                ? first.leadMs < 1_000
                  ? `together with ${stageWords[first.nextStage].toLowerCase()}`
                  : `${formatDuration(first.leadMs)} before ${stageWords[first.nextStage].toLowerCase()}`
                : 'the only one so far'}
            </span>
          </>
        ) : (
          <span className="faint" aria-hidden="true">
            None
          </span>
        )}
      </span>
    </button>
  );
}

function StageCell({
  stage,
  findings,
  isFirst,
}: {
  readonly stage: StageSignals;
  readonly findings: readonly Finding[];
  readonly isFirst: boolean;
}) {
  const worst = findings
    .map(findingSeverity)
    .sort((a, b) => severityRank(b) - severityRank(a))
    .at(0);
  const measured = stage.amount ?? stage.latency ?? stage.errors;
  return (
    <span
      className={classNames('life-stage', worst && `is-deviating severity-${worst}`, isFirst && 'is-first')}
    >
      {measured === null ? (
        <span className="faint small">not measured</span>
      ) : (
        <>
          <span className="life-amount">
            {worst ? <SeverityShape severity={worst} size={9} /> : null}
            {stage.amount ? <Current signal={stage.amount} /> : null}
          </span>
          <span className="life-detail">
            {stage.latency ? <Current signal={stage.latency} /> : null}
            {stage.latency && stage.errors ? <span className="faint"> · </span> : null}
            {stage.errors ? <Current signal={stage.errors} suffix=" errors" /> : null}
            {stage.latency || stage.errors ? null : <span>{stage.amount?.name}</span>}
          </span>
        </>
      )}
    </span>
  );
}

/** The newest value of a signal; what is too old is said to be missing. */
function Current({ signal, suffix = '' }: { readonly signal: Signal; readonly suffix?: string }) {
  const live = useLiveSamples();
  const nowMs = useNow();
  const points = live.buffer(signal.id);
  const last = lastTimeMs(points);
  const point = last === null ? null : readNearest(points, last, 1);
  const isStale = last !== null && nowMs - last > Math.max(signal.stepMs * staleAfterSteps, 30_000);
  if (point === null || point.value === null || isStale) {
    return (
      <span className="faint" title={`${toSafeExcerpt(signal.name, 300)}: no data`}>
        no data
      </span>
    );
  }
  const quantity = toQuantity(point.value, signal.unit);
  return (
    <span
      className="tabular"
      title={toSafeExcerpt(`${signal.name} ${formatQuantity(point.value, signal.unit)}`, 300)}
    >
      {quantity.unit === '%'
        ? formatShare(point.value / (signal.unit === 'ratio' ? 1 : 100))
        : `${quantity.number} ${shortUnit(quantity.unit)}`.replace(' /', '/')}
      {suffix}
    </span>
  );
}

/** `k requests/s` becomes `k req/s`: the cell is narrow, the title says it whole. */
function shortUnit(unit: string): string {
  return unit
    .replace('responses/s', '/s')
    .replace('requests/s', 'req/s')
    .replace('packets/s', 'pkt/s')
    .replace('connections/s', 'conn/s');
}
