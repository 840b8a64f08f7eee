import type { Handlers } from '../../shared/api/server.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { fakeBackTest } from './fake-back-test.ts';
import { fakeLessons } from './fake-lessons.ts';
import { fakeNoise } from './fake-noise.ts';
import { fakeWindow } from './fake-signals.ts';
import type { FakeWorld } from './fake-world.ts';

/** What is measured, and what was found in it. */
export function createFakeDetection(
  world: FakeWorld,
  /** Alerts that somebody changed. */
  changes: ReadonlyMap<string, unknown>,
) {
  const { situation, startMs, readClock, hasData, attackStartMs, findings, earlier, signals, emit, failing } =
    world;

  return {
    'backtest.run': async (input, context) => {
      failing();
      const { signalIds } = input;
      const steps = 8;
      for (let step = 0; step < steps; step += 1) {
        context.progress({
          done: (signalIds.length * step) / steps,
          total: signalIds.length,
          text: `Replaying signal ${Math.floor((signalIds.length * step) / steps) + 1} of ${signalIds.length}`,
        });
        await new Promise((resolve) =>
          setTimeout(resolve, situation === 'loading' && step === 3 ? 3_600_000 : 60),
        );
        if (context.isCancelled()) throw new WatchfloorError('cancelled', 'The back-test was stopped.');
      }
      return fakeBackTest(input);
    },
    'signals.list': () => signals,
    'signals.update': (input) => {
      const found = signals.find((signal) => signal.id === input.id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such signal.');
      Object.assign(found, input);
      emit('signals.changed', {});
      return found;
    },
    'signals.window': ({ signalIds, fromMs, toMs, maxPoints }) => {
      failing();
      return signalIds.map((id) =>
        fakeWindow(id, fromMs, toMs, maxPoints, readClock(), attackStartMs, [...findings, ...earlier]),
      );
    },
    'signals.breakdown': ({ dimension, fromMs, toMs }) => {
      failing();
      if (dimension === 'user_agent' || dimension === 'destination.port') {
        return { known: false, dimension, reason: 'No source of this service sends it.' };
      }
      const values: Readonly<Record<string, readonly string[]>> = {
        'source.ip': [
          '198.51.100.7',
          '203.0.113.17',
          '198.51.100.201',
          '203.0.113.44',
          '192.0.2.88',
          '203.0.113.9',
        ],
        'source.as': [
          'AS64496 Example Hosting',
          'AS64511 Cloudy',
          'AS64500 Broadband One',
          'AS64501 Mobile North',
        ],
        'source.country': ['NL', 'US', 'DE', 'BR', 'SE'],
        'url.path': ['/login', '/api/session', '/', '/search', '/static/app.js'],
        'http.method': ['POST', 'GET', 'HEAD'],
        'http.status': ['429', '200', '503', '404'],
        'network.transport': ['tcp', 'udp'],
      };
      const names = values[dimension] ?? [];
      const total = 142_300 * Math.max(1, Math.round((toMs - fromMs) / 60_000));
      const rows = names.map((value, index) => {
        const share = [0.46, 0.21, 0.11, 0.06, 0.03, 0.02][index] ?? 0.01;
        return {
          value,
          count: Math.round(total * share),
          share,
          usualShare: attackStartMs === null ? share : ([0.04, 0.03, 0.12, 0.02, 0.03, 0.02][index] ?? 0.01),
          mitigated: dimension === 'url.path' ? null : Math.round(total * share * 0.08),
        };
      });
      const usualTotal = attackStartMs === null ? total : Math.round(total / 8);
      return {
        known: true,
        dimension,
        sourceId: 'range',
        unit: 'requests',
        fromMs,
        toMs,
        total,
        usualTotal,
        rows,
      };
    },
    'findings.list': ({ signalId }) =>
      findings.filter((finding) => signalId === null || finding.signalId === signalId),
    'findings.history': () => ({
      sinceMs: startMs - 30 * 86_400_000,
      fired: earlier,
      wouldMove: 4,
      isExact: true,
    }),
    'noise.read': ({ customerId }) => {
      failing();
      const noise = fakeNoise(customerId, startMs);
      if (situation === 'calm') {
        return {
          ...noise,
          customers: noise.customers.map((each) => ({ ...each, counts: each.counts.map(() => 0) })),
          groups: { source: [], service: [], signal: [], rule: [] },
          alerts: 0,
        };
      }
      return hasData ? noise : { ...noise, customers: [] };
    },
    'lessons.list': () => {
      failing();
      const lessons = hasData && situation !== 'calm' ? fakeLessons(startMs) : [];
      // Reopened, an alert teaches nothing.
      return {
        lessons: lessons.filter(({ alertId }) => !changes.has(alertId)),
        isWhole: true,
        isExact: true,
      };
    },
  } satisfies Partial<Handlers>;
}
