import type { Entity, EntityKind, EntityRole } from '../domain/entity.ts';
import type { BreakdownSummary } from '../domain/incident.ts';
import type { Dimension } from '../domain/signal.ts';

/** One value's part of what came on top of the usual. */
export interface ExcessPart {
  readonly value: string;
  /** Counts above the usual. */
  readonly excess: number;
  /** Its part of all excess, 0 to 1. */
  readonly share: number;
  /** Its part of the usual traffic, 0 to 1. */
  readonly usualShare: number;
}

/** What came on top of the usual by one dimension. */
export interface ExcessMix {
  readonly dimension: Dimension;
  readonly total: number;
  /** Largest first. */
  readonly parts: readonly ExcessPart[];
  /** How far the mix of the excess is from the usual mix: 0 the same, 1 nothing in common (total variation). */
  readonly distance: number | null;
  /**
   * Over how many values the excess is spread, beside the usual traffic: the exponential of Shannon's entropy, of the
   * values that are listed. null where a side is not known.
   */
  readonly spread: { readonly now: number; readonly usual: number } | null;
}

/** The exponential of the entropy of a mix: as many equal parts would be as mixed; 0 for none. */
function effectiveCount(amounts: readonly number[]): number {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total <= 0) return 0;
  const entropy = amounts.reduce((sum, amount) => {
    const part = amount / total;
    return part > 0 ? sum - part * Math.log(part) : sum;
  }, 0);
  return Math.exp(entropy);
}

/** What the breakdowns say about a surge. */
export interface TrafficMix {
  /** Dimensions that a source tells, whether or not something came on top of the usual. */
  readonly told: ReadonlySet<Dimension>;
  readonly byDimension: ReadonlyMap<Dimension, ExcessMix>;
  /** Part of the excess that ten clients make up, 0 to 1; null where clients are not known. */
  readonly topTenShare: number | null;
  /** Clients that it takes for 80% of the excess; null where they are not known. */
  readonly clientsForMost: number | null;
  /** Part of the excess traffic that was stopped on the way, 0 to 1; null where no source tells. */
  readonly mitigatedShare: number | null;
  /** The source that says so. */
  readonly sourceName: string | null;
}

/**
 * What one value usually brings. Where that is not known of any, all that is usual may have been that one's: only
 * what goes beyond it is its excess for certain.
 */
function usualOf(row: BreakdownSummary['rows'][number], summary: BreakdownSummary): number {
  return row.usual ?? Math.min(row.count, summary.usualTotal ?? row.count);
}

/** Part of the usual total that an excess must have before its make-up says anything. */
const leastExcess = 0.15;

function excessOf(summary: BreakdownSummary): ExcessMix | null {
  if (summary.usualTotal === null) return null;
  const total = summary.total - summary.usualTotal;
  // A small excess is made of chance as much as of whoever caused it: it cannot be taken apart.
  if (total <= summary.usualTotal * leastExcess) return null;
  const usualTotal = Math.max(summary.usualTotal, 1e-9);
  const parts = summary.rows
    .map((row) => ({
      value: row.value,
      excess: row.count - usualOf(row, summary),
      usualShare: usualOf(row, summary) / usualTotal,
    }))
    .filter((part) => part.excess > 0)
    .map((part) => ({ ...part, share: Math.min(1, part.excess / total) }))
    .sort((a, b) => b.excess - a.excess || (a.value < b.value ? -1 : 1));
  const listed = parts.reduce((sum, part) => sum + part.excess, 0);
  const distance =
    listed <= 0
      ? null
      : parts.reduce(
          (sum, part) => sum + Math.max(0, part.excess / Math.max(listed, total) - part.usualShare),
          0,
        );
  const usual = effectiveCount(summary.rows.map((row) => row.usual ?? 0));
  const spread =
    usual > 0 && parts.length > 0 ? { now: effectiveCount(parts.map(({ excess }) => excess)), usual } : null;
  return { dimension: summary.dimension, total, parts, distance, spread };
}

function mitigatedShareOf(summaries: readonly BreakdownSummary[]): number | null {
  const clients =
    summaries.find(({ dimension }) => dimension === 'source.ip') ??
    summaries.find(({ dimension }) => dimension === 'url.path');
  if (clients === undefined) return null;
  let excess = 0;
  let stopped = 0;
  for (const row of clients.rows) {
    if (row.mitigated === null) return null;
    const usual = usualOf(row, clients);
    const above = row.count - usual;
    // Only clients that are clearly above their usual belong to the surge.
    if (above <= usual) continue;
    excess += above;
    stopped += Math.min(row.mitigated, above);
  }
  return excess <= 0 ? null : stopped / excess;
}

