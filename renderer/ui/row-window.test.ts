import { describe, expect, it } from 'vitest';
import { rowWindow } from './row-window.ts';

const shape = { count: 1_000, rowPx: 30, viewPx: 300 };

describe('rowWindow', () => {
  it('has the rows in sight and some around them', () => {
    const top = rowWindow(shape, 0);
    expect([top.bodyPx, top.first, top.last, top.offsetPx]).toEqual([30_000, 0, 17, 0]);
    const middle = rowWindow(shape, 3_015);
    expect([middle.first, middle.last, middle.offsetPx]).toEqual([92, 118, -255]);
    const end = rowWindow(shape, 29_700);
    expect([end.first, end.last]).toEqual([982, 999]);
  });

  it('scrolls as little as it must', () => {
    const middle = rowWindow(shape, 3_000);
    expect([middle.scrollTopFor(100), middle.scrollTopFor(109)]).toEqual([null, null]);
    expect([middle.scrollTopFor(99), middle.scrollTopFor(110)]).toEqual([2_970, 3_030]);
    expect([middle.scrollTopFor(0), middle.scrollTopFor(999)]).toEqual([0, 29_700]);
  });

  it('is empty without rows, and whole where all fit', () => {
    const none = rowWindow({ ...shape, count: 0 }, 0);
    expect([none.bodyPx, none.first, none.last]).toEqual([0, 0, -1]);
    const few = rowWindow({ ...shape, count: 3 }, 0);
    expect([few.first, few.last, few.scrollTopFor(2)]).toEqual([0, 2, null]);
  });

  it('reaches every row of a list taller than an element can be', () => {
    const tall = { count: 3_000_000, rowPx: 36, viewPx: 720 };
    const top = rowWindow(tall, 0);
    expect([top.bodyPx, top.first]).toEqual([16_000_000, 0]);
    for (const index of [0, 1, 1_234_567, 2_999_999]) {
      const scrollTop = top.scrollTopFor(index) ?? 0;
      const there = rowWindow(tall, scrollTop);
      expect(there.scrollTopFor(index)).toBeNull();
      expect(there.first <= index && index <= there.last).toBe(true);
      // Where it stands is within what is in sight.
      const topPx = there.offsetPx + (index - there.first) * 36;
      expect(topPx).toBeGreaterThanOrEqual(-0.01);
      expect(topPx + 36).toBeLessThanOrEqual(720.01);
    }
  });
});
