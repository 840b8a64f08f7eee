import { describe, expect, it } from 'vitest';
import { type ScenarioName, scenarioNames } from '../domain/range.ts';
import { hourMs, minuteMs, secondMs } from '../domain/time.ts';
import { breakdownsOf, clientTraffic } from './range-breakdown.ts';
import { createRangeNetwork, rangeSignals } from './range-network.ts';
import { attackersOf, drawAttack, scenarioCatalogue, serviceStateAt, valueAt } from './scenario.ts';

const network = createRangeNetwork(7);
const startMs = Date.UTC(2026, 2, 4, 14);

function attackOf(scenario: ScenarioName, customerName: string | null = null) {
  const attack = drawAttack(network, { scenario, customerName, startMs, speed: 1, draw: 1 });
  const service = network.services.find(({ key }) => key === attack.serviceKey);
  if (service === undefined) throw new Error('the attack has a service');
  return { attack, service, middleMs: (attack.startMs + attack.endMs) / 2 };
}

describe('the network of a seed', () => {
  it('is the same every time, and another with another seed', () => {
    expect(createRangeNetwork(7)).toEqual(network);
    expect(createRangeNetwork(8).services[0]?.clients[0]).not.toEqual(network.services[0]?.clients[0]);
  });

  it('uses documentation addresses and networks alone', () => {
    const clients = network.services.flatMap(({ clients }) => clients);
    const outside = clients.filter(
      ({ address, as }) =>
        !/^(203\.0\.113|198\.51\.100)\.|^2001:db8:/.test(address) || !/^AS64(49[6-9]|50\d|51[01])$/.test(as),
    );
    expect(outside).toEqual([]);
  });

  it('has every stage of the life of a request, for several customers', () => {
    expect(network.customers.map(({ name }) => name)).toEqual([
      'Kestrel Freight',
      'Halden Bank',
      'Polaris Media',
    ]);
    expect([...new Set(rangeSignals.map(({ stage }) => stage))]).toEqual([
      'client',
      'network',
      'edge',
      'waf',
      'cache',
      'origin',
    ]);
  });

  it('shares traffic out among clients by weights that add up to 1', () => {
    const sums = network.services.map(({ clients }) => clients.reduce((sum, { weight }) => sum + weight, 0));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 9);
  });
});

describe('a service in ordinary times', () => {
  it('is a function of time: a cut at any step reads the same', () => {
    const [service] = network.services;
    if (service === undefined) throw new Error('the network has services');
    const timeMs = startMs + 1234 * secondMs;
    expect(valueAt(service, 'edge.requests', timeMs, [], [])).toBe(
      serviceStateAt(service, timeMs, [], [])['edge.requests'],
    );
  });

  it('stays within what the units allow, day and night, weekday and weekend', () => {
    const values = network.services.flatMap((service) =>
      Array.from({ length: 14 * 24 }, (_, hour) => serviceStateAt(service, startMs + hour * hourMs, [], [])),
    );
    const wrong = values.filter(
      (state) =>
        Object.values(state).some((value) => !Number.isFinite(value) || value < 0) ||
        state['client.reachability'] > 100 ||
        state['cache.hit-ratio'] > 100 ||
        state['origin.availability'] > 100,
    );
    expect(wrong).toEqual([]);
  });

  it('is busier at its peak hour than in the night', () => {
    for (const service of network.services) {
      const dayMs = Date.UTC(2026, 2, 4);
      const peak = valueAt(service, 'edge.requests', dayMs + service.peakHourUtc * hourMs, [], []);
      const night = valueAt(
        service,
        'edge.requests',
        dayMs + ((service.peakHourUtc + 12) % 24) * hourMs,
        [],
        [],
      );
      expect(peak / night).toBeGreaterThan(2);
    }
  });
});

