import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { mostLineBytes } from '../sources/eve.ts';
import { type Call, withCore } from './with-core.ts';

/** Lines are sent in blocks of about this many characters: bounded memory whatever the file's size. */
const blockLength = 4 * 1024 * 1024;

export interface IngestTotals {
  readonly events: number;
  readonly alerts: number;
  readonly occurrences: number;
  readonly context: number;
  readonly rejected: number;
  readonly new: number;
  /** Files that end in the middle of a record. */
  readonly cut: number;
}

/**
 * Whole lines of a file in blocks; the last block is marked. Of a line that is too long to be a record, as much comes as
 * the intake needs to see that it is.
 */
export async function* blocksOf(path: string): AsyncGenerator<{ text: string; last: boolean }> {
  const decoder = new StringDecoder('utf8');
  let held = '';
  let skipping = false;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      let text = decoder.write(chunk as Buffer);
      if (skipping) {
        const end = text.indexOf('\n');
        if (end < 0) continue;
        skipping = false;
        text = text.slice(end + 1);
      }
      held += text;
      if (held.length < blockLength) continue;
      const end = held.lastIndexOf('\n') + 1;
      if (end === 0) {
        yield { text: `${held.slice(0, mostLineBytes + 1)}\n`, last: false };
        held = '';
        skipping = true;
      } else {
        yield { text: held.slice(0, end), last: false };
        held = held.slice(end);
      }
    }
  } catch (thrown) {
    throw new WatchfloorError(
      'bad-input',
      `${path} cannot be read. What came before it was kept.`,
      String(thrown),
    );
  }
  yield { text: skipping ? '' : held + decoder.end(), last: true };
}

async function ingestOne(call: Call, path: string, alertIds: Set<string>): Promise<IngestTotals> {
  const totals = { events: 0, alerts: 0, occurrences: 0, context: 0, rejected: 0, new: 0, cut: 0 };
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
    totals.cut += counts.cut ? 1 : 0;
  }
  if (totals.cut > 0) {
    process.stderr.write(
      `${path} ends in the middle of a record, which was left out. Read the file again when it is whole.\n`,
    );
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
  const totals = { events: 0, alerts: 0, occurrences: 0, context: 0, rejected: 0, new: 0, cut: 0 };
  await withCore(options.dataDirectory, 'live', async (call) => {
    for (const file of options.files) {
      const counts = await ingestOne(call, file, alertIds);
      totals.events += counts.events;
      totals.occurrences += counts.occurrences;
      totals.context += counts.context;
      totals.rejected += counts.rejected;
      totals.new += counts.new;
      totals.cut += counts.cut;
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

/** `ingest --replay-rejected`: reads what was kept aside anew, through the running core, or through one of its own. */
export async function replayRejected(options: {
  readonly dataDirectory: string;
  readonly json: boolean;
}): Promise<number> {
  const counts = await withCore(options.dataDirectory, 'live', (call) =>
    call('rejected.replay', { connectionId: null }),
  );
  process.stdout.write(
    options.json
      ? `${JSON.stringify(counts)}\n`
      : `${counts.read} rejected records read anew: ${counts.taken} understood, ${counts.new} of them new; ${counts.stays} stay.\n`,
  );
  return 0;
}
