import type { Handlers } from '../../shared/api/server.ts';
import type { ImportPreview } from '../../shared/case-file/report.ts';
import type { CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldVersion } from '../../shared/domain/case-fold.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

type CaseFileMethod =
  | 'cases.merge'
  | 'cases.unmerge'
  | 'cases.digest'
  | 'cases.draftExport'
  | 'cases.browseExport'
  | 'cases.export'
  | 'cases.previewImport'
  | 'cases.import'
  | 'cases.addEvidence'
  | 'cases.addEvidenceFile';

const exporter = { name: 'Night shift', keyFingerprint: '4f1c'.repeat(8) };

function previewOf(state: CaseState, exportedMs: number): ImportPreview {
  return {
    sha256: 'e'.repeat(64),
    manifestSha256: 'd'.repeat(64),
    sizeBytes: 48_213,
    caseId: state.id,
    isEncrypted: false,
    problems: [],
    problemCount: 0,
    exporter: {
      ...exporter,
      exportedMs,
      workstationId: 'workstation-2',
      writtenBy: 'Watchfloor 0.1.0',
      isKnown: true,
    },
    audience: null,
    withheld: [],
    missing: 0,
    counts: {
      cases: 1,
      entries: state.timeline.length,
      chains: 2,
      forks: 0,
      withheld: 0,
      writers: 1,
      alerts: state.alerts.length,
      mitigations: state.mitigations.length,
      evidence: state.evidence.length,
      evidenceBytes: state.evidence.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
    writers: [{ ...exporter, writerId: 'writer-2', entries: state.timeline.length, isKnown: true }],
    cases: [{ id: state.id, title: state.title, isNew: false, newEntries: 3, newPayloads: 0 }],
  };
}

/** Case files of the made-up core: nothing is read or written, and every file is of the first case. */
export function fakeCaseFiles(deps: {
  readonly cases: ReadonlyMap<string, CaseState>;
  readonly caseOf: (id: string) => CaseState;
  readonly saveCase: (state: CaseState) => CaseState;
  readonly append: (state: CaseState, payload: EntryPayload) => CaseState;
  readonly nextId: (prefix: string) => string;
  /** Of an upload; null where there is none. */
  readonly bytesOf: (uploadId: string) => number | null;
  readonly readClock: () => number;
}): Pick<Handlers, CaseFileMethod> {
  const { cases, caseOf, saveCase, append, nextId } = deps;
  function preview(): ImportPreview {
    const [first] = cases.values();
    if (first === undefined) throw new WatchfloorError('not-found', 'The file cannot be opened.');
    return previewOf(first, deps.readClock() - 3_600_000);
  }
  return {
    'cases.merge': ({ caseId, otherCaseId }) => {
      saveCase({ ...caseOf(otherCaseId), mergedInto: caseId });
      return saveCase({ ...caseOf(caseId), mergedCases: [otherCaseId] });
    },
    'cases.unmerge': ({ caseId, otherCaseId }) => {
      saveCase({ ...caseOf(otherCaseId), mergedInto: null });
      return saveCase({ ...caseOf(caseId), mergedCases: [] });
    },
    'cases.digest': ({ id }) => ({
      foldVersion,
      state: 'a'.repeat(64),
      entries: 'b'.repeat(64),
      entryCount: caseOf(id).timeline.length,
    }),
    'cases.draftExport': ({ caseId, audience }) => ({
      path: '/home/analyst/Downloads/http-flood-2026-11-26.wfcase',
      entries: caseOf(caseId).timeline.length,
      withheld:
        audience === null || audience === 'TLP:RED'
          ? []
          : [
              { kind: 'evidence-added', count: 1 },
              { kind: 'note-added', count: 3 },
            ],
      canBrowse: false,
    }),
    'cases.browseExport': () => {
      throw new WatchfloorError('unavailable', 'There is no file dialog here. Type the path.');
    },
    'cases.export': ({ caseId, path }, context) => {
      const state = caseOf(caseId);
      context.progress({ done: 48_213, total: null, text: 'Writing the file' });
      return {
        path,
        sizeBytes: 48_213,
        manifestSha256: 'd'.repeat(64),
        exporter,
        counts: {
          entries: state.timeline.length,
          alerts: state.alerts.length,
          mitigations: state.mitigations.length,
          evidence: state.evidence.length,
        },
        withheld: [],
        missing: 0,
      };
    },
    'cases.previewImport': preview,
    'cases.import': preview,
    'cases.addEvidence': ({ caseId, name, mediaType, uploadId }) => {
      const sizeBytes = deps.bytesOf(uploadId);
      if (sizeBytes === null) throw new WatchfloorError('not-found', 'This file was given up or forgotten.');
      return saveCase(
        append(caseOf(caseId), {
          kind: 'evidence-added',
          evidenceId: nextId('evidence'),
          name,
          mediaType,
          sizeBytes,
          sha256: 'c'.repeat(64),
        }),
      );
    },
    'cases.addEvidenceFile': () => {
      throw new WatchfloorError('not-allowed', 'Files are added by their path at the command line alone.');
    },
  };
}
