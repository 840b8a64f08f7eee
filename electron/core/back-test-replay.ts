import {
  compareFindings,
  findingsOf,
  outcomeOf,
  replaySignal,
  type SignalReplay,
  warmUpMs,
} from '../../shared/detection/back-test.ts';
import type { BackTestRequest, BackTestResult } from '../../shared/domain/back-test.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Signal } from '../../shared/domain/signal.ts';
import { dayMs, minuteMs } from '../../shared/domain/time.ts';
import { createRangeNetwork, rangeSignalKeys } from '../../shared/testing/range-network.ts';
import { type Attack, drawAttack, scenarioCatalogue, serviceStateAt } from '../../shared/testing/scenario.ts';
import type { Store } from '../db/index.ts';
import { factsOf } from './detection.ts';

/** What comes before the range is replayed at this distance, as the first contact with a source reads its history. */
const warmUpStepMs = 5 * minuteMs;
/** A range with more samples than this is replayed by its five-minute means: minutes of work, and no more is seen. */
const mostSamples = 6_000_000;
/** Samples in memory at once: a day of one signal at most. */
const stretchMs = dayMs;
const mostMoments = 1_000;
/** Changes kept of one setting; whoever raises more than this has learned what there is to learn. */
const mostChanges = 200_000;
/** How long before the end of the range a scenario begins. */
const scenarioLeadMs = 20 * minuteMs;

export interface ReplayProgress {
  readonly done: number;
  readonly total: number;
}

interface PlayedScenario {
  readonly attack: Attack;
  readonly label: string;
  /** What the scenario makes of a stored value. */
  change(signal: Signal, timeMs: number, value: number): number;
}

/** Lays a scenario over the stored traffic of the first signal's service: in proportion, so that the store's noise stays. */
function playScenario(
  store: Store,
  request: BackTestRequest,
  signals: readonly Signal[],
): PlayedScenario | null {
  if (request.scenario === null) return null;
  const { name, seed } = request.scenario;
  const source = store.connections.list('source').find(({ kind }) => kind === 'range');
  const network = createRangeNetwork(typeof source?.settings.seed === 'number' ? source.settings.seed : 1);
  const service = network.services.find(({ key }) => signals[0]?.key.startsWith(`${key}/`));
  const entry = scenarioCatalogue.find((each) => each.name === name);
  if (source === undefined || service === undefined || entry === undefined) {
    throw new WatchfloorError(
      'bad-input',
      'Scenarios can be played into signals of the range alone. Choose some of those, or replay without one.',
    );
  }
  const startMs = Math.max(request.fromMs, request.toMs - scenarioLeadMs);
  const drawn = drawAttack(network, { scenario: name, customerName: null, startMs, speed: 1, draw: seed });
  const attack: Attack = { ...drawn, serviceKey: service.key };
  return {
    attack,
    label: entry.label,
    change(signal, timeMs, value) {
      const key = rangeSignalKeys.find((each) => signal.key === `${service.key}/${each}`);
      if (key === undefined || timeMs < attack.startMs || timeMs >= attack.endMs) return value;
      const quiet = serviceStateAt(service, timeMs, [], [])[key];
      const loud = serviceStateAt(service, timeMs, [attack], [])[key];
      return quiet > 0 ? (value * loud) / quiet : value + loud;
    },
  };
}

/**
 * Replays the engine over stored samples: one signal after the other, a day at a time, so that memory does not grow
 * with the range. Reads alone.
 * @throws WatchfloorError `not-found` for a signal that is not there, `bad-input` for a range that cannot be replayed
 */
