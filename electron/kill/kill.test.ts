import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Client } from '../../shared/api/client.ts';
import type { ActionPlan } from '../../shared/domain/mitigation.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { freePort } from '../testing/real/programs.ts';
import { type RunningHaproxy, runtimeCommand, startHaproxy } from '../testing/real/servers.ts';
import { appliedTwice, block, differences, settled, type TargetEntry } from './blocks.ts';
import { alertsTitled, type CoreUnderTest, dieDuring, startCore } from './core-under-test.ts';
import { countsOf, type EveStream, eveStream } from './eve-stream.ts';
import { type Moment, momentName, randomMoments } from './moments.ts';

/** Seventy deaths by SIGKILL: 26 while records come in, 10 around a bulk action, 10 around a merge and a split, 2 on a case, 22 around a block. Set the seed to repeat a run. */
const seed = Number(process.env.WATCHFLOOR_KILL_SEED ?? Math.floor(Math.random() * 1_000_000));
console.log(`kill test: WATCHFLOOR_KILL_SEED=${seed}`);

const batchCount = 6;
const linesPerBatch = 400;

const point = (name: Extract<Moment, { kind: 'point' }>['point'], passing: number): Moment => ({
  kind: 'point',
  point: name,
  passing,
});

/** Longest that one death, the start after it and the comparison may take. */
const momentTimeoutMs = 60_000;

let dataDirectory = '';
beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'watchfloor-kill-'));
});
afterAll(() => {
  rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** Ends whatever a failed moment left running. */
const running: CoreUnderTest[] = [];
async function start(...given: Parameters<typeof startCore>): Promise<CoreUnderTest> {
  const core = await startCore(...given);
  running.push(core);
  return core;
}
afterEach(async () => {
  for (const core of running.splice(0)) await core.host.kill();
});

const named = (moments: readonly Moment[]) =>
  moments.map((moment, number) => [momentName(moment), number, moment] as const);

/** Sends a stream's batches in order; tells after each acknowledgement. */
async function send(
  client: Client,
  stream: EveStream,
  acknowledged: (batches: number) => void = () => {},
): Promise<number> {
  let fresh = 0;
  for (const [index, text] of stream.batches.entries()) {
    const last = index === stream.batches.length - 1;
    const counts = await client.call('ingest.lines', {
      kind: 'suricata-eve',
      stream: stream.name,
      text,
      last,
    });
    fresh += counts.new;
    acknowledged(index + 1);
  }
  return fresh;
}

describe('every acknowledged record is there once, whenever the core dies while records come in', () => {
  const moments: Moment[] = [
    ...[1, 2, 3, 4, 5, 6].map((passing) => point('ingest:before-commit', passing)),
    ...[1, 2, 3, 4, 5, 6].map((passing) => point('ingest:after-commit', passing)),
    ...randomMoments(seed, 8, 250),
  ];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const stream = eveStream(number, batchCount, linesPerBatch);
      let acknowledgedBatches = 0;
      const dying = await start(dataDirectory, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        await send(client, stream, (batches) => {
          acknowledgedBatches = batches;
        });
      });

      const core = await start(dataDirectory, 'live');
      const stored = await alertsTitled(core.client, stream.name);
      const all = countsOf(stream, batchCount);
      const missing = [...countsOf(stream, acknowledgedBatches)].filter(
        ([address, count]) => (stored.get(address)?.count ?? 0) < count,
      );
      const tooMany = [...stored].filter(([address, alert]) => alert.count > (all.get(address) ?? 0));
      expect({ missing, tooMany }).toEqual({ missing: [], tooMany: [] });

      // The source reads from the beginning again, as after any crash: what is there already adds nothing.
      await send(core.client, stream);
      const after = await alertsTitled(core.client, stream.name);
      expect(new Map([...after].map(([address, alert]) => [address, alert.count]))).toEqual(all);
      expect(await send(core.client, stream)).toBe(0);
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('every record of a followed file is there once, whenever the core dies while the file grows', () => {
  const moments: Moment[] = [
    // The first passing is the look at the file at the start, before anybody could have connected.
    point('ingest:before-commit', 2),
    point('ingest:before-commit', 3),
    point('ingest:after-commit', 2),
    point('ingest:after-commit', 3),
    ...randomMoments(seed + 3, 2, 2_500),
  ];
  let data = '';
  let file = '';
  beforeAll(async () => {
    data = join(dataDirectory, 'with-file');
    file = join(dataDirectory, 'eve.json');
    writeFileSync(file, '');
    const core = await start(data, 'live');
    await core.client.call('connections.save', {
      id: null,
      role: 'source',
      kind: 'suricata-eve',
      name: 'sensor',
      customerId: null,
      enabled: true,
      settings: { path: file, startAt: 'beginning', intervalSeconds: 2 },
      secrets: {},
    });
    await core.close();
  }, momentTimeoutMs);

  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      // Numbers of their own: these streams share no alert with those above.
      const stream = eveStream(100 + number, batchCount, linesPerBatch);
      const [first = '', ...rest] = stream.batches;
      const half = Math.floor(first.length / 2);
      const dying = await start(data, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        // A line that is there by half is no record yet.
        appendFileSync(file, first.slice(0, half));
        await waitFor(async () => (await alertsTitled(client, stream.name)).size > 0);
        appendFileSync(file, first.slice(half));
        for (const batch of rest) appendFileSync(file, batch);
        await waitFor(
          async () => (await alertsTitled(client, stream.name)).size === stream.linesByAddress.size,
        );
      });
      const core = await start(data, 'live');
      const written = readFileSync(file, 'utf8');
      const missing = stream.batches.join('').slice(written.length - startOf(written, stream.name));
      appendFileSync(file, missing);
      await waitFor(
        async () => (await alertsTitled(core.client, stream.name)).size === stream.linesByAddress.size,
      );
      const stored = await alertsTitled(core.client, stream.name);
      expect(new Map([...stored].map(([address, alert]) => [address, alert.count]))).toEqual(
        countsOf(stream, batchCount),
      );
      await core.close();
    },
    momentTimeoutMs,
  );
});

