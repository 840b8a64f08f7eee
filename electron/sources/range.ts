import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { mix, uniform } from '../../shared/testing/random.ts';
import { breakdownsOf } from '../../shared/testing/range-breakdown.ts';
import { type RangeService, rangeSignals } from '../../shared/testing/range-network.ts';
import { serviceStateAt } from '../../shared/testing/scenario.ts';
import { rangeWorld } from '../range/current-world.ts';
import type { RangeWorld } from '../range/range-world.ts';
import {
  type Batch,
  type BreakdownInput,
  type Cursor,
  emptyBatch,
  type OccurrenceInput,
  type SamplesInput,
  type SignalInput,
  type SourceKind,
} from './source.ts';

const historyMs = 14 * dayMs;
const historyStepMs = 5 * minuteMs;
const historyBatchMs = dayMs;
const liveStepMs = secondMs;
/** Seconds of one live batch at most: after a pause the rest comes in further batches. */
const liveBatchMs = 2 * minuteMs;
/** The last hour before the first live second is finer than the rest of history, so that charts begin full. */
const recentMs = 60 * minuteMs;
const recentStepMs = 5 * secondMs;
const recentBatchMs = 15 * minuteMs;
/** What was missed for longer than this comes at the step of history. */
const coarseAfterMs = recentMs + 10 * minuteMs;
const breakdownMs = 10 * secondMs;
/** An hour of breakdowns stands before the first live second, so that "usual" is known from the start. */
const breakdownHistoryMs = 60 * minuteMs;
const breakdownHistoryStepMs = 5 * minuteMs;

interface RangeCursor {
  readonly seed: number;
  readonly startMs: number;
  readonly historyEndMs: number;
  readonly doneMs: number;
  readonly breakdownMs: number;
}

function readCursor(cursor: Cursor | null, seed: number, nowMs: number): RangeCursor {
  const number = (key: string) => (typeof cursor?.[key] === 'number' ? (cursor[key] as number) : null);
  const doneMs = number('doneMs');
  const startMs = number('startMs');
  const historyEndMs = number('historyEndMs');
  const breakdownDoneMs = number('breakdownMs');
  if (
    number('seed') === seed &&
    doneMs !== null &&
    startMs !== null &&
    historyEndMs !== null &&
    breakdownDoneMs !== null
  ) {
    return { seed, startMs, historyEndMs, doneMs, breakdownMs: breakdownDoneMs };
  }
  const end = Math.floor((nowMs - recentMs) / historyStepMs) * historyStepMs;
  return {
    seed,
    startMs: end - historyMs,
    historyEndMs: end,
    doneMs: end - historyMs - historyStepMs,
    breakdownMs: end - breakdownHistoryMs,
  };
}

function signalsOf(services: readonly RangeService[], stepMs: number): readonly SignalInput[] {
  return services.flatMap((service) =>
    rangeSignals.map((signal) => ({
      key: `${service.key}/${signal.key}`,
      customerName: service.customerName,
      serviceName: service.name,
      stage: signal.stage,
      layer: signal.layer,
      measure: signal.measure,
      name: signal.name,
      unit: signal.unit,
      stepMs,
    })),
  );
}

function samplesOf(world: RangeWorld, timesMs: readonly number[]): readonly SamplesInput[] {
  const first = timesMs[0];
  const last = timesMs.at(-1);
  if (first === undefined || last === undefined) return [];
  const attacks = world.attacksBetween(first, last + 1);
  return world.network.services.flatMap((service) => {
    const states = timesMs.map((timeMs) => serviceStateAt(service, timeMs, attacks, world.blocksAt(timeMs)));
    return rangeSignals.map((signal) => ({
      signalKey: `${service.key}/${signal.key}`,
      timesMs,
      values: states.map((state) => Math.round(state[signal.key] * 1000) / 1000),
    }));
  });
}

function breakdownsBetween(world: RangeWorld, fromMs: number, toMs: number): readonly BreakdownInput[] {
  const attacks = world.attacksBetween(fromMs, toMs);
  const blocks = world.blocksAt(toMs);
  return world.network.services.flatMap((service) =>
    breakdownsOf(service, fromMs, toMs, attacks, blocks).map((breakdown) => ({
      serviceName: service.name,
      customerName: service.customerName,
      dimension: breakdown.dimension,
      fromMs,
      toMs,
      unit: breakdown.unit,
      total: breakdown.total,
      rows: breakdown.rows,
    })),
  );
}

