import { describe, expect, it } from 'vitest';
import { fakeFinding } from '../testing/fake-findings.ts';
import { fakeSignals } from '../testing/fake-signals.ts';
import { firstDeviation, orderForCharts, serviceInTrouble, stageSignals } from './choose-signals.ts';

const shop = fakeSignals.filter((signal) => signal.serviceId === 'shop');

describe('the life of a request', () => {
  it('takes for each stage how much, how fast and how badly', () => {
    expect(
      stageSignals(shop).map(({ stage, amount, latency, errors }) => [
        stage,
        amount?.name ?? null,
        latency?.name ?? null,
        errors?.name ?? null,
      ]),
    ).toEqual([
      ['client', 'Reachability', 'Page latency', null],
      ['network', 'Inbound traffic', null, null],
      ['edge', 'HTTP requests', 'Edge latency p95', 'Edge errors'],
      ['waf', 'Requests mitigated', null, null],
      ['cache', 'Cache hits', null, null],
      ['origin', 'Origin requests', 'Origin latency p95', 'Origin errors'],
    ]);
  });

  it('names the stage that deviated first, and by how much', () => {
    const findings = [
      fakeFinding('shop.edge-rate', 100_000, 'actionable', 20),
      fakeFinding('shop.origin-errors', 130_000, 'actionable', 20),
      fakeFinding('shop.origin-latency', 60_000, 'actionable', 8),
    ];
    expect(firstDeviation(findings)).toEqual({
      stage: 'origin',
      startMs: 60_000,
      leadMs: 40_000,
      nextStage: 'edge',
    });
    expect(firstDeviation([])).toBe(null);
  });

  it('finds the service that needs eyes first', () => {
    expect(
      serviceInTrouble([
        fakeFinding('api.edge-rate', 1, 'actionable', 7),
        fakeFinding('shop.edge-rate', 2, 'actionable', 30),
        fakeFinding('ebank.edge-rate', 3, 'informational', 90),
      ]),
    ).toBe('shop');
  });

  it('orders charts by stage and measure whatever order the signals come in', () => {
    const names = orderForCharts(shop).map((signal) => signal.name);
    expect(orderForCharts([...shop].reverse()).map((signal) => signal.name)).toEqual(names);
    expect(names.slice(0, 4)).toEqual(['Reachability', 'Page latency', 'Inbound traffic', 'Inbound packets']);
  });
});
