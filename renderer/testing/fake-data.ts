import type {
  Alert,
  AlertGrouping,
  AlertStatus,
  Lane,
  OccurrenceHistogram,
  Severity,
} from '../../shared/domain/alert.ts';
import type { Descriptor, Health } from '../../shared/domain/connection.ts';
import type { Customer, Service } from '../../shared/domain/customer.ts';
import { bucketsOver } from '../../shared/domain/histogram.ts';
import type { Incident } from '../../shared/domain/incident.ts';
import type { LessonInForce } from '../../shared/domain/lesson.ts';
import { type Noise, type NoiseGroup, startOfDay } from '../../shared/domain/noise.ts';
import type {
  Dimension,
  Finding,
  LiveSample,
  Measure,
  Signal,
  SignalWindow,
  Stage,
} from '../../shared/domain/signal.ts';
import { dayMs, hourMs } from '../../shared/domain/time.ts';

/** A number from 0 to 1 that depends on its seeds alone: the same data at every look. */
export function noise(...seeds: readonly (number | string)[]): number {
  let hash = 2166136261;
  for (const seed of seeds) {
    for (const character of String(seed)) {
      hash ^= character.charCodeAt(0);
      hash = Math.imul(hash, 16777619);
    }
    hash ^= 31;
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822507);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 4294967296;
}

export const fakeCustomers: readonly Customer[] = [
  {
    id: 'acme',
    name: 'Acme Retail',
    ownRanges: ['192.0.2.0/24'],
    defaultTlp: 'TLP:AMBER',
    noiseBudget: 5,
    simulated: true,
  },
  {
    id: 'boreal',
    name: 'Boreal Bank',
    ownRanges: ['198.18.0.0/24'],
    defaultTlp: 'TLP:AMBER+STRICT',
    noiseBudget: 2,
    simulated: true,
  },
];

export const fakeServices: readonly Service[] = [
  { id: 'shop', customerId: 'acme', name: 'shop.acme.example' },
  { id: 'api', customerId: 'acme', name: 'api.acme.example' },
  { id: 'ebank', customerId: 'boreal', name: 'ebank.boreal.example' },
];

interface SignalShape {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: Stage;
  readonly layer: Signal['layer'];
  readonly measure: Measure;
  readonly base: number;
  /** What the attack on the first service multiplies it by. */
  readonly attack: number;
}

const shapes: readonly SignalShape[] = [
  {
    key: 'reach',
    name: 'Reachability',
    unit: '%',
    stage: 'client',
    layer: 'L7',
    measure: 'reachability',
    base: 99.8,
    attack: 0.91,
  },
  {
    key: 'client-latency',
    name: 'Page latency',
    unit: 'ms',
    stage: 'client',
    layer: 'L7',
    measure: 'latency',
    base: 240,
    attack: 4.1,
  },
  {
    key: 'bits',
    name: 'Inbound traffic',
    unit: 'bit/s',
    stage: 'network',
    layer: 'L3',
    measure: 'bits',
    base: 1.2e9,
    attack: 3.2,
  },
  {
    key: 'packets',
    name: 'Inbound packets',
    unit: 'packets/s',
    stage: 'network',
    layer: 'L4',
    measure: 'packets',
    base: 240_000,
    attack: 4.5,
  },
  {
    key: 'edge-rate',
    name: 'HTTP requests',
    unit: 'requests/s',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    base: 10_200,
    attack: 14.2,
  },
  {
    key: 'edge-latency',
    name: 'Edge latency p95',
    unit: 'ms',
    stage: 'edge',
    layer: 'L7',
    measure: 'latency',
    base: 18,
    attack: 2.2,
  },
  {
    key: 'edge-errors',
    name: 'Edge errors',
    unit: '%',
    stage: 'edge',
    layer: 'L7',
    measure: 'errors',
    base: 0.4,
    attack: 9,
  },
  {
    key: 'waf',
    name: 'Requests mitigated',
    unit: 'requests/s',
    stage: 'waf',
    layer: 'L7',
    measure: 'mitigated',
    base: 95,
    attack: 86,
  },
  {
    key: 'cache-rate',
    name: 'Cache hits',
    unit: 'requests/s',
    stage: 'cache',
    layer: 'L7',
    measure: 'rate',
    base: 7_400,
    attack: 1.3,
  },
  {
    key: 'origin-rate',
    name: 'Origin requests',
    unit: 'requests/s',
    stage: 'origin',
    layer: 'L7',
    measure: 'rate',
    base: 2_700,
    attack: 6.4,
  },
  {
    key: 'origin-latency',
    name: 'Origin latency p95',
    unit: 'ms',
    stage: 'origin',
    layer: 'L7',
    measure: 'latency',
    base: 84,
    attack: 4.9,
  },
  {
    key: 'origin-errors',
    name: 'Origin errors',
    unit: '%',
    stage: 'origin',
    layer: 'L7',
    measure: 'errors',
    base: 0.2,
    attack: 24,
  },
];

