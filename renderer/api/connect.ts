import { z } from 'zod';
import { createClient } from '../../shared/api/client.ts';
import type { Port } from '../../shared/api/envelope.ts';
import type { AppStore } from '../state/store.ts';
import type { Hub } from './hub.ts';
import { type CloseReason, messagePortAsPort, openWebSocketPort, SocketClosed } from './ports.ts';

/** What a connection needs: the hub that clients are attached to, and the store that says how it stands. */
export interface ConnectTo {
  readonly hub: Hub;
  readonly store: AppStore;
}

/** Puts a new client on a port; what was attached before is let go. */
export function attachPort({ hub, store }: ConnectTo, port: Port): void {
  const client = createClient(port);
  const before = store.getState().connection;
  store.getState().setConnection({ kind: 'connected' });
  hub.attach(client);
  if (before.kind === 'reconnecting') {
    store.getState().notify({ text: 'The core was restarted. Reconnected, nothing stored was lost.' });
  }
}

const shellMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('watchfloor:core-port') }),
  z.object({
    type: z.literal('watchfloor:core-state'),
    state: z.discriminatedUnion('state', [
      z.object({ state: z.literal('starting') }),
      z.object({ state: z.literal('ready') }),
      z.object({ state: z.literal('restarting'), attempt: z.number(), delayMs: z.number() }),
      z.object({ state: z.literal('failed'), message: z.string() }),
    ]),
  }),
]);

/** In the shell: the preload posts a port for every core that starts, and says when one ended. */
export function connectShell(to: ConnectTo): void {
  const { hub, store } = to;
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window) return;
    const parsed = shellMessageSchema.safeParse(event.data);
    if (!parsed.success) return;
    if (parsed.data.type === 'watchfloor:core-port') {
      const messagePort = event.ports[0];
      if (!messagePort) return;
      const port = messagePortAsPort(messagePort);
      port.onClose(() => lose(to));
      attachPort(to, port);
      return;
    }
    const { state } = parsed.data;
    if (state.state === 'restarting') lose(to);
    if (state.state === 'failed') {
      hub.attach(null);
      store.getState().setConnection({ kind: 'failed', message: state.message });
    }
  });
}

function lose({ hub, store }: ConnectTo): void {
  hub.attach(null);
  const { connection, setConnection } = store.getState();
  if (connection.kind === 'failed') return;
  setConnection(
    connection.kind === 'reconnecting'
      ? { ...connection, attempt: connection.attempt + 1 }
      : { kind: 'reconnecting', attempt: 1, sinceMs: Date.now() },
  );
}

const tokenKey = 'watchfloor.token';

/**
 * The host's token: from the address's fragment, where the host prints it, else what this tab kept. It is taken out
 * of the address bar, so that it is not bookmarked or read over a shoulder.
 */
export function takeToken(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  replace: (url: string) => void,
): string | null {
  const match = /[#&]token=([A-Za-z0-9_-]+)/.exec(location.hash);
  if (!match?.[1]) return storage.getItem(tokenKey);
  storage.setItem(tokenKey, match[1]);
  replace(`${location.pathname}${location.search}`);
  return match[1];
}

const firstDelayMs = 300;
const longestDelayMs = 5_000;

/** How long to wait before the next try, ms: doubles up to five seconds, with jitter so that tabs do not march. */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(10, attempt - 1)) * (0.75 + random * 0.5);
}

/**
 * In a browser: the loopback host's WebSocket, kept up with growing pauses. Another session's hold and a wrong token
 * are not retried.
 * @returns how to connect again at once, taking over from another session where asked
 */
export function connectHost(to: ConnectTo, token: string | null): (options: { take: boolean }) => void {
  const { store } = to;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let attempt = 0;

  const onClosed = (reason: CloseReason) => {
    if (reason === 'lost') {
      lose(to);
      attempt += 1;
      timer = setTimeout(() => void open({ take: false }), reconnectDelayMs(attempt, Math.random()));
      return;
    }
    to.hub.attach(null);
    store.getState().setConnection({ kind: reason });
  };

  async function open({ take }: { take: boolean }): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    if (token === null) {
      store.getState().setConnection({ kind: 'wrong-token' });
      return;
    }
    try {
      const port = await openWebSocketPort(
        `ws://${window.location.host}/port${take ? '?take=1' : ''}`,
        token,
        onClosed,
      );
      attempt = 0;
      attachPort(to, port);
    } catch (thrown) {
      onClosed(thrown instanceof SocketClosed ? thrown.reason : 'lost');
    }
  }

  void open({ take: false });
  return (options) => void open(options);
}
