import type { MethodOutput } from '../../shared/api/contract.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';

type Kept = Omit<MethodOutput<'rejected.list'>, 'rows'>;

const records = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'record' : 'records'}`;

/** What is kept of what was not understood, what became of the rest, and what can be done. */
export function keptWords({ kept, keptBytes, dropped, replayed, canReplay }: Kept): string {
  const what =
    kept === 0
      ? 'None is kept now.'
      : `${formatBytes(keptBytes)} kept as they came. ${
          canReplay
            ? 'After a fix (a mapping, a newer version) they can be read anew, each once.'
            : 'This source asks for everything again by itself, so there is nothing to read anew.'
        }`;
  const others = [
    ...(replayed > 0 ? [`${records(replayed)} read anew since`] : []),
    ...(dropped > 0 ? [`${records(dropped)} dropped, for want of room or by hand`] : []),
  ];
  return others.length === 0 ? what : `${what} ${others.join(', ')}.`;
}

/** What reading them anew came to. */
export function outcomeWords({ taken, stays }: MethodOutput<'rejected.replay'>): string {
  return `${records(taken)} understood${stays === 0 ? '' : `; ${records(stays)} ${stays === 1 ? 'stays' : 'stay'}`}`;
}
