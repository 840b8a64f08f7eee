import type { AuditHeader } from '../../../shared/domain/entry-chain.ts';
import type { Writer } from './writers.ts';

export interface AuditRow {
  readonly sequence: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly action: string;
  readonly sentence: string;
  readonly hash: string;
}

/** An audit row with its writer's signature (base64) and the key that verifies it. */
export interface SignedAuditRow extends AuditHeader {
  readonly hash: string;
  readonly signature: string;
  readonly publicKey: string;
}

export interface AuditRepository {
  append(
    writer: Writer,
    entry: { readonly action: string; readonly sentence: string; readonly details?: unknown },
  ): AuditRow;
  /** Newest first. */
  list(limit: number): AuditRow[];
  /** What was logged of mitigations, by their ids, oldest first, with what verifies it. */
  aboutMitigations(ids: readonly string[]): Map<string, SignedAuditRow[]>;
  verify(): { readonly ok: boolean; readonly sentence: string };
}
