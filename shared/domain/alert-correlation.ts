import type { Alert } from './alert.ts';
import type { Entity, EntityKind, EntityRole } from './entity.ts';
import { formatDuration, minuteMs } from './time.ts';

/*
 * Which alerts belong together, as a proposal with its reason; a person decides.
 *
 * A reason is an entity that says whom or what it is about (an address, a host, a user ...), or the same rule of the same
 * source. It counts among alerts of one customer, in a run: sorted by when they were first seen, none came more than 15
 * minutes after the one before it. What is in more than 100 alerts at all tells nothing: a scanner, a name server, the
 * one web server that everything is about. Ports, countries, paths, networks' operators and user agents are never a
 * reason alone. Each alert is in one proposal at most: that of its most telling reason, then the larger one. Who attacked
 * tells more than what was attacked, and that more than the rule alone.
 */

/** A run ends where nothing came for longer than this. */
export const correlationPauseMs = 15 * minuteMs;
/** An entity in more alerts than these is no reason, and a proposal is no larger. */
export const mostCorrelated = 100;
const mostProposals = 20;
const leastByEntity = 2;
/** Two alerts about one server, or of one rule, are common; three within a quarter of an hour are something. */
const leastByLess = 3;

/** Kinds that are a reason, the most telling first. */
const tellingKinds: readonly EntityKind[] = [
  'file-hash',
  'user',
  'email',
  'ip',
  'host',
  'domain',
  'url',
  'cidr',
];
const kindWords: Readonly<Partial<Record<EntityKind, string>>> = {
  'file-hash': 'file',
  ip: 'address',
  cidr: 'network',
};

export type CorrelatedAlert = Pick<
  Alert,
  'id' | 'sequence' | 'customerId' | 'sourceId' | 'title' | 'firstSeenMs' | 'entities'
>;

export interface GroupProposal {
  /** By when they were first seen. */
  readonly alertIds: readonly string[];
  /** Why, in one sentence. */
  readonly reason: string;
}

interface Candidate {
  /** The lower, the more telling. */
  readonly rank: number;
  /** Fewer than these are no group. */
  readonly least: number;
  readonly words: string;
  readonly members: readonly CorrelatedAlert[];
}

const byTime = (left: CorrelatedAlert, right: CorrelatedAlert) =>
  left.firstSeenMs - right.firstSeenMs || left.sequence - right.sequence;

function runsOf(members: readonly CorrelatedAlert[]): CorrelatedAlert[][] {
  const runs: CorrelatedAlert[][] = [];
  for (const alert of members.toSorted(byTime)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (
      run === undefined ||
      last === undefined ||
      alert.firstSeenMs - last.firstSeenMs > correlationPauseMs ||
      run.length >= mostCorrelated
    ) {
      runs.push([alert]);
    } else run.push(alert);
  }
  return runs;
}

/** The parts that an entity plays in some alerts. */
function rolesOf({ kind, value }: Entity, members: readonly CorrelatedAlert[]): ReadonlySet<EntityRole> {
  return new Set(
    members.flatMap(({ entities }) =>
      entities.filter((each) => each.kind === kind && each.value === value).map(({ role }) => role),
    ),
  );
}

/** What of an entity all members say: its role too, where it is the same for all. */
function entityWords({ kind, value }: Entity, roles: ReadonlySet<EntityRole>): string {
  const [role] = roles;
  const what = kindWords[kind] ?? kind;
  return `same ${roles.size === 1 && role !== undefined && role !== 'related' ? `${role} ` : ''}${what} ${value}`;
}

/**
 * @param alerts some thousands at most, each once
 * @param known.alertsWith in how many alerts at all an entity is, counted up to `mostCorrelated + 1`
 */
export function proposeGroups(
  alerts: readonly CorrelatedAlert[],
  known: {
    readonly alertsWith: (entity: Pick<Entity, 'kind' | 'value'>) => number;
    readonly customerName: (id: string) => string | null;
  },
): GroupProposal[] {
  const byEntity = new Map<string, { readonly entity: Entity; readonly members: Set<CorrelatedAlert> }>();
  const byRule = new Map<string, CorrelatedAlert[]>();
  for (const alert of alerts) {
    const customer = alert.customerId ?? '';
    for (const entity of alert.entities) {
      if (!tellingKinds.includes(entity.kind)) continue;
      const key = `${customer}\0${entity.kind}\0${entity.value}`;
      const known = byEntity.get(key);
      if (known === undefined) byEntity.set(key, { entity, members: new Set([alert]) });
      else known.members.add(alert);
    }
    const key = `${customer}\0${alert.sourceId}\0${alert.title}`;
    const rule = byRule.get(key);
    if (rule === undefined) byRule.set(key, [alert]);
    else rule.push(alert);
  }
  const candidates: Candidate[] = [];
  for (const { entity, members } of byEntity.values()) {
    if (members.size < leastByEntity || members.size > mostCorrelated) continue;
    const runs = runsOf([...members]).filter((run) => run.length >= leastByEntity);
    if (runs.length === 0 || known.alertsWith(entity) > mostCorrelated) continue;
    for (const run of runs) {
      const roles = rolesOf(entity, run);
      const isTarget = roles.size === 1 && roles.has('destination');
      if (isTarget && run.length < leastByLess) continue;
      candidates.push({
        rank: tellingKinds.indexOf(entity.kind) + (isTarget ? tellingKinds.length : 0),
        least: isTarget ? leastByLess : leastByEntity,
        words: entityWords(entity, roles),
        members: run,
      });
    }
  }
  for (const members of byRule.values()) {
    if (members.length < leastByLess || members.length > mostCorrelated) continue;
    for (const run of runsOf(members)) {
      if (run.length < leastByLess) continue;
      candidates.push({
        rank: 2 * tellingKinds.length,
        least: leastByLess,
        words: 'same rule of the same source',
        members: run,
      });
    }
  }
  candidates.sort(
    (left, right) =>
      left.rank - right.rank ||
      right.members.length - left.members.length ||
      (left.members[0]?.sequence ?? 0) - (right.members[0]?.sequence ?? 0) ||
      (left.words < right.words ? -1 : 1),
  );
  const proposals: GroupProposal[] = [];
  const taken = new Set<string>();
  for (const { least, members, words } of candidates) {
    if (proposals.length === mostProposals) break;
    const free = members.filter(({ id }) => !taken.has(id));
    // Without those that belong elsewhere the rest may lie apart.
    for (const run of runsOf(free)) {
      if (run.length < least || proposals.length === mostProposals) continue;
      for (const { id } of run) taken.add(id);
      proposals.push({ alertIds: run.map(({ id }) => id), reason: reasonOf(run, words, known.customerName) });
    }
  }
  return proposals;
}

function reasonOf(
  members: readonly CorrelatedAlert[],
  words: string,
  customerName: (id: string) => string | null,
): string {
  const customerId = members[0]?.customerId ?? null;
  const customer =
    customerId === null ? 'no customer known' : `same customer ${customerName(customerId) ?? customerId}`;
  const spanMs = (members.at(-1)?.firstSeenMs ?? 0) - (members[0]?.firstSeenMs ?? 0);
  const time = spanMs === 0 ? 'first seen at once' : `first seen within ${formatDuration(spanMs)}`;
  return `These ${members.length} belong together: ${words}, ${customer}, ${time}.`;
}
