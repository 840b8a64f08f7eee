import { createDetection } from '../core/detection.ts';
import { createHub } from '../core/hub.ts';
import { createIncidents } from '../core/incidents.ts';
import { createIngest, type Ingest } from '../core/ingest.ts';
import { createSuppressionJudge } from '../core/suppression-judge.ts';
import { openStore, type Store, type StoreOptions } from '../db/index.ts';

/** A core's way from batches to committed alerts over a data directory, with nobody listening. */
export interface IngestPath {
  readonly store: Store;
  readonly ingest: Ingest;
  close(): Promise<void>;
}

export function openIngestPath(dataDirectory: string, options: StoreOptions): IngestPath {
  const { nowMs } = options;
  const store = openStore(dataDirectory, options);
  const hub = createHub({
    status: () => {
      throw new Error('Nobody listens.');
    },
    connections: () => ({ connections: [] }),
  });
  const judge = createSuppressionJudge(store, nowMs);
  const ingest = createIngest({
    store,
    hub,
    detection: createDetection(store),
    incidents: createIncidents(store, judge),
    judge,
    notifier: { news: () => undefined },
    nowMs,
  });
  return {
    store,
    ingest,
    async close() {
      hub.close();
      await store.endCheckpoints();
      store.close();
    },
  };
}
