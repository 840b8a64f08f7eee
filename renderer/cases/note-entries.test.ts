import { expect, it } from 'vitest';
import { notAssessed } from '../../shared/testing/case-entry.ts';
import { noteWithObservables } from './note-entries.ts';

let number = 0;
const newId = (prefix: string) => {
  number += 1;
  return `${prefix}-${number}`;
};

it('takes what a note names into the case with it, but not what is there, nor the hash of an image', () => {
  const known = {
    id: 'o1',
    kind: 'ip',
    value: '198.51.100.7',
    from: 'alert',
    addedMs: 0,
    ...notAssessed,
  } as const;
  const markdown = `From 198.51.100[.]7 to 203.0.113.9\n\n![pasted.png](evidence:${'a'.repeat(64)})`;
  expect(noteWithObservables({ observables: [known] }, markdown, newId)).toEqual([
    { kind: 'note-added', noteId: 'note-1', markdown },
    {
      kind: 'observable-added',
      observableId: 'observable-2',
      entityKind: 'ip',
      value: '203.0.113.9',
      from: 'note',
    },
  ]);
});
