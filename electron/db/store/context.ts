import type { ContextInput } from '../../sources/source.ts';

export interface ContextRow {
  readonly id: string;
  readonly timeMs: number;
  readonly type: string;
  readonly summary: string;
  readonly raw: string;
}

export interface ContextRepository {
  /** At most once each by source and identity. Returns how many were new. */
  append(sourceId: string, inputs: readonly ContextInput[], receivedMs: number): number;
  /** Newest first: rows of these correlation keys or addresses within the times. */
  find(input: {
    readonly correlationKeys?: readonly string[];
    readonly addresses?: readonly string[];
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  }): ContextRow[];
  /** By the correlation keys of the alert's occurrences, then by its addresses around its time. */
  forAlert(alertId: string, limit: number): ContextRow[];
  /** Rows linked to a case are never pruned. */
  linkToCase(ids: readonly string[], caseId: string): void;
  /** Forgets the oldest received until the budget holds. Returns how many rows went. */
  prune(budgetBytes: number): number;
  sizeBytes(): number;
}
