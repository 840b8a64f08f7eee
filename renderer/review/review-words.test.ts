import { expect, it } from 'vitest';
import { leftOutSentence, signerSentence } from './review-words.ts';

const exporter = {
  name: 'Ada',
  keyFingerprint: '0123456789abcdef0123456789abcdef',
  exportedMs: 0,
  workstationId: 'ws_1',
  writtenBy: 'Watchfloor 0.1.0',
  isKnown: true,
};

it('says who signed a file, and whether that is anybody known', () => {
  expect(signerSentence({ exporter })).toBe('Signed by Ada, whose key 0123456789abcdef is known here.');
  expect(signerSentence({ exporter: { ...exporter, isKnown: false } })).toBe(
    'Signed by Ada, with the key 0123456789abcdef, which is not known here.',
  );
  expect(signerSentence({ exporter: null })).toBe('It has no signature that can be read.');
});

it('says what a file does not hold, and for whom it was made', () => {
  expect(leftOutSentence({ audience: null, withheld: [], missing: 0 })).toBeNull();
  expect(
    leftOutSentence({
      audience: 'TLP:GREEN',
      withheld: [
        { kind: 'note-added', count: 2 },
        { kind: 'task-added', count: 1 },
      ],
      missing: 1,
    }),
  ).toBe('Made for TLP:GREEN: 3 entries without their content, 1 file or snapshot not in it.');
});
