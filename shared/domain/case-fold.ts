import {
  type CaseConflict,
  type CaseEntry,
  type CaseState,
  type CaseSummary,
  type Tlp,
  tlps,
} from './case.ts';
import { type CaseLog, type HeaderField, readLog, type Value } from './case-log.ts';
import type { Standing } from './standing.ts';

/** Changes whenever the same entries may give another state: a digest of a state says which fold made it. */
export const foldVersion = 2;

function strictest(standing: Standing<Value>): Tlp | undefined {
  const said = new Set(standing.list().map((write) => write.value));
  return tlps.find((tlp) => said.has(tlp));
}

function conflictOf(
  subject: CaseConflict['subject'],
  id: string,
  field: string,
  standing: Standing<Value>,
): CaseConflict[] {
  // The same answer given twice is no conflict.
  if (standing.size < 2 || new Set(standing.list().map((write) => write.value)).size < 2) return [];
  const values = standing.list().map(({ entry, value }) => ({
    entryId: entry.id,
    value,
    writerName: entry.writerName,
    keyFingerprint: entry.keyFingerprint,
    timeMs: entry.timeMs,
  }));
  return [{ subject, id, field, values }];
}

/** The members of a set that are in it, by the place at which each was first added. */
function members<T>(set: ReadonlyMap<string, Standing<T>>): Standing<T>[] {
  return [...set.values()]
    .filter((standing) => standing.size > 0)
    .sort((left, right) => (left.oldest()?.index ?? 0) - (right.oldest()?.index ?? 0));
}

/** The state that a log comes to. @param simulated whether the workspace is the range's */
export function stateOf(log: CaseLog, simulated: boolean): CaseState {
  const { caseId } = log;
  // Values of a field are those of its schema: they came from no other payload.
  const last = <T>(standing: Standing<Value>, otherwise: T): T =>
    standing.size === 0 ? otherwise : (standing.newest()?.value as T);
  const noteConflicts: CaseConflict[] = [];
  const notes = [...log.notes].map(([id, note]) => {
    noteConflicts.push(...conflictOf('note', id, 'markdown', note.text));
    const newest = note.text.newest();
    return {
      id,
      markdown: last(note.text, ''),
      writerName: note.writerName,
      addedMs: note.addedMs,
      revisedMs: newest === null || newest.index === note.index ? null : newest.entry.timeMs,
    };
  });
  const taskConflicts: CaseConflict[] = [];
  const tasks = [...log.tasks].map(([id, { addedMs, fields }]) => {
    for (const field of ['title', 'done', 'assignee'] as const) {
      taskConflicts.push(...conflictOf('task', id, field, fields[field]));
    }
    return {
      id,
      title: last(fields.title, ''),
      done: last(fields.done, false),
      assignee: last<string | null>(fields.assignee, null),
      addedMs,
    };
  });
  const alerts = members(log.alerts).flatMap((standing) => standing.newest()?.value ?? []);
  const { header } = log;
  return {
    id: caseId,
    title: last(header.title, 'Untitled case'),
    customerId: last<string | null>(header.customerId, null),
    severity: last<CaseSummary['severity']>(header.severity, 'medium'),
    status: last<CaseSummary['status']>(header.status, 'open'),
    phase: last<CaseSummary['phase']>(header.phase, 'detection-and-analysis'),
    // Whoever must decide what may be shared goes by the strictest that anybody said.
    tlp: strictest(header.tlp) ?? (log.isOpeningWithheld && log.openedMs === null ? 'TLP:RED' : 'TLP:AMBER'),
    pap: last<CaseSummary['pap']>(
      header.pap,
      log.isOpeningWithheld && log.openedMs === null ? 'PAP:RED' : 'PAP:AMBER',
    ),
    assignee: last<string | null>(header.assignee, null),
    openedMs: log.openedMs ?? log.timeline[0]?.timeMs ?? 0,
    changedMs: log.changedMs,
    alertCount: alerts.length,
    openTaskCount: tasks.filter((task) => !task.done).length,
    simulated: simulated || log.isSimulated,
    notes,
    tasks,
    observables: members(log.observables).flatMap((standing) => standing.oldest()?.value ?? []),
    evidence: [...log.evidence.values()],
    techniques: members(log.techniques)
      .flatMap((standing) => standing.oldest()?.value ?? [])
      .sort(),
    alerts,
    mitigations: [...log.mitigations.values()],
    slices: [...log.slices.values()],
    conflicts: [
      ...(Object.keys(header) as HeaderField[]).flatMap((field) =>
        conflictOf('case', caseId, field, header[field]),
      ),
      ...noteConflicts,
      ...taskConflicts,
    ],
    withdrawn: log.timeline.flatMap((entry) => {
      const by = log.withdrawn.get(entry.id);
      if (by?.payload?.kind !== 'entry-withdrawn') return [];
      const { writerName, timeMs } = by;
      return [{ entryId: entry.id, byEntryId: by.id, reason: by.payload.reason, writerName, timeMs }];
    }),
    mergedCases: [...log.mergedCases],
    mergedInto: log.mergedInto,
    withheld: log.withheld,
    snapshots: [...log.snapshots.values()],
    timeline: [...log.timeline],
  };
}

/**
 * Everything seen on a case, from its entries alone: any union of logs, in any order and with any repetition, gives
 * the same state, byte for byte. An entry that speaks of something unknown changes nothing.
 * @param entries of the case and of those merged into it; others are left aside
 * @param simulated whether the workspace is the range's; a case that was made there says so itself too
 */
export function foldCase(caseId: string, entries: readonly CaseEntry[], simulated: boolean): CaseState {
  return stateOf(readLog(caseId, entries), simulated);
}

/** What a digest of a state covers: all that is seen but the timeline, which the entries' own digest covers. */
export function digestedState(log: CaseLog): Omit<CaseState, 'timeline' | 'simulated'> {
  const { timeline: _, simulated: __, ...state } = stateOf(log, false);
  return state;
}

/** The part of a case that lists show. */
export function summaryOf(state: CaseState): CaseSummary {
  return {
    id: state.id,
    title: state.title,
    customerId: state.customerId,
    severity: state.severity,
    status: state.status,
    phase: state.phase,
    tlp: state.tlp,
    pap: state.pap,
    assignee: state.assignee,
    openedMs: state.openedMs,
    changedMs: state.changedMs,
    alertCount: state.alertCount,
    openTaskCount: state.openTaskCount,
    simulated: state.simulated,
  };
}
