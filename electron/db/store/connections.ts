import type { Connection, Settings, UnmappedWord } from '../../../shared/domain/connection.ts';
import type { Cursor, Push, RejectedInput } from '../../sources/source.ts';

/** A connection as stored: health is the poller's, secrets are the secret store's. */
export type StoredConnection = Omit<Connection, 'health' | 'secretsSet'>;

export interface ConnectionCounters {
  readonly eventsReceived: number;
  readonly recordsRejected: number;
  readonly lastRejection: string | null;
  readonly lastSuccessMs: number | null;
  /** Occurred time of the newest record ever received. */
  readonly newestRecordMs: number | null;
  /** Words that came and that no mapping named then, the newest fifty. */
  readonly unmapped: readonly UnmappedWord[];
}

export interface ConnectionGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

export interface ConnectionsRepository {
  list(role?: 'source' | 'target'): StoredConnection[];
  get(id: string): StoredConnection | null;
  /** With an id that is not there yet the row is made under that id; with null under a new one. */
  save(connection: {
    readonly id: string | null;
    readonly role: 'source' | 'target';
    readonly kind: string;
    readonly name: string;
    readonly customerId: string | null;
    readonly enabled: boolean;
    readonly settings: Settings;
    readonly simulated?: boolean;
  }): StoredConnection;
  setEnabled(id: string, enabled: boolean): StoredConnection;
  /** Takes the connection away; alerts and samples it brought stay. */
  remove(id: string): void;
  cursor(id: string): Cursor | null;
  setCursor(id: string, cursor: Cursor | null): void;
  counters(id: string): ConnectionCounters;
  /** Adds to the running counts; given times replace older ones. */
  count(
    id: string,
    more: {
      readonly events?: number;
      readonly rejected?: number;
      readonly lastRejection?: string;
      readonly successMs?: number;
      readonly newestRecordMs?: number;
    },
  ): void;
  addUnmapped(id: string, words: readonly UnmappedWord[]): void;
  /** Newest first, at most 50. */
  gaps(id: string): ConnectionGap[];
  addGap(id: string, gap: ConnectionGap): void;
}

/** A record that was not understood, as it is kept. */
export interface RejectedRecord {
  readonly id: number;
  readonly receivedMs: number;
  readonly reason: string;
  /** See `RejectedInput`. */
  readonly place: string;
  /** Of the record as it came. */
  readonly bytes: number;
  readonly raw: string;
  /** False of a record so long that only its beginning is kept. */
  readonly isWhole: boolean;
}

/** Records that were not understood, by connection: bounded in the size of each, in their number and in their sum. */
export interface RejectedRepository {
  /** Keeps records aside; the same one twice adds nothing, and has its last reason. Returns how many were new. */
  keep(connectionId: string, records: readonly RejectedInput[], receivedMs: number): number;
  /** Newest first. */
  list(connectionId: string, limit: number): RejectedRecord[];
  /** The next ones after an id, oldest first. */
  after(connectionId: string, id: number, limit: number): RejectedRecord[];
  /** What is there now, and how many were dropped for want of room or by hand, and read anew, ever. */
  summary(connectionId: string): {
    readonly kept: number;
    readonly keptBytes: number;
    readonly dropped: number;
    readonly replayed: number;
  };
  /** These were understood at last. */
  settle(connectionId: string, ids: readonly number[]): void;
  /** Takes all of a connection's away. Returns how many. */
  discard(connectionId: string): number;
}

/** A push that was accepted and is not filed yet. */
export interface KeptPush extends Push {
  readonly id: number;
}

/** What waits of one connection. */
export interface WaitingPushes {
  readonly connectionId: string;
  readonly pushes: number;
  readonly records: number;
  /** Of their bodies. */
  readonly bytes: number;
}

/** Pushes that were accepted, in the order in which they came, until what is in them is stored. */
export interface PushesRepository {
  keep(connectionId: string, push: Push): void;
  /** The oldest of a connection, with at most so many records between them; one at least, where there is one. */
  oldest(connectionId: string, mostRecords: number): KeptPush[];
  /** What is in these is stored: they go. */
  settle(ids: readonly number[]): void;
  /** By connection, that of the oldest push first. */
  waiting(): WaitingPushes[];
}
