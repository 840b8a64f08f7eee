import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testIo } from '../testing/connection-io.ts';
import { fixturePath, missingFixture } from '../testing/fixtures.ts';
import { parseEveText, parseEveTime } from './eve.ts';
import { eveReading } from './eve-words.ts';
import { createRecentLines } from './recent-lines.ts';
import type { Batch, Cursor, Source } from './source.ts';
import { createEveFollower, type FollowLimits, readEveFile, suricataEveSourceKind } from './suricata-eve.ts';

/** One EVE alert line; `serial` makes it its own. */
function line(serial: number, over: Record<string, unknown> = {}): string {
  return JSON.stringify({
    timestamp: '2026-03-04T02:14:07.000123+0000',
    flow_id: serial,
    event_type: 'alert',
    src_ip: '198.51.100.7',
    src_port: 40_000 + serial,
    dest_ip: '2001:0db8:0000:0000:0000:0000:0000:0001',
    dest_port: 443,
    proto: 'TCP',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 2_001,
      signature: 'ET SCAN something',
      category: 'Attempted Information Leak',
      severity: 2,
      metadata: { mitre_technique_id: ['T1595'] },
    },
    ...over,
  });
}

const parse = (text: string) => parseEveText(text, createRecentLines(), eveReading({}));

describe('an EVE event', () => {
  it('becomes an occurrence when it is an alert', () => {
    const text = line(1);
    expect(parse(text)).toEqual({
      events: 1,
      context: [],
      rejected: [],
      unmapped: [],
      newestMs: Date.UTC(2026, 2, 4, 2, 14, 7),
      occurrences: [
        {
          identity: expect.stringMatching(/^[\w-]{24}\.0$/),
          deduplicationKey: '1:2001|198.51.100.7|2001:db8::1',
          windowMs: 86_400_000,
          occurredMs: Date.UTC(2026, 2, 4, 2, 14, 7),
          title: 'ET SCAN something',
          why: 'Suricata saw and let pass TCP 198.51.100.7 → [2001:db8::1]:443: signature 1:2001, Attempted Information Leak.',
          severity: 'medium',
          lane: 'actionable',
          mitigated: 'no',
          sourceState: null,
          entities: [
            { kind: 'ip', value: '198.51.100.7', role: 'source' },
            { kind: 'ip', value: '2001:db8::1', role: 'destination' },
            { kind: 'port', value: '443', role: 'destination' },
            { kind: 'signature', value: '1:2001 ET SCAN something', role: 'related' },
          ],
          techniques: ['T1595'],
          customerName: null,
          serviceName: null,
          raw: text,
          correlationKey: '1',
        },
      ],
    });
  });

  it.each([
    ['allowed', 1, 'high', 'actionable', 'no'],
    ['blocked', 1, 'high', 'informational', 'yes'],
    ['allowed', 3, 'low', 'informational', 'no'],
    ['allowed', 255, 'informational', 'informational', 'no'],
  ] as const)('%s with severity %d is %s, %s, mitigated %s', (action, level, severity, lane, mitigated) => {
    const alert = { action, gid: 1, signature_id: 7, signature: 's', severity: level };
    expect(parse(line(1, { alert })).occurrences[0]).toMatchObject({ severity, lane, mitigated });
  });

  it('has its severity and lane as the mapping says, and names what nothing names', () => {
    const reading = eveReading({
      severityMap: '1 = critical\n6 = low',
      laneMap: 'blocked = by-severity\nallowed = informational',
    });
    const records = [
      { severity: 1, action: 'blocked' },
      { severity: 6, action: 'blocked' },
      { severity: 2, action: 'allowed' },
      { severity: 7, action: 'blocked' },
      { severity: 7, action: 'blocked' },
    ].map((alert) => line(1, { alert }));
    const { occurrences, unmapped } = parseEveText(records.join('\n'), createRecentLines(), reading);
    expect(occurrences.map(({ severity, lane }) => [severity, lane])).toEqual([
      ['critical', 'actionable'],
      ['low', 'informational'],
      ['medium', 'informational'],
      ['informational', 'informational'],
      ['informational', 'informational'],
    ]);
    expect(unmapped).toEqual([{ key: 'severityMap', word: '7' }]);
  });

  it('is one alert for request and answer of a conversation', () => {
    const flow = { src_ip: '198.51.100.7', dest_ip: '192.0.2.1', src_port: 5, dest_port: 80 };
    const there = line(1, { src_ip: '198.51.100.7', dest_ip: '192.0.2.1', flow });
    const back = line(1, { src_ip: '192.0.2.1', dest_ip: '198.51.100.7', flow });
    const keys = parse(`${there}\n${back}\n`).occurrences.map((occurrence) => occurrence.deduplicationKey);
    expect(keys).toEqual(['1:2001|198.51.100.7|192.0.2.1', '1:2001|198.51.100.7|192.0.2.1']);
  });

  it('is context with a readable summary when it is not', () => {
    const record = line(9, {
      event_type: 'http',
      http: { http_method: 'GET', hostname: 'shop.example', url: '/cart', status: 503 },
    });
    expect(parse(record).context).toEqual([
      {
        identity: expect.any(String),
        occurredMs: Date.UTC(2026, 2, 4, 2, 14, 7),
        type: 'http',
        summary: 'GET shop.example/cart answered 503, 198.51.100.7:40009 → [2001:db8::1]:443',
        raw: record,
        correlationKey: '9',
        addresses: ['198.51.100.7', '2001:db8::1'],
      },
    ]);
  });

  it('counts identical lines apart, and the same again in a second reading', () => {
    const text = `${line(1)}\n${line(2)}\n\r\n${line(1)}\r\n${line(1)}\n`;
    const identities = () => parse(text).occurrences.map((occurrence) => occurrence.identity);
    expect(identities().map((identity) => identity.split('.')[1])).toEqual(['0', '0', '1', '2']);
    expect(new Set(identities()).size).toBe(4);
    expect(identities()).toEqual(identities());
  });

  it.each([
    ['not JSON', '{"timestamp":', 'A line is not JSON.'],
    ['a number', '7', 'A line is JSON but no event.'],
    ['a list', '[1]', 'A line is JSON but no event.'],
    ['null', 'null', 'A line is JSON but no event.'],
    ['no type', line(1, { event_type: 5 }), 'An event has no event_type.'],
    ['no time', line(1, { timestamp: 'yesterday' }), 'An event has no usable timestamp.'],
    ['an alert without an alert', line(1, { alert: [1] }), 'An alert has nothing under “alert”.'],
    [
      '3 MB without an end',
      `{"a":"${'x'.repeat(3_000_000)}"}`,
      'A line is longer than 2048 KiB; it was left out.',
    ],
  ])('is rejected with its reason when it is %s', (_name, text, reason) => {
    expect(parse(`${text}\n${line(1)}`)).toMatchObject({
      events: 2,
      occurrences: [{ title: 'ET SCAN something' }],
      rejected: [{ reason, raw: text, place: expect.any(String) }],
    });
  });

  it('has the identity that earlier versions gave it: what they stored must be met', () => {
    const [occurrence] = parse(
      '{"event_type":"alert","timestamp":"2026-03-04T00:00:00Z","alert":{}}',
    ).occurrences;
    expect(occurrence?.identity).toBe('7fs93KbL6pXaK7BpxtRPqZM-.0');
  });

  it('is taken whole with JSON nested a thousand deep, and kept aside where no parser follows it', () => {
    const nested = (depth: number) =>
      `{"event_type":"alert","timestamp":"2026-03-04T00:00:00Z","alert":{"signature":"Deep"},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(parse(nested(1_000)).occurrences[0]?.raw).toBe(nested(1_000));
    const records = parse(`${nested(900_000)}\n${line(1)}`);
    expect([records.events, records.occurrences.length + records.rejected.length]).toEqual([2, 2]);
    expect(records.occurrences.at(-1)?.title).toBe('ET SCAN something');
  });

  it('does no harm when it is hostile', () => {
    const hostile = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"event_type":"alert","timestamp":"2026-03-04T02:14:07.000123+0000","src_ip":{"a":1},"dest_ip":"<script>","flow_id":[[[[1]]]],"alert":{"__proto__":{"x":1},"action":{"toString":1},"signature":"${'A'.repeat(900_000)}\\u0000\\u202e","severity":"1e999","signature_id":-0.5,"metadata":{"mitre_technique_id":[{},null,7,"T1498"]}},"dns":{"query":[null]},"http":{"url":7}}`;
    const [occurrence] = parse(hostile).occurrences;
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(occurrence).toMatchObject({
      title: 'A'.repeat(300),
      severity: 'low',
      mitigated: 'no',
      techniques: ['T1498'],
      correlationKey: null,
      deduplicationKey: '1:-0.5|unknown|unknown',
    });
    expect(
      Math.max(...(occurrence?.entities ?? []).map((entity) => entity.value.length)),
    ).toBeLessThanOrEqual(2048);
  });

  it.each([
    ['2010-01-04T17:29:26.981507+0000', Date.UTC(2010, 0, 4, 17, 29, 26, 981)],
    ['2010-01-04T17:29:26.981507-0530', Date.UTC(2010, 0, 4, 22, 59, 26, 981)],
    ['2010-01-04T17:29:26Z', Date.UTC(2010, 0, 4, 17, 29, 26)],
    ['2010-01-04T17:29:26+0200', Date.UTC(2010, 0, 4, 15, 29, 26)],
    ['2010-0x-04T17:29:26.981507+0000', null],
    ['2010-13-04T17:29:26.981507+0000', null],
    ['5', null],
    ['2010-01-04T17:29:26', null],
    ['', null],
  ])('has its time %s read as %s', (text, expected) => {
    expect(parseEveTime(text)).toBe(expected);
  });
});

