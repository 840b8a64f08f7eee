import { createConnection, type Socket } from 'node:net';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { quoteForSentence } from '../sources/http.ts';
import type { ConnectionIo } from '../sources/source.ts';

/** Where HAProxy's runtime socket is. */
export type SocketAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** As shown to people. */
export function formatSocketAddress(address: SocketAddress): string {
  if (address.kind === 'unix') return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/**
 * Reads `/run/haproxy/admin.sock`, `unix@/path`, `127.0.0.1:9999`, `[::1]:9999` or `ipv4@127.0.0.1:9999`.
 * @returns null when it is none of these
 */
export function parseSocketAddress(text: string): SocketAddress | null {
  const trimmed = text.trim();
  const path = trimmed.startsWith('unix@') ? trimmed.slice(5) : trimmed;
  // The kernel takes at most 107 bytes for the path of a unix socket.
  if (path.startsWith('/')) return Buffer.byteLength(path) <= 107 ? { kind: 'unix', path } : null;
  const match = /^(?:ipv[46]@|tcp:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(trimmed);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) return null;
  return { kind: 'tcp', host, port };
}

/**
 * One argument of a command. The runtime language splits at spaces, ends commands at `;` and line breaks and takes
 * `\` as an escape: none of those ever comes from us, so an argument that holds one is refused, not escaped.
 * @throws WatchfloorError `bad-input`
 */
export function encodeArgument(text: string): string {
  if (!/^[A-Za-z0-9_@%+=:,./#~-]{1,1024}$/.test(text) || text === '<<') {
    throw new WatchfloorError(
      'bad-input',
      `“${quoteForSentence(text, 60)}” cannot be sent to HAProxy: there are characters in it that its runtime socket would take as commands.`,
    );
  }
  return text;
}

/** A command and, for those that take one, the lines of its payload, each a list of arguments. */
export interface RuntimeCommand {
  readonly words: readonly string[];
  readonly payload?: readonly (readonly string[])[];
}

/** The command as it goes over the socket. */
export function encodeCommand(command: RuntimeCommand): string {
  const words = command.words.map(encodeArgument).join(' ');
  if (command.payload === undefined) return `${words}\n`;
  const lines = command.payload.map((line) => line.map(encodeArgument).join(' '));
  // An empty line ends the payload.
  return `${words} <<\n${lines.join('\n')}\n\n`;
}

/** Commands without a payload as one line: HAProxy does them one after another and answers each. */
export function encodeCommands(commands: readonly RuntimeCommand[]): string {
  return `${commands.map((command) => command.words.map(encodeArgument).join(' ')).join('; ')}\n`;
}

const defaultMaxBytes = 16 * 1024 * 1024;

function trouble(address: SocketAddress, error: unknown): WatchfloorError {
  const where = formatSocketAddress(address);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return new WatchfloorError(
        'unavailable',
        `There is no HAProxy socket at ${where}: is HAProxy running, and is the path right?`,
        code,
      );
    case 'EACCES':
    case 'EPERM':
      return new WatchfloorError(
        'not-allowed',
        `${where} may not be used by this account: HAProxy’s “stats socket” line sets its user, group and mode.`,
        code,
      );
    case 'ECONNREFUSED':
      return new WatchfloorError('unavailable', `Nobody answers at ${where}: is HAProxy running?`, code);
    default:
      return new WatchfloorError(
        'unavailable',
        `HAProxy could not be asked at ${where}.`,
        code === '' ? null : code,
      );
  }
}

/** Sends one command over a connection of its own; see `exchange`. */
export function runCommand(
  address: SocketAddress,
  command: RuntimeCommand,
  io: ConnectionIo,
  limits: SocketLimits,
): Promise<string> {
  return exchange(address, encodeCommand(command), io, limits);
}

/** Sends some commands without payload over one connection and reads all their answers as one text. */
export function runCommands(
  address: SocketAddress,
  commands: readonly RuntimeCommand[],
  io: ConnectionIo,
  limits: SocketLimits,
): Promise<string> {
  return exchange(address, encodeCommands(commands), io, limits);
}

export interface SocketLimits {
  readonly timeoutMs: number;
  readonly maxBytes?: number;
}

/**
 * Writes a line of commands and reads until HAProxy closes.
 * @returns HAProxy's answer without trailing line breaks
 * @throws WatchfloorError `unavailable`, `timed-out`, `not-allowed`, `too-large`, `cancelled`, `bad-input`
 */
function exchange(
  address: SocketAddress,
  text: string,
  io: ConnectionIo,
  limits: SocketLimits,
): Promise<string> {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  if (io.signal.aborted) return Promise.reject(new WatchfloorError('cancelled', 'The request was stopped.'));
  return new Promise((resolve, reject) => {
    const socket: Socket =
      address.kind === 'unix' ? createConnection(address.path) : createConnection(address.port, address.host);
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const finish = (error: WatchfloorError | null) => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', stop);
      socket.destroy();
      if (error === null) resolve(Buffer.concat(chunks, size).toString('utf8').trimEnd());
      else reject(error);
    };
    const stop = () => finish(new WatchfloorError('cancelled', 'The request was stopped.'));
    const timer = setTimeout(
      () =>
        finish(
          new WatchfloorError(
            'timed-out',
            `HAProxy at ${formatSocketAddress(address)} did not answer within ${limits.timeoutMs / 1000} s.`,
          ),
        ),
      limits.timeoutMs,
    );
    io.signal.addEventListener('abort', stop, { once: true });
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size > maxBytes) {
        finish(
          new WatchfloorError(
            'too-large',
            `HAProxy at ${formatSocketAddress(address)} sent more than ${Math.round(maxBytes / 1024 / 1024)} MiB; the rest was not read.`,
          ),
        );
        return;
      }
      chunks.push(chunk);
    });
    socket.on('end', () => {
      ended = true;
    });
    socket.on('error', (error) => finish(trouble(address, error)));
    socket.on('close', () => {
      // HAProxy ends every answer with an empty line; one that just stops was cut off.
      if (ended && size > 0) finish(null);
      else {
        finish(
          new WatchfloorError(
            'unavailable',
            `HAProxy at ${formatSocketAddress(address)} closed the connection without a whole answer.`,
          ),
        );
      }
    });
  });
}

/** Whether an answer says that the command is not for this socket's level, or not known at all. */
export function isDenied(answer: string): boolean {
  return /^(Permission denied|Unknown command)/i.test(answer);
}
