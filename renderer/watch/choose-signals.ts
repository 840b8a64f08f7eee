import {
  type Finding,
  isNovelty,
  type Measure,
  type Signal,
  type Stage,
  stageRank,
  stages,
} from '../../shared/domain/signal.ts';

/** The signals that tell how a stage does: how much, how fast, how badly. */
export interface StageSignals {
  readonly stage: Stage;
  readonly amount: Signal | null;
  readonly latency: Signal | null;
  readonly errors: Signal | null;
}

/** What says best how much passes a stage, best first. */
const amountMeasures: Readonly<Record<Stage, readonly Measure[]>> = {
  client: ['reachability', 'availability', 'rate', 'connections'],
  network: ['bits', 'packets', 'connections', 'rate'],
  edge: ['rate', 'connections', 'bits'],
  waf: ['mitigated', 'rate'],
  cache: ['rate', 'saturation', 'other'],
  origin: ['rate', 'availability', 'connections', 'saturation'],
};

/** The life of a request through one service, in the order a request passes. */
export function stageSignals(signals: readonly Signal[]): readonly StageSignals[] {
  return stages.map((stage) => {
    const here = signals.filter((signal) => signal.stage === stage);
    const first = (measures: readonly Measure[]) =>
      measures.map((measure) => here.find((signal) => signal.measure === measure)).find(Boolean) ?? null;
    return {
      stage,
      amount:
        first(amountMeasures[stage]) ??
        here.find((each) => !['latency', 'errors'].includes(each.measure)) ??
        null,
      latency: first(['latency']),
      errors: first(['errors']),
    };
  });
}

/** Rank of a measure among a stage's charts. */
const chartOrder: readonly Measure[] = [
  'reachability',
  'availability',
  'rate',
  'bits',
  'packets',
  'connections',
  'mitigated',
  'errors',
  'latency',
  'saturation',
  'other',
];

/** A service's charts in the order of a request's life; it never depends on values, so charts do not jump. */
export function orderForCharts(signals: readonly Signal[]): readonly Signal[] {
  return [...signals].sort(
    (a, b) =>
      stages.indexOf(a.stage) - stages.indexOf(b.stage) ||
      chartOrder.indexOf(a.measure) - chartOrder.indexOf(b.measure) ||
      a.name.localeCompare(b.name) ||
      a.id.localeCompare(b.id),
  );
}

export interface FirstDeviation {
  readonly stage: Stage;
  readonly startMs: number;
  /** How long before the next stage deviated; null while it is the only one. */
  readonly leadMs: number | null;
  readonly nextStage: Stage | null;
}

/** Where it began: the stage whose open finding is the earliest, and how much earlier than the next one. */
export function firstDeviation(findings: readonly Finding[]): FirstDeviation | null {
  const starts = new Map<Stage, number>();
  for (const finding of findings) {
    if (finding.state !== 'open' || isNovelty(finding)) continue;
    starts.set(
      finding.stage,
      Math.min(starts.get(finding.stage) ?? Number.POSITIVE_INFINITY, finding.startMs),
    );
  }
  const [first, next] = [...starts].sort((a, b) => a[1] - b[1] || stageRank(a[0]) - stageRank(b[0]));
  if (!first) return null;
  return {
    stage: first[0],
    startMs: first[1],
    leadMs: next ? next[1] - first[1] : null,
    nextStage: next?.[0] ?? null,
  };
}

/** The service that needs eyes first: the one with the most surprising actionable finding; null in calm. */
export function serviceInTrouble(findings: readonly Finding[]): string | null {
  const open = findings.filter((finding) => finding.state === 'open' && finding.lane === 'actionable');
  return [...open].sort((a, b) => b.surprise - a.surprise)[0]?.serviceId ?? null;
}