const wafRules = [
  { id: '942100', title: 'SQL injection attempt stopped by the WAF', technique: 'T1190' },
  { id: '941100', title: 'Cross-site scripting attempt stopped by the WAF', technique: 'T1190' },
  { id: '930120', title: 'Path traversal attempt stopped by the WAF', technique: 'T1190' },
  { id: '913100', title: 'Security scanner turned away by the WAF', technique: 'T1595.002' },
] as const;

/** Every few ten seconds the WAF of some service stops something on its own. */
function wafEvents(world: RangeWorld, fromMs: number, toMs: number): readonly OccurrenceInput[] {
  const slotMs = 15 * secondMs;
  const events: OccurrenceInput[] = [];
  for (let slot = Math.floor(fromMs / slotMs) + 1; slot * slotMs <= toMs; slot += 1) {
    for (const service of world.network.services) {
      if (uniform(service.seed, slot, 61) > 0.12) continue;
      const rule = wafRules[mix(service.seed, slot, 62) % wafRules.length] ?? wafRules[0];
      const client = service.clients[mix(service.seed, slot, 63) % service.clients.length];
      if (client === undefined) continue;
      const occurredMs = slot * slotMs;
      const path = service.paths[mix(service.seed, slot, 64) % service.paths.length]?.value ?? '/';
      events.push({
        identity: `${service.key}/${rule.id}/${occurredMs}`,
        deduplicationKey: `${service.key}/${rule.id}`,
        windowMs: 60 * minuteMs,
        occurredMs,
        title: `${rule.title} (${service.name})`,
        why: `WAF rule ${rule.id} denied a request for ${path} from ${client.address}: it never reached the origin.`,
        severity: 'low',
        lane: 'informational',
        mitigated: 'yes',
        sourceState: null,
        entities: [
          { kind: 'ip', value: client.address, role: 'source' },
          { kind: 'path', value: path, role: 'destination' },
          { kind: 'asn', value: client.as, role: 'source' },
        ],
        techniques: [rule.technique],
        customerName: service.customerName,
        serviceName: service.name,
        raw: JSON.stringify({
          simulated: true,
          time: new Date(occurredMs).toISOString(),
          rule: rule.id,
          action: 'deny',
          client: client.address,
          as: client.as,
          country: client.country,
          path,
        }),
        correlationKey: null,
      });
    }
  }
  return events;
}

function times(fromMs: number, toMs: number, stepMs: number): readonly number[] {
  const first = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  const result: number[] = [];
  for (let timeMs = first; timeMs <= toMs; timeMs += stepMs) result.push(timeMs);
  return result;
}

function asCursor(cursor: RangeCursor): Cursor {
  return { ...cursor };
}

function countSamples(samples: readonly SamplesInput[]): number {
  return samples.reduce((sum, series) => sum + series.timesMs.length, 0);
}

function historyBatch(world: RangeWorld, cursor: RangeCursor): Batch {
  const toMs = Math.min(cursor.historyEndMs, cursor.doneMs + historyBatchMs);
  const samples = samplesOf(world, times(cursor.doneMs, toMs, historyStepMs));
  const finished = toMs >= cursor.historyEndMs;
  const breakdowns = finished
    ? times(cursor.breakdownMs, cursor.historyEndMs, breakdownHistoryStepMs).flatMap((timeMs) =>
        breakdownsBetween(world, timeMs - breakdownHistoryStepMs, timeMs),
      )
    : [];
  const total = Math.round(historyMs / dayMs);
  const done = Math.min(total, Math.round((toMs - cursor.startMs) / dayMs));
  return {
    ...emptyBatch,
    cursor: asCursor({ ...cursor, doneMs: toMs, breakdownMs: finished ? toMs : cursor.breakdownMs }),
    events: countSamples(samples),
    signals: cursor.doneMs < cursor.startMs ? signalsOf(world.network.services, historyStepMs) : [],
    samples,
    breakdowns,
    more: true,
    progress: { done, total, text: `Simulated history: ${done} of ${total} days` },
  };
}