const recorded = fixturePath('eve', 'suricata-7.0.10-verify-a.json');

describe.skipIf(recorded === null)(
  `the recorded EVE file${recorded === null ? ` (${missingFixture('eve')})` : ''}`,
  () => {
    it('holds 4,466 events, 1,414 occurrences, 12 repetitions, whatever the blocks', async () => {
      const path = recorded ?? '';
      const follow = (limits: FollowLimits) => createEveFollower({ path }, limits);
      const whole = await drain(follow({ blockBytes: 1024 * 1024 }), null);
      const small = await drain(follow({ blockBytes: 140_000, generationLines: 8_192 }), null);
      const text = parse(await readFile(path, 'utf8'));
      const direct: string[] = [];
      for await (const batch of readEveFile(path, new AbortController().signal))
        direct.push(...identitiesOf(batch));
      expect({ events: text.events, occurrences: text.occurrences.length, rejected: text.rejected }).toEqual({
        events: 4_466,
        occurrences: 1_414,
        rejected: [],
      });
      const expected = [...text.occurrences, ...text.context].map((record) => record.identity).sort();
      expect(expected.filter((identity) => !identity.endsWith('.0'))).toHaveLength(12);
      expect(new Set(expected).size).toBe(4_466);
      expect(whole.identities.sort()).toEqual(expected);
      expect(small.identities.sort()).toEqual(expected);
      expect(direct.sort()).toEqual(expected);
    });
  },
);

