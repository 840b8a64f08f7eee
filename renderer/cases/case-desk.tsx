import { createContext, useContext } from 'react';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';

/** How a case is changed. */
export interface CaseEdit {
  /** Adds an entry; null when it failed, which was then said at the bottom edge. */
  readonly append: (entry: AnalystEntry) => Promise<CaseState | null>;
  /** Adds entries that belong together: all of them or, when that failed and was said, none. */
  readonly appendAll: (entries: readonly AnalystEntry[]) => Promise<CaseState | null>;
  /** Runs any other call that changes the case. */
  readonly change: (work: () => Promise<unknown>) => Promise<CaseState | null>;
}

/** An image in a note is shown by itself; what a person opens goes into the audit log. */
export type ReadPurpose = 'note' | 'view';

export interface EvidenceBytes {
  readonly base64: string;
  /** Whether the bytes have the SHA-256 that they were added with. */
  readonly verified: boolean;
}

/** Where a case is looked at: what can be done with it there, and what can be asked beside it. */
export interface CaseDesk {
  /** null where the case is only looked at: nothing is shown that would change it. */
  readonly edit: CaseEdit | null;
  /** The bytes of a piece of evidence by its id, and what for; null where they are not at hand. */
  readonly readEvidence: ((evidenceId: string, purpose: ReadPurpose) => Promise<EvidenceBytes>) | null;
  /** Offers a piece of evidence of any size for saving, and says how that went; null where it is not at hand. */
  readonly saveEvidence: ((evidence: CaseState['evidence'][number]) => Promise<void>) | null;
  /** Whether the core has this case as it is shown, so that it can be asked for what belongs to it. */
  readonly isStored: boolean;
}

const CaseDeskContext = createContext<CaseDesk>({
  edit: null,
  readEvidence: null,
  saveEvidence: null,
  isStored: false,
});

export const CaseDeskProvider = CaseDeskContext.Provider;

export function useCaseDesk(): CaseDesk {
  return useContext(CaseDeskContext);
}

/** null where the case is only looked at. */
export function useCaseEdit(): CaseEdit | null {
  return useContext(CaseDeskContext).edit;
}
