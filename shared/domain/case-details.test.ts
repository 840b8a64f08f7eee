import { describe, expect, it } from 'vitest';
import { caseEntry } from '../testing/case-entry.ts';
import type { CaseEntry, EntryPayload } from './case.ts';
import { foldCase } from './case-fold.ts';
import { inClockOrder, readLog, replacedBy } from './case-log.ts';
import { nextClock } from './entry-chain.ts';

const startMs = 1_772_582_400_000;
const opened: EntryPayload = {
  kind: 'case-opened',
  title: 'Flood',
  customerId: null,
  severity: 'medium',
  tlp: 'TLP:GREEN',
  pap: 'PAP:AMBER',
};

/** Somebody who writes in a copy of the case: what is said there replaces what is known there. */
function desk(name: string, from: readonly CaseEntry[] = []) {
  const entries = [...from];
  let said = 0;
  return {
    entries,
    say(...payloads: readonly EntryPayload[]) {
      for (const payload of payloads) {
        said += 1;
        entries.push(
          caseEntry({
            id: `${name}${said}`,
            writerId: name,
            writerName: name,
            timeMs: startMs + said,
            clock: nextClock(inClockOrder(entries).at(-1)?.clock ?? null, startMs),
            replaces: replacedBy(readLog('ca_1', entries), payload),
            payload,
          }),
        );
      }
    },
    get state() {
      return foldCase('ca_1', entries, false);
    },
  };
}

/** What two desks say apart, brought together in both orders, which must not matter. */
function together(
  before: readonly EntryPayload[],
  adas: readonly EntryPayload[],
  bobs: readonly EntryPayload[],
) {
  const start = desk('Start');
  start.say(opened, ...before);
  const ada = desk('Ada', start.entries);
  const bob = desk('Bob', start.entries);
  ada.say(...adas);
  bob.say(...bobs);
  const both = desk('Both', [...ada.entries, ...bob.entries]);
  expect(foldCase('ca_1', [...bob.entries, ...bob.entries, ...ada.entries].reverse(), false)).toEqual(
    both.state,
  );
  return both;
}

const conflictsOf = ({ state }: ReturnType<typeof desk>) =>
  state.conflicts.map(({ subject, id, field, values }) => [
    subject,
    id,
    field,
    values.map((each) => each.value),
  ]);

const event: EntryPayload = {
  kind: 'event-added',
  eventId: 'e1',
  occurredMs: startMs - 9_000,
  detectedMs: null,
  title: 'Login pages slow',
  text: '',
};
const address: EntryPayload = {
  kind: 'observable-added',
  observableId: 'o1',
  entityKind: 'ip',
  value: '198.51.100.7',
  from: 'analyst',
};
const item: EntryPayload = {
  kind: 'checklist-item-added',
  taskId: 't1',
  itemId: 'c1',
  text: 'Ask for the AS path',
};
const task: EntryPayload = { kind: 'task-added', taskId: 't1', title: 'Call the upstream' };

