import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Alert, type AlertAction, dispositions, lanes, severities } from '../../shared/domain/alert.ts';
import type { SplitBy } from '../../shared/domain/alert-split.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { matchesAlertQuery, type QueryContext } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { createGroupActions, mostMerged } from './alert-group-actions.ts';
import { AlertGroups } from './alert-groups.ts';
import { allSteps } from './alert-search.ts';
import { AlertStates } from './alert-states.ts';
import { connect } from './connect.ts';
import { migrate } from './migrations.ts';
import { SqlDatabase } from './sql.ts';
import type { Store } from './store.ts';
import {
  alertQuery,
  occurrence,
  openRaw,
  openTestStore,
  startMs,
  temporaryDirectory,
  testSource,
} from './testing.ts';

const minuteMs = 60_000;
const alertCount = 9;
const occurrencesEach = 4;

/** Alerts of four occurrences each: from two addresses, with a silence after the first two. */
function ingestAlerts(store: Store, from = 0, count = alertCount): void {
  store.alerts.ingest(
    testSource,
    Array.from({ length: count * occurrencesEach }, (_, index) => {
      const key = from + Math.floor(index / occurrencesEach);
      const place = index % occurrencesEach;
      return occurrence({
        identity: `record-${key}-${place}`,
        deduplicationKey: `key-${key}`,
        title: `Alert ${key}`,
        occurredMs: startMs + place * minuteMs + (place < 2 ? 0 : 20 * minuteMs),
        severity: severities[key % severities.length] ?? 'low',
        lane: key % 4 === 3 ? 'informational' : 'actionable',
        entities: [
          { kind: 'ip', value: `198.51.100.${place % 2}`, role: 'source' },
          { kind: 'ip', value: `192.0.2.${key}`, role: 'destination' },
        ],
      });
    }),
    startMs,
  );
}

const everything = (store: Store): Alert[] => [...store.alerts.each()];
const listed = (store: Store, more: Partial<Parameters<typeof alertQuery>[0]> = {}): Alert[] =>
  store.alerts.query(alertQuery(more), { offset: 0, limit: 500, upToSequence: null }).rows;

type Step =
  | { readonly do: 'act'; readonly action: AlertAction; readonly on: readonly number[] }
  | { readonly do: 'ingest'; readonly on: number; readonly isWorse: boolean }
  | { readonly do: 'undo'; readonly which: number }
  | { readonly do: 'fail'; readonly action: AlertAction; readonly on: readonly number[] }
  | { readonly do: 'restart' };

const splits: fc.Arbitrary<SplitBy> = fc.constantFrom<SplitBy>(
  { kind: 'gap', gapMs: 5 * minuteMs },
  { kind: 'gap', gapMs: 1_000 },
  { kind: 'entity', entity: 'ip', role: 'source' },
);
const plainActions: fc.Arbitrary<AlertAction> = fc.oneof(
  fc.constantFrom<AlertAction>(
    { type: 'acknowledge' },
    { type: 'take' },
    { type: 'release' },
    { type: 'snooze', untilMs: startMs + 10 * minuteMs },
    { type: 'wake' },
    { type: 'reopen' },
  ),
  fc
    .constantFrom(...dispositions)
    .map((disposition): AlertAction => ({ type: 'close', disposition, reason: '' })),
  fc.constantFrom(...lanes).map((lane): AlertAction => ({ type: 'set-lane', lane, reason: '' })),
  fc.constantFrom(...severities).map((severity): AlertAction => ({ type: 'set-severity', severity })),
);
const groupActions: fc.Arbitrary<AlertAction> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<AlertAction>({ type: 'merge', leaderId: null }) },
  { weight: 2, arbitrary: fc.constant<AlertAction>({ type: 'unmerge' }) },
  { weight: 4, arbitrary: splits.map((by): AlertAction => ({ type: 'split', by })) },
  { weight: 2, arbitrary: fc.constant<AlertAction>({ type: 'unsplit' }) },
);
const actions = fc.oneof({ weight: 1, arbitrary: plainActions }, { weight: 2, arbitrary: groupActions });
/** Places among all that is there when the step is done, parts too; wraps round, and negative ones are from the end. */
const places = fc.uniqueArray(fc.nat({ max: 17 }), { minLength: 1, maxLength: 4 });
const done = (action: AlertAction, on: readonly number[]): Step => ({ do: 'act', action, on });
const act: fc.Arbitrary<Step> = fc.tuple(actions, places).map(([action, on]) => done(action, on));
const restart = fc.constant<Step>({ do: 'restart' });
const ingest = (isWorse: fc.Arbitrary<boolean>): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('ingest'), on: fc.nat({ max: alertCount + 2 }), isWorse });

