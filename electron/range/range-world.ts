import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RangeStatus, ScenarioName } from '../../shared/domain/range.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { mix } from '../../shared/testing/random.ts';
import { clientTraffic } from '../../shared/testing/range-breakdown.ts';
import { createRangeNetwork, type RangeNetwork } from '../../shared/testing/range-network.ts';
import { type Attack, type Block, drawAttack, scenarioCatalogue } from '../../shared/testing/scenario.ts';

/** How the range is set up; what is left out stays as it is. */
export interface RangeSettings {
  readonly seed?: number;
  /** Scenarios and the pauses between them are this much shorter; the clock itself is always the real one. */
  readonly speed?: number;
  readonly autoScenarios?: boolean;
}

/** A block as the range's edge keeps it. */
export interface EdgeEntry {
  readonly entry: string;
  readonly expiresMs: number;
}

/** Requests and connections that one client brought to the border lately. */
export interface EdgeClient {
  readonly address: string;
  readonly requests: number;
  readonly usual: number | null;
}

/** The live simulated network: one in a core process, shared by the range's source and its edge. */
export interface RangeWorld {
  readonly network: RangeNetwork;
  configure(settings: RangeSettings): void;
  status(): RangeStatus;
  /** @throws WatchfloorError `not-found` for a customer that the range does not have */
  start(scenario: ScenarioName, customerId: string | null): RangeStatus;
  stop(): RangeStatus;
  setSpeed(speed: number): RangeStatus;
  /** Called whenever the status changes by a start, an end or a setting. Returns its own removal. */
  onChange(listener: (status: RangeStatus) => void): () => void;
  /** Runs that touch the interval, past ones too (the last hour is kept). */
  attacksBetween(fromMs: number, toMs: number): readonly Attack[];
  /** Blocks that are in force at a moment of the last hour. */
  blocksAt(timeMs: number): readonly Block[];
  /** Told by the source: 0 to 1; scenarios come by themselves once it is 1. */
  setHistoryProgress(progress: number): void;
  /** Starts and ends what is due. The source calls it with every poll. */
  tick(): void;
  readonly edge: {
    entries(): readonly EdgeEntry[];
    /** Adds or moves the end of entries, all or nothing; on disk before it returns. */
    put(entries: readonly EdgeEntry[]): void;
    remove(entries: readonly string[]): void;
    clients(windowMs: number): readonly EdgeClient[];
  };
}

export interface RangeWorldOptions {
  readonly seed: number;
  readonly nowMs: () => number;
  /** The range's data directory: the edge's block list lies there as a file of its own, as in a real device. */
  readonly directory: string;
  /** Turns a customer's id into its name in the range; without it names are taken as ids. */
  readonly customerName?: (customerId: string) => string | null;
  /** Turns a customer's name into the id that the status shows. */
  readonly customerId?: (customerName: string) => string | null;
}

const keptMs = 60 * minuteMs;
const firstPauseMs = 90 * secondMs;

const edgeFileSchema = z.object({
  version: z.literal(1),
  entries: z.array(z.object({ entry: z.string(), expiresMs: z.number() })),
});

/** What the edge kept at each moment: needed so that samples of a past second see the blocks of that second. */
interface EdgeState {
  readonly sinceMs: number;
  readonly entries: readonly EdgeEntry[];
}

function readEdgeFile(path: string): readonly EdgeEntry[] {
  if (!existsSync(path)) return [];
  try {
    return edgeFileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).entries;
  } catch (thrown) {
    throw new WatchfloorError(
      'storage',
      `The block list of the range's edge (${path}) cannot be read. Remove the file to start with an empty list.`,
      thrown instanceof Error ? thrown.message : String(thrown),
    );
  }
}

