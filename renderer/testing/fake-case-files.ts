import type { Handlers } from '../../shared/api/server.ts';
import { type ImportPreview, sealedDetails } from '../../shared/case-file/report.ts';
import type { CaseEntry, CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase, foldVersion } from '../../shared/domain/case-fold.ts';
import { nextClock } from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';

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

const fakeProblems = [
  { at: 'entries.jsonl', sentence: 'Its bytes do not have the SHA-256 that the manifest gives.' },
  { at: 'entries.jsonl line 12', sentence: 'Its payload is not the one that its author committed to.' },
];

/** What somebody on another workstation did, who did not know of what was done here. */
export function fakeApart(state: CaseState, timeMs: number): CaseState {
  const theirs: readonly EntryPayload[] = [
    { kind: 'header-changed', severity: 'high', assignee: 'Night shift' },
    {
      kind: 'note-revised',
      noteId: 'note-a',
      markdown:
        '**Vector**: `POST /login`, 88% of the excess, four networks.\n\n- no campaign is planned\n- origin CPU at 94%\n- AS64511 joined at 02:30\n',
    },
  ];
  let clock = state.timeline.at(-1)?.clock ?? null;
  const made = (id: string, payload: EntryPayload, more: Partial<CaseEntry>) => {
    clock = nextClock(clock, timeMs);
    return caseEntry({ id, caseId: state.id, clock, timeMs, payload, ...more });
  };
  const notes = state.timeline.filter(({ kind }) => kind === 'note-added').map(({ hash }) => hash);
  const entries = theirs.map((payload, sequence) =>
    made(`apart-${sequence}`, payload, {
      writerId: 'writer-2',
      writerName: exporter.name,
      keyFingerprint: exporter.keyFingerprint,
      sequence,
      // What they had before them was the case as it was opened.
      replaces: payload.kind === 'note-revised' ? notes : [],
    }),
  );
  const ours: EntryPayload = {
    kind: 'note-revised',
    noteId: 'note-a',
    markdown:
      '**Vector**: `POST /login`, 82% of the excess, three networks.\n\n- no campaign is planned, as Acme says\n- origin CPU at 94%\n',
  };
  const here = made('apart-here', ours, { sequence: state.timeline.length, replaces: notes });
  return foldCase(state.id, [...state.timeline, ...entries, here], true);
}

/** Takes a merge of two cases back in one of them. */
function unmerged(
  append: (state: CaseState, payload: EntryPayload) => CaseState,
  state: CaseState,
  kind: 'case-merged' | 'case-merged-into',
  otherCaseId: string,
): CaseState {
  const gone = new Set(state.withdrawn.map(({ entryId }) => entryId));
  const merge = state.timeline.find(
    ({ id, payload }) => payload?.kind === kind && payload.otherCaseId === otherCaseId && !gone.has(id),
  );
  return merge === undefined
    ? state
    : append(state, { kind: 'entry-withdrawn', entryId: merge.id, reason: '' });
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
  function preview({ path, passphrase }: { path: string; passphrase: string | null }): ImportPreview {
    const [first] = cases.values();
    if (first === undefined) throw new WatchfloorError('not-found', 'The file cannot be opened.');
    if (path.includes('sealed') && passphrase === null) {
      throw new WatchfloorError(
        'refused',
        'This file is encrypted with a passphrase. Give it to open the file.',
        sealedDetails.passphrase,
      );
    }
    const found = previewOf(first, deps.readClock() - 3_600_000);
    return path.includes('changed')
      ? { ...found, problems: fakeProblems, problemCount: 2, cases: [] }
      : found;
  }
  return {
    'cases.merge': ({ caseId, otherCaseId }) => {
      saveCase(append(caseOf(otherCaseId), { kind: 'case-merged-into', otherCaseId: caseId, reason: '' }));
      return saveCase(append(caseOf(caseId), { kind: 'case-merged', otherCaseId, reason: '' }));
    },
    'cases.unmerge': ({ caseId, otherCaseId }) => {
      saveCase(unmerged(append, caseOf(otherCaseId), 'case-merged-into', caseId));
      return saveCase(unmerged(append, caseOf(caseId), 'case-merged', otherCaseId));
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
