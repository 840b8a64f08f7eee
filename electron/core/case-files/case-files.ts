import { statSync } from 'node:fs';
import type { CallContext } from '../../../shared/api/server.ts';
import {
  type SignatureBlock,
  signatureBlockText,
  signedBlockText,
} from '../../../shared/case-file/manifest.ts';
import type { ExportDraft, ExportedCaseFile, ImportPreview } from '../../../shared/case-file/report.ts';
import type { Tlp } from '../../../shared/domain/case.ts';
import { toErrorData, WatchfloorError } from '../../../shared/domain/result.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import { caseFileName } from '../../../shared/exchange/export-case.ts';
import { sha256Hex } from '../../db/ids.ts';
import { keyFingerprint } from '../../db/signatures.ts';
import type { CaseImport, CaseOutline, EvidenceDraft, ImportedCase, Store, Writer } from '../../db/store.ts';
import { withScratchFolder } from '../../db/unfinished.ts';
import { faultPoint } from '../fault-points.ts';
import type { Hub } from '../hub.ts';
import { type AgeRecipients, type AgeSecrets, ageEncrypt } from './age.ts';
import { freePath, usualFolder } from './export-place.ts';
import { openCaseFile } from './open-case-file.ts';
import { type CaseFileReport, type CaseFileSink, readCaseFile, refuseProblems } from './read-case-file.ts';
import { newSnapshots } from './take-snapshots.ts';
import { refuseExisting, writeWhole } from './whole-file.ts';
import { type CaseFilePlan, caseFileBytes, leftOutFor, planCaseFile } from './write-case-file.ts';

/** A clock further ahead would push all later entries of the case there; computers that are days off are not that far. */
const mostAheadMs = 31 * dayMs;

/** More are counted, and listed by `case verify`. */
const mostShownProblems = 100;

export interface CaseFiles {
  /** What an export would hold and leave out, and a name for it that is free. Nothing is written. */
  draft(caseId: string, audience: Tlp | null): Promise<ExportDraft>;
  /** Writes a case into one file: all of it or, when it fails or is cancelled, nothing. */
  export(
    input: {
      readonly caseId: string;
      readonly path: string;
      /** False: a file that is there already stays, and nothing is written. */
      readonly replaces?: boolean;
      /** For whom it is encrypted; null leaves it readable. */
      readonly encryption: AgeRecipients | null;
      readonly audience: Tlp | null;
    },
    writer: Writer,
    context: CallContext,
  ): Promise<ExportedCaseFile>;
  /** Verifies a file and says what importing it would change. Nothing is changed. */
  preview(path: string, secrets: AgeSecrets, context: CallContext): Promise<ImportPreview>;
  /**
   * Verifies a file and merges it by union, in one transaction.
   * @param expectedSha256 of the file that was shown; null takes what is there
   */
  import(
    input: { readonly path: string; readonly secrets: AgeSecrets; readonly expectedSha256: string | null },
    writer: Writer,
    context: CallContext,
  ): Promise<ImportPreview>;
}

export interface CaseFilesDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, 'cases'>;
  readonly appVersion: string;
  readonly newId: (prefix: string) => string;
  readonly nowMs: () => number;
}

/** Counts bytes for a caller who may watch, or give up. */
function progressOf(
  context: CallContext,
  text: string,
  total: number | null = null,
): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    if (context.isCancelled())
      throw new WatchfloorError('cancelled', 'It was given up. Nothing was changed.');
    done += bytes;
    context.progress({ done, total, text });
  };
}

/** Bytes of a file; null where there is none, which whoever opens it says better. */
const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

