import { describe, expect, it } from 'vitest';
import type { CaseConflict, CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { conflictTitle, conflictValueWords, isLongText } from './case-conflict-words.ts';

const payloads: readonly EntryPayload[] = [
  { kind: 'note-added', noteId: 'n1', markdown: 'one' },
  { kind: 'task-added', taskId: 't1', title: 'Call the customer' },
  { kind: 'checklist-item-added', taskId: 't1', itemId: 'i1', text: 'Find the number' },
  { kind: 'event-added', eventId: 'e1', occurredMs: 1, detectedMs: null, title: 'It began', text: '' },
  { kind: 'observable-added', observableId: 'o1', entityKind: 'ip', value: '198.51.100.7', from: 'analyst' },
];
const state: CaseState = foldCase(
  'ca_1',
  payloads.map((payload, index) => caseEntry({ id: `en_${index}`, timeMs: index, payload })),
  false,
);

function conflict(
  subject: CaseConflict['subject'],
  id: string,
  field: string,
  ...values: CaseConflict['values'][number]['value'][]
): CaseConflict {
  const of = { writerName: 'Ada', keyFingerprint: null, timeMs: 0 };
  return {
    subject,
    id,
    field,
    values: values.map((value, index) => ({ ...of, entryId: `en_${index}`, value })),
  };
}

describe('a conflict', () => {
  it.each([
    ['case', 'ca_1', 'severity', 'Severity'],
    ['note', 'n1', 'markdown', 'Note of Ada'],
    ['note', 'gone', 'markdown', 'Note'],
    ['task', 't1', 'dueMs', 'Task “Call the customer”: due'],
    ['task', 'gone', 'title', 'Task: title'],
    ['checklist-item', 'i1', 'done', 'Step “Find the number”: done or not'],
    ['event', 'e1', 'occurredMs', 'Event “It began”: occurred'],
    ['observable', 'o1', 'verdict', 'Observable “198.51.100.7”: verdict'],
    ['custom-field', 'Ticket', 'value', 'Field “Ticket”'],
    ['case', 'ca_1', 'toString', 'toString'],
  ] as const)('of %s %s %s is named', (subject, id, field, title) => {
    expect(conflictTitle(conflict(subject, id, field, 'a', 'b'), state)).toBe(title);
  });

  it('shows its values as the fields do', () => {
    const shown = (field: string, value: CaseConflict['values'][number]['value']) =>
      conflictValueWords({ field }, value, (timeMs) => `at ${timeMs}`);
    expect([
      shown('severity', 'high'),
      shown('status', 'contained'),
      shown('phase', 'post-incident'),
      shown('assignee', null),
      shown('dueMs', null),
      shown('dueMs', 5),
      shown('done', false),
      shown('text', ''),
      shown('severity', 'toString'),
    ]).toEqual([
      'High',
      'Contained',
      'Post-incident',
      'Nobody',
      'None',
      'at 5',
      'Not done',
      'Empty',
      'toString',
    ]);
  });

  it('is compared side by side where a text wants reading', () => {
    expect([
      isLongText(conflict('case', 'ca_1', 'title', 'a', 'b')),
      isLongText(conflict('note', 'n1', 'markdown', 'a', 'b\nc')),
      isLongText(conflict('case', 'ca_1', 'title', 'a', 'b'.repeat(81))),
      isLongText(conflict('task', 't1', 'dueMs', 1, null)),
    ]).toEqual([false, true, true, false]);
  });
});
