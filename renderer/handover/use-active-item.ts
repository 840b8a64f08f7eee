import { useLayoutEffect, useState } from 'react';
import {
  type HandoverItem,
  type HandoverLink,
  type HandoverPack,
  handoverItems,
} from '../../shared/domain/handover.ts';
import type { Destination, ScreenName } from '../state/screen.ts';
import { type Command, useApp } from '../ui/index.ts';

const places: Readonly<
  Record<HandoverLink['kind'], (id: string) => readonly [screen: ScreenName, destination: Destination]>
> = {
  alert: (alertId) => ['queue', { alertId }],
  case: (caseId) => ['cases', { caseId }],
  mitigation: (mitigationId) => ['mitigate', { mitigationId }],
  source: (connectionId) => ['settings', { section: 'sources', connectionId }],
  suppression: (suppressionId) => ['settings', { section: 'suppressions', suppressionId }],
};

export interface ActiveItem {
  readonly item: HandoverItem | null;
  readonly activate: (key: string) => void;
  /** Opens what the active item is about; null where that is not here. */
  readonly open: (() => void) | null;
  /** Moving and opening by keyboard. */
  readonly commands: readonly Command[];
}

/** Which item of a pack the keys mean. */
export function useActiveItem(pack: HandoverPack, reachable: readonly string[]): ActiveItem {
  const goTo = useApp((state) => state.goTo);
  const [key, setKey] = useState<string | null>(null);
  const [lastPlace, setLastPlace] = useState(0);
  const items = handoverItems(pack);
  const found = items.findIndex((each) => each.key === key);
  // Where the active one went away, its place is the next one's.
  const place = found >= 0 ? found : Math.min(lastPlace, items.length - 1);
  const item = items[place] ?? null;
  const itemKey = item?.key ?? null;
  // It stays that item, wherever others that come later put it.
  useLayoutEffect(() => {
    if (itemKey === null) return;
    setKey(itemKey);
    setLastPlace(place);
  }, [itemKey, place]);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(items.length - 1, to));
    setLastPlace(next);
    setKey(items[next]?.key ?? null);
  };
  const link = item === null || !reachable.includes(item.key) ? null : item.link;
  const open =
    link === null
      ? null
      : () => {
          const [screen, destination] = places[link.kind](link.id);
          goTo(screen, destination);
        };
  const group = 'Handover';
  return {
    item,
    activate: (wanted) => move(items.findIndex((each) => each.key === wanted)),
    open,
    commands: [
      {
        id: 'handover.next-item',
        title: 'Next item',
        group,
        keys: ['j', 'ArrowDown'],
        hidden: true,
        run: () => move(place + 1),
      },
      {
        id: 'handover.previous-item',
        title: 'Previous item',
        group,
        keys: ['k', 'ArrowUp'],
        hidden: true,
        run: () => move(place - 1),
      },
      {
        id: 'handover.open-item',
        title: 'Open what the item is about',
        group,
        keys: ['Enter', 'o'],
        enabled: open !== null,
        run: () => open?.(),
      },
    ],
  };
}
