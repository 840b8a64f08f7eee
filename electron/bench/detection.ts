import { createDetector } from '../../shared/detection/detector.ts';
import { type ScenarioName, scenarioNames } from '../../shared/domain/range.ts';
import { dayMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { createRangeNetwork } from '../../shared/testing/range-network.ts';
import { quietly, rangeHistoryMs, watchRangeService } from '../../shared/testing/range-watch.ts';
import { drawAttack } from '../../shared/testing/scenario.ts';
import { makeSeries } from '../../shared/testing/series.ts';
import { fixturePath, missingFixture } from '../testing/fixtures.ts';
import { type BenchResult, median, say } from './bench.ts';
import { measureTraffic, readTraffic } from './worldcup.ts';

const startMs = Date.UTC(2026, 2, 18, 14);
/** Not the seeds of the tests, nor the one that a new range has. */
const scenarioSeeds = [21, 22, 23];
const quietSeeds = [31, 32];
const quietDays = 4;

function measureSpeed(): Record<string, number> {
  const history = makeSeries({
    seed: 1,
    fromMs: startMs - 60 * dayMs,
    toMs: startMs,
    stepMs: 5 * minuteMs,
    level: 600,
    swing: 0.6,
    noise: 0.05,
  });
  const live = makeSeries({
    seed: 1,
    fromMs: startMs + secondMs,
    toMs: startMs + 20_000 * secondMs,
    stepMs: secondMs,
    level: 600,
    swing: 0.6,
    noise: 0.05,
  });
  const rates = [1, 2, 3, 4, 5].map(() => {
    const detector = createDetector({
      id: 'signal',
      customerId: 'customer',
      serviceId: 'service',
      name: 'HTTP requests',
      unit: 'requests/s',
      stage: 'edge',
      layer: 'L7',
      measure: 'rate',
      stepMs: secondMs,
    });
    const timed = (points: typeof history) => {
      const beganMs = performance.now();
      for (const { timeMs, value } of points) detector.step(timeMs, value);
      return points.length / ((performance.now() - beganMs) / 1000);
    };
    const historyRate = timed(history);
    return { history: historyRate, live: timed(live), bytes: JSON.stringify(detector.serialize()).length };
  });
  return {
    // The best of five: what else runs on the machine only ever takes away.
    history_samples_per_second: Math.max(...rates.map((rate) => rate.history)),
    live_samples_per_second: Math.max(...rates.map((rate) => rate.live)),
    state_bytes: rates[0]?.bytes ?? Number.NaN,
  };
}

/** Seconds from the start of a scenario until a person is called; null when none is. */
function secondsToCall(scenario: ScenarioName, seed: number): number | null {
  const network = createRangeNetwork(seed);
  const attack = drawAttack(network, {
    scenario,
    customerName: null,
    startMs: startMs + 6 * minuteMs,
    speed: 1,
    draw: seed,
  });
  const service = network.services.find(({ key }) => key === attack.serviceKey);
  if (service === undefined) return null;
  const watch = watchRangeService(service);
  watch.learn(startMs - rangeHistoryMs, startMs);
  watch.live(startMs + secondMs, attack.endMs, secondMs, {
    attacks: [attack],
    blocksAt: quietly.blocksAt,
    breakdowns: true,
  });
  // While the signals of one second come one by one, an incident passes through states that nobody sees.
  const seen = watch.told.filter(({ timeMs }, index) => watch.told[index + 1]?.timeMs !== timeMs);
  const call = seen.find(({ incident }) => incident.lane === 'actionable');
  return call === undefined ? null : (call.timeMs - attack.startMs) / secondMs;
}

function measureScenarios(): Record<string, number> {
  const attacks = scenarioNames.filter((name) => name !== 'flash-crowd');
  const calls = attacks.flatMap((name) => scenarioSeeds.map((seed) => secondsToCall(name, seed)));
  const crowds = scenarioSeeds.map((seed) => secondsToCall('flash-crowd', seed));
  const called = calls.filter((seconds) => seconds !== null);
  return {
    range_scenarios_called_percent: (called.length / calls.length) * 100,
    range_median_seconds_to_call: median(called),
    range_worst_seconds_to_call: Math.max(...called),
    range_flash_crowds_called: crowds.filter((seconds) => seconds !== null).length,
  };
}

function measureQuiet(): Record<string, number> {
  let findings = 0;
  let signalDays = 0;
  const calls = new Set<string>();
  for (const seed of quietSeeds) {
    for (const service of createRangeNetwork(seed).services) {
      const watch = watchRangeService(service);
      watch.learn(startMs - rangeHistoryMs, startMs);
      watch.live(startMs + 10 * secondMs, startMs + quietDays * dayMs, 10 * secondMs, quietly);
      findings += watch.findings.filter(({ lane }) => lane === 'actionable').length;
      signalDays += 14 * quietDays;
      for (const { incident } of watch.told) {
        if (incident.lane === 'actionable') calls.add(`${seed}/${incident.id}`);
      }
    }
  }
  return {
    range_quiet_actionable_findings_per_signal_day: findings / signalDays,
    range_quiet_actionable_incidents: calls.size,
  };
}

function measureRealTraffic(): BenchResult {
  const path = fixturePath('detection', 'worldcup98-first-40-days.csv');
  if (path === null) {
    say(missingFixture('detection', 'worldcup98-first-40-days.csv'));
    return { figures: {}, goals: {} };
  }
  const {
    findings,
    quietDays: days,
    actionableIncidents,
    foundPercent,
  } = measureTraffic(readTraffic(path), 80);
  return {
    figures: {
      worldcup_outage_found_percent: foundPercent.outage,
      worldcup_fall70_found_percent: foundPercent.fall70,
      worldcup_times10_found_percent: foundPercent.times10,
      worldcup_times3_found_percent: foundPercent.times3,
      worldcup_plus50_found_percent: foundPercent.plus50,
      worldcup_findings_per_day: findings.length / days,
      worldcup_actionable_incidents_per_day: actionableIncidents / days,
    },
    goals: {
      worldcup_outage_found_percent: { min: 100 },
      worldcup_fall70_found_percent: { min: 85 },
      worldcup_times10_found_percent: { min: 95 },
      worldcup_times3_found_percent: { min: 75 },
      // What is left are surges of 7 and 25 times that the record really has: two in 28 days.
      worldcup_actionable_incidents_per_day: { max: 0.1 },
    },
  };
}

/** Speed of the detector, what it finds in real traffic with faults put in, and what it makes of the range. */
export async function runDetectionBench(): Promise<BenchResult> {
  const speed = measureSpeed();
  say('detection: real traffic with faults put in');
  const traffic = measureRealTraffic();
  say('detection: scenarios on the range');
  const scenarios = measureScenarios();
  say('detection: quiet days on the range');
  const quiet = measureQuiet();
  return {
    figures: { ...speed, ...traffic.figures, ...scenarios, ...quiet },
    goals: {
      history_samples_per_second: { min: 100_000 },
      live_samples_per_second: { min: 200_000 },
      state_bytes: { max: 4_000 },
      range_scenarios_called_percent: { min: 100 },
      range_worst_seconds_to_call: { max: 120 },
      range_flash_crowds_called: { max: 0 },
      range_quiet_actionable_findings_per_signal_day: { max: 0.1 },
      range_quiet_actionable_incidents: { max: 0 },
      ...traffic.goals,
    },
  };
}