function liveBatch(world: RangeWorld, cursor: RangeCursor, nowMs: number): Batch {
  const behindMs = nowMs - cursor.doneMs;
  const coarse = behindMs > coarseAfterMs;
  const recent = !coarse && behindMs > 2 * liveBatchMs;
  const stepMs = coarse ? historyStepMs : recent ? recentStepMs : liveStepMs;
  const toMs = coarse
    ? Math.min(nowMs - liveBatchMs, cursor.doneMs + historyBatchMs)
    : recent
      ? Math.min(nowMs - liveBatchMs, cursor.doneMs + recentBatchMs)
      : Math.min(nowMs, cursor.doneMs + liveBatchMs);
  const timesMs = times(cursor.doneMs, toMs, stepMs);
  const doneMs = timesMs.at(-1) ?? (coarse ? toMs : cursor.doneMs);
  const samples = samplesOf(world, timesMs);
  const breakdownStepMs = recent ? breakdownHistoryStepMs : breakdownMs;
  const breakdownEnds = coarse ? [] : times(cursor.breakdownMs, doneMs, breakdownStepMs);
  const occurrences = coarse ? [] : wafEvents(world, cursor.doneMs, doneMs);
  return {
    ...emptyBatch,
    cursor: asCursor({
      ...cursor,
      doneMs,
      breakdownMs: coarse ? doneMs : (breakdownEnds.at(-1) ?? cursor.breakdownMs),
    }),
    events: countSamples(samples) + occurrences.length,
    signals: cursor.doneMs === cursor.historyEndMs ? signalsOf(world.network.services, liveStepMs) : [],
    samples,
    occurrences,
    breakdowns: breakdownEnds.flatMap((endMs) => breakdownsBetween(world, endMs - breakdownStepMs, endMs)),
    more: nowMs - doneMs > 2 * liveStepMs && timesMs.length > 0,
  };
}

/** The simulated customer network as a source: 14 days of past, then the present second by second. */
export const rangeSourceKind: SourceKind = {
  descriptor: {
    kind: 'range',
    role: 'source',
    name: 'Range (SIMULATED)',
    summary: 'A simulated customer network with daily traffic and attacks that come by themselves.',
    mode: 'poll',
    userAddable: false,
    fields: [
      {
        key: 'seed',
        label: 'Seed',
        help: 'The same seed gives the same network and the same past.',
        type: 'number',
        required: true,
        default: 1,
        min: 0,
        max: 4_294_967_295,
      },
      {
        key: 'speed',
        label: 'Speed',
        help: 'Scenarios and the pauses between them are this many times shorter. Samples keep the real time.',
        type: 'number',
        required: true,
        default: 1,
        min: 1,
        max: 600,
      },
      {
        key: 'autoScenarios',
        label: 'Scenarios come by themselves',
        help: 'The first a minute and a half after the history is loaded, then every 6 to 10 minutes.',
        type: 'boolean',
        required: true,
        default: true,
      },
    ],
    setup: [],
  },
  create(settings) {
    const seed = typeof settings.seed === 'number' ? settings.seed : 1;
    const speed = typeof settings.speed === 'number' ? settings.speed : 1;
    if (!Number.isInteger(seed) || seed < 0) {
      throw new WatchfloorError('bad-input', 'Seed must be a whole number from 0 up.', 'seed');
    }
    if (!(speed >= 1 && speed <= 600)) {
      throw new WatchfloorError('bad-input', 'Speed must be between 1 and 600.', 'speed');
    }
    const autoScenarios = settings.autoScenarios !== false;
    let configured: RangeWorld | null = null;
    const worldNow = () => {
      const world = rangeWorld();
      if (world === null) {
        throw new WatchfloorError(
          'unavailable',
          'The range runs only in its own workspace. Open the range to see simulated traffic.',
        );
      }
      if (configured !== world) {
        world.configure({ seed, speed, autoScenarios });
        configured = world;
      }
      return world;
    };
    return {
      intervalMs: liveStepMs,
      async poll(cursor, io) {
        const world = worldNow();
        const nowMs = io.nowMs();
        world.tick();
        const position = readCursor(cursor, world.network.seed, nowMs);
        if (position.doneMs < position.historyEndMs) {
          world.setHistoryProgress((position.doneMs - position.startMs) / historyMs);
          return historyBatch(world, position);
        }
        world.setHistoryProgress(1);
        return liveBatch(world, position, nowMs);
      },
      async test() {
        const world = rangeWorld();
        if (world === null) {
          return {
            ok: false,
            lines: [{ level: 'error', text: 'The range runs only in its own workspace.' }],
          };
        }
        const { customers, services } = world.network;
        return {
          ok: true,
          lines: [
            {
              level: 'ok',
              text: `SIMULATED: ${customers.length} customers, ${services.length} services, ${services.length * rangeSignals.length} signals.`,
            },
          ],
        };
      },
    };
  },
};
