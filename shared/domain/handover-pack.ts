import type { Alert } from './alert.ts';
import type { CaseSummary, EntryKind, Tlp } from './case.ts';
import type { Health } from './connection.ts';
import {
  type HandoverItem,
  type HandoverLink,
  type HandoverPack,
  type HandoverPart,
  type HandoverSection,
  handoverLimits,
  handoverSections,
} from './handover.ts';
import type { Mitigation, MitigationState } from './mitigation.ts';
import { cutText } from './safe-text.ts';
import { type Suppression, windowAt } from './suppression.ts';
import { dayMs, formatDuration, formatUtc, hourMs } from './time.ts';

/** Without a handover before it a pack goes back so far. */
const firstLookBackMs = dayMs;

/** The handover before this one, as it is known here. */
export interface LastHandover {
  readonly id: string;
  /** By the clock of where its facts were read. */
  readonly madeMs: number;
  /** When it came into this data directory, by the clock here. */
  readonly storedMs: number;
  /** The newest entry of any case here when its facts were read; null where they were read elsewhere. */
  readonly position: number | null;
}

/** From where on entries of cases count as new. */
export interface HandoverSince {
  readonly handoverId: string | null;
  /** For people. */
  readonly sinceMs: number;
  /** Entries that came here after this one count, whatever their authors' clocks say. */
  readonly afterPosition: number | null;
  /** Without a position: those written from here on, and not after now. */
  readonly fromMs: number | null;
}

/**
 * What "since the last handover" means here. Of one made here the entries that arrived since count, so that no clock is
 * asked. Of one from elsewhere nobody knows which entries it had seen: those since its time count, which is never later
 * than when it came here, however far its clock was ahead.
 */
export function handoverSince(last: LastHandover | null, nowMs: number): HandoverSince {
  if (last === null) {
    const fromMs = nowMs - firstLookBackMs;
    return { handoverId: null, sinceMs: fromMs, afterPosition: null, fromMs };
  }
  const sinceMs = Math.min(last.madeMs, last.storedMs, nowMs);
  return last.position === null
    ? { handoverId: last.id, sinceMs, afterPosition: null, fromMs: sinceMs }
    : { handoverId: last.id, sinceMs, afterPosition: last.position, fromMs: null };
}

/** The end of the shift counts where it is to come within a day; else the shift ends now. */
export function nextShiftEnd(nowMs: number, shiftEndsMs: number | null, nextShiftHours: number): number {
  const isToCome = shiftEndsMs !== null && shiftEndsMs > nowMs && shiftEndsMs <= nowMs + dayMs;
  return Math.round((isToCome ? shiftEndsMs : nowMs) + nextShiftHours * hourMs);
}

/** What people wrote into a case, counted. */
export interface TouchedBy {
  readonly writerName: string;
  /** `note-added` and the like; may be one that this version does not know. */
  readonly kind: string;
  readonly count: number;
}

export interface TouchedCase {
  readonly summary: CaseSummary;
  /** All entries since, by whom and of which kind. */
  readonly changes: readonly TouchedBy[];
  /** The newest things that a person said, in words, the newest first. */
  readonly newest: readonly string[];
}

export interface OpenTask {
  readonly caseId: string;
  readonly caseTitle: string;
  readonly tlp: Tlp;
  readonly taskId: string;
  readonly title: string;
  readonly assignee: string | null;
  readonly addedMs: number;
  readonly dueMs: number | null;
}

/** Rows, the most pressing first, and how many there are in all. */
export interface Counted<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** Everything that a pack is made from. */
export interface HandoverFacts {
  readonly id: string;
  readonly nowMs: number;
  readonly simulated: boolean;
  readonly shiftEndsMs: number | null;
  readonly nextShiftHours: number;
  readonly since: HandoverSince;
  readonly customerNames: ReadonlyMap<string, string>;
  readonly alerts: Counted<Alert>;
  readonly snoozed: Counted<Alert>;
  readonly cases: Counted<TouchedCase>;
  readonly tasks: Counted<OpenTask>;
  readonly mitigations: readonly Mitigation[];
  /** Those that are switched on; null where nothing polls them, so that nobody knows. */
  readonly sources: readonly { readonly id: string; readonly name: string; readonly health: Health }[] | null;
  readonly suppressions: readonly Suppression[];
}

