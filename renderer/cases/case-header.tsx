import { useEffect, useRef, useState } from 'react';
import { type Severity, severities } from '../../shared/domain/alert.ts';
import {
  type AnalystEntry,
  type CasePhase,
  type CaseState,
  type CaseStatus,
  casePhases,
  caseStatuses,
  type Pap,
  paps,
  type Tlp,
  tlps,
} from '../../shared/domain/case.ts';
import {
  Button,
  casePhaseWords,
  caseStatusWords,
  SafeText,
  SelectField,
  type SelectFieldProps,
  SeverityBadge,
  SimulatedMark,
  severityWords,
  TextField,
  Time,
  TlpBadge,
  useApp,
  useCommands,
} from '../ui/index.ts';
import { focusOn } from './add-field.tsx';
import { CaseClocksLine } from './case-clocks-line.tsx';
import { ConflictBadge } from './case-conflicts.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { peopleOf } from './case-people.ts';

type HeaderChange = Omit<Extract<AnalystEntry, { kind: 'header-changed' }>, 'kind'>;

/** What the case is and how it stands, its phase and its clocks. */
export function CaseHeader({ state }: { readonly state: CaseState }) {
  const edit = useCaseEdit();
  const customers = useApp((root) => root.customers);
  const [editing, setEditing] = useState(false);
  const [title, setTitle] = useState(state.title);
  useEffect(() => setTitle(state.title), [state.title]);
  const customer =
    state.customerId === null
      ? 'No customer'
      : (customers.find((each) => each.id === state.customerId)?.name ?? state.customerId);
  const saveTitle = () => {
    setEditing(false);
    const next = title.trim();
    if (next !== '' && next !== state.title) void edit?.append({ kind: 'header-changed', title: next });
    else setTitle(state.title);
  };

  return (
    <header className="case-header">
      <div className="case-header-line">
        <SeverityBadge severity={state.severity} compact />
        {editing ? (
          <TextField
            label="Title"
            hideLabel
            className="grow"
            value={title}
            onChange={setTitle}
            maxLength={300}
            inputProps={{ autoFocus: true, onBlur: saveTitle }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') saveTitle();
              else if (event.key === 'Escape') {
                setTitle(state.title);
                setEditing(false);
              } else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
        ) : (
          <h1 className="case-title">
            <SafeText text={state.title} limit={140} />
          </h1>
        )}
        {editing || edit === null ? null : (
          <Button small variant="quiet" icon="edit" onClick={() => setEditing(true)}>
            Rename
          </Button>
        )}
        <span className="case-header-facts">
          <ConflictBadge count={state.conflicts.length} />
          {state.simulated ? <SimulatedMark /> : null}
          <TlpBadge tlp={state.tlp} />
          <span>{customer}</span>
          <span className="quiet">
            opened <Time timeMs={state.openedMs} />
          </span>
        </span>
      </div>
      <CaseClocksLine state={state} />
      {edit === null ? (
        <HeaderFacts state={state} />
      ) : (
        <HeaderFields
          state={state}
          onChange={(change) => void edit.append({ kind: 'header-changed', ...change })}
        />
      )}
    </header>
  );
}

/** The fields where nothing is changed. */
function HeaderFacts({ state }: { readonly state: CaseState }) {
  const facts = [
    ['Status', caseStatusWords[state.status]],
    ['Severity', severityWords[state.severity]],
    ['PAP', state.pap],
    ['Assignee', state.assignee ?? 'Nobody'],
  ] as const;
  return (
    <dl className="case-header-read">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <SafeText text={value} limit={120} plain />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Every field is changed where it is shown, and each change is an entry. */
function HeaderFields({
  state,
  onChange,
}: {
  readonly state: CaseState;
  readonly onChange: (change: HeaderChange) => void;
}) {
  const analyst = useApp((root) => root.hello?.analyst?.name ?? null);
  const statusRef = useRef<HTMLSelectElement>(null);
  const nobody = '';
  const assignees = [...new Set([...(analyst === null ? [] : [analyst]), ...peopleOf(state)])];
  useCommands([
    {
      id: 'case.status',
      title: 'Change status, severity, phase, TLP',
      group: 'Case',
      keys: ['s'],
      run: () => focusOn(statusRef.current),
    },
  ]);
  return (
    <div className="case-header-fields">
      <SettledSelect<CaseStatus>
        label="Status"
        value={state.status}
        onChange={(status) => onChange({ status })}
        options={caseStatuses.map((value) => ({ value, label: caseStatusWords[value] }))}
        selectRef={statusRef}
      />
      <SettledSelect<Severity>
        label="Severity"
        value={state.severity}
        onChange={(severity) => onChange({ severity })}
        options={severities.toReversed().map((value) => ({ value, label: severityWords[value] }))}
      />
      <SettledSelect<CasePhase>
        label="Phase"
        className="case-phase"
        value={state.phase}
        onChange={(phase) => onChange({ phase })}
        options={casePhases.map((value) => ({ value, label: casePhaseWords[value] }))}
      />
      <SettledSelect<Tlp>
        label="TLP"
        value={state.tlp}
        onChange={(tlp) => onChange({ tlp })}
        options={tlps.map((value) => ({ value, label: value }))}
      />
      <SettledSelect<Pap>
        label="PAP"
        value={state.pap}
        onChange={(pap) => onChange({ pap })}
        options={paps.map((value) => ({ value, label: value }))}
      />
      <SettledSelect
        label="Assignee"
        value={state.assignee ?? nobody}
        onChange={(name) => onChange({ assignee: name === nobody ? null : name })}
        options={[
          { value: nobody, label: 'Nobody' },
          ...assignees.map((name) => ({ value: name, label: name })),
        ]}
      />
    </div>
  );
}

/** So long a choice rests before it is written: who walks a list with the arrow keys means the last one. */
const settleMs = 800;

/** A choice that becomes an entry once it has settled, or at once with Enter or by leaving it; Escape takes it back. */
function SettledSelect<Value extends string>({ value, onChange, ...rest }: SelectFieldProps<Value>) {
  const [chosen, setChosen] = useState<Value | null>(null);
  /** What is chosen and not written yet. */
  const unwritten = useRef<Value | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const write = () => {
    if (timer.current) clearTimeout(timer.current);
    const next = unwritten.current;
    unwritten.current = null;
    if (next === null) return;
    if (next === value) setChosen(null);
    else onChange(next);
  };
  const latestWrite = useRef(write);
  latestWrite.current = write;
  const choose = (next: Value) => {
    unwritten.current = next;
    setChosen(next);
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => latestWrite.current(), settleMs);
  };
  // What was written has come back, from here or elsewhere: it is shown as it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value is what ends the choice
  useEffect(() => {
    if (unwritten.current === null) setChosen(null);
  }, [value]);
  useEffect(() => () => latestWrite.current(), []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are the select's
    <div
      onBlur={write}
      onKeyDown={(event) => {
        if (event.key === 'Enter') write();
        else if (event.key === 'Escape') {
          unwritten.current = null;
          setChosen(null);
          if (event.target instanceof HTMLElement) event.target.blur();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <SelectField<Value> {...rest} value={chosen ?? value} onChange={choose} />
    </div>
  );
}
