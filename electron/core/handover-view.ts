import type { HandoverPack, HandoverView } from '../../shared/domain/handover.ts';
import { handoverItems } from '../../shared/domain/handover.ts';
import { checklistFor } from '../../shared/domain/handover-draft.ts';
import {
  countersigned,
  type HandoverFile,
  handoverHash,
  isSamePerson,
} from '../../shared/domain/handover-file.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { sha256Hex } from '../db/ids.ts';
import type { Store, Writer } from '../db/index.ts';
import { keyFingerprint } from '../db/signatures.ts';

/** A safe name without its ending: `handover-20260304-021407z`. */
export function handoverFileName({ madeMs }: Pick<HandoverPack, 'madeMs'>): string {
  return `handover-${formatUtc(madeMs).replace(/[-:]/g, '').replace('T', '-').replace('Z', 'z')}`;
}

/** Who signed a handover and who countersigned it, with what is known of their keys here. */
export function signersOf(
  store: Store,
  file: HandoverFile,
): { readonly outgoing: NonNullable<HandoverView['outgoing']> } & Pick<HandoverView, 'countersignatures'> {
  const known = new Set(store.writers.knownKeys());
  const key = (publicKey: string) => ({
    keyFingerprint: keyFingerprint(publicKey),
    isKnown: known.has(publicKey),
  });
  const { name, publicKey, signedMs, writtenBy } = file.signature;
  return {
    outgoing: { name, signedMs, writtenBy, ...key(publicKey) },
    countersignatures: file.countersignatures.map((each) => countersigned(file, each, key(each.publicKey))),
  };
}

/** Of one from elsewhere a case may be here by now, and the alert not. */
function reachableIn(store: Store, pack: HandoverPack): string[] {
  return handoverItems(pack).flatMap(({ key, link }) =>
    link !== null && store.handovers.isHere(link) ? [key] : [],
  );
}

/**
 * One handover as it is shown.
 * @param reader whoever looks: what they signed is said; null knows of nobody
 * @throws WatchfloorError `not-found`
 */
export function handoverView(store: Store, id: string, reader: Writer | null): HandoverView {
  const [handover, row] = [store.handovers.get(id), store.handovers.row(id)];
  if (handover === null || row === null) throw new WatchfloorError('not-found', 'There is no such handover.');
  if (handover.state === 'draft') {
    const { pack, revision, nextShiftHours } = handover.draft;
    return {
      row,
      pack,
      draft: { revision, nextShiftHours },
      outgoing: null,
      countersignatures: [],
      checklist: [],
      reachable: reachableIn(store, pack),
      isCountersignedByMe: false,
      isMine: false,
      sha256: null,
      fileName: handoverFileName(pack),
    };
  }
  const { file, checklist } = handover;
  return {
    row,
    pack: file.pack,
    draft: null,
    ...signersOf(store, file),
    checklist: checklistFor(file.pack, checklist),
    reachable: reachableIn(store, file.pack),
    isCountersignedByMe: file.countersignatures.some(({ publicKey }) => publicKey === reader?.publicKey),
    isMine: reader !== null && isSamePerson(file.signature, reader),
    sha256: handoverHash(file, sha256Hex),
    fileName: handoverFileName(file.pack),
  };
}
