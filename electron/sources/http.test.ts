import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, request as plainRequest } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Settings } from '../../shared/domain/connection.ts';
import { testIo } from '../testing/connection-io.ts';
import { httpServer } from '../testing/trouble-servers.ts';
import { createHttpClient } from './http.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server that gives back the headers it was sent. */
async function echo(): Promise<string> {
  const server = await httpServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: request.url, ...request.headers }));
  });
  ends.push(server.close);
  return `http://127.0.0.1:${server.port}`;
}

const record = z.record(z.string(), z.unknown());
const ask = (settings: Settings, secrets: Record<string, string> = {}, path = '/x') =>
  createHttpClient(settings).json(path, record, testIo({ secrets }));

describe('the HTTP client signs in', () => {
  it.each([
    [{ auth: 'none' }, {}, undefined],
    [
      { auth: 'basic', username: 'ann' },
      { password: 'pä:ss' },
      `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`,
    ],
    [{ auth: 'bearer' }, { token: 'abc' }, 'Bearer abc'],
  ])('with %j', async (settings, secrets, authorization) => {
    expect((await ask({ url: await echo(), ...settings }, secrets)).authorization).toBe(authorization);
  });

  it('with a header of one’s own, below a path prefix', async () => {
    const answer = await ask(
      { url: `${await echo()}/prom/`, auth: 'header', headerName: 'X-Scope-OrgID' },
      { headerValue: 'acme' },
      '/api?q=1',
    );
    expect([answer.path, answer['x-scope-orgid']]).toEqual(['/prom/api?q=1', 'acme']);
  });

  it('not without its secret, nor with a line break in it', async () => {
    const url = await echo();
    await expect(ask({ url, auth: 'bearer' })).rejects.toMatchObject({
      message: 'Token: no value is stored for it.',
    });
    await expect(ask({ url, auth: 'bearer' }, { token: 'a\r\nx: y' })).rejects.toMatchObject({
      message: 'Token: there is a line break in it.',
    });
  });
});

