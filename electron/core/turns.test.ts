import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

const never = new AbortController().signal;

test('a few have their turn at once, the others in the order in which they came', async () => {
  const turns = createTurns(2);
  const log: string[] = [];
  const enter = (name: string, signal = never) =>
    turns.enter(signal).then((leave) => {
      log.push(name);
      return leave;
    });
  const [leaveA, leaveB] = [await enter('a'), await enter('b')];
  const [c, d] = [enter('c'), enter('d')];
  await Promise.resolve();
  expect(log).toEqual(['a', 'b']);
  leaveB();
  // A turn ends once, however often that is said.
  leaveB();
  const leaveC = await c;
  expect(log).toEqual(['a', 'b', 'c']);
  leaveA();
  leaveC();
  await d;
  expect(log).toEqual(['a', 'b', 'c', 'd']);
});

test('who gives up takes nobody’s turn', async () => {
  const turns = createTurns(1);
  const leave = await turns.enter(never);
  const controller = new AbortController();
  const givenUp = turns.enter(controller.signal);
  const next = turns.enter(never);
  controller.abort();
  (await givenUp)();
  leave();
  (await next)();
  (await turns.enter(AbortSignal.abort()))();
  await turns.enter(never);
});
