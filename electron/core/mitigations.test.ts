import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ActionPlan, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from '../db/index.ts';
import type { BlockAction, Target, TargetKind } from '../targets/target.ts';
import { type Analysts, openAnalysts } from './analysts.ts';
import { createHub } from './hub.ts';
import { createMitigations, type Mitigations } from './mitigations.ts';
import { openSecretStore } from './secrets.ts';

/** A target in memory that counts what is done to it and fails when told. */
function fakeTarget() {
  const entries = new Map<string, number>();
  const calls: string[] = [];
  let failure: { on: 'apply' | 'verify' | 'revert'; code: 'refused' | 'unavailable'; after: boolean } | null =
    null;
  function step(name: 'apply' | 'verify' | 'revert', work: () => void): void {
    calls.push(name);
    const fails = failure?.on === name ? failure : null;
    if (!fails || fails.after) work();
    if (fails) throw new WatchfloorError(fails.code, `The target says ${fails.code}.`);
  }
  const target: Target = {
    preview: async (action) => ({
      diff: action.entries.map(({ entry }) => ({ sign: '+' as const, text: `block ${entry}` })),
      endKeptByTarget: true,
      endSentence: 'Ends by itself.',
      undoSentence: 'Takes it away.',
      survivesReload: 'yes',
    }),
    apply: async (action) =>
      step('apply', () => {
        for (const { entry, expiresMs } of action.entries) entries.set(entry, expiresMs);
      }),
    verify: async (action) => {
      step('verify', () => undefined);
      const has = action.entries.filter(({ entry }) => entries.has(entry));
      const missing = action.entries.filter(({ entry }) => !entries.has(entry)).map(({ entry }) => entry);
      return { present: has, missing };
    },
    revert: async (action: BlockAction) =>
      step('revert', () => {
        for (const { entry } of action.entries) entries.delete(entry);
      }),
    list: async () => [...entries].map(([entry, expiresMs]) => ({ entry, expiresMs })),
    impact: async () => ({
      windowMs: 300_000,
      totalRequests: 1_000,
      estimated: false,
      clients: [{ address: '198.51.100.7', requests: 900, usual: 0 }],
    }),
    test: async () => ({ ok: true, lines: [] }),
    managementAddresses: () => ['192.0.2.254'],
  };
  return {
    entries,
    calls,
    target,
    fail(next: typeof failure) {
      failure = next;
    },
  };
}

let folder: string;
let store: Store;
let analysts: Analysts;
let mitigations: Mitigations;
let fake: ReturnType<typeof fakeTarget>;
let plan: ActionPlan;
let clockMs: number;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  clockMs = Date.UTC(2026, 2, 3, 2, 14);
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-mitigations-'));
  store = openStore(folder, { nowMs: () => clockMs, appVersion: 'test' });
  const secrets = await openSecretStore(folder, null);
  let ids = 0;
  analysts = await openAnalysts(store, secrets, (prefix) => `${prefix}_${ids++}`);
  await analysts.setCurrent('Ada');
  fake = fakeTarget();
  const kind: TargetKind = {
    descriptor: {
      kind: 'fake',
      role: 'target',
      name: 'Fake',
      summary: '',
      mode: 'target',
      userAddable: true,
      fields: [],
      setup: [],
    },
    create: () => fake.target,
  };
  const hub = createHub({
    status: () => {
      throw new Error('nobody listens');
    },
    connections: () => ({ connections: [] }),
  });
  mitigations = createMitigations({
    store,
    hub,
    analysts,
    secrets,
    log: { write: () => undefined },
    kinds: new Map([['fake', kind]]),
    nowMs: () => clockMs,
    noteInCase: (caseId, writer, payload) => {
      store.cases.append(caseId, writer, [payload]);
    },
  });
  const customer = store.customers.findOrCreateByName('Northwind');
  const target = store.connections.save({
    id: null,
    role: 'target',
    kind: 'fake',
    name: 'edge',
    customerId: null,
    enabled: true,
    settings: {},
  });
  plan = store.plans.save({
    id: null,
    customerId: customer.id,
    name: 'Edge blocks',
    targetId: target.id,
    agreedBy: 'J. Doe',
    maxTtlMs: hourMs,
    defaultTtlMs: 30 * minuteMs,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 20,
    samePersonMayApprove: true,
    loopbackAllowed: false,
    allowList: [],
  });
});

