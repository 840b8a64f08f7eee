import { describe, expect, it } from 'vitest';
import type { MethodInput } from '../../shared/api/contract.ts';
import { createFakeHandlers } from '../testing/fake-core.ts';
import { writeExport } from './write-export.ts';

const names = { customer: () => null, service: () => null, source: () => null };

function clientOf() {
  const { handlers } = createFakeHandlers(
    'busy',
    () => ({ emit: () => undefined }),
    () => 1_764_123_247_000,
  );
  const asked: number[] = [];
  const client = {
    call: async (_method: string, input: MethodInput<'alerts.read'>) => {
      asked.push(input.sequences.length);
      return handlers['alerts.read'](input, { progress: () => undefined, isCancelled: () => false });
    },
  } as unknown as Parameters<typeof writeExport>[0];
  return { client, asked };
}

describe('writeExport', () => {
  const sequences = Array.from({ length: 1_201 }, (_, index) => 1_240 - index);

  it('reads by pages and writes every alert once, in order', async () => {
    const { client, asked } = clientOf();
    const done: number[] = [];
    const made = await writeExport(client, { sequences, format: 'jsonl' }, names, {
      signal: new AbortController().signal,
      onDone: (count) => done.push(count),
    });
    expect(asked).toEqual([500, 500, 201]);
    expect(done).toEqual([500, 1_000, 1_201]);
    expect(made?.written).toBe(1_201);
    const lines = (await made?.file.text())?.trimEnd().split('\n') ?? [];
    const ids = lines.map((line): unknown => JSON.parse(line).id);
    expect(ids).toEqual(sequences.map((sequence) => `alert-${1_240 - sequence}`));
  });

  it('stops where it is when it is cancelled, and gives nothing', async () => {
    const { client, asked } = clientOf();
    const abort = new AbortController();
    const made = await writeExport(client, { sequences, format: 'csv' }, names, {
      signal: abort.signal,
      onDone: () => abort.abort(),
    });
    expect(made).toBeNull();
    expect(asked).toEqual([500]);
  });
});
