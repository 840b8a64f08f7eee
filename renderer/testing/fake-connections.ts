import type { Handlers } from '../../shared/api/server.ts';
import type { Connection, Health } from '../../shared/domain/connection.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { fakeKinds } from './fake-kinds.ts';
import type { FakeSituation, FakeWorld } from './fake-world.ts';

/** Health of a source, good unless told otherwise. */
function fakeHealth(nowMs: number, change: Partial<Health> = {}): Health {
  return {
    state: 'ok',
    sentence: 'Delivers; the newest record is 1 s old.',
    lastSuccessMs: nowMs - 1_000,
    lastAttemptMs: nowMs - 1_000,
    nextAttemptMs: nowMs + 4_000,
    lagMs: 1_000,
    consecutiveFailures: 0,
    eventsReceived: 182_004,
    recordsRejected: 0,
    lastRejection: null,
    gaps: [],
    unmapped: [],
    progress: null,
    ...change,
  };
}

/** Sources and targets that are connected from the start. */
export function fakeConnections(situation: FakeSituation, startMs: number): Connection[] {
  function connectionOf(
    id: string,
    role: Connection['role'],
    kind: string,
    name: string,
    state: 'ok' | 'lagging' | 'failing',
  ): Connection {
    return {
      id,
      role,
      kind,
      name,
      customerId: null,
      enabled: true,
      settings:
        kind === 'prometheus'
          ? {
              url: 'http://prometheus.example:9090',
              auth: 'bearer',
              stepSeconds: 15,
              haproxy: true,
              queries: '',
            }
          : kind === 'suricata-eve'
            ? { path: '/var/log/suricata/eve.json', severityMap: '1 = critical\n5 = low' }
            : {},
      secretsSet: kind === 'prometheus' ? ['token'] : [],
      health: fakeHealth(startMs, {
        ...(kind === 'suricata-eve'
          ? {
              recordsRejected: 12,
              lastRejection: 'A line is not JSON.',
              unmapped: [{ key: 'severityMap', word: '7' }],
            }
          : {}),
        ...(state === 'lagging'
          ? {
              state,
              sentence: '4 min behind: the server answers slowly. Charts that depend on it end 4 min ago.',
              lagMs: 240_000,
            }
          : {}),
        ...(state === 'failing'
          ? {
              state,
              sentence:
                'The file cannot be read: permission denied. Let the user that runs Watchfloor read it.',
              consecutiveFailures: 12,
              lastSuccessMs: startMs - 3_600_000,
            }
          : {}),
      }),
      simulated: true,
    };
  }

  return [
    connectionOf('range', 'source', 'range', 'Simulated network', 'ok'),
    connectionOf('prom-eu', 'source', 'prometheus', 'prom-eu', situation === 'calm' ? 'ok' : 'lagging'),
    connectionOf('eve', 'source', 'suricata-eve', 'sensor-1 EVE', situation === 'error' ? 'failing' : 'ok'),
    connectionOf('edge', 'target', 'haproxy', 'edge-haproxy', 'ok'),
  ];
}

/** Customers, their services, and what is connected to them. */
export function createFakeConnections(world: FakeWorld) {
  const { readClock, customers, services, connections, nextId, emit } = world;

  return {
    'customers.list': () => ({ customers, services }),
    'customers.save': (input) => {
      const saved = { ...input, id: input.id ?? nextId('customer'), simulated: true };
      const place = customers.findIndex((each) => each.id === saved.id);
      if (place >= 0) customers[place] = saved;
      else customers.push(saved);
      return saved;
    },
    'services.save': (input) => {
      const saved = { ...input, id: input.id ?? nextId('service') };
      const place = services.findIndex((each) => each.id === saved.id);
      if (place >= 0) services[place] = saved;
      else services.push(saved);
      return saved;
    },
    'connections.kinds': () => [...fakeKinds],
    'connections.list': () => connections,
    'connections.save': (input) => {
      const { secrets, id, ...rest } = input;
      const saved: Connection = {
        ...rest,
        id: id ?? nextId('connection'),
        secretsSet: Object.entries(secrets).flatMap(([key, value]) => (value === null ? [] : [key])),
        health: fakeHealth(readClock(), {
          state: 'starting',
          sentence: 'Starting.',
          lastSuccessMs: null,
          lagMs: null,
        }),
        simulated: true,
      };
      const place = connections.findIndex((each) => each.id === saved.id);
      if (place >= 0) connections[place] = saved;
      else connections.push(saved);
      emit('connections.changed', { connections });
      return saved;
    },
    'connections.remove': ({ id }) => {
      const place = connections.findIndex((each) => each.id === id);
      if (place >= 0) connections.splice(place, 1);
      emit('connections.changed', { connections });
      return { done: true };
    },
    'connections.setEnabled': ({ id, enabled }) => {
      const found = connections.find((each) => each.id === id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such connection.');
      found.enabled = enabled;
      emit('connections.changed', { connections });
      return found;
    },
    'connections.test': ({ kind }) => ({
      ok: kind !== 'suricata-eve',
      lines:
        kind === 'suricata-eve'
          ? [{ level: 'error', text: 'The file does not exist. Check the path, or start Suricata.' }]
          : [
              { level: 'ok', text: 'Connected in 4 ms.' },
              { level: 'info', text: 'Prometheus 2.42.0, 14 d of history.' },
              { level: 'ok', text: '36 signals found: HAProxy 24, blackbox 12.' },
              { level: 'warning', text: 'The server’s clock is 3 s ahead of this machine’s.' },
            ],
    }),
  } satisfies Partial<Handlers>;
}
