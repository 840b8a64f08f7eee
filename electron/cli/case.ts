import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ImportPreview } from '../../shared/case-file/report.ts';
import type { CaseState, CaseSummary, Tlp } from '../../shared/domain/case.ts';
import { toCaseEntry } from '../../shared/domain/case-entry.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import type { SignedEntry } from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import type { AgeSecrets } from '../core/case-files/age.ts';
import { openCaseFile } from '../core/case-files/open-case-file.ts';
import { type CaseFileReport, readCaseFile } from '../core/case-files/read-case-file.ts';
import type { Store } from '../db/index.ts';
import { line, reading, type StoreCommand, shown } from './reading.ts';
import { type Call, withCore } from './with-core.ts';

/** Files that hold the secrets of an encrypted case file; secrets are never arguments. */
export interface SecretFiles {
  readonly passphraseFile: string | null;
  readonly identityFile: string | null;
}

function secretText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new WatchfloorError('bad-input', `${path} cannot be read.`, String(thrown));
  }
}

/** The first line of a file. */
function passphraseIn(path: string | null): string | null {
  if (path === null) return null;
  const [first = ''] = secretText(path).split(/\r?\n/);
  if (first === '')
    throw new WatchfloorError('bad-input', `There is no passphrase in the first line of ${path}.`);
  return first;
}

/** What opens an encrypted case file, out of files. */
export function secretsIn({ passphraseFile, identityFile }: SecretFiles): AgeSecrets {
  const lines = identityFile === null ? [] : secretText(identityFile).split(/\r?\n/);
  const identities = lines.map((each) => each.trim()).filter((each) => each !== '' && !each.startsWith('#'));
  return { identities, passphrase: passphraseIn(passphraseFile) };
}

/** Ctrl+C gives up what is being written, so that nothing half made is left. */
export async function writing(command: StoreCommand, work: (call: Call) => Promise<void>): Promise<number> {
  const giveUp = new AbortController();
  const onSignal = () => giveUp.abort();
  process.once('SIGINT', onSignal);
  try {
    await withCore(command.dataDirectory, command.workspace, work, giveUp.signal);
    return 0;
  } finally {
    process.off('SIGINT', onSignal);
  }
}

function existing(store: Store, id: string): CaseState {
  const state = store.cases.get(id);
  if (state === null) throw new WatchfloorError('not-found', 'There is no such case.', id);
  return state;
}

/** `case list`: the cases, the last changed first; with --json one object a line. */
export function listCases(command: StoreCommand): number {
  const cases = reading(command, (store) => store.cases.list({ status: null, text: '' }));
  const words = (each: CaseSummary) =>
    `${each.id}  ${formatUtc(each.changedMs)}  ${each.severity.padEnd(13)}  ${each.status.padEnd(9)}  ${shown(each.title)}`;
  for (const each of cases) line(command.json ? JSON.stringify(each) : words(each));
  return 0;
}

/** `case show`: what the entries come to, or (`--digest`) that as two hashes. */
export function showCase(command: StoreCommand, id: string, isDigest: boolean): number {
  reading(command, (store) => {
    const state = existing(store, id);
    if (isDigest) {
      const digest = store.cases.digest(id);
      if (command.json) line(JSON.stringify({ id, ...digest }));
      else {
        line(`state    ${digest.state}  fold ${digest.foldVersion}`);
        line(`entries  ${digest.entries}  ${digest.entryCount} entries`);
      }
      return;
    }
    if (command.json) {
      line(JSON.stringify(state));
      return;
    }
    line(`${state.id}  ${shown(state.title)}`);
    line(
      `${state.severity}, ${state.status}, ${state.tlp}, ${state.pap}, ${state.assignee ?? 'nobody'} has it`,
    );
    line(
      `${state.timeline.length} entries, ${state.alerts.length} alerts, ${state.observables.length} observables, ${state.evidence.length} pieces of evidence, ${state.notes.length} notes`,
    );
    for (const { subject, id: of, field, values } of state.conflicts) {
      line(`conflict: ${field} of ${subject} ${shown(of)}`);
      for (const { entryId, value, writerName, timeMs } of values) {
        line(`  ${shown(entryId)}  ${formatUtc(timeMs)}  ${shown(writerName)}: ${shown(String(value))}`);
      }
    }
    for (const other of state.mergedCases) line(`holds also ${shown(other)}`);
    if (state.mergedInto !== null) line(`merged into ${shown(state.mergedInto)}`);
    line(store.cases.verify(id).sentence);
  });
  return 0;
}

