import { expect, it } from 'vitest';
import { keptWords, outcomeWords } from './rejected-words.ts';

it('says what is kept, what became of the rest, and what can be done', () => {
  const none = { kept: 0, keptBytes: 0, dropped: 0, replayed: 0, canReplay: true };
  expect(keptWords({ ...none, kept: 12, keptBytes: 4_800 })).toBe(
    '4.8 kB kept as they came. After a fix (a mapping, a newer version) they can be read anew, each once.',
  );
  expect(keptWords({ ...none, kept: 1, keptBytes: 90, canReplay: false })).toBe(
    '90 B kept as they came. This source asks for everything again by itself, so there is nothing to read anew.',
  );
  expect(keptWords({ ...none, dropped: 1, replayed: 1_200 })).toBe(
    'None is kept now. 1,200 records read anew since, 1 record dropped, for want of room or by hand.',
  );
});

it('says what reading them anew came to', () => {
  expect(outcomeWords({ read: 3, taken: 3, new: 2, stays: 0 })).toBe('3 records understood');
  expect(outcomeWords({ read: 3, taken: 1, new: 1, stays: 2 })).toBe('1 record understood; 2 records stay');
});
