import {
  type CaseConflict,
  type CaseEntry,
  type CaseListRow,
  type CaseState,
  type CaseSummary,
  type Tlp,
  tlps,
  type Verdict,
} from './case.ts';
import { type CaseLog, observableKey, readLog, type Value } from './case-log.ts';
import type { Standing } from './standing.ts';

/** Changes whenever the same entries may give another state: a digest of a state says which fold made it. */
export const foldVersion = 3;

function strictest(standing: Standing<Value>): Tlp | undefined {
  const said = new Set(standing.list().map((write) => write.value));
  return tlps.find((tlp) => said.has(tlp));
}

/** Adds what people gave a field apart. Called for every field there is, so nothing is made where nothing is found. */
function addConflict(
  found: CaseConflict[],
  subject: CaseConflict['subject'],
  id: string,
  field: string,
  standing: Standing<Value>,
): void {
  // The same answer given twice is no conflict.
  if (standing.size < 2 || new Set(standing.list().map((write) => write.value)).size < 2) return;
  const values = standing.list().map(({ entry, value }) => ({
    entryId: entry.id,
    value,
    writerName: entry.writerName,
    keyFingerprint: entry.keyFingerprint,
    timeMs: entry.timeMs,
  }));
  found.push({ subject, id, field, values });
}

/** The members of a set that are in it, by the place at which each was first added. */
function members<T>(set: ReadonlyMap<string, Standing<T>>): Standing<T>[] {
  return [...set.values()]
    .filter((standing) => standing.size > 0)
    .sort((left, right) => (left.oldest()?.index ?? 0) - (right.oldest()?.index ?? 0));
}

function addConflicts(
  found: CaseConflict[],
  subject: CaseConflict['subject'],
  id: string,
  fields: Readonly<Record<string, Standing<Value>>>,
): void {
  for (const field in fields) {
    const standing = fields[field];
    if (standing !== undefined) addConflict(found, subject, id, field, standing);
  }
}

/** What is shown of a field. Values of a field are those of its schema: they came from no other payload. */
function last<T>(standing: Standing<Value>, otherwise: T): T {
  return standing.size === 0 ? otherwise : (standing.newest()?.value as T);
}

/** When one of the fields got another value than it was added with. */
function revisedMs(index: number, ...fields: readonly Standing<Value>[]): number | null {
  let latestMs: number | null = null;
  for (const field of fields) {
    const newest = field.newest();
    if (newest === null || newest.index === index) continue;
    latestMs = Math.max(latestMs ?? newest.entry.timeMs, newest.entry.timeMs);
  }
  return latestMs;
}

function notesOf(log: CaseLog): CaseState['notes'] {
  const notes: CaseState['notes'] = [];
  for (const [id, { index, text, writerName, addedMs }] of log.notes) {
    notes.push({ id, markdown: last(text, ''), writerName, addedMs, revisedMs: revisedMs(index, text) });
  }
  return notes;
}

function tasksOf(log: CaseLog): CaseState['tasks'] {
  const items = new Map<string, { readonly index: number; readonly id: string }[]>();
  for (const [id, { taskId, member }] of log.checklistItems) {
    const oldest = member.oldest();
    if (oldest === null) continue;
    const ofTask = items.get(taskId) ?? [];
    items.set(taskId, ofTask);
    ofTask.push({ index: oldest.index, id });
  }
  return [...log.tasks].map(([id, { addedMs, fields }]) => ({
    id,
    title: last(fields.title, ''),
    done: last(fields.done, false),
    assignee: last<string | null>(fields.assignee, null),
    addedMs,
    dueMs: last<number | null>(fields.dueMs, null),
    checklist: (items.get(id) ?? [])
      .sort((left, right) => left.index - right.index)
      .flatMap(({ id: itemId }) => {
        const item = log.checklistItems.get(itemId);
        if (item === undefined) return [];
        return [{ id: itemId, text: last(item.fields.text, ''), done: last(item.fields.done, false) }];
      }),
  }));
}

