import { useRef, useState } from 'react';
import { extractObservables } from '../../shared/domain/observables.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { ApprovalDialog } from '../mitigate/approval-dialog.tsx';
import { MitigationFlow, type ProposalStart } from '../mitigate/mitigation-flow.tsx';
import { proposalFromCase } from '../mitigate/proposal.ts';
import { ReasonDialog } from '../mitigate/reason-dialog.tsx';
import { ReportView } from '../reports/report-view.tsx';
import { offerDownload } from '../ui/download.ts';
import {
  Button,
  ErrorState,
  LoadingState,
  SafeText,
  Screen,
  Tabs,
  useApp,
  useCall,
  useClient,
  useCommands,
  useKeptState,
} from '../ui/index.ts';
import { CaseConflicts } from './case-conflicts.tsx';
import { CaseExchange } from './case-exchange.tsx';
import { useEvidenceFiles } from './case-file-evidence.ts';
import { CaseHeader } from './case-header.tsx';
import {
  CaseEvidence,
  CaseMitigations,
  CaseObservables,
  CaseTasks,
  CaseTechniques,
  LinkedAlerts,
} from './case-panels.tsx';
import { CasePlaybook } from './case-playbook.tsx';
import { CaseSignals } from './case-signals.tsx';
import { CaseTimeline } from './case-timeline.tsx';
import { newEntryId, useCase } from './use-case.ts';

type TabId = 'timeline' | 'signals' | 'report';

type OpenDialog =
  | { readonly kind: 'propose'; readonly start: ProposalStart }
  | { readonly kind: 'mitigation'; readonly id: string }
  | { readonly kind: 'unlink'; readonly alertId: string; readonly title: string };

/** Observables taken from one note at most; a pasted log is evidence, not a list of observables. */
const mostFromNote = 50;
/** So many alerts are asked for their attackers when a block is proposed from a case. */
const mostAskedAlerts = 40;

