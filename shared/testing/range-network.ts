import ipaddr from 'ipaddr.js';
import type { Layer, Measure, Stage } from '../domain/signal.ts';
import { sequence, textSeed } from './random.ts';

/** One signal that every service of the range has. */
export interface RangeSignal {
  readonly key: RangeSignalKey;
  readonly name: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
  readonly unit: string;
}

export const rangeSignalKeys = [
  'client.reachability',
  'client.latency',
  'network.bits',
  'network.packets',
  'network.connections',
  'edge.requests',
  'edge.sessions',
  'edge.client-errors',
  'edge.blocked',
  'waf.mitigated',
  'cache.hit-ratio',
  'origin.requests',
  'origin.latency',
  'origin.errors',
  'origin.availability',
] as const;
export type RangeSignalKey = (typeof rangeSignalKeys)[number];

/** The life of a request, stage by stage, as every service of the range is watched. */
export const rangeSignals: readonly RangeSignal[] = [
  {
    key: 'client.reachability',
    name: 'Reachability',
    stage: 'client',
    layer: 'L3',
    measure: 'reachability',
    unit: '%',
  },
  {
    key: 'client.latency',
    name: 'Page latency',
    stage: 'client',
    layer: 'L7',
    measure: 'latency',
    unit: 'ms',
  },
  { key: 'network.bits', name: 'Traffic in', stage: 'network', layer: 'L3', measure: 'bits', unit: 'bit/s' },
  {
    key: 'network.packets',
    name: 'Packets in',
    stage: 'network',
    layer: 'L3',
    measure: 'packets',
    unit: 'packets/s',
  },
  {
    key: 'network.connections',
    name: 'New connections (SYN)',
    stage: 'network',
    layer: 'L4',
    measure: 'connections',
    unit: 'SYN/s',
  },
  {
    key: 'edge.requests',
    name: 'HTTP requests',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    unit: 'requests/s',
  },
  {
    key: 'edge.sessions',
    name: 'Open sessions',
    stage: 'edge',
    layer: 'L4',
    measure: 'saturation',
    unit: 'sessions',
  },
  {
    key: 'edge.client-errors',
    name: 'Refused requests (4xx)',
    stage: 'edge',
    layer: 'L7',
    measure: 'errors',
    unit: 'responses/s',
  },
  {
    key: 'edge.blocked',
    name: 'Blocked at the edge',
    stage: 'edge',
    layer: 'L4',
    measure: 'mitigated',
    unit: 'connections/s',
  },
  {
    key: 'waf.mitigated',
    name: 'Stopped by the WAF',
    stage: 'waf',
    layer: 'L7',
    measure: 'mitigated',
    unit: 'requests/s',
  },
  { key: 'cache.hit-ratio', name: 'Cache hits', stage: 'cache', layer: 'L7', measure: 'other', unit: '%' },
  {
    key: 'origin.requests',
    name: 'Origin requests',
    stage: 'origin',
    layer: 'L7',
    measure: 'rate',
    unit: 'requests/s',
  },
  {
    key: 'origin.latency',
    name: 'Origin latency p95',
    stage: 'origin',
    layer: 'L7',
    measure: 'latency',
    unit: 'ms',
  },
  {
    key: 'origin.errors',
    name: 'Origin errors (5xx)',
    stage: 'origin',
    layer: 'L7',
    measure: 'errors',
    unit: 'responses/s',
  },
  {
    key: 'origin.availability',
    name: 'Origin availability',
    stage: 'origin',
    layer: 'L7',
    measure: 'availability',
    unit: '%',
  },
];

/** A value with the part of the traffic that it ordinarily has; parts add up to 1. */
export interface Weighted {
  readonly value: string;
  readonly weight: number;
}

/** One client address with its part of the traffic and where it belongs. */
export interface Client {
  readonly address: string;
  readonly parsed: ipaddr.IPv4 | ipaddr.IPv6;
  readonly weight: number;
  readonly as: string;
  readonly country: string;
}

/** One watched service of the range with what makes its traffic its own. */
export interface RangeService {
  readonly key: string;
  readonly customerName: string;
  readonly name: string;
  readonly seed: number;
  /** Requests a second at the busiest half-hour of a weekday. */
  readonly peakRequests: number;
  /** Part of the peak that is left at the quietest hour. */
  readonly nightShare: number;
  readonly peakHourUtc: number;
  readonly weekendFactor: number;
  readonly bytesPerRequest: number;
  readonly cacheHitPercent: number;
  readonly originLatencyMs: number;
  readonly originCapacity: number;
  readonly paths: readonly Weighted[];
  readonly hotPath: string;
  /** A page that everybody asks for and the cache ordinarily answers. */
  readonly cachedPath: string;
  readonly loginPath: string;
  readonly userAgents: readonly Weighted[];
  readonly clients: readonly Client[];
}

