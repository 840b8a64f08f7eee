import './case-file.css';
import { useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import {
  Button,
  Icon,
  ReasonDialog,
  SafeText,
  useApp,
  useCall,
  useClient,
  useCommands,
} from '../ui/index.ts';
import { CaseMergeDialog } from './case-merge-dialog.tsx';

export interface CaseMergesProps {
  readonly state: CaseState;
  /** Runs a call that answers with the case; null where the case is only looked at. */
  readonly change: ((work: () => Promise<CaseState>) => Promise<CaseState | null>) | null;
}

/** Which cases count as one with this: those merged into it, each with a way back, and the one it is merged into. */
export function CaseMerges({ state, change }: CaseMergesProps) {
  const client = useClient();
  const notify = useApp((root) => root.notify);
  const [isMerging, setMerging] = useState(false);
  const [undoing, setUndoing] = useState<{ readonly id: string; readonly title: string } | null>(null);
  const caseId = state.id;

  const takeBack = async (otherCaseId: string, reason: string) => {
    const done = await change?.(() => client.call('cases.unmerge', { caseId, otherCaseId, reason }));
    if (done) notify({ text: 'The cases are two again, each as it was', tone: 'good' });
  };
  useCommands([
    {
      id: 'case.merge',
      title: 'Merge another case into this one',
      group: 'Case',
      keys: ['Shift+m'],
      enabled: change !== null,
      run: () => setMerging(true),
    },
  ]);

  return (
    <>
      {state.mergedInto === null && state.mergedCases.length === 0 ? null : (
        <section className="case-merges" aria-label="Merged cases">
          {state.mergedInto === null ? null : (
            <p className="case-merge-line">
              <Icon name="merge" size={14} />
              <span>Merged into</span>
              <CaseLink caseId={state.mergedInto} />
              <span className="quiet">What is written here counts there too.</span>
            </p>
          )}
          {state.mergedCases.map((id) => (
            <MergedCase key={id} caseId={id} onTakeBack={change === null ? null : setUndoing} />
          ))}
        </section>
      )}
      {isMerging && change !== null ? (
        <CaseMergeDialog
          state={state}
          onClose={() => setMerging(false)}
          onMerge={async (otherCaseId, reason) => {
            const done = await change(() => client.call('cases.merge', { caseId, otherCaseId, reason }));
            if (done === null) return;
            setMerging(false);
            notify({
              text: 'Merged the cases into this one',
              tone: 'good',
              undo: () => void takeBack(otherCaseId, 'Merged by mistake'),
            });
          }}
        />
      ) : null}
      {undoing === null ? null : (
        <ReasonDialog
          title="Take the merge of a case back"
          confirmLabel="Take merge back"
          onClose={() => setUndoing(null)}
          onConfirm={(reason) => {
            setUndoing(null);
            void takeBack(undoing.id, reason);
          }}
        >
          <p>
            <SafeText text={undoing.title} limit={160} plain /> is a case of its own again. Its entries count
            there alone; what was written in this case since stays in this one.
          </p>
        </ReasonDialog>
      )}
    </>
  );
}

/** A case's title as it is in the list of cases; its id where it is not here. */
function useCaseTitle(caseId: string): string {
  const found = useCall('cases.list', { status: null, text: caseId }, { events: ['cases.changed'] });
  return found.data?.find(({ id }) => id === caseId)?.title ?? caseId;
}

function CaseLink({ caseId }: { readonly caseId: string }) {
  const goTo = useApp((root) => root.goTo);
  const title = useCaseTitle(caseId);
  return (
    <Button small variant="quiet" className="case-link" onClick={() => goTo('cases', { caseId })}>
      {title.slice(0, 120)}
    </Button>
  );
}

function MergedCase({
  caseId,
  onTakeBack,
}: {
  readonly caseId: string;
  readonly onTakeBack: ((merged: { readonly id: string; readonly title: string }) => void) | null;
}) {
  const title = useCaseTitle(caseId);
  return (
    <p className="case-merge-line">
      <Icon name="merge" size={14} />
      <span>Holds also</span>
      <CaseLink caseId={caseId} />
      {onTakeBack === null ? null : (
        <Button
          small
          icon="undo"
          aria-label={`Take back: ${title.slice(0, 80)}`}
          onClick={() => onTakeBack({ id: caseId, title })}
        >
          Take back
        </Button>
      )}
    </p>
  );
}
