import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { rangeSignals } from '../../shared/testing/range-network.ts';
import { setRangeWorld } from '../range/current-world.ts';
import { createRangeWorld, type RangeWorld } from '../range/range-world.ts';
import { rangeSourceKind } from './range.ts';
import type { Batch, ConnectionIo, Cursor, Source } from './source.ts';

const startMs = Date.UTC(2026, 2, 4, 14, 2, 30);
const signalCount = 4 * rangeSignals.length;
let directory = '';
let nowMs = startMs;
let world: RangeWorld;

const io: ConnectionIo = {
  nowMs: () => nowMs,
  signal: new AbortController().signal,
  secret: () => null,
  log: () => undefined,
};

function openWorld(): RangeWorld {
  const opened = createRangeWorld({ seed: 5, nowMs: () => nowMs, directory });
  setRangeWorld(opened);
  return opened;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watchfloor-range-'));
  nowMs = startMs;
  world = openWorld();
});

afterEach(() => {
  setRangeWorld(null);
  rmSync(directory, { recursive: true, force: true });
});

function makeSource(settings: Record<string, number | boolean> = {}): Source {
  return rangeSourceKind.create({ seed: 5, speed: 1, autoScenarios: false, ...settings });
}

async function poll(source: Source, cursor: Cursor | null): Promise<Batch> {
  if (source.poll === undefined) throw new Error('the range is polled');
  return source.poll(cursor, io);
}

/** Polls until there is nothing more at once. */
async function drain(
  source: Source,
  from: Cursor | null,
): Promise<{ batches: Batch[]; cursor: Cursor | null }> {
  const batches: Batch[] = [];
  let cursor = from;
  for (let more = true; more; ) {
    const batch = await poll(source, cursor);
    batches.push(batch);
    cursor = JSON.parse(JSON.stringify(batch.cursor));
    more = batch.more;
  }
  return { batches, cursor };
}

function timesOf(batches: readonly Batch[], signalKey: string): number[] {
  return batches.flatMap(({ samples }) =>
    samples.filter((series) => series.signalKey === signalKey).flatMap(({ timesMs }) => timesMs),
  );
}