function identitiesOf(batch: Batch): string[] {
  return [...batch.occurrences, ...batch.context].map((record) => record.identity);
}

interface Drained {
  readonly identities: string[];
  readonly flows: (string | null)[];
  readonly gaps: Batch['gaps'];
  readonly rejected: string[];
  readonly cursor: Cursor | null;
}

/** Polls until there is no more, as the core does. */
async function drain(source: Source, from: Cursor | null, nowMs = Date.now): Promise<Drained> {
  const io = testIo({ nowMs });
  const drained: Omit<Drained, 'cursor'> & { gaps: Batch['gaps'][number][] } = {
    identities: [],
    flows: [],
    gaps: [],
    rejected: [],
  };
  let cursor = from;
  for (let polls = 0; polls < 10_000; polls += 1) {
    const batch = (await source.poll?.(cursor, io)) ?? expect.fail('no poll');
    drained.identities.push(...identitiesOf(batch));
    drained.flows.push(...batch.occurrences.map((occurrence) => occurrence.correlationKey));
    drained.gaps.push(...batch.gaps);
    drained.rejected.push(...batch.rejected.map((rejected) => rejected.reason));
    cursor = batch.cursor;
    if (!batch.more) return { ...drained, cursor };
  }
  return expect.fail('it never came to an end');
}

