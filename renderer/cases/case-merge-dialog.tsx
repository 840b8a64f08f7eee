import { useState } from 'react';
import type { CaseListRow, CaseState } from '../../shared/domain/case.ts';
import {
  CaseStatusBadge,
  ErrorNote,
  Facts,
  FormDialog,
  LoadingState,
  Notice,
  SafeText,
  SeverityBadge,
  TextField,
  Time,
  TlpBadge,
  useCall,
  useDebounced,
} from '../ui/index.ts';
import { countWords } from './case-file-words.ts';
import { comesSentence, whatComes } from './case-merge-words.ts';
import { useTakeWhenFound } from './use-take-when-found.ts';

const mostShown = 8;

/** Chooses another case, shows what would come of it, and asks why. */
export function CaseMergeDialog({
  state,
  onClose,
  onMerge,
}: {
  readonly state: CaseState;
  readonly onClose: () => void;
  readonly onMerge: (otherCaseId: string, reason: string) => Promise<void>;
}) {
  const [chosen, setChosen] = useState<CaseListRow | null>(null);
  return chosen === null ? (
    <ChooseCase state={state} onClose={onClose} onChoose={setChosen} />
  ) : (
    <ConfirmMerge
      state={state}
      chosen={chosen}
      onBack={() => setChosen(null)}
      onMerge={(reason) => onMerge(chosen.id, reason)}
    />
  );
}

function ChooseCase({
  state,
  onClose,
  onChoose,
}: {
  readonly state: CaseState;
  readonly onClose: () => void;
  readonly onChoose: (row: CaseListRow) => void;
}) {
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const asked = useDebounced(text.trim(), 150);
  const cases = useCall('cases.list', { status: null, text: asked });
  const taken = new Set([
    state.id,
    ...state.mergedCases,
    ...(state.mergedInto === null ? [] : [state.mergedInto]),
  ]);
  const all = (cases.data ?? []).filter(({ id }) => !taken.has(id));
  const rows = all.slice(0, mostShown);
  const index = Math.min(active, rows.length - 1);
  const choose = (row: CaseListRow | undefined) => {
    if (row !== undefined) onChoose(row);
  };
  const isAnswered = asked === text.trim() && !cases.loading;
  const entered = useTakeWhenFound(isAnswered, () => choose(rows[index]));
  return (
    <FormDialog
      title="Merge another case into this one"
      onClose={onClose}
      confirmLabel="Look at it"
      withEnter
      ready={rows.length > 0}
      onConfirm={() => choose(rows[index])}
    >
      <TextField
        label="Which case"
        value={text}
        onChange={(value) => {
          setText(value);
          setActive(0);
          entered.forget();
        }}
        placeholder="Title, observable, assignee or id"
        maxLength={200}
        autoFocus
        inputProps={{
          role: 'combobox',
          'aria-expanded': rows.length > 0,
          'aria-controls': 'merge-cases',
          'aria-activedescendant': rows.length > 0 ? `merge-case-${index}` : undefined,
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setActive(Math.min(index + 1, rows.length - 1));
          else if (event.key === 'ArrowUp') setActive(Math.max(index - 1, 0));
          else if (event.key === 'Enter') entered.ask();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {cases.error ? <ErrorNote error={cases.error} /> : null}
      {cases.data === null && cases.loading ? <LoadingState label="Reading the cases" /> : null}
      {rows.length > 0 ? (
        <div id="merge-cases" role="listbox" aria-label="Cases found" className="merge-cases">
          {rows.map((row, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys act on the field, which holds the focus
            <div
              key={row.id}
              id={`merge-case-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === index}
              className="merge-case"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(row)}
            >
              <SeverityBadge severity={row.severity} compact />
              <span className="file-case-title">
                <SafeText text={row.title} limit={120} plain />
              </span>
              <CaseStatusBadge status={row.status} />
              <Time timeMs={row.changedMs} format="clock" />
            </div>
          ))}
        </div>
      ) : cases.data !== null && !cases.loading ? (
        <p className="quiet">No other case matches.</p>
      ) : null}
      {all.length > rows.length ? (
        <p className="quiet">and {(all.length - rows.length).toLocaleString('en')} more; type to find them</p>
      ) : null}
    </FormDialog>
  );
}

function ConfirmMerge({
  state,
  chosen,
  onBack,
  onMerge,
}: {
  readonly state: CaseState;
  readonly chosen: CaseListRow;
  readonly onBack: () => void;
  readonly onMerge: (reason: string) => Promise<void>;
}) {
  const other = useCall('cases.get', { id: chosen.id });
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const comes = other.data === null ? null : whatComes(state, other.data);
  const isReady = comes !== null && reason.trim() !== '';
  const confirm = async () => {
    setBusy(true);
    await onMerge(reason.trim());
    setBusy(false);
  };
  return (
    <FormDialog
      title="Merge this case in"
      onClose={onBack}
      confirmLabel={comes === null ? 'Merge' : `Merge ${countWords(comes.entries, 'entry', 'entries')}`}
      closeLabel="Choose another"
      withEnter
      ready={isReady}
      busy={isBusy}
      onConfirm={() => void confirm()}
    >
      {other.error ? <ErrorNote error={other.error} /> : null}
      {comes === null && other.error === null ? <LoadingState label="Reading the other case" /> : null}
      {comes === null || other.data === null ? null : (
        <Facts
          items={[
            { name: 'This case', value: <SafeText text={state.title} limit={160} plain /> },
            { name: 'Takes in', value: <SafeText text={other.data.title} limit={160} plain /> },
            { name: 'What comes', value: comesSentence(comes) },
            { name: 'Marked', value: <TlpBadge tlp={other.data.tlp} /> },
          ]}
        />
      )}
      <Notice>
        Its title, severity, status and assignee stay its own. It remains as a case and says where it went,
        and the merge can be taken back exactly.
      </Notice>
      <TextField label="Reason" value={reason} onChange={setReason} maxLength={2_000} required autoFocus />
    </FormDialog>
  );
}
