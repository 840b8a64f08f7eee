import { describe, expect, it } from 'vitest';
import type { ScenarioName } from '../domain/range.ts';
import { dayMs, minuteMs, secondMs } from '../domain/time.ts';
import { createRangeNetwork } from './range-network.ts';
import { quietly, rangeHistoryMs, watchRangeService } from './range-watch.ts';
import { attackersOf, drawAttack } from './scenario.ts';

/** Wednesday afternoon, two weeks of history behind it. */
const startMs = Date.UTC(2026, 2, 18, 14);

function play(scenario: ScenarioName, seed: number, blockAfterMs: number | null = null) {
  const network = createRangeNetwork(seed);
  const attackStartMs = startMs + 6 * minuteMs;
  const attack = drawAttack(network, {
    scenario,
    customerName: null,
    startMs: attackStartMs,
    speed: 1,
    draw: seed,
  });
  const service = network.services.find(({ key }) => key === attack.serviceKey);
  if (service === undefined) throw new Error('the attack has a service');
  const blocks = attackersOf(attack).map(({ address }) => ({
    entry: `${address}/${address.includes(':') ? 128 : 32}`,
  }));
  const none: typeof blocks = [];
  const watch = watchRangeService(service);
  watch.learn(startMs - rangeHistoryMs, startMs);
  watch.live(startMs + secondMs, attack.endMs + 4 * minuteMs, secondMs, {
    attacks: [attack],
    blocksAt: (timeMs) => (blockAfterMs !== null && timeMs >= attackStartMs + blockAfterMs ? blocks : none),
    breakdowns: true,
  });
  // One second may hold many states while its signals come one by one: only the last is what somebody sees.
  const seen = watch.told.filter(({ timeMs }, index) => watch.told[index + 1]?.timeMs !== timeMs);
  const calls = seen.filter(({ incident }) => incident.lane === 'actionable');
  const first = calls[0];
  return {
    attack,
    watch,
    seen,
    calls,
    last: watch.told.at(-1)?.incident,
    ids: new Set(calls.map(({ incident }) => incident.id)),
    secondsToCall: first === undefined ? null : (first.timeMs - attackStartMs) / secondMs,
    before: seen.filter(({ timeMs }) => timeMs < attackStartMs),
  };
}

// Two weeks of history for every signal take a second or two on a busy machine.
const patience = { timeout: 30_000 };

describe('what comes on the range', patience, () => {
  it.each([
    ['syn-flood', 15, /^SYN flood$/, 'network', ['T1498.001', 'T1499.001'], 'critical'],
    [
      'udp-amplification',
      15,
      /^(DNS|NTP|CLDAP|SSDP|Memcached) amplification flood$/,
      'network',
      ['T1498.002'],
      'critical',
    ],
    ['http-flood', 20, /^HTTP flood on \//, null, ['T1499.002'], null],
    ['cache-busting', 20, /^Cache-busting flood on \//, null, ['T1499.002'], null],
    ['slow-loris', 40, /^Slow loris/, null, ['T1499.002'], null],
    ['credential-stuffing', 40, /^Credential stuffing on \/.*(login|token)$/, 'edge', ['T1110.004'], null],
    ['slow-origin-failure', 100, /^Origin failing$/, 'origin', [], null],
    ['loss-of-reachability', 15, /^Loss of reachability$/, 'client', [], 'critical'],
  ] as const)(
    '%s calls a person within %d s, named and placed right',
    (scenario, withinSeconds, title, stage, techniques, severity) => {
      const { secondsToCall, last, ids, before } = play(scenario, 1);
      expect(before).toEqual([]);
      expect(secondsToCall).not.toBeNull();
      expect(secondsToCall).toBeLessThanOrEqual(withinSeconds);
      expect(ids.size).toBe(1);
      expect(last?.title).toMatch(title);
      expect(last?.techniques).toEqual(techniques);
      expect(last?.state).toBe('closed');
      if (stage !== null) expect(last?.firstStage).toBe(stage);
      if (severity !== null) expect(last?.severity).toBe(severity);
    },
  );

  it('an http flood names its clients, path and the part that was mitigated', () => {
    const { last, attack } = play('http-flood', 3);
    const attackers = new Set(attackersOf(attack).map(({ address }) => address));
    const named = (last?.entities ?? []).filter(({ kind }) => kind === 'ip').map(({ value }) => value);
    expect(named.filter((address) => !attackers.has(address))).toEqual([]);
    expect(named.length).toBeGreaterThanOrEqual(10);
    expect(last?.why).toMatch(
      /\d+% of the excess is (GET|POST) \/\S* from AS64\d{3}.*, \d+% from \d+ clients/,
    );
    expect(last?.why).toMatch(/1[0-9]% mitigated/);
    expect(last?.mitigated).toBe('partly');
  });

  it('a slow origin failure shows its order: the origin first, the clients after', () => {
    const { last } = play('slow-origin-failure', 2);
    expect(last?.stageOrder.map(({ stage }) => stage).slice(0, 2)).toEqual(['origin', 'client']);
    expect(last?.why).toMatch(/origin latency p95 rose \d.* earlier/);
  });

  it('a flash crowd is seen and calls nobody, and says why', () => {
    for (const seed of [1, 2]) {
      const { calls, last } = play('flash-crowd', seed);
      expect(calls).toEqual([]);
      expect(last?.title).toMatch(/^Flash crowd/);
      expect(last?.why).toContain('a crowd, not an attack');
    }
  });

  it('a block ends the surge: the incident closes while the attack goes on, stopped, and none opens anew', () => {
    const { last, attack, ids } = play('http-flood', 2, 60 * secondMs);
    expect(last).toMatchObject({ state: 'closed', lane: 'actionable', mitigated: 'yes' });
    expect(last?.closedMs).toBeLessThan(attack.startMs + 3 * minuteMs);
    expect(ids.size).toBe(1);
  });
});

describe('quiet days on the range', patience, () => {
  it.each([11, 12])('call nobody (seed %d, three days, every service)', (seed) => {
    const calls = createRangeNetwork(seed).services.flatMap((service) => {
      const watch = watchRangeService(service);
      const fromMs = startMs + (seed % 3) * dayMs;
      watch.learn(fromMs - rangeHistoryMs, fromMs);
      watch.live(fromMs + minuteMs, fromMs + 3 * dayMs, minuteMs, quietly);
      return watch.told.filter(({ incident }) => incident.lane === 'actionable');
    });
    expect(calls).toEqual([]);
  });
});
