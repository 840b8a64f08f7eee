import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { extractObservables } from '../../shared/domain/observables.ts';

/** Observables taken from one note at most; a pasted log is evidence, not a list of observables. */
const mostFromNote = 50;

/** A note and the observables in it that the case has not yet: written together. */
export function noteWithObservables(
  state: Pick<CaseState, 'observables'>,
  markdown: string,
  newId: (prefix: string) => string,
): AnalystEntry[] {
  const known = new Set(state.observables.map(({ kind, value }) => `${kind} ${value}`));
  // An image's address is the hash of evidence, not a thing that was seen.
  const text = markdown.replace(/\(evidence:[0-9a-f]{64}\)/g, '()');
  const found = extractObservables(text)
    .filter(({ kind, value }) => !known.has(`${kind} ${value}`))
    .slice(0, mostFromNote);
  return [
    { kind: 'note-added', noteId: newId('note'), markdown },
    ...found.map(
      ({ kind, value }): AnalystEntry => ({
        kind: 'observable-added',
        observableId: newId('observable'),
        entityKind: kind,
        value,
        from: 'note',
      }),
    ),
  ];
}
