import { expect, it } from 'vitest';
import { rankCommand } from './palette.tsx';

it('finds commands by the beginnings of their words, in any order', () => {
  const titles = ['Go to queue', 'Go to cases', 'Use the dark theme', 'Undo the last change'];
  const found = (search: string) => titles.filter((title) => rankCommand(title, search) !== null);
  expect([found('go qu'), found('theme dark'), found('zzz'), found('')]).toEqual([
    ['Go to queue'],
    ['Use the dark theme'],
    [],
    titles,
  ]);
});
