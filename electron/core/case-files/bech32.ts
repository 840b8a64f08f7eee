/*
 * Bech32 (BIP 173) without its limit of 90 characters, as age writes its keys: `age1...`, `AGE-SECRET-KEY-1...`.
 */

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function checksumOf(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if ((top >>> bit) & 1) checksum ^= generator;
  }
  return checksum >>> 0;
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((character) => character.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

/** Groups of five bits as bytes; null where what is left over is not zeros. */
function bytesOf(values: readonly number[]): Buffer | null {
  let held = 0;
  let bits = 0;
  const bytes: number[] = [];
  for (const value of values) {
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >>> bits);
    held &= (1 << bits) - 1;
  }
  return bits >= 5 || held !== 0 ? null : Buffer.from(bytes);
}

/** The bytes behind a prefix, in either case but not mixed; null where the text is not that. */
export function decodeBech32(prefix: string, text: string): Buffer | null {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return null;
  if (!lower.startsWith(`${prefix}1`)) return null;
  const values = [...lower.slice(prefix.length + 1)].map((character) => alphabet.indexOf(character));
  if (values.length < 6 || values.includes(-1)) return null;
  if (checksumOf([...expanded(prefix), ...values]) !== 1) return null;
  return bytesOf(values.slice(0, -6));
}
