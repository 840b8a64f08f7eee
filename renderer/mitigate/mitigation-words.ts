import type { GuardResult, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import { shortEntry } from './proposal.ts';

export const guardWords = {
  'address-syntax': 'Strict addresses',
  'own-ranges': 'Not the customer’s own',
  'analyst-address': 'Not the analyst’s own',
  loopback: 'Not loopback',
  'management-address': 'Not the target’s management',
  'allow-list': 'Not on the allow-list',
  width: 'Width',
  duration: 'Duration',
  rate: 'Rate',
  'plan-current': 'Plan is current',
  'special-purpose': 'No special-purpose range',
} as const satisfies Record<GuardResult['guard'], string>;

/** States in which something is, or may be, in force on a target. */
const inForceStates: readonly MitigationState[] = [
  'approved',
  'applying',
  'applied',
  'verified',
  'unknown',
  'lost',
  'failed',
  'ending',
];

/** What needs a look first: not known and lost, then what is on its way, then what is in force. */
const stateRank: Readonly<Record<MitigationState, number>> = {
  unknown: 0,
  lost: 1,
  failed: 2,
  approved: 3,
  applying: 4,
  ending: 5,
  applied: 6,
  verified: 7,
  proposed: 8,
  rejected: 9,
  ended: 10,
};

/** Those in force or on their way, trouble first, then by the nearest end. */
export function activeMitigations(rows: readonly Mitigation[]): readonly Mitigation[] {
  return rows
    .filter((row) => inForceStates.includes(row.state))
    .toSorted(
      (left, right) =>
        stateRank[left.state] - stateRank[right.state] ||
        (left.expiresMs ?? Number.POSITIVE_INFINITY) - (right.expiresMs ?? Number.POSITIVE_INFINITY),
    );
}

/** Those that wait for a decision, the oldest first. */
export function waitingMitigations(rows: readonly Mitigation[]): readonly Mitigation[] {
  return rows
    .filter((row) => row.state === 'proposed')
    .toSorted((left, right) => left.proposedMs - right.proposedMs);
}

/** Those that are over, the newest first. */
export function pastMitigations(rows: readonly Mitigation[]): readonly Mitigation[] {
  return rows
    .filter((row) => row.state === 'ended' || row.state === 'rejected')
    .toSorted((left, right) => (right.endedMs ?? right.proposedMs) - (left.endedMs ?? left.proposedMs));
}

export function needsAttention(state: MitigationState): boolean {
  return state === 'unknown' || state === 'lost' || state === 'failed' || state === 'approved';
}

/** States in which a block can be taken back. */
export function mayUndo(state: MitigationState): boolean {
  return state === 'applied' || state === 'verified' || state === 'unknown' || state === 'lost';
}

/** States in which the target can be asked whether it has the block. */
export function mayAsk(state: MitigationState): boolean {
  return mayUndo(state) || state === 'applying';
}

/** The entries as words for names of buttons and commands. */
export function entryWords(entries: readonly string[]): string {
  const shown = entries.slice(0, 3).map(shortEntry).join(', ');
  return entries.length > 3 ? `${shown} and ${entries.length - 3} more` : shown;
}

export const endedWords = {
  'by-itself': 'Ended by itself',
  undone: 'Undone',
  tidied: 'Ended, tidied up',
  lost: 'Lost on the target',
  rejected: 'Rejected',
} as const satisfies Record<NonNullable<Mitigation['endedHow']>, string>;
