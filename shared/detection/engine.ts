import type { BaselineState, Finding, Layer, Measure, Stage } from '../domain/signal.ts';

/** What the engine must know of a signal to judge it. */
export interface SignalFacts {
  readonly id: string;
  readonly customerId: string;
  readonly serviceId: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
  readonly stepMs: number;
}

/** What is expected of the next sample: the centre and the band around it, in the signal's unit. */
export interface Band {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** A lane notifies when a finding opens or escalates; the rest is told quietly. */
export type FindingChangeKind = 'opened' | 'escalated' | 'updated' | 'closed';

/** A finding as it stands after a sample, and what happened to it. */
export interface FindingChange {
  readonly finding: Finding;
  readonly change: FindingChangeKind;
}

/** What one sample gave: the band that stood before it was seen, and what changed about findings. */
export interface Judgement {
  /** null while there is not enough history to expect anything. */
  readonly band: Band | null;
  /** What changed about the findings of both lanes; empty for most samples. */
  readonly changes: readonly FindingChange[];
  /** How improbable the sample is as something that needs a person, as -log10 of a tail probability. */
  readonly actionableScore: number;
  /** How much of it is new in level, spread, distribution or shape, on the same scale. */
  readonly informationalScore: number;
}

/**
 * One signal's detector: pure state in, state out, no clock, no I/O. `serialize` gives JSON-safe state from which
 * `restore` resumes exactly: the same samples give the same judgements however they were cut.
 */
export interface Detector {
  /** @param value null is a gap. Late or duplicate samples (time not after the last) are ignored. */
  step(timeMs: number, value: number | null): Judgement;
  readonly baselineState: BaselineState;
  /** History the baseline rests on, ms. */
  readonly historyMs: number;
  /** What would be expected at a coming moment; null while learning. */
  bandAt(timeMs: number): Band | null;
  serialize(): unknown;
}
