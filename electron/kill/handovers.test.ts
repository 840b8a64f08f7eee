import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CoreUnderTest, dieDuring, startCore } from './core-under-test.ts';
import { type Moment, momentName } from './moments.ts';

/** A signature and the row of the audit log that keeps it are there both or not at all, whenever the core dies. */
const momentTimeoutMs = 60_000;
const moments: readonly Moment[] = [
  { kind: 'point', point: 'handover:before-audit', passing: 1 },
  { kind: 'point', point: 'handover:before-commit', passing: 1 },
];
const named = moments.map((moment) => [momentName(moment), moment] as const);

let folder = '';
const running: CoreUnderTest[] = [];
async function start(moment: Moment | null = null): Promise<CoreUnderTest> {
  const core = await startCore(join(folder, 'home'), 'live', moment);
  running.push(core);
  return core;
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-kill-handovers-'));
});
afterEach(async () => {
  for (const core of running.splice(0)) await core.host.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** Actions of the audit log that are about handovers, and the state of the only one. */
async function recorded({ client }: CoreUnderTest) {
  const rows = await client.call('audit.list', { limit: 100 });
  const handovers = await client.call('handovers.list', {});
  return {
    actions: rows.map(({ action }) => action).filter((action) => action.startsWith('handover.')),
    states: handovers.map(({ state }) => state),
    isWhole: (await client.call('audit.verify', {})).ok,
  };
}

describe('a handover is signed with its audit row or stays a draft', () => {
  test.each(named)(
    '%s',
    async (_name, moment) => {
      const dying = await start(moment);
      let id = '';
      await dieDuring(dying, moment, async (client) => {
        const { row, draft } = await client.call('handovers.make', {});
        id = row.id;
        await client.call('handovers.sign', { id, revision: draft?.revision ?? -1 });
      });
      const core = await start();
      expect(await recorded(core)).toEqual({ actions: [], states: ['draft'], isWhole: true });
      const { draft } = await core.client.call('handovers.get', { id });
      await core.client.call('handovers.sign', { id, revision: draft?.revision ?? -1 });
      expect(await recorded(core)).toEqual({
        actions: ['handover.signed'],
        states: ['signed'],
        isWhole: true,
      });
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('a handover is countersigned with its audit row or not', () => {
  test.each(named)(
    '%s',
    async (_name, moment) => {
      const first = await start();
      const { row, draft } = await first.client.call('handovers.make', {});
      await first.client.call('handovers.sign', { id: row.id, revision: draft?.revision ?? -1 });
      await first.close();
      const input = { id: row.id, withOpen: true };
      const dying = await start(moment);
      await dieDuring(dying, moment, async (client) => {
        await client.call('handovers.countersign', input);
      });
      const core = await start();
      expect(await recorded(core)).toEqual({
        actions: ['handover.signed'],
        states: ['signed'],
        isWhole: true,
      });
      await core.client.call('handovers.countersign', input);
      expect(await recorded(core)).toEqual({
        actions: ['handover.countersigned', 'handover.signed'],
        states: ['countersigned'],
        isWhole: true,
      });
      await core.close();
    },
    momentTimeoutMs,
  );
});
