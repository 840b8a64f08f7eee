import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Analyst } from '../../shared/domain/customer.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Store, Writer } from '../db/index.ts';
import type { SecretStore } from './secrets.ts';

/** Who writes into the case and audit chains: the analyst at work, and Watchfloor itself for what it does alone. */
export interface Analysts {
  current(): Analyst | null;
  /** The analyst's own writer. @throws WatchfloorError `refused` before the first start's question was answered */
  writer(): Writer;
  /** For what happens with nobody asking: detection, ends, reconciliation. */
  systemWriter(): Writer;
  /** A writer under another name, e.g. the command line's. */
  namedWriter(name: string): Promise<Writer>;
  /** Makes this analyst the one at work; a new name gets a new key pair. */
  setCurrent(name: string): Promise<Analyst>;
}

const systemName = 'Watchfloor';

/** The command line writes as itself whoever is at work in the app, with the account's name where it has one. */
export function commandLineName(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return 'Command line';
  }
}

function rawPublicKey(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  return Buffer.from(jwk.x ?? '', 'base64url').toString('base64');
}

export async function openAnalysts(
  store: Store,
  secrets: SecretStore,
  newId: (prefix: string) => string,
): Promise<Analysts> {
  const keys = new Map<string, KeyObject>();

  async function keyOf(analystId: string): Promise<KeyObject | null> {
    const known = keys.get(analystId);
    if (known) return known;
    const stored = secrets.get(`analyst-${analystId}`, 'private-key');
    if (stored === null) return null;
    const key = createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' });
    keys.set(analystId, key);
    return key;
  }

  async function make(name: string): Promise<Analyst> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const analyst: Analyst = { id: newId('an'), name, publicKey: rawPublicKey(publicKey) };
    // The key first: an analyst without a key could never write.
    await secrets.set(
      `analyst-${analyst.id}`,
      'private-key',
      privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    );
    keys.set(analyst.id, privateKey);
    store.writers.saveAnalyst(analyst);
    return analyst;
  }

  /** An analyst whose private key is gone (another machine's store) cannot be continued: a new one takes the name. */
  async function findOrMake(name: string): Promise<Analyst> {
    for (const analyst of store.writers.analysts()) {
      if (analyst.name === name && (await keyOf(analyst.id))) return analyst;
    }
    return make(name);
  }

  function writerFor(analyst: Analyst): Writer {
    const key = keys.get(analyst.id);
    if (!key)
      throw new WatchfloorError(
        'refused',
        `The key of ${analyst.name} is not available here. Say your name again in the settings.`,
      );
    return {
      id: store.writers.writerId(analyst.id),
      name: analyst.name,
      publicKey: analyst.publicKey,
      sign: (bytes) => sign(null, bytes, key),
    };
  }

  const system = await findOrMake(systemName);
  const systemWriter = writerFor(system);
  const stored = store.writers.currentAnalyst();
  let current = stored && (await keyOf(stored.id)) ? stored : null;
  let writer = current ? writerFor(current) : null;

  return {
    current: () => current,
    writer() {
      if (!writer) throw new WatchfloorError('refused', 'Say your name first: it signs what you do.');
      return writer;
    },
    systemWriter: () => systemWriter,
    namedWriter: async (name) => writerFor(await findOrMake(name)),
    async setCurrent(name) {
      if (name === systemName) {
        throw new WatchfloorError(
          'bad-input',
          `${systemName} is the name under which the app itself writes.`,
        );
      }
      const analyst = await findOrMake(name);
      store.writers.setCurrentAnalyst(analyst.id);
      current = analyst;
      writer = writerFor(analyst);
      return analyst;
    },
  };
}
