import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../db/index.ts';
import { startMs } from '../db/testing.ts';
import {
  type Desk,
  evidence,
  note,
  openDesk,
  opening,
  withoutSignature,
} from './case-files/testing/desks.ts';
import { openEvidenceKeeper } from './evidence-keeper.ts';
import { openSecretStore, type SecretProtection } from './secrets.ts';

/** Stands for an operating system's store: reversible, and not the text itself. */
const system: SecretProtection = {
  encrypt: async (text) => Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a),
  decrypt: async (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString('utf8'),
};
const bytes = Buffer.alloc(300_000, 'packets ');

let desk: Desk;
let logged: string[];
beforeEach(() => {
  desk = openDesk('Ada');
  logged = [];
});
afterEach(() => desk.close());

async function keeperOf(protection: SecretProtection | null, store: Store = desk.store) {
  const secrets = await openSecretStore(desk.folder, protection, { forSession: true });
  const log = { write: (_level: string, _area: string, text: string) => logged.push(text) };
  return openEvidenceKeeper({ store, secrets, log });
}

function caseWithEvidence(): string {
  const { id } = desk.store.cases.open(desk.writer, [
    opening,
    note('n1'),
    evidence(desk, 'capture.pcap', bytes),
  ]);
  return id;
}

const never = () => false;
const evidenceFiles = () =>
  readdirSync(join(desk.folder, 'evidence'), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name)));

test('without a protected store evidence lies plain and the state says so', async () => {
  const keeper = await keeperOf(null);
  caseWithEvidence();
  await keeper.encryptPlain(never);
  expect(keeper.state()).toMatchObject({ isEncrypting: false, encrypted: 0, plain: 1, unreadable: 0 });
  expect(evidenceFiles()).toEqual([bytes]);
});

test('with one, what lay plain is encrypted in the background, and exports are the same bytes', async () => {
  const id = caseWithEvidence();
  const before = withoutSignature(await desk.export(id));
  const keeper = await keeperOf(system);
  expect(keeper.state()).toMatchObject({ isEncrypting: true, encrypted: 0, plain: 1 });
  await keeper.encryptPlain(() => true);
  expect(keeper.state().plain).toBe(1);
  await keeper.encryptPlain(never);
  expect(keeper.state()).toMatchObject({ encrypted: 1, plain: 0 });
  expect(evidenceFiles().some((file) => file.includes('packets'))).toBe(false);
  expect(withoutSignature(await desk.export(id)).equals(before)).toBe(true);
  // The next start finds the same key.
  const again = openStore(desk.folder, { nowMs: () => startMs, appVersion: 'test', readOnly: true });
  await keeperOf(system, again);
  const [first] = again.cases.get(id)?.evidence ?? [];
  expect(Buffer.from(again.evidence.read(first?.sha256 ?? '')?.bytes ?? [])).toEqual(bytes);
  again.close();
  expect(logged).toEqual([]);
});

test('while the store is away it says which evidence cannot be read, keeps it, and goes on', async () => {
  await keeperOf(system);
  const id = caseWithEvidence();
  const whole = await desk.export(id);
  const [file] = evidenceFiles();
  const keeper = await keeperOf(null);
  const [first] = desk.store.cases.get(id)?.evidence ?? [];
  expect(keeper.state()).toEqual({
    isEncrypting: false,
    encrypted: 0,
    plain: 0,
    unreadable: 1,
    unreadableFiles: [{ sha256: first?.sha256, name: 'capture.pcap', caseId: id }],
  });
  desk.store.cases.append(id, desk.writer, [note('n2')]);
  // A file without these bytes says that they are missing; one that has them brings them back.
  expect((await desk.export(id)).length).toBeLessThan(whole.length);
  await desk.import(whole);
  expect(keeper.state()).toMatchObject({ plain: 1, unreadable: 0 });
  expect(evidenceFiles()).toContainEqual(file);
});

test('after the loss of the key a new one is made, and what the old one encrypted stays as it is', async () => {
  await keeperOf(system);
  const id = caseWithEvidence();
  const [file] = evidenceFiles();
  rmSync(join(desk.folder, 'secrets.json'));
  const keeper = await keeperOf(system);
  expect(keeper.state()).toMatchObject({ isEncrypting: true, encrypted: 0, unreadable: 1 });
  desk.store.cases.append(id, desk.writer, [evidence(desk, 'log.txt', Buffer.from('a line'))]);
  await keeper.encryptPlain(never);
  expect(keeper.state()).toMatchObject({ encrypted: 1, plain: 0, unreadable: 1 });
  expect(evidenceFiles()).toContainEqual(file);
});