/** Where the first line of a stream begins in a file's text; its end where there is none. */
function startOf(text: string, streamName: string): number {
  const found = text.indexOf(streamName);
  return found < 0 ? text.length : text.lastIndexOf('\n', found) + 1;
}

async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 20_000, interval: 100 });
}

describe('a bulk action and its undo are whole or not there, whenever the core dies', () => {
  const moments = [
    point('alerts:before-commit', 1),
    point('alerts:after-commit', 1),
    point('alerts:before-commit', 2),
    point('alerts:after-commit', 2),
    ...randomMoments(seed + 4, 6, 400),
  ];
  const stream = eveStream(200, 10, 2_000);
  let data = '';
  beforeAll(async () => {
    data = join(dataDirectory, 'bulk');
    const core = await start(data, 'live');
    await send(core.client, stream);
    await core.close();
  }, momentTimeoutMs);

  const query = {
    lane: null,
    text: `title:${stream.name}`,
    fromMs: null,
    toMs: null,
    includeDone: true,
    sort: 'received',
  } as const;
  const count = async (client: Client, text: string) =>
    (await client.call('alerts.count', { query: { ...query, text: `${query.text} ${text}` } })).count;

  test.each(named(moments))(
    '%s',
    async (_name, _number, moment) => {
      const all = stream.linesByAddress.size;
      let closed: { changed: number; undoId: string | null } | null = null;
      let isUndone = false;
      const dying = await start(data, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        const { upToSequence } = await client.call('alerts.query', {
          ...query,
          upToSequence: null,
          offset: 0,
          limit: 1,
        });
        closed = await client.call('alerts.act', {
          selection: { by: 'query', query, upToSequence },
          action: { type: 'close', disposition: 'duplicate', reason: 'Dies on the way' },
        });
        await client.call('alerts.undo', { undoId: closed.undoId ?? '' });
        isUndone = true;
      });

      const core = await start(data, 'live');
      const found = await count(core.client, 'status:closed disposition:duplicate');
      const fresh = await count(core.client, 'status:new disposition:none');
      expect([0, all]).toContain(found);
      expect(found + fresh).toBe(all);
      if (closed === null) {
        // Not acknowledged, and yet it may be there: then a person closes again, and that changes nothing.
        if (found === all) await closeAndUndo(core.client, all);
      } else if (isUndone) expect(found).toBe(0);
      else if (found === all) {
        const { undoId } = closed as { undoId: string | null };
        expect(await core.client.call('alerts.undo', { undoId: undoId ?? '' })).toEqual({
          changed: all,
          skipped: 0,
          skippedIds: [],
        });
      }
      expect(await count(core.client, 'status:new disposition:none')).toBe(all);
      await closeAndUndo(core.client, all);
      await core.close();
    },
    momentTimeoutMs,
  );

  /** Reopens what is closed; then closes everything and takes that back: the state after is the one before. */
  async function closeAndUndo(client: Client, all: number): Promise<void> {
    const selection = { by: 'query', query, upToSequence: Number.MAX_SAFE_INTEGER } as const;
    await client.call('alerts.act', { selection, action: { type: 'reopen' } });
    const again = await client.call('alerts.act', {
      selection,
      action: { type: 'close', disposition: 'duplicate', reason: '' },
    });
    expect(again.changed).toBe(all);
    const undone = await client.call('alerts.undo', { undoId: again.undoId ?? '' });
    expect(undone).toMatchObject({ changed: all, skipped: 0 });
    expect(await count(client, 'status:new disposition:none')).toBe(all);
  }
});

