import type { Dimension } from '../domain/signal.ts';
import { mix, uniform } from './random.ts';
import type { Client, RangeService, Weighted } from './range-network.ts';
import {
  type Attack,
  type AttackLoad,
  amplifierOf,
  attackersOf,
  type Block,
  blockedAmong,
  offeredAt,
  ordinaryPackets,
} from './scenario.ts';

/** Counts by one dimension over one interval, largest first. */
export interface RangeBreakdown {
  readonly dimension: Dimension;
  /** `connections` or `packets` for the lower layers, `requests` for HTTP. */
  readonly unit: string;
  readonly total: number;
  readonly rows: readonly { readonly value: string; readonly count: number; readonly mitigated: number }[];
}

/** What one client brought to the border in an interval. */
export interface ClientTraffic {
  readonly client: Client;
  readonly requests: number;
  readonly connections: number;
  /** Dropped at the edge because a block covers it. */
  readonly blocked: boolean;
}

/** Traffic of one group of clients with what its requests look like. */
interface Group {
  readonly clients: readonly Client[];
  readonly requests: number;
  readonly connections: number;
  readonly packets: number;
  /** Part of its requests that the WAF stops. */
  readonly wafShare: number;
  readonly transport: string;
  readonly sourcePorts: readonly Weighted[];
  readonly ports: readonly Weighted[];
  /** Of TCP alone. */
  readonly flags: readonly Weighted[];
  readonly packetSizes: readonly Weighted[];
  readonly paths: readonly Weighted[];
  readonly queries: readonly Weighted[];
  readonly methods: readonly Weighted[];
  readonly statuses: readonly Weighted[];
  readonly userAgents: readonly Weighted[];
}

const ordinaryPorts: readonly Weighted[] = [
  { value: '443', weight: 0.93 },
  { value: '80', weight: 0.062 },
  { value: '8443', weight: 0.008 },
];
/** What a client's own system picks: one of thousands for each connection, told as one. */
const ephemeralPorts: readonly Weighted[] = [{ value: '1024-65535', weight: 1 }];
const ordinaryFlags: readonly Weighted[] = [
  { value: 'ACK', weight: 0.56 },
  { value: 'PSH ACK', weight: 0.27 },
  { value: 'SYN', weight: 0.08 },
  { value: 'FIN ACK', weight: 0.07 },
  { value: 'RST', weight: 0.02 },
];
const ordinarySizes: readonly Weighted[] = [
  { value: '64-127', weight: 0.42 },
  { value: '128-511', weight: 0.2 },
  { value: '512-1023', weight: 0.14 },
  { value: '1024-1518', weight: 0.24 },
];
const noQuery = '(none)';
const ordinaryQueries: readonly Weighted[] = [
  { value: noQuery, weight: 0.74 },
  { value: 'page=2', weight: 0.06 },
  { value: 'page=3', weight: 0.03 },
  { value: 'lang=en', weight: 0.05 },
  ...Array.from({ length: 24 }, (_, index) => ({ value: `q=term-${index + 1}`, weight: 0.12 / 24 })),
];
const webPort: readonly Weighted[] = [{ value: '443', weight: 1 }];
const ordinaryMethods: readonly Weighted[] = [
  { value: 'GET', weight: 0.86 },
  { value: 'POST', weight: 0.11 },
  { value: 'HEAD', weight: 0.02 },
  { value: 'OPTIONS', weight: 0.01 },
];
const ordinaryStatuses: readonly Weighted[] = [
  { value: '200', weight: 0.9 },
  { value: '304', weight: 0.06 },
  { value: '302', weight: 0.02 },
  { value: '404', weight: 0.009 },
  { value: '401', weight: 0.006 },
  { value: '403', weight: 0.003 },
  { value: '500', weight: 0.002 },
];

function only(value: string): readonly Weighted[] {
  return [{ value, weight: 1 }];
}

