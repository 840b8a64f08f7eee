import type { Hub } from '../api/hub.ts';
import type { LiveSamples } from './live-samples.ts';
import type { AppStore } from './store.ts';

export interface SessionParts {
  readonly hub: Hub;
  readonly store: AppStore;
  readonly live: LiveSamples;
}

/** Asks anew for customers, services and signals, e.g. after a form changed one. */
export async function reloadCatalog({ hub, store }: Pick<SessionParts, 'hub' | 'store'>): Promise<void> {
  const [{ customers, services }, signals] = await Promise.all([
    hub.call('customers.list', {}),
    hub.call('signals.list', {}),
  ]);
  store.getState().setCatalog({ customers, services, signals });
}

/**
 * Keeps what every screen needs (who we are, status, settings, catalog, range) in step with the core, from the first
 * connection over restarts and changes of the workspace. Returns how to stop.
 */
export function followSession(parts: SessionParts): () => void {
  const { hub, store, live } = parts;

  const sayIfUnexpected = (thrown: unknown) => {
    // A connection that ended meanwhile is said by the frame, not by every call that it cut off.
    if (!hub.isAttached()) return;
    store.getState().notify({
      tone: 'error',
      text: thrown instanceof Error ? thrown.message : 'The core could not be asked.',
    });
  };
  const load = async () => {
    if (!hub.isAttached()) return;
    try {
      const state = store.getState();
      const [hello, status, range] = await Promise.all([
        hub.call('app.hello', {}),
        hub.call('app.status', {}),
        hub.call('range.status', {}),
        reloadCatalog(parts),
      ]);
      state.setHello(hello);
      state.setRange(range);
      state.setStatus(status);
    } catch (thrown) {
      sayIfUnexpected(thrown);
    }
  };

  const stops = [
    hub.onGap(() => void load()),
    hub.on('status', (status) => store.getState().setStatus(status)),
    hub.on('settings.changed', (settings) => store.getState().setSettings(settings)),
    hub.on('range.changed', (range) => store.getState().setRange(range)),
    hub.on('signals.changed', () => void reloadCatalog(parts).catch(sayIfUnexpected)),
    hub.on('signals.samples', ({ rows }) => live.push(rows)),
    hub.on('workspace.changed', () => {
      live.clear();
      store.getState().resetSession();
      void load();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
