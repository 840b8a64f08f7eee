import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testIo } from '../testing/connection-io.ts';
import { leaveOut, temporaryFolder } from '../testing/real/programs.ts';
import {
  type RunningHaproxy,
  type RunningNginx,
  runtimeCommand,
  startHaproxy,
  startNginx,
} from '../testing/real/servers.ts';
import { haproxyTargetKind } from './haproxy.ts';
import type { BlockAction } from './target.ts';

/** The status that a client at an address of this machine gets, or what happened to its connection. */
function visit(port: number, from: string): Promise<number | string> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, localAddress: from, agent: false, timeout: 3_000 },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 'no status');
      },
    );
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
}

/** Whether HAProxy takes a TCP connection and lets it live. */
function connectFrom(port: number, from: string): Promise<'open' | 'closed'> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, localAddress: from });
    socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.on('data', () => {
      socket.destroy();
      resolve('open');
    });
    socket.on('error', () => resolve('closed'));
    socket.on('close', () => resolve('closed'));
  });
}

const inOneHour = () => (Math.floor(Date.now() / 1000) + 3600) * 1000;

// Real servers on a busy machine take their time.
describe.skipIf(leaveOut('haproxy', 'nginx'))(
  'the HAProxy target on a real HAProxy',
  { timeout: 30_000 },
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let nginx: RunningNginx;
    let haproxy: RunningHaproxy;

    beforeAll(async () => {
      folder = await temporaryFolder();
      nginx = await startNginx(folder.path);
      haproxy = await startHaproxy(folder.path, { originPort: nginx.port });
    }, 60_000);
    afterAll(async () => {
      await haproxy?.stop();
      await nginx?.stop();
      await folder?.remove();
    });
    beforeEach(async () => {
      await runtimeCommand(haproxy.socketPath, `clear map ${haproxy.mapPath}`);
      await writeFile(haproxy.mapPath, '');
    });

    const target = (over: Record<string, string | number> = {}) =>
      haproxyTargetKind.create({
        socket: haproxy.socketPath,
        mapName: haproxy.mapPath,
        table: haproxy.table,
        ...over,
      });
    const mapRows = async () =>
      (await runtimeCommand(haproxy.socketPath, `show map ${haproxy.mapPath}`))
        .trim()
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [line.slice(line.indexOf(' ') + 1)]));
    const action = (entries: readonly string[], expiresMs: number): BlockAction => ({
      mitigationId: 'mi_1',
      entries: entries.map((entry) => ({ entry, expiresMs })),
    });

    it('refuses the blocked client and network, on HTTP and TCP, and still serves the others', async () => {
      const io = testIo();
      const block = action(['127.0.0.70/32', '127.0.0.80/29', '2001:db8::/48'], inOneHour());
      await target().apply(block, io);
      expect(
        await Promise.all(['70', '84', '71'].map((last) => visit(haproxy.httpPort, `127.0.0.${last}`))),
      ).toEqual([403, 403, 200]);
      expect(
        await Promise.all(['70', '84', '71'].map((last) => connectFrom(haproxy.tcpPort, `127.0.0.${last}`))),
      ).toEqual(['closed', 'closed', 'open']);
      expect(await target().verify(block, io)).toEqual({ present: block.entries, missing: [] });
      expect(await target().list(io)).toEqual(block.entries);
      expect(io.logged).toEqual([]);
    });

    it('lets the client in again by itself when the end has come', async () => {
      const io = testIo();
      const expiresMs = (Math.floor(Date.now() / 1000) + 2) * 1000;
      await target().apply(action(['127.0.0.72/32'], expiresMs), io);
      expect(await visit(haproxy.httpPort, '127.0.0.72')).toBe(403);
      await expect
        .poll(() => visit(haproxy.httpPort, '127.0.0.72'), { timeout: 5_000, interval: 100 })
        .toBe(200);
      expect(Date.now()).toBeGreaterThanOrEqual(expiresMs);
    });

    it('does not double when applied twice, nor from two sides at once', async () => {
      const io = testIo();
      const block = action(['127.0.0.73/32'], inOneHour());
      await Promise.all([target().apply(block, io), target().apply(block, io)]);
      await target().apply(block, io);
      const row = `127.0.0.73 ${(block.entries[0]?.expiresMs ?? 0) / 1000}`;
      expect(await mapRows()).toEqual([row]);
      expect(await readFile(haproxy.mapPath, 'utf8')).toBe(`${row}\n`);
    });

    it('reverts, keeps other rows, and does not mind what is gone already', async () => {
      const io = testIo();
      const block = action(['127.0.0.74/32', '127.0.0.75/32'], inOneHour());
      await runtimeCommand(haproxy.socketPath, `add map ${haproxy.mapPath} 192.0.2.99 somebody-else`);
      await target().apply(block, io);
      await runtimeCommand(haproxy.socketPath, `del map ${haproxy.mapPath} 127.0.0.75`);
      expect((await target().verify(block, io)).missing).toEqual(['127.0.0.75/32']);
      await target().revert(block, io);
      await target().revert(block, io);
      expect(await mapRows()).toEqual(['192.0.2.99 somebody-else']);
      expect(await readFile(haproxy.mapPath, 'utf8')).toBe('');
      expect(await visit(haproxy.httpPort, '127.0.0.74')).toBe(200);
    });

    it('leaves no hole in a wide block where a narrow one ended', async () => {
      const io = testIo();
      await runtimeCommand(haproxy.socketPath, `add map ${haproxy.mapPath} 127.0.0.77 100`);
      const block = action(['127.0.0.76/30'], inOneHour());
      const seconds = (block.entries[0]?.expiresMs ?? 0) / 1000;
      const preview = await target().preview(block, io);
      expect(preview.diff.map((line) => `${line.sign} ${line.text.split('   #')[0]}`)).toEqual([
        `- del map ${haproxy.mapPath} 127.0.0.77`,
        `+ add map ${haproxy.mapPath} 127.0.0.76/30 ${seconds}`,
      ]);
      await target().apply(block, io);
      expect(await visit(haproxy.httpPort, '127.0.0.77')).toBe(403);
      expect(await mapRows()).toEqual([`127.0.0.76/30 ${seconds}`]);
    });

    it('survives a reload where the file can be written', async () => {
      const io = testIo();
      const block = action(['127.0.0.78/32'], inOneHour());
      expect((await target().preview(block, io)).survivesReload).toBe('yes');
      await target().apply(block, io);
      haproxy.signal('SIGUSR2');
      await expect
        .poll(async () => (await runtimeCommand(haproxy.socketPath, 'show info')).includes('Uptime_sec: 0'), {
          timeout: 8_000,
          interval: 50,
        })
        .toBe(true);
      expect(await mapRows()).toEqual([`127.0.0.78 ${(block.entries[0]?.expiresMs ?? 0) / 1000}`]);
      expect(await visit(haproxy.httpPort, '127.0.0.78')).toBe(403);
    });

    it('says so where the file cannot be written, and the loss at a reload is seen', async () => {
      const io = testIo();
      const block = action(['127.0.0.79/32'], inOneHour());
      const remote = target({ socket: `127.0.0.1:${haproxy.tcpSocketPort}` });
      expect((await remote.preview(block, io)).survivesReload).toBe('no');
      expect(remote.managementAddresses()).toEqual(['127.0.0.1']);
      await remote.apply(block, io);
      expect(await remote.verify(block, io)).toEqual({ present: block.entries, missing: [] });
      await runtimeCommand(haproxy.socketPath, `clear map ${haproxy.mapPath}`);
      expect(await remote.verify(block, io)).toEqual({ present: [], missing: ['127.0.0.79/32'] });
    });

    it('takes hundreds of entries at once, or none of them', async () => {
      const io = testIo();
      const many = action(
        Array.from({ length: 400 }, (_, index) => `2001:db8:${(index + 1).toString(16)}::/48`),
        inOneHour(),
      );
      await target().apply(many, io);
      expect(await mapRows()).toHaveLength(400);
      await target().revert(many, io);
      expect(await mapRows()).toEqual([]);
      const bad = action(['127.0.0.70/32', '127.0.0.1; shutdown frontend shop'], inOneHour());
      await expect(target().apply(bad, io)).rejects.toMatchObject({ code: 'bad-input' });
      expect(await mapRows()).toEqual([]);
    });

    it('counts what clients sent lately', async () => {
      const io = testIo();
      await runtimeCommand(haproxy.socketPath, `clear table ${haproxy.table}`);
      for (let sent = 0; sent < 5; sent += 1) await visit(haproxy.httpPort, '127.0.0.90');
      await visit(haproxy.httpPort, '127.0.0.91');
      const impact = await target().impact(io);
      expect(impact).toEqual({
        windowMs: 60_000,
        clients: expect.arrayContaining([
          { address: '127.0.0.90', requests: 5, usual: null },
          { address: '127.0.0.91', requests: 1, usual: null },
        ]),
        totalRequests: 6,
        estimated: true,
      });
      expect(await target({ table: '' }).impact(io)).toBeNull();
      expect(await target({ table: 'nowhere' }).impact(io)).toBeNull();
    });

    it('tests a target that is set up right, and leaves nothing behind', async () => {
      const result = await target({ configurationFile: haproxy.configurationPath }).test(testIo());
      expect(result.lines.map((line) => `${line.level}: ${line.text.split(/[:(]/)[0]?.trim()}`)).toEqual([
        expect.stringMatching(/^ok: HAProxy 2\.\S+ answers at /),
        `ok: The map ${haproxy.mapPath} is there`,
        'ok: The map can be changed',
        expect.stringMatching(/^ok: The rule that ends blocks by itself is in /),
        expect.stringMatching(/^ok: The stick table shop has \d+ of at most 102400 clients\.$/),
        'ok: Blocks survive a reload',
      ]);
      expect(result.ok).toBe(true);
      expect(await mapRows()).toEqual([]);
    });

    it('tests one that is set up wrong, in words', async () => {
      const other = join(folder.path, 'wrong');
      await mkdir(other);
      const wrong = await startHaproxy(other, {
        originPort: nginx.port,
        rule: `  http-request deny if { src,map_ip(${join(other, 'haproxy', 'block.map')},0) -m int gt 0 }`,
      });
      try {
        // The TCP frontend's rule is the right one: without it only the wrong rule is left.
        const text = await readFile(wrong.configurationPath, 'utf8');
        const path = join(other, 'as-configured.cfg');
        await writeFile(path, text.replaceAll(/^ {2}tcp-request .*\n/gm, ''));
        const settings = { socket: wrong.socketPath, mapName: wrong.mapPath, configurationFile: path };
        const result = await haproxyTargetKind.create(settings).test(testIo());
        expect(result.ok).toBe(false);
        expect(result.lines.filter((line) => line.level === 'error').map((line) => line.text)).toEqual([
          `${path} looks into the map but has no rule that compares its value with the time: blocks would not work, or would not end. Use the lines under “Set up”.`,
        ]);
        const missing = await haproxyTargetKind
          .create({ ...settings, mapName: '/nowhere.map' })
          .test(testIo());
        expect(missing.lines.at(-1)).toEqual({
          level: 'error',
          text: 'HAProxy has no map /nowhere.map: add the lines under “Set up” to its configuration and reload it.',
        });
      } finally {
        await wrong.stop();
      }
    });
  },
);