/** A customer of the range. */
export interface RangeCustomer {
  readonly name: string;
  readonly ownRanges: readonly string[];
  readonly services: readonly RangeService[];
}

/** The whole simulated network that one seed gives. */
export interface RangeNetwork {
  readonly seed: number;
  readonly customers: readonly RangeCustomer[];
  readonly services: readonly RangeService[];
}

/** The range's edge is managed here; a target must never block it. */
export const edgeManagementAddress = '192.0.2.254';

const userAgents: readonly Weighted[] = [
  { value: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/152.0', weight: 0.33 },
  { value: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1) Safari/605', weight: 0.25 },
  { value: 'Mozilla/5.0 (Linux; Android 16) Chrome/152.0 Mobile', weight: 0.19 },
  { value: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) Safari/605', weight: 0.1 },
  { value: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/148.0', weight: 0.06 },
  { value: 'okhttp/5.1.0', weight: 0.04 },
  { value: 'python-requests/2.33', weight: 0.015 },
  { value: 'curl/8.15.0', weight: 0.01 },
  { value: 'UptimeProbe/2.1', weight: 0.005 },
];

/** Autonomous systems from the documentation range, by what they would be; countries are made up with them. */
const homeNetworks = [
  { prefix: '203.0.113.0/26', as: 'AS64500', country: 'NO' },
  { prefix: '203.0.113.64/26', as: 'AS64501', country: 'DE' },
  { prefix: '203.0.113.128/26', as: 'AS64502', country: 'GB' },
  { prefix: '203.0.113.192/26', as: 'AS64503', country: 'NL' },
  { prefix: '198.51.100.128/26', as: 'AS64504', country: 'SE' },
  { prefix: '198.51.100.192/26', as: 'AS64505', country: 'FR' },
  { prefix: '198.51.100.0/27', as: 'AS64510', country: 'US' },
  { prefix: '198.51.100.32/27', as: 'AS64511', country: 'BR' },
  { prefix: '198.51.100.64/27', as: 'AS64508', country: 'SG' },
  { prefix: '198.51.100.96/27', as: 'AS64509', country: 'ZA' },
  { prefix: '2001:db8:8000::/48', as: 'AS64496', country: 'NO' },
  { prefix: '2001:db8:8001::/48', as: 'AS64497', country: 'DE' },
  { prefix: '2001:db8:8002::/48', as: 'AS64498', country: 'PL' },
  { prefix: '2001:db8:8003::/48', as: 'AS64499', country: 'ES' },
  { prefix: '2001:db8:bad::/48', as: 'AS64507', country: 'US' },
].map((network) => ({ ...network, range: ipaddr.parseCIDR(network.prefix) }));

/** Where an address of the range belongs; addresses that nobody announces are said to be so. */
export function networkOf(parsed: ipaddr.IPv4 | ipaddr.IPv6): {
  readonly as: string;
  readonly country: string;
} {
  const found = homeNetworks.find(
    ({ range }) => range[0].kind() === parsed.kind() && parsed.match(range as [typeof parsed, number]),
  );
  return found ?? { as: 'AS64506', country: 'CH' };
}

/** A client of the range from its address and its part of the traffic. */
export function clientOf(address: string, weight: number): Client {
  const parsed = ipaddr.parse(address);
  return { address: parsed.toString(), parsed, weight, ...networkOf(parsed) };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const here = result[index];
    const there = result[other];
    if (here !== undefined && there !== undefined) {
      result[index] = there;
      result[other] = here;
    }
  }
  return result;
}

/** Ordinary clients: many, with a long tail (Zipf-like), half of them IPv6. */
function ordinaryClients(seed: number): readonly Client[] {
  const random = sequence(seed);
  const addresses = [
    ...Array.from({ length: 254 }, (_, index) => `203.0.113.${index + 1}`),
    ...Array.from({ length: 126 }, (_, index) => `198.51.100.${index + 129}`),
    ...Array.from({ length: 420 }, (_, index) => {
      const subnet = (0x8000 + (index % 4)).toString(16);
      return `2001:db8:${subnet}:${Math.floor(random() * 0xffff).toString(16)}::${(index + 1).toString(16)}`;
    }),
  ];
  const ranked = shuffled(addresses, random);
  const raw = ranked.map((_, index) => 1 / (index + 12) ** 0.85);
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return ranked.map((address, index) => clientOf(address, (raw[index] ?? 0) / sum));
}

function longTail(head: readonly [string, number][], tail: (index: number) => string): readonly Weighted[] {
  const headShare = head.reduce((total, [, weight]) => total + weight, 0);
  const raw = Array.from({ length: 60 }, (_, index) => 1 / (index + 3));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return [
    ...head.map(([value, weight]) => ({ value, weight })),
    ...raw.map((weight, index) => ({ value: tail(index), weight: (weight / sum) * (1 - headShare) })),
  ];
}

/** Builds the customers, services and clients that belong to a seed. The same seed gives the same network. */
export function createRangeNetwork(seed: number): RangeNetwork {
  const own = (name: string) => textSeed(`${seed}:${name}`);
  const kestrel = 'Kestrel Freight';
  const halden = 'Halden Bank';
  const polaris = 'Polaris Media';
  const service = (
    value: Omit<RangeService, 'seed' | 'clients' | 'userAgents'>,
    agents: readonly Weighted[] = userAgents,
  ): RangeService => ({
    ...value,
    seed: own(value.key),
    clients: ordinaryClients(own(`${value.key}:clients`)),
    userAgents: agents,
  });
  const customers: readonly RangeCustomer[] = [
    {
      name: kestrel,
      ownRanges: ['192.0.2.0/27', '2001:db8:100::/48'],
      services: [
        service({
          key: 'kestrel-booking',
          customerName: kestrel,
          name: 'Booking portal',
          peakRequests: 620,
          nightShare: 0.16,
          peakHourUtc: 10.5,
          weekendFactor: 0.35,
          bytesPerRequest: 2_600,
          cacheHitPercent: 62,
          originLatencyMs: 145,
          originCapacity: 900,
          paths: longTail(
            [
              ['/', 0.16],
              ['/search', 0.19],
              ['/quote', 0.13],
              ['/login', 0.04],
              ['/booking', 0.1],
              ['/static/app.js', 0.15],
            ],
            (index) => `/depot/${100 + index * 7}`,
          ),
          hotPath: '/search',
          cachedPath: '/static/app.js',
          loginPath: '/login',
        }),
        service({
          key: 'kestrel-tracking',
          customerName: kestrel,
          name: 'Tracking API',
          peakRequests: 1_450,
          nightShare: 0.3,
          peakHourUtc: 13,
          weekendFactor: 0.5,
          bytesPerRequest: 900,
          cacheHitPercent: 41,
          originLatencyMs: 48,
          originCapacity: 3_400,
          paths: longTail(
            [
              ['/v2/parcels', 0.52],
              ['/v2/events', 0.2],
              ['/v2/token', 0.05],
              ['/v2/health', 0.06],
            ],
            (index) => `/v2/routes/${1000 + index * 13}`,
          ),
          hotPath: '/v2/parcels',
          cachedPath: '/v2/events',
          loginPath: '/v2/token',
        }),
      ],
    },
    {
      name: halden,
      ownRanges: ['192.0.2.64/27', '2001:db8:200::/48'],
      services: [
        service({
          key: 'halden-banking',
          customerName: halden,
          name: 'Online banking',
          peakRequests: 980,
          nightShare: 0.1,
          peakHourUtc: 11.5,
          weekendFactor: 0.55,
          bytesPerRequest: 1_900,
          cacheHitPercent: 55,
          originLatencyMs: 92,
          originCapacity: 1_700,
          paths: longTail(
            [
              ['/', 0.12],
              ['/session/login', 0.09],
              ['/accounts', 0.24],
              ['/payments', 0.14],
              ['/static/bundle.js', 0.18],
            ],
            (index) => `/help/article-${index + 1}`,
          ),
          hotPath: '/accounts',
          cachedPath: '/static/bundle.js',
          loginPath: '/session/login',
        }),
      ],
    },
    {
      name: polaris,
      ownRanges: ['192.0.2.128/27', '2001:db8:300::/48'],
      services: [
        service({
          key: 'polaris-news',
          customerName: polaris,
          name: 'News site',
          peakRequests: 5_400,
          nightShare: 0.22,
          peakHourUtc: 19,
          weekendFactor: 1.12,
          bytesPerRequest: 5_200,
          cacheHitPercent: 91,
          originLatencyMs: 68,
          originCapacity: 1_600,
          paths: longTail(
            [
              ['/', 0.28],
              ['/live', 0.12],
              ['/sport', 0.1],
              ['/search', 0.03],
              ['/account/login', 0.012],
              ['/api/ticker', 0.14],
            ],
            (index) => `/story/2026-${4000 + index * 3}`,
          ),
          hotPath: '/search',
          cachedPath: '/api/ticker',
          loginPath: '/account/login',
        }),
      ],
    },
  ];
  return { seed, customers, services: customers.flatMap((customer) => customer.services) };
}
