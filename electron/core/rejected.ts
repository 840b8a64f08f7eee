import type { UnmappedWord } from '../../shared/domain/connection.ts';
import type { Store, StoredConnection } from '../db/index.ts';
import {
  type ContextInput,
  emptyBatch,
  type OccurrenceInput,
  type Source,
  type SourceKind,
} from '../sources/source.ts';
import type { Analysts } from './analysts.ts';
import type { Hub } from './hub.ts';
import type { Ingest } from './ingest.ts';

/** Read anew in one transaction; each is 256 KiB at most. */
const recordsAtOnce = 64;

/** What came of reading rejected records anew. */
export interface ReplayCounts {
  readonly read: number;
  /** Understood now; those that had come again by themselves meanwhile add nothing. */
  readonly taken: number;
  /** Of these, occurrences and context events that were not there before. */
  readonly new: number;
  /** Still not understood, kept as they were with their reason of now. */
  readonly stays: number;
}

/** Records that were not understood: kept aside, shown, read anew after a fix. */
export interface Rejected {
  /**
   * Reads all that is kept of one source, or of every source, anew with its settings of now.
   * @param onProgress told how many were read so far
   */
  replay(connectionId: string | null, onProgress: (read: number) => void): Promise<ReplayCounts>;
  /** Whether a source reads records anew; others ask for everything again by themselves. */
  canReplay(connectionId: string): boolean;
  /** Takes what is kept of a source away for good, with a row in the audit log. */
  discard(connectionId: string): number;
}

export interface RejectedDeps {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly analysts: Analysts;
  readonly hub: Pick<Hub, 'statusChanged'>;
  readonly kinds: ReadonlyMap<string, SourceKind>;
}

export function createRejected({ store, ingest, analysts, hub, kinds }: RejectedDeps): Rejected {
  /** null where its settings cannot be used: its records wait until they can. */
  function sourceOf(connection: StoredConnection): Source | null {
    try {
      return kinds.get(connection.kind)?.create(connection.settings) ?? null;
    } catch {
      return null;
    }
  }

  async function replayOne(
    connection: StoredConnection,
    source: Source | null,
    onRead: (more: number) => void,
  ): Promise<ReplayCounts> {
    const counts = { read: 0, taken: 0, new: 0, stays: 0 };
    for (let after = 0; ; ) {
      const records = store.rejected.after(connection.id, after, recordsAtOnce);
      if (records.length === 0) return counts;
      after = records.at(-1)?.id ?? after;
      const occurrences: OccurrenceInput[] = [];
      const context: ContextInput[] = [];
      const unmapped: UnmappedWord[] = [];
      const settledIds: number[] = [];
      const still: { readonly raw: string; readonly place: string; readonly reason: string }[] = [];
      for (const record of records) {
        const made = record.isWhole ? source?.replay?.(record) : undefined;
        if (made === undefined) continue;
        if ('reason' in made) {
          still.push({ ...record, reason: made.reason });
          continue;
        }
        occurrences.push(...made.occurrences);
        context.push(...made.context);
        unmapped.push(...made.unmapped);
        settledIds.push(record.id);
      }
      const taken = await ingest.take(
        connection,
        { ...emptyBatch, occurrences, context, unmapped, rejected: still },
        { rejected: settledIds },
      );
      counts.read += records.length;
      counts.taken += settledIds.length;
      counts.new += taken.newOccurrences + taken.newContext;
      counts.stays += records.length - settledIds.length;
      onRead(records.length);
    }
  }

  return {
    async replay(connectionId, onProgress) {
      const connections = store.connections
        .list('source')
        .filter(({ id }) => connectionId === null || id === connectionId);
      const total = { read: 0, taken: 0, new: 0, stays: 0 };
      let read = 0;
      for (const connection of connections) {
        const counts = await replayOne(connection, sourceOf(connection), (more) => {
          read += more;
          onProgress(read);
        });
        total.read += counts.read;
        total.taken += counts.taken;
        total.new += counts.new;
        total.stays += counts.stays;
      }
      hub.statusChanged();
      return total;
    },
    canReplay(connectionId) {
      const connection = store.connections.get(connectionId);
      return connection !== null && sourceOf(connection)?.replay !== undefined;
    },
    discard(connectionId) {
      const writer = analysts.writer();
      const name = store.connections.get(connectionId)?.name ?? connectionId;
      const discarded = store.transaction(() => {
        const gone = store.rejected.discard(connectionId);
        store.audit.append(writer, {
          action: 'rejected.discarded',
          sentence: `${writer.name} discarded ${gone} rejected ${gone === 1 ? 'record' : 'records'} of ${name}.`,
          details: { id: connectionId, records: gone },
        });
        return gone;
      });
      hub.statusChanged();
      return discarded;
    },
  };
}
