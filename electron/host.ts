/**
 * The loopback host: the renderer's files over HTTP and the contract over one WebSocket, on 127.0.0.1 alone.
 * Without the token there is nothing but the app's own static files.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { contentPolicy } from '../shared/api/content-policy.ts';
import { maxMessageBytes, type Port } from '../shared/api/envelope.ts';
import { WatchfloorError } from '../shared/domain/result.ts';
import { reportStyleHash } from '../shared/report/report-style.ts';

export interface HostOptions {
  /** Folder of the built renderer. */
  readonly rendererDirectory: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly attach: (port: Port) => void;
}

export interface Host {
  /** The whole address with the token in its fragment. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** Close codes that the renderer understands. */
const takenCode = 4001;
const takenOverCode = 4002;

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
};

/** A client that does not read is cut off before its queue eats the memory. */
const mostQueuedBytes = 64 * 1024 * 1024;

function sameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function webSocketPort(socket: WebSocket): Port {
  const messages = new Set<(message: unknown) => void>();
  const closes = new Set<() => void>();
  socket.on('message', (data, isBinary) => {
    if (isBinary) return;
    let message: unknown;
    try {
      message = JSON.parse(data.toString());
    } catch {
      socket.close(1007);
      return;
    }
    for (const listener of messages) listener(message);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const listener of closes) listener();
  });
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > mostQueuedBytes) {
        socket.terminate();
        return;
      }
      socket.send(JSON.stringify(message));
    },
    onMessage(listener) {
      messages.add(listener);
      return () => messages.delete(listener);
    },
    onClose(listener) {
      closes.add(listener);
      return () => closes.delete(listener);
    },
    close: () => socket.close(1001),
  };
}

/**
 * Starts the host.
 * @throws WatchfloorError `unavailable` when the port is taken
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes });
  /** Open sockets by session: one session may have several windows. */
  const sessions = new Map<string, Set<WebSocket>>();
  let port = 0;

  const hosts = () => new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  // A page elsewhere may reach loopback by a name of its own (DNS rebinding): only our own names are answered.
  const isOwnHost = (request: IncomingMessage) => hosts().has(request.headers.host ?? '');
  const isOwnOrigin = (origin: string | undefined) =>
    origin?.startsWith('http://') === true && hosts().has(origin.slice('http://'.length));
  const cookieName = () => `watchfloor-session-${port}`;

  function sessionOf(request: IncomingMessage): string | null {
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [name, value] = part.trim().split('=');
      if (name === cookieName() && value && /^[\w-]{20,64}$/.test(value)) return value;
    }
    return null;
  }

  function contentSecurityPolicy(): string {
    return contentPolicy({
      connect: [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`],
      // A frame from a string is under the page's policy as well: the report's preview shows its one style sheet.
      styleHashes: [reportStyleHash],
    });
  }

  async function serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, text: string) => {
      response.writeHead(status, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(`${text}\n`);
    };
    if (!isOwnHost(request)) return refuse(421, 'This server answers on 127.0.0.1 alone.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'Only files are served here.');
    let path: string;
    // Lets a page tell a wrong token from a host that is gone; says nothing else.
    if (request.url === '/session') {
      const isRight = sameText(request.headers.authorization ?? '', `Bearer ${token}`);
      response.writeHead(isRight ? 204 : 401, { 'cache-control': 'no-store' });
      response.end();
      return;
    }
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    } catch {
      return refuse(400, 'That address cannot be read.');
    }
    const relative = normalize(path === '/' ? '/index.html' : path);
    const type = mediaTypes[extname(relative)];
    if (path.includes('\0') || relative.split(sep).includes('..') || !type)
      return refuse(404, 'No such file.');
    let body: Buffer;
    try {
      body = await readFile(join(options.rendererDirectory, relative));
    } catch {
      return refuse(404, 'No such file.');
    }
    const headers: Record<string, string> = {
      'content-type': type,
      'content-length': String(body.length),
      'cache-control': relative.startsWith(`${sep}assets${sep}`)
        ? 'public, max-age=31536000, immutable'
        : 'no-store',
      'content-security-policy': contentSecurityPolicy(),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    };
    if (extname(relative) === '.html' && sessionOf(request) === null) {
      headers['set-cookie'] =
        `${cookieName()}=${randomBytes(24).toString('base64url')}; Path=/; HttpOnly; SameSite=Strict`;
    }
    response.writeHead(200, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  function refuseUpgrade(socket: Duplex, status: string): void {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  server.on('request', (request, response) => {
    serveFile(request, response).catch(() => response.destroy());
  });

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!isOwnHost(request) || !isOwnOrigin(request.headers.origin))
      return refuseUpgrade(socket, '403 Forbidden');
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname !== '/port') return refuseUpgrade(socket, '404 Not Found');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const given = offered.find((each) => each.startsWith('watchfloor.'))?.slice('watchfloor.'.length) ?? '';
    if (!sameText(given, token)) return refuseUpgrade(socket, '401 Unauthorized');
    const session = sessionOf(request);
    if (session === null) return refuseUpgrade(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      const others = [...sessions.keys()].filter((each) => each !== session);
      if (others.length > 0 && url.searchParams.get('take') !== '1') {
        webSocket.close(takenCode, 'Another session is at work here.');
        return;
      }
      for (const other of others) {
        for (const open of sessions.get(other) ?? []) open.close(takenOverCode, 'Another session took over.');
        sessions.delete(other);
      }
      const own = sessions.get(session) ?? new Set();
      sessions.set(session, own.add(webSocket));
      webSocket.on('close', () => {
        own.delete(webSocket);
        if (own.size === 0 && sessions.get(session) === own) sessions.delete(session);
      });
      options.attach(webSocketPort(webSocket));
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => {
      reject(
        new WatchfloorError(
          'unavailable',
          thrown.code === 'EADDRINUSE'
            ? `Port ${options.port} is taken. Choose another with --port, or leave it out for a free one.`
            : `The host cannot listen on 127.0.0.1: ${thrown.message}`,
        ),
      );
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : options.port;

  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    close: () =>
      new Promise((resolve) => {
        for (const open of sockets.clients) open.close(1001, 'Watchfloor is closing.');
        server.close(() => resolve());
        server.closeAllConnections();
        setTimeout(() => {
          for (const open of sockets.clients) open.terminate();
        }, 500).unref();
      }),
  };
}