export function replayHistory(
  store: Store,
  request: BackTestRequest,
  onProgress: (progress: ReplayProgress) => void,
): BackTestResult {
  const { fromMs } = request;
  if (!(request.toMs > fromMs)) throw new WatchfloorError('bad-input', 'A range ends after it starts.');
  const signals = [...new Set(request.signalIds)].map((id) => {
    const signal = store.signals.get(id);
    if (signal === null)
      throw new WatchfloorError('not-found', 'A signal of this back-test is not there any more.', id);
    return signal;
  });
  const scenario = playScenario(store, request, signals);
  const wanted = signals.reduce((sum, { stepMs }) => sum + (request.toMs - fromMs) / stepMs, 0);
  const meansMs = wanted > mostSamples ? warmUpStepMs : null;
  // A mean stands at its interval's end, and the last one may not have ended yet.
  const toMs =
    meansMs === null ? request.toMs : Math.max(fromMs, Math.floor(request.toMs / meansMs) * meansMs);
  const settings = request.b === null ? [request.a] : [request.a, request.b];
  const raised: SignalReplay['changes'][number][][] = settings.map(() => []);
  const silentSignalIds: string[] = [];
  const warmUps: number[] = [];
  let samples = 0;

  signals.forEach((signal, index) => {
    const days = Math.max(1, Math.ceil((toMs - fromMs + warmUpMs) / stretchMs));
    const facts = factsOf(signal);
    const replays = settings.map((choices) => replaySignal(facts, choices, fromMs));
    let inRange = 0;
    const feed = (
      stretch: { readonly timesMs: readonly number[]; readonly values: readonly (number | null)[] },
      isRange: boolean,
    ) => {
      stretch.timesMs.forEach((timeMs, at) => {
        const stored = stretch.values[at] ?? null;
        const value =
          isRange && stored !== null && scenario !== null ? scenario.change(signal, timeMs, stored) : stored;
        for (const replay of replays) replay.step(timeMs, value);
        samples += 1;
        if (isRange && stored !== null) inRange += 1;
      });
    };
    const warmFromMs = Math.floor((fromMs - warmUpMs) / warmUpStepMs) * warmUpStepMs;
    let done = 0;
    const tell = () => {
      done += 1;
      onProgress({ done: Math.min(index + done / days, index + 1), total: signals.length });
    };
    const isCoarse = signal.stepMs >= warmUpStepMs;
    for (let from = warmFromMs; from < fromMs; from += stretchMs) {
      const until = Math.min(from + stretchMs, fromMs);
      feed(
        isCoarse
          ? store.samples.read(signal.id, from, until - 1)
          : store.samples.means(signal.id, from, until, warmUpStepMs),
        false,
      );
      tell();
    }
    for (let from = fromMs; from < toMs; from += stretchMs) {
      const until = Math.min(from + stretchMs, toMs);
      feed(
        isCoarse || meansMs === null
          ? store.samples.read(signal.id, from, until - 1)
          : store.samples.means(signal.id, from, until, meansMs),
        true,
      );
      tell();
    }
    if (inRange === 0) silentSignalIds.push(signal.id);
    else {
      const firstMs = store.samples.firstMs(signal.id) ?? fromMs;
      warmUps.push(Math.max(0, Math.min(warmUpMs, fromMs - firstMs)));
    }
    replays.forEach(({ changes }, which) => {
      raised[which]?.push(...changes);
    });
    if (raised.some((changes) => changes.length > mostChanges)) {
      throw new WatchfloorError(
        'too-large',
        'This raises too much to list. Choose fewer signals or a shorter range, or a setting that raises less.',
      );
    }
    onProgress({ done: index + 1, total: signals.length });
  });

  const range = { fromMs, toMs };
  const [a = [], b = null] = [raised[0], request.b === null ? null : (raised[1] ?? [])];
  const moments = compareFindings(findingsOf(a), b === null ? [] : findingsOf(b));
  return {
    fromMs,
    toMs,
    meansMs,
    samples,
    warmUp: {
      leastMs: warmUps.length === 0 ? 0 : Math.min(...warmUps),
      mostMs: warmUps.length === 0 ? 0 : Math.max(...warmUps),
    },
    silentSignalIds,
    a: outcomeOf(a, range),
    b: b === null ? null : outcomeOf(b, range),
    agreement: {
      both: moments.filter((moment) => moment.a !== null && moment.b !== null).length,
      onlyA: moments.filter((moment) => moment.b === null).length,
      onlyB: moments.filter((moment) => moment.a === null).length,
    },
    moments: moments.slice(0, mostMoments),
    momentsLeftOut: Math.max(0, moments.length - mostMoments),
    scenario:
      scenario === null
        ? null
        : { label: scenario.label, startMs: scenario.attack.startMs, endMs: scenario.attack.endMs },
  };
}
