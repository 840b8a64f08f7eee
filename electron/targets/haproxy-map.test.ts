import { describe, expect, it } from 'vitest';
import { sequence } from '../../shared/testing/random.ts';
import {
  describePlan,
  editMapFile,
  listBlocks,
  type MapChange,
  type MapRow,
  parseMapRows,
  planApply,
  planRevert,
  readStatus,
} from './haproxy-map.ts';
import { encodeArgument, encodeCommand, parseSocketAddress } from './haproxy-socket.ts';
import type { BlockAction } from './target.ts';

const action = (entries: readonly (readonly [entry: string, seconds: number])[]): BlockAction => ({
  mitigationId: 'mi_1',
  entries: entries.map(([entry, seconds]) => ({ entry, expiresMs: seconds * 1000 })),
});
const rowsOf = (text: string) => parseMapRows(text, 'file');

/** What the changes make of rows, as HAProxy does them: `set` and `del` reach every row with that key. */
function changed(rows: readonly MapRow[], changes: readonly MapChange[]): readonly MapRow[] {
  let state = [...rows];
  for (const change of changes) {
    if (change.type === 'add') state.push(...rowsOf(`${change.key} ${change.expirySeconds}`));
    else if (change.type === 'remove') state = state.filter((row) => row.key !== change.key);
    else {
      state = state.map((row) =>
        row.key === change.key ? { ...row, expirySeconds: change.expirySeconds } : row,
      );
    }
  }
  return state;
}

describe('a map of blocks', () => {
  it('is read from the socket and from a file, leaving others’ rows alone', () => {
    const runtime = '0x55 127.0.0.70 1795315734\n0x56 2001:db8::/32 1795315735\n0x57 192.0.2.1 somebody\n\n';
    expect(listBlocks(parseMapRows(runtime, 'runtime'))).toEqual([
      { entry: '127.0.0.70/32', expiresMs: 1_795_315_734_000 },
      { entry: '2001:db8::/32', expiresMs: 1_795_315_735_000 },
    ]);
    expect(
      listBlocks(rowsOf('# ours\n\n10.0.0.0/8 5\nhost.example 7\n10.1.1.1 1 2\n10.0.0.1/8 5\n')),
    ).toEqual([{ entry: '10.0.0.0/8', expiresMs: 5_000 }]);
  });

  it('gets what is not there, keeps what lasts longer, and lengthens what ends earlier', () => {
    const rows = rowsOf('192.0.2.1 200\n192.0.2.2/32 50\n198.51.100.0/24 300\n');
    const plan = planApply(
      rows,
      action([
        ['192.0.2.1/32', 100],
        ['192.0.2.2/32', 100],
        ['192.0.2.3/32', 100],
        ['198.51.100.7/32', 300],
      ]),
    );
    expect(describePlan(plan, '/m.map')).toEqual([
      { sign: '+', text: 'set map /m.map 192.0.2.2/32 100   # until 00:01:40Z, was until 00:00:50Z' },
      { sign: '+', text: 'add map /m.map 192.0.2.3 100   # until 00:01:40Z' },
      { sign: '=', text: '192.0.2.1/32 is blocked already by 192.0.2.1 until 00:03:20Z' },
      { sign: '=', text: '198.51.100.7/32 is blocked already by 198.51.100.0/24 until 00:05:00Z' },
    ]);
  });

  it('counts an entry as missing where a narrower row that ends earlier makes a hole', () => {
    const block = action([['192.0.2.0/24', 100]]);
    expect(readStatus(rowsOf('192.0.2.0/24 100\n192.0.2.9 10\n'), block)).toEqual({
      present: [],
      missing: ['192.0.2.0/24'],
    });
    expect(readStatus(rowsOf('192.0.2.0/24 100\n192.0.2.9 500\n'), block).missing).toEqual([]);
  });

  it('does not take away a row that somebody else made last longer', () => {
    const rows = rowsOf('192.0.2.1 500\n192.0.2.2 100\n');
    expect(
      planRevert(
        rows,
        action([
          ['192.0.2.1/32', 100],
          ['192.0.2.2/32', 100],
          ['192.0.2.3/32', 100],
        ]),
      ),
    ).toEqual([{ type: 'remove', key: '192.0.2.2', previousSeconds: 100 }]);
  });

  it('is in force wholly after whatever was there, changes nothing the second time, and shortens nothing', () => {
    const random = sequence(7);
    const pick = () => {
      const prefix = 24 + Math.floor(random() * 9);
      const last = Math.floor(random() * 256);
      const masked = last & (0xff << (32 - prefix)) & 0xff;
      return `192.0.2.${masked}/${prefix}`;
    };
    const end = () => 1 + Math.floor(random() * 5) * 100;
    const blockedUntil = (rows: readonly MapRow[], address: number): number => {
      const covering = rows.filter((row) => {
        const [base = 0] = row.network.bytes.slice(3);
        const size = 2 ** (32 - row.network.prefixLength);
        return address >= base && address < base + size;
      });
      const longest = Math.max(...covering.map((row) => row.network.prefixLength));
      const deciding = covering.filter((row) => row.network.prefixLength === longest);
      return deciding.length === 0 ? 0 : Math.min(...deciding.map((row) => row.expirySeconds));
    };
    for (let round = 0; round < 100; round += 1) {
      const before = rowsOf(Array.from({ length: 6 }, () => `${pick()} ${end()}`).join('\n'));
      const block = action([
        [pick(), end()],
        [pick(), end()],
        [pick(), end()],
      ]);
      const after = changed(before, planApply(before, block).changes);
      expect(readStatus(after, block).missing).toEqual([]);
      expect(planApply(after, block).changes).toEqual([]);
      const wanted = Array.from({ length: 256 }, (_, address) =>
        Math.max(
          blockedUntil(before, address),
          blockedUntil(
            rowsOf(block.entries.map((each) => `${each.entry} ${each.expiresMs / 1000}`).join('\n')),
            address,
          ),
        ),
      );
      const short = wanted.flatMap((until, address) =>
        blockedUntil(after, address) < until ? [address] : [],
      );
      expect(short).toEqual([]);
    }
  });

  it('keeps a file’s comments, empty lines and foreign rows in their place', () => {
    const text = '# Watchfloor\n\n192.0.2.1 5\nhost.example 7\n192.0.2.2/32 6';
    const changes: MapChange[] = [
      { type: 'remove', key: '192.0.2.1/32', previousSeconds: 5 },
      { type: 'set', key: '192.0.2.2', expirySeconds: 60, previousSeconds: 6 },
      { type: 'add', key: '192.0.2.3', expirySeconds: 70 },
    ];
    expect(editMapFile(text, changes)).toBe('# Watchfloor\n\nhost.example 7\n192.0.2.2 60\n192.0.2.3 70\n');
    expect(editMapFile('192.0.2.1 5\n', changes.slice(0, 1))).toBe('');
  });
});

