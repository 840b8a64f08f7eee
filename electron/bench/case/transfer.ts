import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { openStore } from '../../db/index.ts';
import { say } from '../bench.ts';
import { memoryMebibytes } from '../measured.ts';
import { benchOpening, benchPayload, benchWriter, seededNowMs } from './seed.ts';

const pieceBytes = 4 * 1024 * 1024;
const entriesATransaction = 1_000;
const lookEveryMs = 10;

/** Runs the command line as a process of its own, as electron/dev/watchfloor.mjs does for cases. */
function run(words: readonly string[]): Promise<{ readonly ms: number; readonly mebibytes: number | null }> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['--max-semi-space-size=4', process.argv[1] ?? '', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let mebibytes: number | null = null;
  const look = setInterval(() => {
    mebibytes = memoryMebibytes(child.pid, 'VmHWM') ?? mebibytes;
  }, lookEveryMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ ms: performance.now() - startedMs, mebibytes });
      else reject(new WatchfloorError('internal', `watchfloor ${words.join(' ')} failed.`));
    });
  });
}

async function seed(
  folder: string,
  evidencePath: string,
  evidenceBytes: number,
  entries: number,
): Promise<string> {
  const file = openSync(evidencePath, 'w');
  const piece = randomBytes(pieceBytes);
  for (let left = evidenceBytes; left > 0; left -= pieceBytes) {
    piece.writeUInt32LE(left % 2 ** 32);
    writeSync(file, piece, 0, Math.min(left, pieceBytes));
  }
  closeSync(file);
  const store = openStore(folder, { nowMs: () => seededNowMs, appVersion: 'bench' });
  const writer = benchWriter(store);
  const { id } = store.cases.open(writer, [benchOpening]);
  for (let at = 1; at < entries; at += entriesATransaction) {
    const length = Math.min(entriesATransaction, entries - at);
    store.cases.append(
      id,
      writer,
      Array.from({ length }, (_, index) => benchPayload(at + index)),
    );
  }
  store.close();
  return id;
}

/**
 * Exports evidence and entries into a file and imports it elsewhere, each by the command line, beside `cp` and
 * `sha256sum` of the same file. Shares: the time of the two beside that of the command, 1 for as fast.
 */
export async function measureTransfer(
  folder: string,
  evidenceBytes: number,
  entries: number,
): Promise<Record<string, number>> {
  mkdirSync(folder, { recursive: true });
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const [file, evidence] = [join(folder, 'case.wfcase'), join(folder, 'evidence.bin')];
  say(`seeding ${entries} entries and ${evidenceBytes} bytes of evidence`);
  const id = await seed(from, evidence, evidenceBytes, entries);
  await run(['case', 'add-evidence', id, evidence, '--data-dir', from]);
  rmSync(evidence);
  say('exporting');
  const exported = await run(['case', 'export', id, '--to', file, '--data-dir', from]);
  const startedMs = performance.now();
  execFileSync('cp', [file, evidence]);
  execFileSync('sha256sum', [evidence]);
  const copyMs = performance.now() - startedMs;
  rmSync(evidence);
  say('importing');
  const imported = await run(['case', 'import', file, '--data-dir', to]);
  rmSync(folder, { recursive: true, force: true });
  return {
    evidenceMebibytes: evidenceBytes / 1_048_576,
    copySeconds: copyMs / 1_000,
    exportSeconds: exported.ms / 1_000,
    importSeconds: imported.ms / 1_000,
    exportShare: copyMs / exported.ms,
    importShare: copyMs / imported.ms,
    ...(exported.mebibytes === null ? {} : { exportMebibytes: exported.mebibytes }),
    ...(imported.mebibytes === null ? {} : { importMebibytes: imported.mebibytes }),
  };
}