describe('the HTTP client', () => {
  it.each([
    [{ url: 'prometheus:9090' }, 'Address: only http:// and https:// are possible.'],
    [{ url: 'not an address' }, 'Address: this is no address'],
    [{ url: 'http://a:b@host/' }, 'Address: put the user name and password in their own fields'],
    [{ url: 'http://host/?x=1' }, 'Address: leave out what follows ? or #.'],
    [{ url: '' }, 'Address: this is needed.'],
    [{ url: 'http://host', auth: 'header', headerName: 'a b' }, 'Header name: this is no header name.'],
    [{ url: 'http://host', auth: 'basic', username: 'a:b' }, 'User name: there can be no colon in it.'],
    [{ url: 'http://host', auth: 'magic' }, 'Sign in with: one of none, basic, bearer, header is needed.'],
    [{ url: 'http://host', proxy: 'socks5://x' }, 'Proxy: only http:// and https:// are possible.'],
  ])('refuses settings %j', (settings, message) => {
    expect(() => createHttpClient(settings)).toThrow(message);
  });

  it('follows a redirect on the same server, with its credentials', async () => {
    const server = await httpServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/x') {
        response.writeHead(302, { location: '/y' });
        response.end();
      } else response.end(JSON.stringify({ authorization: request.headers.authorization }));
    });
    ends.push(server.close);
    const answer = await ask({ url: `http://127.0.0.1:${server.port}`, auth: 'bearer' }, { token: 'abc' });
    expect([answer, server.asked]).toEqual([{ authorization: 'Bearer abc' }, ['/x', '/y']]);
  });

  it('ends at once when it is stopped', async () => {
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await httpServer(() => arrived());
    ends.push(server.close);
    const io = testIo();
    const answer = createHttpClient({ url: `http://127.0.0.1:${server.port}`, timeoutSeconds: 100 }).json(
      '/x',
      record,
      io,
    );
    await asked;
    io.stop();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('goes through a proxy, and signs in there', async () => {
    const url = await echo();
    const seen: (string | undefined)[] = [];
    const proxy = createHttpServer((request: IncomingMessage, response) => {
      seen.push(request.headers['proxy-authorization']);
      const target = new URL(request.url ?? '');
      const onward = plainRequest(target, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    proxy.on('connect', (request: IncomingMessage, socket) => {
      seen.push(request.headers['proxy-authorization']);
      const [host = '', port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket);
        socket.pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;
    const answer = await ask({ url, proxy: `http://127.0.0.1:${port}` }, { proxyCredentials: 'ann:secret' });
    expect(answer.path).toBe('/x');
    expect(seen).toEqual([`Basic ${Buffer.from('ann:secret').toString('base64')}`]);
  });
});

describe('the HTTP client over TLS', { timeout: 30_000 }, () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const text = (name: string) => readFileSync(file(name), 'utf8');
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'watchfloor-tls-'));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
    );
    for (const [name, extension] of [
      ['server', 'subjectAltName=IP:127.0.0.1'],
      ['other', 'subjectAltName=DNS:other.example'],
      ['client', 'extendedKeyUsage=clientAuth'],
    ] as const) {
      openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(file(`${name}.ext`), extension);
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '2',
        '-extfile',
        `${name}.ext`,
      );
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function serve(name: string, clientWanted = false): Promise<string> {
    const server = createTlsServer(
      {
        key: text(`${name}.key`),
        cert: text(`${name}.pem`),
        ca: text('ca.pem'),
        requestCert: clientWanted,
        rejectUnauthorized: clientWanted,
      },
      (request, response) => {
        const peer = (request.socket as TLSSocket).getPeerCertificate();
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ client: peer.subject?.CN ?? null }));
      },
    );
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('trusts an authority of one’s own, as PEM text or as a file', async () => {
    const url = await serve('server');
    expect(await ask({ url, ca: text('ca.pem') })).toEqual({ client: null });
    expect(await ask({ url, ca: file('ca.pem') })).toEqual({ client: null });
  });

  it('shows its certificate to a server that wants one', async () => {
    const url = await serve('server', true);
    const settings = { url, ca: file('ca.pem'), clientCertificate: file('client.pem') };
    expect(await ask(settings, { clientKey: text('client.key') })).toEqual({ client: 'client' });
    await expect(ask({ url, ca: file('ca.pem') })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each([
    [
      'an authority that is not trusted',
      'server',
      {},
      /is not from an authority that is trusted: give yours under TLS and proxy\.$/,
    ],
    [
      'a certificate for another name',
      'other',
      { ca: 'ca.pem' },
      /^The certificate of 127\.0\.0\.1:\d+ is for another name\.$/,
    ],
  ])('says that there is %s', async (_name, server, settings, says) => {
    const url = await serve(server);
    const ca = 'ca' in settings ? { ca: file(settings.ca) } : {};
    await expect(ask({ url, ...ca })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(says),
    });
  });

  it('says that a server does not speak TLS, and that one does', async () => {
    const plain = (await echo()).replace('http:', 'https:');
    await expect(ask({ url: plain })).rejects.toMatchObject({
      message: expect.stringMatching(/does not speak TLS here: is it http:\/\/ rather than https:\/\/\?$/),
    });
    const secure = (await serve('server')).replace('https:', 'http:');
    await expect(ask({ url: secure })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says which file cannot be read, without the secret', async () => {
    const url = await serve('server');
    await expect(ask({ url, ca: '/there/is/none.pem' })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Certificate authority could not be read (ENOENT): give PEM text or a file’s path.',
    });
    const wrong = ask(
      { url, ca: file('ca.pem'), clientCertificate: file('client.pem') },
      { clientKey: 'hunter2-hunter2' },
    );
    await expect(wrong).rejects.toMatchObject({
      message: 'Client key could not be read (ENOENT): give PEM text or a file’s path.',
    });
  });
});
