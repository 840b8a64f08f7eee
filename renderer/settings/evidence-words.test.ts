import { expect, test } from 'vitest';
import { evidenceSentence } from './evidence-words.ts';

const none = { isEncrypting: true, encrypted: 0, plain: 0, unreadable: 0, unreadableFiles: [] };

test('what is said of evidence is what is there', () => {
  expect(evidenceSentence({ ...none, isEncrypting: false, plain: 1 })).toMatch(
    /^Evidence is not encrypted, because .* 1 piece of evidence lies so\.$/,
  );
  expect(evidenceSentence(none)).not.toMatch(/\d/);
  expect(evidenceSentence({ ...none, encrypted: 4, plain: 2 })).toContain(
    '4 pieces of evidence so far. 2 pieces from before are being encrypted in the background.',
  );
});
