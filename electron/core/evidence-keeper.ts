import type { EvidenceProtection } from '../../shared/domain/evidence-protection.ts';
import { type EvidenceKey, newEvidenceKey, type Store } from '../db/index.ts';
import { faultPoint } from './fault-points.ts';
import type { Log } from './log.ts';
import type { SecretStore } from './secrets.ts';
import type { StatusView } from './status.ts';

const owner = 'evidence';
const mostNamed = 200;

/** Sees to it that evidence lies encrypted where its key is safe from who has only the disk. */
export interface EvidenceKeeper {
  state(): EvidenceProtection;
  /** Encrypts what still lies plain, one file after the other, until it is done or `isStopped`. */
  encryptPlain(isStopped: () => boolean): Promise<void>;
}

function keysIn(secrets: SecretStore): EvidenceKey[] {
  return secrets
    .keysOf(owner)
    .sort()
    .flatMap((id) => {
      const bytes = Buffer.from(secrets.get(owner, id) ?? '', 'base64');
      return bytes.length === 32 && /^[0-9a-f]{16}$/.test(id) ? [{ id, bytes }] : [];
    });
}

class Stopped extends Error {}

/**
 * Gives the store the keys of its evidence. Where secrets are protected and no key can be read, a new one is made:
 * what an older one encrypted stays as it is.
 */
export async function openEvidenceKeeper(deps: {
  readonly store: Store;
  readonly secrets: SecretStore;
  readonly log: Pick<Log, 'write'>;
}): Promise<EvidenceKeeper> {
  const { store, secrets, log } = deps;
  let keys = keysIn(secrets);
  if (keys.length === 0 && secrets.protected) {
    const key = newEvidenceKey();
    await secrets.set(owner, key.id, Buffer.from(key.bytes).toString('base64'));
    keys = [key];
  }
  store.evidence.setKeys(keys);

  return {
    state() {
      const { encrypted, plain, unreadable } = store.evidence.census();
      const named = new Map(store.evidence.namesOf(unreadable).map((each) => [each.sha256, each]));
      return {
        isEncrypting: keys.length > 0,
        encrypted,
        plain: plain.length,
        unreadable: unreadable.length,
        unreadableFiles: unreadable.slice(0, mostNamed).map((sha256) => {
          const { name = null, caseId = null } = named.get(sha256) ?? {};
          return { sha256, name, caseId };
        }),
      };
    },
    async encryptPlain(isStopped) {
      if (keys.length === 0) return;
      const onStep = (step: 'writing' | 'before-rename' | 'before-removal') => {
        if (isStopped()) throw new Stopped();
        faultPoint(`evidence-encrypt:${step}`);
      };
      for (const sha256 of store.evidence.census().plain) {
        if (isStopped()) return;
        try {
          const result = await store.evidence.encryptPlain(sha256, onStep);
          if (result === 'damaged') {
            log.write('error', 'evidence', `${sha256} has not its hash any more and was left as it is.`);
          }
        } catch (thrown) {
          if (thrown instanceof Stopped) return;
          // E.g. a full disk, or a file that somebody reads on Windows: the next start tries again.
          log.write('error', 'evidence', `${sha256} could not be encrypted: ${String(thrown)}`);
        }
      }
    },
  };
}

const noticeTitle = 'Some evidence cannot be read here';

/** Says once which evidence is encrypted with a key that is not available here. */
export function noteUnreadableEvidence(keeper: EvidenceKeeper, status: StatusView): void {
  const { unreadable, unreadableFiles } = keeper.state();
  if (unreadable === 0) return;
  const text = `${unreadable === 1 ? '1 piece of evidence is' : `${unreadable} pieces of evidence are`} encrypted with a key that is not available here. The files were not changed and open again where the key is; a case file with the same evidence brings it back. Settings, Storage has the list.`;
  if (status.read().notices.some((notice) => notice.title === noticeTitle && notice.text === text)) return;
  const details = unreadableFiles
    .map(
      ({ sha256, name, caseId }) =>
        `${sha256} ${name ?? 'of no case'}${caseId === null ? '' : ` (${caseId})`}`,
    )
    .join('\n');
  status.addNotice({ level: 'error', title: noticeTitle, text, details });
}
