import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseEntry } from '../testing/case-entry.ts';
import type { CaseEntry, EntryPayload } from './case.ts';
import { foldCase, summaryOf } from './case-fold.ts';
import { formatClock } from './entry-chain.ts';
import { createReplay, type Replay, type ReplayInput } from './replay.ts';
import type { ReplayAlert, ReplayFacts } from './replay-facts.ts';
import { minuteMs, secondMs } from './time.ts';

const startMs = 1_772_582_400_000;
const at = (minutes: number) => startMs + minutes * minuteMs;

const opened: EntryPayload = {
  kind: 'case-opened',
  title: 'HTTP flood',
  customerId: null,
  severity: 'high',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
};

/** Entries in clock order, a minute apart unless told. */
function entriesOf(
  said: readonly { readonly by: 'ada' | 'bob'; readonly timeMs: number; readonly payload: EntryPayload }[],
): CaseEntry[] {
  return said.map(({ by, timeMs, payload }, number) =>
    caseEntry({
      id: `en_${number}`,
      timeMs,
      payload,
      sequence: number,
      writerId: `wr_${by}`,
      writerName: by,
      clock: formatClock(startMs + number, 0),
    }),
  );
}

function alert(more: Partial<ReplayAlert> = {}): ReplayAlert {
  return {
    id: 'al_1',
    customerId: null,
    serviceId: null,
    sourceId: 'so_1',
    title: 'HTTP flood on /login',
    why: 'Because.',
    severity: 'critical',
    lane: 'actionable',
    status: 'closed',
    disposition: null,
    mitigated: 'no',
    firstSeenMs: at(0),
    lastSeenMs: at(10),
    receivedMs: at(2),
    count: 3,
    assignee: null,
    simulated: false,
    occurredMs: [at(0), at(1), at(10)],
    receivedMsOf: [at(2), at(4), at(11)],
    leftOut: 0,
    history: [
      { timeMs: at(3), actor: 'ada', sentence: 'Acknowledged' },
      { timeMs: at(5), actor: 'ada', sentence: 'Undone: Acknowledged' },
      { timeMs: at(6), actor: 'ada', sentence: 'Severity set to critical' },
      { timeMs: at(7), actor: 'ada', sentence: 'Taken' },
      { timeMs: at(20), actor: 'ada', sentence: 'Closed as true positive: done' },
    ],
    ...more,
  };
}

const linked: EntryPayload = {
  kind: 'alert-linked',
  alertId: 'al_1',
  title: 'HTTP flood on /login',
  why: 'Because.',
  severity: 'high',
  firstSeenMs: at(0),
  lastSeenMs: at(1),
  count: 2,
};

function facts(more: Partial<ReplayFacts> = {}): ReplayFacts {
  return {
    alerts: [],
    mitigations: [],
    workstations: [
      { id: 'ws_ada', name: 'Ada', writers: ['wr_ada'], arrivals: [] },
      { id: 'ws_bob', name: 'Bob', writers: ['wr_bob'], arrivals: [] },
    ],
    ownWorkstationId: null,
    exporterWorkstationId: null,
    ...more,
  };
}

function replayOf(
  entries: readonly CaseEntry[],
  given: ReplayFacts,
  workstationId: string,
  { isSimulated = false } = {},
): Replay {
  const input: ReplayInput = {
    state: { id: 'ca_1', simulated: isSimulated, timeline: [...entries] },
    facts: given,
    workstationId,
  };
  return createReplay(input);
}

const rowsOf = (timeline: { count: number; rowAt(index: number): unknown }) =>
  Array.from({ length: timeline.count }, (_, index) => timeline.rowAt(index));

