import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

const keys = new Map<string, KeyObject | null>();

/** By which people know a public key: the first 32 hex digits of the SHA-256 of its raw bytes. @param publicKey base64 */
export function keyFingerprint(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32);
}

/** Node's key of a raw Ed25519 public key in base64; null when it is none. */
function keyOf(publicKey: string): KeyObject | null {
  const known = keys.get(publicKey);
  if (known !== undefined) return known;
  let key: KeyObject | null = null;
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url');
    key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    // Whoever asks gets "not valid", which is what it is.
  }
  keys.set(publicKey, key);
  return key;
}

/** Whether an Ed25519 signature over a text is valid. @param publicKey base64 of the raw 32 bytes */
export function isSignedBy(publicKey: string, text: string, signature: Uint8Array): boolean {
  const key = keyOf(publicKey);
  if (key === null) return false;
  try {
    return verify(null, Buffer.from(text), key, signature);
  } catch {
    return false;
  }
}

/** The same on another thread, for who checks thousands in a row. */
export function isSignedByLater(publicKey: string, text: string, signature: Uint8Array): Promise<boolean> {
  const key = keyOf(publicKey);
  if (key === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(null, Buffer.from(text), key, signature, (error, isValid) => resolve(error === null && isValid));
  });
}
