import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../shared/api/client.ts';
import { readCaseFile } from '../core/case-files/read-case-file.ts';
import { connectLocally } from '../core/local-socket.ts';
import { fileChunks } from '../db/file-chunks.ts';
import { type CoreUnderTest, dieDuring, startCore } from './core-under-test.ts';
import { type Moment, momentName, randomMoments } from './moments.ts';

/** Twenty-one deaths around case files and evidence: each is whole or not there, and nothing half made stays. */
const seed = Number(process.env.WATCHFLOOR_KILL_SEED ?? Math.floor(Math.random() * 1_000_000));
console.log(`kill test of case files: WATCHFLOOR_KILL_SEED=${seed}`);

const momentTimeoutMs = 60_000;
const evidenceBytes = 12 * 1024 * 1024;

const point = (name: Extract<Moment, { kind: 'point' }>['point'], passing = 1): Moment => ({
  kind: 'point',
  point: name,
  passing,
});
const named = (moments: readonly Moment[]) =>
  moments.map((moment, number) => [momentName(moment), number, moment] as const);

let folder = '';
let home = '';
let evidence = '';
let caseId = '';
const running: CoreUnderTest[] = [];
async function start(...given: Parameters<typeof startCore>): Promise<CoreUnderTest> {
  const core = await startCore(...given);
  running.push(core);
  return core;
}

/** As the command line reaches a running core: it may have files read. */
async function atCommandLine(dataDirectory: string): Promise<Client> {
  const port = await connectLocally(dataDirectory);
  if (port === null) throw new Error('The core cannot be reached.');
  return createClient(port);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-kill-cases-'));
  home = join(folder, 'home');
  evidence = join(folder, 'capture.pcap');
  writeFileSync(evidence, Buffer.alloc(evidenceBytes, 'packets '));
  const core = await start(home, 'live');
  const opened = { alertIds: [], title: 'A case to pass on', severity: null, customerId: null };
  caseId = (await core.client.call('cases.open', opened)).id;
  for (let index = 0; index < 20; index += 1) {
    const entry = { kind: 'note-added', noteId: `n${index}`, markdown: `Note ${index}` } as const;
    await core.client.call('cases.append', { caseId, entry });
  }
  const client = await atCommandLine(home);
  await client.call('cases.addEvidenceFile', { caseId, path: evidence });
  client.close();
  await core.close();
}, momentTimeoutMs);
afterEach(async () => {
  for (const core of running.splice(0)) await core.host.kill();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** Files in a folder and all below it. */
const filesIn = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ name }) => name);

function unfinishedIn(dataDirectory: string): string[] {
  try {
    return filesIn(join(dataDirectory, 'unfinished'));
  } catch {
    return [];
  }
}
function evidenceIn(dataDirectory: string): string[] {
  try {
    return filesIn(join(dataDirectory, 'evidence'));
  } catch {
    return [];
  }
}

describe('an exported file is whole or not there, whenever the core dies while it is written', () => {
  const moments = [
    point('case-export:writing'),
    point('case-export:writing', 8),
    point('case-export:before-rename'),
    ...randomMoments(seed, 2, 400),
  ];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const place = join(folder, `out-${number}`);
      mkdirSync(place);
      const path = join(place, 'case.wfcase');
      const dying = await start(home, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        await client.call('cases.export', { caseId, path });
      });
      const core = await start(home, 'live');
      expect(unfinishedIn(home)).toEqual([]);
      for (const name of readdirSync(place)) {
        expect(name).toBe('case.wfcase');
        expect((await readCaseFile(fileChunks(path), null)).problems).toEqual([]);
      }
      await core.client.call('cases.export', { caseId, path });
      expect(readdirSync(place)).toEqual(['case.wfcase']);
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('an imported case is whole or not there, whenever the core dies while it is read', () => {
  const moments = [
    point('case-import:verified'),
    point('case-import:before-commit'),
    point('case-import:after-commit'),
    ...randomMoments(seed + 1, 2, 400),
  ];
  const path = () => join(folder, 'passed-on.wfcase');
  beforeAll(async () => {
    const core = await start(home, 'live');
    await core.client.call('cases.export', { caseId, path: path() });
    await core.close();
  }, momentTimeoutMs);

  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const away = join(folder, `away-${number}`);
      const dying = await start(away, 'live', moment);
      await dieDuring(dying, moment, async (client) => {
        await client.call('cases.import', { path: path() });
      });
      const core = await start(away, 'live');
      expect(unfinishedIn(away)).toEqual([]);
      const cases = await core.client.call('cases.list', { status: null, text: '' });
      expect(evidenceIn(away)).toHaveLength(cases.length);
      await core.client.call('cases.import', { path: path() });
      const digest = await core.client.call('cases.digest', { id: caseId });
      const verified = await core.client.call('cases.verify', { id: caseId });
      expect(verified).toMatchObject({ ok: true });
      expect(evidenceIn(away)).toHaveLength(1);
      await core.close();
      const origin = await start(home, 'live');
      expect(await origin.client.call('cases.digest', { id: caseId })).toEqual(digest);
      await origin.close();
    },
    momentTimeoutMs,
  );
});

