import './mitigate.css';
import { useState } from 'react';
import { ApprovalDialog } from './approval-dialog.tsx';
import type { ProposalStart } from './proposal.ts';
import { ProposeDialog } from './propose-dialog.tsx';

export type { ProposalStart } from './proposal.ts';

/** From a proposal to its decision: the form, then the approval dialog of what was proposed. */
export function MitigationFlow({
  start,
  onClose,
}: {
  readonly start: ProposalStart;
  readonly onClose: () => void;
}) {
  const [mitigationId, setMitigationId] = useState<string | null>(null);
  return mitigationId === null ? (
    <ProposeDialog
      start={start}
      onClose={onClose}
      onProposed={(mitigation) => setMitigationId(mitigation.id)}
    />
  ) : (
    <ApprovalDialog mitigationId={mitigationId} onClose={onClose} />
  );
}
