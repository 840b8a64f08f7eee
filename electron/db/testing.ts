import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AlertQuery } from '../../shared/api/contract.ts';
import type { OccurrenceInput, SignalInput } from '../sources/source.ts';
import { openStore } from './open-store.ts';
import type { Store, StoreOptions, Writer } from './store.ts';

/** A data directory of its own for one test. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'watchfloor-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** 2026-03-04T00:00:00Z */
export const startMs = 1_772_582_400_000;

export interface TestClock {
  nowMs: number;
}

/** A store with a clock that stands still and ids that count. */
export function openTestStore(
  path: string,
  clock: TestClock = { nowMs: startMs },
  more: Partial<StoreOptions> = {},
): Store {
  return openStore(path, { nowMs: () => clock.nowMs, appVersion: '0.0.0-test', ...more });
}

export function occurrence(more: Partial<OccurrenceInput> = {}): OccurrenceInput {
  return {
    identity: 'record-1',
    deduplicationKey: 'key',
    windowMs: 3_600_000,
    occurredMs: startMs,
    title: 'A title',
    why: 'A reason.',
    severity: 'medium',
    lane: 'actionable',
    mitigated: 'no',
    sourceState: null,
    entities: [{ kind: 'ip', value: '198.51.100.7', role: 'source' }],
    techniques: [],
    customerName: null,
    serviceName: null,
    raw: '{}',
    correlationKey: null,
    ...more,
  };
}

export const testSource = { id: 'source-1', kind: 'suricata-eve', customerId: null } as const;

export function signalInput(more: Partial<SignalInput> = {}): SignalInput {
  return {
    key: 'requests',
    customerName: 'Acme',
    serviceName: 'shop',
    stage: 'edge',
    layer: 'L7',
    measure: 'rate',
    name: 'HTTP requests',
    unit: 'requests/s',
    stepMs: 1000,
    ...more,
  };
}

export function alertQuery(more: Partial<AlertQuery> = {}): AlertQuery {
  return {
    lane: null,
    text: '',
    fromMs: null,
    toMs: null,
    includeDone: false,
    sort: 'received',
    ...more,
  };
}

/** An analyst with a key of their own who works in this store. */
export function testWriter(store: Store, name = 'Ada'): Writer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  const id = `an_${name}`;
  const rawKey = Buffer.from(x ?? '', 'base64url').toString('base64');
  store.writers.saveAnalyst({ id, name, publicKey: rawKey });
  store.writers.setCurrentAnalyst(id);
  return {
    id: store.writers.writerId(id),
    name,
    publicKey: rawKey,
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

/** The database file itself, for tests that look or meddle behind the store's back. */
export function openRaw(path: string): Database.Database {
  return new Database(path);
}