describe('evidence is there with its entry or not at all, whenever the core dies while it is copied', () => {
  const moments = [
    point('case-evidence:writing'),
    point('case-evidence:writing', 9),
    point('case:before-commit'),
    ...randomMoments(seed + 2, 1, 200),
  ];
  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const path = join(folder, `capture-${number}.pcap`);
      writeFileSync(path, Buffer.alloc(evidenceBytes, `packets ${number} `));
      const dying = await start(home, 'live', moment);
      await dieDuring(dying, moment, async () => {
        const client = await atCommandLine(home);
        await client.call('cases.addEvidenceFile', { caseId, path });
      });
      const core = await start(home, 'live');
      expect(unfinishedIn(home)).toEqual([]);
      const { evidence: shown } = await core.client.call('cases.get', { id: caseId });
      const isThere = shown.some(({ name }) => name === basename(path));
      expect(evidenceIn(home).sort()).toEqual([...new Set(shown.map(({ sha256 }) => sha256))].sort());
      if (!isThere) {
        const client = await atCommandLine(home);
        await client.call('cases.addEvidenceFile', { caseId, path });
        client.close();
      }
      expect(await core.client.call('cases.verify', { id: caseId })).toMatchObject({ ok: true });
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('what a screen was bringing is gone at the next start', () => {
  test.each(named([point('upload:writing', 2), point('case-evidence:writing')]))(
    '%s',
    async (_name, _number, moment) => {
      const dying = await start(home, 'live', moment);
      const before = evidenceIn(home);
      const bytes = Buffer.alloc(1024 * 1024, 'packets from a screen ');
      await dieDuring(dying, moment, async () => {
        const { id } = await dying.client.call('uploads.begin', { name: 'a', sizeBytes: 3 * bytes.length });
        for (let piece = 0; piece < 3; piece += 1) {
          const base64 = bytes.toString('base64');
          await dying.client.call('uploads.write', { id, offset: piece * bytes.length, base64 });
        }
        await dying.client.call('uploads.finish', { id });
        const file = { name: 'dropped.pcap', mediaType: '', uploadId: id };
        await dying.client.call('cases.addEvidence', { caseId, ...file });
      });
      const core = await start(home, 'live');
      expect([unfinishedIn(home), evidenceIn(home)]).toEqual([[], before]);
      await core.close();
    },
    momentTimeoutMs,
  );
});

describe('plain evidence that is being encrypted is whole, whenever the core dies', () => {
  const variable = 'WATCHFLOOR_PASSPHRASE_FILE';
  const moments = [
    point('evidence-encrypt:writing'),
    point('evidence-encrypt:writing', 9),
    point('evidence-encrypt:before-rename'),
    point('evidence-encrypt:before-removal'),
    ...randomMoments(seed + 3, 1, 200),
  ];
  afterEach(() => {
    delete process.env[variable];
  });

  /** It begins by itself at the start, and may die before anybody is connected. */
  async function dieEncrypting(place: string, moment: Moment): Promise<void> {
    const core = await start(place, 'live', moment).catch(() => null);
    if (moment.kind === 'random') await core?.host.kill();
    await core?.host.ended;
  }

  test.each(named(moments))(
    '%s',
    async (_name, number, moment) => {
      const place = join(folder, `plain-${number}`);
      const path = join(folder, `plain-${number}.wfcase`);
      const plain = await start(place, 'live');
      const opened = { alertIds: [], title: 'From before', severity: null, customerId: null };
      const { id } = await plain.client.call('cases.open', opened);
      const client = await atCommandLine(place);
      const { evidence: added } = await client.call('cases.addEvidenceFile', { caseId: id, path: evidence });
      client.close();
      await plain.close();
      const sha256 = added[0]?.sha256 ?? '';
      expect(evidenceIn(place)).toEqual([sha256]);

      const passphrase = join(folder, 'passphrase');
      writeFileSync(passphrase, 'correct horse');
      process.env[variable] = passphrase;
      await dieEncrypting(place, moment);
      for (const name of evidenceIn(place)) expect(name.startsWith(sha256)).toBe(true);
      expect(evidenceIn(place).length).toBeGreaterThan(0);

      const core = await start(place, 'live');
      await expect
        .poll(() => core.client.call('app.evidenceProtection', {}), { timeout: momentTimeoutMs / 2 })
        .toMatchObject({ isEncrypting: true, encrypted: 1, plain: 0, unreadable: 0 });
      expect(evidenceIn(place)).toEqual([expect.stringMatching(new RegExp(`^${sha256}\\.[0-9a-f]{16}$`))]);
      expect(unfinishedIn(place)).toEqual([]);
      await core.client.call('cases.export', { caseId: id, path });
      const report = await readCaseFile(fileChunks(path), null);
      expect(report).toMatchObject({ problemCount: 0, counts: { evidenceBytes } });
      await core.close();
    },
    momentTimeoutMs,
  );
});
