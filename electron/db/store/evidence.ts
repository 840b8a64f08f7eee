import type { EvidenceKey } from '../evidence-seal.ts';

/** Evidence that grows piece by piece, out of sight until it is adopted. */
export interface EvidenceDraft {
  /** Returns when the bytes before these are written: these must stay as they are until the next call. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more is written: lets the file go. */
  close(): Promise<void>;
  /** Makes it durable under the SHA-256 (hex) that the caller found the bytes to have. */
  finish(sha256: string): Promise<{ readonly sha256: string; readonly sizeBytes: number }>;
  discard(): Promise<void>;
}

/** A file of evidence, and the key that opens it; null where it lies plain. */
export interface EvidencePlace {
  readonly path: string;
  readonly key: EvidenceKey | null;
  /** Of the evidence. */
  readonly sizeBytes: number;
}

export interface EvidenceRepository {
  /**
   * The keys that are known here, the one to write with first. Without any, evidence is written plain, in files that
   * only their owner can read, and what is encrypted already cannot be read.
   */
  setKeys(keys: readonly EvidenceKey[]): void;
  /** Stores bytes under their SHA-256 (hex), durably before it returns. The same bytes twice are one. */
  put(bytes: Uint8Array): { readonly sha256: string; readonly sizeBytes: number };
  /**
   * null where they are not there; `verified` says whether the bytes still have that hash.
   * @throws WatchfloorError `unavailable` where the key is not known here, `storage` where an encrypted file was changed
   */
  read(sha256: string): { readonly bytes: Uint8Array; readonly verified: boolean } | null;
  begin(): Promise<EvidenceDraft>;
  /**
   * Takes finished drafts in and does `work` in the same transaction: both are there, or, also after a crash, neither.
   * Evidence that is here already, and can be read, stays as it is.
   */
  adopt<T>(drafts: readonly EvidenceDraft[], work: () => T): T;
  /**
   * Evidence of any size, its bytes as often as they are asked for, in pieces that are good until the one after the
   * next is asked for; null where it is not there or its key is not known here. What an encrypted file gives is
   * authentic; whether a plain one still has its hash is for the reader to see.
   */
  open(sha256: string): {
    readonly sizeBytes: number;
    /** For another thread. */
    readonly place: EvidencePlace;
    chunks(): AsyncGenerator<Buffer, void, void>;
  } | null;
  /** How the evidence lies on the disk: counts, and SHA-256s (hex). */
  census(): EvidenceCensus;
  /** What cases call these. */
  namesOf(
    sha256s: readonly string[],
  ): { readonly sha256: string; readonly name: string; readonly caseId: string }[];
  /**
   * Puts an encrypted file in the place of a plain one, in small steps: a crash at any moment leaves one of the two
   * whole, or both.
   * @param onStep told before each step; what it throws ends the work, and the plain file stays
   * @returns `damaged` where the plain file has not its hash any more: it stays. `gone`: there is nothing to do
   */
  encryptPlain(
    sha256: string,
    onStep: (step: 'writing' | 'before-rename' | 'before-removal') => void,
  ): Promise<'encrypted' | 'damaged' | 'gone'>;
}

export interface EvidenceCensus {
  readonly encrypted: number;
  readonly plain: readonly string[];
  /** Encrypted with keys that are not known here, and not there otherwise. */
  readonly unreadable: readonly string[];
}
