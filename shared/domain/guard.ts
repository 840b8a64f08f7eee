import type { ActionPlan, GuardResult, Preview } from './mitigation.ts';
import {
  type Network,
  networkContains,
  networksOverlap,
  parseNetwork,
  parseNetworks,
  specialPurposeName,
  touchesLoopback,
} from './network.ts';
import { formatDuration } from './time.ts';

/** Everything the guards look at; gathered by the core, judged here. */
export interface GuardInput {
  readonly plan: ActionPlan;
  /** The plan's hash as it was when the mitigation was proposed. */
  readonly planHash: string;
  readonly entries: readonly string[];
  readonly ttlMs: number;
  /** The customer's own networks, CIDR. */
  readonly ownRanges: readonly string[];
  /** The exact addresses of the machine the analyst sits at. */
  readonly analystAddresses: readonly string[];
  readonly managementAddresses: readonly string[];
  /** Entries that this plan put in force in the hour before. */
  readonly entriesInLastHour: number;
}

/** Parses entries; the first one that cannot be parsed stops everything, with its reason. */
export function parseEntries(entries: readonly string[]): { networks: Network[]; problem: string | null } {
  const networks = new Map<string, Network>();
  for (const entry of entries) {
    const parsed = parseNetwork(entry);
    if (!parsed.ok) return { networks: [], problem: parsed.reason };
    networks.set(parsed.network.cidr, parsed.network);
  }
  return { networks: [...networks.values()], problem: null };
}

/** Runs every guard; all results are shown, and one that failed stops the approval. */
export function runGuards(input: GuardInput): GuardResult[] {
  const { networks, problem } = parseEntries(input.entries);
  const plan = input.plan;
  if (problem !== null) return [{ guard: 'address-syntax', passed: false, sentence: problem }];

  const own = parseNetworks(input.ownRanges);
  const analyst = parseNetworks(input.analystAddresses);
  const management = parseNetworks(input.managementAddresses);
  const allowed = parseNetworks(plan.allowList);
  const hit = (test: (network: Network) => boolean) => networks.find(test)?.cidr ?? null;
  const result = (guard: GuardResult['guard'], failed: string | null, passed: string): GuardResult => ({
    guard,
    passed: failed === null,
    sentence: failed ?? passed,
  });

  const ownHit = hit((network) => own.some((range) => networksOverlap(range, network)));
  const analystHit = hit((network) => analyst.some((address) => networkContains(network, address)));
  const loopbackHit = plan.loopbackAllowed ? null : hit(touchesLoopback);
  const managementHit = hit((network) => management.some((address) => networksOverlap(network, address)));
  const allowHit = hit((network) => allowed.some((range) => networksOverlap(range, network)));
  const specialHit = networks.find((network) => specialPurposeName(network) !== null);
  const wide = networks.find(
    (network) => network.prefixLength < (network.family === 4 ? plan.widestPrefixV4 : plan.widestPrefixV6),
  );
  const total = input.entriesInLastHour + networks.length;
  const count = networks.length === 1 ? 'The entry is' : `All ${networks.length} entries are`;

  return [
    result('address-syntax', null, `${count} written as addresses or networks, no host names.`),
    result(
      'own-ranges',
      ownHit && `${ownHit} touches the customer's own networks.`,
      own.length > 0
        ? `Not in the customer's own ${own.length === 1 ? 'network' : `${own.length} networks`}.`
        : "The customer's own networks are not recorded, so nothing could be compared.",
    ),
    result(
      'analyst-address',
      analystHit && `${analystHit} holds an address of this workstation.`,
      'Not an address of this workstation.',
    ),
    result(
      'loopback',
      loopbackHit && `${loopbackHit} touches loopback, which this plan does not list.`,
      plan.loopbackAllowed ? 'The plan lists loopback as allowed.' : 'None of it lies in 127.0.0.0/8 or ::1.',
    ),
    result(
      'management-address',
      managementHit && `${managementHit} holds the address at which the target is managed.`,
      "Not the target's management address.",
    ),
    result(
      'allow-list',
      allowHit && `${allowHit} touches the plan's allow-list.`,
      allowed.length > 0 ? `Not on the allow-list of ${allowed.length}.` : 'The plan has no allow-list.',
    ),
    result(
      'special-purpose',
      specialHit
        ? `${specialHit.cidr} touches ${specialPurposeName(specialHit) ?? 'special'} addresses.`
        : null,
      'No multicast, link-local or reserved addresses.',
    ),
    result(
      'width',
      wide
        ? `${wide.cidr} is wider than /${wide.family === 4 ? plan.widestPrefixV4 : plan.widestPrefixV6}, the widest the plan allows.`
        : null,
      `No wider than the plan's /${plan.widestPrefixV4} (IPv4) and /${plan.widestPrefixV6} (IPv6).`,
    ),
    result(
      'duration',
      input.ttlMs > plan.maxTtlMs
        ? `${formatDuration(input.ttlMs)} is longer than the plan's ${formatDuration(plan.maxTtlMs)}.`
        : input.ttlMs < 1_000
          ? 'A block lasts at least one second.'
          : null,
      `${formatDuration(input.ttlMs)}, within the plan's ${formatDuration(plan.maxTtlMs)}.`,
    ),
    result(
      'rate',
      total > plan.maxEntriesPerHour
        ? `${total} entries this hour would be more than the plan's ${plan.maxEntriesPerHour}.`
        : null,
      `${total} of ${plan.maxEntriesPerHour} entries this hour.`,
    ),
    result(
      'plan-current',
      plan.retired
        ? 'The plan was retired.'
        : plan.hash === input.planHash
          ? null
          : 'The plan has changed since this was proposed; propose it again.',
      `Plan ${plan.name} v${plan.version}, agreed by ${plan.agreedBy}.`,
    ),
  ];
}