export const fakeSignals: readonly Signal[] = fakeServices.flatMap((service) =>
  shapes.map((shape) => ({
    id: `${service.id}.${shape.key}`,
    sourceId: 'range',
    key: `${service.id}.${shape.key}`,
    customerId: service.customerId,
    serviceId: service.id,
    stage: shape.stage,
    layer: shape.layer,
    measure: shape.measure,
    name: shape.name,
    unit: shape.unit,
    stepMs: 1_000,
    baselineState: 'seasonal' as const,
    historyMs: 14 * 86_400_000,
    lastSampleMs: null,
  })),
);

function shapeOf(signalId: string): SignalShape {
  const key = signalId.slice(signalId.indexOf('.') + 1);
  return shapes.find((shape) => shape.key === key) ?? (shapes[0] as SignalShape);
}

/** What is expected of a signal at a moment: its base, shaped by the day. */
export function expectedAt(signalId: string, timeMs: number): number {
  const shape = shapeOf(signalId);
  if (shape.measure === 'reachability') return shape.base;
  const hour = (timeMs % 86_400_000) / 3_600_000;
  const daily =
    1 + 0.35 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + 0.08 * Math.sin((hour / 6) * 2 * Math.PI);
  const size = signalId.startsWith('shop') ? 1 : signalId.startsWith('api') ? 0.62 : 0.38;
  const isAmount = shape.measure !== 'latency' && shape.measure !== 'errors';
  return shape.base * (isAmount ? daily * size : 0.9 + daily * 0.1);
}

const attackLengthMs = 9 * 60_000;

/** One point of a signal. `attackStartMs` null is a calm day. Between 31 and 27 minutes ago one signal has no data. */
export function sampleAt(
  signalId: string,
  timeMs: number,
  nowMs: number,
  attackStartMs: number | null,
): LiveSample {
  const shape = shapeOf(signalId);
  const expected = expectedAt(signalId, timeMs);
  const spread = shape.measure === 'reachability' ? 0.25 : expected * 0.16;
  const second = Math.floor(timeMs / 1_000);
  const slow = noise(signalId, Math.floor(second / 40)) - 0.5;
  const next = noise(signalId, Math.floor(second / 40) + 1) - 0.5;
  const wave = slow + (next - slow) * ((second % 40) / 40);
  let value = expected + spread * (wave * 0.9 + (noise(signalId, second) - 0.5) * 0.7);
  const isAttacked = attackStartMs !== null && signalId.startsWith('shop.') && timeMs >= attackStartMs;
  if (isAttacked) {
    const delayMs = shape.stage === 'origin' ? -40_000 : shape.stage === 'client' ? 30_000 : 0;
    const progress = Math.min(1, Math.max(0, (timeMs - attackStartMs + delayMs) / 90_000));
    value *= 1 + (shape.attack - 1) * progress * (0.92 + 0.16 * noise(signalId, 'a', second));
  }
  if (shape.unit === '%') value = Math.min(100, value);
  const missing =
    signalId === 'shop.cache-rate' && timeMs > nowMs - 31 * 60_000 && timeMs < nowMs - 27 * 60_000;
  return {
    signalId,
    timeMs,
    value: missing ? null : Math.max(0, value),
    expected,
    low: Math.max(0, expected - spread),
    high: shape.unit === '%' ? Math.min(100, expected + spread) : expected + spread,
  };
}

