import type { CaseEntry, CaseState, EntryPayload, SnapshotRef } from './case.ts';
import { assertNever } from './result.ts';
import { Standing } from './standing.ts';

export type Value = string | boolean | number | null;

export type HeaderField =
  | 'title'
  | 'customerId'
  | 'severity'
  | 'status'
  | 'phase'
  | 'tlp'
  | 'pap'
  | 'assignee';

interface Task {
  readonly index: number;
  readonly addedMs: number;
  readonly fields: Readonly<Record<'title' | 'done' | 'assignee' | 'dueMs', Standing<Value>>>;
}

interface Note {
  readonly index: number;
  readonly writerName: string;
  readonly addedMs: number;
  readonly text: Standing<Value>;
}

interface Event {
  readonly index: number;
  readonly entry: CaseEntry;
  readonly fields: Readonly<Record<'occurredMs' | 'detectedMs' | 'title' | 'text', Standing<Value>>>;
}

interface ChecklistItem {
  readonly taskId: string;
  /** Stands as long as one adding of it was not replaced by a removal. */
  readonly member: Standing<string>;
  readonly fields: Readonly<Record<'text' | 'done', Standing<Value>>>;
}

/** What is held of an observable's value, whether it is in the case or not. */
interface Assessment {
  readonly fields: Readonly<Record<'verdict' | 'tlp' | 'note', Standing<Value>>>;
  readonly tags: Map<string, Standing<string>>;
  readonly sightings: Map<string, Observable['sightings'][number]>;
}

type Alert = CaseState['alerts'][number];
type Observable = CaseState['observables'][number];
type AddedObservable = Pick<Observable, 'id' | 'kind' | 'value' | 'from' | 'addedMs'>;
type Custody = CaseState['evidence'][number]['custody'][number];

/** What entries came to: for each field and each member of a set, the writes that stand. Grows by `takeEntry` alone. */
export interface CaseLog {
  readonly caseId: string;
  readonly timeline: CaseEntry[];
  /** Without effect (withheld, withdrawn, of a kind not known), by hash. */
  readonly inactive: ReadonlyMap<string, CaseEntry>;
  /** Withdrawn entries by id, with the entry that withdrew each. */
  readonly withdrawn: ReadonlyMap<string, CaseEntry>;
  readonly mergedCases: readonly string[];
  /** The case's own header may be among what is withheld. */
  isOpeningWithheld: boolean;
  isSimulated: boolean;
  openedMs: number | null;
  changedMs: number;
  mergedInto: string | null;
  withheld: number;
  readonly header: Readonly<Record<HeaderField, Standing<Value>>>;
  readonly notes: Map<string, Note>;
  readonly tasks: Map<string, Task>;
  readonly checklistItems: Map<string, ChecklistItem>;
  readonly events: Map<string, Event>;
  readonly comments: Map<string, CaseState['comments'][number]>;
  /** Custom fields by name. */
  readonly fields: Map<string, Standing<Value>>;
  readonly observables: Map<string, Standing<AddedObservable>>;
  /** By the keys of `observables`. */
  readonly assessments: Map<string, Assessment>;
  /** Under which key of `observables` an id was added. */
  readonly observableKeys: Map<string, string>;
  readonly techniques: Map<string, Standing<string>>;
  readonly alerts: Map<string, Standing<Alert>>;
  readonly evidence: Map<string, Omit<CaseState['evidence'][number], 'custody'>>;
  /** By the evidence's id, then by its own. */
  readonly custody: Map<string, Map<string, Custody>>;
  readonly mitigations: Map<string, CaseState['mitigations'][number]>;
  readonly slices: Map<string, CaseState['slices'][number]>;
  readonly snapshots: Map<string, SnapshotRef>;
}

export const observableKey = (kind: string, value: string) => `${kind} ${value}`;

