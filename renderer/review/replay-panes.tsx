import { memo, useMemo, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import type { Timeline, TimelineRow } from '../../shared/domain/replay.ts';
import type { AlertThen } from '../../shared/domain/replay-alerts.ts';
import type { ChartThen } from '../../shared/domain/replay-charts.ts';
import type { DecisionRow, DecisionThen } from '../../shared/domain/replay-decisions.ts';
import type { QueueRow } from '../../shared/domain/replay-queue.ts';
import { type EntryNames, entryNames, entrySentence } from '../../shared/report/entry-sentence.ts';
import { shortEntry } from '../mitigate/proposal.ts';
import {
  Badge,
  Button,
  type Column,
  EmptyState,
  MitigationStateBadge,
  Pane,
  SafeText,
  SeriesChart,
  SeverityBadge,
  StatusBadge,
  useShowTime,
  VirtualTable,
} from '../ui/index.ts';
import { useWidth } from '../ui/use-size.ts';

/** What is shown: what was known at the moment, or what is known of it now. */
export type Sight = 'known' | 'actual';

/** A moment, short where it is on the day that is looked at. */
export function useShortTime(timeMs: number): (other: number) => string {
  const show = useShowTime();
  const day = show(timeMs).slice(0, 10);
  return (other) => (show(other).startsWith(day) ? show(other, 'clock') : show(other));
}

function queueMark(row: QueueRow, sight: Sight, short: (timeMs: number) => string): string | null {
  const { known, actual } = row;
  if (known === null) {
    return Number.isFinite(row.knownFromMs)
      ? `Not known until ${short(row.knownFromMs)}`
      : 'Never known there';
  }
  if (sight === 'known' || actual === null) return null;
  const parts = [
    known.count === actual.count ? null : `×${known.count} known`,
    known.severity === actual.severity ? null : `${known.severity} then`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/** Widths of the queue of a moment from which on it has these columns: what tells least goes first. */
const fromPx: Readonly<Record<string, number>> = { seen: 704, status: 608 };

/** The queue of a moment. */
export const ReplayQueue = memo(function ReplayQueue({
  rows,
  sight,
  timeMs,
}: {
  readonly rows: readonly QueueRow[];
  readonly sight: Sight;
  readonly timeMs: number;
}) {
  const [activeId, setActiveId] = useState<string | null>(null);
  const [tableRef, width] = useWidth<HTMLDivElement>();
  const short = useShortTime(timeMs);
  const shown = useMemo(() => rows.filter((row) => row[sight] !== null), [rows, sight]);
  const seen = (row: QueueRow): AlertThen | null => row[sight];
  const active = shown.findIndex(({ id }) => id === activeId);
  const columns: readonly Column<QueueRow>[] = [
    {
      key: 'severity',
      header: 'Severity',
      hideHeader: true,
      width: '24px',
      render: (row) => {
        const alert = seen(row);
        return alert === null ? null : (
          <SeverityBadge severity={alert.severity} compact hollow={alert.status !== 'new'} />
        );
      },
    },
    {
      key: 'title',
      header: 'Alert',
      width: 'minmax(160px, 1.6fr)',
      render: (row) => <SafeText text={seen(row)?.title ?? ''} limit={200} plain />,
    },
    {
      key: 'count',
      header: 'Count',
      width: '72px',
      align: 'end',
      data: true,
      render: (row) => {
        const alert = seen(row);
        return alert === null ? '' : `×${alert.count.toLocaleString('en')}${alert.isExact ? '' : '+'}`;
      },
    },
    {
      key: 'status',
      header: 'Status',
      width: '116px',
      render: (row) => {
        const alert = seen(row);
        return alert === null ? null : <StatusBadge status={alert.status} />;
      },
    },
    {
      key: 'seen',
      header: 'Last seen',
      width: '84px',
      data: true,
      render: (row) => short(seen(row)?.lastSeenMs ?? 0),
    },
    {
      key: 'mark',
      header: sight === 'known' ? 'Case' : 'Known then',
      width: 'minmax(176px, 0.7fr)',
      render: (row) => {
        const mark = queueMark(row, sight, short);
        if (mark !== null) return <Badge tone="warning">{mark}</Badge>;
        return <span className="quiet">{row.isLinked ? 'in the case' : 'not linked yet'}</span>;
      },
    },
  ];
  return (
    <Pane
      title={`Queue (${shown.length.toLocaleString('en')})`}
      padded={false}
      aside={
        <span className="quiet">{sight === 'known' ? 'as known then' : 'by all that is known now'}</span>
      }
    >
      <div className="replay-table" ref={tableRef}>
        <VirtualTable<QueueRow>
          label="Queue of the moment"
          count={shown.length}
          rowAt={(index) => shown[index]}
          keyOf={({ id }) => id}
          activeIndex={active < 0 && shown.length > 0 ? 0 : active}
          onActiveChange={(index) => setActiveId(shown[index]?.id ?? null)}
          rowClass={(row) =>
            row.known === null ? 'replay-unknown' : seen(row)?.status === 'closed' ? 'replay-closed' : null
          }
          empty={
            <EmptyState title="No alert yet">
              At this moment nothing had come that belongs to the case.
            </EmptyState>
          }
          columns={columns.filter(({ key }) => width >= (fromPx[key] ?? 0))}
        />
      </div>
    </Pane>
  );
});

const shownCharts = 4;

/** The signals of a moment: nothing is drawn that was not there. */
export const ReplayCharts = memo(function ReplayCharts({
  charts,
  fromMs,
  toMs,
  timeMs,
}: {
  readonly charts: readonly ChartThen[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeMs: number;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? charts : charts.slice(0, shownCharts);
  return (
    <Pane
      title={`Signals (${charts.length})`}
      aside={
        charts.length > shownCharts ? (
          <Button small variant="quiet" onClick={() => setAll((value) => !value)}>
            {all ? 'Fewer' : 'Show all'}
          </Button>
        ) : null
      }
    >
      {charts.length === 0 ? (
        <EmptyState title="No signals">
          None had been saved with the case, or none was known on this workstation yet.
        </EmptyState>
      ) : (
        <div className="replay-charts">
          {shown.map((chart) => (
            <SeriesChart
              key={chart.signalId}
              title={chart.name}
              unit={chart.unit}
              fromMs={fromMs}
              toMs={toMs}
              nowMs={timeMs}
              series={[{ id: chart.signalId, name: chart.name, points: chart.points }]}
              // What goes on is drawn up to the moment.
              findings={chart.findings.map((each) => ({ ...each, endMs: each.endMs ?? timeMs }))}
              gaps={chart.gaps}
              height={104}
            />
          ))}
        </div>
      )}
    </Pane>
  );
});

function timelineMark(row: TimelineRow, short: (timeMs: number) => string): string | null {
  if (!row.isKnown) {
    return Number.isFinite(row.arrivedMs) ? `Not there until ${short(row.arrivedMs)}` : 'Never came there';
  }
  if (row.isWithheldThen) return 'Content not there yet';
  if (row.corrected !== null) return row.corrected.kind === 'withdrawn' ? 'Withdrawn' : 'Revised';
  if (row.correctedSince === null) return null;
  const { kind, knownMs } = row.correctedSince;
  const when = Number.isFinite(knownMs) ? ` at ${short(knownMs)}` : ', never known there';
  return `${kind === 'withdrawn' ? 'Withdrawn' : 'Revised'} later${when}`;
}

/** An entry as a sentence, a target not named twice. */
function sentenceOf({ entry: { payload } }: TimelineRow, names: EntryNames): string {
  if (payload?.kind === 'mitigation-noted' && payload.sentence.includes(payload.targetName)) {
    return payload.sentence;
  }
  return entrySentence(payload, names);
}

/** The case's entries of a moment, the newest first. */
export const ReplayTimeline = memo(function ReplayTimeline({
  timeline,
  state,
  sight,
  timeMs,
}: {
  readonly timeline: Timeline;
  readonly state: CaseState;
  readonly sight: Sight;
  readonly timeMs: number;
}) {
  const [activeId, setActiveId] = useState<string | null>(null);
  const names: EntryNames = useMemo(() => entryNames(state.timeline), [state.timeline]);
  const short = useShortTime(timeMs);
  const at = (row: TimelineRow) => (sight === 'known' ? row.arrivedMs : row.occurredMs);
  return (
    <Pane
      title={`Timeline (${timeline.count.toLocaleString('en')})`}
      padded={false}
      aside={<span className="quiet">{sight === 'known' ? 'by arrival' : 'by when it happened'}</span>}
    >
      <VirtualTable<TimelineRow>
        label="Entries of the moment, newest first"
        count={timeline.count}
        rowAt={(index) => timeline.rowAt(index)}
        keyOf={({ entry }) => entry.id}
        activeIndex={timeline.count === 0 ? -1 : activeIndexOf(timeline, activeId)}
        onActiveChange={(index) => setActiveId(timeline.rowAt(index)?.entry.id ?? null)}
        rowClass={(row) =>
          row.isKnown ? (row.corrected?.kind === 'withdrawn' ? 'replay-withdrawn' : null) : 'replay-unknown'
        }
        empty={<EmptyState title="Nothing yet">No entry of the case had arrived.</EmptyState>}
        columns={[
          { key: 'time', header: 'Time', width: '76px', data: true, render: (row) => short(at(row)) },
          {
            key: 'who',
            header: 'Who',
            width: '88px',
            render: (row) => (
              <span className="quiet">
                <SafeText text={row.entry.writerName} limit={40} plain />
              </span>
            ),
          },
          {
            key: 'what',
            header: 'What',
            width: 'minmax(140px, 1fr)',
            render: (row) => {
              const mark = timelineMark(row, short);
              return (
                <span className="replay-entry">
                  {mark === null ? null : <Badge tone="warning">{mark}</Badge>}
                  <span className="truncate replay-sentence">
                    <SafeText
                      text={row.isWithheldThen ? 'Its content was withheld' : sentenceOf(row, names)}
                      limit={300}
                      plain
                    />
                  </span>
                </span>
              );
            },
          },
        ]}
      />
    </Pane>
  );
});

/** Rows move down as entries come; the active one is looked for among the newest alone. */
function activeIndexOf(timeline: Timeline, activeId: string | null): number {
  for (let index = 0; activeId !== null && index < Math.min(200, timeline.count); index += 1) {
    if (timeline.rowAt(index)?.entry.id === activeId) return index;
  }
  return 0;
}

/** What had been decided against the attack by then. */
export const ReplayDecisions = memo(function ReplayDecisions({
  rows,
  sight,
  timeMs,
}: {
  readonly rows: readonly DecisionRow[];
  readonly sight: Sight;
  readonly timeMs: number;
}) {
  const short = useShortTime(timeMs);
  const shown = rows.filter((row) => row[sight] !== null);
  return (
    <Pane title={`Decisions (${shown.length})`}>
      {shown.length === 0 ? (
        <p className="quiet">No mitigation had been proposed.</p>
      ) : (
        <ul className="replay-decisions" aria-label="Mitigations of the moment">
          {shown.map((row) => {
            const decision = row[sight];
            return decision === null ? null : (
              <li key={row.id} className={row.known === null ? 'replay-unknown' : undefined}>
                <Decision
                  decision={decision}
                  mark={
                    sight === 'known'
                      ? null
                      : row.known === null
                        ? 'Not known then'
                        : row.known.state === decision.state
                          ? null
                          : `Known as ${row.known.state}`
                  }
                  short={short}
                />
              </li>
            );
          })}
        </ul>
      )}
    </Pane>
  );
});

function Decision({
  decision,
  mark,
  short,
}: {
  readonly decision: DecisionThen;
  readonly mark: string | null;
  readonly short: (timeMs: number) => string;
}) {
  const people = [
    decision.proposedBy === null ? null : `asked by ${decision.proposedBy}`,
    decision.approvedBy === null ? null : `approved by ${decision.approvedBy}`,
    decision.expiresMs === null ? null : `ends ${short(decision.expiresMs)}`,
  ].filter((part) => part !== null);
  const who = people.join(', ');
  return (
    <>
      <p className="replay-decision-head">
        <MitigationStateBadge state={decision.state} />
        <span className="mono truncate">
          <SafeText
            text={`${decision.entries.slice(0, 3).map(shortEntry).join(', ')}${decision.entries.length > 3 ? ` and ${decision.entries.length - 3} more` : ''}`}
            limit={160}
            plain
          />
        </span>
        <span className="quiet">
          on <SafeText text={decision.targetName} limit={60} plain /> since {short(decision.sinceMs)}
        </span>
        {mark === null ? null : <Badge tone="warning">{mark}</Badge>}
      </p>
      <p className="secondary small">
        <SafeText text={decision.sentence} limit={300} plain />
      </p>
      {who === '' ? null : (
        <p className="quiet small">
          <SafeText text={`${who.charAt(0).toUpperCase()}${who.slice(1)}`} limit={300} plain />
        </p>
      )}
    </>
  );
}