function attackGroup(
  service: RangeService,
  { attack, ...load }: AttackLoad,
  timeMs: number,
  seconds: number,
): Group {
  const base: Group = {
    clients: attackersOf(attack),
    requests: load.requests * seconds,
    connections: load.connections * seconds,
    packets: load.packets * seconds,
    wafShare: 0,
    transport: 'tcp',
    sourcePorts: ephemeralPorts,
    ports: webPort,
    flags: ordinaryFlags,
    packetSizes: ordinarySizes,
    paths: [],
    queries: [],
    methods: [],
    statuses: [],
    userAgents: [],
  };
  switch (attack.scenario) {
    case 'syn-flood':
      return { ...base, flags: only('SYN'), packetSizes: only('64-127') };
    case 'slow-loris':
      return { ...base, flags: only('PSH ACK'), packetSizes: only('64-127') };
    case 'udp-amplification': {
      const ports = Array.from({ length: 30 }, (_, index) => ({
        value: String(1024 + (mix(attack.seed, index) % 64_000)),
        weight: 1 / 30,
      }));
      return {
        ...base,
        transport: 'udp',
        sourcePorts: only(amplifierOf(attack).port),
        ports,
        flags: [],
        packetSizes: only('1024-1518'),
      };
    }
    case 'cache-busting':
      return {
        ...base,
        wafShare: 0.12,
        paths: only(service.cachedPath),
        // Each asked once: of such values a counter lists a few, and the rest is in its total alone.
        queries: Array.from({ length: 50 }, (_, index) => ({
          value: `_=${mix(attack.seed, Math.floor(timeMs / 1000), index).toString(36)}`,
          weight: 1 / Math.max(50, load.requests * seconds),
        })),
        methods: only('GET'),
        statuses: [
          { value: '200', weight: 0.62 },
          { value: '503', weight: 0.26 },
          { value: '403', weight: 0.12 },
        ],
        userAgents: [
          { value: 'Mozilla/5.0 (Windows NT 6.1) Chrome/49.0', weight: 0.6 },
          { value: 'Mozilla/5.0 (Windows NT 10.0) Chrome/86.0', weight: 0.4 },
        ],
      };
    case 'http-flood':
      return {
        ...base,
        wafShare: 0.12,
        paths: only(service.hotPath),
        queries: only(noQuery),
        methods: only(uniform(attack.seed, 7) < 0.5 ? 'GET' : 'POST'),
        statuses: [
          { value: '200', weight: 0.5 },
          { value: '503', weight: 0.38 },
          { value: '403', weight: 0.12 },
        ],
        userAgents: [
          { value: 'Mozilla/5.0 (Windows NT 6.1) Chrome/49.0', weight: 0.8 },
          { value: 'Go-http-client/2.0', weight: 0.2 },
        ],
      };
    case 'credential-stuffing':
      return {
        ...base,
        wafShare: 0.06,
        paths: only(service.loginPath),
        queries: only(noQuery),
        methods: only('POST'),
        statuses: [
          { value: '401', weight: 0.93 },
          { value: '403', weight: 0.06 },
          { value: '200', weight: 0.01 },
        ],
        userAgents: only('python-requests/2.33'),
      };
    default:
      return base;
  }
}

function groupsAt(
  service: RangeService,
  timeMs: number,
  seconds: number,
  attacks: readonly Attack[],
): readonly Group[] {
  const offered = offeredAt(service, timeMs, attacks);
  const ordinary: Group = {
    clients: service.clients,
    requests: offered.ordinaryRequests * seconds,
    connections: offered.ordinaryRequests * seconds * 0.35,
    packets: ordinaryPackets(service, offered.ordinaryRequests) * seconds,
    wafShare: 0.008,
    transport: 'tcp',
    sourcePorts: ephemeralPorts,
    ports: ordinaryPorts,
    flags: ordinaryFlags,
    packetSizes: ordinarySizes,
    paths: service.paths,
    queries: ordinaryQueries,
    methods: ordinaryMethods,
    statuses: ordinaryStatuses,
    userAgents: service.userAgents,
  };
  const crowd: Group = {
    ...ordinary,
    requests: offered.crowdRequests * seconds,
    connections: offered.crowdRequests * seconds * 0.35,
    packets: ordinaryPackets(service, offered.crowdRequests) * seconds,
    paths: [
      { value: '/live', weight: 0.55 },
      { value: '/', weight: 0.1 },
      ...service.paths.map(({ value, weight }) => ({ value, weight: weight * 0.35 })),
    ],
  };
  return [
    ordinary,
    ...(crowd.requests > 0 ? [crowd] : []),
    ...offered.attacks.map((load) => attackGroup(service, load, timeMs, seconds)),
  ];
}

/** Uneven from window to window as real clients are, yet a pure function of client and time. */
function unevenness(service: RangeService, index: number, timeMs: number): number {
  return 0.75 + 0.5 * uniform(service.seed, index, Math.floor(timeMs / 1000), 41);
}

/** What every client brought to the border in an interval, before blocks, attackers and ordinary clients together. */
export function clientTraffic(
  service: RangeService,
  fromMs: number,
  toMs: number,
  attacks: readonly Attack[],
  blocks: readonly Block[],
): readonly ClientTraffic[] {
  const timeMs = (fromMs + toMs) / 2;
  const byAddress = new Map<string, ClientTraffic>();
  for (const group of groupsAt(service, timeMs, (toMs - fromMs) / 1000, attacks)) {
    const dropped = blockedAmong(group.clients, blocks).clients;
    for (const [index, client] of group.clients.entries()) {
      const share = client.weight * unevenness(service, index, timeMs);
      const before = byAddress.get(client.address);
      byAddress.set(client.address, {
        client,
        requests: (before?.requests ?? 0) + group.requests * share,
        connections: (before?.connections ?? 0) + group.connections * share,
        blocked: before?.blocked ?? dropped.has(client),
      });
    }
  }
  return [...byAddress.values()];
}

