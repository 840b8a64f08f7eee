import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { parseSuppression } from '../../shared/domain/suppression.ts';
import { dayMs } from '../../shared/domain/time.ts';
import { newestVersion } from './migrations.ts';
import type { Store } from './store.ts';
import {
  alertQuery,
  occurrence,
  openRaw,
  openTestStore,
  startMs,
  type TestClock,
  temporaryDirectory,
  testSource,
  testWriter,
} from './testing.ts';

const pageBytes = 4096;

function errorOf(work: () => unknown): WatchfloorError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof WatchfloorError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing was thrown.');
}

/** Overwrites pages of a file with bytes that mean nothing; the first page is 1. */
function damagePages(path: string, pages: readonly number[]): void {
  const file = openSync(path, 'r+');
  for (const page of pages)
    writeSync(file, Buffer.alloc(pageBytes, 0x5a), 0, pageBytes, (page - 1) * pageBytes);
  closeSync(file);
}

/** Numbers of the leaf pages of a table, by SQLite's own account. */
function leafPages(path: string, table: string): number[] {
  const raw = openRaw(path);
  const rows = raw
    .prepare<[string], { readonly pageno: number }>(
      "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path",
    )
    .all(table);
  raw.close();
  return rows.map((row) => row.pageno);
}

/** A file system of 12 MB in memory, where whoever tests may mount one; else null. */
function mountSmall(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'watchfloor-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path]);
  if (mounted.status === 0) return path;
  rmSync(path, { recursive: true });
  return null;
}

function unmount(path: string): void {
  spawnSync('umount', [path]);
  rmSync(path, { recursive: true });
}