describe('a merge, a split and their undos are whole or not there, whenever the core dies', () => {
  const moments = [
    ...[1, 2, 3, 4].map((passing) => point('alerts:before-commit', passing)),
    ...[1, 2].map((passing) => point('alerts:after-commit', passing)),
    ...randomMoments(seed + 5, 4, 500),
  ];
  const stream = eveStream(210, 2, 2_000);
  const all = stream.linesByAddress.size;
  const [splitAddress = ''] = stream.linesByAddress.keys();
  let data = '';
  beforeAll(async () => {
    data = join(dataDirectory, 'groups');
    const core = await start(data, 'live');
    await send(core.client, stream);
    // Once more hours later: a silence to split by.
    const [line = ''] = stream.batches[0]?.split('\n') ?? [];
    const later = { ...JSON.parse(line), timestamp: '2026-01-05T06:00:00.000000+0000', flow_id: 1 };
    const text = `${JSON.stringify(later)}\n`;
    await core.client.call('ingest.lines', { kind: 'suricata-eve', stream: 'later', text, last: true });
    await core.close();
  }, momentTimeoutMs);

  const queryOf = (text: string, includeDone = true) =>
    ({
      lane: null,
      text: `title:${stream.name} ${text}`,
      fromMs: null,
      toMs: null,
      includeDone,
      sort: 'received',
    }) as const;

  /** How many are merged and split; and that each alert and each occurrence is there exactly once. */
  async function stateOf(client: Client): Promise<{ readonly merged: number; readonly parts: number }> {
    const count = async (text: string, includeDone = true) =>
      (await client.call('alerts.count', { query: queryOf(text, includeDone) })).count;
    const merged = await count('merged:any');
    const split = await count('split:any');
    const page = { upToSequence: null, offset: 0, limit: 500 };
    const { rows } = await client.call('alerts.query', { ...queryOf(`src:${splitAddress}`, false), ...page });
    const parts = rows.filter(({ partOf }) => partOf !== null).length;
    expect([split, parts]).toEqual(split === 0 ? [0, 0] : [1, 2]);
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(3);
    expect([0, all - 2]).toContain(merged);
    expect(await count('', false)).toBe(all - merged - split + parts);
    return { merged, parts };
  }

  test.each(named(moments))(
    '%s',
    async (_name, _number, moment) => {
      const both = { merged: all - 2, parts: 2 };
      const merged = { ...both, parts: 0 };
      const nothing = { merged: 0, parts: 0 };
      const steps = [nothing, merged, both, merged, nothing];
      let acknowledged = 0;
      const selectionOf = (text: string) =>
        ({ by: 'query', query: queryOf(text), upToSequence: Number.MAX_SAFE_INTEGER }) as const;
      const dying = await start(data, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        const merge = await client.call('alerts.act', {
          selection: selectionOf(`-src:${splitAddress}`),
          action: { type: 'merge', leaderId: null },
        });
        acknowledged += 1;
        const split = await client.call('alerts.act', {
          selection: selectionOf(`src:${splitAddress}`),
          action: { type: 'split', by: { kind: 'gap', gapMs: 3_600_000 } },
        });
        acknowledged += 1;
        for (const { undoId } of [split, merge]) {
          await client.call('alerts.undo', { undoId: undoId ?? '' });
          acknowledged += 1;
        }
      });

      const core = await start(data, 'live');
      // What was on its way when the core died is there or not.
      expect([steps[acknowledged], steps[acknowledged + 1]]).toContainEqual(await stateOf(core.client));
      for (const type of ['unsplit', 'unmerge'] as const) {
        await core.client.call('alerts.act', { selection: selectionOf('merged:any,none'), action: { type } });
      }
      expect(await stateOf(core.client)).toEqual(nothing);
      expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('a case keeps what was acknowledged and its chain verifies, whenever the core dies while it is written', () => {
  const moments = [point('case:before-commit', 3), point('case:before-commit', 8)];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const acknowledged: string[] = [];
      const dying = await start(dataDirectory, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        const opened = await client.call('cases.open', {
          alertIds: [],
          title: `Case ${number}`,
          severity: 'high',
          customerId: null,
        });
        for (let index = 0; index < 20; index += 1) {
          const noteId = `note-${number}-${index}`;
          const entry = { kind: 'note-added', noteId, markdown: noteId } as const;
          await client.call('cases.append', { caseId: opened.id, entry });
          acknowledged.push(noteId);
        }
      });
      const core = await start(dataDirectory, 'live');
      const [summary] = await core.client.call('cases.list', { status: null, text: `Case ${number}` });
      const state = summary === undefined ? null : await core.client.call('cases.get', { id: summary.id });
      expect(state?.notes.map((note) => note.markdown) ?? []).toEqual(acknowledged);
      if (summary !== undefined) {
        expect(await core.client.call('cases.verify', { id: summary.id })).toMatchObject({ ok: true });
      }
      expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
      await core.close();
    },
    momentTimeoutMs,
  );
});

