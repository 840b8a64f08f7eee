import type { Port } from '../../shared/api/envelope.ts';

/** Why a WebSocket ended, where the host says so by its close code. */
export type CloseReason = 'lost' | 'other-session' | 'wrong-token';

/** Codes of the loopback host: another session holds the core, or has just taken it over. */
export const closeCodes = { otherSession: 4001, takenOver: 4002 } as const;

/** A browser does not say why a socket was refused, so the host is asked once whether the token is its own. */
async function isWrongToken(token: string): Promise<boolean> {
  try {
    const answer = await fetch('/session', { headers: { authorization: `Bearer ${token}` } });
    return answer.status === 401;
  } catch {
    return false;
  }
}

/** The page's end of the channel to a core that runs beside the shell. Messages are structured clones. */
export function messagePortAsPort(messagePort: MessagePort): Port {
  const listeners = new Set<(message: unknown) => void>();
  const closers = new Set<() => void>();
  messagePort.onmessage = (event: MessageEvent<unknown>) => {
    for (const listener of listeners) listener(event.data);
  };
  // `close` is fired by Chromium's MessagePort, also before it was standard.
  messagePort.addEventListener('close', () => {
    for (const closer of closers) closer();
  });
  // A page that goes with an open port and a `close` listener crashes Chromium up to 114 as it is reloaded.
  window.addEventListener('pagehide', () => messagePort.close(), { once: true });
  messagePort.start();
  return {
    send: (message) => messagePort.postMessage(message),
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose(listener) {
      closers.add(listener);
      return () => closers.delete(listener);
    },
    close() {
      messagePort.close();
      for (const closer of closers) closer();
    },
  };
}

/**
 * Opens the loopback host's socket. Resolves once it can be used, rejects with the reason when it closed before.
 * @param url `ws://host/port`, with `?take=1` to take over from another session
 */
export function openWebSocketPort(
  url: string,
  token: string,
  onClosed: (reason: CloseReason) => void,
): Promise<Port> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, `watchfloor.${token}`);
    const listeners = new Set<(message: unknown) => void>();
    const closers = new Set<() => void>();
    let opened = false;
    const port: Port = {
      send(message) {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      },
      onMessage(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onClose(listener) {
        closers.add(listener);
        return () => closers.delete(listener);
      },
      close: () => socket.close(1000),
    };
    socket.onopen = () => {
      opened = true;
      resolve(port);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data !== 'string') return;
      const message: unknown = JSON.parse(event.data);
      for (const listener of listeners) listener(message);
    };
    socket.onclose = (event) => {
      const isOther = event.code === closeCodes.otherSession || event.code === closeCodes.takenOver;
      for (const closer of closers) closer();
      if (opened) onClosed(isOther ? 'other-session' : 'lost');
      else void isWrongToken(token).then((wrong) => reject(new SocketClosed(wrong ? 'wrong-token' : 'lost')));
    };
  });
}

/** The socket closed before it could be used. */
export class SocketClosed extends Error {
  readonly reason: CloseReason;
  constructor(reason: CloseReason) {
    super(`The socket closed: ${reason}`);
    this.name = 'SocketClosed';
    this.reason = reason;
  }
}

/** Two ends of one in-page channel, for the gallery, the fake core and tests. */
export function createPortPair(): readonly [Port, Port] {
  const make = () => ({
    listeners: new Set<(message: unknown) => void>(),
    closers: new Set<() => void>(),
  });
  const sides = [make(), make()] as const;
  const end = (mine: (typeof sides)[number], other: (typeof sides)[number]): Port => ({
    send(message) {
      queueMicrotask(() => {
        for (const listener of other.listeners) listener(message);
      });
    },
    onMessage(listener) {
      mine.listeners.add(listener);
      return () => mine.listeners.delete(listener);
    },
    onClose(listener) {
      mine.closers.add(listener);
      return () => mine.closers.delete(listener);
    },
    close() {
      for (const closer of [...mine.closers, ...other.closers]) closer();
    },
  });
  return [end(sides[0], sides[1]), end(sides[1], sides[0])];
}
