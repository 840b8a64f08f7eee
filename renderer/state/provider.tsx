import { type ReactNode, useEffect, useLayoutEffect } from 'react';
import type { Hub } from '../api/hub.ts';
import { HubContext } from '../api/use-call.ts';
import { createTicker, type Ticker, TickerContext } from '../ui/time.tsx';
import { KeysContext, type KeysStore, listenToKeys } from './keys.ts';
import { LiveContext, type LiveSamples } from './live-samples.ts';
import { type AppStore, AppStoreContext } from './store.ts';
import { holdKeys } from './waiting-keys.ts';

/** Everything that lives once a page, made at the root and handed down. */
export interface AppRoot {
  readonly hub: Hub;
  readonly store: AppStore;
  readonly keys: KeysStore;
  readonly live: LiveSamples;
  readonly ticker?: Ticker;
}

const pageTicker = createTicker();

/** Hands the root's parts to everything below and follows the appearance settings. */
export function AppProvider({ root, children }: { readonly root: AppRoot; readonly children: ReactNode }) {
  // With the first drawing and not some time after it: a key pressed on what is drawn must be heard.
  useLayoutEffect(() => holdKeys(root.keys, window), [root]);
  useLayoutEffect(() => listenToKeys(root.keys, window), [root]);
  useEffect(() => followAppearance(root.store), [root]);
  return (
    <HubContext value={root.hub}>
      <AppStoreContext value={root.store}>
        <KeysContext value={root.keys}>
          <LiveContext value={root.live}>
            <TickerContext value={root.ticker ?? pageTicker}>{children}</TickerContext>
          </LiveContext>
        </KeysContext>
      </AppStoreContext>
    </HubContext>
  );
}

/** Puts theme and density on the document; `system` follows the operating system, its wish for contrast included. */
function followAppearance(store: AppStore): () => void {
  const light = window.matchMedia('(prefers-color-scheme: light)');
  const contrast = window.matchMedia('(prefers-contrast: more)');
  const apply = () => {
    const { theme, density } = store.getState().settings;
    const system = contrast.matches ? 'high-contrast' : light.matches ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme === 'system' ? system : theme;
    document.documentElement.dataset.density = density;
  };
  apply();
  const stop = store.subscribe((state, before) => {
    if (state.settings !== before.settings) apply();
  });
  light.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
  return () => {
    stop();
    light.removeEventListener('change', apply);
    contrast.removeEventListener('change', apply);
  };
}