/** Moments around one block, and around taking it away again. */
const applyPoints = [
  point('mitigation:before-approved', 1),
  point('mitigation:after-approved', 1),
  point('mitigation:after-applying', 1),
  point('mitigation:after-apply', 1),
  point('mitigation:after-applied', 1),
  point('mitigation:after-verify', 1),
];
const endPoints = [point('mitigation:after-ending', 1), point('mitigation:after-revert', 1)];

/** One death while a block is approved and applied, and taken away again when the work gets so far. */
async function dieAroundBlock(
  directory: string,
  moment: Moment,
  workspace: 'live' | 'range',
  entries: readonly string[],
  targetEntries: () => Promise<readonly TargetEntry[]>,
): Promise<void> {
  const dying = await start(directory, workspace, moment);
  const plan = await planOf(dying.client);
  await dieDuring(dying, moment, async (client) => {
    const { id } = await block(client, plan, entries);
    await client.call('mitigations.undo', { id, reason: 'Enough' });
  });
  const core = await start(directory, workspace);
  const mitigations = await settled(core.client);
  expect(differences(mitigations, await targetEntries(), Date.now())).toEqual([]);
  expect(await core.client.call('mitigations.orphans', {})).toEqual([]);
  expect(await appliedTwice(core.client, mitigations)).toEqual([]);
  expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });

  // What a crash left approved, a person applies; then ledger and target agree again.
  for (const { id } of mitigations.filter(({ state }) => state === 'approved')) {
    await core.client.call('mitigations.apply', { id });
  }
  const applied = await settled(core.client);
  expect(applied.filter(({ state }) => state === 'approved')).toEqual([]);
  expect(differences(applied, await targetEntries(), Date.now())).toEqual([]);
  for (const { id, state } of applied) {
    if (state === 'verified') await core.client.call('mitigations.undo', { id, reason: 'Next moment' });
  }
  expect((await targetEntries()).filter(({ expiresMs }) => expiresMs > Date.now())).toEqual([]);
  await core.close();
}

