import type { Handlers } from '../../shared/api/server.ts';
import { hostileTexts } from '../../shared/testing/hostile-text.ts';

const reasons = [
  'A line is not JSON.',
  'An event has no usable timestamp.',
  'An alert has nothing under “alert”.',
] as const;

/** Records of the core in the page that were not understood: one of them hostile, one cut. */
export function createFakeRejected(
  readClock: () => number,
): Pick<Handlers, 'rejected.list' | 'rejected.replay' | 'rejected.discard'> {
  const startMs = readClock();
  const left = new Map<string, number>();
  let replayed = 0;
  const keptOf = (connectionId: string) => left.get(connectionId) ?? (connectionId.includes('eve') ? 12 : 0);
  return {
    'rejected.list': ({ connectionId, limit }) => ({
      rows: Array.from({ length: Math.min(limit, keptOf(connectionId)) }, (_, index) => {
        const isWhole = index !== 4;
        const excerpt =
          index === 2
            ? `{"timestamp":"soon","event_type":"alert","note":"${hostileTexts.markup}"}`
            : `{"timestamp":"2026-03-03T02:1${index % 10}:07.001200+0000","event_type":"alert","src_ip":"198.51.100.${index}"`;
        return {
          id: 400 - index,
          timeMs: startMs - index * 41_000,
          reason: isWhole
            ? (reasons[index % reasons.length] ?? reasons[0])
            : 'A line is longer than 2048 KiB; it was left out.',
          bytes: isWhole ? excerpt.length : 3_400_000,
          excerpt,
          isWhole,
        };
      }),
      kept: keptOf(connectionId),
      keptBytes: keptOf(connectionId) * 118,
      dropped: 0,
      replayed,
      canReplay: true,
    }),
    'rejected.replay': ({ connectionId }) => {
      const read = keptOf(connectionId ?? '');
      const stays = Math.min(1, read);
      if (connectionId !== null) left.set(connectionId, stays);
      replayed += read - stays;
      return { read, taken: read - stays, new: read - stays, stays };
    },
    'rejected.discard': ({ connectionId }) => {
      const discarded = keptOf(connectionId);
      left.set(connectionId, 0);
      return { discarded };
    },
  };
}