// What chance alone rarely makes: groups merged into a group, a part merged with others, a record for what is split.
const merge: AlertAction = { type: 'merge', leaderId: null };
const firstPlaces = fc.uniqueArray(fc.nat({ max: alertCount - 1 }), { minLength: 4, maxLength: 4 });
const nest = firstPlaces.map(([a = 0, b = 1, c = 2, d = 3]) => [
  done(merge, [a, b]),
  done(merge, [c, d]),
  done(merge, [a, c]),
]);
const mergePart = fc
  .tuple(firstPlaces, splits)
  .map(([[a = 0, b = 1, c = 2], by]) => [
    done({ type: 'split', by }, [a]),
    done(merge, [-1, b]),
    done(merge, [c, -1]),
  ]);
const grow = fc
  .tuple(fc.nat({ max: alertCount - 1 }), splits)
  .map(([place, by]): Step[] => [
    done({ type: 'split', by }, [place]),
    { do: 'ingest', on: place, isWorse: false },
  ]);
/** Any steps with each of some chains of steps somewhere between them. */
function story(one: fc.Arbitrary<Step>, chains: readonly fc.Arbitrary<Step[]>[]): fc.Arbitrary<Step[]> {
  const some = fc.array(one, { maxLength: 4, size: 'max' });
  return fc.tuple(some, ...chains.flatMap((chain) => [chain, some])).map((pieces) => pieces.flat());
}

/** What the generators really made: a property over nothing holds always. */
interface Seen {
  nested: number;
  splits: number;
  mergedParts: number;
  resplits: number;
  grown: number;
  refusals: number;
  undone: number;
}
const nothingSeen = (): Seen => ({
  nested: 0,
  splits: 0,
  mergedParts: 0,
  resplits: 0,
  grown: 0,
  refusals: 0,
  undone: 0,
});