describe('the range as a source', () => {
  it('loads fourteen days at five minutes with progress, an hour at five seconds, then every second up to now', async () => {
    const { batches } = await drain(makeSource(), null);
    const times = timesOf(batches, 'halden-banking/edge.requests');
    const steps = times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0));
    expect(times[0]).toBe(Date.UTC(2026, 1, 18, 13));
    expect(times.at(-1)).toBe(startMs);
    expect(steps.filter((step) => step === 5 * minuteMs).length).toBe(14 * 288);
    expect(steps.filter((step) => step === secondMs).length).toBe(150);
    expect(steps.filter((step) => step === 5 * secondMs).length).toBe(720);
    expect(steps.length).toBe(14 * 288 + 720 + 150);
    const progress = batches.flatMap((batch) => (batch.progress === null ? [] : [batch.progress.done]));
    expect(progress.at(-1)).toBe(14);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(world.status().historyProgress).toBe(1);
  });

  it('names its signals with the step that they have then: five minutes in history, a second live', async () => {
    const { batches } = await drain(makeSource(), null);
    const sets = batches.filter(({ signals }) => signals.length > 0).map(({ signals }) => signals);
    expect(sets.map((signals) => [signals.length, signals[0]?.stepMs])).toEqual([
      [signalCount, 5 * minuteMs],
      [signalCount, secondMs],
    ]);
  });

  it('gives the same again for the same cursor: a crash may repeat a poll', async () => {
    const { cursor } = await drain(makeSource(), null);
    nowMs += 30 * secondMs;
    expect(await poll(makeSource(), cursor)).toEqual(await poll(makeSource(), cursor));
  });

  it('gives every second once, however late the polls are', async () => {
    const source = makeSource();
    let { cursor } = await drain(source, null);
    const times: number[] = [];
    for (const pauseMs of [1_000, 1_700, 300, 61_000, 2_000, 240_000]) {
      nowMs += pauseMs;
      const live = await drain(source, cursor);
      cursor = live.cursor;
      times.push(...timesOf(live.batches, 'polaris-news/network.bits'));
    }
    expect(times).toEqual(
      Array.from({ length: times.length }, (_, index) => startMs + (index + 1) * secondMs),
    );
    expect(times.length).toBe(306);
  });

  it('never sends what has not been', async () => {
    const { batches } = await drain(makeSource(), null);
    const future = batches.flatMap(({ samples, occurrences, breakdowns }) => [
      ...samples.flatMap(({ timesMs }) => timesMs),
      ...occurrences.map(({ occurredMs }) => occurredMs),
      ...breakdowns.map(({ toMs }) => toMs),
    ]);
    expect(future.filter((timeMs) => timeMs > nowMs)).toEqual([]);
  });

  it('comes back after days with the step of history for what was missed', async () => {
    const first = await drain(makeSource(), null);
    nowMs += 3 * 24 * 60 * minuteMs;
    world = openWorld();
    const { batches } = await drain(makeSource(), first.cursor);
    const times = timesOf(batches, 'halden-banking/edge.requests');
    const steps = times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0));
    expect(Math.max(...steps)).toBe(5 * minuteMs);
    expect(times.length).toBeLessThan(1_300);
    expect(times.at(-1)).toBe(nowMs);
  });

  it('breaks traffic down every ten seconds, with two hours of it before', async () => {
    const source = makeSource();
    const { batches, cursor } = await drain(source, null);
    const rows = batches
      .flatMap(({ breakdowns }) => breakdowns)
      .filter(({ dimension }) => dimension === 'source.ip');
    const ofOne = rows.filter(({ serviceName }) => serviceName === 'News site');
    expect(ofOne.filter(({ toMs, fromMs }) => toMs - fromMs === 5 * minuteMs).length).toBe(24);
    nowMs += 20 * secondMs;
    const live = await poll(source, cursor);
    const fresh = live.breakdowns.filter(({ dimension }) => dimension === 'source.ip');
    expect(fresh.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual(Array<number>(8).fill(10 * secondMs));
    expect(fresh.every(({ rows: listed, total }) => listed.length === 100 && (total ?? 0) > 0)).toBe(true);
  });

  it('shows a scenario in its samples and the edge in both', async () => {
    const source = makeSource();
    const { cursor } = await drain(source, null);
    world.start('http-flood', 'Halden Bank');
    nowMs += 60 * secondMs;
    const during = await poll(source, cursor);
    const last = (batch: Batch, key: string) =>
      batch.samples.find(({ signalKey }) => signalKey === `halden-banking/${key}`)?.values.at(-1) ?? 0;
    const flood = last(during, 'edge.requests');
    world.edge.put([
      { entry: '0.0.0.0/0', expiresMs: nowMs + minuteMs },
      { entry: '::/0', expiresMs: nowMs + minuteMs },
    ]);
    nowMs += 5 * secondMs;
    const after = await poll(source, during.cursor);
    expect(last(after, 'edge.requests')).toBeLessThan(flood / 100);
    expect(last(after, 'edge.blocked')).toBeGreaterThan(0);
  });

  it("sends the WAF's own events: informational, mitigated, each once", async () => {
    const source = makeSource();
    const { cursor } = await drain(source, null);
    nowMs += 10 * minuteMs;
    const { batches } = await drain(source, cursor);
    const events = batches.flatMap(({ occurrences }) => occurrences);
    expect(events.length).toBeGreaterThan(5);
    expect(new Set(events.map(({ identity }) => identity)).size).toBe(events.length);
    expect(events.every(({ lane, mitigated }) => lane === 'informational' && mitigated === 'yes')).toBe(true);
  });

  it('starts its past anew with another seed', async () => {
    const { cursor } = await drain(makeSource(), null);
    const batch = await poll(makeSource({ seed: 6 }), cursor);
    expect(batch.progress?.done).toBe(1);
    expect(world.network.seed).toBe(6);
  });

  it('says so where there is no range, and what it sees where there is', async () => {
    expect(await makeSource().test(io)).toEqual({
      ok: true,
      lines: [{ level: 'ok', text: 'SIMULATED: 3 customers, 4 services, 60 signals.' }],
    });
    setRangeWorld(null);
    await expect(poll(makeSource(), null)).rejects.toThrow('The range runs only in its own workspace');
    expect((await makeSource().test(io)).ok).toBe(false);
  });

  it.each([
    [{ seed: 1.5 }, 'Seed must be a whole number'],
    [{ speed: 0 }, 'Speed must be between 1 and 600'],
  ])('refuses settings %j', (settings, message) => {
    expect(() => makeSource(settings)).toThrow(message);
  });
});
