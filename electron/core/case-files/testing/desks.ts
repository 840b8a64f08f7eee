import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallContext } from '../../../../shared/api/server.ts';
import type { ImportPreview } from '../../../../shared/case-file/report.ts';
import type { EntryPayload, Tlp } from '../../../../shared/domain/case.ts';
import { randomId } from '../../../db/ids.ts';
import type { Store, Writer } from '../../../db/store.ts';
import {
  openTestStore,
  startMs,
  type TestClock,
  temporaryDirectory,
  testWriter,
} from '../../../db/testing.ts';
import { type CaseFiles, createCaseFiles } from '../case-files.ts';
import { type CaseFileReport, readCaseFile } from '../read-case-file.ts';

/** A data directory with somebody who works in it, for tests of what passes between several. */
export interface Desk {
  readonly store: Store;
  readonly writer: Writer;
  readonly caseFiles: CaseFiles;
  readonly clock: TestClock;
  readonly folder: string;
  /** Exports a case and gives the file's bytes. */
  export(caseId: string, audience?: Tlp | null): Promise<Buffer>;
  import(file: Buffer): Promise<ImportPreview>;
  close(): void;
}

export const noSecrets = { identities: [], passphrase: null };

export const context: CallContext = { isCancelled: () => false, progress: () => undefined };

function sameWriter(store: Store, writer: Writer): Writer {
  store.writers.saveAnalyst({ id: 'an_copied', name: writer.name, publicKey: writer.publicKey });
  store.writers.setCurrentAnalyst('an_copied');
  // Mints the id that `newId` foresees.
  store.writers.writerId('an_copied');
  return writer;
}

/**
 * @param copied a desk whose data directory this one is a copy of, gone unnoticed: both write as one writer, and
 *   their chains fork
 */
export function openDesk(name: string, clock: TestClock = { nowMs: startMs }, copied?: Desk): Desk {
  const directory = temporaryDirectory();
  const newId = (prefix: string) => (prefix === 'wr' && copied ? copied.writer.id : randomId(prefix));
  const store = openTestStore(directory.path, clock, { newId });
  const writer = copied === undefined ? testWriter(store, name) : sameWriter(store, copied.writer);
  const caseFiles = createCaseFiles({
    store,
    hub: { cases: () => undefined },
    appVersion: '0.0.0-test',
    newId: randomId,
    nowMs: () => clock.nowMs,
  });
  const path = join(directory.path, 'case.wfcase');
  return {
    store,
    writer,
    caseFiles,
    clock,
    folder: directory.path,
    async export(caseId, audience = null) {
      await caseFiles.export({ caseId, path, encryption: null, audience }, writer, context);
      return readFileSync(path);
    },
    import(file) {
      writeFileSync(path, file);
      return caseFiles.import({ path, secrets: noSecrets, expectedSha256: null }, writer, context);
    },
    close() {
      store.close();
      directory.remove();
    },
  };
}

export const opening = {
  kind: 'case-opened',
  title: 'HTTP flood on /login',
  customerId: null,
  severity: 'high',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
} satisfies EntryPayload;

export const note = (noteId: string, markdown = `Note ${noteId}`): EntryPayload => ({
  kind: 'note-added',
  noteId,
  markdown,
});

/** Puts evidence into a store and gives the payload that names it. */
export function evidence(desk: Desk, name: string, bytes: Buffer): EntryPayload {
  const stored = desk.store.evidence.put(bytes);
  return {
    kind: 'evidence-added',
    evidenceId: `ev_${name}`,
    name,
    mediaType: 'application/octet-stream',
    ...stored,
  };
}

async function* inOnePiece(file: Buffer): AsyncGenerator<Buffer> {
  if (file.length > 0) yield file;
}

export const verify = (file: Buffer): Promise<CaseFileReport> => readCaseFile(inOnePiece(file), null);

/** What of a case file is before its last two members, the exporter's own block. */
export function withoutSignature(file: Buffer): Buffer {
  const directory = file.lastIndexOf('arrivals.jsonl');
  return file.subarray(0, file.lastIndexOf('arrivals.jsonl', directory - 1) - 30);
}
