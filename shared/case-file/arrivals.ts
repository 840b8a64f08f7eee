import { z } from 'zod';
import { canonicalJson } from '../domain/entry-chain.ts';
import { idSchema } from './entry-line.ts';
import { parseJson } from './json.ts';

/** A payload that came later than its entry is named by the entry's id and this. */
export const payloadSuffix = '/payload';
/** What arrived at one moment is told in lines of so many at most. */
export const mostRefs = 500;

const timeMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const workstationLineSchema = z.strictObject({
  name: z.string().max(200),
  workstationId: idSchema,
  /** Those of the file's writers who wrote there, sorted: what they wrote was there when they wrote it. */
  writers: z.array(idSchema).max(10_000),
});
/** A data directory in which the case lay: one person's desk, or several people's at one. */
export type Workstation = z.infer<typeof workstationLineSchema>;

export const arrivalLineSchema = z.strictObject({
  caseId: idSchema,
  /** Ids of entries, or of entries whose payloads came later, with `/payload` behind them; sorted. */
  refs: z.array(z.string().min(1).max(220)).min(1).max(mostRefs),
  timeMs,
  workstationId: idSchema,
});
/** What arrived in a workstation at one moment, of one case. */
export type ArrivalLine = z.infer<typeof arrivalLineSchema>;

const isRising = (texts: readonly string[]) =>
  texts.every((each, index) => index === 0 || (texts[index - 1] ?? '') < each);

/** Below 0 where the left line comes first. */
function order(left: ArrivalLine, right: ArrivalLine): number {
  for (const key of ['workstationId', 'caseId'] as const) {
    if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1;
  }
  if (left.timeMs !== right.timeMs) return left.timeMs - right.timeMs;
  return (left.refs.at(-1) ?? '') < (right.refs[0] ?? '') ? -1 : 1;
}

type ReadLine =
  | { readonly workstation: Workstation; readonly problem: null }
  | { readonly arrival: ArrivalLine; readonly problem: null }
  | { readonly problem: string };

/**
 * Reads `arrivals.jsonl` line by line: first the workstations by id, then the arrivals by workstation, case, time and
 * name, each line in canonical JSON.
 */
export function createArrivalReader(): {
  take(text: string): ReadLine;
  /** The workstations so far. */
  readonly known: ReadonlySet<string>;
} {
  const known = new Set<string>();
  let lastWorkstation = '';
  let last: ArrivalLine | null = null;

  function takeArrival(arrival: ArrivalLine): string | null {
    if (!known.has(arrival.workstationId)) return 'No line says which workstation that is.';
    if (!isRising(arrival.refs)) return 'It names entries out of order, or twice.';
    if (last !== null && order(last, arrival) >= 0) return 'It is out of order, or there twice.';
    last = arrival;
    return null;
  }

  function takeWorkstation({ workstationId, writers }: Workstation): string | null {
    if (last !== null || workstationId <= lastWorkstation) return 'It is out of order, or there twice.';
    if (!isRising(writers)) return 'It names writers out of order, or twice.';
    lastWorkstation = workstationId;
    known.add(workstationId);
    return null;
  }

  return {
    known,
    take(text) {
      const parsed = parseJson(text);
      if (parsed.problem !== null) return { problem: parsed.problem };
      const workstation = workstationLineSchema.safeParse(parsed.value);
      if (workstation.success) {
        const problem = takeWorkstation(workstation.data);
        if (problem === null && canonicalJson(workstation.data) === text) {
          return { workstation: workstation.data, problem };
        }
        return { problem: problem ?? 'It is not written as a workstation is.' };
      }
      const arrival = arrivalLineSchema.safeParse(parsed.value);
      if (!arrival.success || canonicalJson(arrival.data) !== text) {
        return { problem: 'It is not written as an arrival is.' };
      }
      const problem = takeArrival(arrival.data);
      return problem === null ? { arrival: arrival.data, problem } : { problem };
    },
  };
}
