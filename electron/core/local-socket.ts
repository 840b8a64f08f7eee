import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxMessageBytes, type Port } from '../../shared/api/envelope.ts';

/** Where the core of a data directory listens for the command line: a unix socket, on Windows a named pipe. */
function socketPath(dataDirectory: string): string {
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\watchfloor-${name}`;
  const inside = join(dataDirectory, 'core.sock');
  // The kernel cuts socket paths at 108 bytes.
  return Buffer.byteLength(inside) < 100 ? inside : join(tmpdir(), `watchfloor-${name}.sock`);
}

const descriptionName = 'core.json';

/** Messages as lines of JSON over a stream socket. */
export function streamPort(socket: Socket): Port {
  const messageListeners = new Set<(message: unknown) => void>();
  const closeListeners = new Set<() => void>();
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  socket.on('data', (data: Buffer) => {
    let rest = data;
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const line = Buffer.concat([...chunks, rest.subarray(0, end)]).toString('utf8');
      chunks = [];
      heldBytes = 0;
      rest = rest.subarray(end + 1);
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        socket.destroy();
        return;
      }
      for (const listener of messageListeners) listener(message);
    }
    chunks.push(rest);
    heldBytes += rest.length;
    if (heldBytes > maxMessageBytes) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const listener of closeListeners) listener();
  });
  return {
    send(message) {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    },
    onMessage(listener) {
      messageListeners.add(listener);
      return () => messageListeners.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close() {
      socket.end();
    },
  };
}

/** Listens for the command line of the same account. Whoever holds the directory's lock may replace an old socket. */
export async function listenLocally(
  dataDirectory: string,
  accept: (port: Port) => void,
): Promise<{ close(): Promise<void> }> {
  const path = socketPath(dataDirectory);
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    accept(streamPort(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  const description = join(dataDirectory, descriptionName);
  writeFileSync(description, JSON.stringify({ socket: path, pid: process.pid }), { mode: 0o600 });
  return {
    close: () =>
      new Promise((resolve) => {
        rmSync(description, { force: true });
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Connects to the core that has a data directory open; null when there is none to be reached. */
export async function connectLocally(dataDirectory: string): Promise<Port | null> {
  let path: string;
  try {
    const value: unknown = JSON.parse(readFileSync(join(dataDirectory, descriptionName), 'utf8'));
    if (typeof value !== 'object' || value === null || !('socket' in value)) return null;
    if (typeof value.socket !== 'string') return null;
    path = value.socket;
  } catch {
    return null;
  }
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(streamPort(socket)));
    socket.once('error', () => resolve(null));
  });
}
