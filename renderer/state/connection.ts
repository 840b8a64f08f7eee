import type { SliceCreator } from './app-state.ts';

/** How the page is connected to its core. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** Lost; trying again at this moment (epoch ms, null while trying). */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly sinceMs: number }
  /** Another session holds the core; a person may take over. */
  | { readonly kind: 'other-session' }
  /** The address has no token, or not this host's. */
  | { readonly kind: 'wrong-token' }
  /** The core will not come back by itself: what happened, in words. */
  | { readonly kind: 'failed'; readonly message: string };

export interface ConnectionSlice {
  readonly connection: ConnectionState;
  readonly setConnection: (connection: ConnectionState) => void;
}

export const createConnectionSlice: SliceCreator<ConnectionSlice> = (set) => ({
  connection: { kind: 'connecting' },
  setConnection: (connection) => set({ connection }),
});
