import { z } from 'zod';

/** What one import takes at most. */
export const stixLimits = {
  characters: 32_000_000,
  /** A bundle needs a handful of levels. */
  depth: 40,
  objects: 50_000,
  observables: 5_000,
  techniques: 200,
  idsNamed: 5,
} as const;

export const leftOutReasons = {
  malformed: 'not as STIX 2.1 describes it',
  duplicate: 'came before, in this version or a newer one',
  revoked: 'revoked by who made it',
  'unknown-type': 'of a type that is not known here',
  'no-place': 'a case here has no place for it',
  'pattern-not-understood': 'its pattern is more than a list of values, any of which is enough',
  'no-value': 'holds no value that can be an observable',
  'too-many': 'beyond what one import takes',
} as const satisfies Record<LeftOutReason, string>;
const leftOutReasonSchema = z.enum([
  'malformed',
  'duplicate',
  'revoked',
  'unknown-type',
  'no-place',
  'pattern-not-understood',
  'no-value',
  'too-many',
]);
export type LeftOutReason = z.infer<typeof leftOutReasonSchema>;

/** Objects that were not taken, of one type and for one reason. */
export const leftOutSchema = z.object({
  /** As the bundle says it, cut to 100 characters; empty where it says none. */
  type: z.string(),
  reason: leftOutReasonSchema,
  count: z.number().int(),
  /** The ids of the first few. */
  ids: z.array(z.string()),
});
export type LeftOut = z.infer<typeof leftOutSchema>;

/** What was left out, in a line each: `3 report: a case here has no place for it`. */
export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  return leftOut.map(
    ({ type, reason, count }) => `${count} ${type || 'without type'}: ${leftOutReasons[reason]}`,
  );
}
