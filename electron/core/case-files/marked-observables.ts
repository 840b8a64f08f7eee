import { setImmediate as nextTurn } from 'node:timers/promises';
import { mayBeSeenBy } from '../../../shared/case-file/audience.ts';
import type { Tlp } from '../../../shared/domain/case.ts';
import { toCaseEntry } from '../../../shared/domain/case-entry.ts';
import { observableKey } from '../../../shared/domain/case-log.ts';
import type { SignedEntry } from '../../../shared/domain/entry-chain.ts';
import type { CaseOutline, Store } from '../../db/store.ts';

const kinds: ReadonlySet<string> = new Set([
  'observable-added',
  'observable-removed',
  'observable-assessed',
  'observable-tagged',
  'observable-untagged',
  'sighting-noted',
]);

/** Of version 1 the header does not say the kind. */
const isAboutObservable = ({ version, kind, payload }: SignedEntry): boolean =>
  payload !== null && (version === 1 ? payload.includes('"observable-') : kinds.has(kind));

/**
 * Which entries speak of an observable that is marked more strictly than an audience may see: of those in the case by
 * what is held of them now, of those that were removed by the strictest that anybody said.
 */
export async function aboutMarkedObservables(
  store: Store,
  state: CaseOutline,
  cases: readonly string[],
  audience: Tlp | null,
): Promise<(entry: SignedEntry) => boolean> {
  if (audience === null) return () => false;
  const hides = (tlp: Tlp | null | undefined) =>
    tlp !== null && tlp !== undefined && !mayBeSeenBy(audience, { tlp }, 'TLP:RED');
  const present = new Map(
    state.observables.map(({ kind, value, tlp }) => [observableKey(kind, value), hides(tlp)]),
  );
  const keys = new Map<string, string>();
  const saidOfIds = new Set<string>();
  for (const page of store.cases.signedEntries(cases, store.cases.newestPosition())) {
    for (const entry of page) {
      if (!isAboutObservable(entry)) continue;
      const { payload } = toCaseEntry(entry);
      if (payload?.kind === 'observable-added') {
        keys.set(payload.observableId, observableKey(payload.entityKind, payload.value));
      }
      if (payload?.kind === 'observable-assessed' && hides(payload.tlp)) saidOfIds.add(payload.observableId);
    }
    await nextTurn();
  }
  const hidden = new Set([...present].flatMap(([key, isHidden]) => (isHidden ? [key] : [])));
  for (const id of saidOfIds) {
    const key = keys.get(id);
    if (key !== undefined && !present.has(key)) hidden.add(key);
  }
  if (hidden.size === 0) return () => false;
  return (entry) => {
    if (!isAboutObservable(entry)) return false;
    const { payload } = toCaseEntry(entry);
    return payload !== null && 'observableId' in payload && hidden.has(keys.get(payload.observableId) ?? '');
  };
}
