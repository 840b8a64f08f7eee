import { afterEach, describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { testIo } from '../testing/connection-io.ts';
import { leaveOut, temporaryFolder } from '../testing/real/programs.ts';
import { startAlertmanager } from '../testing/real/servers.ts';
import { httpServer } from '../testing/trouble-servers.ts';
import { alertmanagerSourceKind } from './alertmanager.ts';
import type { Batch, Cursor } from './source.ts';

const nowMs = Date.UTC(2026, 2, 4, 2, 14, 7);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function alert(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    fingerprint: 'f1',
    startsAt: '2026-03-04T02:10:00.123Z',
    endsAt: '2026-03-04T02:30:00Z',
    updatedAt: '2026-03-04T02:14:00Z',
    generatorURL: 'http://prometheus/graph',
    receivers: [{ name: 'nobody' }],
    labels: {
      alertname: 'HighErrors',
      severity: 'page',
      service: 'shop',
      instance: '192.0.2.7:8443',
      source_ip: '198.51.100.7',
    },
    annotations: { summary: 'Errors are high', description: '12 % of answers are 5xx' },
    status: { state: 'active', silencedBy: [], inhibitedBy: [] },
    ...over,
  };
}

/** A made-up Alertmanager whose list and age the test sets. */
async function made(uptime = '2026-03-01T00:00:00Z') {
  const state = { list: [] as unknown[], uptime };
  const server = await httpServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(
        request.url?.startsWith('/api/v2/status')
          ? { uptime: state.uptime, versionInfo: { version: '0.25.0' } }
          : state.list,
      ),
    );
  });
  ends.push(server.close);
  const source = alertmanagerSourceKind.create({
    url: `http://127.0.0.1:${server.port}`,
    severityMap: 'gold = high',
  });
  const poll = async (cursor: Cursor | null, atMs = nowMs): Promise<Batch> =>
    (await source.poll?.(cursor, testIo({ nowMs: () => atMs }))) ?? expect.fail('no poll');
  return { state, poll };
}

const told = (batch: Batch) => batch.occurrences.map((each) => [each.identity, each.sourceState, each.lane]);

describe('the Alertmanager source', () => {
  it('makes an alert an occurrence, without mutedBy as 0.25 sends it', async () => {
    const { state, poll } = await made();
    state.list = [alert()];
    const batch = await poll(null);
    const startsMs = Date.UTC(2026, 2, 4, 2, 10, 0, 123);
    expect(batch.occurrences).toEqual([
      {
        identity: `f1:${startsMs}:0:firing`,
        deduplicationKey: `f1:${startsMs}`,
        windowMs: 0,
        occurredMs: startsMs,
        title: 'HighErrors: Errors are high',
        why: 'HighErrors is firing: 12 % of answers are 5xx',
        severity: 'critical',
        lane: 'actionable',
        mitigated: 'not-known',
        sourceState: 'firing',
        entities: [
          { kind: 'ip', value: '198.51.100.7', role: 'source' },
          { kind: 'ip', value: '192.0.2.7', role: 'destination' },
        ],
        techniques: [],
        customerName: null,
        serviceName: 'shop',
        raw: JSON.stringify(alert()),
        correlationKey: null,
      },
    ]);
  });

  it('tells a change of state once, under the same alert, and silence and inhibition as such', async () => {
    const { state, poll } = await made();
    const silenced = alert({ status: { state: 'suppressed', silencedBy: ['s'], inhibitedBy: [] } });
    const inhibited = alert({
      status: { state: 'suppressed', silencedBy: [], inhibitedBy: ['x'], mutedBy: [] },
    });
    const key = `f1:${Date.UTC(2026, 2, 4, 2, 10, 0, 123)}`;
    const seen: unknown[] = [];
    let cursor: Cursor | null = null;
    for (const list of [[alert()], [alert()], [silenced], [silenced], [inhibited], [alert()], [], []]) {
      state.list = list;
      const batch: Batch = await poll(cursor);
      cursor = batch.cursor;
      seen.push(told(batch));
    }
    expect(seen).toEqual([
      [[`${key}:0:firing`, 'firing', 'actionable']],
      [],
      [[`${key}:1:silenced`, 'silenced', 'informational']],
      [],
      [[`${key}:2:inhibited`, 'inhibited', 'informational']],
      [[`${key}:3:firing`, 'firing', 'actionable']],
      [],
      [[`${key}:4:resolved`, 'resolved', 'informational']],
    ]);
  });

  it('takes what vanished for resolved at its end, else when it was last seen, and not after a restart', async () => {
    const { state, poll } = await made();
    state.list = [alert(), alert({ fingerprint: 'f2', endsAt: '2026-03-04T02:15:00Z' })];
    const { cursor } = await poll(null);
    state.list = [];
    state.uptime = new Date(nowMs).toISOString();
    const restarted = await poll(cursor, nowMs + minuteMs);
    expect(told(restarted)).toEqual([]);
    state.uptime = '2026-03-01T00:00:00Z';
    const once = await poll(restarted.cursor, nowMs + minuteMs);
    expect(once.occurrences.map((each) => [each.deduplicationKey.split(':')[0], each.occurredMs])).toEqual([
      ['f2', Date.UTC(2026, 2, 4, 2, 15)],
    ]);
    const twice = await poll(once.cursor, nowMs + 2 * minuteMs);
    expect(
      twice.occurrences.map((each) => [each.deduplicationKey.split(':')[0], each.occurredMs, each.title]),
    ).toEqual([['f1', nowMs, 'HighErrors: Errors are high']]);
    // An alert that fires again later has another start: that is another alert.
    state.list = [alert({ startsAt: '2026-03-04T02:20:00Z' })];
    expect(told(await poll(twice.cursor, nowMs + 10 * minuteMs))).toEqual([
      [`f1:${Date.UTC(2026, 2, 4, 2, 20)}:0:firing`, 'firing', 'actionable'],
    ]);
  });

  it.each([
    ['page', 'critical', 'actionable'],
    ['Warning', 'medium', 'actionable'],
    ['gold', 'high', 'actionable'],
    ['none', 'informational', 'informational'],
    ['whatever', 'medium', 'actionable'],
  ])('reads the severity %s as %s, %s', async (word, severity, lane) => {
    const { state, poll } = await made();
    state.list = [alert({ labels: { alertname: 'A', severity: word } })];
    expect((await poll(null)).occurrences[0]).toMatchObject({ severity, lane });
  });

  it('rejects what it does not understand and takes the rest, ten thousand at once', async () => {
    const { state, poll } = await made();
    state.list = [
      7,
      alert({ fingerprint: '', labels: {} }),
      alert({ startsAt: 'yesterday', fingerprint: 'odd' }),
      ...Array.from({ length: 10_000 }, (_, index) => alert({ fingerprint: `f${index}` })),
    ];
    const batch = await poll(null);
    expect([batch.events, batch.occurrences.length]).toEqual([10_003, 10_000]);
    expect(batch.rejected.map((each) => each.reason)).toEqual([
      'An alert was not understood ().',
      'An alert was not understood (fingerprint).',
      'An alert was not understood (startsAt is no time).',
    ]);
  });

  it('does no harm with hostile labels', async () => {
    const { state, poll } = await made();
    const labels = JSON.parse(
      `{"__proto__":"x","alertname":"<img src=x>\\u0000\\u202e","service":"${'s'.repeat(5_000)}","instance":"not a host;","severity":"critical"}`,
    );
    state.list = [alert({ labels, annotations: { summary: 'x'.repeat(1_000_000) } })];
    const [occurrence] = (await poll(null)).occurrences;
    expect(occurrence?.title).toHaveLength(300);
    expect(occurrence?.serviceName).toHaveLength(120);
    expect(occurrence?.entities).toEqual([{ kind: 'ip', value: '198.51.100.7', role: 'source' }].slice(1));
    expect(occurrence?.title.includes('\u0000')).toBe(false);
  });
});

