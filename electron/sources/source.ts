import type { Lane, Mitigated, Severity, SourceState } from '../../shared/domain/alert.ts';
import type { Descriptor, Settings, TestResult, UnmappedWord } from '../../shared/domain/connection.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import type { Dimension, Layer, Measure, Stage } from '../../shared/domain/signal.ts';

/** A JSON value that a source keeps between polls; stored in the same transaction as the rows it stands for. */
export type Cursor = { readonly [key: string]: unknown };

/** One event that counts towards an alert, as a source normalised it. */
export interface OccurrenceInput {
  /**
   * Deterministic: the source's own id of the record or, where there is none, its content hash and its ordinal
   * among identical records of the same stream. The same identity twice adds nothing.
   */
  readonly identity: string;
  /** Occurrences with the same key in the same UTC window are one alert. */
  readonly deduplicationKey: string;
  /** Length of that window, ms; 0: the key alone says which alert it is. */
  readonly windowMs: number;
  readonly occurredMs: number;
  readonly title: string;
  /** One sentence that says why this is an alert, in words for the analyst. */
  readonly why: string;
  readonly severity: Severity;
  readonly lane: Lane;
  readonly mitigated: Mitigated;
  readonly sourceState: SourceState | null;
  readonly entities: readonly Entity[];
  readonly techniques: readonly string[];
  /** Names, not ids; created when they are new. null: the connection's own customer. */
  readonly customerName: string | null;
  readonly serviceName: string | null;
  /** The record as it came, text. */
  readonly raw: string;
  /** Ties to context events, e.g. a flow id. */
  readonly correlationKey: string | null;
}

/** An event that is no alert, kept for drill-down within a byte budget. */
export interface ContextInput {
  readonly identity: string;
  readonly occurredMs: number;
  readonly type: string;
  readonly summary: string;
  readonly raw: string;
  readonly correlationKey: string | null;
  readonly addresses: readonly string[];
}

/** A signal that a source has; sent whenever it is first seen or its proposal changes. */
export interface SignalInput {
  readonly key: string;
  readonly customerName: string | null;
  readonly serviceName: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
  readonly name: string;
  readonly unit: string;
  readonly stepMs: number;
}

/** Samples of one signal in time order; null is a known gap. */
export interface SamplesInput {
  readonly signalKey: string;
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Counts by one dimension over one interval: who made up the traffic. */
export interface BreakdownInput {
  readonly serviceName: string;
  readonly customerName: string | null;
  readonly dimension: Dimension;
  readonly fromMs: number;
  readonly toMs: number;
  readonly unit: string;
  /** All traffic of the interval, also that of values not listed; null where the source cannot tell. */
  readonly total: number | null;
  /** Largest first, at most 200. */
  readonly rows: readonly {
    readonly value: string;
    readonly count: number;
    readonly mitigated: number | null;
  }[];
}

/** A record that was not understood. */
export interface RejectedInput {
  readonly reason: string;
  /** As it came, text. */
  readonly raw: string;
  /**
   * What the source needs beside the bytes to read it anew as the same record, and what tells two of the same bytes
   * apart; empty where it needs nothing.
   */
  readonly place: string;
}

/** What a source makes of a record that is read anew. */
export type Replayed =
  | Pick<Batch, 'occurrences' | 'context' | 'unmapped'>
  /** Why it is still not understood. */
  | { readonly reason: string };

/** Everything one poll (or one push) brought. It is stored in one transaction together with the cursor. */
export interface Batch {
  readonly cursor: Cursor | null;
  readonly events: number;
  readonly occurrences: readonly OccurrenceInput[];
  readonly context: readonly ContextInput[];
  readonly signals: readonly SignalInput[];
  readonly samples: readonly SamplesInput[];
  readonly breakdowns: readonly BreakdownInput[];
  /** Records, or answers to questions, that were not understood: kept aside. */
  readonly rejected: readonly RejectedInput[];
  /** Words of the source that no mapping names, by the setting that could. */
  readonly unmapped: readonly UnmappedWord[];
  /** Stretches that the source cannot give any more. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
  /** There is more at once: poll again without waiting. */
  readonly more: boolean;
  /** While a first contact back-fills history. */
  readonly progress: { readonly done: number; readonly total: number | null; readonly text: string } | null;
}

/** A batch that holds nothing; spread it and add. */
export const emptyBatch: Batch = {
  cursor: null,
  events: 0,
  occurrences: [],
  context: [],
  signals: [],
  samples: [],
  breakdowns: [],
  rejected: [],
  unmapped: [],
  gaps: [],
  more: false,
  progress: null,
};

/** What a sender pushed, as it came: known to be the sender's and well formed. */
export interface Push {
  /** When it was sent, as the sender signed it, epoch ms: part of what tells its records from others. */
  readonly sentMs: number;
  readonly records: number;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/** What the core lends a source or target: the outside world, bounded. */
export interface ConnectionIo {
  readonly nowMs: () => number;
  /** Aborts when the source is stopped or removed: every wait must end with it. */
  readonly signal: AbortSignal;
  /** A secret field's text, or null. */
  readonly secret: (key: string) => string | null;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/** A source of records. `poll` must be safe to call again with the same cursor: a crash repeats it. */
export interface Source {
  /** Milliseconds between polls when all is well. */
  readonly intervalMs: number;
  poll?(cursor: Cursor | null, io: ConnectionIo): Promise<Batch>;
  /** For sources that are pushed to: starts listening; a push is acknowledged only after `keep` resolved. */
  listen?(
    io: ConnectionIo,
    keep: (push: Push) => Promise<void>,
  ): Promise<{ close(): Promise<void>; address: string }>;
  /** What is in a push that was kept; whenever it is read, the same records. */
  readPush?(push: Push): Batch;
  /**
   * Reads a rejected record anew, with the settings of now, under the identity that it would have had. Sources that ask
   * for everything again with each poll have none.
   */
  replay?(record: Pick<RejectedInput, 'raw' | 'place'>): Replayed;
  /** "Test this source": looks, changes nothing, never throws for what it finds. */
  test(io: ConnectionIo): Promise<TestResult>;
}

/** One kind of source: what it is and how to make one from checked settings. */
export interface SourceKind {
  readonly descriptor: Descriptor;
  /** @throws WatchfloorError `bad-input` naming the field when settings are not usable */
  create(settings: Settings): Source;
}
