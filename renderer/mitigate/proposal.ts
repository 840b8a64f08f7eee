import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import { networksOverlap, parseNetwork, parseNetworks } from '../../shared/domain/network.ts';

/** What a proposal begins with: where it comes from, whose it is, and what there is to block. */
export interface ProposalStart {
  readonly alertId: string | null;
  readonly caseId: string | null;
  readonly customerId: string | null;
  /** Addresses and networks, canonical, each once. */
  readonly entries: readonly string[];
  readonly reason: string;
}

/** A mitigation takes so many entries at once, as the contract says. */
export const mostEntries = 200;

/** Canonical and without doubles: an address is written as such, a network as CIDR. What is neither is left out. */
export function canonicalEntries(values: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const value of values) {
    const parsed = parseNetwork(value);
    if (parsed.ok) found.add(parsed.network.cidr);
  }
  return [...found].slice(0, mostEntries);
}

function sourcesOf(alert: Alert): readonly string[] {
  return alert.entities
    .filter((entity) => entity.role === 'source' && (entity.kind === 'ip' || entity.kind === 'cidr'))
    .map((entity) => entity.value);
}

/** The entries that touch none of these networks. */
function outside(entries: readonly string[], ownRanges: readonly string[]): readonly string[] {
  const own = parseNetworks(ownRanges);
  return entries.filter((entry) => {
    const parsed = parseNetwork(entry);
    return parsed.ok && !own.some((range) => networksOverlap(range, parsed.network));
  });
}

/**
 * A proposal from alerts: whoever attacked in them, and the first one's title as the reason.
 * @param ownRanges the customers' own networks, CIDR: nothing of theirs is proposed
 */
export function proposalFromAlerts(alerts: readonly Alert[], ownRanges: readonly string[]): ProposalStart {
  const [first] = alerts;
  const customerIds = new Set(alerts.map((alert) => alert.customerId));
  const caseIds = new Set(alerts.map((alert) => alert.caseId));
  return {
    alertId: first?.id ?? null,
    caseId: caseIds.size === 1 ? (first?.caseId ?? null) : null,
    customerId: customerIds.size === 1 ? (first?.customerId ?? null) : null,
    entries: outside(canonicalEntries(alerts.flatMap(sourcesOf)), ownRanges),
    reason: first?.title.slice(0, 300) ?? '',
  };
}

/**
 * A proposal from a case: the addresses that attacked in its alerts, and those that the analyst added. What a note
 * only mentions, what was attacked and what is the customer's own is left out; it can be typed.
 * @param alerts the case's alerts, as far as they are at hand
 * @param ownRanges the customer's own networks, CIDR
 */
export function proposalFromCase(
  state: CaseState,
  alerts: readonly Alert[],
  ownRanges: readonly string[],
): ProposalStart {
  const attackers = new Set(canonicalEntries(alerts.flatMap(sourcesOf)));
  const observed = state.observables.filter(({ kind }) => kind === 'ip' || kind === 'cidr');
  const byAnalyst = observed.filter(({ from }) => from === 'analyst').map(({ value }) => value);
  const fromAlerts = canonicalEntries(
    observed.filter(({ from }) => from === 'alert').map(({ value }) => value),
  ).filter((entry) => attackers.has(entry));
  const entries = [...new Set([...fromAlerts, ...canonicalEntries(byAnalyst)])];
  return {
    alertId: null,
    caseId: state.id,
    customerId: state.customerId,
    entries: outside(entries, ownRanges),
    reason: state.title.slice(0, 300),
  };
}

/** The lines of the form as entries, with what is wrong in words; empty lines and commas are forgiven. */
export function readEntries(text: string): {
  readonly entries: readonly string[];
  readonly problems: readonly string[];
} {
  const entries = new Set<string>();
  const problems: string[] = [];
  for (const piece of text.split(/[\s,;]+/)) {
    if (piece === '') continue;
    const parsed = parseNetwork(piece);
    if (parsed.ok) entries.add(parsed.network.cidr);
    else problems.push(parsed.reason);
  }
  if (entries.size > mostEntries)
    problems.push(`At most ${mostEntries} entries at once; these are ${entries.size}.`);
  return { entries: [...entries], problems };
}

/** An entry as a person writes it: a single host without its prefix length. */
export function shortEntry(entry: string): string {
  return entry.includes(':') ? entry.replace(/\/128$/, '') : entry.replace(/\/32$/, '');
}
