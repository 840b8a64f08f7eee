import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseEntry, EntryPayload } from '../../../shared/domain/case.ts';
import { foldCase } from '../../../shared/domain/case-fold.ts';
import { canonicalJson } from '../../../shared/domain/entry-chain.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import { startMs } from '../../db/testing.ts';
import { type Desk, evidence, note, openDesk, opening } from './testing/desks.ts';

/*
 * One case that is worked on at four desks, apart: the fourth is an unnoticed copy of the first, so that chains fork,
 * and each has a clock that is up to three days off. Whatever files pass between them, in whatever order and however
 * often, once everybody has seen everything all have the same.
 */

const values = ['one', 'two', 'three'] as const;
const value = fc.constantFrom(...values);

/** What is done at a desk. `pick` chooses among what is there at that moment. */
type Deed =
  | { readonly do: 'say'; readonly desk: number; readonly payload: EntryPayload }
  | { readonly do: 'evidence'; readonly desk: number; readonly name: string }
  | { readonly do: 'remove'; readonly desk: number; readonly pick: number }
  | { readonly do: 'withdraw'; readonly desk: number; readonly pick: number }
  | { readonly do: 'merge'; readonly desk: number }
  | { readonly do: 'settle'; readonly desk: number }
  | { readonly do: 'wait'; readonly desk: number; readonly ms: number }
  | { readonly do: 'pass'; readonly from: number; readonly to: number };

/** Events, checklists, what is held of observables, comments, custom fields and custody: few ids, so that they meet. */
function detailed(): fc.Arbitrary<EntryPayload>[] {
  const moment = fc.constantFrom(startMs, startMs + 1_000, startMs + 2_000);
  const text = value;
  return [
    fc
      .record({ eventId: value, occurredMs: moment, detectedMs: fc.option(moment), title: text, text })
      .map((fields) => ({ kind: 'event-added', ...fields }) as const),
    fc
      .record(
        { eventId: value, occurredMs: moment, detectedMs: fc.option(moment), title: text },
        { requiredKeys: ['eventId'] },
      )
      .map((fields) => ({ kind: 'event-revised', ...fields }) as const),
    fc
      .record({ taskId: value, dueMs: fc.option(moment) })
      .map((fields) => ({ kind: 'task-due-set', ...fields }) as const),
    fc
      .record({ taskId: value, itemId: value, text })
      .map((fields) => ({ kind: 'checklist-item-added', ...fields }) as const),
    fc
      .record({ itemId: value, text, done: fc.boolean() }, { requiredKeys: ['itemId'] })
      .map((fields) => ({ kind: 'checklist-item-changed', ...fields }) as const),
    value.map((itemId) => ({ kind: 'checklist-item-removed', itemId }) as const),
    value.map(
      (observableId) =>
        ({
          kind: 'observable-added',
          observableId,
          entityKind: 'host',
          value: observableId,
          from: 'note',
        }) as const,
    ),
    fc
      .record(
        {
          observableId: value,
          verdict: fc.constantFrom('malicious', 'benign'),
          tlp: fc.option(fc.constantFrom('TLP:RED', 'TLP:GREEN')),
          note: text,
        },
        { requiredKeys: ['observableId'] },
      )
      .map((fields) => ({ kind: 'observable-assessed', ...fields }) as const),
    fc
      .record({ observableId: value, tag: value })
      .map((fields) => ({ kind: 'observable-tagged', ...fields }) as const),
    fc
      .record({ observableId: value, tag: value })
      .map((fields) => ({ kind: 'observable-untagged', ...fields }) as const),
    fc
      .record({ sightingId: value, observableId: value, seenMs: moment, count: fc.constant(3), where: text })
      .map((fields) => ({ kind: 'sighting-noted', ...fields }) as const),
    fc
      .record({ commentId: value, text, mentions: fc.array(fc.constant('Bob'), { maxLength: 1 }) })
      .map((fields) => ({ kind: 'comment-added', ...fields }) as const),
    fc
      .record({ name: fc.constant('Ticket'), value: fc.option(value) })
      .map((fields) => ({ kind: 'field-set', ...fields }) as const),
    fc
      .record({
        custodyId: value,
        evidenceId: value.map((name) => `ev_${name}`),
        action: fc.constantFrom('collected', 'copied'),
        occurredMs: moment,
        person: value,
        reason: text,
      })
      .map((fields) => ({ kind: 'custody-noted', ...fields }) as const),
  ];
}

