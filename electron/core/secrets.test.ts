import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { environmentName, openSecretStore, type SecretProtection } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stands for an operating system's store: reversible, and not the text itself. */
const protection: SecretProtection = {
  encrypt: async (text) => Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a),
  decrypt: async (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString('utf8'),
};

test('secrets come back, in a file that only its owner may read', async () => {
  const store = await openSecretStore(folder, null);
  await store.set('so_1', 'password', 'correct horse');
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  const again = await openSecretStore(folder, null);
  expect(again.get('so_1', 'password')).toBe('correct horse');
  expect(again.keysOf('so_1')).toEqual(['password']);
  expect(again.sentence).toContain('not encrypted');
  await again.removeOwner('so_1');
  expect((await openSecretStore(folder, null)).get('so_1', 'password')).toBeNull();
});

test('with a protected store the file does not hold the text', async () => {
  const store = await openSecretStore(folder, protection);
  await store.set('so_1', 'token', 'very-secret-text');
  const file = readFileSync(join(folder, 'secrets.json'), 'utf8');
  expect(file).not.toContain('very-secret-text');
  expect(file).not.toContain(Buffer.from('very-secret-text').toString('base64'));
  expect((await openSecretStore(folder, protection)).get('so_1', 'token')).toBe('very-secret-text');
});

test('what another store protects is neither read nor destroyed from here', async () => {
  await (await openSecretStore(folder, protection)).set('so_1', 'token', 'kept');
  const outside = await openSecretStore(folder, null);
  expect(outside.get('so_1', 'token')).toBeNull();
  await expect(outside.set('so_2', 'token', 'other')).rejects.toMatchObject({ code: 'storage' });
  expect((await openSecretStore(folder, protection)).get('so_1', 'token')).toBe('kept');
});

test('the environment comes first', async () => {
  const store = await openSecretStore(folder, null);
  await store.set('so_1', 'password', 'from the file');
  const name = environmentName('so_1', 'password');
  expect(name).toBe('WATCHFLOOR_SECRET_SO_1_PASSWORD');
  process.env[name] = 'from the environment';
  try {
    expect(store.get('so_1', 'password')).toBe('from the environment');
  } finally {
    delete process.env[name];
  }
});

test('a damaged file is said and left as it is', async () => {
  writeFileSync(join(folder, 'secrets.json'), '{"version":1');
  await expect(openSecretStore(folder, null)).rejects.toMatchObject({ code: 'storage' });
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe('{"version":1');
});