describe('dated events', () => {
  it('keep when they occurred, were detected and were recorded apart, also where they are corrected', () => {
    const ada = desk('Ada');
    ada.say(opened, event, { kind: 'event-revised', eventId: 'e1', detectedMs: startMs - 2_000 });
    expect(ada.state.events).toEqual([
      {
        id: 'e1',
        title: 'Login pages slow',
        text: '',
        occurredMs: startMs - 9_000,
        detectedMs: startMs - 2_000,
        recordedMs: startMs + 2,
        writerName: 'Ada',
        entryId: 'Ada2',
        revisedMs: startMs + 3,
      },
    ]);
    ada.say({ kind: 'entry-withdrawn', entryId: 'Ada3', reason: 'wrong clock' });
    expect(ada.state.events).toMatchObject([{ detectedMs: null, revisedMs: null }]);
    ada.say({ kind: 'entry-withdrawn', entryId: 'Ada2', reason: 'another case' });
    expect(ada.state.events).toEqual([]);
  });

  it('stand in the order in which they occurred', () => {
    const ada = desk('Ada');
    ada.say(opened, event, { ...event, eventId: 'e0', occurredMs: startMs - 20_000 });
    expect(ada.state.events.map(({ id }) => id)).toEqual(['e0', 'e1']);
  });

  it('are in conflict where two people correct one time apart, until one of them is taken', () => {
    const both = together(
      [event],
      [{ kind: 'event-revised', eventId: 'e1', occurredMs: 1, title: 'Login slow' }],
      [{ kind: 'event-revised', eventId: 'e1', occurredMs: 2 }],
    );
    expect(conflictsOf(both)).toEqual([['event', 'e1', 'occurredMs', [1, 2]]]);
    expect(both.state.events).toMatchObject([{ occurredMs: 2, title: 'Login slow' }]);
    both.say({ kind: 'event-revised', eventId: 'e1', occurredMs: 1 });
    expect(both.state).toMatchObject({ conflicts: [], events: [{ occurredMs: 1 }] });
  });
});

describe('checklists', () => {
  it('hold what both added, and what one ticked off', () => {
    const both = together(
      [task, item],
      [{ ...item, itemId: 'c2', text: 'Ask for a scrubbing centre' }],
      [
        { ...item, itemId: 'c3', text: 'Write the number down' },
        { kind: 'checklist-item-changed', itemId: 'c1', done: true },
      ],
    );
    expect(both.state.tasks[0]?.checklist.map(({ id, done }) => [id, done]).sort()).toEqual([
      ['c1', true],
      ['c2', false],
      ['c3', false],
    ]);
  });

  it('lose what was removed, but not what somebody added anew without knowing', () => {
    const removal: EntryPayload = { kind: 'checklist-item-removed', itemId: 'c1' };
    const ticked: EntryPayload = { kind: 'checklist-item-changed', itemId: 'c1', done: true };
    expect(together([task, item], [removal], [ticked]).state.tasks[0]?.checklist).toEqual([]);
    expect(together([task, item], [removal], [item]).state.tasks[0]?.checklist).toHaveLength(1);
  });

  it('are in conflict where two people give one point different words', () => {
    const words = (text: string): EntryPayload => ({ kind: 'checklist-item-changed', itemId: 'c1', text });
    expect(conflictsOf(together([task, item], [words('One')], [words('Two')]))).toEqual([
      ['checklist-item', 'c1', 'text', ['One', 'Two']],
    ]);
  });
});

it('keeps both due times of a task', () => {
  const due = (dueMs: number | null): EntryPayload => ({ kind: 'task-due-set', taskId: 't1', dueMs });
  const both = together([task], [due(5)], [due(null)]);
  expect(conflictsOf(both)).toEqual([['task', 't1', 'dueMs', [5, null]]]);
  both.say(due(5));
  expect(both.state).toMatchObject({ conflicts: [], tasks: [{ dueMs: 5 }] });
});

