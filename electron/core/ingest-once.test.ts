import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../db/index.ts';
import { temporaryDirectory } from '../db/testing.ts';
import { type IngestPath, openIngestPath } from '../testing/ingest-path.ts';
import { createEveIntake, type EveIntake } from './eve-intake.ts';

interface Life extends IngestPath {
  readonly intake: EveIntake;
}

const startMs = Date.UTC(2026, 2, 4);
let folders: ReturnType<typeof temporaryDirectory>[];
let clockMs: number;

beforeEach(() => {
  folders = [];
  clockMs = startMs;
});
afterEach(() => {
  for (const folder of folders) folder.remove();
});

function newFolder(): string {
  const folder = temporaryDirectory();
  folders.push(folder);
  return folder.path;
}

/** A core's way from lines to alerts over a data directory, as it is between two starts. */
function begin(folder: string): Life {
  const path = openIngestPath(folder, { nowMs: () => clockMs, appVersion: 'test' });
  return { ...path, intake: createEveIntake(path) };
}

/** What the records alone decide: everything but the row's number and when it was received. */
function shown(store: Store) {
  return [...store.alerts.each()]
    .map(({ sequence, receivedMs, ...alert }) => ({
      ...alert,
      occurrences: store.alerts
        .occurrences(alert.id, 500)
        .map(({ occurredMs, raw }) => `${occurredMs} ${raw}`)
        .sort(),
    }))
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Few of everything, so that alerts grow, entities meet, and identical lines come. */
const line = fc
  .record({
    second: fc.integer({ min: 0, max: 200_000 }),
    client: fc.integer({ min: 1, max: 4 }),
    signature: fc.integer({ min: 1, max: 3 }),
    severity: fc.integer({ min: 1, max: 4 }),
    action: fc.constantFrom('allowed', 'blocked'),
    word: fc.constantFrom('', 'ä', '😀', '\u202e', '{', '"'),
    kind: fc.constantFrom('alert', 'alert', 'alert', 'dns', 'not JSON'),
  })
  .map(({ second, client, signature, severity, action, word, kind }) =>
    kind === 'not JSON'
      ? `{"broken ${word} ${second % 5}`
      : JSON.stringify({
          timestamp: new Date(startMs + second * 1_000).toISOString().replace('Z', '000+0000'),
          flow_id: client,
          event_type: kind,
          src_ip: `198.51.100.${client}`,
          dest_ip: '192.0.2.10',
          dest_port: 443,
          proto: 'TCP',
          ...(kind === 'alert'
            ? {
                alert: {
                  action,
                  gid: 1,
                  signature_id: signature,
                  signature: `Rule ${signature} ${word}`,
                  severity,
                },
              }
            : { dns: { type: 'query', rrname: `host-${client}.example` } }),
        }),
  );
const file = fc.array(line, { minLength: 1, maxLength: 25 }).map((lines) => `${lines.join('\n')}\n`);

/** Something that goes wrong or is done twice: part of a file is read, in pieces, and then the core ends or not. */
const attempt = fc.record({
  file: fc.nat(),
  upTo: fc.double({ min: 0, max: 1, noNaN: true }),
  pieces: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  finished: fc.boolean(),
  restart: fc.boolean(),
  laterMs: fc.integer({ min: 0, max: 100_000_000 }),
});

/** Reads the first bytes of a file as the command line does: blocks of whole lines, the last one what is left. */
async function read(
  { intake }: Life,
  stream: string,
  text: string,
  cuts: readonly number[],
  finished: boolean,
) {
  let from = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    const to = text.lastIndexOf('\n', Math.floor(cut * text.length)) + 1;
    if (to <= from) continue;
    await intake.take({ stream, text: text.slice(from, to), last: false });
    from = to;
  }
  if (finished) await intake.take({ stream, text: text.slice(from), last: true });
}

describe('files of records', () => {
  test('give the same alerts and occurrences for any order, cut, repetition and restart', {
    timeout: 180_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 3 }),
        fc.array(attempt, { maxLength: 6 }),
        fc.boolean(),
        async (files, attempts, backwards) => {
          clockMs = startMs;
          const once = begin(newFolder());
          for (const [index, text] of files.entries()) await read(once, `${index}`, text, [], true);
          const expected = shown(once.store);
          await once.close();

          const folder = newFolder();
          let life = begin(folder);
          for (const [index, one] of attempts.entries()) {
            clockMs += one.laterMs;
            const bytes = Buffer.from(files[one.file % files.length] ?? '');
            const text = bytes.toString('utf8', 0, Math.floor(one.upTo * bytes.length));
            await read(life, `attempt ${index}`, text, one.pieces, one.finished);
            if (one.restart) {
              await life.close();
              life = begin(folder);
            }
          }
          for (const [index, text] of (backwards ? files.toReversed() : files).entries()) {
            await read(life, `last ${index}`, text, [0.3, 0.7], true);
          }
          expect(shown(life.store)).toEqual(expected);
          await life.close();
        },
      ),
      { seed: 20_261_126, numRuns: 60 },
    );
  });
});
