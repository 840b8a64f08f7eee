import { describe, expect, it } from 'vitest';
import { sequence } from '../testing/random.ts';
import { emptyRarity, rarityOf } from './rarity.ts';

function taught(count: number): ReturnType<typeof emptyRarity> {
  const state = emptyRarity();
  const random = sequence(3);
  for (let index = 0; index < count; index += 1) rarityOf(state, -Math.log(1 - random()));
  return state;
}

describe('how rare a size is', () => {
  it('says nothing before it has seen enough', () => {
    const state = emptyRarity();
    for (let index = 0; index < 39; index += 1) expect(rarityOf(state, index)).toBe(0);
  });

  it('is the tail probability of its own history', () => {
    // One in a thousand of an exponential lies beyond 6.9.
    const rarity = rarityOf(taught(4_000), 6.9);
    expect(rarity).toBeGreaterThan(2.5);
    expect(rarity).toBeLessThan(3.6);
    expect(rarityOf(taught(4_000), 0.7)).toBe(0);
  });

  it('grows beyond all that was seen, up to a limit', () => {
    const record = rarityOf(taught(2_000), 10);
    const further = rarityOf(taught(2_000), 14);
    expect(further).toBeGreaterThan(record);
    expect(rarityOf(taught(2_000), 1e12)).toBe(6);
  });

  it('forgets: what has become usual is rare no more', () => {
    const state = taught(1_000);
    expect(rarityOf(state, 20)).toBeGreaterThan(3);
    for (let index = 0; index < 1_400; index += 1) rarityOf(state, 20);
    expect(rarityOf(state, 20)).toBe(0);
    expect(state.total).toBeLessThan(4_600);
  });

  it('leaves alone what is no size', () => {
    const state = taught(100);
    const before = structuredClone(state);
    expect([rarityOf(state, Number.NaN), rarityOf(state, -1)]).toEqual([0, 0]);
    expect(state).toEqual(before);
  });
});
