import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AgeRecipients, type AgeSecrets, ageDecrypt, ageEncrypt, isAge } from './age.ts';

// Made with age-keygen for this file alone.
const identity = 'AGE-SECRET-KEY-1RL0MPYN8GV640C9EJXRU8G88Q23NZFXWL2WVKJQXT2R75DPDQ0WSQEF9WE';
const recipient = 'age1g74sjklcrvaarfmwlkgj692df8x2j4qnlrwhgysfl9fhllvmj4zq9hruxt';
const otherRecipient = 'age1uu8hkvel99svdn2we58x3ph64jvjd9ncwl6pde62kkntwdae750qklk5ul';
const strangersIdentity = 'AGE-SECRET-KEY-1XHTYDF78SYRKF8D92FVSJF305DEEP6GZY2UVEENVDTUNPKCTR8NQ57S68R';
/** `made by age itself`, encrypted by age 1.1.1 to both recipients, and with a passphrase. */
const madeByAge = {
  toKeys:
    'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSByTFoxc0Vwand3ZDlaK3RKSzVlM25hWVhlczg4U0NyeHNqb2h5OFpJbXo0CmN3TlEzSHBxL2VzeENBMjFrUnVtVGhObXpUSUN1cWJrWWNhbC9PQlJaamcKLT4gWDI1NTE5IGV0ajNkdFU0UmFLVnNJTVJBcEQ1dFpzOHE1eXI3ZlRSajNXbWF6NENYakUKU29aKytLbGVicW5MNHFpMEtEUWxCM25HSlFPOElHN05aSmZuQVdQcWFHZwotLS0gVDRZOG9qQno0VDRENUt2RlBNdHJSejMxWjVqNzA3NHpGcG5sUllwbEhiawoU0gCMdVbXhIh2xvYEOY1U2dKl+WCTS3v5rE+RDwal2sNKZmrO39SAMDdQ5wQrYnnJ8Q==',
  toPassphrase:
    'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBvdFZpV0NtM2JTYzg4THpubXBoZExRIDE4CndncWVWc1JzMG40Y1RpUTV0OXFoWUF0STk5Y0JIOVhCY1piaUt4M2tpVFUKLS0tIGViRkxqaTNjbmhGY1Juc003M0lUalRmMmRmSEg0N3BRVWkvS3VRL3VKWnMKdJS0tgxMMWtzM3BUqqLcUzGV9xeixpHY2c7yc8EhNiY+V7Qbp+njXYtRGBVMVdpWk3w=',
};

async function* pieces(bytes: Buffer, size = 50_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

const encrypt = (plain: Buffer, to: AgeRecipients = { recipients: [recipient] }) =>
  whole(ageEncrypt(pieces(plain), to));
const decrypt = (sealed: Buffer, secrets: Partial<AgeSecrets> = { identities: [identity] }) =>
  whole(ageDecrypt(pieces(sealed), { identities: [], passphrase: null, ...secrets }));

const chunk = 64 * 1024;
const plain = (length: number) => Buffer.alloc(length, 'case file ');

describe('age', () => {
  it.each([
    ...[0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk],
    ...[16 * chunk, 16 * chunk + 1, 32 * chunk - 1, 35 * chunk],
  ])('gives %i bytes back', async (length) => {
    const sealed = await encrypt(plain(length));
    expect(isAge(sealed)).toBe(true);
    expect((await decrypt(sealed)).equals(plain(length))).toBe(true);
  });

  it('passes on bytes of a stream that uses two buffers in turn', async () => {
    const bytes = randomBytes(5_000_000);
    async function* inTurn(all: Buffer, size: number): AsyncGenerator<Buffer> {
      const buffers = [Buffer.alloc(size), Buffer.alloc(size)];
      for (let at = 0, number = 0; at < all.length; at += size, number += 1) {
        const buffer = buffers[number % 2] ?? Buffer.alloc(0);
        yield buffer.subarray(0, all.copy(buffer, 0, at, at + size));
      }
    }
    for (const size of [1_000, chunk, 300_000, 1_048_576]) {
      const sealed = await whole(ageEncrypt(inTurn(bytes, size), { recipients: [recipient] }));
      const opened = ageDecrypt(inTurn(sealed, size), { identities: [identity], passphrase: null });
      expect((await whole(opened)).equals(bytes)).toBe(true);
    }
  });

  it('opens with one of several keys, and with no other', async () => {
    const sealed = await encrypt(plain(10), { recipients: [otherRecipient, recipient] });
    expect(await decrypt(sealed, { identities: [strangersIdentity, identity] })).toEqual(plain(10));
    await expect(decrypt(sealed, { identities: [] })).rejects.toThrow('Give the identity');
    const alone = await encrypt(plain(10));
    await expect(decrypt(alone, { identities: [strangersIdentity] })).rejects.toThrow('None of the given');
    await expect(encrypt(plain(1), { recipients: ['age1nonsense'] })).rejects.toThrow('not an age recipient');
  });

  it('opens what age made', async () => {
    const sealed = Buffer.from(madeByAge.toKeys, 'base64');
    expect((await decrypt(sealed)).toString()).toBe('made by age itself');
    const behindPassphrase = Buffer.from(madeByAge.toPassphrase, 'base64');
    const opened = await decrypt(behindPassphrase, { passphrase: 'correct horse battery' });
    expect(opened.toString()).toBe('made by age itself');
  });

  it('opens with its passphrase alone', async () => {
    const sealed = await encrypt(plain(10), { passphrase: 'correct horse' });
    expect(await decrypt(sealed, { passphrase: 'correct horse' })).toEqual(plain(10));
    await expect(decrypt(sealed, { passphrase: 'wrong' })).rejects.toThrow('does not open');
    await expect(decrypt(sealed)).rejects.toThrow('encrypted with a passphrase');
  });

  it('notices every change, cut and exchange of chunks', async () => {
    const sealed = await encrypt(plain(2 * chunk + 10));
    const headerEnd = sealed.indexOf('\n---');
    const payload = sealed.indexOf('\n', headerEnd + 2) + 1 + 16;
    for (const at of [30, headerEnd - 5, headerEnd + 8, payload - 3, payload + 5, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(decrypt(changed), `byte ${at}`).rejects.toThrow();
    }
    for (const length of [20, payload - 5, payload, payload + 20, payload + chunk + 16, sealed.length - 1]) {
      await expect(decrypt(sealed.subarray(0, length)), `cut at ${length}`).rejects.toThrow();
    }
    const sealedChunk = chunk + 16;
    const first = sealed.subarray(payload, payload + sealedChunk);
    const second = sealed.subarray(payload + sealedChunk, payload + 2 * sealedChunk);
    const exchanged = [
      sealed.subarray(0, payload),
      second,
      first,
      sealed.subarray(payload + 2 * sealedChunk),
    ];
    await expect(decrypt(Buffer.concat(exchanged))).rejects.toThrow('damaged');
    await expect(decrypt(Buffer.concat([sealed, Buffer.from('x')]))).rejects.toThrow('damaged');
  });

  it('refuses a passphrase that would cost more memory than it may', async () => {
    const sealed = await encrypt(plain(10), { passphrase: 'p' });
    const dearer = Buffer.from(sealed.toString('latin1').replace(/(-> scrypt \S+) 18/, '$1 30'), 'latin1');
    await expect(decrypt(dearer, { passphrase: 'p' })).rejects.toThrow('more memory');
  });
});
