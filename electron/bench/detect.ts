import { createDetector, restoreDetector } from '../../shared/detection/detector.ts';
import type { Detector, SignalFacts } from '../../shared/detection/engine.ts';
import { eventIdOf } from '../../shared/detection/finding-track.ts';
import { factsOfSeries, judgeSample, judgeSeries } from '../../shared/detection/judge-series.ts';
import { dayMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { makeSeries } from '../../shared/testing/series.ts';
import { fixturePath, missingFixture } from '../testing/fixtures.ts';
import { type BenchResult, median, say } from './bench.ts';
import { eventScore, readMicrosoft } from './detect/microsoft.ts';
import { nabProfiles, nabScore, nabSwept, readNab } from './detect/nab.ts';
import { measureServices } from './detect/services.ts';
import {
  type DetectorFactory,
  type FaultName,
  faultNames,
  measureTraffic,
  readTraffic,
} from './detect/worldcup.ts';

const injections = 40;
const injectionSeeds = [1, 2, 3];

/** The part of the figures that one set of data gives, with its goals. */
interface Part {
  readonly figures: Readonly<Record<string, number>>;
  readonly goals: BenchResult['goals'];
}

const nothing: Part = { figures: {}, goals: {} };

function raisedIndices(raised: readonly boolean[]): number[] {
  return raised.flatMap((isRaised, index) => (isRaised ? [index] : []));
}

function measureNab(folder: string): Part {
  const corpus = readNab(folder).map((series) => ({
    series,
    judged: judgeSeries(series.timesMs, series.values, series.name),
  }));
  const scores = corpus.map(({ series, judged }) => ({
    series,
    scores: judged.map(({ informationalScore }) => informationalScore),
  }));
  const notified = corpus.map(({ series, judged }) => ({
    series,
    alerts: raisedIndices(judged.map((each) => each.isActionableRaised || each.isInformationalRaised)),
  }));
  return {
    figures: {
      nab_swept_standard: nabSwept(scores, nabProfiles.standard).score,
      nab_swept_low_fp: nabSwept(scores, nabProfiles.low_fp).score,
      nab_swept_low_fn: nabSwept(scores, nabProfiles.low_fn).score,
      nab_notified_standard: nabScore(notified, nabProfiles.standard),
    },
    goals: {
      nab_swept_standard: { min: 70 },
      nab_swept_low_fp: { min: 62 },
      nab_swept_low_fn: { min: 75 },
      nab_notified_standard: { min: 62 },
    },
  };
}

function measureMicrosoft(folder: string): Part {
  const { precision, recall, f1 } = eventScore(
    readMicrosoft(folder).map((series) => ({
      labels: series.labels,
      raised: judgeSeries(series.timesMs, series.values, series.name).map(
        (each) => each.isActionableRaised || each.isInformationalRaised,
      ),
    })),
  );
  return {
    figures: { microsoft_precision: precision, microsoft_recall: recall, microsoft_f1: f1 },
    goals: { microsoft_f1: { min: 0.48 } },
  };
}

function measured(detector: Detector) {
  const called = new Set<string>();
  return {
    step(timeMs: number, value: number) {
      const raised = detector
        .step(timeMs, value)
        .changes.filter(
          ({ change, finding }) =>
            finding.lane === 'actionable' && (change === 'opened' || change === 'escalated'),
        );
      const isActionableOpened = raised.some(({ finding }) => !called.has(eventIdOf(finding.id)));
      for (const { finding } of raised) called.add(eventIdOf(finding.id));
      return { isActionableRaised: raised.length > 0, isActionableOpened };
    },
    serialize: () => detector.serialize(),
  };
}

const factory: DetectorFactory = {
  create: (stepMs) => measured(createDetector(factsOfSeries('traffic', [0, stepMs]))),
  restore: (stepMs, state) => measured(restoreDetector(factsOfSeries('traffic', [0, stepMs]), state)),
};

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function measureWorldCup(path: string): Part {
  const coarse = injectionSeeds.map((seed) =>
    measureTraffic(readTraffic(path, 5 * minuteMs), factory, injections, seed),
  );
  const fine = injectionSeeds.map((seed) =>
    measureTraffic(readTraffic(path, minuteMs), factory, injections, seed),
  );
  const caught = (name: FaultName) => mean(coarse.map(({ caughtPercent }) => caughtPercent[name]));
  const delay = (name: FaultName) => median(fine.map(({ medianDelaySamples }) => medianDelaySamples[name]));
  return {
    figures: {
      ...Object.fromEntries(faultNames.map((name) => [`worldcup_${name}_caught_percent`, caught(name)])),
      worldcup_1min_outage_median_delay_samples: delay('outage'),
      worldcup_1min_times10_median_delay_samples: delay('times10'),
      worldcup_5min_false_incidents_per_day: coarse[0]?.falseIncidentsPerDay ?? Number.NaN,
      worldcup_1min_false_incidents_per_day: fine[0]?.falseIncidentsPerDay ?? Number.NaN,
      worldcup_5min_false_notifications_per_day: coarse[0]?.falseRaisedPerDay ?? Number.NaN,
      worldcup_1min_false_notifications_per_day: fine[0]?.falseRaisedPerDay ?? Number.NaN,
    },
    goals: {
      worldcup_outage_caught_percent: { min: 100 },
      worldcup_fall70_caught_percent: { min: 97 },
      worldcup_times10_caught_percent: { min: 100 },
      worldcup_times3_caught_percent: { min: 80 },
      worldcup_plus50_caught_percent: { min: 25 },
      worldcup_1min_outage_median_delay_samples: { max: 2 },
      worldcup_1min_times10_median_delay_samples: { max: 2 },
      worldcup_5min_false_incidents_per_day: { max: 0.1 },
      worldcup_1min_false_incidents_per_day: { max: 0.1 },
    },
  };
}

function measureSpeed(): Part {
  const startMs = Date.UTC(2026, 2, 18, 14);
  const shape = { seed: 1, level: 600, swing: 0.6, noise: 0.05 };
  const history = makeSeries({ ...shape, fromMs: startMs - 60 * dayMs, toMs: startMs, stepMs: 5 * minuteMs });
  const live = makeSeries({
    ...shape,
    fromMs: startMs + secondMs,
    toMs: startMs + 60_000 * secondMs,
    stepMs: secondMs,
  });
  const facts: SignalFacts = { ...factsOfSeries('signal', [0, secondMs]), unit: 'requests/s' };
  const runs = [1, 2, 3, 4, 5].map(() => {
    const detector = createDetector(facts);
    const rateOver = (points: typeof history) => {
      const beganMs = performance.now();
      for (const { timeMs, value } of points) judgeSample(detector, timeMs, value);
      return points.length / ((performance.now() - beganMs) / 1000);
    };
    return {
      history: rateOver(history),
      live: rateOver(live),
      bytes: JSON.stringify(detector.serialize()).length,
    };
  });
  return {
    figures: {
      // The best of five: what else runs on the machine, or is not compiled yet, only ever takes away.
      five_minute_samples_per_second: Math.max(...runs.map((run) => run.history)),
      one_second_samples_per_second: Math.max(...runs.map((run) => run.live)),
      state_bytes: Math.max(...runs.map((run) => run.bytes)),
    },
    goals: {
      five_minute_samples_per_second: { min: 100_000 },
      one_second_samples_per_second: { min: 100_000 },
      state_bytes: { max: 64_000 },
    },
  };
}

function withFixture(parts: readonly string[], measure: (path: string) => Part): Part {
  const path = fixturePath('detection', ...parts);
  if (path === null) {
    say(missingFixture('detection', ...parts));
    return nothing;
  }
  say(`detect: ${parts.join('/')}`);
  return measure(path);
}

/** The detector as it ships, on recorded data with labels, on real traffic with faults put in, and its speed. */
export async function runDetectBench(): Promise<BenchResult> {
  const parts = [
    measureSpeed(),
    withFixture(['nab-a'], measureNab),
    withFixture(['microsoft-a'], measureMicrosoft),
    withFixture(['worldcup98-first-40-days.csv'], measureWorldCup),
    withFixture(['services-a'], (folder) => {
      const { precision, recall, f1 } = measureServices(folder);
      return {
        figures: { services_precision: precision, services_recall: recall, services_f1: f1 },
        goals: {},
      };
    }),
  ];
  return {
    figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
    goals: Object.assign({}, ...parts.map(({ goals }) => goals)),
  };
}
