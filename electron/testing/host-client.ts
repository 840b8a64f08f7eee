import { WebSocket } from 'ws';
import { type Client, createClient } from '../../shared/api/client.ts';
import { maxMessageBytes, type Port } from '../../shared/api/envelope.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

/**
 * Connects to a running loopback host as its page does: the page for the session's cookie, then the socket with the
 * token as subprotocol. For tests and measurements; it takes over from a session that is there.
 *
 * @param address as the host's `ready` line gives it, with the token in its fragment
 * @throws {WatchfloorError} `unavailable` when the host does not let it in
 */
export async function connectToHost(address: string): Promise<Client> {
  const url = new URL(address);
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
  const page = await fetch(url.origin);
  await page.arrayBuffer();
  const cookie = (page.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const socket = new WebSocket(`ws://${url.host}/port?take=1`, [`watchfloor.${token}`], {
    origin: url.origin,
    maxPayload: maxMessageBytes,
    headers: { cookie },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', (error) =>
      reject(new WatchfloorError('unavailable', 'The host did not let the client in.', error.message)),
    );
  });
  return createClient(portOf(socket));
}

function portOf(socket: WebSocket): Port {
  const messages = new Set<(message: unknown) => void>();
  const closes = new Set<() => void>();
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(String(data));
    for (const listener of messages) listener(message);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const listener of closes) listener();
  });
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage(listener) {
      messages.add(listener);
      return () => messages.delete(listener);
    },
    onClose(listener) {
      closes.add(listener);
      return () => closes.delete(listener);
    },
    close: () => socket.terminate(),
  };
}
