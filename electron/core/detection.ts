import { createDetector, restoreDetector } from '../../shared/detection/detector.ts';
import type { Detector, FindingChange, SignalFacts } from '../../shared/detection/engine.ts';
import {
  isJudgedByRulesAlone,
  judgeSignalRules,
  type SignalRulesState,
  signalRulesStart,
} from '../../shared/detection/signal-rules.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Signal } from '../../shared/domain/signal.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { textSeed, uniform } from '../../shared/testing/random.ts';
import type { Store } from '../db/index.ts';

/** How much sample time may pass before a detector's state is stored again; a restart replays what came after. */
const stateEveryMs = 5 * minuteMs;

export interface JudgedSeries {
  readonly expected: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Whether the baseline reached another state (learning, warm, seasonal). */
  readonly baselineChanged: boolean;
  readonly findings: readonly JudgedChange[];
}

/** What changed about a finding, and with which sample. */
export interface JudgedChange extends FindingChange {
  readonly sampleMs: number;
}

/** The detectors of all signals: in memory, restored from the store when first needed. */
export interface Detection {
  /** Judges new samples in time order and stores what changed. Runs inside the transaction that stores the samples. */
  judge(signal: Signal, timesMs: readonly number[], values: readonly (number | null)[]): JudgedSeries;
  /** Forgets what is in memory: after a rolled-back transaction the stored state is the true one. */
  forget(signalId: string): void;
  factsOf(signal: Signal): SignalFacts;
}

/** What is stored of a signal: its detector's state and what the rules remember. */
interface StoredState {
  readonly detector: unknown;
  /** Those of a rule are absent in what was stored before there was that rule. */
  readonly rules?: Partial<SignalRulesState>;
}

interface Held {
  readonly detector: Detector;
  rules: SignalRulesState;
  /** From which sample time on the state is stored again. */
  storeDueMs: number;
  baselineState: Signal['baselineState'];
}

/** A share of a beat, 0 to 1, that belongs to a signal: thousands of them do not store their states in one moment. */
const shareOf = (signalId: string): number => uniform(textSeed(signalId));

function restoreOrNull(facts: SignalFacts, state: unknown): Detector | null {
  try {
    return restoreDetector(facts, state);
  } catch (thrown) {
    if (thrown instanceof WatchfloorError && thrown.code === 'bad-input') return null;
    throw thrown;
  }
}

/** What the engine must know of a signal. */
export function factsOf(signal: Signal): SignalFacts {
  return {
    id: signal.id,
    customerId: signal.customerId,
    serviceId: signal.serviceId,
    name: signal.name,
    unit: signal.unit,
    stage: signal.stage,
    layer: signal.layer,
    measure: signal.measure,
    stepMs: signal.stepMs,
  };
}

export function createDetection(store: Store): Detection {
  const held = new Map<string, Held>();

  function load(signal: Signal): Held {
    const known = held.get(signal.id);
    if (known) return known;
    const stored = store.signals.detectorState(signal.id);
    const facts = factsOf(signal);
    // Written by this module alone, for this signal.
    const state = stored?.state as StoredState | undefined;
    const restored = state ? restoreOrNull(facts, state.detector) : null;
    const detector = restored ?? createDetector(facts);
    let rules: SignalRulesState = { ...signalRulesStart, ...state?.rules };
    if (stored) {
      // Samples that were committed after the state was: seen again they give the findings that are stored already.
      // A state of another version is of no use: then all that is stored is learned again.
      const fromMs = restored ? stored.atMs + 1 : 0;
      const later = store.samples.read(signal.id, fromMs, Number.MAX_SAFE_INTEGER);
      later.timesMs.forEach((timeMs, index) => {
        const value = later.values[index] ?? null;
        detector.step(timeMs, value);
        rules = judgeSignalRules(facts, rules, { timeMs, value }).state;
      });
    }
    const made: Held = {
      detector,
      rules,
      storeDueMs:
        stored === null ? Number.NEGATIVE_INFINITY : stored.atMs + stateEveryMs * shareOf(signal.id),
      baselineState: signal.baselineState,
    };
    held.set(signal.id, made);
    return made;
  }

  return {
    factsOf,
    forget: (signalId) => {
      held.delete(signalId);
    },
    judge(signal, timesMs, values) {
      const state = load(signal);
      const facts = factsOf(signal);
      const isRuled = isJudgedByRulesAlone(facts);
      const expected: (number | null)[] = [];
      const low: (number | null)[] = [];
      const high: (number | null)[] = [];
      const findings: JudgedChange[] = [];
      for (let index = 0; index < timesMs.length; index += 1) {
        const sampleMs = timesMs[index] ?? 0;
        const value = values[index] ?? null;
        const judgement = state.detector.step(sampleMs, value);
        const ruled = judgeSignalRules(facts, state.rules, { timeMs: sampleMs, value });
        state.rules = ruled.state;
        expected.push(judgement.band?.expected ?? null);
        low.push(judgement.band?.low ?? null);
        high.push(judgement.band?.high ?? null);
        for (const change of isRuled ? ruled.changes : [...judgement.changes, ...ruled.changes]) {
          findings.push({ ...change, sampleMs });
        }
      }
      // Of one finding only its last state in this batch needs storing.
      const latest = new Map(findings.map((each) => [each.finding.id, each.finding]));
      for (const finding of latest.values()) store.findings.upsert(finding);
      let baselineChanged = false;
      const lastMs = timesMs.at(-1);
      if (lastMs !== undefined) {
        baselineChanged = state.detector.baselineState !== state.baselineState;
        const turned = findings.some(({ change }) => change !== 'updated');
        if (baselineChanged || turned || lastMs >= state.storeDueMs) {
          store.signals.setDetectorState(
            signal.id,
            {
              detector: state.detector.serialize(),
              rules: state.rules,
            } satisfies StoredState,
            lastMs,
          );
          const first = state.storeDueMs === Number.NEGATIVE_INFINITY;
          state.storeDueMs = lastMs + stateEveryMs * (first ? shareOf(signal.id) : 1);
          store.signals.setBaseline(signal.id, state.detector.baselineState, state.detector.historyMs);
          state.baselineState = state.detector.baselineState;
        }
      }
      return { expected, low, high, baselineChanged, findings };
    },
  };
}