/** A finding on the attacked service for a signal. */
export function fakeFinding(signalId: string, startMs: number, lane: Lane, surprise: number): Finding {
  const signal = fakeSignals.find((each) => each.id === signalId) ?? (fakeSignals[0] as Signal);
  const shape = shapeOf(signalId);
  const expected = expectedAt(signalId, startMs);
  const observed = expected * shape.attack;
  return {
    id: `finding-${signalId}-${startMs}`,
    signalId,
    customerId: signal.customerId,
    serviceId: signal.serviceId,
    stage: signal.stage,
    kind: 'deviation',
    direction: shape.attack > 1 ? 'up' : 'down',
    lane,
    state: 'open',
    startMs,
    peakMs: startMs + 90_000,
    endMs: null,
    observed,
    expected,
    low: expected * 0.84,
    high: expected * 1.16,
    surprise,
    historyMs: 14 * 86_400_000,
    sentence: `${shape.name} ${shape.attack > 1 ? `${shape.attack}x above` : `${Math.round((1 - shape.attack) * 100)}% below`} the usual Sunday 03:00, since 9 min`,
  };
}

/** Moments of the last 30 days at which the like of the attack was found, the newest first. */
export function earlierMoments(nowMs: number): Finding[] {
  return [2, 5.4, 8, 11.7, 16, 21.3, 27].map((days, index) => {
    const startMs = nowMs - days * 86_400_000;
    const signalId = index % 3 === 1 ? 'shop.origin-latency' : 'shop.edge-rate';
    const finding = fakeFinding(signalId, startMs, 'actionable', 14 + index);
    return { ...finding, state: 'closed' as const, endMs: startMs + (6 + index * 4) * 60_000 };
  });
}

/** A week of noise: one day not watched, one partly, one over budget. */
export function fakeNoise(customerId: string | null, nowMs: number): Noise {
  const today = startOfDay(nowMs);
  const watchedHours = [0, 9, 24, 24, 24, 24, 24];
  const group = (key: string, count: number, judged: number, nothing: number): NoiseGroup => ({
    key,
    customerId: customerId ?? 'acme',
    count,
    judged,
    nothing,
  });
  return {
    days: watchedHours.map((hours, index) => {
      const day = today - (6 - index) * 86_400_000;
      const lengthMs = Math.min(86_400_000, nowMs - day);
      return { dayMs: day, lengthMs, watchedMs: Math.min(lengthMs, hours * 3_600_000) };
    }),
    customers: [
      { customerId: 'acme', counts: [0, 2, 4, 11, 3, 5, 2] },
      { customerId: 'boreal', counts: [0, 0, 1, 0, 2, 3, 0] },
    ],
    groups: {
      source: [group('detection', 21, 14, 5), group('eve', 6, 5, 5)],
      service: [group('shop', 19, 13, 6), group('api', 8, 6, 4)],
      signal: [
        group('shop.edge-rate', 14, 9, 3),
        group('shop.origin-latency', 9, 6, 2),
        group('api.origin-latency', 5, 4, 4),
      ],
      rule: [
        group('HTTP flood on /login', 9, 7, 0),
        group('Request surge on shop.acme.example', 7, 6, 5),
        group('ET SCAN Potential SSH Scan', 6, 5, 5),
        group('Origin slower on api.acme.example', 5, 0, 0),
      ],
    },
    alerts: 27,
    isExact: true,
  };
}

/** Three verdicts that teach. */
export function fakeLessons(nowMs: number): LessonInForce[] {
  const lesson = (
    place: number,
    days: number,
    change: Partial<LessonInForce> & Pick<LessonInForce, 'title' | 'covers'>,
  ): LessonInForce => ({
    alertId: `alert-${place}`,
    customerId: 'acme',
    serviceId: 'shop',
    disposition: 'false-positive',
    actor: 'Robin Keller',
    judgedMs: nowMs - days * 86_400_000,
    reason: '',
    hidden: 0,
    lastHiddenMs: null,
    wouldHaveHidden: 0,
    ...change,
  });
  return [
    lesson(52, 1.2, {
      title: 'Request surge on shop.acme.example',
      reason: 'The newsletter goes out on Tuesdays',
      disposition: 'benign-positive',
      covers: [
        { signalId: 'shop.edge-rate', direction: 'up' },
        { signalId: 'shop.origin-rate', direction: 'up' },
        { signalId: 'shop.bits', direction: 'up' },
      ],
      hidden: 3,
      lastHiddenMs: nowMs - 7_200_000,
      wouldHaveHidden: 9,
    }),
    lesson(53, 4.6, {
      title: 'Origin slower on api.acme.example',
      serviceId: 'api',
      reason: 'Nightly backup',
      actor: 'Kim Analyst',
      covers: [{ signalId: 'api.origin-latency', direction: 'up' }],
      hidden: 4,
      lastHiddenMs: nowMs - 30_000_000,
      wouldHaveHidden: 26,
    }),
    lesson(54, 12, {
      title: 'Traffic fell on ebank.boreal.example',
      customerId: 'boreal',
      serviceId: 'ebank',
      covers: [{ signalId: 'ebank.edge-rate', direction: 'down' }],
    }),
  ];
}

