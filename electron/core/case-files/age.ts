import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { sealedDetails } from '../../../shared/case-file/report.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { release } from '../../db/file-chunks.ts';
import { decodeBech32 } from './bech32.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';

/*
 * The age format, version 1 (https://age-encryption.org/v1), over Node's own primitives: several times as fast as in
 * JavaScript, and files pass to and from any other age. Streams of any size in 64 KiB chunks.
 */

const intro = 'age-encryption.org/v1';
const chunkBytes = 64 * 1024;
const tagBytes = 16;
const sealedBytes = chunkBytes + tagBytes;
/** Chunks that are passed on together: each a write of its own would be 16,000 for a gigabyte. */
const chunksAtOnce = 16;
/** Work factor of scrypt, age's own: 256 MiB for a second. More is refused, lest a file take all memory. */
const scryptLogN = 18;
/** The header's lines: far more than any age writes. */
const mostHeaderBytes = 64 * 1024;

/** Whom a file is for: keys that can open it, or a passphrase. */
export type AgeRecipients = { readonly recipients: readonly string[] } | { readonly passphrase: string };
/** What a file may be opened with. */
export interface AgeSecrets {
  /** `AGE-SECRET-KEY-1...` */
  readonly identities: readonly string[];
  readonly passphrase: string | null;
}

interface Stanza {
  readonly words: readonly string[];
  readonly body: Buffer;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return base64(bytes) === text ? bytes : null;
}

const derive = (key: Uint8Array, salt: Uint8Array, info: string) =>
  Buffer.from(hkdfSync('sha256', key, salt, info, 32));

/** The sealed bytes, which follow each other. */
function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Buffer[] {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  return [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
}

/** null where it was not sealed with this key. */
function unseal(key: Uint8Array, nonce: Uint8Array, sealed: Buffer): Buffer | null {
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const plain = decipher.update(sealed.subarray(0, -tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

const zeroNonce = Buffer.alloc(12);

const publicKeyOf = (raw: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') }, format: 'jwk' });
const rawOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');

/** PKCS #8 of a raw X25519 private key: Node derives the public part. */
const privateKeyOf = (raw: Buffer): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw]),
    format: 'der',
    type: 'pkcs8',
  });

const wrapKeyOf = (shared: Buffer, ephemeral: Buffer, recipient: Buffer) =>
  derive(shared, Buffer.concat([ephemeral, recipient]), `${intro}/X25519`);

function wrapForKey(fileKey: Buffer, recipient: string): Stanza {
  const raw = decodeBech32('age', recipient);
  if (raw?.length !== 32) {
    throw new WatchfloorError('bad-input', `${recipient.slice(0, 100)} is not an age recipient (age1...).`);
  }
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const ephemeral = rawOf(publicKey);
  const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(raw) });
  return {
    words: ['X25519', base64(ephemeral)],
    body: Buffer.concat(seal(wrapKeyOf(shared, ephemeral, raw), zeroNonce, fileKey)),
  };
}

