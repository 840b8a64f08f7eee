import { useMemo, useState } from 'react';
import { toErrorData } from '../../shared/domain/result.ts';
import { Button, ErrorState, LoadingState, Screen, useApp, useClient, useCommands } from '../ui/index.ts';
import type { CaseDesk } from './case-desk.tsx';
import { CaseExchange } from './case-exchange.tsx';
import { FileDrop } from './case-file-drop.tsx';
import { useEvidenceFiles, useEvidenceSaving } from './case-file-evidence.ts';
import { CasePlaybook } from './case-playbook.tsx';
import { CaseView } from './case-view.tsx';
import { Mentions } from './mentions.tsx';
import { useCase } from './use-case.ts';

/** One case of this workspace, kept fresh. */
export function CasePage({
  caseId,
  onBack,
  onReplay,
  readOnly = false,
}: {
  readonly caseId: string;
  /** null where there is nothing to go back to. */
  readonly onBack: (() => void) | null;
  /** Shows what was known when. */
  readonly onReplay: () => void;
  /** The case is looked at and not worked on. */
  readonly readOnly?: boolean;
}) {
  const client = useClient();
  const notify = useApp((app) => app.notify);
  const { state, error, refetch, edit } = useCase(caseId);
  const [isVerifying, setVerifying] = useState(false);
  const evidence = useEvidenceFiles(caseId, edit.change);
  const saveEvidence = useEvidenceSaving(caseId);
  const desk = useMemo(
    (): CaseDesk => ({
      edit: readOnly ? null : edit,
      readEvidence: (evidenceId, purpose) =>
        client.call('cases.readEvidence', { caseId, evidenceId, purpose }),
      saveEvidence,
      // What is only looked at came by itself, without what a workspace has beside its cases.
      isStored: !readOnly,
    }),
    [readOnly, edit, client, caseId, saveEvidence],
  );
  const verify = async () => {
    setVerifying(true);
    try {
      const result = await client.call('cases.verify', { id: caseId });
      notify({ text: result.sentence, tone: result.ok ? 'good' : 'error', durationMs: 12_000 });
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
    }
    setVerifying(false);
  };
  const group = 'Case';
  useCommands([
    { id: 'case.replay', title: 'Replay what was known when', group, keys: ['r'], run: onReplay },
    ...(onBack === null
      ? []
      : [{ id: 'case.back', title: 'Back to the cases', group, keys: ['Escape'], run: onBack }]),
    { id: 'case.verify', title: 'Verify the case’s chain of entries', group, run: () => void verify() },
  ]);
  const bar = (
    <>
      {onBack === null ? null : (
        <Button small variant="quiet" icon="chevron-left" keys="Escape" onClick={onBack}>
          Cases
        </Button>
      )}
      <span className="mono quiet case-id">{caseId}</span>
      <span className="grow" />
      {readOnly ? null : (
        <>
          <CasePlaybook state={state} edit={edit} />
          <CaseExchange caseId={caseId} />
          <Mentions />
        </>
      )}
      <Button small variant="quiet" icon="clock" keys="r" onClick={onReplay}>
        Replay
      </Button>
      <Button small variant="quiet" icon="lock" busy={isVerifying} onClick={() => void verify()}>
        Verify entries
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
      <CaseView state={state} desk={desk} isAddingEvidence={evidence.busy} onAddEvidence={evidence.add} />
      {readOnly ? null : (
        <FileDrop label="Drop to add to the evidence" onFiles={(files) => void evidence.add(files)} />
      )}
    </Screen>
  );
}
