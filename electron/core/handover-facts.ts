import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertQuery } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseSummary } from '../../shared/domain/case.ts';
import type { Health } from '../../shared/domain/connection.ts';
import { handoverLimits } from '../../shared/domain/handover.ts';
import {
  type Counted,
  type HandoverFacts,
  handoverSince,
  type OpenTask,
  type TouchedCase,
} from '../../shared/domain/handover-pack.ts';
import { defang } from '../../shared/domain/observables.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { type EntryNames, entrySentence } from '../../shared/report/entry-sentence.ts';
import type { CaseOutline, Store } from '../db/index.ts';

/** Cases whose tasks are read: the last changed ones; tasks of the others are counted. */
const mostCasesRead = 200;

export interface HandoverFactsInput {
  readonly store: Store;
  readonly id: string;
  readonly nowMs: number;
  readonly shiftEndsMs: number | null;
  readonly nextShiftHours: number;
  /** null where nothing polls the sources. */
  readonly sourceHealth: ((connectionId: string) => Health) | null;
}

async function openAlerts(store: Store, text: string): Promise<Counted<Alert>> {
  const query: AlertQuery = {
    lane: 'actionable',
    text,
    fromMs: null,
    toMs: null,
    includeDone: false,
    sort: 'severity',
  };
  const inTurns = async <T>(steps: Generator<void, T, void>): Promise<T> => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await nextTurn();
    }
  };
  const page = { upToSequence: null, offset: 0, limit: handoverLimits.items };
  const { rows, total, isExact, upToSequence } = await inTurns(store.alerts.queryInSteps(query, page));
  return { rows, total: isExact ? total : await inTurns(store.alerts.countInSteps(query, upToSequence)) };
}

/** Open tasks of open cases; those with a time first, then the oldest. */
async function openTasks(store: Store, cases: readonly CaseSummary[]): Promise<Counted<OpenTask>> {
  const withTasks = cases.filter(({ status, openTaskCount }) => status !== 'closed' && openTaskCount > 0);
  const rows: OpenTask[] = [];
  for (const { id, title, tlp } of withTasks.slice(0, mostCasesRead)) {
    for (const task of store.cases.outline(id)?.tasks ?? []) {
      if (task.done) continue;
      rows.push({
        caseId: id,
        caseTitle: title,
        tlp,
        taskId: task.id,
        title: task.title,
        assignee: task.assignee,
        addedMs: task.addedMs,
        dueMs: task.dueMs,
      });
    }
    await nextTurn();
  }
  const due = ({ dueMs }: OpenTask) => dueMs ?? Number.POSITIVE_INFINITY;
  rows.sort((left, right) => due(left) - due(right) || left.addedMs - right.addedMs);
  const unread = withTasks.slice(mostCasesRead).reduce((sum, { openTaskCount }) => sum + openTaskCount, 0);
  return { rows: rows.slice(0, handoverLimits.items), total: rows.length + unread };
}

/** What entries of a case refer to, as far as its outline has it. */
function namesIn(outline: CaseOutline | null): EntryNames {
  const named = <Row extends { readonly id: string }>(
    rows: readonly Row[] | undefined,
    name: (row: Row) => string,
  ) => new Map((rows ?? []).map((row) => [row.id, name(row)]));
  return {
    taskTitles: named(outline?.tasks, ({ title }) => title),
    checklistTexts: named(
      outline?.tasks.flatMap(({ checklist }) => checklist),
      ({ text }) => text,
    ),
    observableValues: named(outline?.observables, ({ kind, value }) => defang(kind, value)),
    alertTitles: named(outline?.alerts, ({ title }) => title),
    eventTitles: named(outline?.events, ({ title }) => title),
    evidenceNames: new Map(),
  };
}

/** Everything that a handover pack is made from, and the newest case entry that it knows of. */
export async function readHandoverFacts(
  input: HandoverFactsInput,
): Promise<{ readonly facts: HandoverFacts; readonly position: number }> {
  const { store, nowMs, sourceHealth } = input;
  const since = handoverSince(store.handovers.last(), nowMs);
  const alerts = await openAlerts(store, '');
  const snoozed = await openAlerts(store, 'status:snoozed');
  // What is written while these are read may be in this handover and in the next, but never in neither.
  const position = store.cases.newestPosition();
  const summaries = store.cases.list({ status: null, text: '' });
  const summaryOf = new Map(summaries.map((each) => [each.id, each]));
  const touched = store.handovers.touchedCases(since, nowMs, handoverLimits.items);
  const rows: TouchedCase[] = [];
  for (const id of touched.ids) {
    const summary = summaryOf.get(id);
    if (summary === undefined) continue;
    const names = namesIn(store.cases.outline(id));
    const newest = store.handovers
      .saidIn(id, since, nowMs, handoverLimits.details)
      .map(
        ({ timeMs, writerName, payload }) =>
          `${formatUtc(timeMs)} ${writerName}: ${entrySentence(payload, names)}`,
      );
    rows.push({ summary, changes: store.handovers.changesOf(id, since, nowMs), newest });
    await nextTurn();
  }
  const tasks = await openTasks(store, summaries);
  const sources = store.connections.list('source').filter(({ enabled }) => enabled);
  const facts: HandoverFacts = {
    id: input.id,
    nowMs,
    simulated: store.simulated,
    shiftEndsMs: input.shiftEndsMs,
    nextShiftHours: input.nextShiftHours,
    since,
    customerNames: new Map(store.customers.list().map(({ id, name }) => [id, name])),
    alerts,
    snoozed,
    cases: { rows, total: touched.total },
    tasks,
    mitigations: store.mitigations.list(),
    sources:
      sourceHealth === null ? null : sources.map(({ id, name }) => ({ id, name, health: sourceHealth(id) })),
    suppressions: store.suppressions.list(),
  };
  return { facts, position };
}