export function fakeWindow(
  signalId: string,
  fromMs: number,
  toMs: number,
  maxPoints: number,
  nowMs: number,
  attackStartMs: number | null,
  findings: readonly Finding[],
): SignalWindow {
  const stepMs = Math.max(1_000, Math.ceil((toMs - fromMs) / maxPoints / 1_000) * 1_000);
  const window: SignalWindow = {
    signalId,
    stepMs,
    rolledUp: stepMs > 1_000,
    timesMs: [],
    values: [],
    expected: [],
    low: [],
    high: [],
    gaps: [],
    findings: findings.filter((finding) => finding.signalId === signalId),
  };
  for (let time = Math.ceil(fromMs / stepMs) * stepMs; time <= Math.min(toMs, nowMs); time += stepMs) {
    const sample = sampleAt(signalId, time, nowMs, attackStartMs);
    const past = window.findings.find(
      ({ startMs, endMs }) => endMs !== null && startMs <= time && endMs > time - stepMs,
    );
    const factor = past ? past.observed / past.expected : 1;
    window.timesMs.push(time);
    window.values.push(sample.value === null ? null : sample.value * factor);
    window.expected.push(sample.expected);
    window.low.push(sample.low);
    window.high.push(sample.high);
  }
  return window;
}

export const attackBeforeMs = attackLengthMs;

const titles: readonly { title: string; why: string; severity: Severity; lane: Lane }[] = [
  {
    title: 'HTTP flood on /login',
    why: 'HTTP requests 14.2x above the usual Sunday 03:00, for 9 min; origin latency rose 40 s earlier; 8% mitigated at the edge.',
    severity: 'critical',
    lane: 'actionable',
  },
  {
    title: 'Origin errors rising on shop.acme.example',
    why: 'Origin errors 4.8%, usually 0.2% at this hour, for 8 min; the edge is not affected.',
    severity: 'high',
    lane: 'actionable',
  },
  {
    title: 'ET SCAN Potential SSH Scan',
    why: 'Suricata saw 212 events of this signature from 203.0.113.41 in 10 min; all were allowed.',
    severity: 'medium',
    lane: 'actionable',
  },
  {
    title: 'Credential stuffing on /api/session',
    why: '91% of 38,204 logins failed in 5 min, usually 6%; 412 addresses in 3 networks take part.',
    severity: 'high',
    lane: 'actionable',
  },
  {
    title: 'SQL injection attempt blocked',
    why: 'The WAF blocked 1,204 requests of this rule from one address; none reached the origin.',
    severity: 'low',
    lane: 'informational',
  },
  {
    title: 'UDP amplification dropped at the edge',
    why: 'Inbound UDP 6.1x above the usual Sunday 03:00 for 4 min; all of it was dropped.',
    severity: 'low',
    lane: 'informational',
  },
  {
    title: 'Certificate of api.acme.example ends in 20 d',
    why: 'Alertmanager sent it; it fires since yesterday.',
    severity: 'informational',
    lane: 'informational',
  },
  {
    title: 'Disk of cache-07 at 86%',
    why: 'Alertmanager sent it; at this pace it is full in 31 h.',
    severity: 'medium',
    lane: 'informational',
  },
];

/** Hostile on purpose: what an attacker can put into a title. */
const hostileTitle = `<img src=x onerror=alert(1)> \u202egnp.exe\u202c \u0000\u001b[31mred\u001b[0m ${'A'.repeat(600)}`;

