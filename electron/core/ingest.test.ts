import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { openStore, type Store, type StoredConnection } from '../db/index.ts';
import {
  type Batch,
  emptyBatch,
  type OccurrenceInput,
  type Source,
  type SourceKind,
} from '../sources/source.ts';
import { createDetection } from './detection.ts';
import { createHub, type Hub } from './hub.ts';
import { createInbox } from './inbox.ts';
import { createIncidents } from './incidents.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { listLessons } from './lessons.ts';
import type { Notifier } from './notifier.ts';
import { createPoller, mostBatchesAtOnce, type Poller } from './poller.ts';
import { openSecretStore } from './secrets.ts';
import { createSuppressionJudge } from './suppression-judge.ts';

const nowMs = Date.UTC(2026, 2, 3, 2, 14);
let clockMs = nowMs;

let folder: string;
let store: Store;
let notifier: Pick<Notifier, 'news'>;
let hub: Hub;
let ingest: Ingest;
let connection: StoredConnection;

const settled = {
  status: () => {
    throw new Error('nobody listens');
  },
  connections: () => ({ connections: [] }),
};

beforeEach(() => {
  clockMs = nowMs;
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-ingest-'));
  store = openStore(folder, { nowMs: () => clockMs, appVersion: 'test' });
  hub = createHub(settled);
  notifier = { news: () => undefined };
  const judge = createSuppressionJudge(store, () => clockMs);
  ingest = createIngest({
    store,
    hub,
    detection: createDetection(store),
    incidents: createIncidents(store, judge),
    judge,
    notifier,
    nowMs: () => clockMs,
  });
  connection = store.connections.save({
    id: null,
    role: 'source',
    kind: 'fake',
    name: 'Fake',
    customerId: null,
    enabled: true,
    settings: {},
  });
});

