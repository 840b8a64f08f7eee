import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';
import {
  newScryptSettings,
  passphraseOfEnvironment,
  passphraseProtection,
  passphraseVariable,
  type ScryptSettings,
  scryptSettingsSchema,
} from './passphrase.ts';

/** What the operating system's store can do for us; given by the shell, absent elsewhere. */
export interface SecretProtection {
  encrypt(text: string): Promise<Uint8Array>;
  decrypt(bytes: Uint8Array): Promise<string>;
}

export interface SecretStore {
  /** Whether what is set lies encrypted on the disk, with a key that does not lie beside it. */
  readonly protected: boolean;
  /** Where secrets lie, in words for the analyst. */
  readonly sentence: string;
  /** The environment comes first: `WATCHFLOOR_SECRET_<owner>_<key>` in capitals, everything else as `_`. */
  get(owner: string, key: string): string | null;
  set(owner: string, key: string, value: string | null): Promise<void>;
  removeOwner(owner: string): Promise<void>;
  keysOf(owner: string): string[];
}

/**
 * How the file's values lie in it, as base64. `plain`: the text; `os`: what the operating system's store encrypted;
 * `passphrase`: what `passphraseProtection` made of it.
 */
type Kind = 'plain' | 'os' | 'passphrase';

const fileSchema = z.object({
  version: z.literal(1),
  protection: z.enum(['plain', 'os', 'passphrase']),
  scrypt: scryptSettingsSchema.optional(),
  values: z.record(z.string(), z.string()),
});

export function environmentName(owner: string, key: string): string {
  return `WATCHFLOOR_SECRET_${owner}_${key}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

function readSecrets(path: string): z.infer<typeof fileSchema> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw new WatchfloorError('storage', `The secrets file ${path} cannot be read.`, String(thrown));
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new WatchfloorError(
      'storage',
      `The secrets file ${path} is damaged. Nothing else was touched: move it away and enter the secrets again.`,
    );
  }
}

function writeSecrets(path: string, file: z.infer<typeof fileSchema>): void {
  const temporary = `${path}.new`;
  try {
    const handle = openSync(temporary, 'w', 0o600);
    try {
      writeSync(handle, JSON.stringify(file));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
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

interface Guard {
  readonly kind: Kind;
  /** null for plain values, and where those of the file cannot be read here. */
  readonly protection: SecretProtection | null;
  readonly scrypt?: ScryptSettings;
}

/** A file stays as it is protected; a plain or new one gets the best that there is. */
async function guardOf(
  file: z.infer<typeof fileSchema> | null,
  system: SecretProtection | null,
  scryptLogN: number | undefined,
): Promise<Guard> {
  const kind = file?.protection ?? 'plain';
  if (kind === 'os' || (kind === 'plain' && system !== null)) return { kind: 'os', protection: system };
  const passphrase = passphraseOfEnvironment();
  if (passphrase === null) {
    if (kind === 'plain') return { kind, protection: null };
    throw new WatchfloorError(
      'refused',
      `The secrets of this data directory are encrypted with a passphrase. Put it into the first line of a file that only you can read, and name the file in ${passphraseVariable}.`,
    );
  }
  const scrypt = file?.scrypt ?? newScryptSettings(scryptLogN);
  return { kind: 'passphrase', protection: await passphraseProtection(passphrase, scrypt), scrypt };
}

function sentenceOf({ kind, protection }: Guard, path: string): string {
  if (kind === 'passphrase') return 'Secrets are encrypted with your passphrase.';
  if (kind === 'plain') {
    return `The operating system's store is not available here: secrets lie in ${path}, readable by your account alone but not encrypted, or come from the environment. A passphrase in a file that ${passphraseVariable} names encrypts them from the next start on.`;
  }
  if (protection !== null) return "Secrets are encrypted with a key in the operating system's store.";
  return "The secrets of this data directory are encrypted with a key in the operating system's store, which is not available now. They are kept and cannot be read; what you enter now lasts until this program ends, and is not stored.";
}

export interface SecretOptions {
  /** Where the file's values cannot be read here: whether what is set may last for this session only, or is refused. */
  readonly forSession?: boolean;
  /** Work factor for a new passphrase; tests choose a small one. */
  readonly scryptLogN?: number;
}

/**
 * Opens the secrets of a data directory: one file of mode 0600 beside the database, never inside it.
 * @param system the operating system's store, where there is one
 * @throws WatchfloorError `storage` when the file is there but cannot be read, `refused` without its passphrase,
 *   `bad-input` when the environment names a passphrase that cannot be had
 */
export async function openSecretStore(
  dataDirectory: string,
  system: SecretProtection | null,
  { forSession = false, scryptLogN }: SecretOptions = {},
): Promise<SecretStore> {
  const path = join(dataDirectory, 'secrets.json');
  const file = readSecrets(path);
  const guard = await guardOf(file, system, scryptLogN);
  const { kind, protection, scrypt } = guard;
  const values = new Map<string, string>();
  const unreadable = new Map<string, string>();
  for (const [name, stored] of Object.entries(file?.values ?? {})) {
    const bytes = Buffer.from(stored, 'base64');
    if (file?.protection === 'plain') values.set(name, bytes.toString('utf8'));
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
  if (kind === 'passphrase' && values.size === 0 && unreadable.size > 0) {
    throw new WatchfloorError(
      'refused',
      `The passphrase in the file that ${passphraseVariable} names does not open the secrets of this data directory. Nothing was changed.`,
    );
  }
  const isLocked = kind === 'os' && protection === null;

  let writing: Promise<void> = Promise.resolve();
  /** One after the other: a write that began earlier must not end last. */
  function write(): Promise<void> {
    writing = writing.then(writeNow, writeNow);
    return writing;
  }

  async function writeNow(): Promise<void> {
    if (isLocked) {
      if (forSession) return;
      throw new WatchfloorError(
        'storage',
        "This data directory's secrets are protected by the desktop app's store and cannot be changed from here. Nothing was changed.",
      );
    }
    const stored: Record<string, string> = Object.fromEntries(unreadable);
    for (const [name, value] of values) {
      stored[name] = Buffer.from(protection ? await protection.encrypt(value) : value).toString('base64');
    }
    writeSecrets(path, {
      version: 1,
      protection: kind,
      ...(scrypt === undefined ? {} : { scrypt }),
      values: stored,
    });
  }

  // Plain ones from before there was a protection do not stay so.
  if (file?.protection === 'plain' && protection !== null && values.size > 0) await write();

  const nameOf = (owner: string, key: string) => `${owner}/${key}`;
  return {
    protected: protection !== null,
    sentence: sentenceOf(guard, path),
    get: (owner, key) => process.env[environmentName(owner, key)] ?? values.get(nameOf(owner, key)) ?? null,
    async set(owner, key, value) {
      const name = nameOf(owner, key);
      const before = values.get(name);
      const keptBefore = unreadable.get(name);
      if (value === null) values.delete(name);
      else values.set(name, value);
      unreadable.delete(name);
      try {
        await write();
      } catch (thrown) {
        if (before === undefined) values.delete(name);
        else values.set(name, before);
        if (keptBefore !== undefined) unreadable.set(name, keptBefore);
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