describe('following an EVE file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfloor-eve-'));
    path = join(folder, 'eve.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const lines = (...serials: readonly number[]) => serials.map((serial) => `${line(serial)}\n`).join('');
  const follower = (limits: FollowLimits = { blockBytes: 2_000, generationLines: 8 }) =>
    createEveFollower({ path }, limits);

  it('takes what is appended, and a partial line when it is whole', async () => {
    await writeFile(path, lines(1, 2) + line(3).slice(0, 50));
    const first = await drain(follower(), null);
    expect(first.flows).toEqual(['1', '2']);
    expect((await drain(follower(), first.cursor)).flows).toEqual([]);
    await appendFile(path, `${line(3).slice(50)}\n${lines(4)}`);
    expect((await drain(follower(), first.cursor)).flows).toEqual(['3', '4']);
  });

  it('gives the same identities for the same cursor, in the same or another life', async () => {
    const serials = Array.from({ length: 60 }, (_, index) => index % 7);
    await writeFile(path, lines(...serials));
    const one = follower();
    const io = testIo();
    let cursor: Cursor | null = null;
    const identities: string[] = [];
    for (let more = true; more; ) {
      const first: Batch = (await one.poll?.(cursor, io)) ?? expect.fail();
      const again: Batch = (await one.poll?.(cursor, io)) ?? expect.fail();
      const other: Batch = (await follower().poll?.(cursor, io)) ?? expect.fail();
      expect(again).toEqual(first);
      expect(other).toEqual(first);
      identities.push(...identitiesOf(first));
      cursor = first.cursor;
      more = first.more;
    }
    expect(identities).toHaveLength(60);
    expect(identities).toEqual(
      (await drain(follower({ blockBytes: 1e6, generationLines: 8 }), null)).identities,
    );
  });

  it('finishes a renamed file, then goes on with the new one, and those between', async () => {
    await writeFile(path, lines(1, 2));
    const { cursor } = await drain(follower(), null);
    await appendFile(path, lines(3));
    await rename(path, `${path}.2`);
    await utimes(`${path}.2`, 1_000, 1_000);
    await writeFile(`${path}.1`, lines(4));
    await utimes(`${path}.1`, 2_000, 2_000);
    await writeFile(path, lines(5));
    const after = await drain(follower(), cursor);
    expect({ flows: after.flows, gaps: after.gaps }).toEqual({ flows: ['3', '4', '5'], gaps: [] });
    expect((await drain(follower(), after.cursor)).flows).toEqual([]);
  });

  it('waits with the old file while nobody wrote to the new one, and takes its last line without an end', async () => {
    await writeFile(path, lines(1));
    const { cursor } = await drain(follower(), null);
    await rename(path, `${path}.1`);
    await writeFile(path, '');
    const waiting = await drain(follower(), cursor);
    await appendFile(`${path}.1`, lines(2) + line(3));
    const old = await drain(follower(), waiting.cursor);
    expect(old.flows).toEqual(['2']);
    await appendFile(path, lines(4));
    expect((await drain(follower(), old.cursor)).flows).toEqual(['3', '4']);
  });

  it('finds what copy-and-truncate moved away before it was read', async () => {
    await writeFile(path, lines(1, 2));
    const { cursor } = await drain(follower(), null);
    await appendFile(path, lines(3));
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
    await appendFile(path, lines(4));
    const after = await drain(follower(), cursor);
    expect({ flows: after.flows, gaps: after.gaps }).toEqual({ flows: ['3', '4'], gaps: [] });
  });

  it('says that lines may be missing after a truncation without a copy, also when the file has grown since', async () => {
    await writeFile(path, lines(1, 2));
    const { cursor } = await drain(follower(), null);
    await truncate(path, 0);
    await appendFile(path, lines(3, 4, 5));
    const after = await drain(follower(), cursor, () => Date.UTC(2026, 2, 4, 3));
    expect(after.flows).toEqual(['3', '4', '5']);
    expect(after.gaps).toEqual([
      {
        fromMs: Date.UTC(2026, 2, 4, 2, 14, 7),
        toMs: Date.UTC(2026, 2, 4, 3),
        reason:
          'The EVE file was cut, and no copy of what it held was found. Lines in between may be missing.',
      },
    ]);
  });

  it('leaves out a line that is too long and goes on behind it', async () => {
    await writeFile(path, `${lines(1)}${'x'.repeat(9_000)}\n${lines(2)}`);
    const all = await drain(follower(), null);
    expect(all.flows).toEqual(['1', '2']);
    expect(all.rejected).toEqual(['A line is longer than 2048 KiB; it was left out.']);
  });

  it('can begin at the end, in the middle of a line', async () => {
    await writeFile(path, lines(1) + line(2).slice(0, 40));
    const fromEnd = createEveFollower({ path, startAt: 'end' });
    const { cursor, flows } = await drain(fromEnd, null);
    await appendFile(path, `${line(2).slice(40)}\n${lines(3)}`);
    expect([flows, (await drain(fromEnd, cursor)).flows]).toEqual([[], ['3']]);
  });

  it('outlives a moment without the file, and says when there never was one', async () => {
    await expect(follower().poll?.(null, testIo())).rejects.toMatchObject({
      code: 'unavailable',
      message: `There is no file ${path}: is Suricata running, and is the path right?`,
    });
    await writeFile(path, lines(1));
    const { cursor } = await drain(follower(), null);
    await rename(path, `${path}.1`);
    expect((await drain(follower(), cursor)).flows).toEqual([]);
    await writeFile(path, lines(2));
    expect((await drain(follower(), cursor)).flows).toEqual(['2']);
  });

  it('tells what it sees when it is tested', async () => {
    await writeFile(path, `${lines(1)}${line(2, { event_type: 'dns' })}\nnonsense\n`);
    await writeFile(`${path}.1`, '');
    const result = await suricataEveSourceKind.create({ path }).test(testIo());
    expect(result.ok).toBe(true);
    expect(result.lines.map((each) => `${each.level}: ${each.text}`)).toEqual([
      expect.stringMatching(/^ok: .*eve\.json can be read: 0\.0 MiB, last written /),
      'ok: Its last 3 events: 1 alert, 1 other.',
      'warning: 1 line not understood: A line is not JSON.',
      'info: Rotated files beside it: eve.json.1.',
    ]);
    const folderResult = await suricataEveSourceKind.create({ path: folder }).test(testIo());
    expect(folderResult.lines).toEqual([
      { level: 'error', text: `${folder} is a folder; the EVE file itself is needed.` },
    ]);
  });
});