afterEach(async () => {
  await mitigations.close();
  store.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const propose = (change: { planId?: string; caseId?: string; entries?: string[] } = {}) =>
  mitigations.propose({
    planId: plan.id,
    caseId: null,
    alertId: null,
    entries: ['198.51.100.7'],
    ttlMs: 30 * minuteMs,
    reason: 'HTTP flood',
    ...change,
  });
const approve = (mitigation: Mitigation) =>
  mitigations.approve({ id: mitigation.id, hash: mitigation.hash, reason: '', typedTarget: null });
const states = (id: string): MitigationState[] =>
  store.mitigations
    .ledger(id, 100)
    .sort((a, b) => a.sequence - b.sequence)
    .map((row) => row.state);

describe('from proposal to end', () => {
  test('proposed with guards and preview, approved, applied once, verified', async () => {
    const proposed = await propose();
    expect(proposed.state).toBe('proposed');
    expect(proposed.guards.every((guard) => guard.passed)).toBe(true);
    expect(proposed.preview?.impact).toMatchObject({ hitRequests: 900, excessRequests: 900, hitClients: 1 });
    expect(fake.calls).toEqual([]);

    const verified = await approve(proposed);
    expect(verified.state).toBe('verified');
    expect(verified.expiresMs).toBe(clockMs + 30 * minuteMs);
    expect(fake.entries).toEqual(new Map([['198.51.100.7/32', clockMs + 30 * minuteMs]]));
    expect(states(proposed.id)).toEqual(['proposed', 'approved', 'applying', 'applied', 'verified']);
    expect(fake.calls.filter((call) => call === 'apply')).toHaveLength(1);
    expect(store.audit.verify().ok).toBe(true);
  });

  test('approving twice, at once or later, applies once', async () => {
    const proposed = await propose();
    const results = await Promise.allSettled([approve(proposed), approve(proposed)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(approve(proposed)).rejects.toMatchObject({ code: 'conflict' });
    expect(fake.calls.filter((call) => call === 'apply')).toHaveLength(1);
  });

  test('what was shown is what is approved', async () => {
    const proposed = await propose();
    await expect(
      mitigations.approve({ id: proposed.id, hash: 'other', reason: '', typedTarget: null }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(fake.calls).toEqual([]);
  });

  test.each([
    ['a host name', ['example.com'], 'bad-input'],
    ['shell words', ['198.51.100.7; shutdown'], 'bad-input'],
  ])('%s is not even proposed', async (_name, entries, code) => {
    await expect(propose({ entries })).rejects.toMatchObject({ code });
  });

  test('a guard that fails stops the approval, whatever the dialog sends', async () => {
    const proposed = await propose({ entries: ['192.0.2.254'] });
    expect(proposed.guards.filter((guard) => !guard.passed).map((guard) => guard.guard)).toEqual([
      'management-address',
    ]);
    await expect(approve(proposed)).rejects.toMatchObject({ code: 'refused' });
    expect(fake.entries.size).toBe(0);
    expect(store.mitigations.get(proposed.id)?.state).toBe('proposed');
  });

  test('a network asks for the name of the target', async () => {
    const proposed = await propose({ entries: ['198.51.100.0/24'] });
    await expect(approve(proposed)).rejects.toMatchObject({ code: 'refused' });
    const approved = await mitigations.approve({
      id: proposed.id,
      hash: proposed.hash,
      reason: '',
      typedTarget: 'edge',
    });
    expect(approved.state).toBe('verified');
  });

  test('a plan for two people refuses the one who asked', async () => {
    const { id, version: _v, hash: _h, agreedMs: _a, retired: _r, ...agreed } = plan;
    const strict = store.plans.save({ ...agreed, id, samePersonMayApprove: false });
    const proposed = await propose({ planId: strict.id });
    await expect(approve(proposed)).rejects.toMatchObject({ code: 'not-allowed' });
    await analysts.setCurrent('Grace');
    expect((await approve(proposed)).approvedBy).toBe('Grace');
  });

  test('a plan that changed after the proposal stops it', async () => {
    const proposed = await propose();
    const { id, version: _v, hash: _h, agreedMs: _a, retired: _r, ...agreed } = plan;
    store.plans.save({ ...agreed, id, maxTtlMs: 10 * minuteMs });
    await expect(approve(proposed)).rejects.toMatchObject({ code: 'refused' });
    expect(fake.calls).toEqual([]);
  });

  test('a refusal of the target means that nothing is in force', async () => {
    fake.fail({ on: 'apply', code: 'refused', after: false });
    const failed = await approve(await propose());
    expect(failed.state).toBe('failed');
    expect(failed.expiresMs).toBeNull();
  });

  test('undo takes it away and looks that it is gone', async () => {
    const verified = await approve(await propose());
    const ended = await mitigations.undo(verified.id, 'not them');
    expect([ended.state, ended.endedHow]).toEqual(['ended', 'undone']);
    expect(fake.entries.size).toBe(0);
  });

  test('at its time it has ended by itself', async () => {
    await mitigations.start();
    const verified = await approve(await propose());
    clockMs += 30 * minuteMs;
    await vi.advanceTimersByTimeAsync(1_100);
    const ended = store.mitigations.get(verified.id);
    expect([ended?.state, ended?.endedHow, ended?.endedMs]).toEqual(['ended', 'by-itself', clockMs]);
    expect(fake.entries.size).toBe(0);
  });

  test('an end, by time or by undo, leaves alone what a later mitigation holds', async () => {
    await mitigations.start();
    const first = await approve(await propose());
    clockMs += 20 * minuteMs;
    const second = await approve(await propose());
    clockMs += 10 * minuteMs;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(store.mitigations.get(first.id)?.endedHow).toBe('by-itself');
    expect(fake.entries).toEqual(new Map([['198.51.100.7/32', second.expiresMs]]));

    const third = await approve(await propose({ entries: ['198.51.100.7', '203.0.113.9'] }));
    expect((await mitigations.undo(third.id, 'not them')).sentence).toContain('another mitigation holds it');
    expect([...fake.entries.keys()]).toEqual(['198.51.100.7/32']);
    expect((await mitigations.undo(second.id, 'over')).state).toBe('ended');
    expect(fake.entries.size).toBe(0);
  });

  test('an entry that vanished is lost, and applying again gives only the time that was left', async () => {
    const verified = await approve(await propose());
    fake.entries.clear();
    clockMs += 10 * minuteMs;
    expect((await mitigations.verify(verified.id)).state).toBe('lost');
    const again = await mitigations.apply(verified.id);
    expect([again.state, again.expiresMs]).toEqual(['verified', verified.expiresMs]);
  });
});

describe('what a crash or a dead target leaves between two steps', () => {
  /** Brings a mitigation to `applying` as the process would just before it asked the target. */
  async function interrupted(): Promise<Mitigation> {
    const proposed = await propose();
    const writer = analysts.writer();
    store.mitigations.transition(proposed.id, ['proposed'], 'approved', {}, writer.name, 'approved');
    return store.mitigations.transition(
      proposed.id,
      ['approved'],
      'applying',
      { expiresMs: clockMs + 30 * minuteMs },
      writer.name,
      'applying',
    );
  }

  test('present on the target: adopted, not applied again', async () => {
    const mitigation = await interrupted();
    fake.entries.set('198.51.100.7/32', mitigation.expiresMs ?? 0);
    await mitigations.start();
    expect(store.mitigations.get(mitigation.id)?.state).toBe('verified');
    expect(fake.calls).not.toContain('apply');
  });

  test('absent: approved again, and a person presses Apply', async () => {
    const mitigation = await interrupted();
    await mitigations.start();
    expect(store.mitigations.get(mitigation.id)?.state).toBe('approved');
    expect(fake.calls).not.toContain('apply');
    expect((await mitigations.apply(mitigation.id)).state).toBe('verified');
  });

  test('out of reach: unknown, and settled when it answers', async () => {
    const mitigation = await interrupted();
    fake.entries.set('198.51.100.7/32', mitigation.expiresMs ?? 0);
    fake.fail({ on: 'verify', code: 'unavailable', after: false });
    await mitigations.start();
    expect(store.mitigations.get(mitigation.id)?.state).toBe('unknown');
    fake.fail(null);
    clockMs += 6_000;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(store.mitigations.get(mitigation.id)?.state).toBe('verified');
  });

  test('an answer that never came although it was done: unknown, then adopted', async () => {
    fake.fail({ on: 'apply', code: 'unavailable', after: true });
    const unknown = await approve(await propose());
    expect(unknown.state).toBe('unknown');
    fake.fail(null);
    expect((await mitigations.verify(unknown.id)).state).toBe('verified');
    expect(fake.calls.filter((call) => call === 'apply')).toHaveLength(1);
  });

  test('an undo that could not be confirmed is finished later', async () => {
    const verified = await approve(await propose());
    fake.fail({ on: 'revert', code: 'unavailable', after: false });
    expect((await mitigations.undo(verified.id, 'mistake')).state).toBe('unknown');
    expect(fake.entries.size).toBe(1);
    fake.fail(null);
    await mitigations.verify(verified.id);
    expect(store.mitigations.get(verified.id)?.state).toBe('ended');
    expect(fake.entries.size).toBe(0);
  });

  test('marks of ours that the ledger does not know are orphans', async () => {
    await approve(await propose());
    fake.entries.set('203.0.113.9/32', clockMs + minuteMs);
    expect((await mitigations.orphans()).map((orphan) => orphan.entry)).toEqual(['203.0.113.9/32']);
    await mitigations.removeOrphan(plan.targetId, '203.0.113.9/32');
    expect(await mitigations.orphans()).toEqual([]);
  });
});
