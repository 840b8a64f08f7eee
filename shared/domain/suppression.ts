import { z } from 'zod';
import { freeTextsOf, matchesAlertQuery, type QueryContext } from '../query/match-query.ts';
import { describeProblems, parseAlertQuery } from '../query/parse-query.ts';
import type { QueryNode } from '../query/query-node.ts';
import { parseDuration, parseMoment } from '../query/query-values.ts';
import { type Alert, severityRank, severitySchema } from './alert.ts';
import { assertNever } from './result.ts';
import { dayMs, formatUtc, hourMs } from './time.ts';

/*
 * Two ways to keep alerts from calling a person for a while, each with a reason, an owner and an end. A suppression
 * holds what its query matches out of the open queue; a maintenance window keeps what comes from a customer or service
 * in the informational lane. Neither covers more than the severity it names.
 */

/** In force or still to come, both kinds together: each alert that comes is judged by all of them. */
export const mostSuppressions = 200;
/** Free texts that they name between them: each is looked for in every raw record that comes. */
export const mostTexts = 64;
/** Of one of them. */
const mostTextsOfOne = 8;
export const longestSuppressionMs = 90 * dayMs;
/** A weekly window ends before it begins again. */
const longestWeeklyMs = 6 * dayMs;
/** A window may be agreed so long ahead. */
const furthestStartMs = 365 * dayMs;
const weekMs = 7 * dayMs;
/** Of a source that never says "resolved", what came so lately is taken to go on. */
const goesOnWithinMs = hourMs;

export const suppressionScopeSchema = z.discriminatedUnion('kind', [
  /** In the language of the query bar. */
  z.object({ kind: z.literal('query'), text: z.string().max(2000) }),
  /** A customer, or one service of it. */
  z.object({ kind: z.literal('maintenance'), customerId: z.string(), serviceId: z.string().nullable() }),
]);
export type SuppressionScope = z.infer<typeof suppressionScopeSchema>;

export const suppressionSchema = z.object({
  id: z.string(),
  scope: suppressionScopeSchema,
  reason: z.string(),
  /** The analyst who answers for it. */
  owner: z.string(),
  /** Nothing worse is covered: what rises above it comes into the queue at once. */
  upTo: severitySchema,
  startMs: z.number(),
  endMs: z.number(),
  /** Again at the same time of every week (UTC), until somebody ends it. */
  weekly: z.boolean(),
  createdMs: z.number(),
  /** When it ended for good; null while it is in force or still to come. */
  endedMs: z.number().nullable(),
  /** Who ended it early; null where it ended by itself. */
  endedBy: z.string().nullable(),
});
/** A suppression or a maintenance window. */
export type Suppression = z.infer<typeof suppressionSchema>;

export const newSuppressionSchema = suppressionSchema
  .pick({ scope: true, upTo: true, startMs: true, endMs: true, weekly: true })
  .extend({ reason: z.string().trim().min(1).max(500) });
/** What an analyst asks for. */
export type NewSuppression = z.infer<typeof newSuppressionSchema>;

/** The stretch of time that is running or comes next; null when there is none any more. */
export function windowAt(
  { startMs, endMs, weekly, endedMs }: Suppression,
  timeMs: number,
): { readonly startMs: number; readonly endMs: number } | null {
  const weeks = weekly && timeMs >= endMs ? Math.floor((timeMs - endMs) / weekMs) + 1 : 0;
  const window = { startMs: startMs + weeks * weekMs, endMs: endMs + weeks * weekMs };
  if (endedMs !== null && endedMs <= Math.max(timeMs, window.startMs)) return null;
  return timeMs < window.endMs ? window : null;
}

/** Whether it covers what comes at a moment. */
export function isInForce(suppression: Suppression, timeMs: number): boolean {
  const window = windowAt(suppression, timeMs);
  return window !== null && window.startMs <= timeMs;
}

