import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type Call, withCore } from './with-core.ts';

/** Lines are sent in blocks of about this many characters: bounded memory whatever the file's size. */
const blockLength = 4 * 1024 * 1024;
/** A record longer than this is no record; it is cut, and the intake rejects it. */
const longestLine = 8 * 1024 * 1024;

export interface IngestTotals {
  readonly events: number;
  readonly alerts: number;
  readonly occurrences: number;
  readonly context: number;
  readonly rejected: number;
  readonly new: number;
}

/** Whole lines of a file in blocks; the last block is marked. */
export async function* blocksOf(path: string): AsyncGenerator<{ text: string; last: boolean }> {
  const decoder = new StringDecoder('utf8');
  let held = '';
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      held += decoder.write(chunk as Buffer);
      if (held.length < blockLength) continue;
      const end = held.lastIndexOf('\n');
      if (end >= 0) {
        yield { text: held.slice(0, end + 1), last: false };
        held = held.slice(end + 1);
      } else if (held.length > longestLine) {
        yield { text: `${held.slice(0, longestLine)}\n`, last: false };
        held = '';
      }
    }
  } catch (thrown) {
    throw new WatchfloorError(
      'bad-input',
      `${path} cannot be read. What came before it was kept.`,
      String(thrown),
    );
  }
  yield { text: held + decoder.end(), last: true };
}

async function ingestOne(call: Call, path: string, alertIds: Set<string>): Promise<IngestTotals> {
  const totals = { events: 0, alerts: 0, occurrences: 0, context: 0, rejected: 0, new: 0 };
  // Each reading counts repetitions from nothing, also one that follows a reading of the same file that broke off.
  const stream = randomUUID();
  for await (const { text, last } of blocksOf(path)) {
    const counts = await call('ingest.lines', { kind: 'suricata-eve', stream, text, last });
    for (const id of counts.alertIds) alertIds.add(id);
    totals.events += counts.events;
    totals.occurrences += counts.occurrences;
    totals.context += counts.context;
    totals.rejected += counts.rejected;
    totals.new += counts.new;
  }
  return totals;
}

/** `ingest`: reads files through the running core, or through one of its own. */
export async function ingestFiles(options: {
  readonly dataDirectory: string;
  readonly files: readonly string[];
  readonly json: boolean;
}): Promise<number> {
  const alertIds = new Set<string>();
  const totals = { events: 0, alerts: 0, occurrences: 0, context: 0, rejected: 0, new: 0 };
  await withCore(options.dataDirectory, 'live', async (call) => {
    for (const file of options.files) {
      const counts = await ingestOne(call, file, alertIds);
      totals.events += counts.events;
      totals.occurrences += counts.occurrences;
      totals.context += counts.context;
      totals.rejected += counts.rejected;
      totals.new += counts.new;
    }
  });
  totals.alerts = alertIds.size;
  if (options.json) process.stdout.write(`${JSON.stringify(totals)}\n`);
  else {
    process.stdout.write(
      `${totals.events} events: ${totals.occurrences} occurrences of ${totals.alerts} alerts, ${totals.context} of context, ${totals.rejected} rejected; ${totals.new} were new.\n`,
    );
  }
  return 0;
}
