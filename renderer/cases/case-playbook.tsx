import { useState } from 'react';
import { type CaseState, casePhases } from '../../shared/domain/case.ts';
import {
  type CaseTemplate,
  stepDestination,
  type TemplateStep,
  templateEntries,
  templatesFor,
} from '../../shared/domain/case-template.ts';
import { caseTemplates } from '../../shared/domain/case-templates.ts';
import { Button, casePhaseWords, FormDialog, SelectField, useApp, useCommands } from '../ui/index.ts';
import type { CaseEdit } from './case-desk.tsx';
import { newEntryId } from './use-case.ts';

/** The playbooks, from the case: what to do for this kind of incident, with ways into the app. */
export function CasePlaybook({ state, edit }: { readonly state: CaseState | null; readonly edit: CaseEdit }) {
  const [open, setOpen] = useState(false);
  useCommands([
    {
      id: 'case.playbook',
      title: 'Open a playbook',
      group: 'Case',
      keys: ['b'],
      enabled: state !== null,
      run: () => setOpen(true),
    },
  ]);
  return (
    <>
      <Button small variant="quiet" keys="b" disabled={state === null} onClick={() => setOpen(true)}>
        Playbook
      </Button>
      {open && state !== null ? (
        <PlaybookDialog state={state} edit={edit} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function PlaybookDialog({
  state,
  edit,
  onClose,
}: {
  readonly state: CaseState;
  readonly edit: CaseEdit;
  readonly onClose: () => void;
}) {
  const notify = useApp((app) => app.notify);
  const templates = templatesFor(caseTemplates, state.techniques);
  // The one that the case follows already, else the one that fits best.
  const [id, setId] = useState(() => {
    const taken = templates.find((each) => templateEntries(each, state, newEntryId).length === 0);
    return (taken ?? templates[0])?.id ?? '';
  });
  const [busy, setBusy] = useState(false);
  const template = templates.find((each) => each.id === id);
  const entries = template === undefined ? [] : templateEntries(template, state, newEntryId);
  const tasks = entries.filter(({ kind }) => kind === 'task-added').length;

  const add = async () => {
    setBusy(true);
    const added = await edit.appendAll(entries);
    setBusy(false);
    // What failed was said; what is there is not added again at the next try.
    if (added === null) return;
    notify({ text: `Added the playbook ${template?.name}`, tone: 'good' });
    onClose();
  };

  return (
    <FormDialog
      title="Playbook"
      width="wide"
      onClose={onClose}
      confirmLabel={
        entries.length === 0
          ? 'All of it is in the case'
          : tasks === 0
            ? 'Add the rest to the case'
            : `Add ${tasks} ${tasks === 1 ? 'task' : 'tasks'} with their steps`
      }
      ready={entries.length > 0}
      busy={busy}
      onConfirm={() => void add()}
    >
      <SelectField
        label="Kind of incident"
        value={id}
        onChange={setId}
        options={templates.map(({ id: value, name }) => ({ value, label: name }))}
      />
      {template === undefined ? null : <Playbook template={template} state={state} onLeave={onClose} />}
    </FormDialog>
  );
}

function Playbook({
  template,
  state,
  onLeave,
}: {
  readonly template: CaseTemplate;
  readonly state: CaseState;
  readonly onLeave: () => void;
}) {
  const phases = casePhases.filter((phase) => template.tasks.some((task) => task.phase === phase));
  return (
    <div className="playbook">
      <p>{template.about}</p>
      {phases.map((phase) => (
        <section key={phase} aria-label={casePhaseWords[phase]}>
          <h3 className="playbook-phase">{casePhaseWords[phase]}</h3>
          {template.tasks
            .filter((task) => task.phase === phase)
            .map(({ title, steps }) => (
              <div key={title} className="playbook-task">
                <h4>{title}</h4>
                <ul>
                  {steps.map((step) => (
                    <Step key={step.text} step={step} state={state} onLeave={onLeave} />
                  ))}
                </ul>
              </div>
            ))}
        </section>
      ))}
    </div>
  );
}

const screenWords = {
  queue: 'Open in the queue',
  watch: 'Open watch',
  mitigate: 'Open mitigate',
  reports: 'Open reports',
  backtest: 'Open back-test',
  settings: 'Open settings',
} as const;

function Step({
  step: { text, opens },
  state,
  onLeave,
}: {
  readonly step: TemplateStep;
  readonly state: CaseState;
  readonly onLeave: () => void;
}) {
  const goTo = useApp((app) => app.goTo);
  return (
    <li>
      {text}{' '}
      {opens === null ? null : (
        <button
          type="button"
          className="link-button"
          aria-label={`${screenWords[opens.screen]}: ${text}`}
          onClick={() => {
            const { screen, ...destination } = stepDestination(opens, state);
            onLeave();
            // The alerts of a case are mostly closed by the time that somebody looks back.
            goTo(screen, screen === 'queue' ? { ...destination, includeDone: true } : destination);
          }}
        >
          {screenWords[opens.screen]}
        </button>
      )}
    </li>
  );
}
