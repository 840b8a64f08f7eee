import ipaddr from 'ipaddr.js';
import type { ScenarioName } from '../domain/range.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../domain/time.ts';
import { mix, normal, sequence, smoothNoise, uniform } from './random.ts';
import {
  type Client,
  clientOf,
  type RangeNetwork,
  type RangeService,
  type RangeSignalKey,
} from './range-network.ts';

/** What each scenario is called and does, for people. */
export const scenarioCatalogue: readonly {
  readonly name: ScenarioName;
  readonly label: string;
  readonly summary: string;
  readonly isAttack: boolean;
  /** How long one lasts at speed 1, ms. */
  readonly durationMs: number;
}[] = [
  {
    name: 'syn-flood',
    label: 'SYN flood',
    summary: 'A botnet opens connections and never finishes them: SYN and packets surge, requests suffer.',
    isAttack: true,
    durationMs: 5 * minuteMs,
  },
  {
    name: 'udp-amplification',
    label: 'UDP amplification',
    summary: 'Reflectors answer questions that were never asked: the line fills, reachability falls.',
    isAttack: true,
    durationMs: 5 * minuteMs,
  },
  {
    name: 'http-flood',
    label: 'HTTP flood',
    summary: 'A few networks ask an expensive page over and over: the origin slows and fails.',
    isAttack: true,
    durationMs: 6 * minuteMs,
  },
  {
    name: 'cache-busting',
    label: 'Cache-busting flood',
    summary: 'A cached page is asked with a new query each time: the cache cannot answer, the origin must.',
    isAttack: true,
    durationMs: 6 * minuteMs,
  },
  {
    name: 'slow-loris',
    label: 'Slow loris',
    summary: 'Requests that are never finished hold every session: traffic hardly changes, nobody gets in.',
    isAttack: true,
    durationMs: 6 * minuteMs,
  },
  {
    name: 'credential-stuffing',
    label: 'Credential stuffing',
    summary: 'Stolen passwords are tried on the sign-in page: refused requests rise, the total hardly.',
    isAttack: true,
    durationMs: 7 * minuteMs,
  },
  {
    name: 'slow-origin-failure',
    label: 'Slow origin failure',
    summary: 'The origin slows minute by minute, then fails. Nobody attacks.',
    isAttack: false,
    durationMs: 8 * minuteMs,
  },
  {
    name: 'loss-of-reachability',
    label: 'Loss of reachability',
    summary: 'A carrier loses the routes: clients cannot reach the service and traffic falls.',
    isAttack: false,
    durationMs: 5 * minuteMs,
  },
  {
    name: 'flash-crowd',
    label: 'Flash crowd',
    summary: 'Everybody wants the same page at once: a surge that is not an attack.',
    isAttack: false,
    durationMs: 7 * minuteMs,
  },
];

/** One run of a scenario against one service. */
export interface Attack {
  readonly scenario: ScenarioName;
  readonly serviceKey: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly seed: number;
}

/** A block in force at the range's edge: traffic from the network is dropped at the border. */
export interface Block {
  /** Canonical CIDR. */
  readonly entry: string;
}

/** What one service does at one moment, by signal. */
export type ServiceState = Readonly<Record<RangeSignalKey, number>>;

/** How long an ordinary session stays open beyond the answer, seconds for each request. */
const sessionSeconds = 1.6;
/** Who floods does not linger, seconds for each request. */
const attackSessionSeconds = 0.5;
/** How long the edge waits for a request that never ends, seconds. */
const slowSessionSeconds = 60;
/** Sessions that the edge takes, times those of the busiest half-hour. */
const mostSessions = 5;

/** How often a request comes on a connection of its own. */
const connectionsPerRequest = 0.35;

/** Rises from 0 to 1, stays, falls: `rise` and `fall` as parts of the whole length. */
function envelope(attack: Attack, timeMs: number, rise: number, fall: number): number {
  if (timeMs < attack.startMs || timeMs >= attack.endMs) return 0;
  const position = (timeMs - attack.startMs) / (attack.endMs - attack.startMs);
  return Math.min(1, position / rise, (1 - position) / fall);
}

