import { z } from 'zod';
import { WatchfloorError } from '../domain/result.ts';
import type { BaselineState } from '../domain/signal.ts';
import { dayMs, hourMs } from '../domain/time.ts';
import {
  type ActionableChoices,
  ActionableLane,
  type ActionableState,
  actionableSchema,
  emptyActionable,
} from './actionable-lane.ts';
import type { Band, Detector, FindingChange, Judgement, SignalFacts } from './engine.ts';
import {
  emptyInformational,
  type InformationalChoices,
  InformationalLane,
  type InformationalState,
  informationalSchema,
} from './informational-lane.ts';

/** What of the detector may be chosen. The defaults are what the measurements rest on. */
export interface DetectorChoices extends ActionableChoices, InformationalChoices {}

/** The choices that every signal gets: there is nothing for an analyst to set. */
export const defaultChoices: DetectorChoices = {
  binMs: 30_000,
  levelMs: 840_000,
  probability: 1.4e-3,
  leastLocal: 4.5,
  leastSeasonal: 7,
  acceptMs: dayMs,
  noveltyThreshold: 2.5,
};

const version = 3;
const enormous = 1e290;
/** History and bins before anything may be actionable, and before the hour of the week is known. */
const warmMs = dayMs;
const warmBins = 96;
const seasonalMs = 7 * dayMs;

interface State {
  version: number;
  /** null before the first sample. */
  lastMs: number | null;
  historyMs: number;
  actionable: ActionableState;
  informational: InformationalState;
}

const stateSchema = z.object({
  version: z.literal(version),
  lastMs: z.number().nullable(),
  historyMs: z.number(),
  actionable: actionableSchema,
  informational: informationalSchema,
});

function emptyState(): State {
  return {
    version,
    lastMs: null,
    historyMs: 0,
    actionable: emptyActionable(),
    informational: emptyInformational(),
  };
}

const noChanges: readonly FindingChange[] = [];

function changesOf(first: FindingChange | null, second: FindingChange | null): readonly FindingChange[] {
  if (first === null) return second === null ? noChanges : [second];
  return second === null ? [first] : [first, second];
}

class SignalDetector implements Detector {
  private readonly facts: SignalFacts;
  private readonly state: State;
  private readonly actionable: ActionableLane;
  private readonly informational: InformationalLane;

  constructor(facts: SignalFacts, choices: DetectorChoices, state: State) {
    this.facts = facts;
    this.state = state;
    this.actionable = new ActionableLane(facts, choices, state.actionable);
    this.informational = new InformationalLane(facts, choices, state.informational);
  }

  get baselineState(): BaselineState {
    const { historyMs } = this.state;
    if (historyMs < warmMs || this.actionable.bins < warmBins) return 'learning';
    return historyMs >= seasonalMs && this.actionable.isSeasonKnown ? 'seasonal' : 'warm';
  }

  get historyMs(): number {
    return this.state.historyMs;
  }

  serialize(): unknown {
    // A deep copy; the state is JSON-safe by construction.
    return JSON.parse(JSON.stringify(this.state));
  }

  bandAt(timeMs: number): Band | null {
    return this.actionable.bandAt(timeMs);
  }

  step(timeMs: number, given: number | null): Judgement {
    const { state } = this;
    // Sums of a bin stay finite, whatever a source sends.
    const value = given === null ? null : Math.max(-enormous, Math.min(given, enormous));
    if (!Number.isFinite(timeMs) || (state.lastMs !== null && timeMs <= state.lastMs)) {
      return { band: null, changes: noChanges, actionableScore: 0, informationalScore: 0 };
    }
    if (value === null || given === null || !Number.isFinite(given)) {
      return { band: this.bandAt(timeMs), changes: noChanges, actionableScore: 0, informationalScore: 0 };
    }
    const sinceLastMs = state.lastMs === null ? this.facts.stepMs : timeMs - state.lastMs;
    state.lastMs = timeMs;
    state.historyMs += Math.min(sinceLastMs, 2 * hourMs);
    const { baselineState, historyMs } = this;
    const deviation = this.actionable.step(timeMs, value, sinceLastMs, baselineState, historyMs);
    const novelty = this.informational.step(timeMs, value, baselineState, historyMs);
    return {
      band: deviation.band,
      changes: changesOf(deviation.change, novelty.change),
      actionableScore: deviation.score,
      informationalScore: novelty.score,
    };
  }
}

/** A detector for a signal of which nothing is known yet. */
export function createDetector(facts: SignalFacts, choices: Partial<DetectorChoices> = {}): Detector {
  return new SignalDetector(facts, { ...defaultChoices, ...choices }, emptyState());
}

/**
 * A detector that goes on exactly where `serialize` left off.
 * @throws WatchfloorError `bad-input` when the state is not one of this version's; start a new one then
 */
export function restoreDetector(
  facts: SignalFacts,
  serialized: unknown,
  choices: Partial<DetectorChoices> = {},
): Detector {
  const parsed = stateSchema.safeParse(serialized);
  if (!parsed.success) {
    throw new WatchfloorError(
      'bad-input',
      `The stored baseline of ${facts.name} cannot be read. It is learned anew from the stored samples.`,
      z.prettifyError(parsed.error),
    );
  }
  return new SignalDetector(facts, { ...defaultChoices, ...choices }, parsed.data);
}
