import { describe, expect, it } from 'vitest';
import type { AlertQuery } from '../../shared/api/contract.ts';
import { matchesText } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { createFakeHandlers } from '../testing/fake-core.ts';
import { beginningTerm, findTitle } from './jump-bar.tsx';

describe('beginningTerm', () => {
  it('is understood whatever was typed, and met by every title that begins so', () => {
    for (const beginning of [
      'http',
      'ET SCAN "x" (a, b)',
      'a..b',
      'wild*card?',
      'back\\slash',
      'x:y',
      'OR',
      '-a',
    ]) {
      const { node, problems } = parseAlertQuery(beginningTerm(beginning));
      expect(problems, beginning).toEqual([]);
      expect(node?.type, beginning).toBe('title');
      if (node?.type === 'title') {
        expect(matchesText(`${beginning} and more`, node.match, node.text), beginning).toBe(true);
      }
    }
  });
});

describe('findTitle', () => {
  const query: AlertQuery = {
    lane: null,
    text: '',
    fromMs: null,
    toMs: null,
    includeDone: false,
    sort: 'received',
  };
  const { handlers } = createFakeHandlers(
    'busy',
    () => ({ emit: () => undefined }),
    () => 1_764_123_247_000,
  );
  const context = { progress: () => undefined, isCancelled: () => false };
  const deps = async (asked: AlertQuery, here: number) => {
    const page = { upToSequence: 1_240, offset: 0, limit: 500 };
    const all = await handlers['alerts.query']({ ...asked, ...page }, context);
    const calls: string[] = [];
    const client = {
      call: async (method: 'alerts.query' | 'alerts.count', input: never) => {
        calls.push(method);
        return handlers[method](input, context);
      },
    } as unknown as Parameters<typeof findTitle>[0]['client'];
    const list = {
      total: all.total,
      upToSequence: 1_240,
      rowAt: (index: number) => (index < here ? all.rows[index] : undefined),
    };
    return { client, list, query: asked, rows: all.rows, calls };
  };

  it('finds among the rows that are here without asking', async () => {
    const { rows, calls, ...rest } = await deps(query, 500);
    const expected = rows.findIndex((row, index) => index > 2 && row.title.startsWith('ET SCAN'));
    expect(await findTitle(rest, 'et scan', 2)).toBe(expected);
    expect(calls).toEqual([]);
  });

  it('asks the core for what is not here, and knows its place', async () => {
    const { rows, calls, ...rest } = await deps(query, 3);
    const expected = rows.findIndex((row, index) => index > 2 && row.title.startsWith('ET SCAN'));
    expect(await findTitle(rest, 'ET SCAN', 1)).toBe(expected);
    expect(calls).toEqual(['alerts.query', 'alerts.count']);
    expect(await findTitle(rest, 'Nothing is called so', 1)).toBeNull();
  });

  it('goes on from the top', async () => {
    const { rows: _rows, calls: _calls, ...rest } = await deps(query, 3);
    expect(await findTitle(rest, 'HTTP flood', 2)).toBe(0);
  });

  it('in another order, looks at the rows that are here alone', async () => {
    const { rows, calls, ...rest } = await deps({ ...query, sort: 'count' }, 40);
    const expected = rows.findIndex((row) => row.title.startsWith('ET SCAN'));
    expect(expected).toBeLessThan(40);
    expect(await findTitle(rest, 'et', 39)).toBe(expected);
    expect(await findTitle(rest, 'no such', 0)).toBeNull();
    expect(calls).toEqual([]);
  });
});
