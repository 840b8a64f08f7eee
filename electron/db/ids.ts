import { createHash, hash, randomBytes } from 'node:crypto';

/** A short random id with a prefix that says what it names: `ca_5f0c...`, 96 bits. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** SHA-256 as lower-case hex. */
export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The first 16 bytes of the SHA-256 of a text, hex: 128 bits, enough never to meet by chance. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** The same as bytes, for identity columns. */
export function shortHashBytes(text: string): Buffer {
  return hash('sha256', text, 'buffer').subarray(0, 16);
}

/** A text as a 48-bit whole number, for narrow indexes over long keys. */
function keyNumber(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 12), 16);
}

/** The number of a correlation key, the same for occurrences and context events. */
export const correlationNumber = (key: string): number => keyNumber(`correlation ${key}`);

export const addressNumber = (address: string): number => keyNumber(`address ${address}`);
