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
  return { dimension: summary.dimension, total, parts, distance };
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

/** Whether the surge looks like everybody doing more of the usual; null where clients are not known. */
export function isOrdinaryMix(mix: TrafficMix): boolean | null {
  if (mix.topTenShare === null) return null;
  const distance = (dimension: Dimension) => mix.byDimension.get(dimension)?.distance ?? 0;
  return (
    mix.topTenShare < mostOrdinaryTopTen &&
    distance('source.as') < 0.4 &&
    distance('user_agent') < 0.4 &&
    distance('http.method') < 0.4 &&
    distance('network.transport') < 0.3
  );
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

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/**
 * What most of the excess is, in words: `82% of the excess: GET /search from 12 clients in AS64510 and AS64511`.
 * null where the breakdowns do not tell.
 */
export function vectorWords(mix: TrafficMix): string | null {
  const top = (dimension: Dimension) => mix.byDimension.get(dimension)?.parts[0];
  const path = top('url.path');
  const method = top('http.method');
  const transport = top('network.transport');
  const networks = (mix.byDimension.get('source.as')?.parts ?? [])
    .filter((part) => part.share >= 0.12 && part.share >= part.usualShare + 0.1)
    .slice(0, 3);
  const networkShare = networks.reduce((sum, part) => sum + part.share, 0);
  const where = networkShare >= 0.4 ? networks.map(({ value }) => value).join(', ') : '';
  const who =
    mix.clientsForMost === null ? '' : `${mix.clientsForMost} client${mix.clientsForMost === 1 ? '' : 's'}`;
  const from = who !== '' && where !== '' ? `${who} in ${where}` : who === '' ? where : who;
  const clause = from === '' ? '' : ` from ${from}`;
  if (path !== undefined && path.share >= 0.4) {
    const verb = method !== undefined && method.share >= 0.6 ? `${method.value} ` : '';
    return `${percent(path.share)} of the excess: ${verb}${path.value}${clause}`;
  }
  if (transport !== undefined && transport.value === 'udp' && transport.share >= 0.4) {
    return `${percent(transport.share)} of the excess: UDP${clause}`;
  }
  return mix.clientsForMost === null ? null : `80% of the excess${clause}`;
}