/** When something starts or ends next; infinity when nothing does any more. */
export function nextChangeMs(suppression: Suppression, timeMs: number): number {
  const window = windowAt(suppression, timeMs);
  if (window === null) return Number.POSITIVE_INFINITY;
  return window.startMs > timeMs ? window.startMs : window.endMs;
}

/** When it last ended, for this week or for good; null while it never has. */
export function lastEndMs(suppression: Suppression, timeMs: number): number | null {
  const { endMs, weekly, endedMs } = suppression;
  const until = Math.min(timeMs, endedMs ?? timeMs);
  const own = endMs > until ? null : weekly ? endMs + Math.floor((until - endMs) / weekMs) * weekMs : endMs;
  const early = endedMs !== null && endedMs <= timeMs ? endedMs : null;
  return own === null ? early : early === null ? own : Math.max(own, early);
}

/** What is needed of a query for alerts to be judged by it when they come: the words for what is not, or null. */
function queryProblem(text: string): string | null {
  const { node, problems } = parseAlertQuery(text);
  const said = describeProblems(problems);
  if (said !== null) return said;
  let namesSomething = false;
  const refused = new Set<string>();
  const look = (each: QueryNode): void => {
    switch (each.type) {
      case 'all':
      case 'any':
        each.nodes.forEach(look);
        return;
      case 'not':
        look(each.node);
        return;
      case 'status':
      case 'assignee':
      case 'disposition':
      case 'case':
      case 'suppressed':
      case 'merged':
      case 'split':
      case 'count':
      case 'age':
      case 'first':
      case 'seen':
        refused.add(each.type);
        return;
      case 'snoozed':
        refused.add('status');
        return;
      case 'time':
        refused.add(each.of);
        return;
      case 'lane':
        return;
      default:
        namesSomething = true;
    }
  };
  if (node !== null) look(node);
  if (freeTextsOf(node).length > mostTextsOfOne) {
    return `Name at most ${mostTextsOfOne} free texts: each is looked for in every raw record that comes.`;
  }
  if (refused.size > 0) {
    return `Leave out ${[...refused].join(', ')}: alerts are judged as they come, by what they are.`;
  }
  return namesSomething ? null : 'Say which alerts: without a search it would hold all of them.';
}

/** What is wrong with a suppression or window that is asked for, in words; empty when nothing is. */
export function suppressionProblems(asked: NewSuppression, nowMs: number): string[] {
  const { scope, startMs, endMs, weekly } = asked;
  const isMaintenance = scope.kind === 'maintenance';
  const problems: string[] = [];
  if (asked.reason.trim() === '') problems.push('Give a reason: whoever misses the alerts wants to know it.');
  if (scope.kind === 'query') {
    const problem = queryProblem(scope.text);
    if (problem !== null) problems.push(problem);
    if (weekly) problems.push('Only a maintenance window comes back every week.');
  }
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs)) {
    return [...problems, 'Give a start and an end.'];
  }
  if (endMs <= startMs) problems.push('The end is not after the start.');
  if (!weekly && endMs <= nowMs) problems.push('The end is past already.');
  if (endMs - startMs > longestSuppressionMs)
    problems.push('It lasts 90 days at most. It can be extended later.');
  if (weekly && endMs - startMs > longestWeeklyMs) {
    problems.push('A weekly window lasts 6 days at most: it ends before it begins again.');
  }
  if (isMaintenance && startMs - nowMs > furthestStartMs) problems.push('It starts within a year.');
  return problems;
}

/**
 * A moment as it is typed: `now`, a length of time from a moment on (`4h`, `3d`), or UTC time (`2026-12-01T18:00`).
 * null when it is none of these.
 */
export function readMoment(text: string, fromMs: number): number | null {
  const typed = text.trim();
  if (typed.toLowerCase() === 'now') return fromMs;
  const durationMs = parseDuration(typed);
  return durationMs === null ? (parseMoment(typed)?.fromMs ?? null) : fromMs + durationMs;
}