describe('merging and splitting', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let clock: { nowMs: number };
  let store: Store;
  const open = () => openTestStore(directory.path, clock);
  const startAnew = () => {
    store?.close();
    directory?.remove();
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = open();
    ingestAlerts(store);
  };
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = open();
    ingestAlerts(store);
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  const idAt = (place: number): string => {
    const all = everything(store);
    return (place < 0 ? all.at(place) : all[place % all.length])?.id ?? '';
  };
  const byTitle = (title: string): Alert => {
    const found = everything(store).find((alert) => alert.title === title && alert.partOf === null);
    if (found === undefined) throw new Error(`no ${title}`);
    return found;
  };
  const on = (...ids: readonly string[]) => ({ by: 'ids', ids }) as const;

  /** Null where it was refused, or did nothing. */
  function tryTo(action: AlertAction, ids: readonly string[], seen: Seen): string | null {
    try {
      // One is split at a time.
      const chosen = action.type === 'split' ? ids.slice(0, 1) : ids;
      const before = new Map(everything(store).map((alert) => [alert.id, alert]));
      const { undoId } = store.alerts.act({ by: 'ids', ids: chosen }, action, 'Ada');
      if (undoId === null) return null;
      if (action.type === 'split') {
        seen.splits += 1;
        if (everything(store).some(({ id, partOf }) => partOf !== null && !before.has(id)))
          seen.resplits += 1;
      }
      if (action.type === 'merge') {
        const after = new Map(everything(store).map((alert) => [alert.id, alert]));
        if ([...after.values()].some(({ parentId }) => after.get(parentId ?? '')?.parentId)) seen.nested += 1;
        if ([...after.values()].some(({ partOf, parentId }) => partOf !== null && parentId !== null)) {
          seen.mergedParts += 1;
        }
      }
      return undoId;
    } catch (thrown) {
      if (!(thrown instanceof WatchfloorError)) throw thrown;
      seen.refusals += 1;
      return null;
    }
  }

  /** All there is of what is in use: rows as they lie in the file, links, states, what lists and counts say. */
  function snapshot() {
    const alerts = everything(store);
    const ids = JSON.stringify(alerts.map(({ id }) => id));
    const raw = openRaw(`${directory.path}/watchfloor.db`);
    const rows = (statement: string, ...values: readonly string[]) => raw.prepare(statement).all(...values);
    const inUse = 'SELECT sequence FROM alert WHERE id IN (SELECT value FROM json_each(?))';
    const result = {
      alerts,
      rows: rows(`SELECT * FROM alert WHERE sequence IN (${inUse}) ORDER BY sequence`, ids),
      entities: rows(`SELECT * FROM alert_entity WHERE alert_sequence IN (${inUse}) ORDER BY 1, 2`, ids),
      parts: rows(`SELECT * FROM alert_part WHERE alert_sequence IN (${inUse}) ORDER BY 1`, ids),
      partOccurrences: rows(
        `SELECT * FROM alert_part_occurrence WHERE alert_sequence IN (${inUse}) ORDER BY 1, 2, 3`,
        ids,
      ),
      occurrences: rows('SELECT * FROM occurrence ORDER BY id'),
      open: store.alerts.openCounts(),
      queue: listed(store).map(({ id }) => id),
      merged: listed(store, { text: 'merged:any', includeDone: true }).map(({ id }) => id),
    };
    raw.close();
    return result;
  }

  it('is undone exactly, whatever was done: each undo gives what was before its action', () => {
    const seen = nothingSeen();
    fc.assert(
      fc.property(story(fc.oneof({ weight: 9, arbitrary: act }, restart), [nest, mergePart]), (steps) => {
        startAnew();
        const done: { readonly undoId: string; readonly before: ReturnType<typeof snapshot> }[] = [];
        for (const step of steps) {
          if (step.do === 'restart') {
            store.close();
            store = open();
            continue;
          }
          if (step.do !== 'act') continue;
          const before = snapshot();
          const undoId = tryTo(step.action, step.on.map(idAt), seen);
          if (undoId === null) expect(snapshot()).toEqual(before);
          else done.push({ undoId, before });
        }
        for (const { undoId, before } of done.toReversed()) {
          expect(store.alerts.undo(undoId, 'Bob')).toMatchObject({ skipped: 0 });
          expect(snapshot()).toEqual(before);
          seen.undone += 1;
        }
      }),
      { numRuns: 20 },
    );
    expect(seen.nested).toBeGreaterThan(0);
    expect(seen.splits).toBeGreaterThan(0);
    expect(seen.mergedParts).toBeGreaterThan(0);
    expect(seen.refusals).toBeGreaterThan(0);
    expect(seen.undone).toBeGreaterThan(20);
  });

  it('is undone exactly with records in between, as if nothing but they had come', () => {
    const seen = nothingSeen();
    const records = ingest(fc.constant(false));
    fc.assert(
      fc.property(
        story(fc.oneof({ weight: 3, arbitrary: act }, { weight: 2, arbitrary: records }), [
          grow,
          nest,
          mergePart,
        ]),
        (steps) => {
          startAnew();
          const beside = temporaryDirectory();
          const twin = openTestStore(beside.path, clock);
          ingestAlerts(twin);
          const undoIds: string[] = [];
          let number = 0;
          for (const step of steps) {
            if (step.do === 'act') {
              const undoId = tryTo(step.action, step.on.map(idAt), seen);
              if (undoId !== null) undoIds.push(undoId);
              continue;
            }
            if (step.do !== 'ingest') continue;
            number += 1;
            const record = recordFor(step.on, number, 'informational');
            for (const each of [store, twin]) each.alerts.ingest(testSource, [record], startMs);
            if (everything(store).some(({ split }) => (split?.since ?? 0) > 0)) seen.grown += 1;
          }
          for (const undoId of undoIds.toReversed()) {
            expect(store.alerts.undo(undoId, 'Bob')).toMatchObject({ skipped: 0 });
          }
          // Parts took numbers meanwhile.
          const told = (of: Store) => everything(of).map(({ sequence: _, ...alert }) => alert);
          expect(told(store)).toEqual(told(twin));
          twin.close();
          beside.remove();
        },
      ),
      { numRuns: 20 },
    );
    expect(seen.grown).toBeGreaterThan(0);
    expect(seen.nested).toBeGreaterThan(0);
    expect(seen.splits).toBeGreaterThan(0);
  });

  function recordFor(key: number, number: number, severity: Alert['severity']) {
    return occurrence({
      identity: `more-${number}`,
      deduplicationKey: `key-${key}`,
      title: `Alert ${key}`,
      occurredMs: startMs + 40 * minuteMs,
      severity,
      lane: 'informational',
      entities: [{ kind: 'ip', value: '198.51.100.0', role: 'source' }],
    });
  }

  it('keeps every occurrence told once and every list true, through undos in any order', () => {
    const seen = nothingSeen();
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 8, arbitrary: act },
      { weight: 3, arbitrary: ingest(fc.boolean()) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat({ max: 12 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), action: actions, on: places }) },
      { weight: 1, arbitrary: restart },
    );
    fc.assert(
      fc.property(story(step, [nest, grow, mergePart]), (steps) => {
        startAnew();
        const undoIds: string[] = [];
        let occurrences = alertCount * occurrencesEach;
        let number = 0;
        for (const each of steps) {
          switch (each.do) {
            case 'act': {
              const undoId = tryTo(each.action, each.on.map(idAt), seen);
              if (undoId !== null) undoIds.push(undoId);
              break;
            }
            case 'ingest': {
              number += 1;
              occurrences += 1;
              store.alerts.ingest(
                testSource,
                [recordFor(each.on, number, each.isWorse ? 'critical' : 'low')],
                startMs,
              );
              break;
            }
            case 'undo': {
              const undoId = undoIds[each.which % Math.max(1, undoIds.length)];
              if (undoId === undefined) break;
              try {
                const { skippedIds, changed } = store.alerts.undo(undoId, 'Bob');
                if (changed > 0) seen.undone += 1;
                expect(store.alerts.getMany(skippedIds)).toHaveLength(skippedIds.length);
              } catch (thrown) {
                // Undone already, or it would make a ring.
                expect(thrown).toMatchObject({ code: 'conflict' });
              }
              break;
            }
            case 'fail': {
              const before = snapshot();
              const ids = each.on.map(idAt);
              expect(() =>
                store.transaction(() => {
                  tryTo(each.action, ids, nothingSeen());
                  throw new Error('the disk is full');
                }),
              ).toThrow();
              expect(snapshot()).toEqual(before);
              break;
            }
            case 'restart':
              store.close();
              store = open();
              break;
          }
          if (everything(store).some(({ split }) => (split?.since ?? 0) > 0)) seen.grown += 1;
          expectTrue(occurrences);
        }
      }),
      { numRuns: 20 },
    );
    expect(seen.undone).toBeGreaterThan(10);
    expect(seen.nested).toBeGreaterThan(0);
    expect(seen.mergedParts).toBeGreaterThan(0);
    expect(seen.grown).toBeGreaterThan(0);
  });

  /** What must hold whatever was done; worked out from the alerts alone, the plain way. */
  function expectTrue(occurrences: number): void {
    const alerts = everything(store);
    const byId = new Map(alerts.map((alert) => [alert.id, alert]));
    const leaders = (alert: Alert): Alert[] => {
      const found: Alert[] = [];
      for (let at = byId.get(alert.parentId ?? ''); at !== undefined; at = byId.get(at.parentId ?? '')) {
        expect(found).not.toContain(at);
        found.push(at);
      }
      return found;
    };
    const told = (alert: Alert) => (alert.split === null ? alert.count : alert.split.since);
    expect(alerts.reduce((sum, alert) => sum + told(alert), 0)).toBe(occurrences);
    for (const alert of alerts) {
      const members = alerts.filter((each) => leaders(each).includes(alert));
      const isTold = (each: Alert) => each.split === null || each.split.since > 0;
      const inUse = members.filter(isTold);
      expect(alert.merged).toEqual(
        members.length === 0
          ? null
          : {
              alerts: inUse.length,
              count: [alert, ...members].reduce((sum, each) => sum + told(each), 0),
              severity:
                severities[Math.max(...[alert, ...inUse].map((each) => severities.indexOf(each.severity)))],
            },
      );
      expect(
        store.alerts
          .members(alert.id, 500)
          .rows.map(({ id }) => id)
          .sort(),
      ).toEqual(members.map(({ id }) => id).sort());
      if (alert.split !== null) {
        const parts = alerts.filter(({ partOf }) => partOf?.id === alert.id);
        expect(alert.split).toEqual({
          parts: parts.length,
          since: alert.count - parts.reduce((sum, part) => sum + part.count, 0),
        });
        expect(
          store.alerts
            .parts(alert.id)
            .map(({ id }) => id)
            .sort(),
        ).toEqual(parts.map(({ id }) => id).sort());
      }
      expect(store.alerts.occurrences(alert.id, 100)).toHaveLength(alert.count);
    }
    const isOpen = (alert: Alert) =>
      alert.status !== 'closed' &&
      !(alert.snoozedUntilMs !== null && alert.snoozedUntilMs > clock.nowMs) &&
      (alert.split === null || alert.split.since > 0);
    const isUrgent = (alert: Alert, than: Alert) => lanes.indexOf(alert.lane) <= lanes.indexOf(than.lane);
    const inQueue = alerts.filter(
      (alert) => isOpen(alert) && !leaders(alert).some((leader) => isOpen(leader) && isUrgent(leader, alert)),
    );
    const ids = (rows: readonly Alert[]) => rows.map(({ id }) => id).sort();
    expect(ids(listed(store))).toEqual(ids(inQueue));
    for (const lane of lanes) {
      expect(ids(listed(store, { lane }))).toEqual(ids(inQueue.filter((alert) => alert.lane === lane)));
      expect(store.alerts.openCounts()[lane]).toBe(store.alerts.count(alertQuery({ lane })));
    }
    const context: QueryContext = {
      nowMs: clock.nowMs,
      analystName: null,
      customerName: () => null,
      serviceName: () => null,
      sourceName: () => null,
      signalName: () => null,
      originOf: () => null,
      hasRecord: () => false,
    };
    const [some = ''] = alerts.flatMap(({ parentId }) => parentId ?? []);
    const [whole = ''] = alerts.flatMap(({ partOf }) => partOf?.id ?? []);
    for (const text of [
      'merged:any',
      'merged:none',
      'split:any',
      'split:none',
      `merged:${some}`,
      `split:${whole}`,
    ]) {
      if (text.endsWith(':')) continue;
      const { node } = parseAlertQuery(text);
      const found = store.alerts.query(alertQuery({ text, includeDone: true }), {
        offset: 0,
        limit: 500,
        upToSequence: null,
        everything: true,
      });
      expect([text, ids(found.rows)]).toEqual([
        text,
        ids(alerts.filter((alert) => matchesAlertQuery(node, alert, context))),
      ]);
    }
  }

  it('gives the same groups and leaders in any order of merging the same sets', () => {
    let overlaps = 0;
    const sets = fc.array(fc.uniqueArray(fc.nat({ max: alertCount - 1 }), { minLength: 2, maxLength: 4 }), {
      minLength: 2,
      maxLength: 5,
    });
    const grouped = (of: readonly (readonly number[])[]): unknown => {
      startAnew();
      const ids = everything(store).map(({ id }) => id);
      for (const set of of) {
        store.alerts.act(
          on(...set.map((place) => ids[place] ?? '')),
          { type: 'merge', leaderId: null },
          'Ada',
        );
      }
      return listed(store).map(({ id, merged }) => [
        id,
        merged,
        store.alerts
          .members(id, 100)
          .rows.map((member) => member.id)
          .sort(),
      ]);
    };
    fc.assert(
      fc.property(
        sets.chain((made) =>
          fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length })),
        ),
        ([one, other]) => {
          if (
            one.some((set, index) => one.slice(index + 1).some((next) => next.some((at) => set.includes(at))))
          ) {
            overlaps += 1;
          }
          expect(grouped(other)).toEqual(grouped(one));
        },
      ),
      { numRuns: 15 },
    );
    expect(overlaps).toBeGreaterThan(0);
  });

  it('closes with a leader all that it stands for, and says how many', () => {
    const ids = everything(store)
      .slice(0, 4)
      .map(({ id }) => id);
    const merged = store.alerts.act(on(...ids), { type: 'merge', leaderId: ids[1] ?? null }, 'Ada');
    expect(merged).toMatchObject({ changed: 3, sentence: 'Merged 3 alerts under “Alert 1”' });
    expect(store.alerts.get(ids[1] ?? '')?.merged).toEqual({ alerts: 3, count: 16, severity: 'high' });
    expect(listed(store)).toHaveLength(alertCount - 3);
    const closed = store.alerts.act(
      on(ids[1] ?? ''),
      { type: 'close', disposition: 'true-positive', reason: '' },
      'Ada',
    );
    expect(closed.changed).toBe(4);
    const leader = allSteps(store.alerts.selectInSteps(on(ids[1] ?? '')));
    expect([...store.alerts.withMembers(leader)]).toEqual(
      store.alerts.getMany(ids).map(({ sequence }) => sequence),
    );
    expect(store.alerts.getMany(ids).map(({ status }) => status)).toEqual(ids.map(() => 'closed'));
    store.alerts.undo(closed.undoId ?? '', 'Ada');
    expect(store.alerts.getMany(ids).map(({ status }) => status)).toEqual(ids.map(() => 'new'));
    for (const id of ids) {
      expect(store.alerts.history(id).map(({ sentence }) => sentence)).toContain(
        'Merged 3 alerts under “Alert 1”',
      );
    }
  });

  it('takes groups out of groups as they were, each alert counted once', () => {
    const [a = '', b = '', c = ''] = everything(store).map(({ id }) => id);
    store.alerts.act(on(b, c), { type: 'merge', leaderId: b }, 'Ada');
    store.alerts.act(on(a, c), { type: 'merge', leaderId: a }, 'Ada');
    const parents = () => store.alerts.getMany([a, b, c]).map(({ parentId }) => parentId);
    expect(parents()).toEqual([null, a, b]);
    expect(store.alerts.act(on(a), { type: 'unmerge' }, 'Ada').changed).toBe(1);
    expect(parents()).toEqual([null, null, b]);
    store.alerts.act(on(a, c), { type: 'merge', leaderId: a }, 'Ada');
    const out = store.alerts.act(on(b, c), { type: 'unmerge' }, 'Ada');
    expect(out.changed).toBe(2);
    expect(parents()).toEqual([null, null, null]);
    expect(store.alerts.undo(out.undoId ?? '', 'Ada')).toMatchObject({ changed: 3, skipped: 0 });
    expect(parents()).toEqual([null, a, b]);
  });

  it('brings back by itself what gets worse under a leader that is closed', () => {
    const ids = [byTitle('Alert 1').id, byTitle('Alert 2').id];
    store.alerts.act(on(...ids), { type: 'merge', leaderId: ids[1] ?? null }, 'Ada');
    store.alerts.act(on(ids[1] ?? ''), { type: 'close', disposition: 'false-positive', reason: '' }, 'Ada');
    store.alerts.ingest(testSource, [recordFor(1, 1, 'critical')], startMs);
    expect(listed(store).map(({ title }) => title)).toContain('Alert 1');
    expect(store.alerts.get(ids[1] ?? '')?.merged).toEqual({ alerts: 1, count: 9, severity: 'critical' });
  });

  it('finds by a search of its own what is merged under an alert that does not match', () => {
    const ids = [byTitle('Alert 1').id, byTitle('Alert 2').id];
    store.alerts.act(on(...ids), { type: 'merge', leaderId: ids[1] ?? null }, 'Ada');
    expect(listed(store, { text: 'title:"Alert 1"' }).map(({ id }) => id)).toEqual([ids[0]]);
    expect(listed(store, { text: 'title:"Alert"' }).map(({ id }) => id)).not.toContain(ids[0]);
  });

  it('splits by address and by silence over the same occurrences, with ids that come again', () => {
    const { id } = byTitle('Alert 2');
    const by: SplitBy = { kind: 'entity', entity: 'ip', role: 'source' };
    expect(store.alerts.previewSplit(id, by)).toEqual({
      problem: null,
      parts: [
        { label: 'from 198.51.100.0', count: 2, firstMs: startMs, lastMs: startMs + 22 * minuteMs },
        {
          label: 'from 198.51.100.1',
          count: 2,
          firstMs: startMs + minuteMs,
          lastMs: startMs + 23 * minuteMs,
        },
      ],
    });
    const before = store.alerts.occurrences(id, 10);
    store.alerts.act(on(id), { type: 'take' }, 'Ada');
    const first = store.alerts.act(on(id), { type: 'split', by }, 'Ada');
    const parts = store.alerts.parts(id);
    expect(
      parts.map(({ title, status, assignee, count, partOf }) => [title, status, assignee, count, partOf]),
    ).toEqual(
      ['0', '1'].map((end) => ['Alert 2', 'in-progress', 'Ada', 2, { id, label: `from 198.51.100.${end}` }]),
    );
    expect(
      parts
        .flatMap((part) => store.alerts.occurrences(part.id, 10))
        .map((each) => each.id)
        .sort(),
    ).toEqual(before.map((each) => each.id).sort());
    expect(listed(store).map((alert) => alert.id)).not.toContain(id);
    expect(listed(store, { text: `src:198.51.100.1 title:"Alert 2"` }).map((alert) => alert.id)).toEqual([
      parts[1]?.id,
    ]);
    expect(store.alerts.histogram(parts[0]?.id ?? '')?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    // Each is worked by itself.
    const closed = store.alerts.act(
      on(parts[0]?.id ?? ''),
      { type: 'close', disposition: 'duplicate', reason: '' },
      'Ada',
    );
    expect(closed.changed).toBe(1);
    // A part that was worked on keeps the whole split as it is, and is named.
    expect(store.alerts.undo(first.undoId ?? '', 'Bob')).toMatchObject({
      changed: 0,
      skipped: 1,
      skippedIds: [parts[0]?.id],
    });
    expect(store.alerts.parts(id)).toHaveLength(2);
    store.alerts.undo(closed.undoId ?? '', 'Bob');
    expect(store.alerts.undo(first.undoId ?? '', 'Bob')).toMatchObject({ changed: 3, skipped: 0 });
    store.alerts.act(on(id), { type: 'split', by }, 'Ada');
    expect(store.alerts.parts(id).map((part) => part.id)).toEqual(parts.map((part) => part.id));
    store.alerts.act(on(id), { type: 'unsplit' }, 'Ada');
    store.alerts.act(on(id), { type: 'split', by: { kind: 'gap', gapMs: 5 * minuteMs } }, 'Ada');
    expect(store.alerts.parts(id).map(({ partOf, count }) => [partOf?.label, count])).toEqual([
      ['the first of it', 2],
      ['after a silence of 21 min', 2],
    ]);
  });

  it('cuts what parts have in common where that is long, and still tells them apart', () => {
    const paths = ['a', 'b'].map((end) => `/${'x'.repeat(2_000)}${end}`);
    const { alertIds } = store.alerts.ingest(
      testSource,
      paths.map((value, index) =>
        occurrence({
          identity: `long-${index}`,
          deduplicationKey: 'long',
          entities: [{ kind: 'path', value, role: 'destination' }],
        }),
      ),
      startMs,
    );
    const by: SplitBy = { kind: 'entity', entity: 'path', role: 'destination' };
    store.alerts.act(on(alertIds[0] ?? ''), { type: 'split', by }, 'Ada');
    const parts = store.alerts.parts(alertIds[0] ?? '');
    expect(parts.map(({ count, partOf }) => [count, partOf?.label.length])).toEqual([
      [1, 300],
      [1, 300],
    ]);
  });

  it('brings a split alert back with what comes later, and hides nothing when its reverse is undone', () => {
    const { id } = byTitle('Alert 2');
    store.alerts.act(on(id), { type: 'split', by: { kind: 'gap', gapMs: 5 * minuteMs } }, 'Ada');
    store.alerts.ingest(testSource, [recordFor(2, 1, 'low')], startMs);
    expect(listed(store).find((alert) => alert.id === id)?.split).toEqual({ parts: 2, since: 1 });
    const together = store.alerts.act(on(id), { type: 'unsplit' }, 'Ada');
    store.alerts.ingest(testSource, [recordFor(2, 2, 'low')], startMs);
    store.alerts.undo(together.undoId ?? '', 'Ada');
    expect(listed(store).find((alert) => alert.id === id)?.split).toEqual({ parts: 2, since: 2 });
  });

  it('puts parts together from any of them, and refuses what would tell an occurrence twice', () => {
    const { id } = byTitle('Alert 2');
    const by: SplitBy = { kind: 'gap', gapMs: 5 * minuteMs };
    const splitting = { type: 'split', by } as const;
    store.alerts.act(on(id), splitting, 'Ada');
    const [part, other] = store.alerts.parts(id);
    expect(() => store.alerts.act(on(id), splitting, 'Ada')).toThrow('split already');
    expect(() => store.alerts.act(on(part?.id ?? ''), splitting, 'Ada')).toThrow('a part already');
    store.alerts.act(
      on(byTitle('Alert 0').id, part?.id ?? ''),
      { type: 'merge', leaderId: part?.id ?? '' },
      'Ada',
    );
    expect(() => store.alerts.act(on(id), { type: 'unsplit' }, 'Ada')).toThrow(
      'merged under one of its parts',
    );
    store.alerts.act(on(part?.id ?? ''), { type: 'unmerge' }, 'Ada');
    expect(store.alerts.act(on(other?.id ?? ''), { type: 'unsplit' }, 'Ada').changed).toBe(3);
    expect(store.alerts.get(id)?.split).toBeNull();
    expect(everything(store)).toHaveLength(alertCount);
    store.alerts.act(on(id, byTitle('Alert 1').id), { type: 'merge', leaderId: id }, 'Ada');
    expect(() => store.alerts.act(on(id), splitting, 'Ada')).toThrow('Unmerge them first');
  });

  it('hides nothing after a repair that lost one half of a link', () => {
    const ids = [byTitle('Alert 1').id, byTitle('Alert 2').id] as const;
    const [ringed, leader] = ids;
    store.alerts.act(on(leader), { type: 'take' }, 'Zoe');
    store.alerts.act(on(...ids), { type: 'merge', leaderId: leader }, 'Ada');
    const split = byTitle('Alert 5');
    store.alerts.act(on(split.id), { type: 'split', by: { kind: 'gap', gapMs: 5 * minuteMs } }, 'Ada');
    const [lost] = store.alerts.parts(split.id);
    store.close();
    const raw = openRaw(`${directory.path}/watchfloor.db`);
    raw
      .prepare(
        "UPDATE alert_state SET parent = (SELECT sequence FROM alert WHERE id = ?) WHERE assignee = 'Zoe'",
      )
      .run(ringed);
    raw.prepare('DELETE FROM alert WHERE id = ?').run(lost?.id);
    raw.close();
    store = open();
    const inQueue = () => listed(store).map(({ id }) => id);
    expect([ringed, leader, split.id].filter((id) => inQueue().includes(id))).toEqual([]);
    store.alerts.mendStates();
    expect([ringed, leader, split.id].filter((id) => inQueue().includes(id))).toEqual([
      ringed,
      leader,
      split.id,
    ]);
    expect(store.alerts.get(split.id)?.split).toEqual({ parts: 2, since: lost?.count });
  });

  it('shows merged groups beside a running app, as they are at that moment', () => {
    const beside = openTestStore(directory.path, clock, { readOnly: true });
    const ids = [byTitle('Alert 1').id, byTitle('Alert 2').id];
    expect(beside.alerts.get(ids[1] ?? '')?.merged).toBeNull();
    store.alerts.act(on(...ids), { type: 'merge', leaderId: ids[1] ?? null }, 'Ada');
    expect(beside.alerts.get(ids[1] ?? '')?.merged?.count).toBe(8);
    store.alerts.ingest(testSource, [recordFor(1, 1, 'low')], startMs);
    expect(beside.alerts.get(ids[1] ?? '')?.merged?.count).toBe(9);
    expect(beside.alerts.get(ids[0] ?? '')?.parentId).toBe(ids[1]);
    beside.close();
  });
});

it('merges a hundred thousand at once at most', () => {
  const directory = temporaryDirectory();
  const database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  migrate(database);
  const states = new AlertStates(database);
  const groups = new AlertGroups(database, states);
  const noParts = { plan: () => [], make: () => [], partOf: () => null };
  const { plan } = createGroupActions(database, states, groups, noParts);
  expect(() => plan(new Uint32Array(mostMerged + 1), { type: 'merge', leaderId: null })).toThrow(
    '100,000 alerts are merged at once at most',
  );
  database.connection.close();
  directory.remove();
});
