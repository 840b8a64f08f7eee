import type { CaseEntry, CustodyAction, EntryPayload } from '../domain/case.ts';
import { defang } from '../domain/observables.ts';
import { assertNever } from '../domain/result.ts';
import { formatUtc } from '../domain/time.ts';

/** The first line of a note, for one row of a timeline. */
function firstLine(markdown: string): string {
  const line = markdown.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** `a` / `a and b` / `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function headerChanges(payload: Extract<EntryPayload, { kind: 'header-changed' }>): string {
  const changes: string[] = [];
  if (payload.title !== undefined) changes.push(`title to "${payload.title}"`);
  if (payload.severity !== undefined) changes.push(`severity to ${payload.severity}`);
  if (payload.status !== undefined) changes.push(`status to ${payload.status}`);
  if (payload.phase !== undefined) changes.push(`phase to ${payload.phase.replaceAll('-', ' ')}`);
  if (payload.tlp !== undefined) changes.push(`sharing to ${payload.tlp}`);
  if (payload.pap !== undefined) changes.push(`permitted actions to ${payload.pap}`);
  if (payload.assignee !== undefined) changes.push(`assignee to ${payload.assignee ?? 'nobody'}`);
  return changes.length === 0 ? 'Changed nothing' : `Set ${listWords(changes)}`;
}

function taskChange(payload: Extract<EntryPayload, { kind: 'task-changed' }>, title: string): string {
  if (payload.done !== undefined) return `${payload.done ? 'Finished' : 'Reopened'} task: ${title}`;
  if (payload.assignee !== undefined) return `Gave task to ${payload.assignee ?? 'nobody'}: ${title}`;
  return `Renamed task to: ${title}`;
}

function eventChange(payload: Extract<EntryPayload, { kind: 'event-revised' }>, title: string): string {
  const { occurredMs, detectedMs } = payload;
  const changes: string[] = [];
  if (payload.title !== undefined) changes.push(`title to "${payload.title}"`);
  if (occurredMs !== undefined) changes.push(`occurred to ${formatUtc(occurredMs)}`);
  if (detectedMs !== undefined) {
    changes.push(`detected to ${detectedMs === null ? 'not known' : formatUtc(detectedMs)}`);
  }
  if (payload.text !== undefined) changes.push('its text');
  return `Corrected the event "${title}"${changes.length === 0 ? '' : `: ${listWords(changes)}`}`;
}

function assessment(payload: Extract<EntryPayload, { kind: 'observable-assessed' }>, name: string): string {
  const changes: string[] = [];
  if (payload.verdict !== undefined) changes.push(`verdict to ${payload.verdict}`);
  if (payload.tlp !== undefined) changes.push(`sharing to ${payload.tlp ?? "the case's"}`);
  if (payload.note !== undefined) changes.push(`note to "${firstLine(payload.note)}"`);
  return changes.length === 0 ? `Changed nothing of ${name}` : `Of ${name} set ${listWords(changes)}`;
}

/** What was done with evidence, between its name and who did it. */
export const custodyWords: Readonly<Record<CustodyAction, string>> = {
  collected: 'collected by',
  'handed-over': 'handed over to',
  received: 'received by',
  copied: 'copied by',
  moved: 'moved by',
  examined: 'examined by',
  returned: 'returned to',
  destroyed: 'destroyed by',
};

const observableName = ({ observableId }: { readonly observableId: string }, names: EntryNames): string =>
  names.observableValues.get(observableId) ?? observableId;

/** Names that an entry refers to by id only, gathered from the entries before it. */
export interface EntryNames {
  readonly taskTitles: ReadonlyMap<string, string>;
  /** Defanged. */
  readonly observableValues: ReadonlyMap<string, string>;
  readonly alertTitles: ReadonlyMap<string, string>;
  readonly eventTitles: ReadonlyMap<string, string>;
  readonly checklistTexts: ReadonlyMap<string, string>;
  readonly evidenceNames: ReadonlyMap<string, string>;
}

/** The names that a case's entries refer to. */
export function entryNames(timeline: readonly CaseEntry[]): EntryNames {
  const taskTitles = new Map<string, string>();
  const observableValues = new Map<string, string>();
  const alertTitles = new Map<string, string>();
  const eventTitles = new Map<string, string>();
  const checklistTexts = new Map<string, string>();
  const evidenceNames = new Map<string, string>();
  for (const { payload } of timeline) {
    switch (payload?.kind) {
      case 'task-added':
        taskTitles.set(payload.taskId, payload.title);
        break;
      case 'observable-added':
        observableValues.set(payload.observableId, defang(payload.entityKind, payload.value));
        break;
      case 'alert-linked':
        alertTitles.set(payload.alertId, payload.title);
        break;
      case 'event-added':
        eventTitles.set(payload.eventId, payload.title);
        break;
      case 'checklist-item-added':
        checklistTexts.set(payload.itemId, payload.text);
        break;
      case 'evidence-added':
        evidenceNames.set(payload.evidenceId, payload.name);
        break;
      default:
        break;
    }
  }
  return { taskTitles, observableValues, alertTitles, eventTitles, checklistTexts, evidenceNames };
}

/** What one entry of a case says, as a sentence for its timeline. Texts from outside are still as they came. */
export function entrySentence(payload: EntryPayload | null, names: EntryNames): string {
  if (payload === null) return 'Withheld, or of a kind that this version does not know';
  switch (payload.kind) {
    case 'case-opened':
      return `Opened the case: ${payload.title}`;
    case 'header-changed':
      return headerChanges(payload);
    case 'note-added':
      return `Noted: ${firstLine(payload.markdown)}`;
    case 'note-revised':
      return `Revised a note: ${firstLine(payload.markdown)}`;
    case 'task-added':
      return `Added task: ${payload.title}`;
    case 'task-changed':
      return taskChange(payload, payload.title ?? names.taskTitles.get(payload.taskId) ?? payload.taskId);
    case 'observable-added':
      return `Added observable (${payload.entityKind}): ${defang(payload.entityKind, payload.value)}`;
    case 'observable-removed':
      return `Removed observable ${names.observableValues.get(payload.observableId) ?? payload.observableId}: ${payload.reason}`;
    case 'evidence-added':
      return `Added evidence: ${payload.name}, SHA-256 ${payload.sha256}`;
    case 'technique-tagged':
      return `Tagged ${payload.techniqueId}`;
    case 'technique-untagged':
      return `Took the tag ${payload.techniqueId} away`;
    case 'alert-linked':
      return `Linked alert: ${payload.title}`;
    case 'alert-unlinked':
      return `Unlinked alert ${names.alertTitles.get(payload.alertId) ?? payload.alertId}: ${payload.reason}`;
    case 'mitigation-noted':
      return `${payload.targetName}: ${payload.sentence}`;
    case 'signals-saved':
      return `Saved ${payload.signals.length} ${payload.signals.length === 1 ? 'signal' : 'signals'} with the case: ${payload.title}`;
    case 'snapshots-taken':
      return `Kept ${payload.snapshots.length} ${payload.snapshots.length === 1 ? 'snapshot' : 'snapshots'} of alerts and mitigations as they were`;
    case 'entry-withdrawn':
      return `Withdrew an entry: ${payload.reason}`;
    case 'case-merged':
      return `Merged the case ${payload.otherCaseId} into this one: ${payload.reason}`;
    case 'case-merged-into':
      return `Merged into the case ${payload.otherCaseId}: ${payload.reason}`;
    case 'event-added':
      return `Recorded an event: ${payload.title} (occurred ${formatUtc(payload.occurredMs)}${payload.detectedMs === null ? '' : `, detected ${formatUtc(payload.detectedMs)}`})`;
    case 'event-revised':
      return eventChange(payload, names.eventTitles.get(payload.eventId) ?? payload.eventId);
    case 'task-due-set': {
      const title = names.taskTitles.get(payload.taskId) ?? payload.taskId;
      return payload.dueMs === null
        ? `Took the due time away from task: ${title}`
        : `Set task due ${formatUtc(payload.dueMs)}: ${title}`;
    }
    case 'checklist-item-added':
      return `Added to the checklist of ${names.taskTitles.get(payload.taskId) ?? payload.taskId}: ${payload.text}`;
    case 'checklist-item-changed': {
      const text = payload.text ?? names.checklistTexts.get(payload.itemId) ?? payload.itemId;
      if (payload.done === undefined) return `Changed a point of a checklist to: ${text}`;
      return `${payload.done ? 'Ticked off' : 'Unticked'}: ${text}`;
    }
    case 'checklist-item-removed':
      return `Removed from a checklist: ${names.checklistTexts.get(payload.itemId) ?? payload.itemId}`;
    case 'observable-assessed':
      return assessment(payload, observableName(payload, names));
    case 'observable-tagged':
      return `Tagged ${observableName(payload, names)}: ${payload.tag}`;
    case 'observable-untagged':
      return `Took a tag from ${observableName(payload, names)}: ${payload.tag}`;
    case 'sighting-noted':
      return `Noted a sighting of ${observableName(payload, names)} at ${formatUtc(payload.seenMs)}, ${payload.count.toLocaleString('en')} times${payload.where === '' ? '' : `: ${payload.where}`}`;
    case 'comment-added':
      return `Commented: ${firstLine(payload.text)}`;
    case 'field-set':
      return payload.value === null
        ? `Took the field ${payload.name} away`
        : `Set ${payload.name} to "${payload.value}"`;
    case 'custody-noted':
      return `Evidence ${names.evidenceNames.get(payload.evidenceId) ?? payload.evidenceId} ${custodyWords[payload.action]} ${payload.person}, ${formatUtc(payload.occurredMs)}${payload.reason === '' ? '' : `: ${payload.reason}`}`;
    default:
      return assertNever(payload);
  }
}
