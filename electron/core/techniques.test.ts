import { describe, expect, test } from 'vitest';
import { attackNotice, searchTechniques, techniqueById, techniqueMatrix } from './techniques.ts';

const stuffing = {
  id: 'T1110.004',
  name: 'Brute Force: Credential Stuffing',
  tactics: ['Credential Access'],
};

describe('searchTechniques', () => {
  test('finds an id and its sub-techniques, in any case', () => {
    expect(searchTechniques('t1498').map(({ id }) => id)).toEqual(['T1498', 'T1498.001', 'T1498.002']);
  });

  test('finds beginnings of words in any order', () => {
    expect(searchTechniques('stuff cred')).toEqual([stuffing]);
  });

  test('puts the exact name first', () => {
    expect(searchTechniques('brute force')[0]).toEqual({
      id: 'T1110',
      name: 'Brute Force',
      tactics: ['Credential Access'],
    });
  });

  test('is empty for nothing, for signs alone and for what is not there', () => {
    expect([searchTechniques('  '), searchTechniques('%%'), searchTechniques('zzzz')]).toEqual([[], [], []]);
  });

  test('gives at most 20', () => {
    expect(searchTechniques('a')).toHaveLength(20);
  });
});

test('techniqueById knows ids in any case and says null for others', () => {
  expect([techniqueById('t1110.004'), techniqueById('T9999')]).toEqual([stuffing, null]);
});

test('the notice of the data names its owner', () => {
  expect(attackNotice).toContain('The MITRE Corporation');
});

describe('techniqueMatrix', () => {
  test('has every tactic in the order of an attack, with the techniques that belong to each', () => {
    const matrix = techniqueMatrix(['T1498', 'T1078', 'T1110.004', 'T1078', 'T9999']);
    expect(matrix.slice(0, 3).map(({ id }) => id)).toEqual(['TA0043', 'TA0042', 'TA0001']);
    expect(matrix.at(-1)?.name).toBe('Impact');
    expect(matrix).toHaveLength(14);
    const ids = (name: string) =>
      matrix.find((tactic) => tactic.name === name)?.techniques.map(({ id }) => id);
    expect(ids('Initial Access')).toEqual(['T1078']);
    expect(ids('Persistence')).toEqual(['T1078']);
    expect(ids('Credential Access')).toEqual(['T1110.004']);
    expect(ids('Impact')).toEqual(['T1498']);
    expect(ids('Reconnaissance')).toEqual([]);
  });
});