/** Written aside and renamed, both flushed: after a crash the file is the old one or the new one, never half. */
function writeEdgeFile(path: string, entries: readonly EdgeEntry[]): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify({ version: 1, entries })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Makes the live world of the range. Its clock is the caller's; nothing in it runs by itself. */
export function createRangeWorld(options: RangeWorldOptions): RangeWorld {
  const { nowMs } = options;
  mkdirSync(options.directory, { recursive: true });
  const edgePath = join(options.directory, 'range-edge.json');
  const listeners = new Set<(status: RangeStatus) => void>();
  let network = createRangeNetwork(options.seed);
  let speed = 1;
  let autoScenarios = true;
  let historyProgress = 0;
  let draws = 0;
  let attacks: readonly Attack[] = [];
  let nextByItselfMs: number | null = null;
  let activeKey = '';
  let edgeStates: readonly EdgeState[] = [
    { sinceMs: Number.NEGATIVE_INFINITY, entries: readEdgeFile(edgePath) },
  ];
  let blockCache: { readonly key: string; readonly blocks: readonly Block[] } = { key: '', blocks: [] };

  const toName = options.customerName ?? ((id: string) => id);
  const toId = options.customerId ?? ((name: string) => name);

  function activeAt(timeMs: number): readonly Attack[] {
    return attacks.filter((attack) => attack.startMs <= timeMs && attack.endMs > timeMs);
  }

  function customerOf(attack: Attack): string {
    const name = network.services.find(({ key }) => key === attack.serviceKey)?.customerName ?? '';
    return toId(name) ?? name;
  }

  function status(): RangeStatus {
    return {
      running: true,
      speed,
      historyProgress,
      scenarios: scenarioCatalogue.map(({ name, label, summary, isAttack }) => ({
        name,
        label,
        summary,
        isAttack,
      })),
      active: activeAt(nowMs()).map((attack) => ({
        name: attack.scenario,
        customerId: customerOf(attack),
        startedMs: attack.startMs,
        endsMs: attack.endMs,
      })),
      nextByItselfMs,
    };
  }

  function tell(): RangeStatus {
    const current = status();
    activeKey = JSON.stringify(current.active);
    for (const listener of listeners) listener(current);
    return current;
  }

  function begin(scenario: ScenarioName, customerName: string | null): void {
    draws += 1;
    const startMs = nowMs();
    attacks = [
      ...attacks.filter((attack) => attack.endMs > startMs - keptMs),
      drawAttack(network, { scenario, customerName, startMs, speed, draw: draws }),
    ];
  }

  /** The next pause: 6 to 10 minutes at speed 1. */
  function pauseMs(): number {
    return ((6 + 4 * (mix(network.seed, draws, 77) / 4294967296)) * minuteMs) / speed;
  }

  function scheduleNext(afterMs: number): void {
    nextByItselfMs = autoScenarios && historyProgress >= 1 ? nowMs() + afterMs : null;
  }

  function entriesAt(timeMs: number): readonly EdgeEntry[] {
    const state = edgeStates.findLast((candidate) => candidate.sinceMs <= timeMs);
    // The edge ends each entry by itself, whoever is connected.
    return (state?.entries ?? []).filter((entry) => entry.expiresMs > timeMs);
  }

  function setEntries(entries: readonly EdgeEntry[]): void {
    const timeMs = nowMs();
    const living = entries.filter((entry) => entry.expiresMs > timeMs);
    writeEdgeFile(edgePath, living);
    const recent = edgeStates.findLastIndex((state) => state.sinceMs <= timeMs - keptMs);
    edgeStates = [...edgeStates.slice(Math.max(0, recent)), { sinceMs: timeMs, entries: living }];
  }

  return {
    get network() {
      return network;
    },
    configure(settings) {
      if (settings.seed !== undefined && settings.seed !== network.seed) {
        network = createRangeNetwork(settings.seed);
        attacks = [];
      }
      if (settings.speed !== undefined) speed = Math.min(600, Math.max(1, settings.speed));
      if (settings.autoScenarios !== undefined && settings.autoScenarios !== autoScenarios) {
        autoScenarios = settings.autoScenarios;
        scheduleNext(firstPauseMs / speed);
      }
      tell();
    },
    status,
    start(scenario, customerId) {
      const customerName = customerId === null ? null : toName(customerId);
      if (customerId !== null && !network.customers.some(({ name }) => name === customerName)) {
        throw new WatchfloorError('not-found', 'The range has no such customer. Nothing was started.');
      }
      begin(scenario, customerName);
      return tell();
    },
    stop() {
      const timeMs = nowMs();
      attacks = attacks.map((attack) => (attack.endMs > timeMs ? { ...attack, endMs: timeMs } : attack));
      scheduleNext(pauseMs());
      return tell();
    },
    setSpeed(value) {
      speed = Math.min(600, Math.max(1, value));
      if (nextByItselfMs !== null) scheduleNext(pauseMs());
      return tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attacksBetween(fromMs, toMs) {
      return attacks.filter((attack) => attack.startMs < toMs && attack.endMs > fromMs);
    },
    blocksAt(timeMs) {
      const entries = entriesAt(timeMs);
      const key = entries.map(({ entry }) => entry).join(' ');
      if (key !== blockCache.key) blockCache = { key, blocks: entries.map(({ entry }) => ({ entry })) };
      return blockCache.blocks;
    },
    setHistoryProgress(progress) {
      const before = historyProgress;
      historyProgress = Math.min(1, Math.max(0, progress));
      if (historyProgress === before) return;
      if (historyProgress >= 1) scheduleNext(firstPauseMs / speed);
      tell();
    },
    tick() {
      const timeMs = nowMs();
      if (nextByItselfMs !== null && timeMs >= nextByItselfMs) {
        // One at a time comes by itself; every name comes once before any comes again.
        if (activeAt(timeMs).length === 0) {
          const round = Math.floor(draws / scenarioCatalogue.length);
          const shuffled = scenarioCatalogue
            .map((each, index) => ({ each, place: mix(network.seed, round, index, 5) }))
            .sort((a, b) => a.place - b.place);
          const entry = shuffled[draws % shuffled.length]?.each;
          if (entry !== undefined) {
            begin(entry.name, null);
            scheduleNext(entry.durationMs / speed + pauseMs());
          }
        } else {
          scheduleNext(pauseMs());
        }
        tell();
        return;
      }
      const key = JSON.stringify(
        activeAt(timeMs).map((attack) => ({
          name: attack.scenario,
          customerId: customerOf(attack),
          startedMs: attack.startMs,
          endsMs: attack.endMs,
        })),
      );
      if (key !== activeKey) tell();
    },
    edge: {
      entries: () => entriesAt(nowMs()),
      put(entries) {
        const next = new Map(entriesAt(nowMs()).map((entry) => [entry.entry, entry]));
        for (const entry of entries) next.set(entry.entry, entry);
        setEntries([...next.values()]);
      },
      remove(entries) {
        const gone = new Set(entries);
        setEntries(entriesAt(nowMs()).filter(({ entry }) => !gone.has(entry)));
      },
      clients(windowMs) {
        const toMs = nowMs();
        const fromMs = toMs - windowMs;
        const parts = Math.max(1, Math.ceil(windowMs / (30 * secondMs)));
        const partMs = windowMs / parts;
        const seen = new Map<string, { requests: number; usual: number }>();
        for (const service of network.services) {
          for (let part = 0; part < parts; part += 1) {
            const startMs = fromMs + part * partMs;
            const now = clientTraffic(service, startMs, startMs + partMs, attacks, []);
            for (const { client, requests, connections } of now) {
              const entry = seen.get(client.address) ?? { requests: 0, usual: 0 };
              // A flood of bare connections counts as what it is: attempts of that client.
              entry.requests += Math.max(requests, connections);
              seen.set(client.address, entry);
            }
            for (const { client, requests } of clientTraffic(service, startMs, startMs + partMs, [], [])) {
              const entry = seen.get(client.address);
              if (entry !== undefined) entry.usual += requests;
            }
          }
        }
        return [...seen].map(([address, entry]) => ({
          address,
          requests: Math.round(entry.requests),
          usual: Math.round(entry.usual),
        }));
      },
    },
  };
}
