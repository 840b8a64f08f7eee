import { type Ref, useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { IconButton, Kbd, Section, TextField, useCall, useCommands, useDebounced } from '../ui/index.ts';
import { focusOn } from './add-field.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { useTakeWhenFound } from './use-take-when-found.ts';

/** ATT&CK techniques: tagged ones, and a search for more. */
export function CaseTechniques({ state }: { readonly state: CaseState }) {
  const edit = useCaseEdit();
  const inputRef = useRef<HTMLInputElement>(null);
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.technique',
            title: 'Tag an ATT&CK technique',
            group: 'Case',
            keys: ['h'],
            run: () => focusOn(inputRef.current),
          },
        ],
  );
  return (
    <Section title={`ATT&CK (${state.techniques.length})`}>
      {state.techniques.length > 0 ? (
        <ul className="technique-list" aria-label="Techniques">
          {state.techniques.map((techniqueId) => (
            <TechniqueTag key={techniqueId} techniqueId={techniqueId} />
          ))}
        </ul>
      ) : edit === null ? (
        <p className="quiet">No technique was tagged.</p>
      ) : null}
      {edit === null ? null : (
        <TechniqueSearch
          tagged={state.techniques}
          inputRef={inputRef}
          onTag={(techniqueId) => void edit.append({ kind: 'technique-tagged', techniqueId })}
        />
      )}
    </Section>
  );
}

/** A search over all techniques by id and words; Enter tags the chosen one. */
function TechniqueSearch({
  tagged,
  inputRef,
  onTag,
}: {
  readonly tagged: readonly string[];
  readonly inputRef: Ref<HTMLInputElement>;
  readonly onTag: (techniqueId: string) => void;
}) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const asked = useDebounced(text.trim(), 140);
  const search = useCall('techniques.search', asked.length < 2 ? null : { text: asked });
  const found = (asked.length < 2 ? [] : (search.data ?? []))
    .filter((technique) => !tagged.includes(technique.id))
    .slice(0, 8);
  const index = Math.min(chosen, Math.max(0, found.length - 1));
  const tag = (techniqueId: string | undefined) => {
    if (techniqueId === undefined) return;
    onTag(techniqueId);
    setText('');
    setChosen(0);
  };
  const isAnswered = asked === text.trim() && !search.loading;
  const entered = useTakeWhenFound(isAnswered, () => tag(found[index]?.id));
  return (
    <div className="add-field technique-search">
      <TextField
        label="Tag a technique"
        hideLabel
        value={text}
        onChange={(next) => {
          setText(next);
          setChosen(0);
          entered.forget();
        }}
        placeholder="Technique id or words"
        maxLength={100}
        inputRef={inputRef}
        inputProps={{
          role: 'combobox',
          'aria-expanded': found.length > 0,
          'aria-controls': 'technique-options',
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setChosen((value) => Math.min(value + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setChosen((value) => Math.max(0, value - 1));
          else if (event.key === 'Enter') entered.ask();
          else if (event.key === 'Escape') {
            setText('');
            entered.forget();
            event.currentTarget.blur();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {text === '' ? <Kbd keys="h" /> : null}
      {found.length > 0 ? (
        <div
          id="technique-options"
          role="listbox"
          aria-label="Techniques found"
          className="technique-options"
        >
          {found.map((technique, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys act on the field, which holds the focus
            <div
              key={technique.id}
              role="option"
              tabIndex={-1}
              aria-selected={place === index}
              className="technique-option"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => tag(technique.id)}
            >
              <span className="mono">{technique.id}</span> <span>{technique.name}</span>
              <span className="quiet">{technique.tactics.join(', ').replaceAll('-', ' ')}</span>
            </div>
          ))}
        </div>
      ) : null}
      {asked.length >= 2 && search.data !== null && !search.loading && found.length === 0 ? (
        <p className="quiet">No technique matches.</p>
      ) : null}
    </div>
  );
}

function TechniqueTag({ techniqueId }: { readonly techniqueId: string }) {
  const edit = useCaseEdit();
  const search = useCall('techniques.search', { text: techniqueId });
  const name = search.data?.find((technique) => technique.id === techniqueId)?.name;
  return (
    <li className="technique">
      <span className="mono">{techniqueId}</span>
      <span className="technique-name">{name ?? ''}</span>
      {edit === null ? null : (
        <IconButton
          icon="close"
          label={`Remove the tag ${techniqueId}`}
          onClick={() => void edit.append({ kind: 'technique-untagged', techniqueId })}
        />
      )}
    </li>
  );
}