/** Below 0 where the left one comes first; 0 for two copies of one entry. */
function byClock(left: CaseEntry, right: CaseEntry): number {
  if (left.clock !== right.clock) return left.clock < right.clock ? -1 : 1;
  if (left.writerId !== right.writerId) return left.writerId < right.writerId ? -1 : 1;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

/** Of two copies of an entry the one that tells more: a payload may have been withheld from the other. */
function better(one: CaseEntry, other: CaseEntry): CaseEntry {
  if (one.withheld !== other.withheld) return one.withheld ? other : one;
  return one.hash <= other.hash ? one : other;
}

/** Entries each once, in the order in which everybody takes them: by clock, then writer, then id. */
export function inClockOrder(entries: readonly CaseEntry[]): readonly CaseEntry[] {
  // As a store keeps them they are in order already.
  let isOrdered = true;
  let before: CaseEntry | null = null;
  for (const entry of entries) {
    if (before !== null && byClock(before, entry) >= 0) isOrdered = false;
    before = entry;
  }
  if (isOrdered) return entries;
  const ordered: CaseEntry[] = [];
  for (const entry of [...entries].sort(byClock)) {
    const last = ordered.at(-1);
    if (last !== undefined && byClock(last, entry) === 0) ordered[ordered.length - 1] = better(last, entry);
    else ordered.push(entry);
  }
  return ordered;
}

/** What decides how others are read. Found in one go: a long case lies in no cache, and each look at it costs the same. */
interface Deciding {
  readonly withdrawals: CaseEntry[];
  readonly merges: CaseEntry[];
  /** Whether a payload is missing, and whether there is an entry of another case. */
  hasGaps: boolean;
  hasOthers: boolean;
}

function decidingOf(caseId: string, timeline: readonly CaseEntry[]): Deciding {
  const found: Deciding = { withdrawals: [], merges: [], hasGaps: false, hasOthers: false };
  for (const entry of timeline) {
    if (entry.caseId !== caseId) found.hasOthers = true;
    const kind = entry.payload?.kind;
    if (kind === undefined) found.hasGaps = true;
    else if (kind === 'entry-withdrawn') found.withdrawals.push(entry);
    else if (kind === 'case-merged') found.merges.push(entry);
  }
  return found;
}

/**
 * Which entries have no effect, by id, with the entry that withdrew each. A withdrawal can be withdrawn too, so the
 * latest is looked at first; it reaches only what came before it, in its own case or in one merged into this.
 */
function withdrawnBy(
  caseId: string,
  timeline: readonly CaseEntry[],
  found: readonly CaseEntry[],
): Map<string, CaseEntry> {
  const withdrawn = new Map<string, CaseEntry>();
  if (found.length === 0) return withdrawn;
  const places = new Map(timeline.map((entry, index) => [entry.id, index]));
  for (const entry of found.toReversed()) {
    if (entry.payload?.kind !== 'entry-withdrawn' || withdrawn.has(entry.id)) continue;
    const { entryId } = entry.payload;
    const place = places.get(entryId);
    if (place === undefined || place >= (places.get(entry.id) ?? 0)) continue;
    if (entry.caseId === caseId || timeline[place]?.caseId === entry.caseId) withdrawn.set(entryId, entry);
  }
  return withdrawn;
}

/** The case itself and all that are merged into it, as far as the entries tell. Merges in a circle are one group. */
function groupOf(
  caseId: string,
  found: readonly CaseEntry[],
  withdrawn: ReadonlyMap<string, CaseEntry>,
): Set<string> {
  const merges = new Map<string, string[]>();
  for (const entry of found) {
    if (entry.payload?.kind !== 'case-merged' || withdrawn.has(entry.id)) continue;
    const others = merges.get(entry.caseId) ?? [];
    others.push(entry.payload.otherCaseId);
    merges.set(entry.caseId, others);
  }
  const group = new Set([caseId]);
  for (const member of group) for (const other of merges.get(member) ?? []) group.add(other);
  return group;
}

/** The cases whose entries a case needs, itself first; ask again with theirs until nothing is added. */
export function casesNeeded(caseId: string, entries: readonly CaseEntry[]): string[] {
  const timeline = inClockOrder(entries);
  const { withdrawals, merges } = decidingOf(caseId, timeline);
  return [...groupOf(caseId, merges, withdrawnBy(caseId, timeline, withdrawals))];
}

/** Entries that one entry can replace, or reach through others: more only somebody makes who means harm. */
const mostReplaced = 1_000;

/**
 * What an entry replaces. Of entries without effect what they replaced counts too: whoever replaced them knew of it.
 */
function replacedOf(log: CaseLog, entry: CaseEntry): Iterable<string> {
  if (log.inactive.size === 0) return entry.replaces;
  const all = new Set(entry.replaces);
  for (const hash of all) {
    if (all.size > mostReplaced) break;
    for (const older of log.inactive.get(hash)?.replaces ?? []) all.add(older);
  }
  return all;
}

function replace(log: CaseLog, standing: Standing<unknown> | undefined, entry: CaseEntry): void {
  if (standing === undefined || standing.size === 0) return;
  if (entry.version === 1) standing.clear();
  else standing.remove(replacedOf(log, entry));
}

function write(log: CaseLog, standing: Standing<Value>, entry: CaseEntry, value: Value): void {
  replace(log, standing, entry);
  standing.put({ entry, value, index: log.timeline.length });
}

function add<T>(log: CaseLog, set: Map<string, Standing<T>>, key: string, entry: CaseEntry, value: T): void {
  const standing = set.get(key) ?? new Standing<T>();
  // Version 1 added beside what was there.
  if (entry.version !== 1) replace(log, standing, entry);
  set.set(key, standing.put({ entry, value, index: log.timeline.length }));
}

/** Writes those fields that an entry gives a value. */
function writeFields<Field extends string>(
  log: CaseLog,
  fields: Readonly<Record<Field, Standing<Value>>> | undefined,
  entry: CaseEntry,
  values: Readonly<Partial<Record<Field, Value | undefined>>>,
): void {
  for (const [field, standing] of fieldsOf(fields)) {
    const value = values[field];
    if (value !== undefined) write(log, standing, entry, value);
  }
}

function fieldsOf<Field extends string>(
  fields: Readonly<Record<Field, Standing<Value>>> | undefined,
): (readonly [Field, Standing<Value>])[] {
  return fields === undefined ? [] : (Object.keys(fields) as Field[]).map((field) => [field, fields[field]]);
}

const knownAssessment = (log: CaseLog, observableId: string): Assessment | undefined =>
  log.assessments.get(log.observableKeys.get(observableId) ?? '');

/** What is held of the value that an id stands for; undefined where no such id was added before. */
function assessmentOf(log: CaseLog, observableId: string): Assessment | undefined {
  const key = log.observableKeys.get(observableId);
  if (key === undefined) return undefined;
  const known = log.assessments.get(key);
  if (known !== undefined) return known;
  const assessment: Assessment = {
    fields: { verdict: new Standing(), tlp: new Standing(), note: new Standing() },
    tags: new Map(),
    sightings: new Map(),
  };
  log.assessments.set(key, assessment);
  return assessment;
}

/**
 * Goes through entries of a case, and of those merged into it, in any order and with any repetition.
 *
 * An entry names those whose values it replaces. What is not named stays beside it: two values of one field are then
 * a conflict, a member of a set stays in it as long as one adding of it was not replaced by a removal. Entries of
 * version 1 name nothing: each replaces whatever came before it.
 */
export function readLog(caseId: string, entries: readonly CaseEntry[]): CaseLog {
  const all = inClockOrder(entries);
  const { withdrawals, merges, hasGaps, hasOthers } = decidingOf(caseId, all);
  const withdrawn = withdrawnBy(caseId, all, withdrawals);
  const group = groupOf(caseId, merges, withdrawn);
  const timeline = hasOthers ? all.filter((entry) => group.has(entry.caseId)) : all;
  const inactive = new Map<string, CaseEntry>();
  if (hasGaps || withdrawn.size > 0) {
    for (const entry of timeline) {
      if (entry.payload === null || withdrawn.has(entry.id)) inactive.set(entry.hash, entry);
    }
  }
  const log: CaseLog = {
    caseId,
    timeline: [],
    inactive,
    withdrawn,
    mergedCases: [...group].filter((id) => id !== caseId).sort(),
    isOpeningWithheld: false,
    isSimulated: false,
    openedMs: null,
    changedMs: 0,
    mergedInto: null,
    withheld: 0,
    header: {
      title: new Standing(),
      customerId: new Standing(),
      severity: new Standing(),
      status: new Standing(),
      phase: new Standing(),
      tlp: new Standing(),
      pap: new Standing(),
      assignee: new Standing(),
    },
    notes: new Map(),
    tasks: new Map(),
    checklistItems: new Map(),
    events: new Map(),
    comments: new Map(),
    fields: new Map(),
    observables: new Map(),
    assessments: new Map(),
    observableKeys: new Map(),
    techniques: new Map(),
    alerts: new Map(),
    evidence: new Map(),
    custody: new Map(),
    mitigations: new Map(),
    slices: new Map(),
    snapshots: new Map(),
  };
  for (const entry of timeline) takeEntry(log, entry);
  return log;
}

/** Whether a log must be read anew to take an entry: it speaks of what other entries are worth. */
export function needsReading(entry: CaseEntry): boolean {
  return ['entry-withdrawn', 'case-merged'].includes(entry.payload?.kind ?? '');
}

/** Takes the entry that is last in clock order; see `needsReading`. */
export function takeEntry(log: CaseLog, entry: CaseEntry): void {
  log.changedMs = log.timeline.length === 0 ? entry.timeMs : Math.max(log.changedMs, entry.timeMs);
  if (entry.withheld) {
    log.withheld += 1;
    const mayBeOpening = entry.kind === 'case-opened' || entry.kind === '';
    if (entry.caseId === log.caseId && mayBeOpening && log.openedMs === null) log.isOpeningWithheld = true;
  }
  const isWithdrawn = log.withdrawn.size > 0 && log.withdrawn.has(entry.id);
  if (!isWithdrawn && entry.payload !== null) takePayload(log, entry, entry.payload);
  log.timeline.push(entry);
}

function takePayload(log: CaseLog, entry: CaseEntry, payload: EntryPayload): void {
  const { notes, tasks } = log;
  const isOwn = entry.caseId === log.caseId;
  switch (payload.kind) {
    case 'case-opened':
      if (!isOwn) break;
      // A second opening is a stranger's: of version 1 it is nothing, later ones conflict with the first.
      if (log.openedMs !== null && entry.version === 1) break;
      log.openedMs ??= entry.timeMs;
      log.isSimulated ||= payload.simulated === true;
      for (const field of ['title', 'customerId', 'severity', 'tlp', 'pap'] as const) {
        write(log, log.header[field], entry, payload[field]);
      }
      break;
    case 'header-changed':
      if (!isOwn) break;
      for (const field of ['title', 'severity', 'status', 'phase', 'tlp', 'pap', 'assignee'] as const) {
        const value = payload[field];
        if (value !== undefined) write(log, log.header[field], entry, value);
      }
      break;
    case 'note-added':
      if (!notes.has(payload.noteId)) {
        notes.set(payload.noteId, {
          index: log.timeline.length,
          writerName: entry.writerName,
          addedMs: entry.timeMs,
          text: new Standing<Value>().put({ entry, value: payload.markdown, index: log.timeline.length }),
        });
      }
      break;
    case 'note-revised': {
      const note = notes.get(payload.noteId);
      if (note !== undefined) write(log, note.text, entry, payload.markdown);
      break;
    }
    case 'task-added':
      if (!tasks.has(payload.taskId)) {
        tasks.set(payload.taskId, {
          index: log.timeline.length,
          addedMs: entry.timeMs,
          fields: {
            title: new Standing<Value>().put({ entry, value: payload.title, index: log.timeline.length }),
            done: new Standing(),
            assignee: new Standing(),
            dueMs: new Standing(),
          },
        });
      }
      break;
    case 'task-changed':
      writeFields(log, tasks.get(payload.taskId)?.fields, entry, payload);
      break;
    case 'observable-added': {
      // The same address added twice is one observable.
      const key = observableKey(payload.entityKind, payload.value);
      const { observableId: id, entityKind: kind, value, from } = payload;
      log.observableKeys.set(id, key);
      add(log, log.observables, key, entry, { id, kind, value, from, addedMs: entry.timeMs });
      break;
    }
    case 'observable-removed':
      replace(log, log.observables.get(log.observableKeys.get(payload.observableId) ?? ''), entry);
      break;
    case 'evidence-added':
      if (!log.evidence.has(payload.evidenceId)) {
        const { evidenceId: id, name, mediaType, sizeBytes, sha256 } = payload;
        const { timeMs: addedMs, writerName } = entry;
        log.evidence.set(id, { id, name, mediaType, sizeBytes, sha256, addedMs, writerName });
      }
      break;
    case 'technique-tagged':
      add(log, log.techniques, payload.techniqueId, entry, payload.techniqueId);
      break;
    case 'technique-untagged':
      replace(log, log.techniques.get(payload.techniqueId), entry);
      break;
    case 'alert-linked': {
      const { alertId: id, title, why, severity, firstSeenMs, lastSeenMs, count } = payload;
      add(log, log.alerts, id, entry, { id, title, why, severity, firstSeenMs, lastSeenMs, count });
      break;
    }
    case 'alert-unlinked':
      replace(log, log.alerts.get(payload.alertId), entry);
      break;
    case 'mitigation-noted': {
      const { mitigationId: id, state, sentence, entries: blocked, targetName } = payload;
      log.mitigations.set(id, { id, state, sentence, entries: blocked, targetName, timeMs: entry.timeMs });
      break;
    }
    case 'signals-saved': {
      const { sliceId: id, title, fromMs, toMs, signals } = payload;
      log.slices.set(id, { id, title, fromMs, toMs, signals });
      break;
    }
    case 'snapshots-taken':
      for (const each of payload.snapshots) log.snapshots.set(`${each.subject} ${each.id}`, each);
      break;
    case 'case-merged-into':
      if (isOwn) log.mergedInto = payload.otherCaseId;
      break;
    case 'event-added':
      if (!log.events.has(payload.eventId)) {
        const put = (value: Value) => new Standing<Value>().put({ entry, value, index: log.timeline.length });
        log.events.set(payload.eventId, {
          index: log.timeline.length,
          entry,
          fields: {
            occurredMs: put(payload.occurredMs),
            detectedMs: put(payload.detectedMs),
            title: put(payload.title),
            text: put(payload.text),
          },
        });
      }
      break;
    case 'event-revised':
      writeFields(log, log.events.get(payload.eventId)?.fields, entry, payload);
      break;
    case 'task-due-set': {
      const due = tasks.get(payload.taskId)?.fields.dueMs;
      if (due !== undefined) write(log, due, entry, payload.dueMs);
      break;
    }
    case 'checklist-item-added': {
      const { taskId, itemId, text } = payload;
      const known = log.checklistItems.get(itemId);
      const item = known ?? {
        taskId,
        member: new Standing<string>(),
        fields: {
          text: new Standing<Value>().put({ entry, value: text, index: log.timeline.length }),
          done: new Standing<Value>(),
        },
      };
      log.checklistItems.set(itemId, item);
      replace(log, item.member, entry);
      item.member.put({ entry, value: itemId, index: log.timeline.length });
      break;
    }
    case 'checklist-item-changed':
      writeFields(log, log.checklistItems.get(payload.itemId)?.fields, entry, payload);
      break;
    case 'checklist-item-removed':
      replace(log, log.checklistItems.get(payload.itemId)?.member, entry);
      break;
    case 'observable-assessed':
      writeFields(log, assessmentOf(log, payload.observableId)?.fields, entry, payload);
      break;
    case 'observable-tagged': {
      const tags = assessmentOf(log, payload.observableId)?.tags;
      if (tags !== undefined) add(log, tags, payload.tag, entry, payload.tag);
      break;
    }
    case 'observable-untagged':
      replace(log, assessmentOf(log, payload.observableId)?.tags.get(payload.tag), entry);
      break;
    case 'sighting-noted': {
      const { sightingId, seenMs, count, where } = payload;
      const sightings = assessmentOf(log, payload.observableId)?.sightings;
      if (sightings === undefined || sightings.has(sightingId)) break;
      sightings.set(sightingId, { id: sightingId, seenMs, count, where, writerName: entry.writerName });
      break;
    }
    case 'comment-added':
      if (!log.comments.has(payload.commentId)) {
        const { commentId, text, mentions } = payload;
        const { id: entryId, writerName, timeMs: addedMs } = entry;
        log.comments.set(commentId, { id: commentId, entryId, text, mentions, writerName, addedMs });
      }
      break;
    case 'field-set': {
      const field = log.fields.get(payload.name) ?? new Standing<Value>();
      log.fields.set(payload.name, field);
      write(log, field, entry, payload.value);
      break;
    }
    case 'custody-noted': {
      const { custodyId, evidenceId, action, occurredMs, person, reason } = payload;
      const custody = log.custody.get(evidenceId) ?? new Map<string, Custody>();
      log.custody.set(evidenceId, custody);
      if (custody.has(custodyId)) break;
      const { writerName, timeMs: recordedMs } = entry;
      custody.set(custodyId, { id: custodyId, action, occurredMs, person, reason, writerName, recordedMs });
      break;
    }
    case 'case-merged':
    case 'entry-withdrawn':
      // Taken account of before the first entry.
      break;
    default:
      assertNever(payload);
  }
}

function hashesOf(...standing: readonly (Standing<unknown> | undefined)[]): string[] {
  const hashes = standing.flatMap((each) => each?.list().map(({ entry }) => entry.hash) ?? []);
  return [...new Set(hashes)].slice(0, mostReplaced);
}

/** Of those fields that an entry gives a value. */
function hashesOfFields<Field extends string>(
  fields: Readonly<Record<Field, Standing<Value>>> | undefined,
  values: Readonly<Partial<Record<Field, Value | undefined>>>,
): string[] {
  return hashesOf(
    ...fieldsOf(fields).flatMap(([field, standing]) => (values[field] === undefined ? [] : [standing])),
  );
}

/** The hashes of the entries whose values a new entry would replace: those that stand now. */
export function replacedBy(log: CaseLog, payload: EntryPayload): string[] {
  switch (payload.kind) {
    case 'header-changed': {
      const { kind: _, ...fields } = payload;
      return hashesOf(
        ...(Object.keys(fields) as (keyof typeof fields)[])
          .filter((field) => fields[field] !== undefined)
          .map((field) => log.header[field]),
      );
    }
    case 'note-revised':
      return hashesOf(log.notes.get(payload.noteId)?.text);
    case 'task-changed':
      return hashesOfFields(log.tasks.get(payload.taskId)?.fields, payload);
    case 'task-due-set':
      return hashesOf(log.tasks.get(payload.taskId)?.fields.dueMs);
    case 'event-revised':
      return hashesOfFields(log.events.get(payload.eventId)?.fields, payload);
    case 'checklist-item-added':
    case 'checklist-item-removed':
      return hashesOf(log.checklistItems.get(payload.itemId)?.member);
    case 'checklist-item-changed':
      return hashesOfFields(log.checklistItems.get(payload.itemId)?.fields, payload);
    case 'observable-assessed':
      return hashesOfFields(knownAssessment(log, payload.observableId)?.fields, payload);
    case 'observable-tagged':
    case 'observable-untagged':
      return hashesOf(knownAssessment(log, payload.observableId)?.tags.get(payload.tag));
    case 'field-set':
      return hashesOf(log.fields.get(payload.name));
    case 'observable-removed':
      return hashesOf(log.observables.get(log.observableKeys.get(payload.observableId) ?? ''));
    case 'technique-untagged':
      return hashesOf(log.techniques.get(payload.techniqueId));
    case 'alert-linked':
    case 'alert-unlinked':
      return hashesOf(log.alerts.get(payload.alertId));
    default:
      return [];
  }
}