describe('scenarios', () => {
  it('each have a place in the catalogue', () => {
    expect(scenarioCatalogue.map(({ name }) => name)).toEqual(scenarioNames);
  });

  it.each([
    ['syn-flood', 'network.connections', 'up', 10],
    ['udp-amplification', 'network.bits', 'up', 5],
    ['http-flood', 'edge.requests', 'up', 3],
    ['credential-stuffing', 'edge.client-errors', 'up', 5],
    ['slow-origin-failure', 'origin.latency', 'up', 3],
    ['loss-of-reachability', 'client.reachability', 'down', 2],
    ['flash-crowd', 'edge.requests', 'up', 2.5],
  ] as const)('%s moves %s %s', (scenario, key, direction, times) => {
    const { attack, service, middleMs } = attackOf(scenario);
    const before = valueAt(service, key, middleMs, [], []);
    const during = valueAt(service, key, middleMs, [attack], []);
    expect(direction === 'up' ? during / before : before / during).toBeGreaterThan(times);
  });

  it('leave the other services alone', () => {
    const { attack, service, middleMs } = attackOf('http-flood');
    for (const other of network.services.filter((candidate) => candidate !== service)) {
      expect(serviceStateAt(other, middleMs, [attack], [])).toEqual(serviceStateAt(other, middleMs, [], []));
    }
  });

  it('end when they end', () => {
    const { attack, service } = attackOf('http-flood');
    const afterMs = attack.endMs + secondMs;
    expect(serviceStateAt(service, afterMs, [attack], [])).toEqual(serviceStateAt(service, afterMs, [], []));
  });

  it('are shorter at speed, never under twenty seconds', () => {
    const at = (speed: number) => {
      const attack = drawAttack(network, {
        scenario: 'http-flood',
        customerName: null,
        startMs,
        speed,
        draw: 1,
      });
      return attack.endMs - attack.startMs;
    };
    expect([at(1), at(6), at(600)]).toEqual([6 * minuteMs, minuteMs, 20 * secondMs]);
  });

  it('can be aimed at a customer', () => {
    const { service } = attackOf('syn-flood', 'Halden Bank');
    expect(service.customerName).toBe('Halden Bank');
  });
});

describe('blocking', () => {
  it.each(['syn-flood', 'udp-amplification', 'http-flood', 'credential-stuffing'] as const)(
    'the attackers ends a %s for the service, and ordinary clients pass',
    (scenario) => {
      const { attack, service, middleMs } = attackOf(scenario);
      const ordinary = new Set(service.clients.map(({ address }) => address));
      const blocks = attackersOf(attack)
        .filter(({ address }) => !ordinary.has(address))
        .map(({ address }) => ({ entry: `${address}/${address.includes(':') ? 128 : 32}` }));
      const before = serviceStateAt(service, middleMs, [], []);
      const during = serviceStateAt(service, middleMs, [attack], []);
      const blocked = serviceStateAt(service, middleMs, [attack], blocks);
      const key = scenario === 'credential-stuffing' ? 'edge.client-errors' : 'network.packets';
      // A few attackers sit among ordinary clients and stay: what is left is a part, not the flood.
      expect((blocked[key] - before[key]) / (during[key] - before[key])).toBeLessThan(0.5);
      expect(blocked['edge.blocked']).toBeGreaterThan(before['edge.blocked']);
    },
  );

  it('everything takes all the traffic away, ordinary clients too', () => {
    const { service, middleMs } = attackOf('http-flood');
    const blocks = [{ entry: '0.0.0.0/0' }, { entry: '::/0' }];
    expect(serviceStateAt(service, middleMs, [], blocks)['edge.requests']).toBeCloseTo(0, 6);
  });
});

describe('breakdowns', () => {
  it('know every dimension, largest first, with totals that cover the listed rows', () => {
    const { attack, service, middleMs } = attackOf('http-flood');
    const breakdowns = breakdownsOf(service, middleMs, middleMs + 10 * secondMs, [attack], []);
    expect(breakdowns.map(({ dimension }) => dimension)).toEqual([
      'source.ip',
      'source.as',
      'source.country',
      'source.port',
      'destination.port',
      'network.transport',
      'tcp.flags',
      'packet.size',
      'url.path',
      'url.query',
      'user_agent',
      'http.method',
      'http.status',
    ]);
    for (const { total, rows } of breakdowns) {
      expect(rows.map(({ count }) => count)).toEqual(rows.map(({ count }) => count).sort((a, b) => b - a));
      expect(total).toBeGreaterThanOrEqual(rows.reduce((sum, { count }) => sum + count, 0));
      expect(rows.every(({ count, mitigated }) => mitigated >= 0 && mitigated <= count)).toBe(true);
    }
  });

  it('name the attackers first, and say what a block stopped', () => {
    const { attack, service, middleMs } = attackOf('http-flood');
    const [worst] = attackersOf(attack);
    if (worst === undefined) throw new Error('a flood has attackers');
    const entry = `${worst.address}/${worst.address.includes(':') ? 128 : 32}`;
    const [clients] = breakdownsOf(service, middleMs, middleMs + 10 * secondMs, [attack], [{ entry }]);
    const row = clients?.rows.find(({ value }) => value === worst.address);
    expect(row?.mitigated).toBe(row?.count);
    expect(attackersOf(attack).map(({ address }) => address)).toContain(clients?.rows[0]?.value);
  });

  it('count what each client brought before any block', () => {
    const { attack, service, middleMs } = attackOf('http-flood');
    const traffic = clientTraffic(service, middleMs, middleMs + 10 * secondMs, [attack], []);
    const requests = traffic.reduce((sum, client) => sum + client.requests, 0);
    const expected = valueAt(service, 'edge.requests', middleMs + 5 * secondMs, [attack], []) * 10;
    expect(requests / expected).toBeGreaterThan(0.9);
    expect(requests / expected).toBeLessThan(1.6);
  });
});
