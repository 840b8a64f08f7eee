import type { CaseConflict, CaseState } from '../../shared/domain/case.ts';
import { casePhaseWords, caseStatusWords, severityWords } from '../ui/index.ts';

type Value = CaseConflict['values'][number]['value'];

const fieldWords: Readonly<Record<string, string>> = {
  title: 'Title',
  customerId: 'Customer',
  severity: 'Severity',
  status: 'Status',
  phase: 'Phase',
  tlp: 'TLP',
  pap: 'PAP',
  assignee: 'Assignee',
  markdown: 'Text',
  done: 'Done or not',
  dueMs: 'Due',
  text: 'Text',
  occurredMs: 'Occurred',
  detectedMs: 'Detected',
  verdict: 'Verdict',
  note: 'Note',
};

const wordOf = (words: Readonly<Record<string, string>>, key: string): string | null =>
  Object.hasOwn(words, key) ? (words[key] ?? null) : null;

/** What a conflict is about: `Severity`, `Task “Call the customer”: assignee`. */
export function conflictTitle({ subject, id, field }: CaseConflict, state: CaseState): string {
  const word = wordOf(fieldWords, field) ?? field;
  const of = (what: string, name: string | undefined) =>
    `${what}${name === undefined || name === '' ? '' : ` “${name.slice(0, 80)}”`}: ${word.toLowerCase()}`;
  switch (subject) {
    case 'case':
      return word;
    case 'note': {
      const note = state.notes.find((each) => each.id === id);
      return note === undefined ? 'Note' : `Note of ${note.writerName.slice(0, 60)}`;
    }
    case 'task':
      return of('Task', state.tasks.find((each) => each.id === id)?.title);
    case 'checklist-item': {
      const items = state.tasks.flatMap((task) => task.checklist);
      return of('Step', items.find((each) => each.id === id)?.text);
    }
    case 'event':
      return of('Event', state.events.find((each) => each.id === id)?.title);
    case 'observable':
      return of('Observable', state.observables.find((each) => each.id === id)?.value);
    case 'custom-field':
      return `Field “${id.slice(0, 80)}”`;
  }
}

/**
 * A value as it is shown: `High`, `Nobody`, a time.
 * @param showTime how times are shown
 */
export function conflictValueWords(
  { field }: Pick<CaseConflict, 'field'>,
  value: Value,
  showTime: (timeMs: number) => string,
): string {
  if (value === null) return field === 'assignee' ? 'Nobody' : 'None';
  if (typeof value === 'boolean') return value ? 'Done' : 'Not done';
  if (typeof value === 'number') return showTime(value);
  if (field === 'severity') return wordOf(severityWords, value) ?? value;
  if (field === 'status') return wordOf(caseStatusWords, value) ?? value;
  if (field === 'phase') return wordOf(casePhaseWords, value) ?? value;
  return value === '' ? 'Empty' : value;
}

/** So long a text is compared side by side, not chosen from a line. */
const longestInLine = 80;

/** Whether two of the values are texts that want reading. */
export function isLongText({ values }: CaseConflict): boolean {
  const texts = values.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return texts.some((text) => text.length > longestInLine || text.includes('\n'));
}