function observablesOf(log: CaseLog): CaseState['observables'] {
  return members(log.observables).flatMap((standing) => {
    const added = standing.oldest()?.value;
    if (added === undefined) return [];
    const known = log.assessments.get(observableKey(added.kind, added.value));
    if (known === undefined)
      return [{ ...added, verdict: null, tlp: null, note: '', tags: [], sightings: [] }];
    const { fields, tags, sightings } = known;
    return [
      {
        ...added,
        verdict: last<Verdict | null>(fields.verdict, null),
        tlp: strictest(fields.tlp) ?? null,
        note: last(fields.note, ''),
        tags: members(tags)
          .flatMap((tag) => tag.oldest()?.value ?? [])
          .sort(),
        sightings: [...sightings.values()].sort((left, right) => left.seenMs - right.seenMs),
      },
    ];
  });
}

function evidenceOf(log: CaseLog): CaseState['evidence'] {
  return [...log.evidence.values()].map((file) => ({
    ...file,
    custody: [...(log.custody.get(file.id)?.values() ?? [])].sort(
      (left, right) => left.occurredMs - right.occurredMs,
    ),
  }));
}

function eventsOf(log: CaseLog): CaseState['events'] {
  return [...log.events]
    .map(([id, { index, entry, fields }]) => ({
      id,
      title: last(fields.title, ''),
      text: last(fields.text, ''),
      occurredMs: last(fields.occurredMs, 0),
      detectedMs: last<number | null>(fields.detectedMs, null),
      recordedMs: entry.timeMs,
      writerName: entry.writerName,
      entryId: entry.id,
      revisedMs: revisedMs(index, ...Object.values(fields)),
    }))
    .sort((left, right) => left.occurredMs - right.occurredMs);
}

function fieldsOf(log: CaseLog): CaseState['fields'] {
  return [...log.fields]
    .flatMap(([name, standing]) => {
      const value = last<string | null>(standing, null);
      return value === null ? [] : [{ name, value }];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Fields to which people gave different values apart: of the case first, then by the kind of thing. */
function allConflicts(log: CaseLog): CaseConflict[] {
  const found: CaseConflict[] = [];
  addConflicts(found, 'case', log.caseId, log.header);
  for (const [id, { text }] of log.notes) addConflict(found, 'note', id, 'markdown', text);
  for (const [id, { fields }] of log.tasks) addConflicts(found, 'task', id, fields);
  for (const [id, { member, fields }] of log.checklistItems) {
    if (member.size > 0) addConflicts(found, 'checklist-item', id, fields);
  }
  for (const [id, { fields }] of log.events) addConflicts(found, 'event', id, fields);
  for (const standing of members(log.observables)) {
    const added = standing.oldest()?.value;
    const known = added && log.assessments.get(observableKey(added.kind, added.value));
    if (known !== undefined) addConflicts(found, 'observable', added?.id ?? '', known.fields);
  }
  for (const [name, standing] of log.fields) addConflict(found, 'custom-field', name, 'value', standing);
  return found;
}

function withdrawnOf(log: CaseLog): CaseState['withdrawn'] {
  if (log.withdrawn.size === 0) return [];
  return log.timeline.flatMap((entry) => {
    const by = log.withdrawn.get(entry.id);
    if (by?.payload?.kind !== 'entry-withdrawn') return [];
    const { writerName, timeMs } = by;
    return [{ entryId: entry.id, byEntryId: by.id, reason: by.payload.reason, writerName, timeMs }];
  });
}

/** The state that a log comes to. @param simulated whether the workspace is the range's */
export function stateOf(log: CaseLog, simulated: boolean): CaseState {
  const { caseId } = log;
  const tasks = tasksOf(log);
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
    notes: notesOf(log),
    tasks,
    events: eventsOf(log),
    comments: [...log.comments.values()],
    fields: fieldsOf(log),
    observables: observablesOf(log),
    evidence: evidenceOf(log),
    techniques: members(log.techniques)
      .flatMap((standing) => standing.oldest()?.value ?? [])
      .sort(),
    alerts,
    mitigations: [...log.mitigations.values()],
    slices: [...log.slices.values()],
    conflicts: allConflicts(log),
    withdrawn: withdrawnOf(log),
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
export function listRowOf(state: CaseState): CaseListRow {
  return { ...summaryOf(state), conflictCount: state.conflicts.length };
}

/** What a case is, in short. */
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