/** One case: header, timeline with notes, signals and report on the left, what belongs to it on the right. */
export function CasePage({ caseId, onBack }: { readonly caseId: string; readonly onBack: () => void }) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const goTo = useApp((state) => state.goTo);
  const customers = useApp((state) => state.customers);
  const { state, error, refetch, append, change } = useCase(caseId);
  const mitigations = useCall('mitigations.list', {}, { events: ['mitigations.changed'] });
  const [tab, setTab] = useKeptState<TabId>(`cases.tab.${caseId}`, 'timeline');
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [busy, setBusy] = useState<'signals' | 'verify' | null>(null);
  const evidence = useEvidenceFiles(caseId, change);
  const noteRef = useRef<HTMLTextAreaElement>(null);
  const taskRef = useRef<HTMLInputElement>(null);
  const observableRef = useRef<HTMLInputElement>(null);
  const techniqueRef = useRef<HTMLInputElement>(null);
  const evidenceRef = useRef<HTMLInputElement>(null);
  const statusRef = useRef<HTMLSelectElement>(null);

  const live = (mitigations.data ?? [])
    .filter((row) => row.caseId === caseId)
    .toSorted((left, right) => right.proposedMs - left.proposedMs);

  const saveSignals = async () => {
    if (state === null || state.alerts.length === 0) return;
    setBusy('signals');
    const fromMs = Math.min(...state.alerts.map((alert) => alert.firstSeenMs)) - 30 * minuteMs;
    const lastMs = Math.max(...state.alerts.map((alert) => alert.lastSeenMs));
    const done = await change(() =>
      client.call('cases.saveSignals', {
        caseId,
        fromMs,
        toMs: lastMs + 10 * minuteMs,
        title: 'Around the alerts',
      }),
    );
    setBusy(null);
    if (done) notify({ text: 'Saved the signals with the case', tone: 'good' });
  };
  const verify = async () => {
    setBusy('verify');
    try {
      const result = await client.call('cases.verify', { id: caseId });
      notify({ text: result.sentence, tone: result.ok ? 'good' : 'error', durationMs: 12_000 });
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
    }
    setBusy(null);
  };
  const saveEvidence = async (evidenceId: string) => {
    try {
      const file = await client.call('cases.readEvidence', { caseId, evidenceId });
      if (!file.verified) {
        notify({
          text: `${file.name.slice(0, 80)} no longer has the SHA-256 it was added with. It was not saved.`,
          tone: 'error',
        });
        return;
      }
      offerDownload(file.name, 'application/octet-stream', file.base64);
      notify({ text: `Saved ${file.name.slice(0, 80)}; its SHA-256 holds`, tone: 'good' });
    } catch (thrown) {
      const failure = toErrorData(thrown);
      notify({ text: failure.message, tone: 'error', details: failure.details });
    }
  };
  const addNote = async (markdown: string) => {
    if (state === null) return false;
    const saved = await append({ kind: 'note-added', noteId: newEntryId('note'), markdown });
    if (saved === null) return false;
    const known = new Set(saved.observables.map((each) => `${each.kind} ${each.value}`));
    const found = extractObservables(markdown)
      .filter((each) => !known.has(`${each.kind} ${each.value}`))
      .slice(0, mostFromNote);
    let added = 0;
    for (const { kind, value } of found) {
      const done = await append({
        kind: 'observable-added',
        observableId: newEntryId('observable'),
        entityKind: kind,
        value,
        from: 'note',
      });
      if (done === null) break;
      added += 1;
    }
    notify({
      text:
        added === 0
          ? 'Added the note'
          : `Added the note and ${added} ${added === 1 ? 'observable' : 'observables'} from it`,
    });
    return true;
  };

  const propose = async () => {
    if (state === null) return;
    // Who attacked stands in the alerts alone: an observable does not say which side it was on.
    const details = await Promise.allSettled(
      state.alerts.slice(0, mostAskedAlerts).map(({ id }) => client.call('alerts.get', { id })),
    );
    const alerts = details.flatMap((each) => (each.status === 'fulfilled' ? [each.value.alert] : []));
    const ownRanges = customers.find((each) => each.id === state.customerId)?.ownRanges ?? [];
    setDialog({ kind: 'propose', start: proposalFromCase(state, alerts, ownRanges) });
  };

  const group = 'Case';
  const focus = (element: HTMLElement | null) => {
    element?.scrollIntoView({ block: 'nearest' });
    element?.focus();
  };
  useCommands([
    { id: 'case.back', title: 'Back to the cases', group, keys: ['Escape'], run: onBack },
    {
      id: 'case.note',
      title: 'Write a note',
      group,
      keys: ['n'],
      run: () => {
        setTab('timeline');
        setTimeout(() => focus(noteRef.current), 0);
      },
    },
    { id: 'case.task', title: 'Add a task', group, keys: ['t'], run: () => focus(taskRef.current) },
    {
      id: 'case.observable',
      title: 'Add an observable',
      group,
      keys: ['o'],
      run: () => focus(observableRef.current),
    },
    {
      id: 'case.technique',
      title: 'Tag an ATT&CK technique',
      group,
      keys: ['h'],
      run: () => focus(techniqueRef.current),
    },
    {
      id: 'case.evidence',
      title: 'Add an evidence file',
      group,
      keys: ['d'],
      run: () => evidenceRef.current?.click(),
    },
    {
      id: 'case.status',
      title: 'Change status, severity, phase, TLP',
      group,
      keys: ['s'],
      run: () => focus(statusRef.current),
    },
    {
      id: 'case.propose',
      title: 'Propose a mitigation',
      group,
      keys: ['p'],
      enabled: state !== null,
      run: () => void propose(),
    },
    {
      id: 'case.save-signals',
      title: 'Save the signals with the case',
      group,
      keys: ['w'],
      enabled: state !== null && state.alerts.length > 0,
      run: () => {
        setTab('signals');
        void saveSignals();
      },
    },
    { id: 'case.verify', title: 'Verify the case’s chain of entries', group, run: () => void verify() },
    { id: 'case.tab-timeline', title: 'Timeline', group, keys: ['1'], run: () => setTab('timeline') },
    { id: 'case.tab-signals', title: 'Signals', group, keys: ['2'], run: () => setTab('signals') },
    { id: 'case.tab-report', title: 'Preview the report', group, keys: ['3'], run: () => setTab('report') },
  ]);

  const bar = (
    <>
      <Button small variant="quiet" icon="chevron-left" keys="Escape" onClick={onBack}>
        Cases
      </Button>
      <span className="mono quiet case-id">{caseId}</span>
      <span className="grow" />
      <CasePlaybook state={state} append={append} />
      <CaseExchange caseId={caseId} />
      <Button small variant="quiet" icon="lock" busy={busy === 'verify'} onClick={() => void verify()}>
        Verify entries
      </Button>
      <Button small icon="reports" keys="3" onClick={() => setTab('report')}>
        Preview report
      </Button>
    </>
  );

  if (state === null) {
    return (
      <Screen label="Case" bar={bar} ownHeading>
        {error ? (
          <ErrorState error={error} title="The case could not be read" onRetry={refetch} />
        ) : (
          <LoadingState label="Reading the case" />
        )}
      </Screen>
    );
  }
  return (
    <Screen label="Case" bar={bar} ownHeading>
      <CaseHeader
        state={state}
        statusRef={statusRef}
        onChange={(fields) => void append({ kind: 'header-changed', ...fields })}
      />
      <CaseConflicts state={state} append={append} />
      <div className="case-columns">
        <div className="case-main">
          <Tabs<TabId>
            label="Case"
            active={tab}
            onChange={setTab}
            tabs={[
              { id: 'timeline', label: 'Timeline', count: state.timeline.length, keys: '1' },
              { id: 'signals', label: 'Signals', count: state.slices.length, keys: '2' },
              { id: 'report', label: 'Report', keys: '3' },
            ]}
          >
            {tab === 'timeline' ? (
              <CaseTimeline
                state={state}
                noteRef={noteRef}
                onNote={addNote}
                onRevise={async (noteId, markdown) =>
                  (await append({ kind: 'note-revised', noteId, markdown })) !== null
                }
              />
            ) : null}
            {tab === 'signals' ? (
              <CaseSignals state={state} busy={busy === 'signals'} onSave={() => void saveSignals()} />
            ) : null}
            {tab === 'report' ? <ReportView caseId={caseId} version={state.timeline.length} /> : null}
          </Tabs>
        </div>
        <aside className="case-side" aria-label="What belongs to the case">
          <h2 className="visually-hidden">What belongs to the case</h2>
          <CaseMitigations
            live={live}
            onOpen={(id) => setDialog({ kind: 'mitigation', id })}
            onPropose={() => void propose()}
          />
          <LinkedAlerts
            state={state}
            onOpen={(alertId) => goTo('queue', { alertId })}
            onUnlink={(alertId, title) => setDialog({ kind: 'unlink', alertId, title })}
          />
          <CaseTasks
            state={state}
            inputRef={taskRef}
            onAdd={async (title) =>
              (await append({ kind: 'task-added', taskId: newEntryId('task'), title })) !== null
            }
            onDone={(taskId, done) => void append({ kind: 'task-changed', taskId, done })}
          />
          <CaseObservables
            state={state}
            inputRef={observableRef}
            onAdd={async ({ kind, value }) =>
              (await append({
                kind: 'observable-added',
                observableId: newEntryId('observable'),
                entityKind: kind,
                value,
                from: 'analyst',
              })) !== null
            }
            onRemove={(observableId, value) => {
              const removed = state.observables.find((each) => each.id === observableId);
              void append({ kind: 'observable-removed', observableId, reason: 'Removed by hand' }).then(
                (done) => {
                  if (done === null || removed === undefined) return;
                  notify({
                    text: `Removed ${value.slice(0, 60)}`,
                    undo: () =>
                      void append({
                        kind: 'observable-added',
                        observableId: newEntryId('observable'),
                        entityKind: removed.kind,
                        value: removed.value,
                        from: removed.from,
                      }),
                  });
                },
              );
            }}
          />
          <CaseTechniques
            state={state}
            inputRef={techniqueRef}
            onTag={(techniqueId) => void append({ kind: 'technique-tagged', techniqueId })}
            onUntag={(techniqueId) => void append({ kind: 'technique-untagged', techniqueId })}
          />
          <CaseEvidence
            state={state}
            busy={evidence.busy}
            inputRef={evidenceRef}
            onAdd={(files) => void evidence.add(files)}
            onSave={(evidenceId) => void saveEvidence(evidenceId)}
          />
        </aside>
      </div>
      {dialog?.kind === 'propose' ? (
        <MitigationFlow start={dialog.start} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'mitigation' ? (
        <ApprovalDialog mitigationId={dialog.id} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'unlink' ? (
        <ReasonDialog
          title="Unlink an alert"
          confirmLabel="Unlink alert"
          onClose={() => setDialog(null)}
          onConfirm={(reason) => {
            const { alertId } = dialog;
            setDialog(null);
            void change(() => client.call('cases.unlinkAlert', { caseId, alertId, reason }));
          }}
        >
          <p>
            <SafeText text={dialog.title} limit={200} />
          </p>
        </ReasonDialog>
      ) : null}
    </Screen>
  );
}
