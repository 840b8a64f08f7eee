import { useEffect, useState } from 'react';
import { formatCount, formatQuantity, formatShare } from '../../shared/domain/quantity.ts';
import type { Breakdown, Dimension } from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  CallView,
  dimensionWords,
  EmptyState,
  MenuButton,
  Pane,
  SafeText,
  SelectField,
  useApp,
  useAppStore,
  useCall,
  useCoreNow,
  useKeptState,
  useShowTime,
} from '../ui/index.ts';

/** What a value of a dimension is called in the query bar of the queue. */
function queryOf(dimension: Dimension, value: string): string {
  return dimension === 'source.ip' ? `ip:${value}` : `entity:"${value.replaceAll('"', '')}"`;
}

const options = Object.entries(dimensionWords).map(([value, label]) => ({
  value: value as Dimension,
  label,
}));
const recentMs = 5 * 60_000;

/** Who and what made up the traffic of the brushed range, or of the last five minutes. */
export function BreakdownPanel({
  customerId,
  serviceId,
}: {
  readonly customerId: string | null;
  readonly serviceId: string | null;
}) {
  const brush = useApp((state) => state.brush);
  const ready = useApp((state) => state.hello !== null);
  const [dimension, setDimension] = useKeptState<Dimension>('watch.dimension', 'source.ip');
  const showTime = useShowTime();
  const recent = useRecentRange();
  const range = brush ?? recent;
  const call = useCall(
    'signals.breakdown',
    ready ? { customerId, serviceId, dimension, fromMs: range.fromMs, toMs: range.toMs } : null,
  );
  return (
    <Pane
      title={
        <>
          Traffic{' '}
          <span className="secondary small tabular">
            {brush
              ? `${showTime(range.fromMs, 'clock')} to ${showTime(range.toMs, 'clock')}, ${formatDuration(range.toMs - range.fromMs)}`
              : 'last 5 min'}
            {call.data?.known && call.data.dimension === dimension ? ` · ${totalInWords(call.data)}` : ''}
          </span>
        </>
      }
      padded={false}
      aside={
        <SelectField
          label="Broken down by"
          hideLabel
          value={dimension}
          options={options}
          onChange={setDimension}
        />
      }
    >
      <CallView call={call} label="Counting" errorTitle="The traffic could not be counted">
        {(data) => (data.dimension === dimension ? <Rows data={data} /> : null)}
      </CallView>
    </Pane>
  );
}

/** The whole, and what is usual in as long a time. */
function totalInWords(data: Breakdown & { readonly known: true }): string {
  const total = formatQuantity(data.total, data.unit);
  return data.usualTotal === null ? total : `${total}, usually ${formatQuantity(data.usualTotal, '')}`;
}

/** The last five minutes, moving by ten seconds. */
function useRecentRange(): { readonly fromMs: number; readonly toMs: number } {
  const coreNow = useCoreNow();
  const round = () => Math.floor(coreNow() / 10_000) * 10_000;
  const [toMs, setToMs] = useState(round);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads the clock when the timer says so
  useEffect(() => {
    const timer = setInterval(() => setToMs(round()), 5_000);
    const soon = setTimeout(() => setToMs(round()), 400);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
    };
  }, []);
  return { fromMs: toMs - recentMs, toMs };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Rows({ data }: { readonly data: Breakdown }) {
  const store = useAppStore();
  if (!data.known) {
    return (
      <EmptyState title="Not known">
        <SafeText text={capitalized(data.reason.replace(/^not known: /i, ''))} />
      </EmptyState>
    );
  }
  if (data.rows.length === 0) return <EmptyState title="No traffic in this range" />;
  const most = Math.max(...data.rows.map((row) => row.share), 0.0001);
  return (
    <table className="breakdown" aria-label={`${dimensionWords[data.dimension]} by ${data.unit}`}>
      <thead>
        <tr>
          <th scope="col">{dimensionWords[data.dimension]}</th>
          <th scope="col" className="align-end">
            {capitalized(data.unit)}
          </th>
          <th scope="col" className="align-end">
            Share
          </th>
          <th scope="col" className="align-end">
            Usual
          </th>
          <th scope="col" className="align-end">
            Stopped
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {data.rows.map((row) => (
          <tr key={row.value}>
            <td className="breakdown-value">
              <span
                className="breakdown-bar"
                aria-hidden="true"
                style={{ width: `${(row.share / most) * 100}%` }}
              >
                {row.mitigated === null || row.count === 0 ? null : (
                  <span
                    className="breakdown-stopped"
                    style={{ width: `${(row.mitigated / row.count) * 100}%` }}
                  />
                )}
              </span>
              <span className="breakdown-text mono">
                <SafeText text={row.value} plain limit={200} />
              </span>
            </td>
            <td className="align-end mono tabular">{formatCount(row.count)}</td>
            <td className="align-end mono tabular">{formatShare(row.share)}</td>
            <td className="align-end mono tabular faint">
              {row.usualShare === null ? '?' : formatShare(row.usualShare)}
            </td>
            <td className="align-end mono tabular faint">
              {row.mitigated === null ? (
                <span title="The source cannot tell">?</span>
              ) : (
                formatShare(row.count === 0 ? 0 : row.mitigated / row.count)
              )}
            </td>
            <td className="breakdown-menu">
              <MenuButton
                icon="more"
                label="Actions"
                align="end"
                items={[
                  {
                    id: 'queue',
                    label: 'Show its alerts in the queue',
                    icon: 'queue',
                    onSelect: () =>
                      store.getState().goTo('queue', { query: queryOf(data.dimension, row.value) }),
                  },
                  {
                    id: 'copy',
                    label: 'Copy',
                    icon: 'copy',
                    onSelect: () => {
                      void navigator.clipboard.writeText(row.value);
                    },
                  },
                ]}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
