import { hash, randomBytes } from 'node:crypto';

/** A short random id with a prefix that says what it names: `ca_5f0c...`, 96 bits. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** SHA-256 as lower-case hex. */
export function sha256Hex(bytes: string | Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The first 16 bytes of the SHA-256 of a text, hex: 128 bits, enough never to meet by chance. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** The same as bytes. */
export function shortHashBytes(text: string): Buffer {
  // Through latin1: a buffer of its own for each hash costs more than the hash, and hex must be read back.
  return Buffer.from(hash('sha256', text, 'binary').slice(0, 16), 'latin1');
}

/**
 * A text as a 53-bit whole number (cyrb53, by bryc, public domain), for narrow indexes over long keys. It spreads
 * well and is fast; somebody who makes two keys meet on purpose gets one more context row shown, and nothing else.
 */
function keyNumber(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

/** The number of a correlation key, the same for occurrences and context events. */
export const correlationNumber = (key: string): number => keyNumber(`correlation ${key}`);

export const addressNumber = (address: string): number => keyNumber(`address ${address}`);
