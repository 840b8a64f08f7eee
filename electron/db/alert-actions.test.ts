import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  Alert,
  AlertAction,
  AlertStatus,
  Disposition,
  Lane,
  Severity,
} from '../../shared/domain/alert.ts';
import { dispositions, lanes, severities } from '../../shared/domain/alert.ts';
import type { Store } from './store.ts';
import { alertQuery, occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

/*
 * The plainest thing that could be: what each alert is, what it was before each action, and which was the last. Any
 * sequence of actions, undos, records and restarts must leave the store as it leaves this.
 */
interface Modelled {
  readonly status: AlertStatus;
  readonly disposition: Disposition | null;
  readonly assignee: string | null;
  readonly snoozedUntilMs: number | null;
  readonly laneSeen: Lane;
  readonly laneSet: Lane | null;
  readonly severitySeen: Severity;
  readonly severitySet: Severity | null;
  readonly caseId: string | null;
  readonly lastAction: number;
}
interface ModelledAction {
  readonly undoId: string;
  readonly before: ReadonlyMap<string, Modelled>;
  readonly number: number;
  undone: boolean;
}

const isOpen = (alert: Modelled) => alert.status !== 'closed';

/** Merging and splitting have a model of their own, in alert-groups.test.ts. */
type PlainAction = Exclude<AlertAction, { type: 'merge' | 'unmerge' | 'split' | 'unsplit' }>;

/** What an action makes of an alert; null where it does nothing. */
function modelledAction(alert: Modelled, action: PlainAction, actor: string): Modelled | null {
  switch (action.type) {
    case 'acknowledge':
      return alert.status === 'new' ? { ...alert, status: 'acknowledged' } : null;
    case 'take':
      return isOpen(alert) && !(alert.assignee === actor && alert.status === 'in-progress')
        ? { ...alert, assignee: actor, status: 'in-progress' }
        : null;
    case 'release':
      return isOpen(alert) && alert.assignee !== null
        ? {
            ...alert,
            assignee: null,
            status: alert.status === 'in-progress' ? 'acknowledged' : alert.status,
          }
        : null;
    case 'snooze':
      return isOpen(alert) && alert.snoozedUntilMs !== action.untilMs
        ? { ...alert, snoozedUntilMs: action.untilMs }
        : null;
    case 'wake':
      return alert.snoozedUntilMs === null ? null : { ...alert, snoozedUntilMs: null };
    case 'close':
      return isOpen(alert) || alert.disposition !== action.disposition
        ? { ...alert, status: 'closed', disposition: action.disposition, snoozedUntilMs: null }
        : null;
    case 'reopen':
      return isOpen(alert)
        ? null
        : { ...alert, status: alert.assignee === null ? 'new' : 'in-progress', disposition: null };
    case 'set-lane':
      return (alert.laneSet ?? alert.laneSeen) === action.lane ? null : { ...alert, laneSet: action.lane };
    case 'set-severity':
      return (alert.severitySet ?? alert.severitySeen) === action.severity
        ? null
        : { ...alert, severitySet: action.severity };
  }
}

const shown = (alert: Modelled) => ({
  status: alert.status,
  disposition: alert.disposition,
  assignee: alert.assignee,
  snoozedUntilMs: alert.snoozedUntilMs,
  lane: alert.laneSet ?? alert.laneSeen,
  severity: alert.severitySet ?? alert.severitySeen,
  caseId: alert.caseId,
});
const shownOf = ({ status, disposition, assignee, snoozedUntilMs, lane, severity, caseId }: Alert) => ({
  status,
  disposition,
  assignee,
  snoozedUntilMs,
  lane,
  severity,
  caseId,
});

const actions: fc.Arbitrary<PlainAction> = fc.oneof(
  fc.constantFrom<PlainAction>(
    { type: 'acknowledge' },
    { type: 'take' },
    { type: 'release' },
    { type: 'wake' },
    { type: 'reopen' },
  ),
  fc
    .integer({ min: 1, max: 3 })
    .map((minutes): PlainAction => ({ type: 'snooze', untilMs: startMs + minutes * 60_000 })),
  fc
    .constantFrom(...dispositions)
    .map((disposition): PlainAction => ({ type: 'close', disposition, reason: '' })),
  fc.constantFrom(...lanes).map((lane): PlainAction => ({ type: 'set-lane', lane, reason: '' })),
  fc.constantFrom(...severities).map((severity): PlainAction => ({ type: 'set-severity', severity })),
);

type Step =
  | {
      readonly do: 'act';
      readonly action: PlainAction;
      readonly actor: string;
      readonly on: readonly number[];
    }
  | { readonly do: 'act-on-query'; readonly action: PlainAction; readonly severity: Severity }
  | { readonly do: 'undo'; readonly which: number }
  | { readonly do: 'link'; readonly caseId: string | null; readonly on: readonly number[] }
  | { readonly do: 'record'; readonly on: number; readonly severity: Severity; readonly lane: Lane }
  | { readonly do: 'fail' }
  | { readonly do: 'restart' };

// More than a chunk of them, so that chunks and their borders take part.
const alertCount = 2_060;
const places = fc.uniqueArray(fc.oneof(fc.nat({ max: 6 }), fc.integer({ min: 2_040, max: alertCount - 1 })), {
  minLength: 1,
  maxLength: 8,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      action: actions,
      actor: fc.constantFrom('Ada', 'Bob'),
      on: places,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('act-on-query' as const),
      action: actions,
      severity: fc.constantFrom(...severities),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      caseId: fc.constantFrom('ca_1', null),
      on: places,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('record' as const),
      on: fc.nat({ max: 6 }),
      severity: fc.constantFrom(...severities),
      lane: fc.constantFrom(...lanes),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'fail' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

describe('any sequence of actions', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let ids: readonly string[];
  let runs = 0;

  beforeEach(() => {
    directory = temporaryDirectory();
    store = openTestStore(directory.path);
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  /** New alerts each run: the store before them stays as it is, and is looked at too. */
  function ingestAlerts(): Map<string, Modelled> {
    runs += 1;
    store.alerts.ingest(
      testSource,
      Array.from({ length: alertCount }, (_, index) =>
        occurrence({
          identity: `run-${runs}-${index}`,
          deduplicationKey: `run-${runs}-${index}`,
          title: `run${runs}x`,
          severity: severities[index % severities.length] ?? 'low',
          mitigated: 'no',
        }),
      ),
      startMs,
    );
    const found = [...store.alerts.each()].slice(-alertCount);
    ids = found.map(({ id }) => id);
    return new Map(
      found.map((alert) => [
        alert.id,
        {
          status: 'new',
          disposition: null,
          assignee: null,
          snoozedUntilMs: null,
          laneSeen: alert.lane,
          laneSet: null,
          severitySeen: alert.severity,
          severitySet: null,
          caseId: null,
          lastAction: 0,
        },
      ]),
    );
  }

  function run(steps: readonly Step[]): { model: Map<string, Modelled>; done: ModelledAction[] } {
    const model = ingestAlerts();
    const done: ModelledAction[] = [];
    let number = 0;
    const idAt = (place: number) => ids[place] ?? '';
    const severityOf = (alert: Modelled) => alert.severitySet ?? alert.severitySeen;

    function change(
      of: readonly string[],
      to: (alert: Modelled) => Modelled | null,
    ): ReadonlyMap<string, Modelled> {
      const before = new Map<string, Modelled>();
      number += 1;
      for (const id of of) {
        const alert = model.get(id);
        const changed = alert === undefined ? null : to(alert);
        if (alert === undefined || changed === null) continue;
        before.set(id, alert);
        model.set(id, { ...changed, lastAction: number });
      }
      return before;
    }
    function acted(
      result: ReturnType<Store['alerts']['act']>,
      of: readonly string[],
      action: PlainAction,
      actor: string,
    ) {
      const before = change(of, (alert) => modelledAction(alert, action, actor));
      expect(result.changed).toBe(before.size);
      expect([...result.changedIds].sort()).toEqual(
        [...before.keys()].sort().slice(0, result.changedIds.length),
      );
      if (result.undoId !== null) done.push({ undoId: result.undoId, before, number, undone: false });
    }

    for (const each of steps) {
      switch (each.do) {
        case 'act': {
          const of = each.on.map(idAt);
          acted(
            store.alerts.act({ by: 'ids', ids: of }, each.action, each.actor),
            of,
            each.action,
            each.actor,
          );
          break;
        }
        case 'act-on-query': {
          const text = `title:run${runs}x severity>=${each.severity}`;
          const of = ids.filter((id) => {
            const alert = model.get(id);
            return (
              alert !== undefined &&
              severities.indexOf(severityOf(alert)) >= severities.indexOf(each.severity)
            );
          });
          const result = store.alerts.act(
            {
              by: 'query',
              query: alertQuery({ text, includeDone: true }),
              upToSequence: store.alerts.latestSequence(),
            },
            each.action,
            'Ada',
          );
          const before = change(of, (alert) => modelledAction(alert, each.action, 'Ada'));
          expect(result.changed).toBe(before.size);
          if (result.undoId !== null) done.push({ undoId: result.undoId, before, number, undone: false });
          break;
        }
        case 'undo': {
          const action = done[each.which % Math.max(1, done.length)];
          if (action === undefined || action.undone) break;
          action.undone = true;
          let restored = 0;
          const skipped: string[] = [];
          for (const [id, before] of action.before) {
            const now = model.get(id);
            if (now === undefined || now.lastAction !== action.number) {
              skipped.push(id);
              continue;
            }
            restored += 1;
            model.set(id, { ...before, laneSeen: now.laneSeen, severitySeen: now.severitySeen });
          }
          const undone = store.alerts.undo(action.undoId, 'Bob');
          expect([undone.changed, undone.skipped]).toEqual([restored, skipped.length]);
          if (skipped.length <= 1_000) expect([...undone.skippedIds].sort()).toEqual(skipped.sort());
          break;
        }
        case 'link': {
          const of = each.on.map(idAt);
          store.alerts.linkCase(of, each.caseId, 'Ada');
          change(of, (alert) =>
            alert.caseId === each.caseId
              ? null
              : {
                  ...alert,
                  caseId: each.caseId,
                  status:
                    each.caseId !== null && (alert.status === 'new' || alert.status === 'acknowledged')
                      ? 'in-progress'
                      : alert.status,
                },
          );
          break;
        }
        case 'record': {
          number += 1;
          store.alerts.ingest(
            testSource,
            [
              occurrence({
                identity: `run-${runs}-more-${number}`,
                deduplicationKey: `run-${runs}-${each.on}`,
                title: `run${runs}x`,
                severity: each.severity,
                lane: each.lane,
              }),
            ],
            startMs,
          );
          const id = idAt(each.on);
          const alert = model.get(id);
          if (alert === undefined) break;
          const isWorse = severities.indexOf(each.severity) > severities.indexOf(alert.severitySeen);
          const isBack = isWorse && (alert.status === 'closed' || alert.snoozedUntilMs !== null);
          model.set(id, {
            ...alert,
            laneSeen: each.lane === 'actionable' ? 'actionable' : alert.laneSeen,
            severitySeen: isWorse ? each.severity : alert.severitySeen,
            ...(isBack
              ? {
                  status: alert.status === 'closed' ? 'new' : alert.status,
                  disposition: null,
                  snoozedUntilMs: null,
                  lastAction: number,
                }
              : {}),
          });
          break;
        }
        case 'fail':
          expect(() =>
            store.transaction(() => {
              store.alerts.act({ by: 'ids', ids: ids.slice(0, 50) }, { type: 'take' }, 'Nobody');
              throw new Error('the disk is full');
            }),
          ).toThrow();
          break;
        case 'restart':
          store.close();
          store = openTestStore(directory.path);
          break;
      }
    }
    return { model, done };
  }

  function expectSame(model: ReadonlyMap<string, Modelled>): void {
    const stored = store.alerts.getMany(ids);
    expect(stored.map((alert) => [alert.id, shownOf(alert)])).toEqual(
      [...model].map(([id, alert]) => [id, shown(alert)]),
    );
    // Counts come from the same states as rows.
    const count = (text: string) => store.alerts.count(alertQuery({ text, includeDone: true }));
    const values = [...model.values()];
    expect(count(`title:run${runs}x status:closed`)).toBe(values.filter((one) => !isOpen(one)).length);
    expect(count(`title:run${runs}x NOT assignee:none`)).toBe(
      values.filter((one) => one.assignee !== null).length,
    );
  }

  it('gives what a plain model gives, through failures and restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { model } = run(steps);
        expectSame(model);
        store.close();
        store = openTestStore(directory.path);
        expectSame(model);
      }),
      { numRuns: 12 },
    );
  });

  it('is undone exactly, the last action first', () => {
    const onlyActions = step.filter(({ do: what }) => ['act', 'act-on-query', 'restart'].includes(what));
    fc.assert(
      fc.property(fc.array(onlyActions, { maxLength: 15 }), (steps) => {
        const { done } = run(steps);
        for (const action of done.toReversed()) {
          const changed = action.before.size;
          expect(store.alerts.undo(action.undoId, 'Ada')).toMatchObject({ changed, skipped: 0 });
        }
        const untouched = store.alerts.getMany(ids).map(shownOf);
        expect(untouched).toEqual(
          ids.map((_, index) => ({
            status: 'new',
            disposition: null,
            assignee: null,
            snoozedUntilMs: null,
            lane: 'actionable',
            severity: severities[index % severities.length],
            caseId: null,
          })),
        );
      }),
      { numRuns: 7 },
    );
  });

  it('keeps a line of history for each, also of those undone', () => {
    ingestAlerts();
    const [id = '', other = ''] = ids;
    const { undoId } = store.alerts.act({ by: 'ids', ids: [id] }, { type: 'take' }, 'Ada');
    store.alerts.undo(undoId ?? '', 'Bob');
    expect(store.alerts.history(id).map(({ actor, sentence }) => [actor, sentence])).toEqual([
      ['Ada', 'Taken'],
      ['Bob', 'Undone: Taken'],
    ]);
    expect(store.alerts.history(other)).toEqual([]);
  });

  it('lists what can be taken back, the newest first, after a restart too', () => {
    ingestAlerts();
    const [id = '', other = ''] = ids;
    const taken = store.alerts.act({ by: 'ids', ids: [id] }, { type: 'take' }, 'Ada');
    const all = { by: 'query', query: alertQuery(), upToSequence: store.alerts.latestSequence() } as const;
    const closed = store.alerts.act(all, { type: 'close', disposition: 'duplicate', reason: 'Test' }, 'Bob');
    store.alerts.linkCase([other], 'ca_1', 'Ada');
    store.close();
    store = openTestStore(directory.path, { nowMs: startMs });
    expect(store.alerts.undoable(5)).toEqual([
      {
        undoId: closed.undoId,
        timeMs: expect.any(Number),
        actor: 'Bob',
        sentence: 'Closed as duplicate: Test',
        alerts: alertCount,
      },
      { undoId: taken.undoId, timeMs: expect.any(Number), actor: 'Ada', sentence: 'Taken', alerts: 1 },
    ]);
    expect(store.alerts.undoable(1)).toHaveLength(1);
    store.alerts.undo(closed.undoId ?? '', 'Ada');
    expect(store.alerts.undoable(5).map(({ undoId }) => undoId)).toEqual([taken.undoId]);
  });

  it('is seen at once beside a running app', () => {
    ingestAlerts();
    const beside = openTestStore(directory.path, { nowMs: startMs }, { readOnly: true });
    const query = alertQuery({ text: 'status:closed', includeDone: true });
    expect(beside.alerts.count(query)).toBe(0);
    const { undoId } = store.alerts.act(
      { by: 'query', query: alertQuery(), upToSequence: store.alerts.latestSequence() },
      { type: 'close', disposition: 'duplicate', reason: '' },
      'Ada',
    );
    expect(beside.alerts.count(query)).toBe(alertCount);
    expect(beside.alerts.get(ids[7] ?? '')?.status).toBe('closed');
    store.alerts.undo(undoId ?? '', 'Ada');
    expect(beside.alerts.count(query)).toBe(0);
    beside.close();
  });
});
