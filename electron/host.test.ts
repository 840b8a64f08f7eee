import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Port } from '../shared/api/envelope.ts';
import { type Host, startHost } from './host.ts';

let folder: string;
let host: Host;
let attached: Port[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-host-'));
  mkdirSync(join(folder, 'public', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'public', 'index.html'), '<!doctype html><title>Watchfloor</title>');
  writeFileSync(join(folder, 'public', 'assets', 'a.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for anybody');
  attached = [];
  host = await startHost({
    rendererDirectory: join(folder, 'public'),
    port: 0,
    attach: (port) => attached.push(port),
  });
});

afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: host.port, path, headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Opens a socket as a browser would; resolves with how it went. */
function connect(options: {
  readonly token?: string;
  readonly origin?: string;
  readonly hostName?: string;
  readonly cookie?: string;
  readonly path?: string;
}): Promise<{ opened: boolean; status: number; socket: WebSocket }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `ws://127.0.0.1:${host.port}${options.path ?? '/port'}`,
      options.token === undefined ? [] : [`watchfloor.${options.token}`],
      {
        headers: {
          origin: options.origin ?? `http://127.0.0.1:${host.port}`,
          host: options.hostName ?? `127.0.0.1:${host.port}`,
          ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
        },
      },
    );
    socket.on('open', () => resolve({ opened: true, status: 101, socket }));
    socket.on('unexpected-response', (_request, response) => {
      resolve({ opened: false, status: response.statusCode ?? 0, socket });
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

async function sessionCookie(): Promise<string> {
  const page = await get('/');
  return String(page.headers['set-cookie']).split(';')[0] ?? '';
}

function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve(0);
    socket.on('close', (code) => resolve(code));
  });
}

describe('files', () => {
  test('the page comes without a token, with a strict policy and no word of the token', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.body).not.toContain(host.token);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/a.js%00.html',
    '/assets',
    '/nothing.js',
  ])('%s is not there', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('not for anybody');
  });

  test('another name for this machine is refused, and nothing but reading is possible', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(421);
    expect((await get('/', {}, 'POST')).status).toBe(405);
  });
});

test('a page can ask whether its token is the right one, and learns nothing else', async () => {
  const answers = [
    await get('/session'),
    await get('/session', { authorization: `Bearer ${'A'.repeat(43)}` }),
    await get('/session', { authorization: `Bearer ${host.token}` }),
  ];
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [401, ''],
    [401, ''],
    [204, ''],
  ]);
});

describe('the socket', () => {
  test('opens with token, own origin and own session', async () => {
    const { opened, socket } = await connect({ token: host.token, cookie: await sessionCookie() });
    expect(opened).toBe(true);
    expect(attached).toHaveLength(1);
    socket.terminate();
  });

  test.each([
    ['no token', {}, 401],
    ['a wrong token', { token: 'A'.repeat(43) }, 401],
    ['a foreign origin', { origin: 'http://evil.example' }, 403],
    ['a foreign host', { hostName: 'evil.example' }, 403],
    ['another path', { path: '/other' }, 404],
  ])('%s gets none', async (_name, change, status) => {
    const result = await connect({
      ...(status === 401 ? {} : { token: host.token }),
      cookie: await sessionCookie(),
      ...change,
    });
    expect([result.opened, result.status]).toEqual([false, status]);
    expect(attached).toHaveLength(0);
  });

  test('a second window of one session is welcome, a second session is refused, and may take over', async () => {
    const mine = await sessionCookie();
    const first = await connect({ token: host.token, cookie: mine });
    const second = await connect({ token: host.token, cookie: mine });
    expect([first.opened, second.opened]).toEqual([true, true]);

    const other = await sessionCookie();
    const refused = await connect({ token: host.token, cookie: other });
    expect(await closed(refused.socket)).toBe(4001);
    expect(attached).toHaveLength(2);

    const ends = [closed(first.socket), closed(second.socket)];
    const taken = await connect({ token: host.token, cookie: other, path: '/port?take=1' });
    expect(taken.opened).toBe(true);
    expect(await Promise.all(ends)).toEqual([4002, 4002]);
    expect(attached).toHaveLength(3);
    taken.socket.terminate();
  });
});
