import type { ArrivalLine, Workstation } from '../../../shared/case-file/arrivals.ts';
import type {
  CaseEntry,
  CaseListRow,
  CaseState,
  CaseStatus,
  CaseSummary,
  EntryPayload,
  Tlp,
} from '../../../shared/domain/case.ts';
import type { Entity } from '../../../shared/domain/entity.ts';
import type { SignedEntry } from '../../../shared/domain/entry-chain.ts';
import type { ObservableSeen, RelatedCase } from '../case-links.ts';
import type { Writer, WriterKey } from './writers.ts';

/** Which entries of a case and state they fold to, each as one hash: equal in two stores that hold the same. */
export interface CaseDigest {
  readonly foldVersion: number;
  /** SHA-256 over the folded state, hex. */
  readonly state: string;
  /** SHA-256 over the hashes of all entries in chain order, hex. */
  readonly entries: string;
  readonly entryCount: number;
}

export type CaseOutline = Omit<CaseState, 'notes' | 'evidence' | 'slices' | 'timeline' | 'conflicts'>;

/** What an import would add, by case. */
export interface ImportedCase {
  readonly caseId: string;
  readonly isNew: boolean;
  readonly newEntries: number;
  /** Payloads of entries that were here without theirs. */
  readonly newPayloads: number;
}

/** A case file on its way in: nothing of it is seen before `commit`, nothing is left of it after `discard`. */
export interface CaseImport {
  entries(entries: readonly SignedEntry[]): void;
  /** After the last of them. @throws WatchfloorError `bad-input` where two have the same id */
  allEntries(): void;
  writers(keys: readonly WriterKey[]): void;
  snapshots(snapshots: readonly { readonly sha256: string; readonly body: string }[]): void;
  /** What the file tells of when things arrived in other data directories. */
  workstations(workstations: readonly Workstation[]): void;
  arrivals(arrivals: readonly ArrivalLine[]): void;
  /** @throws WatchfloorError `refused` where an entry or writer contradicts what is here */
  compare(): ImportedCase[];
  /**
   * Merges by union, in one transaction, which may be part of a larger one.
   * @throws WatchfloorError `refused` as `compare`
   */
  commit(): ImportedCase[];
  discard(): void;
}

export interface CasesRepository {
  /** Appends `case-opened` and what else belongs to the opening in one transaction. Returns the new case. */
  open(writer: Writer, payloads: readonly EntryPayload[]): CaseState;
  /**
   * One transaction, one signature over the chain's new head. Each entry replaces the values that stand here.
   * @param tlp whom the payloads may be shown to; null goes by the case's own marking
   */
  append(caseId: string, writer: Writer, payloads: readonly EntryPayload[], tlp?: Tlp | null): CaseState;
  get(caseId: string): CaseState | null;
  list(input: { readonly status: CaseStatus | null; readonly text: string }): CaseListRow[];
  /** Cases that have one of these entities among their observables, last changed first, all but one. */
  sharing(
    entities: readonly Entity[],
    exceptId: string | null,
    limit: number,
  ): { readonly case: CaseSummary; readonly shared: string[] }[];
  /**
   * The entries of a case and of what is merged into it, in clock order, beyond the first ones of the log by a name.
   * The name changes whenever anything but new last entries did; all are given then.
   */
  since(
    caseId: string,
    known: { readonly log: string; readonly entries: number } | null,
  ): { readonly log: string; readonly from: number; readonly entries: CaseEntry[] };
  /** Where else the case's observables were seen, in its order; through indexes, each bounded. */
  seen(caseId: string): ObservableSeen[];
  /** Other cases that share observables with it, most shared first; those merged with it are left out. */
  related(caseId: string, limit: number): RelatedCase[];
  /** The newest comments that mention somebody by this name, in any case. */
  mentions(
    name: string,
    limit: number,
  ): {
    readonly case: CaseSummary;
    readonly text: string;
    readonly writerName: string;
    readonly timeMs: number;
  }[];
  entries(caseId: string): CaseEntry[];
  /** Walks every chain of the case: hashes, commitments, signatures. */
  verify(caseId: string): { readonly ok: boolean; readonly sentence: string };
  digest(caseId: string): CaseDigest;
  /** Folds every case anew from its entries. */
  rebuild(): number;
  /** The case without its notes, evidence and signals: what fits into memory whatever was said. */
  outline(caseId: string): CaseOutline | null;
  /** SHA-256s (hex) of evidence that was added to these cases; what entries of version 1 added is not among them. */
  evidenceIn(caseIds: readonly string[]): string[];
  /** The position of the newest entry of any case: what came later is left out of a reading that takes long. */
  newestPosition(): number;
  /** All entries of some cases up to a position, in chain order, in pages that are read as they are asked for. */
  signedEntries(
    caseIds: readonly string[],
    upToPosition: number,
  ): Generator<readonly SignedEntry[], void, void>;
  /** The keys of the writers of these cases, by writer id; those that are not known are left out. */
  writerKeys(caseIds: readonly string[], upToPosition: number): WriterKey[];
  /** Keeps a snapshot's text under its SHA-256 (hex). */
  putSnapshot(body: string): { readonly sha256: string; readonly sizeBytes: number };
  snapshot(sha256: string): string | null;
  /** One at a time: beginning another discards what was not committed. */
  beginImport(): CaseImport;
}

/** When entries arrived in this data directory and, as far as files told, in others. */
export interface ArrivalsRepository {
  /** This data directory's id as a workstation. */
  ownId(): string;
  /** Every workstation that is known here, by id, with those of these writers who wrote there. */
  workstations(writerIds: readonly string[]): Workstation[];
  /**
   * What of these cases arrived when, in the order of a case file. What a workstation's own writers wrote is not
   * among it, unless it came from elsewhere: it was there when they wrote it.
   */
  of(caseIds: readonly string[]): Generator<ArrivalLine, void, void>;
}
