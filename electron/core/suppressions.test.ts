import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../shared/domain/alert.ts';
import type { NewSuppression } from '../../shared/domain/suppression.ts';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { openStore, type Store, type Writer } from '../db/index.ts';
import { alertQuery, occurrence, startMs, testWriter } from '../db/testing.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { createSuppressionJudge, type SuppressionJudge } from './suppression-judge.ts';
import { createSuppressions, type Suppressions } from './suppressions.ts';

let clockMs = startMs;
let folder: string;
let store: Store;
let writer: Writer;
let judge: SuppressionJudge;
let suppressions: Suppressions;
/** Alerts of which a person was told. */
let told: string[];

function start(): void {
  store = openStore(folder, { nowMs: () => clockMs, appVersion: 'test' });
  writer = testWriter(store);
  judge = createSuppressionJudge(store, () => clockMs);
  const silent = () => undefined;
  suppressions = createSuppressions({
    store,
    judge,
    hub: { alerts: silent, manyAlerts: silent },
    notifier: { news: (alerts) => told.push(...alerts.map((alert) => alert.id)) },
    analysts: {
      current: () => store.writers.currentAnalyst(),
      writer: () => writer,
      systemWriter: () => writer,
      namedWriter: async () => writer,
      setCurrent: async () => ({ id: writer.id, name: writer.name, publicKey: '' }),
    },
    log: { write: (_level, _part, text) => told.push(text) },
    nowMs: () => clockMs,
  });
}

