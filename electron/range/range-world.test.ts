import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RangeStatus } from '../../shared/domain/range.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { scenarioCatalogue } from '../../shared/testing/scenario.ts';
import { createRangeWorld } from './range-world.ts';

const startMs = Date.UTC(2026, 2, 4, 14);
let directory = '';
let nowMs = startMs;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watchfloor-range-'));
  nowMs = startMs;
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function makeWorld(seed = 5) {
  return createRangeWorld({ seed, nowMs: () => nowMs, directory });
}

describe('scenarios', () => {
  it('wait for the history, then come by themselves: after a minute and a half, then every 6 to 10 minutes', () => {
    const world = makeWorld();
    expect(world.status().nextByItselfMs).toBeNull();
    world.setHistoryProgress(0.5);
    expect(world.status().nextByItselfMs).toBeNull();
    world.setHistoryProgress(1);
    expect(world.status().nextByItselfMs).toBe(startMs + 90 * secondMs);

    const starts: { readonly name: string; readonly pauseMs: number }[] = [];
    let quietSinceMs = nowMs;
    const every = scenarioCatalogue.length;
    for (; starts.length < 2 * every; nowMs += 5 * secondMs) {
      const before = world.status().active.length;
      world.tick();
      const [active] = world.status().active;
      if (before === 0 && active !== undefined)
        starts.push({ name: active.name, pauseMs: nowMs - quietSinceMs });
      if (active !== undefined) quietSinceMs = active.endsMs;
    }
    // Every scenario comes once before any comes again.
    expect(new Set(starts.slice(0, every).map(({ name }) => name)).size).toBe(every);
    expect(new Set(starts.slice(every).map(({ name }) => name)).size).toBe(every);
    const pauses = starts.slice(1).map(({ pauseMs }) => pauseMs);
    expect(
      pauses.filter((pauseMs) => pauseMs < 6 * minuteMs - secondMs || pauseMs > 10.2 * minuteMs),
    ).toEqual([]);
  });

  it('do not come by themselves when they must not', () => {
    const world = makeWorld();
    world.configure({ autoScenarios: false });
    world.setHistoryProgress(1);
    nowMs += 60 * minuteMs;
    world.tick();
    expect(world.status()).toMatchObject({ active: [], nextByItselfMs: null });
  });

  it('start and stop by button, for a customer, and everybody is told', () => {
    const world = makeWorld();
    const told: RangeStatus[] = [];
    const stop = world.onChange((status) => told.push(status));
    world.start('http-flood', 'Halden Bank');
    expect(world.status().active).toEqual([
      { name: 'http-flood', customerId: 'Halden Bank', startedMs: startMs, endsMs: startMs + 6 * minuteMs },
    ]);
    expect(world.attacksBetween(startMs, startMs + 1)).toMatchObject([{ serviceKey: 'halden-banking' }]);
    nowMs += minuteMs;
    expect(world.stop().active).toEqual([]);
    stop();
    world.start('syn-flood', null);
    expect(told.map(({ active }) => active.length)).toEqual([1, 0]);
  });

  it('tell of an end that came by itself', () => {
    const world = makeWorld();
    world.start('syn-flood', null);
    const told: number[] = [];
    world.onChange(({ active }) => told.push(active.length));
    nowMs += 5 * minuteMs;
    world.tick();
    world.tick();
    expect(told).toEqual([0]);
  });

  it('refuse a customer that is not there', () => {
    expect(() => makeWorld().start('syn-flood', 'Nobody')).toThrow('The range has no such customer');
  });

  it('are shorter with speed, and samples keep the real time', () => {
    const world = makeWorld();
    world.setHistoryProgress(1);
    world.setSpeed(10);
    world.start('http-flood', null);
    const [active] = world.status().active;
    expect((active?.endsMs ?? 0) - (active?.startedMs ?? 0)).toBe(36 * secondMs);
    expect((world.status().nextByItselfMs ?? 0) - nowMs).toBeLessThanOrEqual(minuteMs);
    expect(world.setSpeed(1e9).speed).toBe(600);
  });
});

describe('the edge', () => {
  const entry = { entry: '198.51.100.7/32', expiresMs: startMs + 10 * minuteMs };

  it('outlives the process: another world over the same folder has the same blocks', () => {
    makeWorld().edge.put([entry]);
    expect(makeWorld().edge.entries()).toEqual([entry]);
  });

  it('holds an entry once however often it is put, and moves its end', () => {
    const world = makeWorld();
    world.edge.put([entry, entry]);
    world.edge.put([{ ...entry, expiresMs: entry.expiresMs + minuteMs }]);
    expect(world.edge.entries()).toEqual([{ ...entry, expiresMs: entry.expiresMs + minuteMs }]);
  });

  it('ends entries by itself, to the second', () => {
    const world = makeWorld();
    world.edge.put([entry]);
    nowMs = entry.expiresMs - 1;
    expect(world.blocksAt(nowMs)).toEqual([{ entry: entry.entry }]);
    nowMs = entry.expiresMs;
    expect(world.edge.entries()).toEqual([]);
    expect(world.blocksAt(nowMs)).toEqual([]);
  });

  it('knows what was in force at a moment past', () => {
    const world = makeWorld();
    nowMs += minuteMs;
    world.edge.put([entry]);
    nowMs += minuteMs;
    world.edge.remove([entry.entry, '203.0.113.1/32']);
    const at = [30, 90, 150].map((seconds) => world.blocksAt(startMs + seconds * secondMs).length);
    expect(at).toEqual([0, 1, 0]);
  });

  it('gives one list while nothing changes, so that shares are counted once', () => {
    const world = makeWorld();
    world.edge.put([entry]);
    expect(world.blocksAt(nowMs)).toBe(world.blocksAt(nowMs + secondMs));
  });

  it('counts clients with what they ordinarily send', () => {
    const world = makeWorld();
    world.start('http-flood', 'Polaris Media');
    nowMs += 3 * minuteMs;
    const clients = [...world.edge.clients(minuteMs)].sort((a, b) => b.requests - a.requests);
    const [worst] = clients;
    expect(worst?.requests).toBeGreaterThan(50 * Math.max(1, worst?.usual ?? 0));
    const usual = clients.filter(
      ({ requests, usual: ordinary }) => ordinary !== null && requests <= ordinary * 1.1 + 2,
    );
    expect(usual.length).toBeGreaterThan(700);
  });

  it('says in words when its list cannot be read', () => {
    writeFileSync(join(directory, 'range-edge.json'), '{"version":1,"entries":[{');
    expect(makeWorld).toThrow(/block list of the range's edge .* cannot be read/);
  });
});
