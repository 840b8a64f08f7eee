import './evidence.css';
import { useMemo, useState } from 'react';
import { formatHalfHour, improbabilityWords } from '../../shared/detection/sentence.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { Incident } from '../../shared/domain/incident.ts';
import { formatMagnitude, formatQuantity } from '../../shared/domain/quantity.ts';
import { pointsFromWindow } from '../../shared/domain/series.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { formatDuration, minuteMs } from '../../shared/domain/time.ts';
import {
  Button,
  baselineWords,
  CallView,
  DataTable,
  Facts,
  SafeText,
  SeriesChart,
  Time,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';
import { Explain } from './explain.tsx';
import { bandWords } from './explain-words.ts';
import { Moments } from './moments.tsx';

/** So many charts stand there at first; an attack touches a dozen signals, and the first ones tell the story. */
const shownSignals = 3;
/** And so many at most. */
const mostCharts = 24;

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

/**
 * What an alert rests on: how it works, its signals with the expected band, each finding with what it rests on, and
 * how often the like was found.
 */
export function AlertEvidence({
  alert,
  findings,
  incident,
}: {
  readonly alert: Alert;
  readonly findings: readonly Finding[];
  readonly incident: Incident | null;
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
  const [chosenId, setChosenId] = useState<string | null>(null);
  const byId = useMemo(() => new Map(signals.map((signal) => [signal.id, signal])), [signals]);
  const signalOf = (signalId: string) => byId.get(signalId);
  const unitOf = (signalId: string) => signalOf(signalId)?.unit ?? '';
  const ordered = orderSignals(alert, findings, (signalId) => signalOf(signalId)?.name);
  const rows = orderFindings(findings);
  const chosen = rows.find(({ id }) => id === chosenId) ?? rows[0];
  // The chart of the finding that is looked at is there too.
  const shownIds = ordered.filter(
    (signalId, index) => index < (all ? mostCharts : shownSignals) || signalId === chosen?.signalId,
  );
  const windows = useCall(
    'signals.window',
    shownIds.length === 0 ? null : { signalIds: shownIds, fromMs, toMs, maxPoints: 1_200 },
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

  return (
    <div className="evidence" data-testid="evidence">
      {incident === null ? null : <Explain incident={incident} findings={findings} signalOf={signalOf} />}
      <CallView call={windows} label="Loading the signals">
        {(answers) =>
          shownIds.map((signalId) => {
            const window = answers.find((answer) => answer.signalId === signalId);
            if (window === undefined) return null;
            const signal = signalOf(window.signalId);
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
                onFinding={(finding) => setChosenId(finding.id)}
              />
            );
          })
        }
      </CallView>
      <div className="row">
        {all || ordered.length <= shownIds.length ? null : (
          <Button small variant="quiet" onClick={() => setAll(true)}>
            Show all {ordered.length} signals
          </Button>
        )}
        <Button small variant="quiet" icon="refresh" onClick={backTest}>
          Back-test {alert.signalIds.length === 1 ? 'this signal' : 'these signals'}
        </Button>
      </div>
      {rows.length > 0 ? (
        <div className="finding-list">
          <DataTable
            label="Findings of this alert"
            rows={rows}
            keyOf={(finding) => finding.id}
            onOpen={(finding) => setChosenId(finding.id)}
            isActive={(finding) => finding.id === chosen?.id}
            columns={[
              {
                key: 'signal',
                header: 'Signal',
                width: '40%',
                render: (finding) => (
                  <SafeText text={signalOf(finding.signalId)?.name ?? 'Signal'} limit={80} plain />
                ),
              },
              {
                key: 'observed',
                header: 'At its peak',
                align: 'end',
                data: true,
                render: (finding) => formatMagnitude(finding.observed, unitOf(finding.signalId)),
              },
              {
                key: 'band',
                header: 'Expected',
                align: 'end',
                data: true,
                render: (finding) => bandWords(finding, unitOf(finding.signalId)),
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
        </div>
      ) : null}
      {chosen ? <FindingFacts finding={chosen} signal={signalOf(chosen.signalId)} /> : null}
      <CallView call={history} label="Counting the last 30 days">
        {(past) => (
          <Moments alert={alert} past={past} own={findings} leadingId={ordered[0]} signalOf={signalOf} />
        )}
      </CallView>
    </div>
  );
}

/** One finding: its sentence, and what it rests on. What the table has of it is not said again. */
function FindingFacts({
  finding,
  signal,
}: {
  readonly finding: Finding;
  readonly signal: Signal | undefined;
}) {
  const unit = signal?.unit ?? '';
  const history = `${formatDuration(finding.historyMs)} of history`;
  return (
    <section className="finding-facts" aria-label="The chosen finding">
      <p>
        <SafeText text={finding.sentence} limit={400} />
      </p>
      <Facts
        items={[
          { name: 'Since', value: <Time timeMs={finding.startMs} /> },
          { name: 'Expected value', value: formatQuantity(finding.expected, unit) },
          { name: 'How improbable', value: improbabilityWords(finding.surprise) },
          { name: 'Half hour', value: `${formatHalfHour(finding.peakMs)} UTC` },
          {
            name: 'Baseline',
            value: signal
              ? `${baselineWords[signal.baselineState]}, rests on ${history}`
              : `rests on ${history}`,
          },
        ]}
      />
    </section>
  );
}