class Tally {
  private unlisted = 0;
  private readonly counts = new Map<string, { count: number; mitigated: number }>();

  add(value: string, count: number, mitigated: number): void {
    const entry = this.counts.get(value) ?? { count: 0, mitigated: 0 };
    entry.count += count;
    entry.mitigated += mitigated;
    this.counts.set(value, entry);
  }

  /** Counts of values that nobody keeps: they are in the total alone. */
  addUnlisted(count: number): void {
    this.unlisted += count;
  }

  finish(dimension: Dimension, unit: string, limit: number): RangeBreakdown {
    const rows = [...this.counts]
      .map(([value, { count, mitigated }]) => ({
        value,
        count: Math.round(count),
        mitigated: Math.min(Math.round(count), Math.round(mitigated)),
      }))
      .filter((row) => row.count > 0)
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    return {
      dimension,
      unit,
      total: rows.reduce((sum, row) => sum + row.count, Math.round(this.unlisted)),
      rows: rows.slice(0, limit),
    };
  }
}

/**
 * Who and what made up the traffic of one service in an interval, by every dimension the range's edge knows.
 * Counted at the border, so what a block drops is in the count and in `mitigated`.
 */
export function breakdownsOf(
  service: RangeService,
  fromMs: number,
  toMs: number,
  attacks: readonly Attack[],
  blocks: readonly Block[],
): readonly RangeBreakdown[] {
  const timeMs = (fromMs + toMs) / 2;
  const tallies = {
    ip: new Tally(),
    as: new Tally(),
    country: new Tally(),
    sourcePort: new Tally(),
    port: new Tally(),
    transport: new Tally(),
    flags: new Tally(),
    size: new Tally(),
    path: new Tally(),
    query: new Tally(),
    agent: new Tally(),
    method: new Tally(),
    status: new Tally(),
  };
  for (const group of groupsAt(service, timeMs, (toMs - fromMs) / 1000, attacks)) {
    let sum = 0;
    let blockedSum = 0;
    const dropped = blockedAmong(group.clients, blocks).clients;
    for (const [index, client] of group.clients.entries()) {
      const share = client.weight * unevenness(service, index, timeMs);
      const blocked = dropped.has(client);
      const wafPart = group.requests > 0 ? group.wafShare : 0;
      const count = group.connections * share;
      const mitigated = blocked ? count : count * wafPart;
      tallies.ip.add(client.address, count, mitigated);
      tallies.as.add(client.as, count, mitigated);
      tallies.country.add(client.country, count, mitigated);
      sum += share;
      if (blocked) blockedSum += share;
    }
    const blockedShare = sum > 0 ? blockedSum / sum : 0;
    for (const [tally, values, amount] of [
      [tallies.sourcePort, group.sourcePorts, group.connections],
      [tallies.port, group.ports, group.connections],
      [tallies.transport, only(group.transport), group.connections],
      [tallies.flags, group.flags, group.packets],
      [tallies.size, group.packetSizes, group.packets],
    ] as const) {
      for (const { value, weight } of values) {
        tally.add(value, amount * weight * sum, amount * weight * blockedSum);
      }
    }
    const stopped = blockedShare + (1 - blockedShare) * group.wafShare;
    for (const [tally, values] of [
      [tallies.path, group.paths],
      [tallies.query, group.queries],
      [tallies.agent, group.userAgents],
      [tallies.method, group.methods],
      [tallies.status, group.statuses],
    ] as const) {
      for (const { value, weight } of values) {
        const count = group.requests * weight * sum;
        tally.add(value, count, count * stopped);
      }
    }
    const listed = group.queries.reduce((total, { weight }) => total + weight, 0);
    tallies.query.addUnlisted(group.requests * Math.max(0, 1 - listed) * sum);
  }
  return [
    tallies.ip.finish('source.ip', 'connections', 100),
    tallies.as.finish('source.as', 'connections', 50),
    tallies.country.finish('source.country', 'connections', 50),
    tallies.sourcePort.finish('source.port', 'connections', 50),
    tallies.port.finish('destination.port', 'connections', 50),
    tallies.transport.finish('network.transport', 'connections', 10),
    tallies.flags.finish('tcp.flags', 'packets', 20),
    tallies.size.finish('packet.size', 'packets', 20),
    tallies.path.finish('url.path', 'requests', 50),
    tallies.query.finish('url.query', 'requests', 50),
    tallies.agent.finish('user_agent', 'requests', 30),
    tallies.method.finish('http.method', 'requests', 10),
    tallies.status.finish('http.status', 'requests', 20),
  ];
}