function strength(attack: Attack, timeMs: number): number {
  switch (attack.scenario) {
    case 'slow-origin-failure':
      return envelope(attack, timeMs, 0.6, 0.06);
    case 'flash-crowd':
      return envelope(attack, timeMs, 0.2, 0.35);
    case 'loss-of-reachability':
      return envelope(attack, timeMs, 0.02, 0.04);
    // Each session is held for a while: they pile up, and run out after the last one was opened.
    case 'slow-loris':
      return envelope(attack, timeMs, 0.12, 0.08);
    default:
      return envelope(attack, timeMs, 0.04, 0.04);
  }
}

/** How busy a service ordinarily is at a moment, 1 at its busiest half-hour. */
function dailyShape(service: RangeService, timeMs: number): number {
  const hour = (timeMs % dayMs) / hourMs;
  const angle = ((hour - service.peakHourUtc) / 24) * 2 * Math.PI;
  // Two harmonics: a broad day with a flatter night.
  const wave = 0.5 + 0.5 * Math.cos(angle);
  const day = service.nightShare + (1 - service.nightShare) * (0.75 * wave + 0.25 * wave ** 3);
  return day * weekFactor(service, timeMs);
}

/** Weekends fade in and out over the six hours around midnight. */
function weekFactor(service: RangeService, timeMs: number): number {
  const factorOf = (dayIndex: number) => {
    const weekday = (((dayIndex + 4) % 7) + 7) % 7;
    return weekday === 0 || weekday === 6 ? service.weekendFactor : 1;
  };
  const position = timeMs / dayMs;
  const day = Math.floor(position);
  const within = position - day;
  const today = factorOf(day);
  if (within < 0.125) return factorOf(day - 1) + (today - factorOf(day - 1)) * (0.5 + within * 4);
  if (within > 0.875) return today + (factorOf(day + 1) - today) * ((within - 0.875) * 4);
  return today;
}

/** Now and then something small and ordinary: a newsletter, a slow query, a scanner. At most one a day and service. */
function ordinaryBump(service: RangeService, timeMs: number, kind: number): number {
  const day = Math.floor(timeMs / dayMs);
  if (uniform(service.seed, day, 11) > 0.5 || mix(service.seed, day, 12) % 3 !== kind) return 0;
  const startMs = day * dayMs + (1 + uniform(service.seed, day, 13) * 21) * hourMs;
  const lengthMs = (8 + uniform(service.seed, day, 14) * 20) * minuteMs;
  const position = (timeMs - startMs) / lengthMs;
  if (position <= 0 || position >= 1) return 0;
  return Math.sin(position * Math.PI) * (0.4 + 0.6 * uniform(service.seed, day, 15));
}

function noise(service: RangeService, timeMs: number, salt: number): number {
  const seed = mix(service.seed, salt);
  return (
    0.022 * smoothNoise(seed, timeMs, 40 * minuteMs) +
    0.016 * smoothNoise(seed + 1, timeMs, 6 * minuteMs) +
    0.014 * smoothNoise(seed + 2, timeMs, 45 * secondMs) +
    0.012 * normal(seed + 3, Math.floor(timeMs / secondMs))
  );
}

const attackerCounts: Partial<Record<ScenarioName, number>> = {
  'syn-flood': 22,
  'udp-amplification': 34,
  'http-flood': 16,
  'cache-busting': 28,
  'slow-loris': 14,
  'credential-stuffing': 18,
};

/** A protocol whose servers answer a small question with a large answer to whoever it claims to come from. */
export interface Amplifier {
  readonly name: string;
  /** The servers' own port: where their answers come from. */
  readonly port: string;
}

/** The usual ones, with the ports that IANA gave them. */
const amplifiers: readonly Amplifier[] = [
  { name: 'DNS', port: '53' },
  { name: 'NTP', port: '123' },
  { name: 'CLDAP', port: '389' },
  { name: 'SSDP', port: '1900' },
  { name: 'Memcached', port: '11211' },
];

