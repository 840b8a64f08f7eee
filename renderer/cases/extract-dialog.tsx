import { useMemo, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { defang, extractObservables } from '../../shared/domain/observables.ts';
import { CheckboxField, FormDialog, SafeText, TextAreaField, useApp, useDebounced } from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';
import { newEntryId } from './use-case.ts';

/** As many as one call takes. */
const mostAtOnce = 500;

/** Observables out of any text: paste it, see what was found, leave out what is harmless, add the rest. */
export function ExtractDialog({
  state,
  onClose,
}: {
  readonly state: CaseState;
  readonly onClose: () => void;
}) {
  const edit = useCaseEdit();
  const notify = useApp((app) => app.notify);
  const [text, setText] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const read = useDebounced(text, 150);
  const known = useMemo(
    () => new Set(state.observables.map(({ kind, value }) => `${kind} ${value}`)),
    [state.observables],
  );
  const found = useMemo(
    () => extractObservables(read).map((each) => ({ ...each, key: `${each.kind} ${each.value}` })),
    [read],
  );
  const fresh = found.filter(({ key }) => !known.has(key));
  const chosen = fresh.filter(({ key }) => !left.has(key)).slice(0, mostAtOnce);
  const add = async () => {
    if (edit === null) return;
    setBusy(true);
    const added = await edit.appendAll(
      chosen.map(({ kind: entityKind, value }) => ({
        kind: 'observable-added',
        observableId: newEntryId('observable'),
        entityKind,
        value,
        from: 'analyst',
      })),
    );
    setBusy(false);
    if (added === null) return;
    notify({
      text: `Added ${chosen.length} ${chosen.length === 1 ? 'observable' : 'observables'}`,
      tone: 'good',
    });
    onClose();
  };
  return (
    <FormDialog
      title="Observables from a text"
      width="wide"
      onClose={onClose}
      confirmLabel={chosen.length === 0 ? 'Add observables' : `Add ${chosen.length} to the case`}
      ready={chosen.length > 0}
      busy={busy}
      onConfirm={() => void add()}
    >
      <TextAreaField
        label="Text"
        value={text}
        onChange={setText}
        rows={8}
        mono
        maxLength={200_000}
        autoFocus
        placeholder="A log, a mail, a report: defanged or not. Nothing of it is kept but what you choose."
      />
      {found.length === 0 ? (
        <p className="quiet" role="status">
          {read.trim() === '' ? 'What is found in it stands here.' : 'No observable was found in it.'}
        </p>
      ) : (
        <>
          <p role="status">
            {found.length.toLocaleString('en')} found, {(found.length - fresh.length).toLocaleString('en')} in
            the case already
            {chosen.length === mostAtOnce ? `, ${mostAtOnce} at once at most` : ''}
          </p>
          <ul className="extract-list" aria-label="Found">
            {found.slice(0, mostAtOnce).map(({ key, kind, value }) => (
              <li key={key}>
                {known.has(key) ? (
                  <span className="extract-known quiet">
                    <span className="observable-kind">{kind}</span>
                    <SafeText text={defang(kind, value)} mono limit={160} plain /> in the case
                  </span>
                ) : (
                  <CheckboxField
                    checked={!left.has(key)}
                    onChange={(isChosen) =>
                      setLeft((before) => {
                        const next = new Set(before);
                        if (isChosen) next.delete(key);
                        else next.add(key);
                        return next;
                      })
                    }
                    label={
                      <>
                        <span className="observable-kind">{kind}</span>{' '}
                        <SafeText text={defang(kind, value)} mono limit={160} plain />
                      </>
                    }
                  />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </FormDialog>
  );
}
