import { useMemo, useState } from 'react';
import type { BackTestMoment, BackTestResult } from '../../shared/domain/back-test.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { dayMs, formatDuration, hourMs, minuteMs } from '../../shared/domain/time.ts';
import {
  DataTable,
  EmptyState,
  LaneBadge,
  Notice,
  SafeText,
  Section,
  SeverityBadge,
  Tabs,
  Time,
  useApp,
  useCommands,
  useShowTime,
  WindowChart,
} from '../ui/index.ts';
import { aDay } from './back-test-choices.ts';

type Shown = 'all' | 'onlyA' | 'onlyB' | 'both';

/** Moments in the table at once: the first ones tell the story, the counts tell the rest. */
const shownMoments = 200;

const either = ({ a, b }: BackTestMoment): Finding => {
  const finding = a ?? b;
  if (finding === null) throw new Error('A moment stands for at least one finding.');
  return finding;
};
const keyOf = (moment: BackTestMoment) => `${moment.a?.id ?? '-'} ${moment.b?.id ?? '-'}`;

function isShown(moment: BackTestMoment, shown: Shown): boolean {
  switch (shown) {
    case 'all':
      return true;
    case 'both':
      return moment.a !== null && moment.b !== null;
    case 'onlyA':
      return moment.b === null;
    case 'onlyB':
      return moment.a === null;
  }
}