/** What the reflectors of an amplification attack speak, by its seed. */
export function amplifierOf(attack: Attack): Amplifier {
  const amplifier = amplifiers[mix(attack.seed, 8) % amplifiers.length];
  if (amplifier === undefined) throw new Error('there is an amplifier for every remainder');
  return amplifier;
}

const attackerCache = new WeakMap<Attack, readonly Client[]>();

/**
 * Who takes part in an attack, by its seed: two hired networks close together, a few stray machines among ordinary
 * clients, one IPv6 network. Weights add up to 1. Scenarios without attackers give none.
 */
export function attackersOf(attack: Attack): readonly Client[] {
  const cached = attackerCache.get(attack);
  if (cached !== undefined) return cached;
  const random = sequence(attack.seed);
  const size = attackerCounts[attack.scenario] ?? 0;
  const clusters = [Math.floor(random() * 4) * 32, Math.floor(random() * 4) * 32];
  const addresses = new Set<string>();
  while (addresses.size < size) {
    const draw = random();
    if (draw < 0.7) {
      const cluster = clusters[addresses.size % 2] ?? 0;
      addresses.add(`198.51.100.${cluster + 1 + Math.floor(random() * 30)}`);
    } else if (draw < 0.88) {
      addresses.add(`203.0.113.${1 + Math.floor(random() * 254)}`);
    } else {
      addresses.add(
        `2001:db8:bad:${Math.floor(random() * 8).toString(16)}::${(1 + Math.floor(random() * 60000)).toString(16)}`,
      );
    }
  }
  const raw = Array.from({ length: size }, (_, index) => 1 / (index + 4) ** 0.8);
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const clients = [...addresses].map((address, index) => clientOf(address, (raw[index] ?? 0) / sum));
  attackerCache.set(attack, clients);
  return clients;
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

const networkCache = new WeakMap<Block, Network>();

function networkOfBlock(block: Block): Network {
  const cached = networkCache.get(block);
  if (cached !== undefined) return cached;
  const network = ipaddr.parseCIDR(block.entry);
  networkCache.set(block, network);
  return network;
}

function covers([network, bits]: Network, { parsed }: Client): boolean {
  if (network instanceof ipaddr.IPv4) return parsed instanceof ipaddr.IPv4 && parsed.match(network, bits);
  return parsed instanceof ipaddr.IPv6 && parsed.match(network, bits);
}

/** Clients that are dropped, and the part of their group's traffic that goes with them. */
interface BlockedClients {
  readonly clients: ReadonlySet<Client>;
  readonly share: number;
}

const nobody: BlockedClients = { clients: new Set(), share: 0 };
const blockedCache = new WeakMap<readonly Block[], WeakMap<readonly Client[], BlockedClients>>();

/** Which of a group the blocks drop. Remembered by the identity of both lists, so keep them while nothing changes. */
export function blockedAmong(clients: readonly Client[], blocks: readonly Block[]): BlockedClients {
  if (blocks.length === 0 || clients.length === 0) return nobody;
  let byClients = blockedCache.get(blocks);
  if (byClients === undefined) {
    byClients = new WeakMap();
    blockedCache.set(blocks, byClients);
  }
  const cached = byClients.get(clients);
  if (cached !== undefined) return cached;
  const networks = blocks.map(networkOfBlock);
  const dropped = clients.filter((client) => networks.some((network) => covers(network, client)));
  const result = {
    clients: new Set(dropped),
    share: dropped.reduce((sum, { weight }) => sum + weight, 0),
  };
  byClients.set(clients, result);
  return result;
}

/** Requests and connections a second that one attack brings to the border, before any block. */
export interface AttackLoad {
  readonly attack: Attack;
  readonly requests: number;
  /** Flows of any kind. */
  readonly connections: number;
  /** Of these, TCP connections that begin: what a SYN counter sees. */
  readonly syns: number;
  readonly packets: number;
  readonly bits: number;
  /** Sessions that it keeps open at the edge without asking for anything. */
  readonly heldSessions: number;
}

function attackLoad(service: RangeService, attack: Attack, timeMs: number): AttackLoad {
  const level = strength(attack, timeMs) * (0.85 + 0.3 * uniform(attack.seed, 5));
  const flutter = 1 + 0.06 * smoothNoise(attack.seed, timeMs, 8 * secondMs);
  const peak = service.peakRequests;
  const zero = { attack, requests: 0, connections: 0, syns: 0, packets: 0, bits: 0, heldSessions: 0 };
  switch (attack.scenario) {
    case 'syn-flood': {
      const connections = peak * 14 * level * flutter;
      return {
        ...zero,
        connections,
        syns: connections,
        packets: connections * 1.1,
        bits: connections * 60 * 8,
      };
    }
    case 'udp-amplification': {
      const bits = peak * service.bytesPerRequest * 8 * 16 * level * flutter;
      const packets = bits / 8 / 1_180;
      return { ...zero, connections: packets / 30, packets, bits };
    }
    case 'http-flood': {
      const requests = peak * 5.5 * level * flutter;
      return {
        ...zero,
        requests,
        connections: requests * 0.5,
        syns: requests * 0.5,
        packets: requests * 9,
        bits: requests * 700 * 8,
      };
    }
    case 'cache-busting': {
      const requests = peak * 2.6 * level * flutter;
      return {
        ...zero,
        requests,
        connections: requests * 0.4,
        syns: requests * 0.4,
        packets: requests * 8,
        bits: requests * 620 * 8,
      };
    }
    case 'slow-loris': {
      const heldSessions = peak * sessionSeconds * 9 * level;
      const connections = (heldSessions / slowSessionSeconds) * flutter;
      return {
        ...zero,
        connections,
        syns: connections,
        packets: heldSessions / 5,
        bits: heldSessions * 20 * 8,
        heldSessions,
      };
    }
    case 'credential-stuffing': {
      const requests = peak * 0.3 * level * flutter;
      return {
        ...zero,
        requests,
        connections: requests,
        syns: requests,
        packets: requests * 11,
        bits: requests * 1_100 * 8,
      };
    }
    case 'slow-origin-failure':
    case 'loss-of-reachability':
    case 'flash-crowd':
      return zero;
  }
}

/** Traffic as it comes to the border at a moment: ordinary clients, and each attack by itself. */
export interface Offered {
  readonly ordinaryRequests: number;
  readonly crowdRequests: number;
  readonly attacks: readonly AttackLoad[];
}

function activeAttacks(service: RangeService, timeMs: number, attacks: readonly Attack[]): readonly Attack[] {
  return attacks.filter(
    (attack) => attack.serviceKey === service.key && timeMs >= attack.startMs && timeMs < attack.endMs,
  );
}

/** What comes to the border before anything is dropped. */
export function offeredAt(service: RangeService, timeMs: number, attacks: readonly Attack[]): Offered {
  const active = activeAttacks(service, timeMs, attacks);
  const trend = 1 + 0.05 * Math.sin((timeMs / (61 * dayMs) + uniform(service.seed, 3)) * 2 * Math.PI);
  const bump = 1 + 0.14 * ordinaryBump(service, timeMs, 0);
  const base =
    service.peakRequests * dailyShape(service, timeMs) * trend * bump * Math.exp(noise(service, timeMs, 21));
  const unreachable = active
    .filter((attack) => attack.scenario === 'loss-of-reachability')
    .reduce((left, attack) => left * (1 - 0.72 * strength(attack, timeMs)), 1);
  const crowd = active
    .filter((attack) => attack.scenario === 'flash-crowd')
    .reduce((sum, attack) => sum + (2.2 + uniform(attack.seed, 6)) * strength(attack, timeMs), 0);
  return {
    ordinaryRequests: base * unreachable,
    crowdRequests: base * unreachable * crowd,
    attacks: active
      .map((attack) => attackLoad(service, attack, timeMs))
      .filter((load) => load.connections > 0),
  };
}

/** Packets a second that ordinary requests bring with them. */
export function ordinaryPackets(service: RangeService, requests: number): number {
  return requests * (service.bytesPerRequest / 700 + 3);
}

function clampPercent(value: number): number {
  return Math.min(100, Math.max(0, value));
}

/**
 * Everything that is measured of a service at a moment. A pure function of its arguments: history at five minutes
 * and live samples at a second are cuts through the same curve. The edge drops blocked networks at the border, in
 * front of where bits, packets and connections are counted, so a block makes those fall too.
 */
export function serviceStateAt(
  service: RangeService,
  timeMs: number,
  attacks: readonly Attack[],
  blocks: readonly Block[],
): ServiceState {
  const offered = offeredAt(service, timeMs, attacks);
  const active = activeAttacks(service, timeMs, attacks);
  const ordinaryKept = 1 - blockedAmong(service.clients, blocks).share;
  const kept = offered.attacks.map((load) => ({
    load,
    share: 1 - blockedAmong(attackersOf(load.attack), blocks).share,
  }));
  const sumKept = (part: 'requests' | 'syns' | 'packets' | 'bits' | 'heldSessions') =>
    kept.reduce((sum, { load, share }) => sum + load[part] * share, 0);

  const wanted = (offered.ordinaryRequests + offered.crowdRequests) * ordinaryKept;
  const blockedConnections =
    (offered.ordinaryRequests + offered.crowdRequests) * (1 - ordinaryKept) * connectionsPerRequest +
    kept.reduce((sum, { load, share }) => sum + load.connections * (1 - share), 0);

  const peakBits = service.peakRequests * service.bytesPerRequest * 8;
  const bitsIn = wanted * service.bytesPerRequest * 8 + sumKept('bits');
  const lineLoad = bitsIn / (peakBits * 6.5);
  // A full line drops what does not fit, whoever sent it.
  const lineLoss = lineLoad > 1 ? 1 - 1 / lineLoad : 0;
  const connections = wanted * connectionsPerRequest + sumKept('syns');
  const tableLoad = connections / (service.peakRequests * 5);
  const tableLoss = tableLoad > 1 ? Math.min(0.75, 0.35 * (tableLoad - 1)) : 0;
  const pathLoss = active
    .filter((attack) => attack.scenario === 'loss-of-reachability')
    .reduce((loss, attack) => Math.max(loss, 0.7 * strength(attack, timeMs)), 0);
  // Who holds a session keeps it from somebody else.
  const sessionSlots = service.peakRequests * sessionSeconds * mostSessions;
  const sessionsWanted =
    wanted * sessionSeconds + sumKept('requests') * attackSessionSeconds + sumKept('heldSessions');
  const slotLoss = sessionsWanted > sessionSlots ? 1 - sessionSlots / sessionsWanted : 0;
  const through = (1 - lineLoss) * (1 - tableLoss) * (1 - slotLoss);

  const ordinaryAtEdge = wanted * through;
  const attackAtEdge = sumKept('requests') * through;
  const requests = ordinaryAtEdge + attackAtEdge;

  const stuffing = kept
    .filter(({ load }) => load.attack.scenario === 'credential-stuffing')
    .reduce((sum, { load, share }) => sum + load.requests * share * through, 0);
  const scanner = 4 * ordinaryBump(service, timeMs, 2);
  const wafOrdinary = ordinaryAtEdge * 0.008 * (1 + scanner) * Math.exp(4 * noise(service, timeMs, 22));
  const wafAttack = (attackAtEdge - stuffing) * 0.12 + stuffing * 0.06;
  const wafMitigated = wafOrdinary + wafAttack;

  const crowdShare = offered.crowdRequests / Math.max(offered.ordinaryRequests + offered.crowdRequests, 1e-9);
  const ordinaryHit = clampPercent(
    service.cacheHitPercent + crowdShare * (97 - service.cacheHitPercent) + 12 * noise(service, timeMs, 23),
  );
  const hits = (ordinaryAtEdge * ordinaryHit) / 100 + (attackAtEdge - stuffing) * 0.03;
  const originRequests = Math.max(0, requests - wafMitigated - hits);
  const cacheHit = (hits / Math.max(requests - wafMitigated, 1e-9)) * 100;

  const failing = active
    .filter((attack) => attack.scenario === 'slow-origin-failure')
    .reduce((worst, attack) => Math.max(worst, strength(attack, timeMs)), 0);
  const load = originRequests / service.originCapacity;
  const slowQuery = 1 + 0.16 * ordinaryBump(service, timeMs, 1);
  const originLatency =
    service.originLatencyMs *
    (1 + 0.25 * load ** 2 + Math.min(14, 2.2 * Math.max(0, load - 0.9) ** 1.2)) *
    (1 + 9 * failing ** 1.5) *
    slowQuery *
    Math.exp(1.6 * noise(service, timeMs, 24));
  const failureShare = Math.min(
    0.9,
    0.0015 + 0.3 * Math.max(0, load - 1.1) + 0.5 * Math.max(0, failing - 0.55) ** 1.3 * 2,
  );
  const originErrors = originRequests * failureShare * Math.exp(3 * noise(service, timeMs, 25));

  const refusedShare = 0.012 * Math.exp(3 * noise(service, timeMs, 26));
  const refused = ordinaryAtEdge * refusedShare + wafMitigated + stuffing * 0.93;
  const answered = 1 - failureShare * (originRequests / Math.max(requests, 1e-9));
  const probeNoise = Math.abs(noise(service, timeMs, 27));
  return {
    'client.reachability': clampPercent(
      100 * (1 - pathLoss) * (1 - lineLoss * 0.8) * (1 - tableLoss * 0.8) * (1 - slotLoss * 0.8) -
        2 * probeNoise,
    ),
    'client.latency':
      (38 + 0.8 * originLatency * (1 - ordinaryHit / 130)) *
      (1 + 3 * lineLoss + 2.5 * tableLoss + 2.5 * slotLoss + 1.2 * pathLoss) *
      Math.exp(noise(service, timeMs, 28)),
    'network.bits': Math.min(bitsIn, peakBits * 6.5) * Math.exp(0.4 * noise(service, timeMs, 29)),
    'network.packets':
      (ordinaryPackets(service, wanted) + sumKept('packets')) * Math.exp(0.5 * noise(service, timeMs, 30)),
    'network.connections': connections * Math.exp(0.7 * noise(service, timeMs, 31)),
    'edge.requests': requests,
    'edge.sessions':
      Math.min(sessionSlots, sessionsWanted + (originRequests * originLatency) / 1000) *
      Math.exp(1.2 * noise(service, timeMs, 32)),
    'edge.client-errors': refused,
    'edge.blocked': blockedConnections,
    'waf.mitigated': wafMitigated,
    'cache.hit-ratio': clampPercent(cacheHit),
    'origin.requests': originRequests,
    'origin.latency': originLatency,
    'origin.errors': originErrors,
    'origin.availability': clampPercent(100 * answered - probeNoise),
  };
}

/** One signal of a service at a moment; see `serviceStateAt`. */
export function valueAt(
  service: RangeService,
  key: RangeSignalKey,
  timeMs: number,
  attacks: readonly Attack[],
  blocks: readonly Block[],
): number {
  return serviceStateAt(service, timeMs, attacks, blocks)[key];
}

/** Draws a run of a scenario: against which service of a customer, and with which attackers. */
export function drawAttack(
  network: RangeNetwork,
  choice: {
    readonly scenario: ScenarioName;
    readonly customerName: string | null;
    readonly startMs: number;
    readonly speed: number;
    readonly draw: number;
  },
): Attack {
  const services = network.services.filter(
    (service) => choice.customerName === null || service.customerName === choice.customerName,
  );
  const pool = services.length > 0 ? services : network.services;
  const seed = mix(network.seed, choice.draw, choice.startMs);
  const service = pool[mix(seed, 1) % pool.length];
  const entry = scenarioCatalogue.find(({ name }) => name === choice.scenario);
  const durationMs = (entry?.durationMs ?? 5 * minuteMs) / Math.max(1, choice.speed);
  return {
    scenario: choice.scenario,
    serviceKey: service?.key ?? '',
    startMs: choice.startMs,
    endMs: choice.startMs + Math.max(20 * secondMs, Math.round(durationMs)),
    seed,
  };
}