/** `case new`: opens a case. */
export function newCase(command: StoreCommand, title: string): Promise<number> {
  return writing(command, async (call) => {
    const { id } = await call('cases.open', { alertIds: [], title, severity: null, customerId: null });
    line(command.json ? JSON.stringify({ id }) : id);
  });
}

/** `case add-note`. @param tlp whom it may be shown to; null goes by the case */
export function addNote(command: StoreCommand, id: string, text: string, tlp: Tlp | null): Promise<number> {
  return writing(command, async (call) => {
    const noteId = crypto.randomUUID();
    const entry = { kind: 'note-added', noteId, markdown: text } as const;
    const state = await call('cases.append', { caseId: id, entry, tlp });
    line(command.json ? JSON.stringify({ id, noteId, entries: state.timeline.length }) : noteId);
  });
}

/** `case add-evidence`: copies a file of any size into the case. */
export function addEvidence(command: StoreCommand, id: string, path: string): Promise<number> {
  return writing(command, async (call) => {
    const state = await call('cases.addEvidenceFile', { caseId: id, path });
    const added = state.evidence.at(-1);
    line(command.json ? JSON.stringify({ id, ...added }) : `${added?.sha256}  ${shown(added?.name ?? '')}`);
  });
}

/** `case export`: writes one file. */
export function exportCase(
  command: StoreCommand,
  options: {
    readonly id: string;
    readonly to: string;
    readonly recipients: readonly string[];
    readonly passphraseFile: string | null;
    readonly audience: Tlp | null;
  },
): Promise<number> {
  const passphrase = passphraseIn(options.passphraseFile);
  return writing(command, async (call) => {
    const { id: caseId, to: path, recipients, audience } = options;
    const input = { caseId, path, recipients: [...recipients], passphrase, audience };
    const exported = await call('cases.export', input);
    if (command.json) {
      line(JSON.stringify(exported));
      return;
    }
    line(`${exported.path}  ${exported.sizeBytes} bytes, ${exported.counts.entries} entries`);
    for (const { kind, count } of exported.withheld) line(`withheld: ${count} ${kind || 'of an older kind'}`);
    if (exported.missing > 0)
      line(`${exported.missing} pieces of evidence or snapshots are not here and not in it`);
  });
}

function printPreview(preview: ImportPreview): void {
  const { exporter } = preview;
  if (exporter !== null) {
    line(
      `signed by ${shown(exporter.name)} (${exporter.keyFingerprint}, ${exporter.isKnown ? 'known here' : 'not known here'}) at ${formatUtc(exporter.exportedMs)}`,
    );
  }
  for (const each of preview.cases) {
    line(
      `${each.id}  ${each.isNew ? 'new here' : 'here already'}, ${each.newEntries} new entries  ${shown(each.title ?? 'title withheld')}`,
    );
  }
}

/** `case import`: verifies a file and merges it. */
export function importCase(command: StoreCommand, path: string, files: SecretFiles): Promise<number> {
  const secrets = secretsIn(files);
  return writing(command, async (call) => {
    const done = await call('cases.import', { path, ...secrets, identities: [...secrets.identities] });
    if (command.json) line(JSON.stringify(done));
    else printPreview(done);
  });
}