/** What a back-test found: counts, days, incidents, and each moment on its signal's chart. */
export function BackTestResultView({ result }: { readonly result: BackTestResult }) {
  const [shown, setShown] = useState<Shown>('all');
  const [chosenKey, setChosenKey] = useState<string | null>(null);
  const signals = useApp((state) => state.signals);
  const nameOf = useMemo(() => new Map(signals.map(({ id, name }) => [id, name])), [signals]);
  const { b } = result;
  const durationMs = result.toMs - result.fromMs;
  const rows = result.moments.filter((moment) => isShown(moment, shown)).slice(0, shownMoments);
  const place = Math.max(
    0,
    rows.findIndex((moment) => keyOf(moment) === chosenKey),
  );
  const chosen = rows[place];
  const move = (by: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, place + by))];
    if (next) setChosenKey(keyOf(next));
  };
  useCommands([
    {
      id: 'backtest.next',
      title: 'Next moment',
      group: 'Back-test',
      keys: ['j', 'ArrowDown'],
      hidden: true,
      run: () => move(1),
    },
    {
      id: 'backtest.previous',
      title: 'Previous moment',
      group: 'Back-test',
      keys: ['k', 'ArrowUp'],
      hidden: true,
      run: () => move(-1),
    },
  ]);

  const counts = [
    { key: 'Actionable incidents', a: result.a.incidents.actionable, b: b?.incidents.actionable },
    { key: 'Informational incidents', a: result.a.incidents.informational, b: b?.incidents.informational },
    { key: 'Actionable findings', a: result.a.findings.actionable, b: b?.findings.actionable },
    { key: 'Informational findings', a: result.a.findings.informational, b: b?.findings.informational },
  ];
  const incidents = [
    ...result.a.incidentRows.map((incident) => ({ which: 'A', incident })),
    ...(b?.incidentRows ?? []).map((incident) => ({ which: 'B', incident })),
  ].sort((left, right) => right.incident.openedMs - left.incident.openedMs);

  return (
    <div className="backtest-result">
      <p className="backtest-facts">
        <Time timeMs={result.fromMs} age={false} /> to <Time timeMs={result.toMs} age={false} />:{' '}
        <span className="tabular">{result.samples.toLocaleString('en')}</span>{' '}
        {result.meansMs === null ? 'samples' : `means of ${formatDuration(result.meansMs)}`} replayed, warmed
        up on{' '}
        {result.warmUp.leastMs === result.warmUp.mostMs
          ? formatDuration(result.warmUp.mostMs)
          : `${formatDuration(result.warmUp.leastMs)} to ${formatDuration(result.warmUp.mostMs)}`}{' '}
        of history. Incidents are grouped without the mix of the traffic, and verdicts are left aside.
      </p>
      {result.warmUp.leastMs < dayMs ? (
        <Notice tone="warning">
          Some baselines had less than a day before the range: they were still learning in it, and a learning
          baseline calls nobody.
        </Notice>
      ) : null}
      {result.silentSignalIds.length > 0 ? (
        <Notice tone="warning">
          {result.silentSignalIds.length}{' '}
          {result.silentSignalIds.length === 1 ? 'signal has' : 'signals have'} no sample in the range:
          nothing is known of {result.silentSignalIds.length === 1 ? 'it' : 'them'} there.
        </Notice>
      ) : null}
      {result.scenario ? (
        <Notice>
          {result.scenario.label} was played in from{' '}
          <Time timeMs={result.scenario.startMs} format="clock" age={false} /> to{' '}
          <Time timeMs={result.scenario.endMs} format="clock" age={false} />.
        </Notice>
      ) : null}
      <div className="backtest-tables">
        <DataTable
          label="What was raised"
          rows={counts}
          keyOf={(row) => row.key}
          columns={[
            { key: 'what', header: 'Raised', render: (row) => row.key },
            { key: 'a', header: 'A', align: 'end', data: true, render: (row) => row.a.toLocaleString('en') },
            {
              key: 'aDay',
              header: 'A, a day',
              align: 'end',
              data: true,
              render: (row) => aDay(row.a, durationMs),
            },
            ...(b === null
              ? []
              : [
                  {
                    key: 'b',
                    header: 'B',
                    align: 'end' as const,
                    data: true,
                    render: (row: (typeof counts)[number]) => (row.b ?? 0).toLocaleString('en'),
                  },
                  {
                    key: 'bDay',
                    header: 'B, a day',
                    align: 'end' as const,
                    data: true,
                    render: (row: (typeof counts)[number]) => aDay(row.b ?? 0, durationMs),
                  },
                ]),
          ]}
        />
        <DataTable
          label="Findings by day"
          rows={result.a.days.map((day, index) => ({ day, other: b?.days[index] ?? null }))}
          keyOf={(row) => String(row.day.dayMs)}
          columns={[
            {
              key: 'day',
              header: 'Day (UTC)',
              data: true,
              render: (row) => new Date(row.day.dayMs).toISOString().slice(0, 10),
            },
            {
              key: 'a',
              header: 'A actionable',
              align: 'end',
              data: true,
              render: (row) => row.day.actionable.toLocaleString('en'),
            },
            {
              key: 'ai',
              header: 'A informational',
              align: 'end',
              data: true,
              render: (row) => row.day.informational.toLocaleString('en'),
            },
            ...(b === null
              ? []
              : [
                  {
                    key: 'b',
                    header: 'B actionable',
                    align: 'end' as const,
                    data: true,
                    render: (row: { other: { actionable: number } | null }) =>
                      (row.other?.actionable ?? 0).toLocaleString('en'),
                  },
                  {
                    key: 'bi',
                    header: 'B informational',
                    align: 'end' as const,
                    data: true,
                    render: (row: { other: { informational: number } | null }) =>
                      (row.other?.informational ?? 0).toLocaleString('en'),
                  },
                ]),
          ]}
        />
      </div>
      {chosen ? <MomentCharts result={result} moment={chosen} /> : null}
      <Section
        title="Moments"
        aside={
          b === null ? null : (
            <Tabs
              label="Which moments"
              look="segmented"
              active={shown}
              onChange={setShown}
              tabs={[
                { id: 'all', label: 'All', count: result.moments.length + result.momentsLeftOut },
                { id: 'both', label: 'Both', count: result.agreement.both },
                { id: 'onlyA', label: 'Only A', count: result.agreement.onlyA },
                { id: 'onlyB', label: 'Only B', count: result.agreement.onlyB },
              ]}
            />
          )
        }
      >
        <DataTable
          label="Moments"
          rows={rows}
          keyOf={keyOf}
          onOpen={(moment) => setChosenKey(keyOf(moment))}
          isActive={(moment) => chosen !== undefined && keyOf(moment) === keyOf(chosen)}
          empty={
            <EmptyState title={shown === 'all' ? 'Nothing would have been raised' : 'None of these'}>
              {shown === 'all'
                ? 'Every sample of the range lay within what was expected of it.'
                : 'The two settings agree here.'}
            </EmptyState>
          }
          columns={[
            {
              key: 'start',
              header: 'Began',
              width: '168px',
              data: true,
              render: (moment) => <Time timeMs={moment.startMs} age={false} />,
            },
            {
              key: 'lane',
              header: 'Lane',
              width: '120px',
              render: (moment) => <LaneBadge lane={either(moment).lane} />,
            },
            {
              key: 'why',
              header: 'What was seen',
              render: (moment) => (
                <>
                  <SafeText text={nameOf.get(moment.signalId) ?? 'Signal'} limit={60} plain />
                  <span className="quiet backtest-sentence">
                    <SafeText text={either(moment).sentence} limit={240} plain />
                  </span>
                </>
              ),
            },
            ...(b === null
              ? []
              : (['a', 'b'] as const).map((which) => ({
                  key: which,
                  header: which.toUpperCase(),
                  width: '64px',
                  render: (moment: BackTestMoment) =>
                    moment[which] === null ? <span className="quiet">silent</span> : 'raised',
                }))),
          ]}
        />
        {result.moments.length + result.momentsLeftOut > shownMoments ? (
          <p className="quiet">
            {rows.length} newest shown of{' '}
            {(result.moments.length + result.momentsLeftOut).toLocaleString('en')}.
          </p>
        ) : null}
      </Section>
      {incidents.length > 0 ? (
        <Section title="Incidents">
          <DataTable
            label="Incidents"
            rows={incidents.slice(0, shownMoments)}
            keyOf={({ which, incident }) => `${which} ${incident.id}`}
            columns={[
              {
                key: 'opened',
                header: 'Opened',
                width: '168px',
                data: true,
                render: ({ incident }) => <Time timeMs={incident.openedMs} age={false} />,
              },
              {
                key: 'lane',
                header: 'Lane',
                width: '120px',
                render: ({ incident }) => <LaneBadge lane={incident.lane} />,
              },
              ...(b === null
                ? []
                : [
                    {
                      key: 'which',
                      header: 'Setting',
                      width: '64px',
                      render: ({ which }: (typeof incidents)[number]) => which,
                    },
                  ]),
              {
                key: 'title',
                header: 'Incident',
                render: ({ incident }) => (
                  <>
                    <SeverityBadge severity={incident.severity} compact />{' '}
                    <SafeText text={incident.title} limit={120} plain />
                    <span className="quiet backtest-sentence">
                      <SafeText text={incident.why} limit={240} plain />
                    </span>
                  </>
                ),
              },
            ]}
          />
        </Section>
      ) : null}
    </div>
  );
}

