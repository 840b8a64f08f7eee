import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { SecretProtection } from './secrets.ts';

/** Names the file whose first line is the passphrase of this machine's secrets. */
export const passphraseVariable = 'WATCHFLOOR_PASSPHRASE_FILE';

/** 64 MiB, twice: one of the settings of scrypt in OWASP's Password Storage Cheat Sheet. */
const usualLogN = 16;
const parallelization = 2;
/** A file of somebody else's making does not take more memory than 1 GiB. */
const mostLogN = 20;
const nonceBytes = 12;
const tagBytes = 16;

/** How the key follows from the passphrase; lies beside what is encrypted. The salt is base64. */
export const scryptSettingsSchema = z.object({
  salt: z.base64().min(16).max(200),
  logN: z.number().int().min(1).max(mostLogN),
});
export type ScryptSettings = z.infer<typeof scryptSettingsSchema>;

export function newScryptSettings(logN: number = usualLogN): ScryptSettings {
  return { salt: randomBytes(16).toString('base64'), logN };
}

/**
 * The passphrase that the environment names a file for; null where it names none.
 * @throws WatchfloorError `bad-input` when the file cannot be read or its first line is empty
 */
export function passphraseOfEnvironment(): string | null {
  const path = process.env[passphraseVariable];
  if (path === undefined || path === '') return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new WatchfloorError(
      'bad-input',
      `${path}, which ${passphraseVariable} names, cannot be read. Nothing was opened.`,
      String(thrown),
    );
  }
  const [first = ''] = text.split(/\r?\n/);
  if (first === '') {
    throw new WatchfloorError(
      'bad-input',
      `There is no passphrase in the first line of ${path}, which ${passphraseVariable} names. Nothing was opened.`,
    );
  }
  return first;
}

/** Protection by a passphrase: scrypt gives the key, AES-256-GCM encrypts; a value is its nonce, text and tag. */
export async function passphraseProtection(
  passphrase: string,
  { salt, logN }: ScryptSettings,
): Promise<SecretProtection> {
  const cost = 2 ** logN;
  const key = await new Promise<Buffer>((resolve, reject) => {
    const settings = {
      N: cost,
      r: 8,
      p: parallelization,
      maxmem: 128 * 8 * (cost + parallelization) + 1024 * 1024,
    };
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, settings, (error, made) =>
      error === null ? resolve(made) : reject(error),
    );
  });
  return {
    async encrypt(text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    async decrypt(bytes) {
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    },
  };
}
