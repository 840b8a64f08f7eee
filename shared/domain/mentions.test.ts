import { expect, it } from 'vitest';
import { mentionBeingTyped, mentionsIn } from './mentions.ts';

const people = ['Ada', 'Ada Lovelace', 'Bob', 'Cleo Ñ'];

it.each([
  ['@Ada can you look?', ['Ada']],
  ['@Ada Lovelace can you look?', ['Ada Lovelace']],
  ['cc @bob, @cleo ñ.', ['Bob', 'Cleo Ñ']],
  ['mail ada@Bob.example', []],
  ['@Bobby', []],
  ['@Bob @Bob', ['Bob']],
  ['nobody', []],
])('finds whom "%s" mentions', (text, found) => {
  expect(mentionsIn(text, people)).toEqual(found);
});

it('knows the name that is being typed', () => {
  expect(mentionBeingTyped('Can you, @Ad')).toBe('Ad');
  expect(mentionBeingTyped('@Ada Lo')).toBe('Ada Lo');
  expect(mentionBeingTyped('@')).toBe('');
  expect(mentionBeingTyped('ada@exam')).toBeNull();
  expect(mentionBeingTyped('@Ada, look')).toBeNull();
});