const desk = fc.nat({ max: 3 });
const pick = fc.nat({ max: 1_000 });
const said: fc.Arbitrary<EntryPayload> = fc.oneof(
  {
    weight: 3,
    arbitrary: value.map((title): EntryPayload => ({ kind: 'header-changed', title })),
  },
  fc
    .constantFrom('open', 'contained', 'closed')
    .map((status) => ({ kind: 'header-changed', status }) as const),
  fc.constantFrom('TLP:RED', 'TLP:GREEN').map((tlp) => ({ kind: 'header-changed', tlp }) as const),
  value.map((noteId) => note(noteId)),
  fc.tuple(value, value).map(([noteId, markdown]) => ({ kind: 'note-revised', noteId, markdown }) as const),
  value.map((taskId) => ({ kind: 'task-added', taskId, title: taskId }) as const),
  fc
    .tuple(value, fc.boolean())
    .map(([taskId, isDone]) => ({ kind: 'task-changed', taskId, done: isDone }) as const),
  fc
    .constantFrom('T1498', 'T1110')
    .map((techniqueId) => ({ kind: 'technique-tagged', techniqueId }) as const),
  fc
    .constantFrom('T1498', 'T1110')
    .map((techniqueId) => ({ kind: 'technique-untagged', techniqueId }) as const),
  fc.tuple(value, fc.uuid()).map(
    ([address, observableId]) =>
      ({
        kind: 'observable-added',
        observableId,
        entityKind: 'host',
        value: address,
        from: 'analyst',
      }) as const,
  ),
  { weight: 8, arbitrary: fc.oneof(...detailed()) },
  // Said often and each time anew, so that it is said apart.
  {
    weight: 5,
    arbitrary: fc.nat().map((number) => ({ kind: 'field-set', name: 'Ticket', value: `${number}` }) as const),
  },
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('say'), desk, payload: said }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('evidence'), desk, name: value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), desk, pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('withdraw'), desk, pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge'), desk }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle'), desk }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), desk, ms: fc.nat({ max: 3_600_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass'), from: desk, to: desk }) },
);
const skews = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: -3 * dayMs, max: 3 * dayMs })));

let desks: Desk[] = [];
beforeAll(() => {
  const first = openDesk('Ada', { nowMs: startMs });
  const others = ['Bob', 'Cleo'].map((name) => openDesk(name, { nowMs: startMs }));
  desks = [first, ...others, openDesk('Ada', { nowMs: startMs }, first)];
});
afterAll(() => {
  for (const each of desks) each.close();
});

const at = (number: number): Desk => {
  const found = desks[number];
  if (found === undefined) throw new Error('a desk');
  return found;
};

/** What the histories had in them: a property that never meets a conflict proves nothing about conflicts. */
const met = {
  detailedConflicts: 0,
  conflicts: 0,
  forks: 0,
  aheadMs: 0,
  behindMs: 0,
  merges: 0,
  withdrawn: 0,
  evidence: 0,
};

/** Counts entries of which one chain has several with the same number. */
function forksIn(entries: readonly CaseEntry[]): number {
  const places = new Set(
    entries.map(({ caseId, writerId, sequence }) => `${caseId} ${writerId} ${sequence}`),
  );
  return entries.length - places.size;
}

