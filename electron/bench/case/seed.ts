import { generateKeyPairSync, sign } from 'node:crypto';
import type { CaseEntry, EntryPayload } from '../../../shared/domain/case.ts';
import { formatClock } from '../../../shared/domain/entry-chain.ts';
import { caseEntry } from '../../../shared/testing/case-entry.ts';
import type { Store, Writer } from '../../db/index.ts';

/** 2026-03-04T00:00:00Z */
export const seededNowMs = 1_772_582_400_000;

export interface BenchKey {
  readonly publicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
}

export function benchKey(): BenchKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { publicKey: raw.toString('base64'), sign: (bytes) => sign(null, bytes, privateKey) };
}

/** Somebody who writes in a store. */
export function benchWriter(store: Store): Writer {
  const key = benchKey();
  store.writers.saveAnalyst({ id: 'an_bench', name: 'Bench', publicKey: key.publicKey });
  return { id: store.writers.writerId('an_bench'), name: 'Bench', ...key };
}

export const benchOpening: EntryPayload = {
  kind: 'case-opened',
  title: 'A long night',
  customerId: null,
  severity: 'high',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
};

const statuses = ['open', 'contained', 'closed'] as const;

/** What is said in a long case, by number: mostly notes, a task now and then, the header changed again and again. */
export function benchPayload(number: number): EntryPayload {
  if (number === 0) return benchOpening;
  if (number % 10 === 1)
    return { kind: 'header-changed', status: statuses[((number / 10) % 3) | 0] ?? 'open' };
  if (number % 10 === 2) return { kind: 'task-added', taskId: `t${number}`, title: `Call number ${number}` };
  if (number % 10 === 3) return { kind: 'task-changed', taskId: `t${number - 1}`, done: true };
  return {
    kind: 'note-added',
    noteId: `n${number}`,
    markdown: `Seen ${number} times from 198.51.100.${number % 256}, each with the same user agent.`,
  };
}

/** Entries of one case in memory, each replacing what a person at one desk would have replaced. */
export function someEntries(count: number): CaseEntry[] {
  let lastHeader: string | null = null;
  return Array.from({ length: count }, (_, number) => {
    const payload = benchPayload(number);
    const isHeader = payload.kind === 'header-changed';
    const replaces: string[] = isHeader && lastHeader !== null ? [lastHeader] : [];
    const id = `en_${number}`;
    if (isHeader) lastHeader = `hash of ${id}`;
    const timeMs = seededNowMs + number;
    return caseEntry({
      id,
      caseId: 'ca_bench',
      sequence: number,
      clock: formatClock(timeMs, 0),
      timeMs,
      payload,
      replaces,
    });
  });
}

/** 10,000 entries: 5,000 alerts, 500 observables, the rest is said. */
export function seedLargeCase(store: Store, writer: Writer): string {
  const alerts = Array.from(
    { length: 5_000 },
    (_, number): EntryPayload => ({
      kind: 'alert-linked',
      alertId: `al_${number}`,
      title: `HTTP flood on /login, part ${number}`,
      why: 'Requests 14.2x above the usual Tuesday 02:00 for 3 min.',
      severity: 'high',
      firstSeenMs: seededNowMs,
      lastSeenMs: seededNowMs + number,
      count: number,
    }),
  );
  const observables = Array.from(
    { length: 500 },
    (_, number): EntryPayload => ({
      kind: 'observable-added',
      observableId: `ob_${number}`,
      entityKind: 'ip',
      value: `198.51.${number >> 8}.${number & 255}`,
      from: 'alert',
    }),
  );
  const { id } = store.cases.open(writer, [benchOpening, ...alerts, ...observables]);
  store.cases.append(
    id,
    writer,
    Array.from({ length: 4_499 }, (_, index) => benchPayload(index + 1)),
  );
  return id;
}
