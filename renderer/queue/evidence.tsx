import { useMemo, useState } from 'react';
import { formatHalfHour, improbabilityWords } from '../../shared/detection/sentence.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { formatMagnitude } from '../../shared/domain/quantity.ts';
import { pointsFromWindow } from '../../shared/domain/series.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { formatDuration, minuteMs } from '../../shared/domain/time.ts';
import {
  Button,
  CallView,
  DataTable,
  Facts,
  SeriesChart,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';
import { FiredBefore } from './fired-before.tsx';

/** So many charts stand there at first; an attack touches a dozen signals, and the first ones tell the story. */
const shownSignals = 3;

/** What needs a person first, then by how far it is out of what is usual. */
function orderFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (left, right) =>
      Number(left.lane === 'informational') - Number(right.lane === 'informational') ||
      right.surprise - left.surprise,
  );
}

/** The signals of an alert: first those that its sentence names, in its order, then those of the gravest findings. */
function orderSignals(
  alert: Alert,
  findings: readonly Finding[],
  nameOf: (signalId: string) => string | undefined,
): readonly string[] {
  const known = new Set(alert.signalIds);
  const why = alert.why.toLowerCase();
  const named = alert.signalIds
    .map((signalId) => ({ signalId, at: why.indexOf((nameOf(signalId) ?? '\n').toLowerCase()) }))
    .filter(({ at }) => at >= 0)
    .toSorted((left, right) => left.at - right.at);
  return [
    ...new Set([
      ...named.map(({ signalId }) => signalId),
      ...orderFindings(findings)
        .map((finding) => finding.signalId)
        .filter((signalId) => known.has(signalId)),
      ...alert.signalIds,
    ]),
  ];
}

/** What an alert rests on: its signals with the expected band, the findings, and how often the like was found. */
export function AlertEvidence({
  alert,
  findings,
}: {
  readonly alert: Alert;
  readonly findings: readonly Finding[];
}) {
  const signals = useApp((state) => state.signals);
  const goTo = useApp((state) => state.goTo);
  const spanMs = Math.max(alert.lastSeenMs - alert.firstSeenMs, 4 * minuteMs);
  // As much before as the alert is long, at least ten minutes: a deviation shows only beside what is usual.
  // Rounded, so that a count that rises does not ask anew every second.
  const roundMs = minuteMs / 2;
  const fromMs = Math.floor((alert.firstSeenMs - Math.max(spanMs, 10 * minuteMs)) / roundMs) * roundMs;
  const toMs = Math.ceil((alert.lastSeenMs + spanMs / 8) / roundMs) * roundMs;
  const [all, setAll] = useState(false);
  const byId = useMemo(() => new Map(signals.map((signal) => [signal.id, signal])), [signals]);
  const ordered = orderSignals(alert, findings, (signalId) => byId.get(signalId)?.name);
  const shownIds = all ? ordered.slice(0, 24) : ordered.slice(0, shownSignals);
  const windows = useCall(
    'signals.window',
    shownIds.length === 0 ? null : { signalIds: [...shownIds], fromMs, toMs, maxPoints: 1_200 },
    { everyMs: 10_000 },
  );
  const history = useCall('findings.history', findings.length === 0 ? null : { alertId: alert.id });

  const backTest = () => goTo('backtest', { signalIds: ordered });
  useCommands([
    {
      id: 'queue.backtest',
      title: 'Back-test the signals of this alert',
      group: 'Alert',
      enabled: ordered.length > 0,
      run: backTest,
    },
  ]);

  const [strongest] = orderFindings(findings);

  if (alert.signalIds.length === 0) {
    return (
      <p className="quiet">
        This alert came from its source as it is. Watchfloor measured no signal for it; the raw record below
        is its evidence.
      </p>
    );
  }
  return (
    <div className="evidence" data-testid="evidence">
      <CallView call={windows} label="Loading the signals">
        {(answers) =>
          shownIds.map((signalId) => {
            const window = answers.find((answer) => answer.signalId === signalId);
            if (window === undefined) return null;
            const signal = byId.get(window.signalId);
            return (
              <SeriesChart
                key={window.signalId}
                title={signal?.name ?? 'Signal'}
                unit={signal?.unit ?? ''}
                fromMs={fromMs}
                toMs={toMs}
                series={[
                  {
                    id: window.signalId,
                    name: signal?.name ?? 'Signal',
                    points: pointsFromWindow(window),
                  },
                ]}
                findings={window.findings}
                gaps={window.gaps}
                height={120}
                note={window.rolledUp ? `${formatDuration(window.stepMs)} means` : null}
              />
            );
          })
        }
      </CallView>
      {ordered.length > shownIds.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show all {ordered.length} signals
        </Button>
      ) : null}
      <div className="row">
        <Button small variant="quiet" icon="refresh" onClick={backTest}>
          Back-test {alert.signalIds.length === 1 ? 'this signal' : 'these signals'}
        </Button>
      </div>
      {findings.length > 0 ? (
        <DataTable
          label="Findings of this alert"
          rows={orderFindings(findings)}
          keyOf={(finding) => finding.id}
          columns={[
            {
              key: 'signal',
              header: 'Signal',
              width: '40%',
              render: (finding) => byId.get(finding.signalId)?.name ?? 'Signal',
            },
            {
              key: 'observed',
              header: 'At its peak',
              align: 'end',
              data: true,
              render: (finding) => formatMagnitude(finding.observed, byId.get(finding.signalId)?.unit ?? ''),
            },
            {
              key: 'band',
              header: 'Expected',
              align: 'end',
              data: true,
              render: (finding) =>
                `${formatMagnitude(finding.low, byId.get(finding.signalId)?.unit ?? '')}–${formatMagnitude(finding.high, byId.get(finding.signalId)?.unit ?? '')}`,
            },
            {
              key: 'since',
              header: 'For',
              align: 'end',
              data: true,
              render: (finding) =>
                finding.endMs === null
                  ? `${formatDuration(alert.lastSeenMs - finding.startMs)} so far`
                  : formatDuration(finding.endMs - finding.startMs),
            },
          ]}
        />
      ) : null}
      {strongest ? (
        <Facts
          items={[
            { name: 'How improbable', value: improbabilityWords(strongest.surprise) },
            { name: 'Half hour', value: `${formatHalfHour(strongest.peakMs)} UTC` },
            {
              name: 'Baseline',
              value: `rests on ${formatDuration(Math.min(...findings.map((finding) => finding.historyMs)))} of history`,
            },
          ]}
        />
      ) : null}
      <CallView call={history} label="Counting the last 30 days">
        {(past) => (
          <FiredBefore
            fired={past.fired}
            wouldMove={past.wouldMove}
            isExact={past.isExact}
            sinceMs={past.sinceMs}
            untilMs={alert.firstSeenMs}
            disposition={alert.disposition}
          />
        )}
      </CallView>
    </div>
  );
}