function perform(each: Exclude<Deed, { do: 'pass' }>, caseId: string, otherId: string): EntryPayload[] {
  const { store } = at(each.desk);
  const state = store.cases.get(caseId);
  if (state === null) return [];
  switch (each.do) {
    case 'say':
      return [each.payload];
    case 'evidence':
      met.evidence += 1;
      return [evidence(at(each.desk), each.name, Buffer.from(`evidence ${each.name}`))];
    case 'remove': {
      const found = state.observables[each.pick % Math.max(1, state.observables.length)];
      return found ? [{ kind: 'observable-removed', observableId: found.id, reason: 'ours' }] : [];
    }
    case 'withdraw': {
      // The opening stays; everything else, other corrections and merges included, may have been wrong.
      const found = state.timeline[1 + (each.pick % Math.max(1, state.timeline.length - 1))];
      return found ? [{ kind: 'entry-withdrawn', entryId: found.id, reason: 'wrong' }] : [];
    }
    case 'merge':
      met.merges += 1;
      return [{ kind: 'case-merged', otherCaseId: otherId, reason: 'the same' }];
    case 'settle':
      return state.conflicts.flatMap(({ subject, field, values: apart }): EntryPayload[] => {
        const first = apart[0]?.value;
        return subject === 'case' && field === 'title' && typeof first === 'string'
          ? [{ kind: 'header-changed', title: first }]
          : [];
      });
    case 'wait':
      at(each.desk).clock.nowMs += each.ms;
      return [];
  }
}

it('ends in the same state at every desk, with every entry, whatever passed between them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { minLength: 20, maxLength: 50 }),
      skews,
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      async (deeds, skewsMs, order) => {
        for (const [number, skewMs] of skewsMs.entries()) at(number).clock.nowMs = startMs + skewMs;
        met.aheadMs = Math.max(met.aheadMs, ...skewsMs);
        met.behindMs = Math.max(met.behindMs, ...skewsMs.map((skewMs) => -skewMs));
        const first = at(0);
        const caseId = first.store.cases.open(first.writer, [opening]).id;
        const otherId = first.store.cases.open(first.writer, [
          { ...opening, title: 'Other' },
          note('four'),
        ]).id;
        const begun = [await first.export(caseId), await first.export(otherId)];
        for (const { import: take } of desks.slice(1)) for (const file of begun) await take(file);

        const files: Buffer[] = [];
        for (const each of deeds) {
          if (each.do === 'pass') {
            files.push(await at(each.from).export(caseId));
            // Any file of before, not only the newest.
            const file = files[each.to % files.length];
            if (file !== undefined) await at(each.to).import(file);
            continue;
          }
          const { store, writer } = at(each.desk);
          const payloads = perform(each, caseId, otherId);
          if (payloads.length > 0) store.cases.append(caseId, writer, payloads);
        }

        const written = new Set(
          desks.flatMap(({ store }) => store.cases.entries(caseId).map(({ id }) => id)),
        );
        // In an order that chance chose, each file at its own desk too; then once more, for what was merged on the way.
        for (let round = 0; round < 2; round += 1) {
          for (const from of order) {
            const file = await at(from).export(caseId);
            for (const to of [...order].reverse()) await at(to).import(file);
            await at(from).import(file);
          }
        }
        const [one, ...rest] = desks.map(({ store }) => ({
          digest: store.cases.digest(caseId),
          state: canonicalJson(store.cases.get(caseId)),
          ids: new Set(store.cases.entries(caseId).map(({ id }) => id)),
          verified: store.cases.verify(caseId).ok,
        }));
        expect(one?.ids).toEqual(written);
        expect(one?.verified).toBe(true);
        for (const each of rest) expect(each).toEqual(one);

        const entries = [caseId, otherId].flatMap((id) => first.store.cases.entries(id));
        met.conflicts += first.store.cases.get(caseId)?.conflicts.length ?? 0;
        met.detailedConflicts += (first.store.cases.get(caseId)?.conflicts ?? []).filter(
          ({ subject }) => !['case', 'note', 'task'].includes(subject),
        ).length;
        met.forks += forksIn(entries);
        met.withdrawn += first.store.cases.get(caseId)?.withdrawn.length ?? 0;
        const shuffled = [...entries].sort((left, right) => (left.hash < right.hash ? -1 : 1));
        expect(canonicalJson(foldCase(caseId, [...shuffled, ...entries], false))).toBe(one?.state);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
  expect(Math.min(...Object.values(met)), canonicalJson(met)).toBeGreaterThan(0);
  expect(Math.min(met.aheadMs, met.behindMs)).toBeGreaterThan(dayMs);
}, 240_000);