/** The alert at a place of the whole list, newest first; the same at every look. */
export function fakeAlert(
  place: number,
  count: number,
  startMs: number,
  attackStartMs: number | null,
): Alert {
  const pick =
    place < 2 && attackStartMs !== null ? place : 2 + Math.floor(noise('alert', place) * (titles.length - 2));
  const kind = titles[pick] ?? (titles[0] as (typeof titles)[number]);
  const hostile = place % 97 === 11;
  const receivedMs =
    (attackStartMs !== null && place < 2 ? attackStartMs + 60_000 : startMs) - place * 47_000;
  const statuses: readonly AlertStatus[] = ['new', 'new', 'new', 'acknowledged', 'in-progress'];
  const service = place < 2 ? fakeServices[0] : fakeServices[place % fakeServices.length];
  const isFinding = kind.title.startsWith('HTTP flood') || kind.title.startsWith('Origin errors');
  return {
    id: `alert-${place}`,
    sequence: count - place,
    customerId: service?.customerId ?? null,
    serviceId: service?.id ?? null,
    sourceId: isFinding ? 'detection' : kind.title.startsWith('ET') ? 'eve' : 'range',
    sourceKind: isFinding ? 'detection' : kind.title.startsWith('ET') ? 'suricata-eve' : 'range',
    title: hostile ? hostileTitle : kind.title,
    why: kind.why,
    severity: kind.severity,
    lane: kind.lane,
    status: statuses[Math.floor(noise('status', place) * statuses.length)] ?? 'new',
    disposition: null,
    mitigated:
      kind.lane === 'informational' ? 'yes' : place === 0 ? 'partly' : place % 5 === 0 ? 'not-known' : 'no',
    sourceState: kind.title.startsWith('Disk') || kind.title.startsWith('Cert') ? 'firing' : null,
    firstSeenMs: receivedMs - 30_000,
    lastSeenMs: Math.min(startMs, receivedMs + 120_000),
    receivedMs,
    count: Math.ceil(noise('count', place) ** 3 * 4_000),
    entities: [
      { kind: 'ip', value: `203.0.113.${(place * 7) % 250}`, role: 'source' },
      { kind: 'asn', value: 'AS64496', role: 'source' },
      { kind: 'path', value: place % 3 === 0 ? '/login' : '/api/session', role: 'destination' },
      { kind: 'ip', value: place % 2 === 0 ? '192.0.2.10' : '10.20.0.5', role: 'destination' },
    ],
    techniques: place % 4 === 0 ? ['T1498'] : [],
    signalIds: isFinding ? ['shop.edge-rate', 'shop.origin-latency', 'shop.waf'] : [],
    assignee: place % 9 === 3 ? 'Kim Analyst' : null,
    snoozedUntilMs: null,
    suppressed: null,
    suppressionIds: [],
    caseId: null,
    parentId: null,
    merged: null,
    split: null,
    partOf: null,
    simulated: true,
  };
}

export const fakeTechniques = [
  { id: 'T1498', name: 'Network Denial of Service', tactics: ['Impact'] },
  { id: 'T1499', name: 'Endpoint Denial of Service', tactics: ['Impact'] },
  { id: 'T1110.004', name: 'Brute Force: Credential Stuffing', tactics: ['Credential Access'] },
  { id: 'T1190', name: 'Exploit Public-Facing Application', tactics: ['Initial Access'] },
];

/** Why the occurrences of an alert of a source are one, and how they lie in time: sparse, then more and more. */
export function fakeGrouping(alert: Alert): {
  grouping: AlertGrouping | null;
  histogram: OccurrenceHistogram | null;
} {
  if (alert.signalIds.length > 0) return { grouping: null, histogram: null };
  const windowMs = alert.sourceKind === 'suricata-eve' ? dayMs : hourMs;
  const [from] = alert.entities;
  const { fromMs, bucketMs, buckets } = bucketsOver(alert.firstSeenMs, alert.lastSeenMs, 60);
  const counts = new Array<number>(buckets).fill(0);
  for (let index = 0; index < alert.count; index += 1) {
    const place = Math.floor(noise(`when ${alert.id}`, index) ** 0.6 * buckets);
    // Now and then nothing comes.
    const busy = noise('busy', place + alert.sequence) > 0.2 ? place : (place + 1) % buckets;
    counts[busy] = (counts[busy] ?? 0) + 1;
  }
  return {
    grouping: {
      key:
        alert.sourceKind === 'suricata-eve'
          ? `1:2024897|${from?.value ?? 'unknown'}|192.0.2.10`
          : 'shop/credential-stuffing',
      windowMs,
      fromMs: Math.floor(alert.lastSeenMs / windowMs) * windowMs,
    },
    histogram: { fromMs, bucketMs, counts, leftOut: 0 },
  };
}

