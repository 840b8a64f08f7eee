import type { Analyst } from '../../../shared/domain/customer.ts';

/** Who writes: made by `writers.current` and the key store. `sign` gives the raw 64-byte Ed25519 signature. */
export interface Writer {
  readonly id: string;
  readonly name: string;
  /** base64 of the raw 32 bytes. */
  readonly publicKey: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** A writer of entries, by the key that they are verified with. */
export interface WriterKey {
  readonly writerId: string;
  /** base64 of the raw 32 bytes. */
  readonly publicKey: string;
}

export interface WritersRepository {
  analysts(): Analyst[];
  saveAnalyst(analyst: Analyst): void;
  /** The analyst who works here now, or null before the first start's question. */
  currentAnalyst(): Analyst | null;
  setCurrentAnalyst(id: string): void;
  /** The writer id of an analyst in this data directory; minted anew after a restore or copy was noticed. */
  writerId(analystId: string): string;
  /** Public keys (base64) of everybody who ever wrote here or whose entries were imported. */
  knownKeys(): string[];
}
