import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

describe('with a passphrase', () => {
  const options = { scryptLogN: 4 };
  const variable = 'WATCHFLOOR_PASSPHRASE_FILE';
  function passphrase(text: string): void {
    const path = join(folder, 'passphrase');
    writeFileSync(path, text);
    process.env[variable] = path;
  }
  beforeEach(() => passphrase('correct horse\nand what follows is not read'));
  afterEach(() => {
    delete process.env[variable];
  });
  const fileText = () => readFileSync(join(folder, 'secrets.json'), 'utf8');

  test('secrets are encrypted, and open with it again', async () => {
    const store = await openSecretStore(folder, null, options);
    expect(store.protected).toBe(true);
    await store.set('so_1', 'token', 'very-secret-text');
    expect(fileText()).not.toContain(Buffer.from('very-secret-text').toString('base64'));
    expect(fileText()).not.toContain('correct horse');
    expect((await openSecretStore(folder, null, options)).get('so_1', 'token')).toBe('very-secret-text');
    // Also where there is a store of the system: the file is the passphrase's.
    expect((await openSecretStore(folder, protection, options)).get('so_1', 'token')).toBe(
      'very-secret-text',
    );
  });

  test('a wrong one, an empty one and none are refused, and nothing is changed', async () => {
    await (await openSecretStore(folder, null, options)).set('so_1', 'token', 'kept');
    const before = fileText();
    passphrase('wrong horse');
    await expect(openSecretStore(folder, null, options)).rejects.toThrow('does not open');
    passphrase('\n');
    await expect(openSecretStore(folder, null, options)).rejects.toThrow('no passphrase in the first line');
    process.env[variable] = join(folder, 'nowhere');
    await expect(openSecretStore(folder, null, options)).rejects.toThrow('cannot be read');
    delete process.env[variable];
    await expect(openSecretStore(folder, null, options)).rejects.toThrow('encrypted with a passphrase');
    expect(fileText()).toBe(before);
  });

  test('what lay plain is encrypted at once', async () => {
    delete process.env[variable];
    await (await openSecretStore(folder, null, options)).set('so_1', 'token', 'very-secret-text');
    expect(fileText()).toContain(Buffer.from('very-secret-text').toString('base64'));
    passphrase('correct horse');
    expect((await openSecretStore(folder, null, options)).get('so_1', 'token')).toBe('very-secret-text');
    expect(fileText()).not.toContain(Buffer.from('very-secret-text').toString('base64'));
  });
});

test('what lay plain is encrypted at once when the store of the system comes', async () => {
  await (await openSecretStore(folder, null)).set('so_1', 'token', 'very-secret-text');
  expect((await openSecretStore(folder, protection)).get('so_1', 'token')).toBe('very-secret-text');
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).not.toContain(
    Buffer.from('very-secret-text').toString('base64'),
  );
});

test('while the store of the system is away, what is entered lasts for the session and nothing is written', async () => {
  await (await openSecretStore(folder, protection)).set('so_1', 'token', 'kept');
  const before = readFileSync(join(folder, 'secrets.json'), 'utf8');
  const away = await openSecretStore(folder, null, { forSession: true });
  expect(away.protected).toBe(false);
  expect(away.sentence).toContain('not available now');
  await away.set('so_1', 'token', 'for now');
  expect(away.get('so_1', 'token')).toBe('for now');
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe(before);
  expect((await openSecretStore(folder, protection)).get('so_1', 'token')).toBe('kept');
});

test('of two values for one secret the later stays, however long the first takes to encrypt', async () => {
  const turns = [5, 0];
  const slowAtFirst: SecretProtection = {
    ...protection,
    async encrypt(text) {
      for (let left = turns.shift() ?? 0; left > 0; left -= 1) await nextTurn();
      return protection.encrypt(text);
    },
  };
  const store = await openSecretStore(folder, slowAtFirst);
  await Promise.all([store.set('so_1', 'token', 'first'), store.set('so_1', 'token', 'second')]);
  expect((await openSecretStore(folder, protection)).get('so_1', 'token')).toBe('second');
});