describe('a replay', () => {
  const entries = entriesOf([
    { by: 'ada', timeMs: at(8), payload: opened },
    { by: 'ada', timeMs: at(8), payload: linked },
    { by: 'bob', timeMs: at(9), payload: { kind: 'note-added', noteId: 'n1', markdown: 'From elsewhere' } },
    { by: 'ada', timeMs: at(15), payload: { kind: 'header-changed', status: 'contained' } },
    { by: 'ada', timeMs: at(16), payload: { kind: 'entry-withdrawn', entryId: 'en_2', reason: 'Wrong' } },
  ]);
  const given = facts({
    alerts: [alert()],
    workstations: [
      {
        id: 'ws_ada',
        name: 'Ada',
        writers: ['wr_ada'],
        arrivals: [{ timeMs: at(12), refs: ['en_2'] }],
      },
      {
        id: 'ws_bob',
        name: 'Bob',
        writers: ['wr_bob'],
        arrivals: [{ timeMs: at(14), refs: ['en_0', 'en_1'] }],
      },
    ],
  });
  const ada = replayOf(entries, given, 'ws_ada');

  it('shows an alert as it was known where it was received, second by second', () => {
    const known = (minutes: number) => {
      const [row] = ada.at(at(minutes)).queue;
      return row?.known == null ? null : [row.known.count, row.known.status, row.known.severity];
    };
    expect(known(1)).toBeNull();
    expect(known(2)).toEqual([1, 'new', 'high']);
    expect(known(3)).toEqual([1, 'acknowledged', 'high']);
    expect(known(5)).toEqual([2, 'new', 'high']);
    expect(known(6)).toEqual([2, 'new', 'critical']);
    expect(known(7)).toEqual([2, 'in-progress', 'critical']);
    expect(known(11)).toEqual([3, 'in-progress', 'critical']);
    expect(known(20)).toEqual([3, 'closed', 'critical']);
  });

  it('tells what was true and not known yet', () => {
    const [row] = ada.at(at(1)).queue;
    expect(row).toMatchObject({
      known: null,
      knownFromMs: at(2),
      actual: { count: 2, severity: 'critical' },
    });
    expect(ada.at(at(10)).queue[0]).toMatchObject({
      known: { count: 2 },
      actual: { count: 3 },
      isLinked: true,
    });
    expect(ada.at(at(5)).queue[0]).toMatchObject({ isLinked: false });
  });

  it('knows elsewhere what entries said of an alert, when they came', () => {
    const bob = replayOf(entries, given, 'ws_bob');
    expect(bob.at(at(13)).queue[0]).toMatchObject({ known: null, knownFromMs: at(14) });
    // Linked with two occurrences and a severity of then; the third never came there.
    expect(bob.at(at(20)).queue[0]?.known).toMatchObject({ count: 2, severity: 'high' });
    expect(bob.at(at(13)).header).toBeNull();
    expect(bob.at(at(14)).header).toMatchObject({ title: 'HTTP flood', status: 'open' });
    expect(bob.at(at(60)).header).toMatchObject({ status: 'open' });
    expect(ada.at(at(15)).header).toMatchObject({ status: 'contained' });
  });

  it('shows entries by their arrival, and marks what was corrected, then and since', () => {
    const ids = (minutes: number) =>
      rowsOf(ada.at(at(minutes)).timeline.known).map((row) => Object(row).entry.id);
    expect(ids(11)).toEqual(['en_1', 'en_0']);
    expect(ids(12)).toEqual(['en_2', 'en_1', 'en_0']);
    expect(rowsOf(ada.at(at(11)).timeline.actual)[0]).toMatchObject({
      entry: { id: 'en_2' },
      isKnown: false,
      arrivedMs: at(12),
    });
    expect(ada.at(at(12)).timeline.known.rowAt(0)).toMatchObject({
      corrected: null,
      correctedSince: { kind: 'withdrawn', knownMs: at(16), writerName: 'ada' },
    });
    expect(ada.at(at(16)).timeline.known.rowAt(2)).toMatchObject({
      corrected: { kind: 'withdrawn' },
      correctedSince: null,
    });
  });

  it('keeps back content that came after its entry', () => {
    const late = given.workstations.map((each) =>
      each.id === 'ws_ada'
        ? { ...each, arrivals: [...each.arrivals, { timeMs: at(18), refs: ['en_2/payload'] }] }
        : each,
    );
    const replay = replayOf(entries, { ...given, workstations: late }, 'ws_ada');
    expect(replay.at(at(13)).timeline.known.rowAt(0)).toMatchObject({
      isWithheldThen: true,
      entry: { payload: null, withheld: true },
    });
    expect(replay.at(at(13)).timeline.actual.rowAt(0)).toMatchObject({
      entry: { payload: { noteId: 'n1' } },
    });
    expect(replay.at(at(18)).timeline.known.rowAt(2)).toMatchObject({ isWithheldThen: false });
  });

  it('jumps between entries, and spans from before the first to the last', () => {
    expect(ada.nextEntry(at(0))).toBe(at(8));
    expect(ada.nextEntry(at(8))).toBe(at(12));
    expect(ada.previousEntry(at(12))).toBe(at(8));
    expect(ada.previousEntry(at(8))).toBeNull();
    expect(ada.nextEntry(at(16))).toBeNull();
    expect([ada.fromMs, ada.toMs]).toEqual([at(0) - minuteMs, at(16)]);
    expect(ada.marks.map(({ kind, timeMs }) => [kind, (timeMs - startMs) / minuteMs])).toEqual([
      ['alert', 2],
      ['entry', 8],
      ['entry', 12],
      ['entry', 15],
      ['entry', 16],
    ]);
  });

  it('draws samples, findings and gaps no further than they were there', () => {
    const timesMs = Array.from({ length: 10 }, (_, index) => startMs + index * 10 * secondMs);
    const window = {
      signalId: 'si_1',
      stepMs: 10 * secondMs,
      rolledUp: false,
      timesMs,
      values: timesMs.map((_, index) => index),
      expected: timesMs.map(() => 1),
      low: timesMs.map(() => 0),
      high: timesMs.map(() => 2),
      gaps: [{ fromMs: startMs + 20 * secondMs, toMs: startMs + 40 * secondMs }],
      findings: [
        {
          id: 'fi_1',
          signalId: 'si_1',
          customerId: 'cu_1',
          serviceId: 'se_1',
          stage: 'edge' as const,
          kind: 'deviation' as const,
          direction: 'up' as const,
          lane: 'actionable' as const,
          state: 'closed' as const,
          startMs: startMs + 30 * secondMs,
          peakMs: startMs + 60 * secondMs,
          endMs: startMs + 80 * secondMs,
          observed: 9,
          expected: 1,
          low: 0,
          high: 2,
          surprise: 12,
          historyMs: 1,
          sentence: 'Above.',
        },
      ],
    };
    const saved: EntryPayload = {
      kind: 'signals-saved',
      sliceId: 'sl_1',
      title: '',
      fromMs: startMs,
      toMs: startMs + 90 * secondMs,
      signals: [{ name: 'Requests', unit: '/s', stage: 'edge', window }],
    };
    const replay = replayOf(entriesOf([{ by: 'ada', timeMs: at(5), payload: saved }]), facts(), 'ws_ada');
    const chart = (seconds: number) => replay.at(startMs + seconds * secondMs).charts.known[0];
    // Its source had them as they came, long before somebody saved them.
    expect(chart(35)?.points.length).toBe(4);
    expect(chart(35)?.findings).toEqual([]);
    expect(chart(35)?.gaps).toEqual([{ fromMs: startMs + 20 * secondMs, toMs: startMs + 35 * secondMs }]);
    expect(chart(50)?.findings).toMatchObject([
      { state: 'open', endMs: null, peakMs: startMs + 50 * secondMs },
    ]);
    expect(chart(90)?.findings).toEqual(window.findings);
    const elsewhere = replayOf(
      entriesOf([{ by: 'ada', timeMs: at(5), payload: saved }]),
      facts({
        workstations: [
          { id: 'ws_bob', name: 'Bob', writers: [], arrivals: [{ timeMs: at(9), refs: ['en_0'] }] },
        ],
      }),
      'ws_bob',
    );
    expect(elsewhere.at(at(8)).charts.known).toEqual([]);
    expect(elsewhere.at(at(8)).charts.actual).toHaveLength(1);
    expect(elsewhere.at(at(9)).charts.known[0]?.points.length).toBe(10);
  });

  it('shows a mitigation step by step, and who had approved it by then', () => {
    const noted = (timeMs: number, state: string) => ({
      by: 'ada' as const,
      timeMs,
      payload: {
        kind: 'mitigation-noted' as const,
        mitigationId: 'mi_1',
        state,
        sentence: state,
        entries: ['198.51.100.7/32'],
        targetName: 'edge',
      },
    });
    const said = entriesOf([noted(at(3), 'proposed'), noted(at(5), 'verified')]);
    const mitigation = {
      id: 'mi_1',
      planName: 'Plan',
      targetName: 'edge',
      entries: ['198.51.100.7/32'],
      reason: 'Flood',
      state: 'ended' as const,
      sentence: 'Ended.',
      proposedBy: 'ada',
      proposedMs: at(3),
      approvedBy: 'bob',
      approvedMs: at(4),
      expiresMs: at(35),
      endedMs: at(35),
      ledger: (['proposed', 'approved', 'verified', 'ended'] as const).map((state, index) => ({
        timeMs: at([3, 4, 5, 35][index] ?? 0),
        actor: 'ada',
        state,
        sentence: `${state}.`,
      })),
    };
    const given2 = facts({
      mitigations: [mitigation],
      workstations: [
        { id: 'ws_ada', name: 'Ada', writers: ['wr_ada'], arrivals: [] },
        {
          id: 'ws_bob',
          name: 'Bob',
          writers: ['wr_bob'],
          arrivals: [{ timeMs: at(20), refs: ['en_0', 'en_1'] }],
        },
      ],
    });
    const here = replayOf(said, given2, 'ws_ada');
    const known = (minutes: number) => here.at(at(minutes)).decisions[0]?.known;
    expect(known(2)).toBeUndefined();
    expect(known(3)).toMatchObject({ state: 'proposed', approvedBy: null, expiresMs: null });
    expect(known(4)).toMatchObject({ state: 'approved', approvedBy: 'bob', expiresMs: null });
    expect(known(5)).toMatchObject({ state: 'verified', expiresMs: at(35), sinceMs: at(5) });
    expect(known(35)).toMatchObject({ state: 'ended' });
    const there = replayOf(said, given2, 'ws_bob');
    expect(there.at(at(10)).decisions).toMatchObject([{ known: null, actual: { state: 'verified' } }]);
    expect(there.at(at(40)).decisions).toMatchObject([
      { known: { state: 'verified' }, actual: { state: 'ended' } },
    ]);
  });
});

