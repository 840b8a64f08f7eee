import { useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { guessObservable } from '../../shared/domain/observables.ts';
import { Button, ObservableText, Section, useApp, useCommands } from '../ui/index.ts';
import { AddField, addFrom, focusOn } from './add-field.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { ExtractDialog } from './extract-dialog.tsx';
import { newEntryId } from './use-case.ts';

type Observable = CaseState['observables'][number];

/** Takes an observable out of the case, with its way back. */
export function useRemoveObservable(): ((observable: Observable) => void) | null {
  const edit = useCaseEdit();
  const notify = useApp((app) => app.notify);
  if (edit === null) return null;
  return ({ id, kind, value, from }) => {
    void edit
      .append({ kind: 'observable-removed', observableId: id, reason: 'Removed by hand' })
      .then((done) => {
        if (done === null) return;
        notify({
          text: `Removed ${value.slice(0, 60)}`,
          undo: () =>
            void edit.append({
              kind: 'observable-added',
              observableId: newEntryId('observable'),
              entityKind: kind,
              value,
              from,
            }),
        });
      });
  };
}

/** The observables in short; the table has all that is known of each. */
export function CaseObservables({
  state,
  onShowTable,
}: {
  readonly state: CaseState;
  readonly onShowTable: () => void;
}) {
  const edit = useCaseEdit();
  const remove = useRemoveObservable();
  const inputRef = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [extracting, setExtracting] = useState(false);
  const shown = state.observables.slice(0, 12);
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.observable',
            title: 'Add an observable',
            group: 'Case',
            keys: ['o'],
            run: () => focusOn(inputRef.current),
          },
          {
            id: 'case.extract',
            title: 'Take observables out of a text',
            group: 'Case',
            keys: ['Shift+o'],
            run: () => setExtracting(true),
          },
        ],
  );
  const add = async () => {
    if (text.trim() === '' || edit === null) return;
    const guess = guessObservable(text);
    if (guess === null) {
      setProblem('This is no address, domain, URL, e-mail address, hash, path or host name.');
    } else if (state.observables.some((each) => each.kind === guess.kind && each.value === guess.value)) {
      setProblem('The case has it already.');
    } else {
      const { kind: entityKind, value } = guess;
      const observableId = newEntryId('observable');
      const entry = { kind: 'observable-added', observableId, entityKind, value, from: 'analyst' } as const;
      await addFrom(text, setText, () => edit.append(entry));
    }
  };
  return (
    <Section
      title={`Observables (${state.observables.length.toLocaleString('en')})`}
      aside={
        edit === null ? null : (
          <Button small keys="Shift+O" onClick={() => setExtracting(true)}>
            From text
          </Button>
        )
      }
    >
      {shown.length > 0 ? (
        <ul className="panel-list" aria-label="Observables">
          {shown.map((observable) => (
            <li key={observable.id}>
              <ObservableText
                kind={observable.kind}
                value={observable.value}
                note={observable.verdict}
                actions={
                  remove === null
                    ? []
                    : [
                        {
                          id: 'remove',
                          label: 'Remove from the case',
                          icon: 'trash',
                          onSelect: () => remove(observable),
                        },
                      ]
                }
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">
          {edit === null
            ? 'None.'
            : 'None yet. They are taken from alerts and notes, or typed here, defanged or not.'}
        </p>
      )}
      {state.observables.length > 0 ? (
        <Button small variant="quiet" keys="5" onClick={onShowTable}>
          All {state.observables.length.toLocaleString('en')} in a table
        </Button>
      ) : null}
      {edit === null ? null : (
        <AddField
          label="New observable"
          placeholder="Address, domain, URL, hash …"
          keys="o"
          mono
          inputRef={inputRef}
          value={text}
          maxLength={2048}
          error={problem}
          onChange={(next) => {
            setText(next);
            setProblem(null);
          }}
          onAdd={add}
        />
      )}
      {extracting ? <ExtractDialog state={state} onClose={() => setExtracting(false)} /> : null}
    </Section>
  );
}
