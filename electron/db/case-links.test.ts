import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryPayload } from '../../shared/domain/case.ts';
import type { EntityKind } from '../../shared/domain/entity.ts';
import type { Store, Writer } from './store.ts';
import {
  occurrence,
  openTestStore,
  startMs,
  type TestClock,
  temporaryDirectory,
  testSource,
  testWriter,
} from './testing.ts';

const opening: EntryPayload = {
  kind: 'case-opened',
  title: 'Flood',
  customerId: null,
  severity: 'high',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
};
const added = (value: string, entityKind: EntityKind = 'ip'): EntryPayload => ({
  kind: 'observable-added',
  observableId: `o ${value}`,
  entityKind,
  value,
  from: 'analyst',
});

describe('what links cases', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let clock: TestClock;
  let ada: Writer;
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = openTestStore(directory.path, clock);
    ada = testWriter(store, 'Ada');
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });
  const open = (...payloads: EntryPayload[]) => store.cases.open(ada, [opening, ...payloads]).id;
  const related = (caseId: string, limit = 20) =>
    store.cases
      .related(caseId, limit)
      .map(({ case: other, shared, sharedCount }) => [
        other.id,
        shared.map(({ value }) => value),
        sharedCount,
      ]);

  it('are shared observables, the case that shares most first', () => {
    const first = open(added('198.51.100.7'), added('203.0.113.9'), added('443', 'port'));
    const one = open(added('198.51.100.7'), added('443', 'port'));
    const two = open(added('198.51.100.7'), added('203.0.113.9'));
    open(added('443', 'port'), added('198.51.100.7', 'host'));
    expect(related(first)).toEqual([
      [two, ['198.51.100.7', '203.0.113.9'], 2],
      [one, ['198.51.100.7'], 1],
    ]);
    expect(related(first, 1)).toHaveLength(1);
  });

  it('go when the observable is removed, and come back with it', () => {
    const first = open(added('198.51.100.7'));
    const second = open(added('198.51.100.7'));
    store.cases.append(second, ada, [
      { kind: 'observable-removed', observableId: 'o 198.51.100.7', reason: 'ours' },
    ]);
    expect(related(first)).toEqual([]);
    store.cases.append(second, ada, [added('198.51.100.7')]);
    expect(related(first)).toEqual([[second, ['198.51.100.7'], 1]]);
  });

  it('leave out what is merged with the case, and are told anew by a rebuilt store', () => {
    const first = open(added('198.51.100.7'));
    const second = open(added('198.51.100.7'));
    store.cases.append(second, ada, [{ kind: 'case-merged-into', otherCaseId: first, reason: '' }]);
    store.cases.append(first, ada, [{ kind: 'case-merged', otherCaseId: second, reason: '' }]);
    expect(related(first)).toEqual([]);
    expect(related(second)).toEqual([]);
    const third = open(added('198.51.100.7'));
    store.cases.rebuild();
    expect(related(third)).toHaveLength(2);
  });

  it('say where else an observable was seen: in alerts, and by people in other cases', () => {
    store.alerts.ingest(
      testSource,
      [
        occurrence({
          identity: 'r1',
          occurredMs: startMs - 5_000,
          entities: [{ kind: 'ip', value: '198.51.100.7', role: 'source' }],
        }),
      ],
      startMs,
    );
    const first = open(added('198.51.100.7'), added('203.0.113.9'));
    open(added('198.51.100.7'), {
      kind: 'sighting-noted',
      sightingId: 's1',
      observableId: 'o 198.51.100.7',
      seenMs: startMs - 90_000,
      count: 1,
      where: 'mail',
    });
    expect(store.cases.seen(first)).toEqual([
      {
        observableId: 'o 198.51.100.7',
        alerts: 1,
        cases: 1,
        firstSeenMs: startMs - 90_000,
        lastSeenMs: startMs - 5_000,
      },
      { observableId: 'o 203.0.113.9', alerts: 0, cases: 0, firstSeenMs: null, lastSeenMs: null },
    ]);
  });
});

describe('mentions', () => {
  it('are comments in any case that name somebody, the newest first, but for those withdrawn', () => {
    const directory = temporaryDirectory();
    const clock = { nowMs: startMs };
    const store = openTestStore(directory.path, clock);
    const ada = testWriter(store, 'Ada');
    const say = (caseId: string, text: string, mentions: string[]) => {
      clock.nowMs += 1_000;
      const state = store.cases.append(caseId, ada, [
        { kind: 'comment-added', commentId: text, text, mentions },
      ]);
      return state.timeline.at(-1)?.id ?? '';
    };
    const one = store.cases.open(ada, [opening]).id;
    const two = store.cases.open(ada, [{ ...opening, title: 'Other' }]).id;
    say(one, 'first', ['Bob']);
    say(two, 'not him', ['Bobby']);
    const wrong = say(two, 'wrong', ['Bob']);
    say(two, 'last', ['Cleo', 'Bob']);
    store.cases.append(two, ada, [{ kind: 'entry-withdrawn', entryId: wrong, reason: 'wrong case' }]);
    const mentions = () => store.cases.mentions('Bob', 10).map((each) => [each.case.title, each.text]);
    expect(mentions()).toEqual([
      ['Other', 'last'],
      ['Flood', 'first'],
    ]);
    const correction = store.cases.get(two)?.timeline.at(-1)?.id ?? '';
    store.cases.append(two, ada, [{ kind: 'entry-withdrawn', entryId: correction, reason: 'it was right' }]);
    expect(mentions()).toEqual([
      ['Other', 'last'],
      ['Other', 'wrong'],
      ['Flood', 'first'],
    ]);
    expect(store.cases.mentions('Bob', 1)).toHaveLength(1);
    store.close();
    directory.remove();
  });
});