describe.skipIf(leaveOut('prometheus-alertmanager'))('the Alertmanager source on a real Alertmanager', () => {
  it('sees firing, silenced, inhibited and ended alerts', { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder();
    ends.push(folder.remove);
    const alertmanager = await startAlertmanager(folder.path);
    ends.push(alertmanager.stop);
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${alertmanager.url}/api/v2/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(200);
    };
    const source = alertmanagerSourceKind.create({ url: alertmanager.url });
    const startsAt = new Date(Date.now() - minuteMs).toISOString();
    const endsAt = new Date(Date.now() + 10 * minuteMs).toISOString();
    await post('alerts', [
      { labels: { alertname: 'A', severity: 'warning', cluster: 'a' }, startsAt, endsAt },
      { labels: { alertname: 'B', severity: 'critical', cluster: 'b' }, startsAt, endsAt },
      { labels: { alertname: 'C', severity: 'warning', cluster: 'b' }, startsAt, endsAt },
    ]);
    await post('silences', {
      matchers: [{ name: 'alertname', value: 'A', isRegex: false, isEqual: true }],
      startsAt,
      endsAt,
      createdBy: 'test',
      comment: 'test',
    });
    const states = async () => {
      const batch = (await source.poll?.(null, testIo())) ?? expect.fail();
      expect(batch.rejected).toEqual([]);
      return batch.occurrences.map((each) => `${each.title} ${each.severity} ${each.sourceState}`).sort();
    };
    await expect
      .poll(states, { timeout: 15_000, interval: 200 })
      .toEqual(['A medium silenced', 'B critical firing', 'C medium inhibited']);
    const first = (await source.poll?.(null, testIo())) ?? expect.fail();
    await post('alerts', [
      {
        labels: { alertname: 'B', severity: 'critical', cluster: 'b' },
        startsAt,
        endsAt: new Date().toISOString(),
      },
    ]);
    // Its start is minutes ago in this reading, so that what is gone is believed.
    const later = testIo({ nowMs: () => Date.now() + 6 * minuteMs });
    const second = (await source.poll?.(first.cursor, later)) ?? expect.fail();
    const third = (await source.poll?.(second.cursor, later)) ?? expect.fail();
    const resolved = [...second.occurrences, ...third.occurrences].filter(
      (each) => each.sourceState === 'resolved',
    );
    expect(resolved.map((each) => each.title)).toEqual(['B']);
    const result = await source.test(testIo());
    expect(result.lines[0]?.text).toMatch(/^Alertmanager 0\.\d+\.\d+ answers at /);
    expect(result.ok).toBe(true);
    expect(Math.abs((resolved[0]?.occurredMs ?? 0) - Date.now())).toBeLessThan(7 * minuteMs + 30 * secondMs);
  });
});
