import { z } from 'zod';
import { type Entity, entityKindSchema, entityRoleSchema } from './entity.ts';
import { dayMs, formatDuration, secondMs } from './time.ts';

/*
 * How an alert is split: every occurrence goes to exactly one part, by a silence between them or by what an entity of
 * theirs says. The same occurrences always give the same parts, in any order.
 */

export const splitBySchema = z.discriminatedUnion('kind', [
  /** A part ends where nothing came for longer than this. */
  z.object({
    kind: z.literal('gap'),
    gapMs: z
      .number()
      .int()
      .min(secondMs)
      .max(30 * dayMs),
  }),
  /** A part for each value, e.g. for each address that attacked. */
  z.object({ kind: z.literal('entity'), entity: entityKindSchema, role: entityRoleSchema }),
]);
/** By what an alert is split. */
export type SplitBy = z.infer<typeof splitBySchema>;

/** So many parts at most; what is rarer than the others goes together into the last one. */
export const mostParts = 100;
/** So many occurrences can be split: each of them is looked at. */
export const mostSplitOccurrences = 20_000;

export interface SplitOccurrence {
  readonly id: number;
  readonly occurredMs: number;
  readonly entities: readonly Entity[];
}

export interface SplitPart {
  /** The same for the same occurrences of the same alert. */
  readonly key: string;
  /** What they have in common, in words. */
  readonly label: string;
  /** By time, ties by number. */
  readonly occurrences: readonly SplitOccurrence[];
}

const byTime = (left: SplitOccurrence, right: SplitOccurrence) =>
  left.occurredMs - right.occurredMs || left.id - right.id;

const partWords = { source: 'from', destination: 'to', related: 'with' } as const;

function byGap(sorted: readonly SplitOccurrence[], gapMs: number): SplitPart[] {
  const runs: SplitOccurrence[][] = [];
  for (const occurrence of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || occurrence.occurredMs - last.occurredMs > gapMs) {
      runs.push([occurrence]);
    } else run.push(occurrence);
  }
  // The rarest of many are the last ones, which nobody could tell apart beforehand.
  const kept =
    runs.length <= mostParts ? runs : [...runs.slice(0, mostParts - 1), runs.slice(mostParts - 1).flat()];
  return kept.map((run, index) => ({
    key: `gap ${gapMs} ${run[0]?.occurredMs ?? 0}`,
    label:
      runs.length > mostParts && index === mostParts - 1
        ? `all after the first ${mostParts - 1} parts`
        : index === 0
          ? 'the first of it'
          : `after a silence of ${formatDuration((run[0]?.occurredMs ?? 0) - (runs[index - 1]?.at(-1)?.occurredMs ?? 0))}`,
    occurrences: run,
  }));
}

function byEntity(sorted: readonly SplitOccurrence[], by: Extract<SplitBy, { kind: 'entity' }>): SplitPart[] {
  const groups = new Map<string, SplitOccurrence[]>();
  for (const occurrence of sorted) {
    const values = occurrence.entities
      .filter(({ kind, role }) => kind === by.entity && role === by.role)
      .map(({ value }) => value);
    const key = [...new Set(values)].sort().join(', ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [occurrence]);
    else group.push(occurrence);
  }
  const most = [...groups].sort(
    ([leftKey, left], [rightKey, right]) => right.length - left.length || (leftKey < rightKey ? -1 : 1),
  );
  const part = ([value, occurrences]: readonly [string, readonly SplitOccurrence[]]): SplitPart => ({
    key: `entity ${by.role} ${by.entity} ${value}`,
    label:
      value === ''
        ? `without a ${by.role} ${by.entity === 'ip' ? 'address' : by.entity}`
        : `${partWords[by.role]} ${value}`,
    occurrences,
  });
  if (most.length <= mostParts) return most.map(part);
  const rest = most.slice(mostParts - 1);
  return [
    ...most.slice(0, mostParts - 1).map(part),
    {
      key: `entity ${by.role} ${by.entity} others`,
      label: `${partWords[by.role]} ${rest.length.toLocaleString('en')} others`,
      occurrences: rest.flatMap(([, occurrences]) => occurrences).sort(byTime),
    },
  ];
}

/** The parts of an alert; one alone where this does not tell its occurrences apart. */
export function splitParts(occurrences: readonly SplitOccurrence[], by: SplitBy): SplitPart[] {
  const sorted = occurrences.toSorted(byTime);
  return by.kind === 'gap' ? byGap(sorted, by.gapMs) : byEntity(sorted, by);
}
