import type { Store, StoredConnection } from '../db/index.ts';
import { parseEveText, wholeLinesLength } from '../sources/eve.ts';
import { eveReading } from '../sources/eve-words.ts';
import { createRecentLines, type RecentLines } from '../sources/recent-lines.ts';
import { emptyBatch } from '../sources/source.ts';
import type { Ingest } from './ingest.ts';

/** What some lines held, and how much of it was new. */
export interface EveCounts {
  readonly events: number;
  readonly alertIds: string[];
  readonly occurrences: number;
  readonly context: number;
  readonly rejected: number;
  readonly new: number;
  /** The file ends in the middle of a record, which was left for when the file is whole. */
  readonly cut: boolean;
}

/** Takes the lines of whole EVE files from the command line, block by block. */
export interface EveIntake {
  take(input: { readonly stream: string; readonly text: string; readonly last: boolean }): Promise<EveCounts>;
}

/** Records from files belong to one connection of their own; it is never polled. */
const importId = 'so_import_suricata_eve';
/** Streams that were never finished (a command that was ended) are forgotten beyond this many. */
const mostStreams = 8;

export function createEveIntake(deps: { readonly store: Store; readonly ingest: Ingest }): EveIntake {
  const { store, ingest } = deps;
  const streams = new Map<string, RecentLines>();

  function connection(): StoredConnection {
    return (
      store.connections.get(importId) ??
      store.connections.save({
        id: importId,
        role: 'source',
        kind: 'suricata-eve',
        name: 'Imported EVE files',
        customerId: null,
        enabled: false,
        settings: {},
      })
    );
  }

  return {
    async take(input) {
      const recent = streams.get(input.stream) ?? createRecentLines();
      streams.delete(input.stream);
      if (!input.last) {
        streams.set(input.stream, recent);
        const oldest = streams.keys().next();
        if (streams.size > mostStreams && !oldest.done) streams.delete(oldest.value);
      }
      const length = input.last ? wholeLinesLength(input.text) : input.text.length;
      const from = connection();
      const records = parseEveText(input.text.slice(0, length), recent, eveReading(from.settings));
      const result = await ingest.take(from, { ...emptyBatch, ...records });
      return {
        events: records.events,
        alertIds: [...result.alertIds],
        occurrences: records.occurrences.length,
        context: records.context.length,
        rejected: records.rejected.length,
        new: result.newOccurrences + result.newContext,
        cut: length < input.text.length,
      };
    },
  };
}
