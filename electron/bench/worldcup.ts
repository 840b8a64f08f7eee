import { readFileSync } from 'node:fs';
import { createDetector, restoreDetector } from '../../shared/detection/detector.ts';
import type { SignalFacts } from '../../shared/detection/engine.ts';
import { emptyIncidentState, updateIncidents } from '../../shared/detection/incidents.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { dayMs, minuteMs } from '../../shared/domain/time.ts';
import { uniform } from '../../shared/testing/random.ts';

/** Five-minute means of real web traffic, in time order. */
export interface TrafficBins {
  readonly timesMs: readonly number[];
  readonly requestsPerMinute: readonly number[];
}

/** What was found on real web traffic: as it is, and with faults put into it. */
export interface TrafficMeasure {
  readonly samples: number;
  readonly quietDays: number;
  /** Findings that opened on untouched traffic. */
  readonly findings: readonly Finding[];
  /** Of those days, incidents that would have called a person. */
  readonly actionableIncidents: number;
  /** Part of the faults found within half an hour with the right direction, by kind, percent. */
  readonly foundPercent: Readonly<Record<FaultName, number>>;
}

export const faults = {
  outage: () => 0,
  fall70: (value: number) => value * 0.3,
  times10: (value: number) => value * 10,
  times3: (value: number) => value * 3,
  plus50: (value: number) => value * 1.5,
} as const;
export type FaultName = keyof typeof faults;

const binMs = 5 * minuteMs;
const binsADay = dayMs / binMs;
/** Nothing is counted before the baseline knows a week of each kind of day. */
const learningDays = 10;
/** A fault lasts half an hour at most before it counts as missed. */
const faultBins = 6;
const snapshotEvery = 7;

/**
 * Days on which the recorded log itself broke off and came back by the minute (17 and 18 May 1998): what is found
 * there is found rightly, but there is no telling how often.
 */
function isBrokenDay(timeMs: number): boolean {
  return timeMs >= Date.UTC(1998, 4, 17) && timeMs < Date.UTC(1998, 4, 19);
}

/** Reads the fixture's `timestamp,requests_per_minute` lines (UTC) into five-minute means. */
export function readTraffic(path: string): TrafficBins {
  const minutes = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [time = '', count = ''] = line.split(',');
      return { timeMs: Date.parse(`${time.replace(' ', 'T')}Z`), count: Number(count) };
    });
  const timesMs: number[] = [];
  const requestsPerMinute: number[] = [];
  for (let index = 0; index + 5 <= minutes.length; index += 5) {
    const five = minutes.slice(index, index + 5);
    timesMs.push((five[4]?.timeMs ?? 0) + minuteMs);
    requestsPerMinute.push(five.reduce((sum, { count }) => sum + count, 0) / 5);
  }
  return { timesMs, requestsPerMinute };
}

const facts: SignalFacts = {
  id: 'traffic',
  customerId: 'customer',
  serviceId: 'service',
  name: 'HTTP requests',
  unit: 'requests/min',
  stage: 'edge',
  layer: 'L7',
  measure: 'rate',
  stepMs: binMs,
};

/** Runs the detector over the traffic once, then again from many moments with each fault put in. */
export function measureTraffic(bins: TrafficBins, injections: number): TrafficMeasure {
  const { timesMs, requestsPerMinute } = bins;
  const firstCounted = learningDays * binsADay;
  const detector = createDetector(facts);
  const snapshots = new Map<number, unknown>();
  const findings: Finding[] = [];
  const openAt = new Set<number>();
  const calls = new Set<string>();
  let incidents = emptyIncidentState();
  let isOpen = false;
  for (const [index, timeMs] of timesMs.entries()) {
    if (isOpen) openAt.add(index);
    if (index % snapshotEvery === 0 && index >= firstCounted) snapshots.set(index, detector.serialize());
    const { finding, findingChange } = detector.step(timeMs, requestsPerMinute[index] ?? null);
    if (finding === null) continue;
    if (findingChange === 'opened') isOpen = true;
    if (findingChange === 'closed') isOpen = false;
    if (index < firstCounted || isBrokenDay(timeMs)) continue;
    if (findingChange === 'opened') findings.push(finding);
    const update = updateIncidents(incidents, { finding, facts }, { breakdowns: [], nowMs: timeMs });
    incidents = update.state;
    if (update.incident?.lane === 'actionable') calls.add(update.incident.id);
  }

  const opens = findings.map(({ startMs }) => startMs);
  const moments: number[] = [];
  for (let draw = 0; moments.length < injections && draw < injections * 50; draw += 1) {
    const span = timesMs.length - firstCounted - faultBins;
    const index = Math.floor((firstCounted + uniform(98, draw) * span) / snapshotEvery) * snapshotEvery;
    const timeMs = timesMs[index] ?? 0;
    const isTaken = opens.some((openMs) => openMs >= timeMs && openMs < timeMs + faultBins * binMs);
    if (snapshots.has(index) && !openAt.has(index) && !isTaken && !isBrokenDay(timeMs)) moments.push(index);
  }
  const found = (name: FaultName): number => {
    const change = faults[name];
    const direction = change(1) > 1 ? 'up' : 'down';
    const hits = moments.filter((index) => {
      const resumed = restoreDetector(facts, snapshots.get(index));
      return Array.from({ length: faultBins }, (_, offset) => {
        const at = index + offset;
        return resumed.step(timesMs[at] ?? 0, change(requestsPerMinute[at] ?? 0)).finding;
      }).some((finding) => finding?.direction === direction && finding.lane === 'actionable');
    });
    return (hits.length / Math.max(1, moments.length)) * 100;
  };
  return {
    samples: timesMs.length,
    quietDays: timesMs.slice(firstCounted).filter((timeMs) => !isBrokenDay(timeMs)).length / binsADay,
    findings,
    actionableIncidents: calls.size,
    foundPercent: {
      outage: found('outage'),
      fall70: found('fall70'),
      times10: found('times10'),
      times3: found('times3'),
      plus50: found('plus50'),
    },
  };
}