const kindWords = {
  'case-opened': ['opening', 'openings'],
  'header-changed': ['header change', 'header changes'],
  'note-added': ['note', 'notes'],
  'note-revised': ['revised note', 'revised notes'],
  'task-added': ['new task', 'new tasks'],
  'task-changed': ['change of tasks', 'changes of tasks'],
  'observable-added': ['observable', 'observables'],
  'observable-removed': ['removed observable', 'removed observables'],
  'evidence-added': ['piece of evidence', 'pieces of evidence'],
  'technique-tagged': ['technique', 'techniques'],
  'technique-untagged': ['technique taken away', 'techniques taken away'],
  'alert-linked': ['linked alert', 'linked alerts'],
  'alert-unlinked': ['unlinked alert', 'unlinked alerts'],
  'mitigation-noted': ['step of a mitigation', 'steps of mitigations'],
  'signals-saved': ['saved set of signals', 'saved sets of signals'],
  'snapshots-taken': ['set of snapshots', 'sets of snapshots'],
  'entry-withdrawn': ['withdrawal', 'withdrawals'],
  'case-merged': ['merge', 'merges'],
  'case-merged-into': ['merge', 'merges'],
  'event-added': ['dated event', 'dated events'],
  'event-revised': ['corrected event', 'corrected events'],
  'task-due-set': ['due time', 'due times'],
  'checklist-item-added': ['change of checklists', 'changes of checklists'],
  'checklist-item-changed': ['change of checklists', 'changes of checklists'],
  'checklist-item-removed': ['change of checklists', 'changes of checklists'],
  'observable-assessed': ['assessed observable', 'assessed observables'],
  'observable-tagged': ['change of tags', 'changes of tags'],
  'observable-untagged': ['change of tags', 'changes of tags'],
  'sighting-noted': ['sighting', 'sightings'],
  'comment-added': ['comment', 'comments'],
  'field-set': ['field', 'fields'],
  'custody-noted': ['step of custody', 'steps of custody'],
} as const satisfies Readonly<Record<EntryKind, readonly [one: string, many: string]>>;
const otherWords = ['other entry', 'other entries'] as const;
const isKnownKind = (kind: string): kind is EntryKind => Object.hasOwn(kindWords, kind);

/** `Ada: 2 notes, 1 new task. Bo: 1 piece of evidence.` */
export function changeWords(changes: readonly TouchedBy[]): string {
  const byWriter = new Map<string, Map<string, { words: readonly [string, string]; count: number }>>();
  for (const { writerName, kind, count } of changes) {
    const words = isKnownKind(kind) ? kindWords[kind] : otherWords;
    const own = byWriter.get(writerName) ?? new Map();
    own.set(words[1], { words, count: (own.get(words[1])?.count ?? 0) + count });
    byWriter.set(writerName, own);
  }
  return [...byWriter]
    .map(([name, own]) => {
      const said = [...own.values()].map(
        ({ words, count }) => `${count} ${count === 1 ? words[0] : words[1]}`,
      );
      return `${name}: ${said.join(', ')}.`;
    })
    .join(' ');
}

/** Cut to what a pack takes, with a sign that it was. */
function brief(text: string, most: number): string {
  const cut = cutText(text, most - 1);
  return cut.leftOut === 0 ? cut.text : `${cut.text}…`;
}

interface ItemParts {
  readonly link: HandoverLink;
  /** Where one thing has several items. */
  readonly of?: string;
  readonly title: string;
  readonly text: string;
  readonly details?: readonly string[];
  readonly severity?: HandoverItem['severity'];
  readonly dueMs?: number | null;
}

