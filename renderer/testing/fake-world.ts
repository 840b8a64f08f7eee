import type { Status } from '../../shared/api/contract.ts';
import type { Connection as ServedConnection } from '../../shared/api/server.ts';
import type { Connection } from '../../shared/domain/connection.ts';
import type { Customer, Service } from '../../shared/domain/customer.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { fakeConnections } from './fake-connections.ts';
import { fakeCustomers, fakeServices } from './fake-customers.ts';
import { earlierMoments, fakeFinding } from './fake-findings.ts';
import { attackBeforeMs, fakeSignals } from './fake-signals.ts';

/** States of the whole app that are rare or hard to bring about with a real core. */
export const fakeSituations = ['busy', 'calm', 'empty', 'loading', 'error', 'first', 'flood'] as const;
export type FakeSituation = (typeof fakeSituations)[number];

/** What everything that is made up has in common: what is known from the start, and who is told of changes. */
export interface FakeWorld {
  readonly situation: FakeSituation;
  readonly startMs: number;
  readonly readClock: () => number;
  readonly hasData: boolean;
  /** When the attack at hand began; null where there is none. */
  readonly attackStartMs: number | null;
  readonly findings: Finding[];
  readonly earlier: Finding[];
  readonly alertCount: number;
  readonly customers: Customer[];
  readonly services: Service[];
  readonly signals: Signal[];
  readonly connections: Connection[];
  readonly analyst: { name: string | null };
  readonly nextId: (prefix: string) => string;
  readonly emit: ServedConnection['emit'];
  /** Tells what the strip shows now. */
  readonly statusChanged: () => void;
  /** Does what was there before anybody looked, so that nobody is told. */
  readonly quietly: (work: () => void) => void;
  /** Throws in the situation in which nothing can be read. */
  readonly failing: () => void;
}

/** @param readStatus what the strip shows, asked when it may have changed */
export function createFakeWorld(
  situation: FakeSituation,
  connection: () => Pick<ServedConnection, 'emit'>,
  readClock: () => number,
  readStatus: () => Status,
): FakeWorld {
  const startMs = readClock();
  const hasData = situation !== 'empty';
  const attackStartMs = situation === 'busy' || situation === 'flood' ? startMs - attackBeforeMs : null;
  const findings: Finding[] =
    attackStartMs === null
      ? []
      : [
          fakeFinding('shop.origin-latency', attackStartMs - 40_000, 'actionable', 12),
          fakeFinding('shop.edge-rate', attackStartMs, 'actionable', 31),
          fakeFinding('shop.origin-errors', attackStartMs + 45_000, 'actionable', 18),
          fakeFinding('shop.waf', attackStartMs + 10_000, 'informational', 22),
          fakeFinding('shop.bits', attackStartMs + 5_000, 'informational', 7),
        ];
  const earlier = attackStartMs === null ? [] : earlierMoments(startMs);
  const alertCount = situation === 'flood' ? 1_000_000 : situation === 'calm' ? 40 : hasData ? 1_240 : 0;
  const customers = hasData ? [...fakeCustomers] : [];
  const services = hasData ? [...fakeServices] : [];
  const signals = hasData
    ? fakeSignals.map((signal) => ({
        ...signal,
        baselineState: situation === 'loading' ? ('learning' as const) : signal.baselineState,
        historyMs: situation === 'loading' ? 40 * 60_000 : signal.historyMs,
      }))
    : [];
  let counter = 0;
  let isQuiet = false;
  const failing = () => {
    if (situation === 'error') {
      throw new WatchfloorError(
        'storage',
        'The disk is full. What was stored is safe; free some space and try again.',
        'SQLITE_FULL: database or disk is full',
      );
    }
  };

  return {
    situation,
    startMs,
    readClock,
    hasData,
    attackStartMs,
    findings,
    earlier,
    alertCount,
    customers,
    services,
    signals,
    connections: hasData ? fakeConnections(situation, startMs) : [],
    analyst: { name: situation === 'first' ? null : 'Robin Keller' },
    nextId: (prefix) => `${prefix}-${++counter}`,
    emit: (event, payload) => {
      if (!isQuiet) connection().emit(event, payload);
    },
    statusChanged: () => {
      if (!isQuiet) connection().emit('status', readStatus());
    },
    quietly: (work) => {
      isQuiet = true;
      work();
      isQuiet = false;
    },
    failing,
  };
}
