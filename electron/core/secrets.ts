import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';

/** What the operating system's store can do for us; given by the shell, absent elsewhere. */
export interface SecretProtection {
  encrypt(text: string): Promise<Uint8Array>;
  decrypt(bytes: Uint8Array): Promise<string>;
}

export interface SecretStore {
  readonly protected: boolean;
  /** Where secrets lie, in words for the analyst. */
  readonly sentence: string;
  /** The environment comes first: `WATCHFLOOR_SECRET_<owner>_<key>` in capitals, everything else as `_`. */
  get(owner: string, key: string): string | null;
  set(owner: string, key: string, value: string | null): Promise<void>;
  removeOwner(owner: string): Promise<void>;
  keysOf(owner: string): string[];
}

const fileSchema = z.object({
  version: z.literal(1),
  /** `plain`: base64 of the text; `os`: base64 of what the operating system's store encrypted. */
  protection: z.enum(['plain', 'os']),
  values: z.record(z.string(), z.string()),
});

export function environmentName(owner: string, key: string): string {
  return `WATCHFLOOR_SECRET_${owner}_${key}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/**
 * Opens the secrets of a data directory: one file of mode 0600 beside the database, never inside it.
 * @throws WatchfloorError `storage` when the file is there but cannot be read
 */
export async function openSecretStore(
  dataDirectory: string,
  protection: SecretProtection | null,
): Promise<SecretStore> {
  const path = join(dataDirectory, 'secrets.json');
  const values = new Map<string, string>();
  const unreadable = new Map<string, string>();
  let text: string | null = null;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) {
      throw new WatchfloorError('storage', `The secrets file ${path} cannot be read.`, String(thrown));
    }
  }
  if (text !== null) {
    let parsed: z.infer<typeof fileSchema>;
    try {
      parsed = fileSchema.parse(JSON.parse(text));
    } catch {
      throw new WatchfloorError(
        'storage',
        `The secrets file ${path} is damaged. Nothing else was touched: move it away and enter the secrets again.`,
      );
    }
    for (const [name, stored] of Object.entries(parsed.values)) {
      const bytes = Buffer.from(stored, 'base64');
      if (parsed.protection === 'plain') values.set(name, bytes.toString('utf8'));
      else {
        try {
          if (!protection) throw new Error('no store');
          values.set(name, await protection.decrypt(bytes));
        } catch {
          // Kept as it is, so that opening this directory elsewhere does not destroy what its own machine can read.
          unreadable.set(name, stored);
        }
      }
    }
  }

  async function write(): Promise<void> {
    const stored: Record<string, string> = Object.fromEntries(unreadable);
    for (const [name, value] of values) {
      stored[name] = Buffer.from(protection ? await protection.encrypt(value) : value).toString('base64');
    }
    if (!protection && unreadable.size > 0) {
      throw new WatchfloorError(
        'storage',
        "This data directory's secrets are protected by the desktop app's store and cannot be changed from here. Nothing was changed.",
      );
    }
    const body = JSON.stringify({ version: 1, protection: protection ? 'os' : 'plain', values: stored });
    const temporary = `${path}.new`;
    try {
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeSync(file, body);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (thrown) {
      throw new WatchfloorError(
        'storage',
        'The secret could not be stored. The earlier one still stands.',
        String(thrown),
      );
    }
  }

  const nameOf = (owner: string, key: string) => `${owner}/${key}`;
  return {
    protected: protection !== null,
    sentence: protection
      ? "Secrets are encrypted with a key in the operating system's store."
      : `The operating system's store is not available here: secrets lie in ${path}, readable by your account alone but not encrypted, or come from the environment.`,
    get: (owner, key) => process.env[environmentName(owner, key)] ?? values.get(nameOf(owner, key)) ?? null,
    async set(owner, key, value) {
      const name = nameOf(owner, key);
      const before = values.get(name);
      if (value === null) values.delete(name);
      else values.set(name, value);
      unreadable.delete(name);
      try {
        await write();
      } catch (thrown) {
        if (before === undefined) values.delete(name);
        else values.set(name, before);
        throw thrown;
      }
    },
    async removeOwner(owner) {
      const names = [...values.keys(), ...unreadable.keys()].filter((name) => name.startsWith(`${owner}/`));
      if (names.length === 0) return;
      for (const name of names) {
        values.delete(name);
        unreadable.delete(name);
      }
      await write();
    },
    keysOf: (owner) =>
      [...values.keys()]
        .filter((name) => name.startsWith(`${owner}/`))
        .map((name) => name.slice(owner.length + 1)),
  };
}
