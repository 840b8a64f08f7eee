import {
  type AlertStatus,
  alertStatuses,
  type Lane,
  lanes,
  type Mitigated,
  type Severity,
  type Suppressed,
  severities,
  suppressedSchema,
} from '../../shared/domain/alert.ts';
import type { EntityRole } from '../../shared/domain/entity.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

/** Ranks as stored: the position in the domain's own order. These orders are part of the schema. */
export const statusRank = (status: AlertStatus): number => alertStatuses.indexOf(status);
export const laneRank = (lane: Lane): number => lanes.indexOf(lane);

/** 0 is not suppressed. */
export const suppressedRank = (suppressed: Suppressed): number =>
  suppressedSchema.options.indexOf(suppressed) + 1;

function at<T>(list: readonly T[], rank: number, what: string): T {
  const found = list[rank];
  if (found === undefined) throw new WatchfloorError('storage', `A stored ${what} is not known.`, `${rank}`);
  return found;
}
export const severityAt = (rank: number): Severity => at(severities, rank, 'severity');
export const statusAt = (rank: number): AlertStatus => at(alertStatuses, rank, 'status');
export const suppressedAt = (rank: number): Suppressed | null =>
  rank === 0 ? null : at(suppressedSchema.options, rank - 1, 'suppression');
export const laneAt = (rank: number): Lane => at(lanes, rank, 'lane');

const mitigatedBits = { yes: 1, no: 2, partly: 4, 'not-known': 8 } as const satisfies Record<
  Mitigated,
  number
>;

/** One occurrence's answer as a bit, so that many fold by OR in any order. */
export const mitigatedBit = (mitigated: Mitigated): number => mitigatedBits[mitigated];

const roleBits = { source: 1, destination: 2, related: 4 } as const satisfies Record<EntityRole, number>;

/** A part that an entity plays in an alert as a bit: it may play several. */
export const roleBit = (role: EntityRole): number => roleBits[role];

/**
 * What many occurrences say together. Some stopped and some not, or some stopped and the rest not known, is
 * `partly`; anything let through counts over what is not known.
 */
export function mitigatedOf(mask: number): Mitigated {
  const stopped = (mask & mitigatedBits.yes) !== 0;
  const passed = (mask & mitigatedBits.no) !== 0;
  const unknown = (mask & mitigatedBits['not-known']) !== 0;
  if ((mask & mitigatedBits.partly) !== 0 || (stopped && (passed || unknown))) return 'partly';
  if (stopped) return 'yes';
  return passed ? 'no' : 'not-known';
}

/** Every mask that folds to one of these answers, for queries. */
export function masksOf(answers: readonly Mitigated[]): number[] {
  const masks: number[] = [];
  for (let mask = 0; mask < 16; mask += 1) if (answers.includes(mitigatedOf(mask))) masks.push(mask);
  return masks;
}