/** `case verify`: every problem of a file; needs no data directory. Exit code 1 where there is one. */
export async function verifyCase(path: string, files: SecretFiles, json: boolean): Promise<number> {
  const { chunks, isEncrypted } = await openCaseFile(path, secretsIn(files));
  const report = await readCaseFile(chunks, null);
  const { signature, manifest, counts, problems, problemCount, writers, sha256, sizeBytes } = report;
  const signer =
    signature === null
      ? null
      : {
          name: signature.exporter.name,
          keyFingerprint: signature.exporter.keyFingerprint,
          exportedMs: signature.exportedMs,
          writtenBy: signature.writtenBy,
        };
  if (json) {
    const ok = problemCount === 0;
    const { caseId = null, audience = null, withheld = [], missing = [] } = manifest ?? {};
    const contents = { caseId, audience, withheld, missing, writers };
    line(
      JSON.stringify({
        ok,
        signer,
        counts,
        ...contents,
        isEncrypted,
        sha256,
        sizeBytes,
        problems,
        problemCount,
      }),
    );
    return ok ? 0 : 1;
  }
  if (signer !== null)
    line(`signed by ${shown(signer.name)} (${signer.keyFingerprint}) at ${formatUtc(signer.exportedMs)}`);
  line(
    `${counts.entries} entries in ${counts.chains} chains, ${counts.withheld} withheld; ${counts.alerts} alerts, ${counts.mitigations} mitigations, ${counts.evidence} pieces of evidence`,
  );
  for (const { at, sentence } of problems) line(`${shown(at)}: ${shown(sentence, 300)}`);
  line(problemCount === 0 ? 'It verifies.' : `It does not verify: ${problemCount} problems.`);
  return problemCount === 0 ? 0 : 1;
}

/** One side of a comparison. */
interface Side {
  readonly caseId: string;
  readonly entries: readonly SignedEntry[];
}

async function sideOf(command: StoreCommand, given: string, files: SecretFiles): Promise<Side> {
  if (!existsSync(given)) {
    return reading(command, (store) => {
      const { mergedCases } = existing(store, given);
      const pages = store.cases.signedEntries([given, ...mergedCases], store.cases.newestPosition());
      return { caseId: given, entries: [...pages].flat() };
    });
  }
  const entries: SignedEntry[] = [];
  const { chunks } = await openCaseFile(resolve(given), secretsIn(files));
  const report: CaseFileReport = await readCaseFile(chunks, {
    writers: () => undefined,
    allEntries: () => undefined,
    snapshots: () => undefined,
    workstations: () => undefined,
    arrivals: () => undefined,
    evidence: async () => null,
    entries: (page) => {
      for (const entry of page) entries.push(entry);
    },
  });
  if (report.manifest === null || report.problemCount > 0) {
    throw new WatchfloorError('refused', `${given} does not verify; \`case verify\` says why.`);
  }
  return { caseId: report.manifest.caseId, entries };
}

/** Members of two folded states that differ, as JSON text each. */
function stateChanges(left: Side, right: Side): { field: string; left: unknown; right: unknown }[] {
  const fold = ({ caseId, entries }: Side) => foldCase(caseId, entries.map(toCaseEntry), false);
  const [one, other] = [fold(left), fold(right)];
  return (Object.keys(one) as (keyof CaseState)[])
    .filter((field) => field !== 'timeline' && JSON.stringify(one[field]) !== JSON.stringify(other[field]))
    .map((field) => ({ field, left: one[field], right: other[field] }));
}

/** `case diff`: what two cases, each a file or a case here, do not have in common. Exit code 1 where they differ. */
export async function diffCases(
  command: StoreCommand,
  given: { readonly left: string; readonly right: string },
  files: SecretFiles,
): Promise<number> {
  const left = await sideOf(command, given.left, files);
  const right = await sideOf(command, given.right, files);
  const missingIn = ({ entries }: Side, other: Side) => {
    const there = new Set(entries.map(({ hash }) => hash));
    return other.entries.filter(({ hash }) => !there.has(hash)).map(toCaseEntry);
  };
  const [onlyLeft, onlyRight] = [missingIn(right, left), missingIn(left, right)];
  const changes = stateChanges(left, right);
  if (command.json) line(JSON.stringify({ onlyLeft, onlyRight, changes }));
  else {
    for (const [sign, entries] of [
      ['-', onlyLeft],
      ['+', onlyRight],
    ] as const) {
      for (const { timeMs, writerName, kind, id } of entries) {
        line(`${sign} ${formatUtc(timeMs)}  ${shown(writerName)}  ${shown(kind)}  ${shown(id)}`);
      }
    }
    for (const { field, left: before, right: after } of changes) {
      line(`${field}: ${shown(JSON.stringify(before), 200)} | ${shown(JSON.stringify(after), 200)}`);
    }
    if (onlyLeft.length + onlyRight.length + changes.length === 0) line('They are the same.');
  }
  return onlyLeft.length + onlyRight.length + changes.length === 0 ? 0 : 1;
}
