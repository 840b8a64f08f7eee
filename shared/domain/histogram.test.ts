import { describe, expect, it } from 'vitest';
import { bucketsOver } from './histogram.ts';
import { dayMs, hourMs, minuteMs } from './time.ts';

const startMs = Date.UTC(2026, 10, 26, 2, 14, 7);

describe('bucketsOver', () => {
  it('takes the shortest round length that fits', () => {
    expect(bucketsOver(startMs, startMs, 60)).toEqual({ fromMs: startMs, bucketMs: 1_000, buckets: 1 });
    expect(bucketsOver(startMs, startMs + 50 * minuteMs, 60)).toEqual({
      fromMs: Date.UTC(2026, 10, 26, 2, 14),
      bucketMs: minuteMs,
      buckets: 51,
    });
    expect(bucketsOver(startMs, startMs + dayMs, 60)).toEqual({
      fromMs: Date.UTC(2026, 10, 26, 2),
      bucketMs: 30 * minuteMs,
      buckets: 49,
    });
  });

  it('holds the last moment, and never takes more than asked, however long it is', () => {
    for (const spanMs of [0, 999, 1_000, 59_999, hourMs, 3 * dayMs, 400 * dayMs, 20_000 * dayMs]) {
      const { fromMs, bucketMs, buckets } = bucketsOver(startMs, startMs + spanMs, 60);
      expect(buckets).toBeLessThanOrEqual(60);
      expect(fromMs).toBeLessThanOrEqual(startMs);
      expect(fromMs + buckets * bucketMs).toBeGreaterThan(startMs + spanMs);
    }
  });
});