/** What a target or source saw of clients lately. */
export interface ImpactInput {
  readonly windowMs: number;
  readonly sourceName: string;
  readonly totalRequests: number;
  readonly estimated: boolean;
  readonly clients: readonly {
    readonly address: string;
    readonly requests: number;
    readonly usual: number | null;
  }[];
}

/**
 * What the entries would have hit in the window: of the requests of the clients inside them, those above what each
 * client ordinarily sends are the excess. A client never seen before has no ordinary share: all of it is excess
 * when it sent more than the median client, else all of it is ordinary.
 */
export function computeImpact(
  entries: readonly string[],
  input: ImpactInput,
): NonNullable<Preview['impact']> {
  const networks = parseNetworks(entries);
  const sorted = input.clients.map((client) => client.requests).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  let hitRequests = 0;
  let excessRequests = 0;
  let hitClients = 0;
  for (const client of input.clients) {
    const parsed = parseNetwork(client.address);
    if (!parsed.ok || !networks.some((network) => networkContains(network, parsed.network))) continue;
    hitClients += 1;
    hitRequests += client.requests;
    // Ten times the median client within minutes is no ordinary reader, whoever it is.
    const usual = client.usual ?? (client.requests > 10 * median || sorted.length < 3 ? 0 : client.requests);
    excessRequests += Math.max(0, client.requests - usual);
  }
  return {
    windowMs: input.windowMs,
    sourceName: input.sourceName,
    totalRequests: Math.round(input.totalRequests),
    hitRequests: Math.round(hitRequests),
    excessRequests: Math.round(excessRequests),
    ordinaryRequests: Math.round(hitRequests) - Math.round(excessRequests),
    hitClients,
    estimated: input.estimated,
  };
}

/** More entries than this, or a whole network, is dangerous enough to ask for the target's name. */
const manyEntries = 10;

/** Whether an approval asks to type the target's name: networks wider than one host, or many entries at once. */
export function needsTypedTarget(entries: readonly string[]): boolean {
  return (
    entries.length > manyEntries ||
    parseNetworks(entries).some((network) => network.prefixLength < network.bytes.length * 8)
  );
}
