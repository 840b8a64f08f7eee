import { type AnalystEntry, analystEntrySchema, type CaseConflict } from './case.ts';

type ConflictValue = CaseConflict['values'][number]['value'];

function payloadOf({ subject, id, field }: CaseConflict, value: ConflictValue): unknown {
  switch (subject) {
    case 'case':
      return { kind: 'header-changed', [field]: value };
    case 'note':
      return { kind: 'note-revised', noteId: id, markdown: value };
    case 'task':
      return field === 'dueMs'
        ? { kind: 'task-due-set', taskId: id, dueMs: value }
        : { kind: 'task-changed', taskId: id, [field]: value };
    case 'checklist-item':
      return { kind: 'checklist-item-changed', itemId: id, [field]: value };
    case 'event':
      return { kind: 'event-revised', eventId: id, [field]: value };
    case 'observable':
      return { kind: 'observable-assessed', observableId: id, [field]: value };
    case 'custom-field':
      return { kind: 'field-set', name: id, value };
  }
}

/**
 * The entry that settles a conflict: it sets the field anew, and so replaces all values that stand.
 * @param value one of those that stand, or another
 * @returns null where no entry sets this field, as of a case's customer, or where it takes no such value
 */
export function settlingEntry(conflict: CaseConflict, value: ConflictValue): AnalystEntry | null {
  const parsed = analystEntrySchema.safeParse(payloadOf(conflict, value));
  if (!parsed.success) return null;
  // A field that the entry does not know was left aside, and then it would set nothing.
  return Object.hasOwn(parsed.data, conflict.field) ? parsed.data : null;
}

/** A conflict by its subject and field: there is one for each at most. */
export const conflictKey = ({ subject, id, field }: CaseConflict): string => `${subject} ${id} ${field}`;
