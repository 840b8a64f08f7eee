import { type Ref, useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import type { Mitigation } from '../../shared/domain/mitigation.ts';
import { guessObservable } from '../../shared/domain/observables.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { shortEntry } from '../mitigate/proposal.ts';
import {
  Button,
  CheckboxField,
  CopyButton,
  IconButton,
  Kbd,
  MitigationStateBadge,
  ObservableText,
  SafeText,
  Section,
  SeverityBadge,
  TextField,
  Time,
  useCall,
  useDebounced,
  useNow,
} from '../ui/index.ts';

/** The alerts of the case, as they were when they were linked. */
export function LinkedAlerts({
  state,
  onOpen,
  onUnlink,
}: {
  readonly state: CaseState;
  readonly onOpen: (alertId: string) => void;
  readonly onUnlink: (alertId: string, title: string) => void;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? state.alerts.slice(0, 1_000) : state.alerts.slice(0, 8);
  return (
    <Section title={`Alerts (${state.alerts.length.toLocaleString('en')})`}>
      {state.alerts.length === 0 ? (
        <p className="quiet">No alert is linked. Escalate one from the queue into this case.</p>
      ) : (
        <ul className="panel-list" aria-label="Linked alerts">
          {shown.map((alert) => (
            <li key={alert.id} className="panel-row">
              <button type="button" className="panel-link" onClick={() => onOpen(alert.id)}>
                <SeverityBadge severity={alert.severity} compact />
                <span className="panel-text">
                  <SafeText text={alert.title} limit={140} plain />
                </span>
                <span className="quiet tabular">×{alert.count.toLocaleString('en')}</span>
              </button>
              <IconButton
                icon="close"
                label={`Unlink ${alert.title.slice(0, 80)}`}
                onClick={() => onUnlink(alert.id, alert.title)}
              />
            </li>
          ))}
        </ul>
      )}
      {state.alerts.length > shown.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show all {state.alerts.length.toLocaleString('en')}
        </Button>
      ) : null}
    </Section>
  );
}

/** What was done or is asked for, with the time left of what holds. */
export function CaseMitigations({
  live,
  onOpen,
  onPropose,
}: {
  readonly live: readonly Mitigation[];
  readonly onOpen: (mitigationId: string) => void;
  readonly onPropose: () => void;
}) {
  const nowMs = useNow();
  return (
    <Section
      title={`Mitigations (${live.length})`}
      aside={
        <Button small keys="p" onClick={onPropose}>
          Propose mitigation
        </Button>
      }
    >
      {live.length === 0 ? (
        <p className="quiet">Nothing was proposed yet.</p>
      ) : (
        <ul className="panel-list" aria-label="Mitigations">
          {live.map((row) => (
            <li key={row.id} className="panel-row">
              <button type="button" className="panel-link is-stacked" onClick={() => onOpen(row.id)}>
                <span className="panel-line">
                  <MitigationStateBadge state={row.state} />
                  {row.expiresMs !== null && row.expiresMs > nowMs && row.endedMs === null ? (
                    <span className="tabular quiet">{formatDuration(row.expiresMs - nowMs)} left</span>
                  ) : null}
                </span>
                <span className="mono panel-text">
                  {row.entries.slice(0, 3).map(shortEntry).join(' ')}
                  {row.entries.length > 3 ? ` +${row.entries.length - 3}` : ''}
                </span>
                <span className="quiet">on {row.targetName}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function CaseTasks({
  state,
  inputRef,
  onAdd,
  onDone,
}: {
  readonly state: CaseState;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly onAdd: (title: string) => Promise<boolean>;
  readonly onDone: (taskId: string, done: boolean) => void;
}) {
  const [title, setTitle] = useState('');
  const open = state.tasks.filter((task) => !task.done).length;
  return (
    <Section title={open === 0 ? `Tasks (${state.tasks.length})` : `Tasks (${open} to do)`}>
      {state.tasks.length > 0 ? (
        <ul className="panel-list" aria-label="Tasks">
          {state.tasks.map((task) => (
            <li key={task.id} className={task.done ? 'task is-done' : 'task'}>
              <CheckboxField
                label={<SafeText text={task.title} limit={300} />}
                checked={task.done}
                onChange={(done) => onDone(task.id, done)}
              />
            </li>
          ))}
        </ul>
      ) : null}
      <AddField
        label="New task"
        placeholder="Add a task"
        keys="t"
        inputRef={inputRef}
        value={title}
        onChange={setTitle}
        maxLength={500}
        onAdd={async () => {
          if (title.trim() !== '' && (await onAdd(title.trim()))) setTitle('');
        }}
      />
    </Section>
  );
}

/** One line to add something with Enter. */
function AddField({
  label,
  placeholder,
  keys,
  inputRef,
  value,
  onChange,
  onAdd,
  maxLength,
  error,
  mono = false,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly keys: string;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onAdd: () => Promise<void>;
  readonly maxLength: number;
  readonly error?: string | null;
  readonly mono?: boolean;
}) {
  return (
    <div className="add-field">
      <TextField
        label={label}
        hideLabel
        value={value}
        onChange={onChange}
        placeholder={placeholder}
        maxLength={maxLength}
        mono={mono}
        inputRef={inputRef}
        error={error}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void onAdd();
          else if (event.key === 'Escape') event.currentTarget.blur();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {value === '' ? <Kbd keys={keys} /> : null}
    </div>
  );
}

export function CaseObservables({
  state,
  inputRef,
  onAdd,
  onRemove,
}: {
  readonly state: CaseState;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly onAdd: (observable: NonNullable<ReturnType<typeof guessObservable>>) => Promise<boolean>;
  readonly onRemove: (observableId: string, value: string) => void;
}) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const shown = all ? state.observables.slice(0, 1_000) : state.observables.slice(0, 12);
  return (
    <Section title={`Observables (${state.observables.length.toLocaleString('en')})`}>
      {shown.length > 0 ? (
        <ul className="panel-list" aria-label="Observables">
          {shown.map((observable) => (
            <li key={observable.id}>
              <ObservableText
                kind={observable.kind}
                value={observable.value}
                actions={[
                  {
                    id: 'remove',
                    label: 'Remove from the case',
                    icon: 'trash',
                    onSelect: () => onRemove(observable.id, observable.value),
                  },
                ]}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet">
          None yet. They are taken from alerts and notes, or typed here, defanged or not.
        </p>
      )}
      {state.observables.length > shown.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show all {state.observables.length.toLocaleString('en')}
        </Button>
      ) : null}
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
        onAdd={async () => {
          if (text.trim() === '') return;
          const guess = guessObservable(text);
          if (guess === null) {
            setProblem('This is no address, domain, URL, e-mail address, hash, path or host name.');
          } else if (
            state.observables.some((each) => each.kind === guess.kind && each.value === guess.value)
          ) {
            setProblem('The case has it already.');
          } else if (await onAdd(guess)) {
            setText('');
          }
        }}
      />
    </Section>
  );
}

/** ATT&CK techniques: tagged ones, and a search over all of them by id and words. */
export function CaseTechniques({
  state,
  inputRef,
  onTag,
  onUntag,
}: {
  readonly state: CaseState;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly onTag: (techniqueId: string) => void;
  readonly onUntag: (techniqueId: string) => void;
}) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const asked = useDebounced(text.trim(), 140);
  const search = useCall('techniques.search', asked.length < 2 ? null : { text: asked });
  const found = (asked.length < 2 ? [] : (search.data ?? []))
    .filter((technique) => !state.techniques.includes(technique.id))
    .slice(0, 8);
  const index = Math.min(chosen, Math.max(0, found.length - 1));
  const tag = (techniqueId: string | undefined) => {
    if (techniqueId === undefined) return;
    onTag(techniqueId);
    setText('');
    setChosen(0);
  };
  return (
    <Section title={`ATT&CK (${state.techniques.length})`}>
      {state.techniques.length > 0 ? (
        <ul className="technique-list" aria-label="Techniques">
          {state.techniques.map((techniqueId) => (
            <TechniqueTag key={techniqueId} techniqueId={techniqueId} onRemove={() => onUntag(techniqueId)} />
          ))}
        </ul>
      ) : null}
      <div className="add-field technique-search">
        <TextField
          label="Tag a technique"
          hideLabel
          value={text}
          onChange={(next) => {
            setText(next);
            setChosen(0);
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
            else if (event.key === 'Enter') tag(found[index]?.id);
            else if (event.key === 'Escape') {
              setText('');
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
    </Section>
  );
}

function TechniqueTag({
  techniqueId,
  onRemove,
}: {
  readonly techniqueId: string;
  readonly onRemove: () => void;
}) {
  const search = useCall('techniques.search', { text: techniqueId });
  const name = search.data?.find((technique) => technique.id === techniqueId)?.name;
  return (
    <li className="technique">
      <span className="mono">{techniqueId}</span>
      <span className="technique-name">{name ?? ''}</span>
      <IconButton icon="close" label={`Remove the tag ${techniqueId}`} onClick={onRemove} />
    </li>
  );
}

export function CaseEvidence({
  state,
  busy,
  onAdd,
  onSave,
  inputRef,
}: {
  readonly state: CaseState;
  readonly busy: boolean;
  readonly onAdd: (files: readonly File[]) => void;
  readonly onSave: (evidenceId: string) => void;
  readonly inputRef: Ref<HTMLInputElement>;
}) {
  const own = useRef<HTMLInputElement | null>(null);
  return (
    <Section
      title={`Evidence (${state.evidence.length})`}
      aside={
        <Button small icon="upload" keys="d" busy={busy} onClick={() => own.current?.click()}>
          Add file
        </Button>
      }
    >
      <input
        ref={(element) => {
          own.current = element;
          if (typeof inputRef === 'function') inputRef(element);
          else if (inputRef) inputRef.current = element;
        }}
        type="file"
        multiple
        className="visually-hidden"
        aria-label="Evidence files"
        tabIndex={-1}
        onChange={(event) => {
          onAdd([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      {state.evidence.length === 0 ? (
        <p className="quiet">
          Files are kept with their SHA-256, which is checked whenever one is saved out again.
        </p>
      ) : (
        <ul className="panel-list" aria-label="Evidence">
          {state.evidence.map((file) => (
            <li key={file.id} className="evidence-file">
              <span className="panel-line">
                <span className="panel-text">
                  <SafeText text={file.name} limit={120} plain />
                </span>
                <span className="quiet tabular">{formatBytes(file.sizeBytes)}</span>
                <IconButton
                  icon="download"
                  label={`Save ${file.name.slice(0, 80)}`}
                  onClick={() => onSave(file.id)}
                />
              </span>
              <span className="panel-line quiet">
                <span className="mono" title={file.sha256}>
                  SHA-256 {file.sha256.slice(0, 12)}…
                </span>
                <CopyButton
                  text={file.sha256}
                  label={`Copy the SHA-256 of ${file.name.slice(0, 60)}`}
                  iconOnly
                />
                <Time timeMs={file.addedMs} format="clock" age={false} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
