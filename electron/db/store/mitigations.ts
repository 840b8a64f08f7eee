import type {
  ActionPlan,
  LedgerRow,
  Mitigation,
  MitigationState,
} from '../../../shared/domain/mitigation.ts';

export interface PlansRepository {
  list(): ActionPlan[];
  /** The current version of a plan. */
  get(id: string): ActionPlan | null;
  /** A new plan, or the next version of one; earlier versions are kept. */
  save(
    plan: Omit<ActionPlan, 'id' | 'version' | 'hash' | 'agreedMs' | 'retired'> & {
      readonly id: string | null;
    },
  ): ActionPlan;
  retire(id: string): ActionPlan;
  /** The version that had this hash. */
  getByHash(hash: string): ActionPlan | null;
}

export type MitigationPatch = Partial<
  Pick<
    Mitigation,
    | 'guards'
    | 'preview'
    | 'approvedBy'
    | 'approvedMs'
    | 'approvalReason'
    | 'appliedMs'
    | 'verifiedMs'
    | 'expiresMs'
    | 'endedMs'
    | 'endedHow'
  >
>;

export interface MitigationsRepository {
  list(): Mitigation[];
  get(id: string): Mitigation | null;
  inStates(states: readonly MitigationState[]): Mitigation[];
  /** Stores a proposal with its first ledger row. */
  propose(
    mitigation: Omit<Mitigation, 'id' | 'state' | 'hash'> & { readonly id?: string },
    actor: string,
  ): Mitigation;
  /** Guards and preview as asked anew; the state stays and no ledger row is written. */
  amend(id: string, patch: Pick<MitigationPatch, 'guards' | 'preview'>): Mitigation;
  /**
   * One step of the state machine with its ledger row, in one transaction.
   * @throws WatchfloorError `conflict` when the state is not one of `from`: whoever comes second does nothing.
   */
  transition(
    id: string,
    from: readonly MitigationState[],
    to: MitigationState,
    patch: MitigationPatch,
    actor: string,
    sentence: string,
  ): Mitigation;
  /** Fixed for a mitigation's whole life: what the target is given so that applying twice is once. */
  idempotencyKey(id: string): string;
  ledger(mitigationId: string | null, limit: number): LedgerRow[];
  /** How many entries of a plan were approved since a time: the rate guard's number. */
  entriesApprovedSince(planId: string, sinceMs: number): number;
}