async function planOf(client: Client): Promise<ActionPlan> {
  const plans = await client.call('plans.list', {});
  const plan = plans.find(({ retired }) => !retired);
  if (plan === undefined) throw new Error('There is no action plan.');
  return plan;
}

/** What HAProxy itself holds, by its own runtime socket: `0x… address until`, a line each. */
async function haproxyEntries(socketPath: string, mapPath: string): Promise<TargetEntry[]> {
  const answer = await runtimeCommand(socketPath, `show map ${mapPath}`);
  return answer.split('\n').flatMap((line) => {
    const [, address, until] = line.trim().split(/\s+/);
    if (address === undefined || until === undefined) return [];
    const parsed = parseNetwork(address);
    return parsed.ok ? [{ entry: parsed.network.cidr, expiresMs: Number(until) * 1_000 }] : [];
  });
}

const edgeFile = z.object({ entries: z.array(z.object({ entry: z.string(), expiresMs: z.number() })) });

/** What the range's edge holds, by the file that it keeps as a device keeps its own state. */
async function edgeEntries(directory: string): Promise<TargetEntry[]> {
  const path = join(directory, 'range', 'range-edge.json');
  return existsSync(path) ? edgeFile.parse(JSON.parse(readFileSync(path, 'utf8'))).entries : [];
}

describe('no block on HAProxy is applied twice or forgotten, whenever the core dies around it', () => {
  let haproxy: RunningHaproxy;
  let data = '';
  beforeAll(async () => {
    haproxy = await startHaproxy(dataDirectory, { originPort: await freePort() });
    data = join(dataDirectory, 'with-haproxy');
    const core = await start(data, 'live');
    await setUpHaproxy(core.client, haproxy);
    await core.close();
  }, momentTimeoutMs);
  afterAll(() => haproxy?.stop());

  const moments = [...applyPoints, ...endPoints, ...randomMoments(seed + 1, 6, 120)];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const entries = [`203.0.113.${number + 1}/32`, `198.51.100.${number * 8}/29`];
      await dieAroundBlock(data, moment, 'live', entries, () =>
        haproxyEntries(haproxy.socketPath, haproxy.mapPath),
      );
    },
    momentTimeoutMs,
  );
});

/** A customer, HAProxy as its target, and a plan that lets one person ask and approve. */
async function setUpHaproxy(client: Client, haproxy: RunningHaproxy): Promise<void> {
  const customer = await client.call('customers.save', {
    id: null,
    name: 'Acme',
    ownRanges: ['192.0.2.0/24'],
    defaultTlp: 'TLP:AMBER',
    noiseBudget: 5,
  });
  const target = await client.call('connections.save', {
    id: null,
    role: 'target',
    kind: 'haproxy',
    name: 'edge',
    customerId: customer.id,
    enabled: true,
    settings: {
      socket: haproxy.socketPath,
      mapName: haproxy.mapPath,
      table: haproxy.table,
      timeoutSeconds: 5,
    },
    secrets: {},
  });
  await client.call('plans.save', {
    id: null,
    customerId: customer.id,
    name: 'Kill plan',
    targetId: target.id,
    agreedBy: 'Acme',
    maxTtlMs: 3_600_000,
    defaultTtlMs: 600_000,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 10_000,
    samePersonMayApprove: true,
    loopbackAllowed: false,
    allowList: [],
  });
}

describe("no block on the range's edge is applied twice or forgotten, whenever the core dies around it", () => {
  const moments = [
    point('mitigation:after-applying', 1),
    point('mitigation:after-apply', 1),
    point('mitigation:after-applied', 1),
    point('mitigation:after-ending', 1),
    point('mitigation:after-revert', 1),
    ...randomMoments(seed + 2, 3, 60),
  ];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const data = join(dataDirectory, 'with-range');
      await dieAroundBlock(data, moment, 'range', [`198.51.100.${number + 1}/32`], () => edgeEntries(data));
    },
    momentTimeoutMs,
  );
});
