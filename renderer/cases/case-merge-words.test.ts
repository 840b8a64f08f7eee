import { expect, it } from 'vitest';
import type { CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { comesSentence, whatComes } from './case-merge-words.ts';

function stateWith(caseId: string, ...payloads: readonly EntryPayload[]): CaseState {
  const entries = payloads.map((payload, index) =>
    caseEntry({ id: `${caseId}_${index}`, caseId, timeMs: index, payload }),
  );
  return foldCase(caseId, entries, false);
}

const address = (observableId: string, value: string): EntryPayload => ({
  kind: 'observable-added',
  observableId,
  entityKind: 'ip',
  value,
  from: 'analyst',
});

it('counts what another case brings, and what of it is here already', () => {
  const here = stateWith(
    'ca_1',
    address('o1', '198.51.100.7'),
    { kind: 'technique-tagged', techniqueId: 'T1498' },
    { kind: 'note-added', noteId: 'n1', markdown: 'One' },
  );
  const other = stateWith(
    'ca_2',
    address('o9', '198.51.100.7'),
    address('o8', '203.0.113.1'),
    { kind: 'technique-tagged', techniqueId: 'T1498' },
    { kind: 'note-added', noteId: 'n2', markdown: 'Two' },
    { kind: 'task-added', taskId: 't1', title: 'Call' },
  );
  const comes = whatComes(here, other);
  expect([comes.entries, comesSentence(comes)]).toEqual([
    5,
    '1 note, 1 task, 2 observables (1 of them here already) and 1 technique (here already).',
  ]);
});

it('says so when there is nothing', () => {
  expect(comesSentence(whatComes(stateWith('ca_1'), stateWith('ca_2')))).toBe('Nothing but its history.');
});
