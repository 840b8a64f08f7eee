import type {
  Finding,
  LiveSample,
  Measure,
  Signal,
  SignalWindow,
  Stage,
} from '../../shared/domain/signal.ts';
import { fakeServices } from './fake-customers.ts';
import { noise } from './seeded-noise.ts';

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

/** What a signal is like, by its kind. */
export function shapeOf(signalId: string): SignalShape {
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

/** The attack began so long before the page did. */
export const attackBeforeMs = 9 * 60_000;

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

/** A signal over a range, with what was found in it; past findings stand out as far as they were. */
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
