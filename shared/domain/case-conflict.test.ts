import { describe, expect, it } from 'vitest';
import { caseEntry } from '../testing/case-entry.ts';
import type { CaseConflict, CaseEntry, EntryPayload } from './case.ts';
import { conflictKey, settlingEntry } from './case-conflict.ts';
import { foldCase } from './case-fold.ts';
import { readLog, replacedBy } from './case-log.ts';

const startMs = 1_772_582_400_000;

function entry(
  index: number,
  payload: EntryPayload,
  writerId: string,
  replaces: readonly string[],
): CaseEntry {
  return caseEntry({
    id: `en_${index}`,
    writerId,
    writerName: writerId,
    timeMs: startMs + index * 1_000,
    payload,
    replaces: [...replaces],
  });
}

const begun: readonly EntryPayload[] = [
  {
    kind: 'case-opened',
    title: 'Flood',
    customerId: null,
    severity: 'low',
    tlp: 'TLP:AMBER',
    pap: 'PAP:AMBER',
  },
  { kind: 'note-added', noteId: 'n1', markdown: 'one' },
  { kind: 'task-added', taskId: 't1', title: 'Call' },
  { kind: 'checklist-item-added', taskId: 't1', itemId: 'i1', text: 'Step' },
  { kind: 'event-added', eventId: 'e1', occurredMs: 1, detectedMs: null, title: 'Began', text: '' },
  { kind: 'observable-added', observableId: 'o1', entityKind: 'ip', value: '198.51.100.7', from: 'analyst' },
];
/** What each of two does, neither knowing of the other. */
const apart: readonly (readonly [EntryPayload, EntryPayload])[] = [
  [
    { kind: 'header-changed', title: 'A', severity: 'high', status: 'contained', phase: 'preparation' },
    { kind: 'header-changed', title: 'B', severity: 'critical', status: 'closed', phase: 'post-incident' },
  ],
  [
    { kind: 'header-changed', tlp: 'TLP:RED', pap: 'PAP:RED', assignee: 'Ada' },
    { kind: 'header-changed', tlp: 'TLP:GREEN', pap: 'PAP:CLEAR', assignee: null },
  ],
  [
    { kind: 'note-revised', noteId: 'n1', markdown: 'one and two' },
    { kind: 'note-revised', noteId: 'n1', markdown: 'three' },
  ],
  [
    { kind: 'task-changed', taskId: 't1', title: 'Call A', done: true, assignee: 'Ada' },
    { kind: 'task-changed', taskId: 't1', title: 'Call B', done: false, assignee: null },
  ],
  [
    { kind: 'task-due-set', taskId: 't1', dueMs: 5 },
    { kind: 'task-due-set', taskId: 't1', dueMs: null },
  ],
  [
    { kind: 'checklist-item-changed', itemId: 'i1', text: 'Step A', done: true },
    { kind: 'checklist-item-changed', itemId: 'i1', text: 'Step B', done: false },
  ],
  [
    { kind: 'event-revised', eventId: 'e1', occurredMs: 2, detectedMs: 3, title: 'A', text: 'a' },
    { kind: 'event-revised', eventId: 'e1', occurredMs: 4, detectedMs: null, title: 'B', text: 'b' },
  ],
  [
    { kind: 'observable-assessed', observableId: 'o1', verdict: 'malicious', tlp: 'TLP:RED', note: 'a' },
    { kind: 'observable-assessed', observableId: 'o1', verdict: 'benign', tlp: null, note: 'b' },
  ],
  [
    { kind: 'field-set', name: 'Ticket', value: '1' },
    { kind: 'field-set', name: 'Ticket', value: null },
  ],
];

function history(): CaseEntry[] {
  const entries: CaseEntry[] = [];
  const add = (payload: EntryPayload, writerId: string, replaces: readonly string[]) =>
    entries.push(entry(entries.length, payload, writerId, replaces));
  for (const payload of begun) add(payload, 'ada', []);
  for (const [one, other] of apart) {
    const log = readLog('ca_1', entries);
    const known = replacedBy(log, one);
    add(one, 'ada', known);
    add(other, 'bob', known);
  }
  return entries;
}

const conflictsIn = (entries: readonly CaseEntry[]) => foldCase('ca_1', entries, false).conflicts;

describe('settling', () => {
  const entries = history();
  const conflicts = conflictsIn(entries);

  it('is asked for every field that two changed apart', () => {
    const fields = conflicts.map(({ subject, field }) => `${subject} ${field}`);
    expect(fields).toHaveLength(22);
    expect(new Set(fields).size).toBe(22);
  });

  it.each(conflicts.map((conflict) => [conflictKey(conflict), conflict] as const))(
    'ends the conflict of %s with either value, and no other',
    (key, conflict) => {
      for (const { value } of conflict.values) {
        const payload = settlingEntry(conflict, value);
        if (payload === null) throw new Error('There is an entry for this field.');
        const replaces = replacedBy(readLog('ca_1', entries), payload);
        const settled = [...entries, entry(entries.length, payload, 'carol', replaces)];
        expect(conflictsIn(settled).map(conflictKey)).toEqual(
          conflicts.map(conflictKey).filter((each) => each !== key),
        );
        const fromBob = [...entries, entry(entries.length, payload, 'carol', [])];
        expect(conflictsIn(fromBob).map(conflictKey)).toContain(key);
      }
    },
  );

  it('is not offered for what no entry sets, or sets to no such value', () => {
    const [severity] = conflicts.filter(({ field }) => field === 'severity');
    if (severity === undefined) throw new Error('There is one.');
    const customer: CaseConflict = { ...severity, field: 'customerId' };
    expect([
      settlingEntry(customer, 'cu_1'),
      settlingEntry(severity, 'enormous'),
      settlingEntry({ ...severity, field: 'constructor' }, 'high'),
      settlingEntry(severity, 'high'),
    ]).toEqual([null, null, null, { kind: 'header-changed', severity: 'high' }]);
  });
});
