import type { ActionPlan, Mitigation } from '../../shared/domain/mitigation.ts';

export interface ApprovalInput {
  readonly mitigation: Mitigation;
  readonly plan: ActionPlan | null;
  /** Who would approve; null before the analyst gave a name. */
  readonly analyst: string | null;
  /** Whether guards and target were asked since the dialog opened. */
  readonly fresh: boolean;
  /** What was typed as the target's name; null where it is not asked for. */
  readonly typed: string | null;
}

/** Why this cannot be approved now, in words; null when it can. The core judges again, whatever is said here. */
export function approvalObstacle({ mitigation, plan, analyst, fresh, typed }: ApprovalInput): string | null {
  if (mitigation.state !== 'proposed') return 'It was decided already.';
  const failed = mitigation.guards.filter((guard) => !guard.passed);
  const [first] = failed;
  if (first !== undefined) {
    return failed.length === 1
      ? `A guard stands against it: ${first.sentence}`
      : `${failed.length} guards stand against it.`;
  }
  if (analyst === null) return 'Say your name first: who approves is kept in the ledger.';
  if (plan !== null && !plan.samePersonMayApprove && mitigation.proposedBy === analyst) {
    return `The plan asks for two people: ${mitigation.proposedBy} proposed it, somebody else approves.`;
  }
  if (!fresh) return 'Asking guards and target…';
  if (typed !== null && typed !== mitigation.targetName) return 'Type the target’s name first.';
  return null;
}