describe('what is held of an observable', () => {
  const judged = (verdict: 'malicious' | 'benign'): EntryPayload => ({
    kind: 'observable-assessed',
    observableId: 'o1',
    verdict,
  });

  it('belongs to its value, also under the id of another adding, and after it was removed and added again', () => {
    const ada = desk('Ada');
    ada.say(opened, address, { ...address, observableId: 'o2' });
    ada.say(judged('malicious'), { kind: 'observable-assessed', observableId: 'o2', note: 'scans' });
    ada.say(
      { kind: 'observable-removed', observableId: 'o1', reason: 'ours' },
      { ...address, observableId: 'o3' },
    );
    expect(ada.state.observables).toMatchObject([{ id: 'o3', verdict: 'malicious', note: 'scans' }]);
  });

  it('is in conflict where it was judged apart, and shared by the stricter marking', () => {
    const shared = (tlp: 'TLP:RED' | 'TLP:CLEAR'): EntryPayload => ({
      kind: 'observable-assessed',
      observableId: 'o1',
      tlp,
    });
    const both = together(
      [address],
      [judged('malicious'), shared('TLP:RED')],
      [judged('benign'), shared('TLP:CLEAR')],
    );
    expect(conflictsOf(both)).toEqual([
      ['observable', 'o1', 'verdict', ['malicious', 'benign']],
      ['observable', 'o1', 'tlp', ['TLP:RED', 'TLP:CLEAR']],
    ]);
    expect(both.state.observables[0]?.tlp).toBe('TLP:RED');
  });

  it('unites tags and sightings', () => {
    const tag = (name: string): EntryPayload => ({
      kind: 'observable-tagged',
      observableId: 'o1',
      tag: name,
    });
    const seen = (sightingId: string, seenMs: number): EntryPayload => ({
      kind: 'sighting-noted',
      sightingId,
      observableId: 'o1',
      seenMs,
      count: 2,
      where: 'edge log',
    });
    const both = together(
      [address, tag('old')],
      [tag('scanner'), seen('s2', 20), { kind: 'observable-untagged', observableId: 'o1', tag: 'old' }],
      [tag('botnet'), seen('s1', 10)],
    );
    expect(both.state.observables).toMatchObject([
      {
        tags: ['botnet', 'scanner'],
        sightings: [
          { id: 's1', seenMs: 10, count: 2, where: 'edge log', writerName: 'Bob' },
          { id: 's2', seenMs: 20, count: 2, where: 'edge log', writerName: 'Ada' },
        ],
      },
    ]);
  });

  it('says nothing of what is not in the case', () => {
    const ada = desk('Ada');
    ada.say(opened, judged('malicious'));
    expect(ada.state.observables).toEqual([]);
  });
});

it('keeps both values of a custom field, and takes one away that was emptied', () => {
  const field = (value: string | null): EntryPayload => ({ kind: 'field-set', name: 'Ticket', value });
  const both = together([], [field('A-1')], [field('B-2')]);
  expect(conflictsOf(both)).toEqual([['custom-field', 'Ticket', 'value', ['A-1', 'B-2']]]);
  expect(both.state.fields).toEqual([{ name: 'Ticket', value: 'B-2' }]);
  both.say(field(null));
  expect(both.state).toMatchObject({ conflicts: [], fields: [] });
});

it('keeps comments with whom they mention, until they are withdrawn', () => {
  const ada = desk('Ada');
  ada.say(opened, { kind: 'comment-added', commentId: 'c1', text: 'Can you look, @Bob?', mentions: ['Bob'] });
  expect(ada.state.comments).toEqual([
    {
      id: 'c1',
      entryId: 'Ada2',
      text: 'Can you look, @Bob?',
      mentions: ['Bob'],
      writerName: 'Ada',
      addedMs: startMs + 2,
    },
  ]);
  ada.say({ kind: 'entry-withdrawn', entryId: 'Ada2', reason: 'wrong case' });
  expect(ada.state.comments).toEqual([]);
});

it('orders the custody of evidence by when it happened, whoever recorded it first', () => {
  const evidence: EntryPayload = {
    kind: 'evidence-added',
    evidenceId: 'ev1',
    name: 'disk.img',
    mediaType: 'application/octet-stream',
    sizeBytes: 3,
    sha256: 'a'.repeat(64),
  };
  const custody = (
    custodyId: string,
    action: 'collected' | 'handed-over',
    occurredMs: number,
  ): EntryPayload => ({
    kind: 'custody-noted',
    custodyId,
    evidenceId: 'ev1',
    action,
    occurredMs,
    person: 'Cleo',
    reason: 'for imaging',
  });
  const both = together([evidence], [custody('k2', 'handed-over', 20)], [custody('k1', 'collected', 10)]);
  expect(
    both.state.evidence[0]?.custody.map(({ id, action, writerName }) => [id, action, writerName]),
  ).toEqual([
    ['k1', 'collected', 'Bob'],
    ['k2', 'handed-over', 'Ada'],
  ]);
});
