import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { ageDecrypt, ageEncrypt } from '../../core/case-files/age.ts';
import { fileChunks } from '../../db/file-chunks.ts';
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
  const flags = ['--max-semi-space-size=4', '--no-allocation-site-pretenuring'];
  const child = spawn(process.execPath, [...flags, process.argv[1] ?? '', ...words], {
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

/** How long a stream takes into a file. */
async function timedInto(path: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const startedMs = performance.now();
  const file = openSync(path, 'w');
  for await (const chunk of chunks) writeSync(file, chunk);
  closeSync(file);
  return performance.now() - startedMs;
}

/**
 * The same encrypted to a recipient, beside the age format over the same bytes alone, in this process with the same
 * ciphers. Empty where `age-keygen` is not installed.
 */
async function measureSealed(
  folder: string,
  {
    id,
    file,
    from,
    to,
  }: { readonly id: string; readonly file: string; readonly from: string; readonly to: string },
): Promise<Record<string, number>> {
  const [key, sealed, other] = [join(folder, 'key'), join(folder, 'case.age'), join(folder, 'other')];
  try {
    execFileSync('age-keygen', ['-o', key], { stdio: 'ignore' });
  } catch {
    say('no age-keygen: encrypted files are not measured');
    return {};
  }
  const recipient = execFileSync('age-keygen', ['-y', key], { encoding: 'utf8' }).trim();
  const identities = readFileSync(key, 'utf8').match(/^AGE-SECRET-KEY-1\S+$/gm) ?? [];
  say('exporting and importing encrypted');
  const exported = await run([
    ...['case', 'export', id, '--to', sealed],
    ...['--recipient', recipient, '--data-dir', from],
  ]);
  const sealMs = await timedInto(other, ageEncrypt(fileChunks(file), { recipients: [recipient] }));
  const openMs = await timedInto(other, ageDecrypt(fileChunks(sealed), { identities, passphrase: null }));
  rmSync(other);
  const imported = await run(['case', 'import', sealed, '--identity', key, '--data-dir', to]);
  return {
    ageSealSeconds: sealMs / 1_000,
    ageOpenSeconds: openMs / 1_000,
    sealedExportSeconds: exported.ms / 1_000,
    sealedImportSeconds: imported.ms / 1_000,
    sealedExportShare: sealMs / exported.ms,
    sealedImportShare: openMs / imported.ms,
    ...(exported.mebibytes === null ? {} : { sealedExportMebibytes: exported.mebibytes }),
    ...(imported.mebibytes === null ? {} : { sealedImportMebibytes: imported.mebibytes }),
  };
}

/**
 * Exports evidence and entries into a file and imports it elsewhere, each by the command line, beside `cp` and
 * `sha256sum` of the same file; then encrypted, beside age alone. Shares: the time of those beside that of the command, 1 for
 * as fast.
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
  rmSync(to, { recursive: true });
  const sealed = await measureSealed(folder, { id, file, from, to });
  rmSync(folder, { recursive: true, force: true });
  return {
    ...sealed,
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
