import { expect, it } from 'vitest';
import { trayWords } from './shell-tray-words.ts';

it('says how many alerts need a person', () => {
  expect([0, 1, 12_345].map(trayWords)).toEqual([
    'Watchfloor: nothing needs a person',
    'Watchfloor: 1 actionable alert is open',
    'Watchfloor: 12,345 actionable alerts are open',
  ]);
});