describe('the HAProxy target without a HAProxy', () => {
  it.each([
    [{ socket: 'haproxy.example.net:9999' }, 'Runtime socket: give the address as numbers'],
    [{ socket: 'nonsense' }, 'Runtime socket: a path that begins with / or address:port is needed.'],
    [{ mapName: '/a;b' }, 'Map: only letters'],
    [{ mapName: '/a b' }, 'Map: only letters'],
    [{ table: 'shop\nshow env' }, 'Stick table: only letters'],
    [{ timeoutSeconds: 0 }, 'Give up after (s): at least 1 is needed.'],
  ])('refuses settings %j', (settings, message) => {
    expect(() => haproxyTargetKind.create(settings)).toThrow(message);
  });

  it('says in words that nobody is there, from every method', async () => {
    const target = haproxyTargetKind.create({
      socket: '/tmp/no-such-haproxy.sock',
      mapName: '/m.map',
      table: 't',
    });
    const block: BlockAction = {
      mitigationId: 'mi_1',
      entries: [{ entry: '192.0.2.1/32', expiresMs: 1e12 }],
    };
    const io = testIo();
    const error = { code: 'unavailable', message: expect.stringContaining('There is no HAProxy socket') };
    await expect(target.preview(block, io)).rejects.toMatchObject(error);
    await expect(target.apply(block, io)).rejects.toMatchObject(error);
    await expect(target.verify(block, io)).rejects.toMatchObject(error);
    await expect(target.revert(block, io)).rejects.toMatchObject(error);
    await expect(target.list(io)).rejects.toMatchObject(error);
    await expect(target.impact(io)).rejects.toMatchObject(error);
    expect((await target.test(io)).ok).toBe(false);
  });
});