/** Takes a surge apart by every dimension that a source knows. */
export function mixOf(summaries: readonly BreakdownSummary[]): TrafficMix {
  const byDimension = new Map<Dimension, ExcessMix>();
  for (const summary of summaries) {
    const excess = excessOf(summary);
    if (excess !== null) byDimension.set(summary.dimension, excess);
  }
  const clients = byDimension.get('source.ip');
  let clientsForMost: number | null = null;
  if (clients !== undefined) {
    let sum = 0;
    const needed = clients.parts.findIndex((part) => {
      sum += part.share;
      return sum >= 0.8;
    });
    clientsForMost = needed < 0 ? null : needed + 1;
  }
  const topTenShare = clients?.parts.slice(0, 10).reduce((sum, part) => sum + part.share, 0) ?? null;
  // What is certain of clients whose usual is not known may be little: then nothing is known of how they share it.
  const isKnown =
    summaries.find(({ dimension }) => dimension === 'source.ip')?.rows.some(({ usual }) => usual !== null) ??
    false;
  return {
    told: new Set(summaries.map(({ dimension }) => dimension)),
    byDimension,
    topTenShare: isKnown || (topTenShare !== null && topTenShare >= mostOrdinaryTopTen) ? topTenShare : null,
    clientsForMost,
    mitigatedShare: mitigatedShareOf(summaries),
    sourceName: summaries[0]?.sourceName ?? null,
  };
}

/** Of an excess that everybody makes, ten clients have less than this. */
const mostOrdinaryTopTen = 0.35;

/** Dimensions in which everybody doing more of the usual looks like the usual, and how far off they may be. */
const ordinaryDistances: readonly (readonly [Dimension, number])[] = [
  ['source.as', 0.4],
  // A crowd may well come from the country whose team plays.
  ['source.country', 0.6],
  ['user_agent', 0.4],
  ['http.method', 0.4],
  ['http.status', 0.4],
  ['network.transport', 0.3],
];

/** Part of a crowd's requests that filters stop at most: they have nothing against it. */
const mostStopped = 0.3;

/** Whether the surge looks like everybody doing more of the usual; null where clients are not known. */
export function isOrdinaryMix(mix: TrafficMix): boolean | null {
  if (mix.topTenShare === null) return null;
  const spread = mix.byDimension.get('source.ip')?.spread ?? null;
  return (
    mix.topTenShare < mostOrdinaryTopTen &&
    (spread === null || spread.now >= spread.usual / 2) &&
    (mix.mitigatedShare ?? 0) < mostStopped &&
    ordinaryDistances.every(([dimension, most]) => (mix.byDimension.get(dimension)?.distance ?? 0) < most)
  );
}

/** The largest value of what came on top, where it is at least that part of it; null where nothing is. */
export function topValue(mix: TrafficMix, dimension: Dimension, least: number): string | null {
  const top = mix.byDimension.get(dimension)?.parts[0];
  return top !== undefined && top.share >= least ? top.value : null;
}

/** Part of what came on top that a test of its values holds for, 0 to 1; null where nobody tells. */
export function shareWhere(
  mix: TrafficMix,
  dimension: Dimension,
  test: (value: string) => boolean,
): number | null {
  const excess = mix.byDimension.get(dimension);
  if (excess === undefined) return null;
  return excess.parts.filter(({ value }) => test(value)).reduce((sum, { share }) => sum + share, 0);
}

const entityKindOf: Partial<Record<Dimension, { readonly kind: EntityKind; readonly role: EntityRole }>> = {
  'source.ip': { kind: 'ip', role: 'source' },
  'source.as': { kind: 'asn', role: 'source' },
  'source.country': { kind: 'country', role: 'source' },
  'url.path': { kind: 'path', role: 'destination' },
  user_agent: { kind: 'user-agent', role: 'source' },
  'destination.port': { kind: 'port', role: 'destination' },
};

/** The values that stand out in the excess, as entities: at most 20 addresses and 3 of each other kind. */
export function entitiesOf(mix: TrafficMix, dimensions: readonly Dimension[]): Entity[] {
  return dimensions.flatMap((dimension) => {
    const kind = entityKindOf[dimension];
    const excess = mix.byDimension.get(dimension);
    if (kind === undefined || excess === undefined) return [];
    const [least, most] = dimension === 'source.ip' ? [0.012, 20] : [0.12, 3];
    return excess.parts
      .filter((part) => part.share >= least && part.value !== '')
      .slice(0, most)
      .map((part) => ({ kind: kind.kind, value: part.value, role: kind.role }));
  });
}
