import { expect, test } from 'vitest';
import { framesOf } from './frame-recorder.ts';

const event = (name: string, atMs: number, durationMs: number, usedMs = durationMs, tid = 1) => ({
  name,
  pid: 7,
  tid,
  ts: atMs * 1_000,
  dur: durationMs * 1_000,
  tdur: usedMs * 1_000,
});

test('framesOf counts to a frame what the main thread did until the next one, and nothing twice', () => {
  expect(
    framesOf([
      event('EventDispatch', 1, 90),
      event('FireAnimationFrame', 100, 4),
      event('FunctionCall', 101, 2),
      event('Layout', 104, 10),
      event('EventDispatch', 114, 80, 38),
      event('Paint', 120, 5, 5, 2),
      event('FireAnimationFrame', 200, 51),
      event('FireAnimationFrame', 260, 1),
    ]),
  ).toEqual({ frames: 3, longestMs: 52, over50Ms: 2, longestWallMs: 94 });
  expect(framesOf([])).toEqual({ frames: 0, longestMs: 0, over50Ms: 0, longestWallMs: 0 });
});
