import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minuteMs } from '../../shared/domain/time.ts';
import { setRangeWorld } from '../range/current-world.ts';
import { createRangeWorld } from '../range/range-world.ts';
import type { ConnectionIo } from '../sources/source.ts';
import { rangeEdgeTargetKind } from './range-edge.ts';

const startMs = Date.UTC(2026, 2, 4, 14);
let directory = '';
let nowMs = startMs;

const io: ConnectionIo = {
  nowMs: () => nowMs,
  signal: new AbortController().signal,
  secret: () => null,
  log: () => undefined,
};
const target = rangeEdgeTargetKind.create({});
const action = {
  mitigationId: 'mitigation-1',
  entries: [
    { entry: '198.51.100.0/27', expiresMs: startMs + 10 * minuteMs },
    { entry: '2001:db8:bad::/48', expiresMs: startMs + 10 * minuteMs },
  ],
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watchfloor-range-'));
  nowMs = startMs;
  setRangeWorld(createRangeWorld({ seed: 5, nowMs: () => nowMs, directory }));
});

afterEach(() => {
  setRangeWorld(null);
  rmSync(directory, { recursive: true, force: true });
});

describe("the range's edge as a target", () => {
  it('shows what would change, and that it keeps the end itself', async () => {
    expect(await target.preview(action, io)).toEqual({
      diff: [
        { sign: '+', text: 'drop from 198.51.100.0/27 until 2026-03-04T14:10:00Z' },
        { sign: '+', text: 'drop from 2001:db8:bad::/48 until 2026-03-04T14:10:00Z' },
      ],
      endKeptByTarget: true,
      endSentence: 'Each entry ends by itself on the edge, even while Watchfloor is closed.',
      undoSentence: 'Removes these 2 entries from the edge.',
      survivesReload: 'yes',
    });
    await target.apply(action, io);
    expect((await target.preview(action, io)).diff.map(({ sign }) => sign)).toEqual(['=', '=']);
  });

  it('applies once however often it is told, and reads back what is there', async () => {
    await target.apply(action, io);
    await target.apply(action, io);
    expect(await target.list(io)).toEqual(action.entries);
    expect(await target.verify(action, io)).toEqual({ present: action.entries, missing: [] });
  });

  it('ends entries by itself', async () => {
    await target.apply(action, io);
    nowMs += 10 * minuteMs;
    expect(await target.verify(action, io)).toEqual({
      present: [],
      missing: ['198.51.100.0/27', '2001:db8:bad::/48'],
    });
  });

  it('reverts its own entries and no others; those gone already are fine', async () => {
    const other = {
      mitigationId: 'mitigation-2',
      entries: [{ entry: '203.0.113.9/32', expiresMs: startMs + minuteMs }],
    };
    await target.apply(action, io);
    await target.apply(other, io);
    await target.revert(action, io);
    await target.revert(action, io);
    expect(await target.list(io)).toEqual(other.entries);
  });

  it('tells who would have been hit', async () => {
    const impact = await target.impact(io);
    expect(impact?.windowMs).toBe(5 * minuteMs);
    expect(impact?.totalRequests).toBe(impact?.clients.reduce((sum, { requests }) => sum + requests, 0));
    expect(impact?.clients.length).toBeGreaterThan(700);
  });

  it('names the address at which it is managed', () => {
    expect(target.managementAddresses()).toEqual(['192.0.2.254']);
  });

  it('refuses outside the range, and nothing changes', async () => {
    setRangeWorld(null);
    await expect(target.apply(action, io)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await target.test(io)).ok).toBe(false);
  });
});
