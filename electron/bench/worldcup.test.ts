import { describe, expect, it } from 'vitest';
import { fixturePath, missingFixture } from '../testing/fixtures.ts';
import { measureTraffic, readTraffic } from './worldcup.ts';

const path = fixturePath('detection', 'worldcup98-first-40-days.csv');

describe('real web traffic', () => {
  it('with faults put into it: found, and nearly nothing else', { timeout: 60_000 }, ({ skip }) => {
    if (path === null) {
      skip(missingFixture('detection', 'worldcup98-first-40-days.csv'));
      return;
    }
    const { findings, quietDays, actionableIncidents, foundPercent } = measureTraffic(readTraffic(path), 40);
    expect(foundPercent.outage).toBe(100);
    expect(foundPercent.fall70).toBeGreaterThanOrEqual(80);
    expect(foundPercent.times10).toBeGreaterThanOrEqual(95);
    expect(foundPercent.times3).toBeGreaterThanOrEqual(75);
    expect(foundPercent.plus50).toBeGreaterThanOrEqual(25);
    expect(findings.length / quietDays).toBeLessThanOrEqual(0.3);
    // The two that are left in 28 days are surges of 7 and 25 times that the record really has.
    expect(actionableIncidents / quietDays).toBeLessThanOrEqual(0.1);
  });
});