/** The condition of a suppression, parsed: once for as long as it is in force. */
export type ParsedSuppression = Suppression & { readonly node: QueryNode | null };

export function parseSuppression(suppression: Suppression): ParsedSuppression {
  const { scope } = suppression;
  return { ...suppression, node: scope.kind === 'query' ? parseAlertQuery(scope.text).node : null };
}

/** Whether an alert is of the kind and within the severity that a suppression is for, whatever the time. */
export function covers(suppression: ParsedSuppression, alert: Alert, context: QueryContext): boolean {
  const { scope, node } = suppression;
  if (severityRank(alert.severity) > severityRank(suppression.upTo)) return false;
  switch (scope.kind) {
    case 'query':
      // What cannot be read any more holds nothing.
      return node !== null && matchesAlertQuery(node, alert, context);
    case 'maintenance':
      return (
        alert.customerId === scope.customerId &&
        (scope.serviceId === null || alert.serviceId === scope.serviceId)
      );
    default:
      return assertNever(scope);
  }
}

/** Whether an alert still goes on: its source says so, or, where sources never say, it came within the hour. */
export function goesOn(alert: Pick<Alert, 'sourceState' | 'lastSeenMs' | 'status'>, nowMs: number): boolean {
  if (alert.status === 'closed') return false;
  if (alert.sourceState !== null) return alert.sourceState === 'firing';
  return alert.lastSeenMs >= nowMs - goesOnWithinMs;
}

/** What it is called in sentences: `the suppression “Pentest”`. */
export function suppressionName({ scope, reason }: Pick<Suppression, 'scope' | 'reason'>): string {
  const short = reason.length <= 80 ? reason : `${reason.slice(0, 79)}…`;
  return `the ${scope.kind === 'query' ? 'suppression' : 'maintenance window'} “${short}”`;
}

/** How it ended, after its name: `ended by itself` or `was ended by Ada`. */
export function endedWords({ endedMs, endedBy }: Suppression): string {
  return endedMs === null || endedBy === null ? 'ended by itself' : `was ended by ${endedBy}`;
}

/** Until when it covers what comes at a moment, in words for histories: UTC. */
export function untilWords(suppression: Suppression, timeMs: number): string {
  return formatUtc(windowAt(suppression, timeMs)?.endMs ?? suppression.endMs);
}

/** The names by which a query calls what an alert refers to by id. */
export interface LikeNames {
  readonly customer: string | null;
  readonly service: string | null;
  readonly source: string | null;
  /** The first signal of an alert of detection. */
  readonly signal: string | null;
}

/**
 * The query for all alerts like this one: of its customer, service and source, with its title. One of detection goes by
 * the signal that deviated first: its title tells what is known so far.
 */
export function likeThisQuery(alert: Alert, names: LikeNames): string {
  const whole = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const source = alert.sourceId === 'detection' ? 'detection' : (names.source ?? alert.sourceKind);
  return [
    ...(names.customer === null ? [] : [`customer:${whole(names.customer)}`]),
    ...(names.service === null ? [] : [`service:${whole(names.service)}`]),
    `source:${whole(source)}`,
    names.signal === null ? `title:${whole(alert.title)}` : `signal:${whole(names.signal)}`,
  ].join(' ');
}

/** A suppression with what it hid. */
export const suppressionEffectSchema = suppressionSchema.extend({
  /** How many alerts it ever held or lowered, exactly, and how many of them it still does. */
  hidden: z.number().int(),
  holding: z.number().int(),
  /** The newest of them, at most five. */
  newest: z.array(
    z.object({
      alertId: z.string(),
      title: z.string(),
      severity: severitySchema,
      count: z.number().int(),
      lastSeenMs: z.number(),
      /** Since when it is held or lowered. */
      sinceMs: z.number(),
    }),
  ),
});
export type SuppressionEffect = z.infer<typeof suppressionEffectSchema>;