const moment = fc.integer({ min: 0, max: 60 }).map(at);
const payload: fc.Arbitrary<EntryPayload> = fc.oneof(
  fc.record({ kind: fc.constant('note-added' as const), noteId: fc.uuid(), markdown: fc.string() }),
  fc.record({
    kind: fc.constant('header-changed' as const),
    status: fc.constantFrom('open' as const, 'contained' as const, 'closed' as const),
  }),
  fc.record({
    kind: fc.constant('entry-withdrawn' as const),
    entryId: fc.integer({ min: 0, max: 10 }).map((number) => `en_${number}`),
    reason: fc.constant(''),
  }),
  fc.record({
    kind: fc.constant('task-added' as const),
    taskId: fc.uuid(),
    title: fc.constant('Call'),
  }),
);
const history = fc.array(
  fc.record({ by: fc.constantFrom('ada' as const, 'bob' as const), timeMs: moment, payload }),
  { maxLength: 20 },
);
const occurrences = fc.array(
  fc.record({ occurredMs: moment, lagMs: fc.integer({ min: 0, max: 20 }).map((each) => each * minuteMs) }),
  { minLength: 1, maxLength: 10 },
);

describe('whatever came when', () => {
  it('shows what a plain filter and fold over what had arrived gives, never forgets, and ends with all of it', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(moment, { maxLength: 20 }),
        occurrences,
        fc.array(moment, { minLength: 2, maxLength: 8 }),
        (said, arrivals, times, asked) => {
          const entries = entriesOf([{ by: 'ada', timeMs: at(0), payload: opened }, ...said]);
          // Some of Bob's entries came to Ada, each at its moment; the others never did.
          const came = new Map(
            entries
              .filter(({ writerId }) => writerId === 'wr_bob')
              .flatMap(({ id }, index) => {
                const timeMs = arrivals[index];
                return timeMs === undefined ? [] : [[id, timeMs] as const];
              }),
          );
          const arrivedMs = (entry: CaseEntry) =>
            entry.writerId === 'wr_ada' ? entry.timeMs : (came.get(entry.id) ?? Number.POSITIVE_INFINITY);
          const received = times.map(({ occurredMs, lagMs }) => occurredMs + lagMs);
          const seen = alert({
            occurredMs: times.map(({ occurredMs }) => occurredMs),
            receivedMsOf: received,
            firstSeenMs: Math.min(...times.map(({ occurredMs }) => occurredMs)),
            receivedMs: Math.min(...received),
            count: times.length,
            history: [],
          });
          const withAlert = [
            ...entries,
            ...entriesOf(
              [...entries, 0].map(() => ({ by: 'ada' as const, timeMs: at(60), payload: linked })),
            ).slice(-1),
          ];
          const replay = replayOf(
            withAlert,
            facts({
              alerts: [seen],
              workstations: [
                {
                  id: 'ws_ada',
                  name: 'Ada',
                  writers: ['wr_ada'],
                  arrivals: [...came].map(([ref, timeMs]) => ({ timeMs, refs: [ref] })),
                },
              ],
            }),
            'ws_ada',
          );
          let before = { ids: new Set<string>(), count: 0 };
          for (const timeMs of [...asked, at(60)].sort((left, right) => left - right)) {
            const then = replay.at(timeMs);
            const arrived = withAlert.filter((entry) => arrivedMs(entry) <= timeMs);
            const ids = new Set(rowsOf(then.timeline.known).map((row) => String(Object(row).entry.id)));
            expect(ids).toEqual(new Set(arrived.map(({ id }) => id)));
            const state = foldCase('ca_1', arrived, false);
            expect(replay.stateAt(timeMs)).toEqual(state);
            const { title, severity, status, phase, tlp, pap, assignee } = summaryOf(state);
            expect(then.header).toEqual({ title, severity, status, phase, tlp, pap, assignee });
            const count = received.filter((each) => each <= timeMs).length;
            expect(then.queue[0]?.known?.count ?? 0).toBe(count);
            expect(then.queue[0]?.actual?.count ?? 0).toBe(
              times.filter(({ occurredMs }) => occurredMs <= timeMs).length,
            );
            for (const id of before.ids) expect(ids.has(id)).toBe(true);
            expect(count).toBeGreaterThanOrEqual(before.count);
            before = { ids, count };
          }
          // When all had come that ever came, it is the state of it.
          const all = withAlert.filter((entry) => Number.isFinite(arrivedMs(entry)));
          expect(replay.stateAt(at(100))).toEqual(foldCase('ca_1', all, false));
        },
      ),
      { numRuns: 200 },
    );
  });
});