beforeEach(() => {
  clockMs = startMs;
  told = [];
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-suppressions-'));
  start();
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Takes an occurrence of the alert of a title, and judges it as ingest does. */
function receive(title: string, more: Partial<OccurrenceInput> = {}): Alert {
  const input = occurrence({
    identity: `${title} ${clockMs} ${Math.random()}`,
    deduplicationKey: title,
    windowMs: 0,
    occurredMs: clockMs,
    title,
    customerName: 'Acme',
    serviceName: 'shop',
    ...more,
  });
  return store.transaction(() => {
    const { alertIds, toJudgeIds } = store.alerts.ingest(
      { id: 'source-1', kind: 'suricata-eve', customerId: null },
      [input],
      clockMs,
    );
    judge.judge(toJudgeIds);
    return alertOf(alertIds[0] ?? '');
  });
}

function alertOf(id: string): Alert {
  const alert = store.alerts.get(id);
  if (!alert) throw new Error(`no alert ${id}`);
  return alert;
}

const add = (text: string, more: Partial<NewSuppression> = {}) =>
  suppressions.add(
    {
      scope: { kind: 'query', text },
      reason: 'Agreed test',
      upTo: 'high',
      startMs: clockMs,
      endMs: clockMs + 4 * hourMs,
      weekly: false,
      ...more,
    },
    () => undefined,
  );
const titles = (text = '', more = {}) =>
  store.alerts
    .query(alertQuery({ text, ...more }), { offset: 0, limit: 100, upToSequence: null })
    .rows.map((alert) => alert.title)
    .sort();
const sentences = (id: string) =>
  [...store.alerts.history(id), ...store.suppressions.history(id)].map((row) => row.sentence);

describe('a suppression', () => {
  it('holds what is there and what comes, counts it exactly, and shows it', async () => {
    receive('Scan A');
    const taken = receive('Scan in hand');
    store.alerts.act({ by: 'ids', ids: [taken.id] }, { type: 'take' }, 'Ada');
    receive('Other');
    const made = await add('title:Scan');
    receive('Scan B');
    receive('Scan B');
    expect(titles()).toEqual(['Other', 'Scan in hand']);
    expect(store.alerts.openCounts().actionable).toBe(2);
    expect(titles('suppressed:any')).toEqual(['Scan A', 'Scan B']);
    expect(titles('suppressed:none')).toEqual(['Other', 'Scan in hand']);
    expect(titles(`suppressed:${made.id}`)).toEqual(['Scan A', 'Scan B']);
    expect(titles('', { includeDone: true })).toHaveLength(4);
    const [listed] = suppressions.list();
    expect(listed).toMatchObject({ id: made.id, owner: 'Ada', hidden: 2, holding: 2, endedMs: null });
    expect(listed?.newest.map(({ title, count }) => [title, count])).toEqual([
      ['Scan B', 2],
      ['Scan A', 1],
    ]);
    expect(store.audit.list(10).map((row) => row.action)).toEqual(['suppression.made']);
    // Noise is what called.
    expect(store.alerts.actionableByDay(startMs - dayMs).map((row) => row.count)).toEqual([2]);
  });

  it('ends by itself: what goes on comes into the queue and calls, the rest stays with it', async () => {
    const firing = receive('Scan firing', { sourceState: 'firing' });
    const resolved = receive('Scan resolved', { sourceState: 'resolved' });
    const made = await add('title:Scan');
    clockMs += 4 * hourMs - 1;
    await suppressions.keepTime();
    expect(titles()).toEqual([]);
    clockMs += 1;
    await suppressions.keepTime();
    expect(titles()).toEqual(['Scan firing']);
    expect(told).toEqual([firing.id]);
    expect(sentences(firing.id)).toEqual([
      'Held out of the queue by a suppression of Ada: Agreed test',
      'Came into the queue: the suppression “Agreed test” ended by itself, and it goes on',
    ]);
    expect(suppressions.list()[0]).toMatchObject({
      hidden: 2,
      holding: 1,
      endedMs: made.endMs,
      endedBy: null,
    });
    expect(titles(`suppressed:${made.id}`)).toEqual(['Scan firing', 'Scan resolved']);
    expect(store.audit.list(1)[0]?.sentence).toBe('The suppression “Agreed test” ended by itself.');
    // It is seen again when it comes again.
    receive('Scan resolved', { sourceState: 'resolved' });
    expect(alertOf(resolved.id).suppressed).toBe('held');
    clockMs += minuteMs;
    receive('Scan resolved', { sourceState: 'firing' });
    expect(titles()).toEqual(['Scan firing', 'Scan resolved']);
    expect(sentences(resolved.id).at(-1)).toBe(
      'Came again after the suppression “Agreed test” ended by itself',
    );
  });

  it('is ended early, once, and can give back all that it held', async () => {
    receive('Scan old', { sourceState: 'resolved' });
    const first = await add('title:Scan');
    expect((await suppressions.end(first.id, { everything: false })).endedBy).toBe('Ada');
    expect(titles()).toEqual([]);
    await expect(suppressions.end(first.id, { everything: true })).rejects.toThrow('ended already');
    receive('Scan new', { sourceState: 'resolved' });
    const second = await add('title:new');
    await suppressions.end(second.id, { everything: true });
    expect(titles()).toEqual(['Scan new']);
    expect(store.audit.list(1)[0]?.action).toBe('suppression.ended');
  });

  it('is extended, for 90 days from then on', async () => {
    const made = await add('title:Scan');
    clockMs += 3 * hourMs;
    expect(() => suppressions.setEnd(made.id, clockMs + 91 * dayMs)).toThrow('90 days');
    expect(() => suppressions.setEnd(made.id, clockMs)).toThrow('past');
    expect(suppressions.setEnd(made.id, clockMs + 90 * dayMs).endMs).toBe(clockMs + 90 * dayMs);
    clockMs += 80 * dayMs;
    await suppressions.keepTime();
    expect(receive('Scan').suppressed).toBe('held');
    expect(suppressions.setEnd(made.id, clockMs + 90 * dayMs).startMs).toBe(startMs);
    expect(store.audit.list(1)[0]?.action).toBe('suppression.end-changed');
  });

  it('never covers what is worse than it says, and lets go what gets worse', async () => {
    await add('title:Scan', { upTo: 'medium' });
    expect(receive('Scan critical', { severity: 'critical' }).suppressed).toBeNull();
    const rising = receive('Scan rising');
    expect(rising.suppressed).toBe('held');
    expect(receive('Scan rising', { severity: 'high' }).suppressed).toBeNull();
    expect(sentences(rising.id).at(-1)).toBe(
      'Came into the queue: its severity rose to high, and the suppression “Agreed test” covers up to medium',
    );
    const stopped = receive('Scan stopped', { mitigated: 'yes' });
    expect(receive('Scan stopped', { mitigated: 'yes' }).suppressed).toBe('held');
    expect(receive('Scan stopped', { mitigated: 'no' }).suppressed).toBeNull();
    // And never takes it again.
    expect(receive('Scan stopped').suppressed).toBeNull();
    expect(titles()).toEqual(['Scan critical', 'Scan rising', 'Scan stopped']);
    expect(sentences(stopped.id).at(-1)).toContain('something of it was let through');
    expect(suppressions.list()[0]).toMatchObject({ hidden: 2, holding: 0 });
  });

  it('lets a single alert go when a person says so, and leaves it', async () => {
    const { id } = receive('Scan');
    await add('title:Scan');
    suppressions.release(id);
    expect(receive('Scan', { title: 'Scan, changed' }).suppressed).toBeNull();
    expect(sentences(id).at(-1)).toBe('Ada let it into the queue');
    expect(told).toEqual([]);
    expect(() => suppressions.release(id)).toThrow('Nothing holds');
  });

  it('lets go what a person takes in hand', async () => {
    const { id } = receive('Scan');
    receive('Scan too');
    await add('title:Scan');
    store.alerts.act({ by: 'ids', ids: [id] }, { type: 'take' }, 'Ada');
    suppressions.takenInHand();
    expect(titles()).toEqual(['Scan']);
    expect(sentences(id).at(-1)).toBe('Came out of its suppression: Ada took it in hand');
  });

  it('hands over to another one that covers the same', async () => {
    const { id } = receive('Scan', { sourceState: 'firing' });
    const first = await add('title:Scan');
    const second = await add('title:Sca', { endMs: clockMs + 8 * hourMs });
    await suppressions.end(first.id, { everything: false });
    expect(alertOf(id)).toMatchObject({ suppressed: 'held', suppressionIds: [first.id, second.id] });
    expect(told).toEqual([]);
    expect(suppressions.list().map(({ hidden, holding }) => [hidden, holding])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('says before what it would hold', async () => {
    const preview = (text: string, upTo: 'high' | 'low') => suppressions.preview(text, upTo, () => false);
    receive('Scan A');
    const { id } = receive('Scan B');
    store.alerts.act(
      { by: 'ids', ids: [id] },
      { type: 'close', disposition: 'true-positive', reason: '' },
      'Ada',
    );
    expect(await preview('title:Scan', 'high')).toEqual({
      problem: null,
      open: 1,
      worse: 0,
      lastMonth: 2,
      truePositives: 1,
    });
    expect(await preview('title:Scan', 'low')).toMatchObject({ open: 0, worse: 1, lastMonth: 0 });
    expect((await preview('status:new', 'high')).problem).toContain('Leave out status');
  });

  it('goes on where a crash left it', async () => {
    for (let index = 0; index < 3; index += 1) receive(`Scan ${index}`);
    store.suppressions.add({
      scope: { kind: 'query', text: 'title:Scan' },
      reason: 'Agreed test',
      owner: 'Ada',
      upTo: 'high',
      startMs: clockMs,
      endMs: clockMs + hourMs,
      weekly: false,
    });
    store.close();
    start();
    await suppressions.keepTime();
    expect(titles()).toEqual([]);
    // Ended, and what it held not yet looked through.
    clockMs += hourMs / 2;
    store.suppressions.end(suppressions.list()[0]?.id ?? '', clockMs, 'Ada');
    store.close();
    start();
    await suppressions.keepTime();
    expect(titles()).toEqual(['Scan 0', 'Scan 1', 'Scan 2']);
  });

  it('is one of 200 at most', async () => {
    for (let index = 0; index < 200; index += 1) await add(`title:nothing-${index}`);
    await expect(add('title:more')).rejects.toThrow('200 suppressions');
  });
});

describe('a suppression that names words of raw records', () => {
  it('holds what has them, from before and as it comes, in either case', async () => {
    receive('Old, with it', { raw: '{"agent":"SQLMap/1.7"}' });
    receive('Old, without', { raw: '{"agent":"curl"}' });
    expect(await suppressions.preview('sqlmap', 'high', () => false)).toMatchObject({
      open: 1,
      lastMonth: 1,
    });
    await add('sqlmap');
    expect(titles()).toEqual(['Old, without']);
    expect(receive('New, with it', { raw: '{"agent":"sqlMAP"}' }).suppressed).toBe('held');
    expect(receive('New, without').suppressed).toBeNull();
    // What it says stays the same; only its record is another.
    expect(receive('Old, without', { raw: '{"agent":"sqlmap"}' }).suppressed).toBe('held');
    // One record with it is enough, as in the query bar.
    expect(receive('New, with it', { raw: '{"agent":"curl"}' }).suppressed).toBe('held');
    expect(titles()).toEqual(['New, without']);
  });

  it('lets go what has a record that it leaves out', async () => {
    await add('title:Scan NOT canary');
    expect(receive('Scan').suppressed).toBe('held');
    const out = receive('Scan', { raw: '{"host":"canary"}' });
    expect(out.suppressed).toBeNull();
    expect(sentences(out.id).at(-1)).toBe(
      'Came into the queue: the suppression “Agreed test” does not match it any more',
    );
    expect(receive('Scan other', { raw: '{"host":"canary"}' }).suppressed).toBeNull();
  });

  it('holds nothing while it looks through older records, then what came meanwhile, too', async () => {
    receive('Old', { raw: '{"agent":"sqlmap"}' });
    const making = add('sqlmap OR title:Meanwhile');
    expect(receive('Meanwhile').suppressed).toBeNull();
    expect(receive('With it', { raw: '{"agent":"sqlmap"}' }).suppressed).toBeNull();
    await making;
    expect(titles()).toEqual([]);
    expect(suppressions.list()[0]).toMatchObject({ hidden: 3, holding: 3 });
  });

  it('goes on where a crash left it', async () => {
    receive('Old', { raw: '{"agent":"sqlmap"}' });
    store.suppressions.add({
      scope: { kind: 'query', text: 'sqlmap' },
      reason: 'Agreed test',
      owner: 'Ada',
      upTo: 'high',
      startMs: clockMs,
      endMs: clockMs + hourMs,
      weekly: false,
    });
    store.close();
    start();
    expect(receive('Early', { raw: '{"agent":"sqlmap"}' }).suppressed).toBeNull();
    await suppressions.keepTime();
    expect(titles()).toEqual([]);
    store.close();
    start();
    // Known without looking again.
    expect(receive('Old').suppressed).toBe('held');
    expect(receive('New', { raw: '{"agent":"sqlmap"}' }).suppressed).toBe('held');
  });

  it('knows nothing of records that were not stored after all', async () => {
    await add('sqlmap');
    const failing = () =>
      store.transaction(() => {
        receive('Scan', { raw: '{"agent":"sqlmap"}' });
        throw new Error('the disk');
      });
    expect(failing).toThrow('the disk');
    expect(receive('Another of its number').suppressed).toBeNull();
  });

  it('forgets a word that no suppression names any more', async () => {
    receive('Scan', { raw: '{"agent":"sqlmap"}' });
    const made = await add('sqlmap');
    const { sequence } = alertOf(receive('Scan').id);
    expect(store.suppressions.hasRecord('sqlmap', sequence)).toBe(true);
    await suppressions.end(made.id, { everything: true });
    expect(store.suppressions.hasRecord('sqlmap', sequence)).toBe(false);
    expect(titles()).toEqual(['Scan']);
    expect(receive('Scan').suppressed).toBeNull();
  });

  it('names eight at most, and all of them 64', async () => {
    const words = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => `word${from + index}`).join(' OR ');
    await expect(add(words(0, 9))).rejects.toThrow('at most 8 free texts');
    for (let index = 0; index < 8; index += 1) await add(words(index * 8, 8));
    await add(words(0, 8));
    await expect(add('word64')).rejects.toThrow('at most 64 free texts');
  });
});

describe('a maintenance window', () => {
  const maintain = (more: Partial<NewSuppression> = {}) => {
    const customer = store.customers.findOrCreateByName('Acme');
    const service = store.services.findOrCreateByName(customer.id, 'shop');
    return add('', {
      scope: { kind: 'maintenance', customerId: customer.id, serviceId: service.id },
      ...more,
    });
  };

  it('keeps what comes in it informational, and says why', async () => {
    const before = receive('Before');
    await maintain({ startMs: clockMs + hourMs, endMs: clockMs + 3 * hourMs });
    expect(receive('Early').lane).toBe('actionable');
    clockMs += hourMs;
    const during = receive('During', { sourceState: 'firing' });
    expect([during.lane, during.suppressed]).toEqual(['informational', 'lowered']);
    expect(receive('Elsewhere', { serviceName: 'bank' }).lane).toBe('actionable');
    expect(receive('Worst', { severity: 'critical' }).lane).toBe('actionable');
    // What changes in it is of it, too; what a person said of the lane stands.
    expect(receive('Before', { title: 'Before, changed' }).lane).toBe('informational');
    store.alerts.act(
      { by: 'ids', ids: [before.id] },
      { type: 'set-lane', lane: 'actionable', reason: '' },
      'Ada',
    );
    expect(receive('Before')).toMatchObject({ lane: 'actionable', suppressed: null });
    expect(titles('suppressed:any').sort()).toEqual(['During']);
    // It stands in the open queue, in its lane.
    expect(titles('', { lane: 'informational' })).toEqual(['During']);
    const { undoId } = store.alerts.act({ by: 'ids', ids: [during.id] }, { type: 'acknowledge' }, 'Ada');
    store.alerts.undo(undoId ?? '', 'Ada');
    expect(alertOf(during.id).lane).toBe('informational');
    clockMs += 2 * hourMs;
    await suppressions.keepTime();
    expect(alertOf(during.id)).toMatchObject({ lane: 'actionable', suppressed: null });
    expect(told).toEqual([during.id]);
    expect(sentences(during.id).slice(-2)).toEqual([
      'Moved to the informational lane by a maintenance window of Ada: Agreed test',
      'Came into the queue: the maintenance window “Agreed test” ended by itself, and it goes on',
    ]);
  });

  it('comes back every week and is settled after each', async () => {
    await maintain({ endMs: clockMs + hourMs, weekly: true });
    for (let week = 0; week < 3; week += 1) {
      clockMs += minuteMs;
      const alert = receive('Again', { sourceState: 'firing' });
      expect(alert.lane).toBe('informational');
      clockMs += hourMs - minuteMs;
      await suppressions.keepTime();
      expect(alertOf(alert.id).lane).toBe('actionable');
      // What only goes on is not judged anew: it changes before the next.
      clockMs += 7 * dayMs - hourMs;
      receive('Again', { sourceState: 'resolved' });
    }
    expect(suppressions.list()[0]).toMatchObject({ hidden: 1, holding: 1, endedMs: null });
  });

  it('is for a customer and a service that are there', async () => {
    const scope = { kind: 'maintenance', customerId: 'cu_none', serviceId: null } as const;
    await expect(maintain({ scope })).rejects.toThrow('Choose a customer');
  });
});