/** The incident behind an alert of detection; null for one that a source sent. */
export function fakeIncident(alert: Alert, findings: readonly Finding[]): Incident | null {
  if (alert.signalIds.length === 0) return null;
  const part = (
    dimension: Dimension,
    value: string,
    share: number,
    usualShare: number,
  ): NonNullable<Incident['vector']>['parts'][number] => ({ dimension, value, share, usualShare });
  return {
    id: `incident-of-${alert.id}`,
    customerId: alert.customerId ?? '',
    serviceId: alert.serviceId ?? '',
    openedMs: alert.firstSeenMs,
    closedMs: null,
    state: 'open',
    lane: alert.lane,
    severity: alert.severity,
    mitigated: alert.mitigated,
    title: alert.title,
    why: alert.why,
    firstStage: 'network',
    stageOrder: [
      { stage: 'network', startMs: alert.firstSeenMs },
      { stage: 'edge', startMs: alert.firstSeenMs + 1_000 },
      { stage: 'origin', startMs: alert.firstSeenMs + 9_000 },
      { stage: 'client', startMs: alert.firstSeenMs + 14_000 },
    ],
    vector: {
      name: alert.title,
      sentence: '82% of the excess: POST /login from 12 clients in AS64496 and AS64511',
      parts: [
        part('source.ip', '198.51.100.7', 0.31, 0.001),
        part('source.ip', '203.0.113.17', 0.22, 0),
        part('source.as', 'AS64496 Example Hosting', 0.58, 0.04),
        part('source.as', 'AS64511 Cloudy', 0.24, 0.03),
        part('source.country', 'NL', 0.7, 0.12),
        part('url.path', '/login', 0.82, 0.06),
        part('http.method', 'POST', 0.82, 0.11),
        part('http.status', '429', 0.6, 0.001),
        part('http.status', '503', 0.22, 0.002),
      ],
      notKnown: ['user_agent', 'destination.port', 'tcp.flags', 'packet.size', 'source.port', 'url.query'],
    },
    firstAlarm: { name: 'Stopped by the WAF', atMs: alert.firstSeenMs + 11_000, leadMs: 11_000 },
    findingIds: findings.map(({ id }) => id),
    signalIds: [...alert.signalIds],
    entities: alert.entities,
    techniques: alert.techniques,
  };
}

/** Health of a source, good unless told otherwise. */
export function fakeHealth(nowMs: number, change: Partial<Health> = {}): Health {
  return {
    state: 'ok',
    sentence: 'Delivers; the newest record is 1 s old.',
    lastSuccessMs: nowMs - 1_000,
    lastAttemptMs: nowMs - 1_000,
    nextAttemptMs: nowMs + 4_000,
    lagMs: 1_000,
    consecutiveFailures: 0,
    eventsReceived: 182_004,
    recordsRejected: 0,
    lastRejection: null,
    gaps: [],
    unmapped: [],
    progress: null,
    ...change,
  };
}