/** The chosen moment near to, and its signal over the whole range with every moment of it. */
function MomentCharts({
  result,
  moment,
}: {
  readonly result: BackTestResult;
  readonly moment: BackTestMoment;
}) {
  const signal = useApp((state) => state.signals.find(({ id }) => id === moment.signalId));
  const showTime = useShowTime();
  const { endMs } = either(moment);
  const lastedMs = Math.max((endMs ?? moment.startMs) - moment.startMs, 20 * minuteMs);
  const near = {
    fromMs: moment.startMs - Math.min(3 * hourMs, Math.max(lastedMs, hourMs)),
    toMs: Math.min(result.toMs, moment.startMs + Math.min(2 * dayMs, lastedMs * 2)),
  };
  const findings = result.moments
    .filter(({ signalId }) => signalId === moment.signalId)
    .map((each) => either(each));
  const whole = { fromMs: result.fromMs, toMs: result.toMs };
  return (
    <div className="backtest-charts">
      {[near, whole].map((range, index) => (
        <WindowChart
          key={index === 0 ? 'near' : 'whole'}
          signalId={moment.signalId}
          title={signal?.name ?? 'Signal'}
          unit={signal?.unit ?? ''}
          range={range}
          findings={index === 0 ? [either(moment)] : findings}
          note={
            index === 0
              ? `around ${showTime(moment.startMs)}`
              : `the whole range, ${findings.length} ${findings.length === 1 ? 'moment' : 'moments'}`
          }
        />
      ))}
    </div>
  );
}
