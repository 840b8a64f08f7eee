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

/** What one sample gave: the band that stood before it was seen, and what changed about findings. */
export interface Judgement {
  /** null while there is not enough history to expect anything. */
  readonly band: Band | null;
  /** A finding that opened, changed (escalated, new peak) or closed with this sample; null for most samples. */
  readonly finding: Finding | null;
  readonly findingChange: 'opened' | 'escalated' | 'updated' | 'closed' | null;
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
