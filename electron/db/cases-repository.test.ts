import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryPayload } from '../../shared/domain/case.ts';
import { plainTask } from '../../shared/testing/case-entry.ts';
import type { Store } from './store.ts';
import {
  openRaw,
  openTestStore,
  startMs,
  type TestClock,
  temporaryDirectory,
  testWriter,
} from './testing.ts';

const opening: EntryPayload = {
  kind: 'case-opened',
  title: 'HTTP flood on /login',
  customerId: null,
  severity: 'high',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
};

describe('cases', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let clock: TestClock;
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = { nowMs: startMs };
    store = openTestStore(directory.path, clock);
  });
  afterEach(() => {
    store.close();
    directory.remove();
  });

  it('finds cases by what their observables share, all but one', () => {
    const ada = testWriter(store, 'Ada');
    const seen = (value: string, entityKind: 'ip' | 'path' | 'port') =>
      ({ kind: 'observable-added', observableId: value, entityKind, value, from: 'alert' }) as const;
    const first = store.cases.open(ada, [opening, seen('198.51.100.7', 'ip'), seen('/Login', 'path')]);
    clock.nowMs += 1_000;
    const second = store.cases.open(ada, [opening, seen('198.51.100.7', 'ip'), seen('443', 'port')]);
    const sharing = (entities: Parameters<typeof store.cases.sharing>[0], except: string | null = null) =>
      store.cases.sharing(entities, except, 10).map((each) => [each.case.id, each.shared]);
    const address = { kind: 'ip', value: '198.51.100.7', role: 'source' } as const;
    const path = { kind: 'path', value: '/login', role: 'destination' } as const;
    expect(sharing([address, path])).toEqual([
      [second.id, ['198.51.100.7']],
      [first.id, ['198.51.100.7', '/login']],
    ]);
    expect(sharing([address], second.id)).toEqual([[first.id, ['198.51.100.7']]]);
    expect(store.cases.sharing([address], null, 1)).toHaveLength(1);
    expect(sharing([{ ...address, value: '198.51.100.70' }])).toEqual([]);
    expect(sharing([{ kind: 'port', value: '443', role: 'destination' }])).toEqual([]);
    expect(sharing([])).toEqual([]);
  });

  it('gives the entries beyond those of a log that only grew, and all of another', () => {
    const ada = testWriter(store, 'Ada');
    const { id } = store.cases.open(ada, [opening]);
    const first = store.cases.since(id, null);
    expect(first).toMatchObject({ from: 0, entries: [{ kind: 'case-opened' }] });
    const known = { log: first.log, entries: 1 };
    expect(store.cases.since(id, known)).toEqual({ log: first.log, from: 1, entries: [] });
    const note = store.cases.append(id, ada, [{ kind: 'note-added', noteId: 'n1', markdown: 'One' }]);
    expect(store.cases.since(id, known)).toEqual({
      log: first.log,
      from: 1,
      entries: note.timeline.slice(1),
    });
    store.cases.append(id, ada, [
      { kind: 'entry-withdrawn', entryId: note.timeline[1]?.id ?? '', reason: 'wrong' },
    ]);
    const anew = store.cases.since(id, { log: first.log, entries: 2 });
    expect(anew).toMatchObject({ from: 0, entries: [{}, {}, { kind: 'entry-withdrawn' }] });
    expect(anew.log).not.toBe(first.log);
    expect(() => store.cases.since('ca_none', null)).toThrow(/not there any more/);
  });

  it('folds what was appended and verifies every chain', () => {
    const ada = testWriter(store, 'Ada');
    const { id } = store.cases.open(ada, [opening, { kind: 'task-added', taskId: 't1', title: 'Call them' }]);
    clock.nowMs += 60_000;
    const bob = testWriter(store, 'Bob');
    const state = store.cases.append(id, bob, [
      { kind: 'task-changed', taskId: 't1', done: true },
      { kind: 'note-added', noteId: 'n1', markdown: 'Called.' },
      { kind: 'header-changed', status: 'contained', assignee: 'Bob' },
    ]);
    expect({ ...state, timeline: state.timeline.map((entry) => [entry.writerName, entry.sequence]) }).toEqual(
      {
        id,
        title: 'HTTP flood on /login',
        customerId: null,
        severity: 'high',
        status: 'contained',
        phase: 'detection-and-analysis',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
        assignee: 'Bob',
        openedMs: startMs,
        changedMs: startMs + 60_000,
        alertCount: 0,
        openTaskCount: 0,
        simulated: false,
        notes: [
          { id: 'n1', markdown: 'Called.', writerName: 'Bob', addedMs: startMs + 60_000, revisedMs: null },
        ],
        tasks: [{ id: 't1', title: 'Call them', done: true, assignee: null, addedMs: startMs, ...plainTask }],
        events: [],
        comments: [],
        fields: [],
        observables: [],
        evidence: [],
        techniques: [],
        alerts: [],
        mitigations: [],
        slices: [],
        conflicts: [],
        withdrawn: [],
        mergedCases: [],
        mergedInto: null,
        withheld: 0,
        snapshots: [],
        timeline: [
          ['Ada', 0],
          ['Ada', 1],
          ['Bob', 0],
          ['Bob', 1],
          ['Bob', 2],
        ],
      },
    );
    expect(store.cases.get(id)).toEqual(state);
    expect(store.cases.verify(id)).toEqual({ ok: true, sentence: 'All 5 entries in 2 chains verify.' });
    expect(store.cases.list({ status: 'contained', text: 'login FLOOD' }).map((one) => one.id)).toEqual([id]);
    expect(store.cases.list({ status: 'open', text: '' })).toEqual([]);
  });

  it('keeps clock order when the wall clock is set back', () => {
    const ada = testWriter(store);
    const { id } = store.cases.open(ada, [opening]);
    clock.nowMs -= 3_600_000;
    store.cases.append(id, ada, [{ kind: 'note-added', noteId: 'n1', markdown: 'one' }]);
    const state = store.cases.append(id, ada, [{ kind: 'note-revised', noteId: 'n1', markdown: 'two' }]);
    expect(state.timeline.map((entry) => entry.payload?.kind)).toEqual([
      'case-opened',
      'note-added',
      'note-revised',
    ]);
    expect(store.cases.verify(id).ok).toBe(true);
  });

  it('says which entry was tampered with, past the triggers that forbid it', () => {
    const ada = testWriter(store);
    const { id } = store.cases.open(ada, [opening]);
    store.cases.append(id, ada, [{ kind: 'note-added', noteId: 'n1', markdown: 'the truth' }]);
    const path = `${directory.path}/watchfloor.db`;
    store.close();
    const tamper = openRaw(path);
    expect(() => tamper.exec(`UPDATE case_entry SET writer_name = 'Eve'`)).toThrow('only ever added');
    expect(() => tamper.exec('DELETE FROM case_entry')).toThrow('only ever added');
    tamper.exec('DROP TRIGGER case_entry_payload_is_never_changed');
    tamper.exec(`UPDATE case_entry_payload SET payload = replace(payload, 'truth', 'lie')`);
    tamper.close();
    store = openTestStore(directory.path, clock);
    const [, second] = store.cases.entries(id);
    expect(store.cases.verify(id)).toEqual({
      ok: false,
      sentence: `1 of 2 entries do not verify. At ${second?.id}: Its payload was changed.`,
    });
  });

  it('still verifies with a payload erased', () => {
    const ada = testWriter(store);
    const { id } = store.cases.open(ada, [opening]);
    store.cases.append(id, ada, [{ kind: 'note-added', noteId: 'n1', markdown: 'a name' }]);
    const [, second] = store.cases.entries(id);
    store.close();
    const raw = openRaw(`${directory.path}/watchfloor.db`);
    raw.prepare('DELETE FROM case_entry_payload WHERE entry_id = ?').run(second?.id);
    raw.close();
    store = openTestStore(directory.path, clock);
    expect(store.cases.verify(id)).toEqual({
      ok: true,
      sentence: 'All 2 entries in 1 chain verify. 1 payloads are withheld or erased.',
    });
    expect(store.cases.get(id)?.notes).toEqual([]);
  });

  it('leaves nothing of a transaction that fails', () => {
    const ada = testWriter(store);
    expect(() =>
      store.transaction(() => {
        store.cases.open(ada, [opening]);
        throw new Error('the power went');
      }),
    ).toThrow('the power went');
    expect(store.cases.list({ status: null, text: '' })).toEqual([]);
  });

  it('keeps evidence by its hash and notices changed bytes', async () => {
    const { writeFileSync } = await import('node:fs');
    const bytes = Buffer.from('packet capture');
    const { sha256 } = store.evidence.put(bytes);
    expect(store.evidence.put(bytes)).toEqual({ sha256, sizeBytes: 14 });
    expect(store.evidence.read(sha256)).toEqual({ bytes, verified: true });
    writeFileSync(`${directory.path}/evidence/${sha256.slice(0, 2)}/${sha256}`, 'something else');
    expect(store.evidence.read(sha256)?.verified).toBe(false);
    store.evidence.put(bytes);
    expect(store.evidence.read(sha256)?.verified).toBe(true);
    expect(store.evidence.read('0'.repeat(64))).toBeNull();
    expect(() => store.evidence.read('../../etc/passwd')).toThrow('not the name of any evidence');
  });

  it('chains and signs the audit log', () => {
    const ada = testWriter(store, 'Ada');
    store.audit.append(ada, { action: 'plan.save', sentence: 'Saved a plan.', details: { b: 1, a: [2] } });
    const bob = testWriter(store, 'Bob');
    store.audit.append(bob, { action: 'mitigation.approve', sentence: 'Approved.' });
    store.audit.append(ada, { action: 'plan.retire', sentence: 'Retired.' });
    expect(store.audit.list(2).map((row) => [row.sequence, row.actor, row.action])).toEqual([
      [3, 'Ada', 'plan.retire'],
      [2, 'Bob', 'mitigation.approve'],
    ]);
    expect(store.audit.verify()).toEqual({
      ok: true,
      sentence: 'All 3 audit rows in 2 chains verify.',
    });
    store.close();
    const raw = openRaw(`${directory.path}/watchfloor.db`);
    expect(() => raw.exec('DELETE FROM audit WHERE sequence = 1')).toThrow('only ever added');
    raw.exec('DROP TRIGGER audit_is_never_removed');
    raw.exec('DELETE FROM audit WHERE sequence = 1');
    raw.close();
    store = openTestStore(directory.path, clock);
    expect(store.audit.verify()).toEqual({
      ok: false,
      sentence: '1 of 2 audit rows do not verify. At 3: The row before it is missing.',
    });
  });
});