export function createCaseFiles(deps: CaseFilesDeps): CaseFiles {
  const { store, hub, newId, nowMs } = deps;
  let isImporting = false;

  /**
   * Alerts and mitigations as they are now become part of the case where they changed since its last snapshots.
   * @returns the case as it was before: its header and merges are still so
   */
  async function takeSnapshots(caseId: string, writer: Writer, onStep: () => void): Promise<CaseOutline> {
    const state = store.cases.outline(caseId);
    if (state === null) throw new WatchfloorError('not-found', 'There is no such case.');
    const { bodies, payloads } = await newSnapshots(store, state, onStep);
    if (payloads.length === 0) return state;
    store.transaction(() => {
      for (const body of bodies) store.cases.putSnapshot(body);
      store.cases.append(caseId, writer, payloads);
    });
    hub.cases([caseId]);
    return state;
  }

  const knownFingerprints = () => new Set(store.writers.knownKeys().map(keyFingerprint));

  function previewOf(
    report: CaseFileReport,
    isEncrypted: boolean,
    cases: readonly ImportedCase[],
    contradiction: string | null,
    known = knownFingerprints(),
  ): ImportPreview {
    const { manifest, signature } = report;
    const more = contradiction === null ? [] : [{ at: 'this data directory', sentence: contradiction }];
    return {
      sha256: report.sha256,
      manifestSha256: signature?.manifestSha256 ?? null,
      sizeBytes: report.sizeBytes,
      caseId: manifest?.caseId ?? null,
      isEncrypted,
      problems: [...report.problems.slice(0, mostShownProblems), ...more],
      problemCount: report.problemCount + more.length,
      exporter:
        signature === null
          ? null
          : {
              name: signature.exporter.name,
              keyFingerprint: signature.exporter.keyFingerprint,
              exportedMs: signature.exportedMs,
              workstationId: signature.workstationId,
              writtenBy: signature.writtenBy,
              isKnown: known.has(signature.exporter.keyFingerprint),
            },
      audience: manifest?.audience ?? null,
      withheld: manifest?.withheld ?? [],
      missing: manifest?.missing.length ?? 0,
      counts: report.counts,
      writers: report.writers.map((each) => ({ ...each, isKnown: known.has(each.keyFingerprint) })),
      cases: cases.map(({ caseId: id, isNew, newEntries, newPayloads }) => ({
        id,
        title: report.titles.get(id) ?? null,
        isNew,
        newEntries,
        newPayloads,
      })),
    };
  }

  /** Why a file that verifies must not be merged here; null where it may. */
  function clockProblem(report: CaseFileReport): string | null {
    const [newestMs = 0] = report.newestClock.split(':').map(Number);
    if (newestMs <= nowMs() + mostAheadMs) return null;
    return 'It has entries from more than 31 days ahead of the clock here. Check the clock of this computer.';
  }

  /** Reads a file into a staging place; whoever asks takes it from there, and it is gone afterwards. */
  async function withStaged<T>(
    input: {
      readonly path: string;
      readonly secrets: AgeSecrets;
      readonly drafts: Map<string, EvidenceDraft> | null;
    },
    onBytes: (bytes: number) => void,
    work: (report: CaseFileReport, staged: CaseImport, isEncrypted: boolean) => T,
  ): Promise<T> {
    if (isImporting) {
      throw new WatchfloorError('conflict', 'Another case file is being read. Wait until it is done.');
    }
    isImporting = true;
    const { drafts } = input;
    let staged: CaseImport | null = null;
    try {
      staged = store.cases.beginImport();
      const file = await openCaseFile(input.path, input.secrets);
      const report = await readCaseFile(file.chunks, sinkOf(staged, drafts), onBytes);
      if (report.problemCount === 0) {
        for (const [sha256, draft] of drafts ?? []) await draft.finish(sha256);
      }
      return work(report, staged, file.isEncrypted);
    } finally {
      staged?.discard();
      for (const draft of drafts?.values() ?? []) await draft.discard();
      isImporting = false;
    }
  }

  function sinkOf(staged: CaseImport, drafts: Map<string, EvidenceDraft> | null): CaseFileSink {
    let last: EvidenceDraft | null = null;
    return {
      writers: (keys) => staged.writers(keys),
      entries: (entries) => staged.entries(entries),
      allEntries: () => staged.allEntries(),
      snapshots: (snapshots) => staged.snapshots(snapshots),
      workstations: (workstations) => staged.workstations(workstations),
      arrivals: (arrivals) => staged.arrivals(arrivals),
      async evidence(sha256) {
        // One file is open at a time, however many there are.
        await last?.close();
        last = null;
        if (drafts === null || store.evidence.open(sha256) !== null) return null;
        const draft = await store.evidence.begin();
        drafts.set(sha256, draft);
        last = draft;
        return (chunk) => draft.write(chunk);
      },
    };
  }

  return {
    async draft(caseId, audience) {
      const state = store.cases.outline(caseId);
      if (state === null) throw new WatchfloorError('not-found', 'There is no such case.');
      const { entries, withheld } = await leftOutFor(store, state, audience);
      return {
        path: freePath(usualFolder(), caseFileName(state.title, nowMs(), 'wfcase')),
        entries,
        withheld,
      };
    },
    async export({ caseId, path, replaces = true, encryption, audience }, writer, context) {
      if (!replaces) refuseExisting(path);
      const onRead = progressOf(context, 'Reading the case');
      const state = await takeSnapshots(caseId, writer, () => onRead(0));
      const exporter = {
        keyFingerprint: keyFingerprint(writer.publicKey),
        name: writer.name,
        publicKey: writer.publicKey,
      };
      const signed = (plan: CaseFilePlan): string => {
        const block = {
          algorithm: 'Ed25519',
          arrivals: { sha256: plan.arrivals.sha256, sizeBytes: plan.arrivals.sizeBytes },
          exportedMs: Math.floor(nowMs()),
          exporter,
          manifestSha256: sha256Hex(plan.manifestText),
          workstationId: store.arrivals.ownId(),
          writtenBy: `Watchfloor ${deps.appVersion}`,
        } satisfies Omit<SignatureBlock, 'signature'>;
        const signature = Buffer.from(writer.sign(Buffer.from(signedBlockText(block)))).toString('base64');
        return signatureBlockText({ ...block, signature });
      };
      const { plan, sizeBytes } = await withScratchFolder(
        store.dataDirectory,
        newId('ex'),
        async (folder) => {
          const plan = await planCaseFile(store, { state, audience, folder, onBytes: onRead });
          const total = plan.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
          const plain = caseFileBytes(plan, signed(plan), progressOf(context, 'Writing the file', total));
          const bytes = encryption === null ? plain : ageEncrypt(plain, encryption);
          const sizeBytes = await writeWhole(store.dataDirectory, { path, replaces }, newId('fi'), bytes);
          return { plan, sizeBytes };
        },
      );
      const manifestSha256 = sha256Hex(plan.manifestText);
      store.audit.append(writer, {
        action: 'case.exported',
        sentence: `${writer.name} exported the case ${caseId} to ${path}${audience === null ? '' : ` for ${audience}`}.`,
        details: { caseId, manifestSha256, audience, isEncrypted: encryption !== null },
      });
      const { name, keyFingerprint: fingerprint } = exporter;
      return {
        path,
        sizeBytes,
        manifestSha256,
        exporter: { name, keyFingerprint: fingerprint },
        counts: { entries: plan.manifest.entries, ...plan.counts },
        withheld: plan.manifest.withheld,
        missing: plan.manifest.missing.length,
      };
    },
    preview(path, secrets, context) {
      const onBytes = progressOf(context, 'Verifying the file', sizeOf(path));
      return withStaged({ path, secrets, drafts: null }, onBytes, (report, staged, isEncrypted) => {
        if (report.problemCount > 0) return previewOf(report, isEncrypted, [], null);
        try {
          return previewOf(report, isEncrypted, staged.compare(), clockProblem(report));
        } catch (thrown) {
          const { code, message } = toErrorData(thrown);
          if (code !== 'refused') throw thrown;
          return previewOf(report, isEncrypted, [], message);
        }
      });
    },
    async import({ path, secrets, expectedSha256 }, writer, context) {
      const onBytes = progressOf(context, 'Reading the file', sizeOf(path));
      const drafts = new Map<string, EvidenceDraft>();
      const done = await withStaged({ path, secrets, drafts }, onBytes, (report, staged, isEncrypted) => {
        refuseProblems(report);
        if (expectedSha256 !== null && report.sha256 !== expectedSha256) {
          throw new WatchfloorError(
            'conflict',
            'The file is not the one that was shown. Nothing was changed.',
          );
        }
        const clock = clockProblem(report);
        if (clock !== null) throw new WatchfloorError('refused', `${clock} Nothing was changed.`);
        const knownBefore = knownFingerprints();
        faultPoint('case-import:verified');
        const cases = store.evidence.adopt([...drafts.values()], () => {
          const merged = staged.commit();
          if (merged.some(({ newEntries, newPayloads }) => newEntries + newPayloads > 0)) {
            const count = merged.reduce((sum, { newEntries }) => sum + newEntries, 0);
            store.audit.append(writer, {
              action: 'case.imported',
              sentence: `${writer.name} imported ${count} entries from ${path}, signed by ${report.signature?.exporter.name ?? 'nobody'}.`,
              details: { cases: merged.map(({ caseId }) => caseId), sha256: report.sha256 },
            });
          }
          faultPoint('case-import:before-commit');
          return merged;
        });
        faultPoint('case-import:after-commit');
        return previewOf(report, isEncrypted, cases, null, knownBefore);
      });
      hub.cases(done.cases.map(({ id }) => id));
      return done;
    },
  };
}