function item(section: HandoverSection, parts: ItemParts): HandoverItem {
  const { link, dueMs = null } = parts;
  return {
    key: brief([section, link.id, ...(parts.of === undefined ? [] : [parts.of])].join(':'), 300),
    title: brief(parts.title, handoverLimits.title) || link.id,
    text: brief(parts.text, handoverLimits.text),
    details: (parts.details ?? [])
      .slice(0, handoverLimits.details)
      .map((each) => brief(each, handoverLimits.detail)),
    severity: parts.severity ?? null,
    dueMs: dueMs === null ? null : Math.round(dueMs),
    link,
    remark: '',
  };
}

/** By when it is due, what has no time last; within that as it came. */
function byDue(left: HandoverItem, right: HandoverItem): number {
  return (left.dueMs ?? Number.POSITIVE_INFINITY) - (right.dueMs ?? Number.POSITIVE_INFINITY) || 0;
}

function part(section: HandoverSection, items: readonly HandoverItem[], total = items.length): HandoverPart {
  const shown = items.slice(0, handoverLimits.items);
  return { section, items: shown, more: Math.max(0, total - shown.length), gap: null };
}

function blocked({ entries }: Mitigation): string {
  const [first = '', ...rest] = entries;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

const inForce: ReadonlySet<MitigationState> = new Set([
  'applying',
  'applied',
  'verified',
  'unknown',
  'lost',
  'ending',
]);

/**
 * The pack that these facts make. Pure: the same facts give the same pack. Every part holds at most
 * `handoverLimits.items`, the most pressing first, and says exactly how many more there are.
 */
export function computeHandoverPack(facts: HandoverFacts): HandoverPack {
  const { nowMs, since, sources } = facts;
  const nextShiftEndsMs = nextShiftEnd(nowMs, facts.shiftEndsMs, facts.nextShiftHours);
  const customerName = (customerId: string | null) =>
    customerId === null ? null : (facts.customerNames.get(customerId) ?? null);
  /** `Acme: open, ...`, or without a customer the sentence by itself. */
  const ofCustomer = (customerId: string | null, sentence: string) => {
    const name = customerName(customerId);
    return name === null ? `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}` : `${name}: ${sentence}`;
  };

  const alertItem = (section: 'alerts' | 'snoozed', alert: Alert) =>
    item(section, {
      link: { kind: 'alert', id: alert.id },
      title: alert.title,
      text: ofCustomer(
        alert.customerId,
        `${alert.status.replace('-', ' ')}, ${alert.assignee ?? 'nobody'} has it; ${alert.count.toLocaleString('en')} ${alert.count === 1 ? 'time' : 'times'}, last at ${formatUtc(alert.lastSeenMs)}. ${alert.why}`,
      ),
      severity: alert.severity,
      dueMs: section === 'snoozed' ? alert.snoozedUntilMs : null,
    });
  const caseItem = ({ summary, changes, newest }: TouchedCase) =>
    item('cases', {
      link: { kind: 'case', id: summary.id },
      title: summary.title,
      text: ofCustomer(
        summary.customerId,
        `${summary.status}, ${summary.assignee ?? 'nobody'} has it. ${changeWords(changes)}`,
      ),
      details: newest,
      severity: summary.severity,
    });
  const taskItem = (task: OpenTask) =>
    item('tasks', {
      link: { kind: 'case', id: task.caseId },
      of: task.taskId,
      title: task.title,
      text: `${task.assignee ?? 'Nobody'} has it, for ${formatDuration(Math.max(0, nowMs - task.addedMs))}. Case: ${task.caseTitle}`,
      dueMs: task.dueMs,
    });
  const mitigationItem = (section: 'approvals' | 'blocks', mitigation: Mitigation, text: string) =>
    item(section, {
      link: { kind: 'mitigation', id: mitigation.id },
      title: `Block of ${blocked(mitigation)} on ${mitigation.targetName}`,
      text: ofCustomer(mitigation.customerId, text),
      dueMs: section === 'blocks' ? mitigation.expiresMs : null,
    });

  const approvals = facts.mitigations
    .filter(({ state }) => state === 'proposed' || state === 'approved')
    .map((each) =>
      mitigationItem(
        'approvals',
        each,
        each.state === 'proposed'
          ? `Asked for by ${each.proposedBy} at ${formatUtc(each.proposedMs)}: ${each.reason}`
          : `Approved by ${each.approvedBy ?? 'nobody known'}, not on the target yet. ${each.sentence}`,
      ),
    );
  // A block of which nobody knows is the next shift's, whenever it would end.
  const isUncertain = ({ state }: Mitigation) => state === 'unknown' || state === 'lost';
  const blocks = facts.mitigations
    .filter((each) => inForce.has(each.state))
    .filter((each) => isUncertain(each) || (each.expiresMs !== null && each.expiresMs <= nextShiftEndsMs))
    .map((each) => mitigationItem('blocks', each, `${each.state}: ${each.sentence}`))
    .sort(byDue);
  const troubled = (sources ?? [])
    .filter(({ health }) => health.state !== 'ok' && health.state !== 'starting')
    .map(({ id, name, health }) =>
      item('sources', {
        link: { kind: 'source', id },
        title: name,
        text: `${health.state.replace('-', ' ')}: ${health.sentence}`,
      }),
    );
  const ending = facts.suppressions
    .flatMap((suppression) => {
      const window = windowAt(suppression, nowMs);
      if (window === null || window.endMs > nextShiftEndsMs) return [];
      const { scope } = suppression;
      const what = scope.kind === 'query' ? 'Suppression' : 'Maintenance window';
      const covers = scope.kind === 'query' ? scope.text : (customerName(scope.customerId) ?? 'one customer');
      return item('suppressions', {
        link: { kind: 'suppression', id: suppression.id },
        title: `${what}: ${suppression.reason}`,
        text: `Made by ${suppression.owner}${suppression.weekly ? ', every week' : ''}. Covers ${covers}`,
        dueMs: window.endMs,
      });
    })
    .sort(byDue);

  const parts: Readonly<Record<HandoverSection, HandoverPart>> = {
    alerts: part(
      'alerts',
      facts.alerts.rows.map((alert) => alertItem('alerts', alert)),
      facts.alerts.total,
    ),
    approvals: part('approvals', approvals),
    blocks: part('blocks', blocks),
    cases: part('cases', facts.cases.rows.map(caseItem), facts.cases.total),
    tasks: part('tasks', facts.tasks.rows.map(taskItem).sort(byDue), facts.tasks.total),
    snoozed: part(
      'snoozed',
      facts.snoozed.rows.map((alert) => alertItem('snoozed', alert)).sort(byDue),
      facts.snoozed.total,
    ),
    sources: {
      ...part('sources', troubled),
      gap:
        sources === null ? 'How the sources do is not known: this was made while nothing polled them.' : null,
    },
    suppressions: part('suppressions', ending),
    added: part('added', []),
  };
  return {
    id: facts.id,
    madeMs: Math.round(nowMs),
    sinceMs: Math.round(since.sinceMs),
    sinceHandoverId: since.handoverId,
    shiftEndsMs: facts.shiftEndsMs === null ? null : Math.round(facts.shiftEndsMs),
    nextShiftEndsMs,
    tlp: [
      ...facts.cases.rows.map(({ summary }) => summary.tlp),
      ...facts.tasks.rows.map(({ tlp }) => tlp),
    ].includes('TLP:RED')
      ? 'TLP:RED'
      : 'TLP:AMBER+STRICT',
    simulated: facts.simulated,
    parts: handoverSections.map((section) => parts[section]),
    dropped: [],
    notes: '',
  };
}
