import { createEnrichment } from '../core/enrichment.ts';
import type { StoredConnection } from '../db/index.ts';
import { type IngestPath, openIngestPath } from '../testing/ingest-path.ts';

/** As in a running app: addresses are looked up, and SQLite's log is moved by its thread. */
export function openBenchPath(dataDirectory: string): IngestPath & { readonly connection: StoredConnection } {
  const path = openIngestPath(dataDirectory, {
    nowMs: () => Date.now(),
    appVersion: 'bench',
    enrichment: createEnrichment(),
  });
  path.store.startCheckpoints();
  const connection = path.store.connections.save({
    id: 'so_bench',
    role: 'source',
    kind: 'suricata-eve',
    name: 'Bench',
    customerId: null,
    enabled: true,
    settings: {},
  });
  return { ...path, connection };
}
