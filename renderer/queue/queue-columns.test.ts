import { describe, expect, it } from 'vitest';
import { queueColumns, readColumnLayout } from './queue-columns.tsx';

const names = { customer: () => '', service: () => '', source: () => '', clock: () => null };
const keys = (widthPx: number, layout: Parameters<typeof queueColumns>[2]) =>
  queueColumns(widthPx, names, layout).map((column) => `${column.key} ${column.width}`);

describe('queueColumns', () => {
  it('leaves them to the room there is', () => {
    const at = (widthPx: number) => queueColumns(widthPx, names, null).map((column) => column.key);
    expect(at(500)).toEqual(['severity', 'received', 'title', 'count', 'status']);
    expect(at(800)).toEqual(['severity', 'received', 'title', 'entity', 'count', 'status']);
    expect(at(1_600)).toEqual([
      'severity',
      'received',
      'title',
      'entity',
      'count',
      'customer',
      'source',
      'status',
      'mitigated',
      'assignee',
    ]);
  });

  it('takes a choice: order and widths, and the title always', () => {
    const layout = {
      shown: ['last-seen', 'title', 'severity', 'no-such'],
      widths: { severity: 90, title: 300 },
    };
    expect(keys(1_200, layout)).toEqual(['last-seen 124px', 'title minmax(300px, 1fr)', 'severity 90px']);
    expect(keys(1_200, { shown: ['count'], widths: {} })).toEqual(['title minmax(180px, 1fr)', 'count 60px']);
  });

  it('leaves out from the end what does not fit', () => {
    const layout = { shown: ['severity', 'received', 'title', 'entity', 'customer'], widths: {} };
    expect(keys(760, layout).map((each) => each.split(' ')[0])).toEqual([
      'severity',
      'received',
      'title',
      'entity',
    ]);
  });

  it('reads what was remembered, and nothing that it does not understand', () => {
    const layout = { shown: ['title'], widths: { title: 200 } };
    expect(readColumnLayout(layout)).toEqual(layout);
    for (const stored of [null, 7, 'title', [], { shown: 'title' }, { shown: [], widths: { title: -1 } }]) {
      expect(readColumnLayout(stored)).toBeNull();
    }
  });
});
