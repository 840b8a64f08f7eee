import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import { parseNetwork } from '../../shared/domain/network.ts';

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

/** A proposal from alerts: whoever attacked in them, and the first one's title as the reason. */
export function proposalFromAlerts(alerts: readonly Alert[]): ProposalStart {
  const [first] = alerts;
  const customerIds = new Set(alerts.map((alert) => alert.customerId));
  const caseIds = new Set(alerts.map((alert) => alert.caseId));
  return {
    alertId: first?.id ?? null,
    caseId: caseIds.size === 1 ? (first?.caseId ?? null) : null,
    customerId: customerIds.size === 1 ? (first?.customerId ?? null) : null,
    entries: canonicalEntries(alerts.flatMap(sourcesOf)),
    reason: first?.title.slice(0, 300) ?? '',
  };
}

/** A proposal from a case: its address observables. */
export function proposalFromCase(state: CaseState): ProposalStart {
  return {
    alertId: null,
    caseId: state.id,
    customerId: state.customerId,
    entries: canonicalEntries(
      state.observables
        .filter((observable) => observable.kind === 'ip' || observable.kind === 'cidr')
        .map((observable) => observable.value),
    ),
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
