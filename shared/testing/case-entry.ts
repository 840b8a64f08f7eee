import type { CaseEntry, EntryPayload } from '../domain/case.ts';
import { formatClock } from '../domain/entry-chain.ts';

/** A case entry for tests and demonstrations that look at what entries say; its hash is none. */
export function caseEntry(
  entry: Pick<CaseEntry, 'id' | 'timeMs'> & { readonly payload: EntryPayload | null } & Partial<CaseEntry>,
): CaseEntry {
  return {
    version: 2,
    caseId: 'ca_1',
    writerId: 'wr_1',
    writerName: 'Ada',
    keyFingerprint: '0'.repeat(32),
    sequence: 0,
    clock: formatClock(entry.timeMs, 0),
    previousHash: '0'.repeat(64),
    kind: entry.payload?.kind ?? '',
    schema: 1,
    tlp: null,
    replaces: [],
    hash: `hash of ${entry.id}`,
    withheld: entry.payload === null,
    ...entry,
  };
}

/** What the state holds of an observable that nobody judged. */
export const notAssessed = { verdict: null, tlp: null, note: '', tags: [], sightings: [] };
/** Of a task without a due time and a checklist. */
export const plainTask = { dueMs: null, checklist: [] };
