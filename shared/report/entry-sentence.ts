import type { EntryPayload } from '../domain/case.ts';
import { defang } from '../domain/observables.ts';
import { assertNever } from '../domain/result.ts';

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

/** Names that an entry refers to by id only, gathered from the entries before it. */
export interface EntryNames {
  readonly taskTitles: ReadonlyMap<string, string>;
  /** Defanged. */
  readonly observableValues: ReadonlyMap<string, string>;
  readonly alertTitles: ReadonlyMap<string, string>;
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
    default:
      return assertNever(payload);
  }
}
