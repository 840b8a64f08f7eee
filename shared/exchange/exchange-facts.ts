import type { Alert } from '../domain/alert.ts';
import type { CaseState, Tlp, Verdict } from '../domain/case.ts';
import { type Network, networkContains, parseNetworks } from '../domain/network.ts';
import type { RetrospectiveInput } from '../report/retrospective-model.ts';
import type { Sha1 } from './name-uuid.ts';
import { strictestTlp } from './stix-objects.ts';
import type { KindAndValue } from './stix-observable.ts';

/** What an export needs beside the case itself, and the one function that is lent to it. */
export interface ExchangeContext extends Omit<RetrospectiveInput, 'case'> {
  readonly sha1: Sha1;
}

/** When and how often something was seen. */
export interface Sightings {
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
}

/** What a case knows of one of its observables. */
export interface ObservableFacts extends KindAndValue {
  readonly addedMs: number;
  /** Whom it may be shown to: its own marking, its entry's, or the case's, whichever is strictest. */
  readonly tlp: Tlp;
  /**
   * What an analyst judged. Else `malicious`: it was blocked, or attacked in an alert that was closed as a true positive. `suspicious`: it is the
   * source of an alert that nobody has found to be harmless. `benign`: of such alerts only. Else `unknown`.
   */
  readonly verdict: Verdict;
  /** As an alert's source and as people noted; null where neither is. */
  readonly sightings: Sightings | null;
  readonly role: 'source' | 'destination' | 'related' | null;
}

const keyOf = ({ kind, value }: KindAndValue) => `${kind} ${value}`;

/** Alerts by the observables in them. */
function alertsByEntity(alerts: readonly Alert[]): Map<string, { role: string; alert: Alert }[]> {
  const byEntity = new Map<string, { role: string; alert: Alert }[]>();
  for (const alert of alerts) {
    for (const entity of alert.entities) {
      const rows = byEntity.get(keyOf(entity)) ?? [];
      byEntity.set(keyOf(entity), rows);
      rows.push({ role: entity.role, alert });
    }
  }
  return byEntity;
}

/** What was, or is, blocked: by the mitigations themselves where they are given, else by the case's own notes. */
function blockedNetworks(state: CaseState, mitigations: ExchangeContext['mitigations']): Network[] {
  const inForce = mitigations.filter(({ mitigation }) => mitigation.verifiedMs !== null);
  const given = new Set(mitigations.map(({ mitigation }) => mitigation.id));
  const noted = state.mitigations.filter(
    ({ id, state: step }) => !given.has(id) && ['applied', 'verified', 'ended'].includes(step),
  );
  return parseNetworks([
    ...inForce.flatMap(({ mitigation }) => mitigation.entries),
    ...noted.flatMap(({ entries }) => entries),
  ]);
}

function verdictOf(asSource: readonly Alert[], blocked: boolean): Verdict {
  if (blocked || asSource.some(({ disposition }) => disposition === 'true-positive')) return 'malicious';
  const isHarmless = ({ disposition }: Alert) =>
    disposition === 'benign-positive' || disposition === 'false-positive';
  if (asSource.length === 0) return 'unknown';
  return asSource.every(isHarmless) ? 'benign' : 'suspicious';
}

/** The most that STIX takes as a count of sightings. */
const mostSightings = 999_999_999;

function sightingsOf(
  asSource: readonly Alert[],
  noted: CaseState['observables'][number]['sightings'],
): Sightings | null {
  const all = [
    ...asSource.map(({ firstSeenMs, lastSeenMs, count }) => ({ firstSeenMs, lastSeenMs, count })),
    ...noted.map(({ seenMs, count }) => ({ firstSeenMs: seenMs, lastSeenMs: seenMs, count })),
  ];
  if (all.length === 0) return null;
  return {
    firstSeenMs: Math.min(...all.map(({ firstSeenMs }) => firstSeenMs)),
    lastSeenMs: Math.max(...all.map(({ lastSeenMs }) => lastSeenMs)),
    count: Math.min(
      mostSightings,
      all.reduce((sum, { count }) => sum + count, 0),
    ),
  };
}

/** The case's observables with what is known of each, in the order in which the case shows them. */
export function factsOf(
  state: CaseState,
  { alerts, mitigations }: Pick<ExchangeContext, 'alerts' | 'mitigations'>,
): ObservableFacts[] {
  const byEntity = alertsByEntity(alerts);
  const blocked = blockedNetworks(state, mitigations);
  const entryTlps = new Map<string, Tlp | null>();
  for (const { payload, tlp } of state.timeline) {
    if (payload?.kind !== 'observable-added') continue;
    const key = keyOf({ kind: payload.entityKind, value: payload.value });
    entryTlps.set(key, strictestTlp([entryTlps.get(key) ?? null, tlp]));
  }
  return state.observables.map(({ kind, value, addedMs, tlp, verdict, sightings }) => {
    const rows = byEntity.get(keyOf({ kind, value })) ?? [];
    const asSource = rows.filter(({ role }) => role === 'source').map(({ alert }) => alert);
    const networks = kind === 'ip' || kind === 'cidr' ? parseNetworks([value]) : [];
    const isBlocked = networks.some((network) => blocked.some((outer) => networkContains(outer, network)));
    const roles = new Set(rows.map(({ role }) => role));
    return {
      kind,
      value,
      addedMs,
      tlp: strictestTlp([state.tlp, tlp, entryTlps.get(keyOf({ kind, value })) ?? null]) ?? state.tlp,
      verdict: verdict ?? verdictOf(asSource, isBlocked),
      sightings: sightingsOf(asSource, sightings),
      role: (['source', 'destination', 'related'] as const).find((role) => roles.has(role)) ?? null,
    };
  });
}