export const fakeKinds: readonly Descriptor[] = [
  {
    kind: 'prometheus',
    role: 'source',
    name: 'Prometheus',
    summary: 'Signals by range queries, with ready-made sets for common exporters.',
    mode: 'poll',
    userAddable: true,
    fields: [
      {
        key: 'url',
        label: 'Address',
        help: 'Where Prometheus answers, e.g. https://prometheus.example:9090',
        type: 'url',
        required: true,
        default: null,
        placeholder: 'http://127.0.0.1:9090',
        group: 'Server',
      },
      {
        key: 'auth',
        label: 'Authentication',
        help: 'How Prometheus knows us.',
        type: 'select',
        required: true,
        default: 'none',
        options: [
          { value: 'none', label: 'None' },
          { value: 'basic', label: 'Name and password' },
          { value: 'bearer', label: 'Bearer token' },
        ],
        group: 'Server',
      },
      {
        key: 'username',
        label: 'Name',
        help: '',
        type: 'text',
        required: true,
        default: null,
        showWhen: { key: 'auth', in: ['basic'] },
        group: 'Server',
      },
      {
        key: 'password',
        label: 'Password',
        help: '',
        type: 'secret',
        required: true,
        default: null,
        showWhen: { key: 'auth', in: ['basic'] },
        group: 'Server',
      },
      {
        key: 'token',
        label: 'Token',
        help: '',
        type: 'secret',
        required: true,
        default: null,
        showWhen: { key: 'auth', in: ['bearer'] },
        group: 'Server',
      },
      {
        key: 'stepSeconds',
        label: 'Step',
        help: 'Distance of points, in seconds.',
        type: 'number',
        required: true,
        default: 15,
        min: 1,
        max: 3600,
        group: 'Signals',
      },
      {
        key: 'haproxy',
        label: 'HAProxy exporter',
        help: 'Rates, errors and latency by frontend and backend.',
        type: 'boolean',
        required: false,
        default: true,
        group: 'Signals',
      },
      {
        key: 'queries',
        label: 'More queries',
        help: 'One PromQL a line, name = query.',
        type: 'lines',
        required: false,
        default: '',
        group: 'Signals',
      },
    ],
    setup: [],
  },
  {
    kind: 'suricata-eve',
    role: 'source',
    name: 'Suricata EVE file',
    summary: 'Follows an EVE file through rotation; alerts become alerts, the rest is kept as context.',
    mode: 'poll',
    userAddable: true,
    fields: [
      {
        key: 'path',
        label: 'File',
        help: 'Full path of eve.json',
        type: 'path',
        required: true,
        default: null,
        placeholder: '/var/log/suricata/eve.json',
      },
      {
        key: 'severityMap',
        label: 'Severity by priority',
        help: 'Suricata’s priority of a signature, 1 the worst.',
        type: 'mapping',
        required: false,
        default: null,
        group: 'How alerts are read',
        mapping: {
          wordLabel: 'Priority in Suricata',
          meaningLabel: 'Severity here',
          meanings: [
            { value: 'critical', label: 'Critical' },
            { value: 'high', label: 'High' },
            { value: 'medium', label: 'Medium' },
            { value: 'low', label: 'Low' },
            { value: 'informational', label: 'Informational' },
          ],
          defaults: [
            { words: ['1'], meaning: 'high' },
            { words: ['2'], meaning: 'medium' },
            { words: ['3'], meaning: 'low' },
            { words: ['4'], meaning: 'informational' },
          ],
          otherwise: 'informational',
          isOpen: true,
        },
      },
      {
        key: 'laneMap',
        label: 'Lane by action',
        help: 'By severity: actionable from medium on, else informational.',
        type: 'mapping',
        required: false,
        default: null,
        group: 'How alerts are read',
        mapping: {
          wordLabel: 'Action in Suricata',
          meaningLabel: 'Lane here',
          meanings: [
            { value: 'by-severity', label: 'By severity' },
            { value: 'actionable', label: 'Actionable' },
            { value: 'informational', label: 'Informational' },
          ],
          defaults: [
            { words: ['allowed'], meaning: 'by-severity' },
            { words: ['blocked'], meaning: 'informational' },
          ],
          otherwise: 'by-severity',
          isOpen: false,
        },
      },
    ],
    setup: [
      {
        title: 'suricata.yaml',
        language: 'yaml',
        text: 'outputs:\n  - eve-log:\n      enabled: yes\n      filename: {{path}}\n      types: [alert, http, flow]\n',
      },
    ],
  },
  {
    kind: 'haproxy',
    role: 'target',
    name: 'HAProxy',
    summary: 'Blocks addresses through a map on the runtime socket; each entry ends by itself.',
    mode: 'target',
    userAddable: true,
    fields: [
      {
        key: 'socket',
        label: 'Runtime socket',
        help: 'A path, or host:port.',
        type: 'text',
        required: true,
        default: '/run/haproxy/admin.sock',
      },
      {
        key: 'map',
        label: 'Map file',
        help: 'As written in the configuration.',
        type: 'path',
        required: true,
        default: '/etc/haproxy/watchfloor.map',
      },
    ],
    setup: [
      {
        title: 'haproxy.cfg',
        language: 'haproxy',
        text: 'http-request set-var(txn.now) date()\nhttp-request set-var(txn.until) src,map_ip({{map}},0)\nhttp-request deny if { var(txn.until),sub(txn.now) -m int gt 0 }\n',
      },
    ],
  },
];
