import { describe, expect, it } from 'vitest';
import { promised } from '../../shared/testing/promised.ts';
import { addFrom, withoutSaved } from './add-field.tsx';

/** A field as React holds it. */
function fieldWith(text: string) {
  let now = text;
  return {
    get text() {
      return now;
    },
    set: (next: (typed: string) => string) => {
      now = next(now);
    },
  };
}

describe('a line that is added', () => {
  it('leaves its field at once, and what is typed since stays', async () => {
    const field = fieldWith(' Call them ');
    const answered = promised<object | null>();
    const wanted: string[] = [];
    const adding = addFrom(field.text, field.set, (text) => {
      wanted.push(text);
      return answered.promise;
    });
    expect([wanted, field.text]).toEqual([['Call them'], '']);
    // Pressed once more it has nothing to add.
    await addFrom(field.text, field.set, () => Promise.reject(new Error('Nothing was to be added.')));
    field.set(() => 'Ask the p');
    answered.resolve({});
    await adding;
    expect(field.text).toBe('Ask the p');
  });

  it('comes back where it could not be added, before what was typed since', async () => {
    const [left, typedOn] = [fieldWith('Call them'), fieldWith('Call them')];
    await addFrom(left.text, left.set, async () => null);
    await addFrom(typedOn.text, typedOn.set, async () => {
      typedOn.set(() => 'Ask');
      return null;
    });
    expect([left.text, typedOn.text]).toEqual(['Call them', 'Call them Ask']);
  });
});

describe('a text that was saved', () => {
  it('goes, and what was typed while it was saved stays', () => {
    expect([
      withoutSaved('Seen.', 'Seen.'),
      withoutSaved('Seen.\n\nAnd again', 'Seen.'),
      withoutSaved('Not seen.', 'Seen.'),
    ]).toEqual(['', 'And again', 'Not seen.']);
  });
});
