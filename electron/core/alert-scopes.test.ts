import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../shared/domain/alert.ts';
import { allSteps } from '../db/alert-search.ts';
import type { Store } from '../db/index.ts';
import {
  alertQuery,
  occurrence,
  openTestStore,
  startMs,
  temporaryDirectory,
  testSource,
  testWriter,
} from '../db/testing.ts';
import { type AlertScopes, createAlertScopes } from './alert-scopes.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let scopes: AlertScopes;

beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  let last = 0;
  scopes = createAlertScopes(store, (prefix) => `${prefix}_${++last}`);
  receive('a', 'b', 'c');
});
afterEach(() => {
  store.close();
  directory.remove();
});

function receive(...titles: readonly string[]): void {
  store.alerts.ingest(
    testSource,
    titles.map((title) => occurrence({ identity: title, deduplicationKey: title, title })),
    startMs,
  );
}

const everything = { by: 'query', query: alertQuery(), upToSequence: Number.MAX_SAFE_INTEGER } as const;

function freeze(selection: Parameters<AlertScopes['keep']>[0]) {
  return scopes.keep(selection, allSteps(store.alerts.selectInSteps(scopes.resolve(selection))));
}

const titles = (alerts: readonly Alert[]) => alerts.map(({ title }) => title);

describe('a scope', () => {
  it('is what it was when it was frozen, and is acted on as a whole', () => {
    const { scopeId, count, bySeverity } = freeze(everything);
    expect([count, bySeverity]).toEqual([3, [0, 0, 3, 0, 0]]);
    receive('d');
    const close = { type: 'close', disposition: 'duplicate', reason: '' } as const;
    const { changed } = store.alerts.act(scopes.resolve({ by: 'frozen', scopeId }), close, 'Ada');
    expect(changed).toBe(3);
    expect(
      titles(store.alerts.query(alertQuery(), { offset: 0, limit: 9, upToSequence: null }).rows),
    ).toEqual(['d']);
    // Frozen again it is the same, closed or not.
    expect(freeze({ by: 'frozen', scopeId }).count).toBe(3);
  });

  it('is read by pages, newest first', () => {
    const { scopeId } = freeze(everything);
    receive('d');
    expect(titles(scopes.read(scopeId, 0, 2))).toEqual(['c', 'b']);
    expect(titles(scopes.read(scopeId, 2, 2))).toEqual(['a']);
    expect(scopes.read(scopeId, 3, 2)).toEqual([]);
  });

  it('is forgotten when others have come since it was last used, and that is said', () => {
    const first = freeze(everything);
    const second = freeze(everything);
    for (let more = 0; more < 14; more += 1) freeze(everything);
    scopes.read(first.scopeId, 0, 1);
    freeze(everything);
    expect(titles(scopes.read(first.scopeId, 0, 1))).toEqual(['c']);
    expect(() => scopes.resolve({ by: 'frozen', scopeId: second.scopeId })).toThrow('not known any more');
  });

  it('says in the audit log who exported what of it', () => {
    const writer = testWriter(store);
    const query = { ...alertQuery({ text: 'title:a OR title:b' }), lane: 'actionable' } as const;
    scopes.recordExport(writer, freeze({ ...everything, query }).scopeId, 'csv', 2);
    const [alert] = store.alerts.query(alertQuery(), { offset: 0, limit: 1, upToSequence: null }).rows;
    scopes.recordExport(writer, freeze({ by: 'ids', ids: [alert?.id ?? ''] }).scopeId, 'jsonl', 1);
    expect(store.audit.list(2).map(({ action, sentence }) => `${action}: ${sentence}`)).toEqual([
      `alerts.exported: ${writer.name} exported 1 alert as JSON Lines: chosen one by one.`,
      `alerts.exported: ${writer.name} exported 2 alerts as CSV: all that match "title:a OR title:b", of the actionable lane.`,
    ]);
    expect(store.audit.verify().ok).toBe(true);
  });
});
