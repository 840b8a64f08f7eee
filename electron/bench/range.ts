import type { Incident } from '../../shared/domain/incident.ts';
import { type ScenarioName, scenarioNames } from '../../shared/domain/range.ts';
import type { Stage } from '../../shared/domain/signal.ts';
import { dayMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import {
  createRangeNetwork,
  type RangeNetwork,
  type RangeService,
  rangeSignals,
} from '../../shared/testing/range-network.ts';
import {
  type LearnedPast,
  quietly,
  rangeHistoryMs,
  watchRangeService,
} from '../../shared/testing/range-watch.ts';
import { type Attack, amplifierOf, drawAttack } from '../../shared/testing/scenario.ts';
import { type BenchResult, median, say } from './bench.ts';

const startMs = Date.UTC(2026, 2, 18, 14);
/** Not the seeds of the tests, nor the one that a new range has. */
const networkSeeds = [21, 22, 23, 24, 25];
const drawsEach = 20;
const quietSeeds = [31, 32];
const quietDays = 4;
/** Live time before an attack begins. */
const calmMs = 6 * minuteMs;

/** What each scenario is, told by who made it; where several stages feel it in the same second, any of them is first. */
const truth: Readonly<
  Record<
    Exclude<ScenarioName, 'flash-crowd'>,
    { title: RegExp | ((attack: Attack) => RegExp); stages: readonly Stage[] }
  >
> = {
  'syn-flood': { title: /^SYN flood$/, stages: ['network'] },
  'udp-amplification': {
    title: (attack) => new RegExp(`^${amplifierOf(attack).name} amplification flood$`),
    stages: ['network'],
  },
  'http-flood': { title: /^HTTP flood on \//, stages: ['network', 'edge', 'cache'] },
  'cache-busting': { title: /^Cache-busting flood on \//, stages: ['network', 'edge', 'cache'] },
  'slow-loris': { title: /^Slow loris/, stages: ['network', 'edge'] },
  'credential-stuffing': { title: /^Credential stuffing on \//, stages: ['network', 'edge'] },
  'slow-origin-failure': { title: /^Origin (failing|slowing down)$/, stages: ['origin'] },
  'loss-of-reachability': { title: /^Loss of reachability$/, stages: ['client'] },
};

interface Played {
  readonly attack: Attack;
  /** null when nobody is called. */
  readonly secondsToCall: number | null;
  readonly last: Incident | undefined;
}

function play(
  network: RangeNetwork,
  pasts: Map<string, LearnedPast>,
  scenario: ScenarioName,
  draw: number,
): Played {
  const attack = drawAttack(network, {
    scenario,
    customerName: null,
    startMs: startMs + calmMs,
    speed: 1,
    draw,
  });
  const service = network.services.find(({ key }) => key === attack.serviceKey);
  if (service === undefined) throw new Error('an attack names one of its network’s services');
  const watch = watchRangeService(service, pastOf(service, pasts));
  watch.live(startMs + secondMs, attack.endMs, secondMs, {
    attacks: [attack],
    blocksAt: quietly.blocksAt,
    breakdowns: true,
  });
  // While the signals of one second come one by one, an incident passes through states that nobody sees.
  const seen = watch.told.filter(({ timeMs }, index) => watch.told[index + 1]?.timeMs !== timeMs);
  const call = seen.find(({ incident }) => incident.lane === 'actionable');
  return {
    attack,
    secondsToCall: call === undefined ? null : (call.timeMs - attack.startMs) / secondMs,
    last: watch.told.at(-1)?.incident,
  };
}

function pastOf(service: RangeService, pasts: Map<string, LearnedPast>): LearnedPast {
  const known = pasts.get(service.key);
  if (known !== undefined) return known;
  const watch = watchRangeService(service);
  watch.learn(startMs - rangeHistoryMs, startMs);
  const past = watch.learned();
  pasts.set(service.key, past);
  return past;
}

function measureScenarios(): Record<string, number> {
  const played = new Map<ScenarioName, Played[]>(scenarioNames.map((name) => [name, []]));
  for (const seed of networkSeeds) {
    say(`range: network ${seed}`);
    const network = createRangeNetwork(seed);
    const pasts = new Map<string, LearnedPast>();
    for (const name of scenarioNames) {
      for (let draw = 0; draw < drawsEach; draw += 1)
        played.get(name)?.push(play(network, pasts, name, draw));
    }
  }
  const figures: Record<string, number> = {};
  const times: number[] = [];
  for (const [name, runs] of played) {
    const percent = (test: (run: Played) => boolean) => (runs.filter(test).length / runs.length) * 100;
    if (name === 'flash-crowd') {
      figures.flash_crowd_called_percent = percent(({ secondsToCall }) => secondsToCall !== null);
      continue;
    }
    const { title, stages } = truth[name];
    const key = name.replaceAll('-', '_');
    times.push(...runs.flatMap(({ secondsToCall }) => secondsToCall ?? []));
    figures[`${key}_called_percent`] = percent(({ secondsToCall }) => secondsToCall !== null);
    const nameOf = (attack: Attack) => (title instanceof RegExp ? title : title(attack));
    figures[`${key}_named_percent`] = percent(
      ({ attack, last }) => last !== undefined && nameOf(attack).test(last.title),
    );
    figures[`${key}_placed_percent`] = percent(
      ({ last }) => last !== undefined && stages.includes(last.firstStage),
    );
  }
  figures.median_seconds_to_call = median(times);
  figures.worst_seconds_to_call = Math.max(...times);
  return figures;
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
      signalDays += rangeSignals.length * quietDays;
      for (const { incident } of watch.told) {
        if (incident.lane === 'actionable') calls.add(`${seed}/${incident.id}`);
      }
    }
  }
  return {
    quiet_actionable_findings_per_signal_day: findings / signalDays,
    quiet_actionable_incidents: calls.size,
  };
}

/** Every scenario on five networks with twenty draws each; attackers, service and moment differ with the draw. */
export async function runRangeBench(): Promise<BenchResult> {
  const scenarios = measureScenarios();
  say('range: quiet days');
  const shares = Object.keys(scenarios).filter(
    (name) => name.endsWith('_percent') && !name.startsWith('flash_crowd'),
  );
  return {
    figures: { ...scenarios, ...measureQuiet() },
    goals: {
      ...Object.fromEntries(shares.map((name) => [name, { min: 95 }])),
      flash_crowd_called_percent: { max: 0 },
      worst_seconds_to_call: { max: 120 },
      quiet_actionable_findings_per_signal_day: { max: 0.1 },
      quiet_actionable_incidents: { max: 0 },
    },
  };
}
