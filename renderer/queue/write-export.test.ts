import { describe, expect, it } from 'vitest';
import type { MethodInput } from '../../shared/api/contract.ts';
import { createFakeHandlers } from '../testing/fake-core.ts';
import { writeExport } from './write-export.ts';

const context = { progress: () => undefined, isCancelled: () => false };
const names = { customer: () => null, service: () => null, source: () => null };

function clientOf() {
  const { handlers } = createFakeHandlers(
    'busy',
    () => ({ emit: () => undefined }),
    () => 1_764_123_247_000,
  );
  const asked: number[] = [];
  const client = {
    call: async (_method: string, input: MethodInput<'alerts.readFrozen'>) => {
      asked.push(input.offset);
      return handlers['alerts.readFrozen'](input, context);
    },
  } as unknown as Parameters<typeof writeExport>[0];
  const freeze = async (count: number) =>
    handlers['alerts.freeze'](
      { selection: { by: 'ids', ids: Array.from({ length: count }, (_, place) => `alert-${place}`) } },
      context,
    );
  return { client, asked, freeze };
}

describe('writeExport', () => {
  it('reads by pages and writes every alert once, in order', async () => {
    const { client, asked, freeze } = clientOf();
    const { scopeId, count } = await freeze(1_201);
    const done: number[] = [];
    const made = await writeExport(client, { scopeId, count, format: 'jsonl' }, names, {
      signal: new AbortController().signal,
      onDone: (count) => done.push(count),
    });
    expect(asked).toEqual([0, 500, 1_000]);
    expect(done).toEqual([500, 1_000, 1_201]);
    expect(made?.written).toBe(1_201);
    const lines = (await made?.file.text())?.trimEnd().split('\n') ?? [];
    const ids = lines.map((line): unknown => JSON.parse(line).id);
    expect(ids).toEqual(Array.from({ length: count }, (_, place) => `alert-${place}`));
  });

  it('stops where it is when it is cancelled, and gives nothing', async () => {
    const { client, asked, freeze } = clientOf();
    const { scopeId, count } = await freeze(1_201);
    const abort = new AbortController();
    const made = await writeExport(client, { scopeId, count, format: 'csv' }, names, {
      signal: abort.signal,
      onDone: () => abort.abort(),
    });
    expect(made).toBeNull();
    expect(asked).toEqual([0]);
  });
});
