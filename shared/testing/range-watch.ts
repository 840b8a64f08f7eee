import { createDetector, restoreDetector } from '../detection/detector.ts';
import type { Detector, SignalFacts } from '../detection/engine.ts';
import {
  emptyIncidentState,
  type IncidentState,
  refreshIncident,
  updateIncidents,
} from '../detection/incidents.ts';
import type { BreakdownSummary, Incident } from '../domain/incident.ts';
import type { Finding } from '../domain/signal.ts';
import { dayMs, minuteMs, secondMs } from '../domain/time.ts';
import { breakdownsOf, type RangeBreakdown } from './range-breakdown.ts';
import { type RangeService, type RangeSignal, rangeSignals } from './range-network.ts';
import { type Attack, type Block, serviceStateAt } from './scenario.ts';

/** A state of an incident that somebody would have been told of, and when. */
export interface ToldIncident {
  readonly timeMs: number;
  readonly incident: Incident;
}

/** Detection over a service of the range, as the core runs it, without a store: for tests and benchmarks. */
export interface RangeWatch {
  /** Loads five-minute samples; what they give is history and raises nothing. */
  learn(fromMs: number, toMs: number): void;
  /** Goes on live at a step, with whatever happens meanwhile. */
  live(fromMs: number, toMs: number, stepMs: number, events: LiveEvents): void;
  readonly told: readonly ToldIncident[];
  readonly findings: readonly Finding[];
  readonly samples: number;
  /** What its detectors know, by signal: a past that several watches may go on from. */
  learned(): LearnedPast;
}

/** Serialized detectors by the key of their signal. */
export type LearnedPast = ReadonlyMap<string, unknown>;

export interface LiveEvents {
  readonly attacks: readonly Attack[];
  /** Blocks in force at a moment; the same list while nothing changes. */
  readonly blocksAt: (timeMs: number) => readonly Block[];
  /** Whether the source can tell who makes up the traffic. */
  readonly breakdowns: boolean;
}

/** Nothing happens. */
export const quietly: LiveEvents = { attacks: [], blocksAt: () => [], breakdowns: false };

const breakdownMs = 10 * secondMs;
const leadMs = 30 * secondMs;
const usualMs = 5 * minuteMs;

function factsOf(service: RangeService, signal: RangeSignal): SignalFacts {
  return {
    id: `${service.key}/${signal.key}`,
    customerId: service.customerName,
    serviceId: service.key,
    name: signal.name,
    unit: signal.unit,
    stage: signal.stage,
    layer: signal.layer,
    measure: signal.measure,
    stepMs: secondMs,
  };
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly breakdowns: readonly RangeBreakdown[];
}

function summarise(windows: readonly Window[], fromMs: number, toMs: number): readonly BreakdownSummary[] {
  const seen = windows.filter((window) => window.toMs > fromMs && window.toMs <= toMs);
  const before = windows.filter((window) => window.toMs <= fromMs && window.toMs > fromMs - usualMs);
  const first = seen[0];
  if (first === undefined) return [];
  const scale = before.length === 0 ? null : seen.length / before.length;
  return first.breakdowns.map(({ dimension }) => {
    const rows = new Map<
      string,
      { value: string; count: number; usual: number | null; mitigated: number | null }
    >();
    let total = 0;
    for (const { breakdowns } of seen) {
      const breakdown = breakdowns.find((candidate) => candidate.dimension === dimension);
      total += breakdown?.total ?? 0;
      for (const row of breakdown?.rows ?? []) {
        const entry = rows.get(row.value);
        rows.set(row.value, {
          value: row.value,
          count: (entry?.count ?? 0) + row.count,
          usual: scale === null ? null : 0,
          mitigated: (entry?.mitigated ?? 0) + row.mitigated,
        });
      }
    }
    let usualTotal = 0;
    for (const { breakdowns } of before) {
      const breakdown = breakdowns.find((candidate) => candidate.dimension === dimension);
      usualTotal += (breakdown?.total ?? 0) * (scale ?? 0);
      for (const row of breakdown?.rows ?? []) {
        const entry = rows.get(row.value);
        if (entry !== undefined) entry.usual = (entry.usual ?? 0) + row.count * (scale ?? 0);
      }
    }
    return {
      dimension,
      total,
      usualTotal: scale === null ? null : usualTotal,
      rows: [...rows.values()].sort((a, b) => b.count - a.count).slice(0, 50),
      sourceName: 'Range',
    };
  });
}

/**
 * Watches one service of the range with a detector a signal and the incidents over them.
 * @param past what another watch of the same service has learned; nothing is known without it
 */
export function watchRangeService(service: RangeService, past: LearnedPast = new Map()): RangeWatch {
  const watched = rangeSignals.map(
    (signal): { facts: SignalFacts; signal: RangeSignal; detector: Detector } => {
      const facts = factsOf(service, signal);
      const state = past.get(signal.key);
      return {
        facts,
        signal,
        detector: state === undefined ? createDetector(facts) : restoreDetector(facts, state),
      };
    },
  );
  const told: ToldIncident[] = [];
  const findings: Finding[] = [];
  let windows: readonly Window[] = [];
  let state: IncidentState = emptyIncidentState();
  let samples = 0;

  function take(incident: Incident | null, timeMs: number): void {
    if (incident !== null) told.push({ timeMs, incident });
  }

  return {
    told,
    findings,
    get samples() {
      return samples;
    },
    learned: () => new Map(watched.map(({ signal, detector }) => [signal.key, detector.serialize()])),
    learn(fromMs, toMs) {
      for (let timeMs = fromMs; timeMs <= toMs; timeMs += 5 * minuteMs) {
        const values = serviceStateAt(service, timeMs, [], []);
        for (const { signal, detector } of watched) detector.step(timeMs, values[signal.key]);
        samples += watched.length;
      }
    },
    live(fromMs, toMs, stepMs, events) {
      for (let timeMs = fromMs; timeMs <= toMs; timeMs += stepMs) {
        const blocks = events.blocksAt(timeMs);
        const values = serviceStateAt(service, timeMs, events.attacks, blocks);
        for (const { facts, signal, detector } of watched) {
          for (const { finding, change } of detector.step(timeMs, values[signal.key]).changes) {
            if (change === 'opened') findings.push(finding);
            const breakdowns = summarise(windows, finding.startMs - leadMs, timeMs);
            const update = updateIncidents(state, { finding, facts }, { breakdowns, nowMs: timeMs });
            state = update.state;
            take(update.incident, timeMs);
          }
        }
        samples += watched.length;
        if (!events.breakdowns || timeMs % breakdownMs !== 0) continue;
        const window = {
          fromMs: timeMs - breakdownMs,
          toMs: timeMs,
          breakdowns: breakdownsOf(service, timeMs - breakdownMs, timeMs, events.attacks, blocks),
        };
        windows = [...windows.slice(-120), window];
        for (const { incident } of state.records) {
          const breakdowns = summarise(windows, incident.openedMs - leadMs, timeMs);
          const update = refreshIncident(state, incident.id, { breakdowns, nowMs: timeMs });
          state = update.state;
          take(update.incident, timeMs);
        }
      }
    },
  };
}

/** How much history the range gives, ms. */
export const rangeHistoryMs = 14 * dayMs;
