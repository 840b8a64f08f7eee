import type { ExportedCaseFile, ImportPreview } from '../../shared/case-file/report.ts';
import { type EntryKind, entryPayloadSchema, type Tlp } from '../../shared/domain/case.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { listWords } from '../../shared/report/entry-sentence.ts';

/** What the entries of each kind are, one and many. */
const kindWords: Readonly<Record<EntryKind, readonly [string, string]>> = {
  'case-opened': ['opening with title and customer', 'openings with title and customer'],
  'header-changed': ['change of the header', 'changes of the header'],
  'note-added': ['note', 'notes'],
  'note-revised': ['revision of a note', 'revisions of notes'],
  'task-added': ['task', 'tasks'],
  'task-changed': ['change of a task', 'changes of tasks'],
  'observable-added': ['observable', 'observables'],
  'observable-removed': ['removal of an observable', 'removals of observables'],
  'observable-assessed': ['assessment of an observable', 'assessments of observables'],
  'observable-tagged': ['tag of an observable', 'tags of observables'],
  'observable-untagged': ['removal of a tag', 'removals of tags'],
  'sighting-noted': ['sighting', 'sightings'],
  'event-added': ['dated event', 'dated events'],
  'event-revised': ['revision of a dated event', 'revisions of dated events'],
  'comment-added': ['comment', 'comments'],
  'custody-noted': ['line of a custody log', 'lines of custody logs'],
  'field-set': ['custom field', 'custom fields'],
  'checklist-item-added': ['step of a checklist', 'steps of checklists'],
  'checklist-item-changed': ['change of a step', 'changes of steps'],
  'checklist-item-removed': ['removal of a step', 'removals of steps'],
  'task-due-set': ['due time of a task', 'due times of tasks'],
  'evidence-added': ['piece of evidence', 'pieces of evidence'],
  'technique-tagged': ['technique', 'techniques'],
  'technique-untagged': ['removal of a technique', 'removals of techniques'],
  'alert-linked': ['linked alert', 'linked alerts'],
  'alert-unlinked': ['unlinked alert', 'unlinked alerts'],
  'mitigation-noted': ['word of a mitigation', 'words of mitigations'],
  'signals-saved': ['set of signals', 'sets of signals'],
  'snapshots-taken': ['set of snapshots', 'sets of snapshots'],
  'entry-withdrawn': ['withdrawal', 'withdrawals'],
  'case-merged': ['merge of cases', 'merges of cases'],
  'case-merged-into': ['merge into another case', 'merges into other cases'],
};

const knownKinds: ReadonlySet<string> = new Set(
  entryPayloadSchema.options.map((option) => option.shape.kind.value),
);
const isKnownKind = (kind: string): kind is EntryKind => knownKinds.has(kind);

/** `1 entry`, `2,000 entries`. */
export function countWords(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** More kinds than there are only somebody names who means harm. */
const mostKinds = 40;

/** `3 notes and 1 piece of evidence`: what kind of thing is not there; empty for nothing. */
export function withheldWords(
  withheld: readonly { readonly kind: string; readonly count: number }[],
): string {
  const more = withheld.length - mostKinds;
  const words = withheld.slice(0, mostKinds).map(({ kind, count }) => {
    if (isKnownKind(kind)) return countWords(count, ...kindWords[kind]);
    // Old entries do not say it; newer kinds this version does not know.
    const name = kind === '' ? 'an older kind' : `the kind ${toSafeExcerpt(kind, 40)}`;
    return countWords(count, `entry of ${name}`, `entries of ${name}`);
  });
  return listWords(more > 0 ? [...words, countWords(more, 'other kind', 'other kinds')] : words);
}

/** `pieces of evidence or snapshots that are not here`. */
export function missingWords(count: number): string {
  return countWords(count, 'piece of evidence or snapshot', 'pieces of evidence or snapshots');
}

/** What an audience gets, for a choice. */
export const audienceWords = {
  'TLP:RED': 'TLP:RED, named people: all of it',
  'TLP:AMBER+STRICT': 'TLP:AMBER+STRICT, their organisation',
  'TLP:AMBER': 'TLP:AMBER, their organisation and clients',
  'TLP:GREEN': 'TLP:GREEN, their community',
  'TLP:CLEAR': 'TLP:CLEAR, everybody',
} as const satisfies Record<Tlp, string>;

/** A fingerprint in groups of four, which people can read to each other. */
export function fingerprintGroups(fingerprint: string): string {
  return fingerprint.replace(/.{4}(?=.)/g, '$& ');
}

/** `6 entries, 0 alerts, 0 mitigations, 1 piece of evidence`. */
export function contentWords(counts: ExportedCaseFile['counts']): string {
  return [
    countWords(counts.entries, 'entry', 'entries'),
    countWords(counts.alerts, 'alert', 'alerts'),
    countWords(counts.mitigations, 'mitigation', 'mitigations'),
    countWords(counts.evidence, 'piece of evidence', 'pieces of evidence'),
  ].join(', ');
}

/** What was exported, as lines to send along by another way. */
export function exportedText(exported: ExportedCaseFile): string {
  const { counts, exporter, withheld, missing } = exported;
  return [
    exported.path,
    `${exported.sizeBytes} bytes`,
    `SHA-256 of the manifest: ${exported.manifestSha256}`,
    `signed by ${exporter.name}, key ${exporter.keyFingerprint}`,
    contentWords(counts),
    ...(withheld.length > 0 ? [`left out for the audience: ${withheldWords(withheld)}`] : []),
    ...(missing > 0 ? [`not here and not in it: ${missingWords(missing)}`] : []),
  ].join('\n');
}

/** Entries and payloads that an import would add. */
export function newsOf(preview: Pick<ImportPreview, 'cases'>): {
  readonly entries: number;
  readonly all: number;
} {
  const entries = preview.cases.reduce((sum, { newEntries }) => sum + newEntries, 0);
  return { entries, all: preview.cases.reduce((sum, { newPayloads }) => sum + newPayloads, entries) };
}

/** What of a case an import would change, in a sentence's part. */
export function changeWords(of: ImportPreview['cases'][number]): string {
  const parts = [
    ...(of.newEntries > 0 ? [countWords(of.newEntries, 'new entry', 'new entries')] : []),
    ...(of.newPayloads > 0
      ? [`the words of ${countWords(of.newPayloads, 'entry', 'entries')} that were withheld here`]
      : []),
  ];
  return parts.length === 0 ? 'nothing new' : listWords(parts);
}

/** `48 MB of 1.2 GB`, as far as the whole is known. */
export function progressWords(progress: { readonly done: number; readonly total: number | null }): string {
  const done = formatBytes(progress.done);
  // Of an encrypted file a little less is read than it has.
  return progress.total === null
    ? done
    : `${done} of ${formatBytes(Math.max(progress.done, progress.total))}`;
}
