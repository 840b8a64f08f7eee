import { describe, expect, it } from 'vitest';
import { descriptorSchema, type Settings } from '../../shared/domain/connection.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { testIo } from '../testing/connection-io.ts';
import { flood, tcpServer } from '../testing/trouble-servers.ts';
import { targetKinds } from './index.ts';
import type { BlockAction, Target } from './target.ts';

/** How the suite knows each kind: settings under which nobody is there. */
const nobody: Readonly<Record<string, Settings>> = {
  haproxy: { socket: '/tmp/there-is-no-such.sock', table: 'shop' },
  // Outside the range its edge does not exist.
  'range-edge': {},
};

const block: BlockAction = {
  mitigationId: 'mi_1',
  entries: [{ entry: '198.51.100.7/32', expiresMs: 4_000_000_000_000 }],
};

const methods: readonly (readonly [name: string, call: (target: Target) => Promise<unknown>])[] = [
  ['preview', (target) => target.preview(block, testIo())],
  ['apply', (target) => target.apply(block, testIo())],
  ['verify', (target) => target.verify(block, testIo())],
  ['revert', (target) => target.revert(block, testIo())],
  ['list', (target) => target.list(testIo())],
  ['impact', (target) => target.impact(testIo())],
];

it('knows every registered kind, each once', () => {
  expect(targetKinds.map((kind) => kind.descriptor.kind).sort()).toEqual(Object.keys(nobody).sort());
});

describe.each(targetKinds.map((kind) => [kind.descriptor.kind, kind] as const))(
  'the target %s',
  (name, kind) => {
    const { descriptor } = kind;
    const settings = nobody[name] ?? {};

    it('describes itself so that a form can be drawn', () => {
      expect(descriptorSchema.parse(descriptor)).toEqual(descriptor);
      expect([descriptor.role, descriptor.mode]).toEqual(['target', 'target']);
      const keys = descriptor.fields.map((field) => field.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const setup of descriptor.setup) {
        for (const match of setup.text.matchAll(/\{\{(\w+)\}\}/g)) expect(keys).toContain(match[1]);
      }
    });

    it('refuses settings naming the field', () => {
      kind.create(settings);
      for (const field of descriptor.fields) {
        const wrong = field.type === 'number' ? 'x' : 7;
        expect(() => kind.create({ ...settings, [field.key]: wrong }), field.key).toThrow(`${field.label}: `);
        if (!field.required) continue;
        expect(() => kind.create({ ...settings, [field.key]: '' }), field.key).toThrow(`${field.label}: `);
      }
    });

    it.each(methods)('says from %s that nobody is there', async (_method, call) => {
      await expect(call(kind.create(settings))).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('throws nothing from its test', async () => {
      const result = await kind.create(settings).test(testIo());
      expect(result.ok).toBe(false);
      expect(result.lines.length).toBeGreaterThan(0);
    });

    it('names addresses, and only addresses, at which it is managed', () => {
      for (const address of kind.create(settings).managementAddresses())
        expect(address).toMatch(/^[0-9a-f.:]+$/);
    });
  },
);

describe.concurrent('an HAProxy that', { timeout: 30_000 }, () => {
  const trouble = [
    ['never answers', 'timed-out', () => undefined],
    ['closes at once', 'unavailable', (socket: { end(): void }) => socket.end()],
    ['sends gigabytes', 'too-large', flood],
    [
      'is too old or too low to let us',
      'refused',
      (socket: { end(text: string): void }) => socket.end('Permission denied\n\n'),
    ],
    [
      'has no such map',
      'refused',
      (socket: { end(text: string): void }) =>
        socket.end('Unknown map identifier. Please use #<id> or <file>.\n\n'),
    ],
  ] as const;
  it.each(trouble)(
    '%s is told from every change, and nothing is taken for done',
    async (_name, code, answer) => {
      const server = await tcpServer((socket) => answer(socket));
      try {
        const kind =
          targetKinds.find((each) => each.descriptor.kind === 'haproxy') ?? expect.fail('no haproxy');
        const target = kind.create({ socket: `127.0.0.1:${server.port}`, timeoutSeconds: 1 });
        const calls = [
          target.preview(block, testIo()),
          target.verify(block, testIo()),
          target.apply(block, testIo()),
        ];
        const results = await Promise.allSettled(calls);
        expect(
          results.map((result) =>
            result.status === 'rejected' && result.reason instanceof WatchfloorError
              ? result.reason.code
              : result.status,
          ),
        ).toEqual([code, code, code]);
        expect((await target.test(testIo())).ok).toBe(false);
      } finally {
        await server.close();
      }
    },
  );

  it('refuses one row of many is left without any of them', async () => {
    const rows = new Map<string, string>([['203.0.113.9', '50']]);
    const server = await tcpServer((socket, text) => {
      const [first = '', ...payload] = text.trim().split('\n');
      const [verb = '', , , key = '', value = ''] = first.replace(' <<', '').split(' ');
      let answer = '';
      if (verb === 'show')
        answer = [...rows].map(([row, end], index) => `0x${index} ${row} ${end}`).join('\n');
      if (verb === 'set') rows.set(key, value);
      if (verb === 'del') rows.delete(key);
      if (verb === 'add' && payload.length === 0) rows.set(key, value);
      // As HAProxy does: rows before the one it refuses stay.
      for (const line of verb === 'add' ? payload : []) {
        const [row = '', end = ''] = line.split(' ');
        if (row === '2001:db8:5::/48') {
          answer = 'Out of memory error.';
          break;
        }
        rows.set(row, end);
      }
      socket.end(`${answer}\n`);
    });
    try {
      const kind =
        targetKinds.find((each) => each.descriptor.kind === 'haproxy') ?? expect.fail('no haproxy');
      const target = kind.create({ socket: `127.0.0.1:${server.port}` });
      const entries = Array.from({ length: 9 }, (_, index) => ({
        entry: `2001:db8:${index + 1}::/48`,
        expiresMs: 4_000_000_000_000,
      }));
      const action = {
        mitigationId: 'mi_2',
        entries: [...entries, { entry: '203.0.113.9/32', expiresMs: 4_000_000_000_000 }],
      };
      await expect(target.apply(action, testIo())).rejects.toMatchObject({
        code: 'refused',
        message: 'HAProxy refused: “Out of memory error.”.',
      });
      expect([...rows]).toEqual([['203.0.113.9', '50']]);
    } finally {
      await server.close();
    }
  });
});