function scryptKey(passphrase: string, salt: Buffer, logN: number): Promise<Buffer> {
  const cost = 2 ** logN;
  return new Promise((resolve, reject) => {
    const settings = { N: cost, r: 8, p: 1, maxmem: 128 * cost * 8 + 1024 * 1024 };
    const salted = Buffer.concat([Buffer.from(`${intro}/scrypt`), salt]);
    scrypt(passphrase, salted, 32, settings, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

async function wrapForPassphrase(fileKey: Buffer, passphrase: string): Promise<Stanza> {
  const salt = randomBytes(16);
  const key = await scryptKey(passphrase, salt, scryptLogN);
  return {
    words: ['scrypt', base64(salt), String(scryptLogN)],
    body: Buffer.concat(seal(key, zeroNonce, fileKey)),
  };
}

function headerMac(fileKey: Buffer, header: string): Buffer {
  return createHmac('sha256', derive(fileKey, Buffer.alloc(0), 'header'))
    .update(header)
    .digest();
}

/** A chunk's number as its nonce, with a mark on the last. */
function chunkNonce(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** Two buffers in turn, so that streams of any size need no more memory: what one holds is good until it is filled anew. */
function createGathering(bytes: number) {
  let [filling, other] = [Buffer.allocUnsafe(bytes), Buffer.allocUnsafe(bytes)];
  let filled = 0;
  return {
    add(piece: Buffer): void {
      piece.copy(filling, filled);
      filled += piece.length;
    },
    isFull: () => filled === bytes,
    /** What was added since the last time. */
    take(): Buffer {
      const taken = filling.subarray(0, filled);
      [filling, other] = [other, filling];
      filled = 0;
      return taken;
    },
  };
}

/** Encrypts a stream; each piece is good until the one after the next is asked for. @throws WatchfloorError `bad-input` for a recipient that is none */
export async function* ageEncrypt(
  plain: AsyncIterable<Buffer>,
  recipients: AgeRecipients,
): AsyncGenerator<Buffer, void, void> {
  const fileKey = randomBytes(16);
  const stanzas =
    'passphrase' in recipients
      ? [await wrapForPassphrase(fileKey, recipients.passphrase)]
      : recipients.recipients.map((recipient) => wrapForKey(fileKey, recipient));
  const lines = stanzas.map(({ words, body }) => {
    const text = base64(body);
    // Bodies end with a line of less than 64 characters; those of 32 bytes are one such line.
    return `-> ${words.join(' ')}\n${text}\n`;
  });
  const header = `${intro}\n${lines.join('')}---`;
  const nonce = randomBytes(16);
  yield Buffer.concat([Buffer.from(`${header} ${base64(headerMac(fileKey, header))}\n`), nonce]);
  const key = derive(fileKey, nonce, 'payload');
  const reader = createByteReader(plain);
  const sealed = createGathering(chunksAtOnce * sealedBytes);
  try {
    for (let number = 0; ; number += 1) {
      const chunk = await reader.view(chunkBytes);
      const isLast = await reader.isAtEnd();
      for (const piece of seal(key, chunkNonce(number, isLast), chunk)) {
        sealed.add(piece);
        release(piece);
      }
      if (isLast || sealed.isFull()) yield sealed.take();
      if (isLast) return;
    }
  } finally {
    await reader.close();
  }
}

const damaged = () => new WatchfloorError('bad-input', 'The encrypted file is damaged or cut short.');

/** Lines up to the MAC's; each without its newline. */
async function headerLines(reader: ByteReader): Promise<string[]> {
  const lines: string[] = [];
  let line = '';
  for (let bytes = 0; bytes < mostHeaderBytes; bytes += 1) {
    const [byte] = await reader.take(1);
    if (byte === undefined) throw damaged();
    if (byte !== 10) {
      line += String.fromCharCode(byte);
      continue;
    }
    lines.push(line);
    if (line.startsWith('--- ')) return lines;
    line = '';
  }
  throw damaged();
}

function stanzasOf(lines: readonly string[]): Stanza[] {
  const stanzas: Stanza[] = [];
  for (let at = 0; at < lines.length; ) {
    const [arrow, ...words] = (lines[at] ?? '').split(' ');
    if (arrow !== '->' || words.length === 0) throw damaged();
    let text = '';
    let line: string;
    do {
      at += 1;
      line = lines[at] ?? '';
      if (at >= lines.length || line.length > 64) throw damaged();
      text += line;
    } while (line.length === 64);
    const body = fromBase64(text);
    if (body === null) throw damaged();
    stanzas.push({ words, body });
    at += 1;
  }
  return stanzas;
}

function unwrapWithKey(stanza: Stanza, identity: Buffer): Buffer | null {
  const ephemeral = fromBase64(stanza.words[1] ?? '');
  if (stanza.words.length !== 2 || ephemeral?.length !== 32 || stanza.body.length !== 32) throw damaged();
  const privateKey = privateKeyOf(identity);
  const recipient = rawOf(createPublicKey(privateKey));
  let shared: Buffer;
  try {
    shared = diffieHellman({ privateKey, publicKey: publicKeyOf(ephemeral) });
  } catch {
    // A key of small order gives no secret.
    throw damaged();
  }
  return unseal(wrapKeyOf(shared, ephemeral, recipient), zeroNonce, stanza.body);
}

async function unwrapWithPassphrase(stanza: Stanza, passphrase: string): Promise<Buffer | null> {
  const [, saltText = '', logN = ''] = stanza.words;
  const salt = fromBase64(saltText);
  if (stanza.words.length !== 3 || salt?.length !== 16 || !/^[1-9]\d?$/.test(logN)) throw damaged();
  if (stanza.body.length !== 32) throw damaged();
  if (Number(logN) > scryptLogN) {
    throw new WatchfloorError(
      'too-large',
      'Opening this file with its passphrase would take more memory than it may. Nothing was read.',
      `scrypt work factor ${logN}`,
    );
  }
  return unseal(await scryptKey(passphrase, salt, Number(logN)), zeroNonce, stanza.body);
}

async function unwrap(stanzas: readonly Stanza[], secrets: AgeSecrets): Promise<Buffer> {
  const forPassphrase = stanzas.find(({ words }) => words[0] === 'scrypt');
  if (forPassphrase !== undefined) {
    // Somebody who knows the passphrase made all of it, or nobody did.
    if (stanzas.length > 1) throw damaged();
    if (secrets.passphrase === null) {
      throw new WatchfloorError(
        'refused',
        'This file is encrypted with a passphrase. Give it to open the file.',
        sealedDetails.passphrase,
      );
    }
    const fileKey = await unwrapWithPassphrase(forPassphrase, secrets.passphrase);
    if (fileKey === null)
      throw new WatchfloorError(
        'refused',
        'The passphrase does not open this file.',
        sealedDetails.passphrase,
      );
    return fileKey;
  }
  for (const text of secrets.identities) {
    const identity = decodeBech32('age-secret-key-', text);
    if (identity?.length !== 32) {
      throw new WatchfloorError('bad-input', 'This is not an age identity (AGE-SECRET-KEY-1...).');
    }
    for (const stanza of stanzas) {
      const fileKey = stanza.words[0] === 'X25519' ? unwrapWithKey(stanza, identity) : null;
      if (fileKey !== null) return fileKey;
    }
  }
  throw new WatchfloorError(
    'refused',
    secrets.identities.length === 0
      ? 'This file is encrypted for certain keys. Give the identity that opens it.'
      : 'None of the given identities opens this file.',
    sealedDetails.keys,
  );
}

/** Whether a file's first bytes are those of an encrypted one. */
export function isAge(first: Uint8Array): boolean {
  return Buffer.from(first)
    .subarray(0, intro.length + 1)
    .equals(Buffer.from(`${intro}\n`));
}

/**
 * Decrypts a stream; what it yields was authenticated, but whether more was to come is known at its end alone. Each piece
 * is good until the one after the next is asked for.
 * @throws WatchfloorError `refused` for a missing or wrong secret, `bad-input` for a damaged file, `too-large`
 */
export async function* ageDecrypt(
  sealed: AsyncIterable<Buffer>,
  secrets: AgeSecrets,
): AsyncGenerator<Buffer, void, void> {
  const reader = createByteReader(sealed);
  try {
    const key = await payloadKey(reader, secrets);
    const opened = createGathering(chunksAtOnce * chunkBytes);
    for (let number = 0; ; number += 1) {
      const chunk = await reader.view(sealedBytes);
      const isLast = await reader.isAtEnd();
      if (chunk.length < tagBytes || (isLast && number > 0 && chunk.length === tagBytes)) throw damaged();
      const plain = unseal(key, chunkNonce(number, isLast), chunk);
      if (plain === null) throw damaged();
      opened.add(plain);
      release(plain);
      if (isLast || opened.isFull()) yield opened.take();
      if (isLast) return;
    }
  } finally {
    await reader.close();
  }
}

/** Reads the header, up to the chunks. */
async function payloadKey(reader: ByteReader, secrets: AgeSecrets): Promise<Buffer> {
  const lines = await headerLines(reader);
  const macLine = lines.pop() ?? '';
  if (lines.shift() !== intro) throw damaged();
  const fileKey = await unwrap(stanzasOf(lines), secrets);
  const header = `${[intro, ...lines].join('\n')}\n---`;
  const mac = fromBase64(macLine.slice(4));
  if (fileKey.length !== 16 || mac?.length !== 32 || !timingSafeEqual(mac, headerMac(fileKey, header))) {
    throw damaged();
  }
  return derive(fileKey, await reader.take(16), 'payload');
}
