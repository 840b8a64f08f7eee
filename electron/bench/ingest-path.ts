import { createDetection } from '../core/detection.ts';
import { createEnrichment } from '../core/enrichment.ts';
import { createHub } from '../core/hub.ts';
import { createIncidents } from '../core/incidents.ts';
import { createIngest, type Ingest } from '../core/ingest.ts';
import { createSuppressionJudge } from '../core/suppression-judge.ts';
import { openStore, type Store, type StoredConnection } from '../db/index.ts';

/** A core's way from batches to committed alerts over a data directory, with nobody listening. */
export interface IngestPath {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly connection: StoredConnection;
  close(): void;
}

export function openIngestPath(dataDirectory: string): IngestPath {
  const nowMs = () => Date.now();
  const store = openStore(dataDirectory, { nowMs, appVersion: 'bench', enrichment: createEnrichment() });
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
  const connection = store.connections.save({
    id: 'so_bench',
    role: 'source',
    kind: 'suricata-eve',
    name: 'Bench',
    customerId: null,
    enabled: true,
    settings: {},
  });
  return {
    store,
    ingest,
    connection,
    close() {
      hub.close();
      store.close();
    },
  };
}
