import { afterAll, beforeAll, expect, it } from 'vitest';
import { toErrorData } from '../../../shared/domain/result.ts';
import { uniform } from '../../../shared/testing/random.ts';
import { occurrence, openRaw, startMs, testSource } from '../../db/testing.ts';
import { type Desk, evidence, note, openDesk, opening, verify } from './testing/desks.ts';

/** `npm run test:fuzz` runs a hundred thousand; the seed is printed, and set to repeat a run. */
const changes = Number(process.env.WATCHFLOOR_FUZZ_CHANGES);
const seed = Number(process.env.WATCHFLOOR_FUZZ_SEED ?? Math.floor(Math.random() * 1_000_000));
console.log(`case file fuzz: WATCHFLOOR_FUZZ_SEED=${seed}`);

const mostMemoryBytes = 1_024 * 1_024 * 1_024;

let ada: Desk;
let bob: Desk;
let file: Buffer;
beforeAll(async () => {
  ada = openDesk('Ada');
  bob = openDesk('Bob');
  const { store, writer } = ada;
  store.alerts.ingest(testSource, [occurrence()], startMs);
  const [alert] = store.alerts.each();
  const { id } = store.cases.open(writer, [opening, note('n0')]);
  for (let round = 0; round < 16; round += 1) {
    const said = Array.from({ length: 6 }, (_, index) => note(`n${round}-${index}`));
    store.cases.append(id, writer, said);
  }
  store.cases.append(id, writer, [
    evidence(ada, 'capture', Buffer.from(Array.from({ length: 3_000 }, (_, index) => index % 251))),
    {
      kind: 'alert-linked',
      alertId: alert?.id ?? '',
      title: 'A title',
      why: 'A reason',
      severity: 'high',
      firstSeenMs: 1,
      lastSeenMs: 2,
      count: 1,
    },
  ]);
  // Passed on by somebody, so that there is something in its log of arrivals.
  const carol = openDesk('Carol');
  await carol.import(await ada.export(id));
  file = await carol.export(id);
  carol.close();
});
afterAll(() => {
  ada.close();
  bob.close();
});

/** The nth change of the file, never the file itself. */
function changed(number: number): { readonly name: string; readonly bytes: Buffer } {
  for (let attempt = 0; ; attempt += 1) {
    let draw = 0;
    const random = (below: number) => {
      draw += 1;
      return Math.floor(uniform(seed, number * 31 + attempt, draw) * below);
    };
    const at = random(file.length);
    const kind = ['flip', 'flip', 'cut', 'insert', 'swap', 'remove'][random(6)] ?? 'flip';
    const bytes = Buffer.from(file);
    let made = bytes;
    if (kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    if (kind === 'cut') made = bytes.subarray(0, at);
    if (kind === 'remove') made = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(64))]);
    if (kind === 'insert') {
      const more = Buffer.from(Array.from({ length: 1 + random(16) }, () => random(256)));
      made = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
    }
    if (kind === 'swap') {
      const length = 1 + random(32);
      const other = random(file.length - length);
      const from = Math.min(at, file.length - length);
      file.copy(bytes, from, other, other + length);
      file.copy(bytes, other, from, from + length);
    }
    if (!made.equals(file)) return { name: `${kind} at ${at}, change ${number}`, bytes: made };
  }
}

/** Everything in the receiving database, as one text. */
function kept(): string {
  const raw = openRaw(`${bob.folder}/watchfloor.db`);
  const tables = ['case_entry', 'case_entry_payload', 'case_signature', 'case_snapshot', 'case_summary'];
  const rows = [...tables, 'foreign_writer', 'workstation', 'arrival', 'evidence', 'audit'].map((table) =>
    raw.prepare(`SELECT * FROM ${table}`).all(),
  );
  raw.close();
  return JSON.stringify(rows);
}

it(
  'finds every changed bit, cut, insertion and exchange, and nothing of such a file is taken in',
  async () => {
    expect((await verify(file)).problems).toEqual([]);
    const before = kept();
    let mostBytes = 0;
    for (let number = 0; number < changes; number += 1) {
      const { name, bytes } = changed(number);
      const report = await verify(bytes);
      expect(report.problemCount, name).toBeGreaterThan(0);
      const thrown = await bob.import(bytes).then(
        () => null,
        (error: unknown) => toErrorData(error),
      );
      expect(thrown?.code, `${name}: ${thrown?.message}`).toBe('refused');
      if (number > 0 && number % 10_000 === 0) console.log(`case file fuzz: ${number} changes`);
      if (number % 200 === 0) {
        expect(kept(), name).toBe(before);
        mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
      }
    }
    expect(kept()).toBe(before);
    expect(mostBytes).toBeLessThan(mostMemoryBytes);
    // The file itself was taken all the time.
    expect(await bob.import(file)).toMatchObject({ problemCount: 0 });
  },
  changes * 100,
);
