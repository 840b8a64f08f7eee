import type { Descriptor, Settings, TestResult } from '../../shared/domain/connection.ts';
import type { ConnectionIo } from '../sources/source.ts';

/** One network to block until a moment. */
export interface BlockEntry {
  /** Canonical CIDR. */
  readonly entry: string;
  /** UTC epoch ms, whole seconds. */
  readonly expiresMs: number;
}

/** What is to be done: the whole mitigation at once, all or nothing. */
export interface BlockAction {
  readonly mitigationId: string;
  readonly entries: readonly BlockEntry[];
}

/** What a target says about an action before it is done. */
export interface TargetPreview {
  readonly diff: readonly { readonly sign: '+' | '=' | '-'; readonly text: string }[];
  readonly endKeptByTarget: boolean;
  readonly endSentence: string;
  readonly undoSentence: string;
  readonly survivesReload: 'yes' | 'no' | 'not-known';
}

/** What of an action is on the target now. */
export interface TargetStatus {
  readonly present: readonly BlockEntry[];
  readonly missing: readonly string[];
}

/** What a target can tell of traffic per client address lately, for previews. */
export interface ImpactProbe {
  readonly windowMs: number;
  /** By canonical address, requests in the window; `usual` is what the address ordinarily sends, null if unknown. */
  readonly clients: readonly {
    readonly address: string;
    readonly requests: number;
    readonly usual: number | null;
  }[];
  readonly totalRequests: number;
  readonly estimated: boolean;
}

/**
 * Where countermeasures take effect. `apply` is idempotent: the same action twice leaves one set of entries.
 * Every method throws WatchfloorError (`unavailable`, `timed-out`, `refused`) when the target cannot be asked
 * or says no; a refusal means that nothing of the action is in force.
 */
export interface Target {
  preview(action: BlockAction, io: ConnectionIo): Promise<TargetPreview>;
  apply(action: BlockAction, io: ConnectionIo): Promise<void>;
  /** Reads the target back. */
  verify(action: BlockAction, io: ConnectionIo): Promise<TargetStatus>;
  /** Takes the action's entries away; those already gone are fine. */
  revert(action: BlockAction, io: ConnectionIo): Promise<void>;
  /** Everything of ours on the target, for reconciliation and orphans. */
  list(io: ConnectionIo): Promise<readonly BlockEntry[]>;
  /** Clients seen by the target itself, or null where it cannot tell. */
  impact(io: ConnectionIo): Promise<ImpactProbe | null>;
  test(io: ConnectionIo): Promise<TestResult>;
  /** Addresses at which the target is managed: never blocked. */
  managementAddresses(): readonly string[];
}

export interface TargetKind {
  readonly descriptor: Descriptor;
  create(settings: Settings): Target;
}