afterEach(() => {
  hub.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const occurrence = (index: number, change: Partial<OccurrenceInput> = {}): OccurrenceInput => ({
  identity: `record-${index}`,
  deduplicationKey: `rule-${index % 100}`,
  windowMs: 86_400_000,
  occurredMs: nowMs - minuteMs + (index % 1_000),
  title: `Rule ${index % 100}`,
  why: 'A rule matched.',
  severity: 'medium',
  lane: 'actionable',
  mitigated: 'no',
  sourceState: null,
  entities: [{ kind: 'ip', value: `198.51.100.${index % 200}`, role: 'source' }],
  techniques: [],
  customerName: null,
  serviceName: null,
  raw: `{"record":${index}}`,
  correlationKey: null,
  ...change,
});

const batchOf = (change: Partial<Batch>): Batch => ({ ...emptyBatch, ...change });
const page = { offset: 0, limit: 500, upToSequence: null } as const;
const everything = {
  lane: null,
  text: '',
  fromMs: null,
  toMs: null,
  includeDone: true,
  sort: 'received',
} as const;

describe('exactly once', () => {
  test('a poll of ten thousand records is kept whole, and a second reading adds nothing', async () => {
    const occurrences = Array.from({ length: 10_000 }, (_, index) => occurrence(index));
    const batch = batchOf({ events: 10_000, occurrences, cursor: { at: 10_000 } });
    const first = await ingest.take(connection, batch);
    expect([first.alertIds.length, first.newOccurrences]).toEqual([100, 10_000]);
    expect(store.connections.cursor(connection.id)).toEqual({ at: 10_000 });
    const second = await ingest.take(connection, batch);
    expect([second.alertIds.length, second.newOccurrences]).toEqual([100, 0]);
    expect(store.alerts.count(everything)).toBe(100);
    const counts = store.alerts.query(everything, { offset: 0, limit: 500, upToSequence: null }).rows;
    expect(counts.map((alert) => alert.count)).toEqual(Array.from({ length: 100 }, () => 100));
  });

  test('what breaks in the middle leaves the cursor where it was, and the repetition completes it', async () => {
    const occurrences = Array.from({ length: 9_000 }, (_, index) => occurrence(index));
    const batch = batchOf({ events: 9_000, occurrences, cursor: { at: 9_000 } });
    const whole = store.alerts.ingest.bind(store.alerts);
    let parts = 0;
    const broken = vi.spyOn(store.alerts, 'ingest').mockImplementation((...input) => {
      parts += 1;
      if (parts === 2) throw new WatchfloorError('storage', 'The disk is full.');
      return whole(...input);
    });
    await expect(ingest.take(connection, batch)).rejects.toMatchObject({ code: 'storage' });
    expect(store.connections.cursor(connection.id)).toBeNull();
    broken.mockRestore();
    await ingest.take(connection, batch);
    const rows = store.alerts.query(everything, { offset: 0, limit: 500, upToSequence: null }).rows;
    expect(rows.reduce((sum, alert) => sum + alert.count, 0)).toBe(9_000);
    expect(store.connections.cursor(connection.id)).toEqual({ at: 9_000 });
  });
});

describe('suppressions', () => {
  test('what one holds calls nobody, what wakes or comes out calls', async () => {
    const told: string[][] = [];
    vi.spyOn(notifier, 'news').mockImplementation((alerts) => {
      told.push(alerts.map((alert) => alert.title));
    });
    const take = (...occurrences: OccurrenceInput[]) => ingest.take(connection, batchOf({ occurrences }));
    store.suppressions.add({
      scope: { kind: 'query', text: 'title:"Rule 1"' },
      reason: 'A test',
      owner: 'Ada',
      upTo: 'medium',
      startMs: nowMs,
      endMs: nowMs + minuteMs,
      weekly: false,
    });
    await take(occurrence(1), occurrence(2));
    await take(occurrence(101));
    expect(told).toEqual([['Rule 2'], []]);
    expect(store.alerts.openCounts().actionable).toBe(1);
    const rule2 = store.alerts.query({ ...everything, text: 'title:"Rule 2"' }, page).rows[0]?.id ?? '';
    store.alerts.act({ by: 'ids', ids: [rule2] }, { type: 'snooze', untilMs: nowMs + minuteMs }, 'Ada');
    await take(occurrence(201, { severity: 'high' }), occurrence(202, { severity: 'high' }));
    expect(told.at(-1)?.toSorted()).toEqual(['Rule 1', 'Rule 2']);
    expect(store.alerts.openCounts().actionable).toBe(2);
  });

  test('of many at once only those call that none holds', async () => {
    const counts: (number | undefined)[] = [];
    vi.spyOn(notifier, 'news').mockImplementation((alerts, count) => {
      expect(alerts.every((alert) => alert.suppressed === null)).toBe(true);
      counts.push(count);
    });
    store.suppressions.add({
      scope: { kind: 'query', text: 'title:Scan' },
      reason: 'A test',
      owner: 'Ada',
      upTo: 'medium',
      startMs: nowMs,
      endMs: nowMs + minuteMs,
      weekly: false,
    });
    const occurrences = Array.from({ length: 300 }, (_, index) =>
      occurrence(index, {
        title: index < 290 ? 'Scan' : 'Other',
        deduplicationKey: `one ${index}`,
      }),
    );
    await ingest.take(connection, batchOf({ occurrences }));
    expect(counts).toEqual([10]);
    expect(store.alerts.openCounts().actionable).toBe(10);
  });
});

describe('samples', () => {
  const signal = {
    key: 'rps',
    customerName: 'Northwind',
    serviceName: 'Shop',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    name: 'HTTP requests',
    unit: 'requests/s',
    stepMs: 5 * minuteMs,
  } as const;
  /** Two weeks of a daily shape, ending a minute ago. */
  const history = () => {
    const timesMs = Array.from(
      { length: 4_032 },
      (_, index) => nowMs - minuteMs - (4_031 - index) * 5 * minuteMs,
    );
    const values = timesMs.map(
      (time, index) => 500 + 200 * Math.sin((time / 86_400_000) * 2 * Math.PI) + ((index * 7_919) % 23),
    );
    return { timesMs, values };
  };

  test('history is learned and raises nothing; a surge now raises one alert with its signal', async () => {
    const { timesMs, values } = history();
    values[2_000] = 20_000;
    await ingest.take(
      connection,
      batchOf({ signals: [signal], samples: [{ signalKey: 'rps', timesMs, values }] }),
    );
    expect(store.alerts.count(everything)).toBe(0);
    const [stored] = store.signals.list();
    expect(stored?.baselineState).toBe('seasonal');

    const surge = Array.from({ length: 6 }, (_, index) => nowMs - 50_000 + index * 10_000);
    await ingest.take(
      connection,
      batchOf({ samples: [{ signalKey: 'rps', timesMs: surge, values: surge.map(() => 30_000) }] }),
    );
    const rows = store.alerts.query(everything, { offset: 0, limit: 10, upToSequence: null }).rows;
    expect(rows).toHaveLength(1);
    expect(rows[0]?.signalIds).toEqual([stored?.id]);
    expect(rows[0]?.why).toContain('HTTP requests');
    expect(store.findings.open().filter(({ kind }) => kind === 'deviation')).toHaveLength(1);
  });

  test('a verdict moves the like of it to the informational lane, and taking it back ends that', async () => {
    const { timesMs, values } = history();
    await ingest.take(
      connection,
      batchOf({ signals: [signal], samples: [{ signalKey: 'rps', timesMs, values }] }),
    );
    const alerts = () => store.alerts.query(everything, { offset: 0, limit: 10, upToSequence: null }).rows;
    const feed = async (atMs: number, value: number) => {
      clockMs = atMs + 1_000;
      await ingest.take(
        connection,
        batchOf({ samples: [{ signalKey: 'rps', timesMs: [atMs], values: [value] }] }),
      );
    };
    let atMs = nowMs;
    const usual = () => 500 + 200 * Math.sin((atMs / 86_400_000) * 2 * Math.PI);
    /** Half an hour of three times the usual, then three hours of the usual. */
    const surge = async (factor: number) => {
      for (let step = 0; step < 42; step += 1) {
        atMs += 5 * minuteMs;
        await feed(atMs, usual() * (step < 6 ? factor : 1));
      }
    };
    await surge(3);
    const [first] = alerts();
    expect(first).toMatchObject({ lane: 'actionable', sourceState: 'resolved' });
    const { undoId } = store.alerts.act(
      { by: 'ids', ids: [first?.id ?? ''] },
      { type: 'close', disposition: 'false-positive', reason: 'A backup that runs on Tuesdays' },
      'Ada Okonkwo',
    );

    await surge(3.1);
    const second = alerts().find(({ id }) => id !== first?.id);
    expect(second?.lane).toBe('informational');
    expect(second?.why).toContain('like one that Ada Okonkwo judged a false positive on 2026-03-03');

    // Twice as far out says something new, whatever was said of less.
    await surge(9);
    const known = new Set([first?.id, second?.id]);
    const third = alerts().find(({ id }) => !known.has(id));
    expect(third?.lane).toBe('actionable');

    expect(listLessons(store, clockMs)).toEqual({
      lessons: [
        {
          alertId: first?.id,
          title: first?.title,
          customerId: first?.customerId,
          serviceId: first?.serviceId,
          disposition: 'false-positive',
          actor: 'Ada Okonkwo',
          judgedMs: expect.any(Number),
          reason: 'A backup that runs on Tuesdays',
          covers: [{ signalId: first?.signalIds[0], direction: 'up' }],
          hidden: 1,
          lastHiddenMs: expect.any(Number),
          wouldHaveHidden: 0,
        },
      ],
      isWhole: true,
      isExact: true,
    });

    store.alerts.undo(undoId ?? '', 'Ada Okonkwo');
    expect(listLessons(store, clockMs).lessons).toEqual([]);
    await surge(3.1);
    const fourth = alerts().find(({ id }) => !known.has(id) && id !== third?.id);
    expect(fourth?.lane).toBe('actionable');
  });

  test('a missing sample is a gap and never zero', async () => {
    const timesMs = [nowMs - 3_000, nowMs - 2_000, nowMs - 1_000];
    await ingest.take(
      connection,
      batchOf({
        signals: [{ ...signal, stepMs: 1_000 }],
        samples: [{ signalKey: 'rps', timesMs, values: [5, null, 5] }],
      }),
    );
    const [stored] = store.signals.list();
    expect(store.samples.read(stored?.id ?? '', 0, nowMs).values).toEqual([5, null, 5]);
  });
});

describe('the poller', () => {
  let poller: Poller;
  let source: Source;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const kind: SourceKind = {
      descriptor: {
        kind: 'fake',
        role: 'source',
        name: 'Fake',
        summary: '',
        mode: 'poll',
        userAddable: true,
        fields: [],
        setup: [],
      },
      create: () => source,
    };
    const log = { write: () => undefined };
    const kinds = new Map([['fake', kind]]);
    poller = createPoller({
      store,
      hub,
      ingest,
      inbox: createInbox({ store, ingest, kinds, hub, log }),
      secrets: await openSecretStore(folder, null),
      log,
      kinds,
      nowMs: () => nowMs,
      random: () => 1,
    });
  });

  afterEach(async () => {
    await poller.close();
    vi.useRealTimers();
  });

  test('a failing source backs off, says why, and recovers', async () => {
    let fails = true;
    let polls = 0;
    source = {
      intervalMs: 1_000,
      poll: async () => {
        polls += 1;
        if (fails) throw new WatchfloorError('timed-out', 'The server did not answer within 10 s.');
        return batchOf({ events: 1, occurrences: [occurrence(1)] });
      },
      test: async () => ({ ok: true, lines: [] }),
    };
    poller.start(connection);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(polls).toBe(3);
    expect(poller.health(connection.id)).toMatchObject({ state: 'failing', consecutiveFailures: 3 });
    expect(poller.health(connection.id).sentence).toContain('did not answer');
    fails = false;
    await vi.advanceTimersByTimeAsync(4_000);
    await vi.waitFor(() =>
      expect(poller.health(connection.id)).toMatchObject({ state: 'ok', eventsReceived: 1 }),
    );
  });

  describe('with fifty sources at once', () => {
    const batches = 4;
    const records = 500;
    let held: number;
    let mostHeld: number;

    /** Gives its records in some batches one after the other; counts who holds one. */
    function busySource(name: string): Source {
      let given = 0;
      return {
        intervalMs: 1_000,
        poll: async (cursor) => {
          const at = typeof cursor?.at === 'number' ? cursor.at : 0;
          if (at === batches) return { ...emptyBatch, cursor };
          held += 1;
          mostHeld = Math.max(mostHeld, held);
          given += 1;
          return batchOf({
            cursor: { at: at + 1 },
            events: records,
            occurrences: Array.from({ length: records }, (_, index) =>
              occurrence(index, { identity: `${name} ${at} ${index}` }),
            ),
            more: at + 1 < batches,
            progress: { done: given, total: null, text: '' },
          });
        },
        test: async () => ({ ok: true, lines: [] }),
      };
    }

    const connect = (name: string) =>
      store.connections.save({
        id: `so_${name}`,
        role: 'source',
        kind: 'fake',
        name,
        customerId: null,
        enabled: true,
        settings: {},
      });
    const stored = () => [...store.alerts.each()].reduce((sum, alert) => sum + alert.count, 0);

    beforeEach(() => {
      held = 0;
      mostHeld = 0;
      const take = ingest.take;
      vi.spyOn(ingest, 'take').mockImplementation(async (...input) => {
        try {
          return await take(...input);
        } finally {
          if (input[1].events > 0) held -= 1;
        }
      });
    });

    test('all is stored once, and no more batches lie in memory than have their turn', async () => {
      for (let place = 0; place < 50; place += 1) {
        source = busySource(`busy ${place}`);
        poller.start(connect(`busy ${place}`));
      }
      await vi.waitFor(
        async () => {
          await vi.advanceTimersByTimeAsync(100);
          expect(stored()).toBe(50 * batches * records);
        },
        { timeout: 55_000 },
      );
      expect(mostHeld).toBeGreaterThan(1);
      expect(mostHeld).toBeLessThanOrEqual(mostBatchesAtOnce);
    });

    test('servers that never answer keep nobody waiting', async () => {
      for (let place = 0; place < 20; place += 1) {
        source = {
          intervalMs: 1_000,
          poll: (_, io) =>
            new Promise((_resolve, reject) => {
              io.signal.addEventListener('abort', () => reject(new Error('stopped')));
            }),
          test: async () => ({ ok: false, lines: [] }),
        };
        poller.start(connect(`dead ${place}`));
      }
      source = busySource('alive');
      poller.start(connect('alive'));
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(1_000);
        expect(stored()).toBe(batches * records);
      });
    });
  });

  test('what a source was in the middle of when it was removed is not stored', async () => {
    let answer: (batch: Batch) => void = () => undefined;
    source = {
      intervalMs: 1_000,
      poll: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      test: async () => ({ ok: true, lines: [] }),
    };
    poller.start(connection);
    await vi.advanceTimersByTimeAsync(0);
    const stopped = poller.stop(connection.id);
    answer(batchOf({ events: 1, occurrences: [occurrence(1)] }));
    await stopped;
    expect(store.alerts.count(everything)).toBe(0);
  });

  test('settings that are no longer usable are said, not thrown', () => {
    source = { intervalMs: 1_000, test: async () => ({ ok: true, lines: [] }) };
    poller.start({ ...connection, kind: 'gone' });
    expect(poller.health(connection.id)).toMatchObject({ state: 'failing' });
  });
});
