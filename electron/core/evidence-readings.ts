import { createHash, type Hash } from 'node:crypto';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';

/** More at once nobody saves; those that a window left behind give way. */
const mostReadings = 8;
const mostIdleMs = 10 * minuteMs;

/** Evidence on its way to a screen, in pieces, however large it is. */
export interface EvidenceReadings {
  /** @throws WatchfloorError `not-found` where its bytes are not here, `refused` when too many are read */
  begin(sha256: string): Promise<{ readonly id: string; readonly sizeBytes: number }>;
  /**
   * The next bytes. With the last ones it is told whether all of them had the hash that the evidence was added with;
   * the reading has then ended.
   */
  next(id: string): Promise<{ readonly bytes: Buffer; readonly isVerified: boolean | null }>;
  /** Ends a reading early; an unknown one has ended already. */
  end(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Reading {
  readonly sha256: string;
  readonly chunks: AsyncGenerator<Buffer, void, void>;
  readonly hash: Hash;
  touchedMs: number;
  /** One piece after the other. */
  busy: Promise<unknown>;
}

export function createEvidenceReadings({
  store,
  newId,
  nowMs,
}: {
  readonly store: Pick<Store, 'evidence'>;
  readonly newId: (prefix: string) => string;
  readonly nowMs: () => number;
}): EvidenceReadings {
  const readings = new Map<string, Reading>();

  async function end(id: string): Promise<void> {
    const reading = readings.get(id);
    if (reading === undefined) return;
    readings.delete(id);
    await reading.busy;
    await reading.chunks.return();
  }

  async function readNext(id: string, reading: Reading) {
    const piece = await reading.chunks.next();
    if (piece.done === true) {
      const isVerified = reading.hash.digest('hex') === reading.sha256;
      readings.delete(id);
      return { bytes: Buffer.alloc(0), isVerified };
    }
    reading.hash.update(piece.value);
    // The piece is the reader's own no longer than until the one after the next.
    return { bytes: Buffer.from(piece.value), isVerified: null };
  }

  return {
    async begin(sha256) {
      for (const [id, { touchedMs }] of [...readings]) if (nowMs() - touchedMs > mostIdleMs) await end(id);
      if (readings.size >= mostReadings) {
        throw new WatchfloorError(
          'refused',
          `${mostReadings} files are being saved already. Wait until some are done.`,
        );
      }
      const file = store.evidence.open(sha256);
      if (file === null) {
        throw new WatchfloorError('not-found', 'The bytes of this evidence are not here; its hash is kept.');
      }
      const id = newId('er');
      readings.set(id, {
        sha256,
        chunks: file.chunks(),
        hash: createHash('sha256'),
        touchedMs: nowMs(),
        busy: Promise.resolve(),
      });
      return { id, sizeBytes: file.sizeBytes };
    },
    next(id) {
      const reading = readings.get(id);
      if (reading === undefined) {
        throw new WatchfloorError('not-found', 'This reading has ended. Save the file again.');
      }
      reading.touchedMs = nowMs();
      const piece = reading.busy.then(() => readNext(id, reading));
      reading.busy = piece.catch(() => readings.delete(id));
      return piece;
    },
    end,
    async close() {
      for (const id of [...readings.keys()]) await end(id);
    },
  };
}