describe('the runtime socket’s language', () => {
  it.each(['a b', 'a;b', 'a\nb', 'a\\b', '<<', '', '"a"', "a'b", 'a\u0000', '@1 x', '$(x)', 'ü'])(
    'never gets the argument %j',
    (argument) => {
      expect(() => encodeArgument(argument)).toThrow('cannot be sent to HAProxy');
      expect(() => encodeCommand({ words: ['add', 'map'], payload: [['192.0.2.1', argument]] })).toThrow();
    },
  );

  it('is written word by word, a payload ended by an empty line', () => {
    expect(encodeCommand({ words: ['show', 'map', '/etc/haproxy/w.map'] })).toBe(
      'show map /etc/haproxy/w.map\n',
    );
    expect(
      encodeCommand({
        words: ['add', 'map', '#0'],
        payload: [
          ['2001:db8::/32', '5'],
          ['192.0.2.1', '6'],
        ],
      }),
    ).toBe('add map #0 <<\n2001:db8::/32 5\n192.0.2.1 6\n\n');
  });

  it.each([
    ['/run/haproxy/admin.sock', { kind: 'unix', path: '/run/haproxy/admin.sock' }],
    ['unix@/run/a.sock', { kind: 'unix', path: '/run/a.sock' }],
    ['127.0.0.1:9999', { kind: 'tcp', host: '127.0.0.1', port: 9999 }],
    ['ipv4@127.0.0.1:9999', { kind: 'tcp', host: '127.0.0.1', port: 9999 }],
    ['[::1]:9999', { kind: 'tcp', host: '::1', port: 9999 }],
    ['::1:9999', null],
    ['127.0.0.1', null],
    ['127.0.0.1:99999', null],
    ['run/a.sock', null],
    [`/${'x'.repeat(120)}`, null],
  ])('is spoken at %s', (text, expected) => {
    expect(parseSocketAddress(text)).toEqual(expected);
  });
});