describe('opening a store', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let clock: TestClock;
  let stores: Store[];
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    stores = [];
  });
  afterEach(() => {
    for (const store of stores) store.close();
    chmodSync(directory.path, 0o700);
    directory.remove();
  });

  const open = (path = directory.path, more = {}) => {
    const store = openTestStore(path, clock, more);
    stores.push(store);
    return store;
  };
  const close = (store: Store) => {
    stores = stores.filter((one) => one !== store);
    store.close();
  };
  const databasePath = () => join(directory.path, 'watchfloor.db');

  const fill = (store: Store, count: number, from = 0) =>
    store.alerts.ingest(
      testSource,
      Array.from({ length: count }, (_, index) =>
        occurrence({
          identity: `record-${from + index}`,
          deduplicationKey: `key-${from + index}`,
          title: `Alert ${from + index}`,
          raw: `{"record":${from + index}}`,
        }),
      ),
      clock.nowMs,
    );

  it('makes everything readable by its owner alone', () => {
    const path = join(directory.path, 'fresh', 'deeper');
    fill(open(path), 1);
    const modes = readdirSync(path).map((name) => [name, statSync(join(path, name)).mode & 0o777]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
  });

  it('keeps what was stored', () => {
    const first = open();
    fill(first, 3);
    first.settings.set('ui', { theme: 'dark' });
    close(first);
    const second = open();
    expect(
      second.alerts.count({
        lane: null,
        text: '',
        fromMs: null,
        toMs: null,
        includeDone: true,
        sort: 'count',
      }),
    ).toBe(3);
    expect(second.settings.get('ui')).toEqual({ theme: 'dark' });
    expect(second.settings.get('nothing')).toBeNull();
    expect(second.recovery).toBeNull();
  });

  it('refuses a second core in words, and lets it read', () => {
    const store = open();
    fill(store, 2);
    const error = errorOf(() => openTestStore(directory.path, clock));
    expect(error.code).toBe('locked');
    expect(error.message).toContain(`process ${process.pid} on `);
    expect(error.message).toContain('Close it first');
    const reader = openTestStore(directory.path, clock, { readOnly: true });
    expect([...reader.alerts.each()].length).toBe(2);
    expect(errorOf(() => reader.settings.set('a', 1)).code).toBe('storage');
    fill(store, 1, 10);
    expect([...reader.alerts.each()].length).toBe(3);
    reader.close();
  });

  it('takes over at once after a core was killed', async () => {
    const module = join(import.meta.dirname, 'open-store.ts');
    const script = `
      import { openStore } from ${JSON.stringify(module)};
      const store = openStore(${JSON.stringify(directory.path)}, { nowMs: () => ${startMs}, appVersion: 'test' });
      store.settings.set('kept', true);
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const error = errorOf(() => openTestStore(directory.path, clock));
    expect(error.code).toBe('locked');
    expect(error.message).toContain(`process ${child.pid} on `);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const store = open();
    expect(store.settings.get('kept')).toBe(true);
    expect(store.recovery).toBeNull();
  });

  it('refuses a database from a newer version and leaves it as it is', () => {
    close(open());
    const raw = openRaw(databasePath());
    raw.pragma(`user_version = ${newestVersion + 1}`);
    raw.close();
    const before = readFileSync(databasePath());
    for (const readOnly of [false, true]) {
      const error = errorOf(() => openTestStore(directory.path, clock, { readOnly }));
      expect(error.code).toBe('newer-database');
      expect(error.message).toContain('newer Watchfloor');
    }
    expect(readFileSync(databasePath())).toEqual(before);
  });

  it('says what is wrong with a data directory', () => {
    const file = join(directory.path, 'a-file');
    writeFileSync(file, '');
    expect(errorOf(() => openTestStore(file, clock))).toMatchObject({
      code: 'storage',
      message: 'The data directory is not a directory. Choose another with --data-dir.',
    });
    const missing = join(directory.path, 'missing');
    expect(errorOf(() => openTestStore(missing, clock, { readOnly: true })).code).toBe('not-found');
    expect(existsSync(missing)).toBe(false);
  });

  it('merges and splits wholly or not at all when the disk is full', (context) => {
    const path = mountSmall();
    if (path === null) return context.skip('left out: no small file system can be mounted here');
    try {
      const store = open(path);
      fill(store, 500);
      const many = Array.from({ length: 4_000 }, (_, index) =>
        occurrence({
          identity: `split-${index}`,
          deduplicationKey: 'split',
          title: 'Split',
          entities: [{ kind: 'ip', value: `198.51.100.${index % 50}`, role: 'source' }],
        }),
      );
      store.alerts.ingest(testSource, many, startMs);
      const all = () => [...store.alerts.each()];
      const split = all().find(({ title }) => title === 'Split')?.id ?? '';
      const others = all().filter(({ id }) => id !== split);
      const tries = {
        split: [[split], { type: 'split', by: { kind: 'entity', entity: 'ip', role: 'source' } }],
        unsplit: [[split], { type: 'unsplit' }],
        merge: [others.map(({ id }) => id), { type: 'merge', leaderId: null }],
        unmerge: [others.map(({ id }) => id), { type: 'unmerge' }],
      } as const;
      const ballast = join(path, 'ballast');
      const file = openSync(ballast, 'w');
      const page = Buffer.alloc(4_096);
      expect(() => {
        for (;;) writeSync(file, page);
      }).toThrow('ENOSPC');
      closeSync(file);
      const failed = new Set<string>();
      for (let round = 0; round < 200 && failed.size < 2; round += 1) {
        for (const kind of ['merge', 'split', 'unmerge', 'unsplit'] as const) {
          const [ids, action] = tries[kind];
          const before = all();
          try {
            store.alerts.act({ by: 'ids', ids }, action, 'Ada');
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'storage' });
            expect(all()).toEqual(before);
            failed.add(kind);
          }
        }
      }
      expect(failed.size).toBeGreaterThan(1);
      expect([...failed]).toContain('split');
      rmSync(ballast);
      for (const kind of ['unmerge', 'unsplit', 'split', 'merge'] as const) {
        const [ids, action] = tries[kind];
        store.alerts.act({ by: 'ids', ids }, action, 'Ada');
      }
      expect(all().filter(({ partOf }) => partOf !== null)).toHaveLength(50);
      expect(store.alerts.count(alertQuery({ text: 'merged:any' }))).toBe(others.length - 1);
    } finally {
      for (const store of stores) close(store);
      unmount(path);
    }
  });

  it('keeps everything but the last change when the disk is full', (context) => {
    const path = mountSmall();
    if (path === null) return context.skip('left out: no small file system can be mounted here');
    try {
      const store = open(path);
      fill(store, 5);
      const ballast = join(path, 'ballast');
      writeFileSync(ballast, Buffer.alloc(9_000_000));
      const error = errorOf(() => {
        for (let round = 1; round < 100; round += 1) fill(store, 2_000, round * 2_000);
      });
      expect(error.code).toBe('storage');
      expect(error.message).toContain('The disk is full');
      const kept = [...store.alerts.each()].length;
      expect(kept % 2_000).toBe(5);
      expect(errorOf(() => store.evidence.put(Buffer.alloc(20_000_000, 1))).message).toContain(
        'The disk is full',
      );
      rmSync(ballast);
      fill(store, 10, 1_000_000);
      close(store);
      expect([...open(path).alerts.each()].length).toBe(kept + 10);
    } finally {
      for (const store of stores) close(store);
      unmount(path);
    }
  });

  it('makes a backup a day, checks it and keeps seven', async () => {
    const store = open();
    fill(store, 50);
    for (let day = 0; day < 9; day += 1) {
      expect((await store.backupIfDue())?.madeMs).toBe(clock.nowMs);
      expect(await store.backupIfDue()).toBeNull();
      clock.nowMs += dayMs;
    }
    const backups = store.backups();
    expect(backups.map((backup) => backup.madeMs)).toEqual(
      [8, 7, 6, 5, 4, 3, 2].map((day) => startMs + day * dayMs),
    );
    expect(statSync(backups[0]?.path ?? '').mode & 0o777).toBe(0o600);
    const raw = openRaw(backups[0]?.path ?? '');
    expect(raw.prepare('SELECT count(*) AS n FROM alert').get()).toEqual({ n: 50 });
    raw.close();
  });

  it('salvages what can be read around damaged pages and fills the rest from the backup', async () => {
    const store = open();
    fill(store, 1_000);
    const writer = testWriter(store);
    store.cases.open(writer, [
      {
        kind: 'case-opened',
        title: 'Kept',
        customerId: null,
        severity: 'high',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
      },
    ]);
    await store.backup('by-hand');
    clock.nowMs += 3_600_000;
    fill(store, 1_000, 1_000);
    close(store);

    const leaves = leafPages(databasePath(), 'alert');
    const early = leaves[3] ?? 0;
    const late = leaves[leaves.length - 10] ?? 0;
    damagePages(databasePath(), [early, late]);

    const restored = open();
    const report = restored.recovery;
    const alerts = [...restored.alerts.each()];
    const alertTable = report?.tables.find((one) => one.table === 'alert');
    const lost = 2_000 - alerts.length;
    // Only what lay on the late page is gone: the backup had the early one's.
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(30);
    expect(alerts.slice(0, 1_000).map((alert) => alert.title)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `Alert ${index}`),
    );
    expect(alertTable).toMatchObject({ rows: alerts.length, complete: false });
    expect(report?.missing).toBe(
      `Could not be read any more: ${lost} alerts. Only what came after 2026-03-04T00:00:00Z can be missing. Sources and targets are read again, as far back as they reach.`,
    );
    expect(report?.kept).toContain('The backup of 2026-03-04T00:00:00Z was restored');
    expect(existsSync(join(report?.quarantinedTo ?? '', 'watchfloor.db'))).toBe(true);
    expect(restored.cases.list({ status: null, text: '' }).map((one) => one.title)).toEqual(['Kept']);
    expect(restored.cases.verify(restored.cases.list({ status: null, text: '' })[0]?.id ?? '').ok).toBe(true);

    // It works on, and the next opening finds nothing wrong.
    fill(restored, 2_000);
    expect([...restored.alerts.each()].length).toBe(2_000);
    close(restored);
    expect(open().recovery).toBeNull();
  });

  it('opens again behind a lost first page, also without any backup', () => {
    const store = open();
    fill(store, 500);
    close(store);
    damagePages(databasePath(), [1]);
    const restored = open();
    expect([...restored.alerts.each()].length).toBe(500);
    expect(restored.recovery?.restoredFrom).toBeNull();
  });

  it('keeps pushes that were accepted, and looks anew for what suppressions name in raw records', () => {
    const store = open();
    store.pushes.keep('so_1', { sentMs: startMs, records: 1, body: Buffer.from('{}') });
    const suppression = store.suppressions.add({
      scope: { kind: 'query', text: 'sqlmap' },
      reason: 'Test',
      owner: 'Ada',
      upTo: 'high',
      startMs,
      endMs: startMs + dayMs,
      weekly: false,
    });
    for (const _ of store.suppressions.watchInSteps());
    store.alerts.ingest(testSource, [occurrence({ raw: '{"agent":"sqlmap"}' })], startMs);
    const parsed = parseSuppression(suppression);
    const [alert] = [...store.alerts.each()];
    expect(store.suppressions.isReady(parsed)).toBe(true);
    close(store);
    const path = databasePath();
    damagePages(path, [1, ...leafPages(path, 'watched_word_alert')]);

    const restored = open();
    expect(restored.pushes.waiting()).toMatchObject([{ connectionId: 'so_1', pushes: 1, records: 1 }]);
    expect(restored.suppressions.isReady(parsed)).toBe(false);
    for (const _ of restored.suppressions.watchInSteps());
    expect(restored.suppressions.isReady(parsed)).toBe(true);
    expect(restored.suppressions.hasRecord('sqlmap', alert?.sequence ?? 0)).toBe(true);
  });

  it('starts empty, and says so, when nothing of a file can be read', () => {
    const store = open();
    fill(store, 10);
    close(store);
    writeFileSync(databasePath(), Buffer.alloc(50_000, 0x41));
    const restored = open();
    expect([...restored.alerts.each()]).toEqual([]);
    expect(restored.recovery?.missing).toContain('an unknown number of alerts');
    expect(restored.recovery?.missing).toContain('There was no backup');
    fill(restored, 1);
  });

  it('stops writing when it meets damage in the middle of work, and repairs at the next start', () => {
    const store = open();
    fill(store, 2_000);
    close(store);
    const second = open();
    const [leaf = 0] = leafPages(databasePath(), 'alert').slice(20);
    damagePages(databasePath(), [leaf]);
    const error = errorOf(() => [...second.alerts.each()]);
    expect(error.code).toBe('storage');
    expect(error.message).toContain('the next start sets it aside');
    expect(errorOf(() => fill(second, 1, 5_000)).message).toContain('Nothing more is written to it');
    close(second);
    const third = open();
    expect(third.recovery).not.toBeNull();
    expect([...third.alerts.each()].length).toBeGreaterThan(1_950);
  });

  it('mints a new writer after a copy or a restore, and keeps it otherwise', async () => {
    const first = open();
    const { id } = testWriter(first);
    const backup = await first.backup('by-hand');
    close(first);
    const again = open();
    expect(again.writers.writerId('an_Ada')).toBe(id);
    close(again);

    const copy = temporaryDirectory();
    cpSync(directory.path, copy.path, { recursive: true });
    const copied = open(copy.path);
    expect(copied.writers.writerId('an_Ada')).not.toBe(id);
    close(copied);
    copy.remove();

    cpSync(backup.path, databasePath());
    const restored = open();
    expect(restored.writers.writerId('an_Ada')).not.toBe(id);
  });

  it('runs transactions inside each other and hooks only after the commit', () => {
    const store = open();
    const seen: string[] = [];
    store.transaction(() => {
      store.settings.set('outer', 1);
      expect(() =>
        store.transaction(() => {
          store.settings.set('inner', 1);
          store.afterCommit(() => seen.push('never'));
          throw new Error('inner');
        }),
      ).toThrow('inner');
      store.afterCommit(() => seen.push(`outer ${store.settings.get('outer')}`));
      expect(seen).toEqual([]);
    });
    expect(seen).toEqual(['outer 1']);
    expect(store.settings.get('inner')).toBeNull();
    expect(() => store.transaction(() => Promise.resolve())).toThrow('asynchronous');
    store.transaction(() => store.settings.set('after', 1));
    expect(store.settings.get('after')).toBe(1);
  });
});
