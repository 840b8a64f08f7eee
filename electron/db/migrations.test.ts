import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, findDamage } from './connect.ts';
import { migrate, migrations, newestVersion, schemaVersion } from './migrations.ts';
import { type Sql, SqlDatabase, sql } from './sql.ts';
import { alertQuery, occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

/**
 * Rows as each version wrote them, by version: what the next step has to carry over. A step that is added brings
 * the rows of the version before it.
 */
const rowsOf: Readonly<Record<number, Sql>> = {
  0: sql`SELECT 1`,
  1: sql`
    INSERT INTO customer (id, name, name_key, own_ranges, default_tlp)
      VALUES ('cu_1', 'Acme', 'acme', '["192.0.2.0/24"]', 'TLP:AMBER');
    INSERT INTO service (id, customer_id, name, name_key) VALUES ('se_1', 'cu_1', 'shop', 'shop');
    INSERT INTO alert (id, source_id, source_kind, customer_id, service_id, lane, lane_seen, status, severity,
        severity_seen, mitigated_mask, first_seen_ms, last_seen_ms, received_ms, count, simulated, voice_ms,
        voice_identity, title, why, entities, techniques, signal_ids)
      VALUES ('al_1', 'detection', 'detection', 'cu_1', 'se_1', 0, 0, 0, 3, 3, 2, 1, 2, 3, 1, 0, 2, '', 'Flood',
        'Why.', '[]', '[]', '[]');
  `,
  2: sql`
    INSERT INTO alert (sequence, id, source_id, source_kind, customer_id, lane, lane_seen, lane_set, status, severity,
        severity_seen, severity_set, disposition, mitigated_mask, first_seen_ms, last_seen_ms, received_ms, count,
        assignee, snoozed_until_ms, case_id, simulated, last_action, voice_ms, voice_identity, title, why, entities,
        techniques, signal_ids)
      VALUES (1, 'al_1', 's', 'k', NULL, 0, 0, NULL, 3, 3, 3, NULL, 'duplicate', 2, 1, 2, 3, 1, 'Ada', NULL, NULL, 0, 2,
          2, '', 'One', 'Why.', '[{"kind":"ip","value":"10.0.0.1","role":"source"},{"kind":"ip","value":"10.0.0.1",
            "role":"related"},{"kind":"ip","value":"10.0.0.2","role":"destination"}]', '[]', '[]'),
        (2, 'al_2', 's', 'k', NULL, 1, 0, 1, 0, 4, 3, 4, NULL, 2, 1, 2, 3, 1, NULL, 900, 'ca_1', 0, NULL,
          2, '', 'Two', 'Why.', '[]', '[]', '[]'),
        (5000, 'al_5000', 's', 'k', NULL, 0, 0, NULL, 3, 3, 3, NULL, 'duplicate', 2, 1, 2, 3, 1, NULL, NULL, NULL, 0, 2,
          2, '', 'Far', 'Why.', '[]', '[]', '[]');
    INSERT INTO entity (id, kind, value) VALUES (1, 'ip', '10.0.0.1'), (2, 'ip', '10.0.0.2'), (3, 'ip', '10.0.0.3');
    INSERT INTO alert_entity (entity_id, alert_sequence) VALUES (1, 1), (2, 1), (3, 1);
    INSERT INTO alert_action (id, undo_id, time_ms, actor, sentence, undone)
      VALUES (1, 'un_1', 10, 'Ada', 'Taken', 0), (2, 'un_2', 20, 'Bob', 'Closed as duplicate', 0);
    INSERT INTO alert_action_row (alert_sequence, action_id, status, disposition, assignee, snoozed_until_ms, lane_set,
        severity_set, case_id, last_action)
      VALUES (1, 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (1, 2, 2, NULL, 'Ada', NULL, NULL, NULL, NULL, 1),
        (5000, 2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  `,
  3: sql`
    INSERT INTO alert (sequence, id, source_id, source_kind, mitigated_mask, first_seen_ms, last_seen_ms, received_ms,
        count, simulated, voice_ms, voice_identity, title, why, entities, techniques, signal_ids)
      VALUES (1, 'al_1', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 'One', 'Why.', '[]', '[]', '[]');
    INSERT INTO alert_state (id, status, lane_seen, severity_seen) VALUES (1, 0, 0, 3);
    INSERT INTO alert_state_chunk (chunk, alerts) VALUES (0, x'0100000000000000010000000100');
  `,
  4: sql`
    INSERT INTO alert (sequence, id, source_id, source_kind, mitigated_mask, first_seen_ms, last_seen_ms, received_ms,
        count, simulated, voice_ms, voice_identity, title, why, entities, techniques, signal_ids)
      VALUES (1, 'al_1', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 'One', 'Why.', '[]', '[]', '[]'),
        (2, 'al_2', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 'ONE', 'Why.', '[]', '[]', '[]'),
        (3, 'al_3', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 'One', 'Another.', '[]', '[]', '[]');
    INSERT INTO alert_state (id, status, lane_seen, severity_seen) VALUES (1, 0, 0, 3);
    INSERT INTO alert_state_chunk (chunk, alerts) VALUES (0, x'010000000000000003000000010002000300');
  `,
  5: sql`
    INSERT INTO connection_state (connection_id, events_received, records_rejected, last_rejection)
      VALUES ('so_1', 10, 3, 'A line is not JSON.');
    INSERT INTO entity (id, kind, value) VALUES (1, 'ip', '8.8.8.8');
  `,
  6: sql`
    INSERT INTO alert_title (id, text) VALUES (1, 'One'), (2, 'Two');
    INSERT INTO alert_why (id, text) VALUES (1, 'Why.');
    INSERT INTO alert (sequence, id, source_id, source_kind, mitigated_mask, first_seen_ms, last_seen_ms, received_ms,
        count, simulated, voice_ms, voice_identity, title_id, why_id, entities, techniques, signal_ids)
      VALUES (1, 'al_1', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 1, 1, '[]', '[]', '[]'),
        (2, 'al_2', 's', 'k', 2, 1, 2, 3, 5, 0, 2, '', 2, 1, '[]', '[]', '[]');
    INSERT INTO alert_state (id, status, lane_seen, severity_seen, suppressed) VALUES (1, 0, 0, 3, 0), (2, 1, 0, 3, 0);
    INSERT INTO alert_action (id, undo_id, time_ms, actor, sentence, undone)
      VALUES (1, 'un_1', 10, 'Ada', 'Acknowledged', 0);
    INSERT INTO alert_state_chunk (chunk, alerts)
      VALUES (0, x'01000000000000000100000001000200000001000000010000000200');
    INSERT INTO alert_action_chunk (chunk, action_id, alerts) VALUES (0, 1, x'0100000000000000010000000200');
  `,
  7: sql`
    INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash, commitment,
        hash)
      VALUES ('en_1', 'ca_1', 'wr_1', 'Ada', 0, '000000000000005:000000', 5, '00', 'cc', 'h1');
    INSERT INTO case_entry_payload (entry_id, salt, payload)
      VALUES ('en_1', 's', '{"kind":"note-added","markdown":"One","noteId":"n1"}');
  `,
  8: sql`
    INSERT INTO case_entry (position, id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash,
        commitment, hash, version, kind)
      VALUES (1, 'en_1', 'ca_1', 'wr_1', 'Ada', 0, '000000000000001:000000', 1, 'p', 'c', 'h', 2, 'note-added');
    INSERT INTO case_entry_payload (entry_id, salt, payload)
      VALUES ('en_1', 's', '{"kind":"note-added","markdown":"One","noteId":"n1"}');
  `,
  9: sql`
    INSERT INTO foreign_writer (id, public_key) VALUES ('wr_9', 'key');
    INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash, commitment,
        hash, version, kind)
      VALUES ('en_9', 'ca_1', 'wr_9', 'Bob', 0, '000000000000006:000000', 6, '00', 'cc', 'h9', 2, 'note-added');
  `,
  11: sql`
    INSERT INTO alert_title (id, text) VALUES (1, 'One');
    INSERT INTO alert_why (id, text) VALUES (1, 'Why.');
    INSERT INTO alert (sequence, id, source_id, source_kind, mitigated_mask, first_seen_ms, last_seen_ms, received_ms,
        count, simulated, voice_ms, voice_identity, title_id, why_id, entities, techniques, signal_ids)
      VALUES (1, 'al_1', 's', 'k', 2, 1, 2, 3, 7, 0, 2, '', 1, 1,
          '[{"kind":"ip","value":"10.0.0.1","role":"source"}]', '[]', '[]'),
        (2, 'al_2', 's', 'k', 2, 1, 2, 3, 5, 0, 2, '', 1, 1, '[]', '[]', '[]');
  `,
  13: sql`
    INSERT INTO alert_action (id, undo_id, time_ms, actor, sentence, undone)
      VALUES (1, 'un_1', 10, 'Ada', 'Taken', 0), (2, 'un_2', 20, 'Watchfloor', 'Woke by its time', 1);
  `,
  16: sql`
    INSERT INTO alert_why (id, text) VALUES (9, 'As good as any.');
    INSERT INTO alert_why_index (rowid, text) VALUES (9, 'As good as any.');
    INSERT INTO watched_word (id, text, is_whole) VALUES (1, 'wget', 1);
    INSERT INTO watched_word_alert (word, alert_sequence) VALUES (1, 1);
  `,
  15: sql`INSERT INTO accepted_push (connection_id, sent_ms, records, body) VALUES ('so_1', 5, 1, x'7b7d')`,
  14: sql`INSERT INTO alert_why (id, text) VALUES (8, 'As good as any.')`,
  12: sql`INSERT INTO alert_why (id, text) VALUES (7, 'Port scan from one address.')`,
  10: sql`
    INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash, commitment,
        hash, version, kind)
      VALUES ('en_1', 'ca_1', 'wr_1', 'Ada', 0, '000000000000005:000000', 5, '00', 'cc', 'h1', 1, ''),
        ('en_2', 'ca_1', 'wr_1', 'Ada', 1, '000000000000006:000000', 6, 'h1', 'cc', 'h2', 2, 'observable-added'),
        ('en_3', 'ca_2', 'wr_1', 'Ada', 0, '000000000000006:000000', 6, '00', 'cc', 'h3', 2, 'observable-added'),
        ('en_4', 'ca_2', 'wr_1', 'Ada', 1, '000000000000007:000000', 7, 'h3', 'cc', 'h4', 2, 'note-added');
    INSERT INTO case_entry_payload (entry_id, salt, payload)
      VALUES ('en_1', 's', '{"entityKind":"ip","from":"note","kind":"observable-added","observableId":"o1","value":"::1"}'),
        ('en_2', 's', '{"entityKind":"ip","from":"note","kind":"observable-added","observableId":"o2","value":"::1"}');
  `,
};

describe('migrations', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let database: SqlDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });
  afterEach(() => {
    database.connection.close();
    directory.remove();
  });

  it.each(Array.from({ length: newestVersion }, (_, index) => index))(
    'carries the rows of version %i over and keeps the file whole',
    (version) => {
      migrate(database, migrations.slice(0, version));
      expect(schemaVersion(database)).toBe(version);
      const rows = rowsOf[version];
      expect(rows, 'a step needs rows to be tested with').toBeDefined();
      database.script(rows ?? sql``);
      migrate(database);
      expect(schemaVersion(database)).toBe(newestVersion);
      expect(findDamage(database.connection)).toBeNull();
      expect(database.connection.pragma('foreign_key_check')).toEqual([]);
    },
  );

  it('gives alerts of before their place among others by what names them', () => {
    migrate(database, migrations.slice(0, 11));
    database.script(rowsOf[11] ?? sql``);
    migrate(database);
    expect(database.all(sql`SELECT sequence, lead FROM alert`)).toEqual([
      { sequence: 1, lead: '40a000001' },
      { sequence: 2, lead: '~' },
    ]);
  });

  it('finds reasons of before by their triples', () => {
    migrate(database, migrations.slice(0, 12));
    database.script(rowsOf[12] ?? sql``);
    migrate(database);
    const of = (triple: string) =>
      database.numbers(sql`SELECT rowid FROM alert_why_index WHERE alert_why_index MATCH ${triple}`);
    expect([of('"can"'), of('"cab"')]).toEqual([[7], []]);
  });

  it('finds the observables of cases of before, each once a case', () => {
    migrate(database, migrations.slice(0, 10));
    database.script(rowsOf[10] ?? sql``);
    migrate(database);
    expect(database.all(sql`SELECT kind, value, case_id FROM case_observable`)).toEqual([
      { kind: 'ip', value: '::1', case_id: 'ca_1' },
    ]);
  });

  it('gives the customers of version 1 the usual budget and counts their alerts', () => {
    migrate(database, migrations.slice(0, 1));
    database.script(rowsOf[1] ?? sql``);
    migrate(database);
    expect(database.all(sql`SELECT id, own_ranges, noise_budget FROM customer`)).toEqual([
      { id: 'cu_1', own_ranges: '["192.0.2.0/24"]', noise_budget: 5 },
    ]);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.alerts.actionableByDay(0)).toEqual([{ customerId: 'cu_1', dayMs: 0, count: 1 }]);
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('keeps the states of alerts of version 2, their history, and what can be undone', () => {
    migrate(database, migrations.slice(0, 2));
    database.script(rowsOf[2] ?? sql``);
    migrate(database);
    database.connection.close();
    const store = openTestStore(directory.path);
    const shown = () =>
      store.alerts
        .getMany(['al_1', 'al_2', 'al_5000'])
        .map(({ status, disposition, assignee, snoozedUntilMs, lane, severity, caseId }) => [
          status,
          disposition,
          assignee,
          snoozedUntilMs,
          lane,
          severity,
          caseId,
        ]);
    const second = ['new', null, null, 900, 'informational', 'critical', 'ca_1'];
    expect(shown()).toEqual([
      ['closed', 'duplicate', 'Ada', null, 'actionable', 'high', null],
      second,
      ['closed', 'duplicate', null, null, 'actionable', 'high', null],
    ]);
    const count = (text: string) => store.alerts.count(alertQuery({ text, includeDone: true }));
    expect(
      ['src:10.0.0.1', 'dst:10.0.0.1', 'dst:10.0.0.2', 'src:10.0.0.3', 'ip:10.0.0.3'].map(count),
    ).toEqual([1, 0, 1, 0, 1]);
    expect(store.alerts.history('al_1').map(({ sentence }) => sentence)).toEqual([
      'Taken',
      'Closed as duplicate',
    ]);
    expect(store.alerts.history('al_2')).toEqual([]);
    expect(store.alerts.undo('un_2', 'Ada')).toMatchObject({ changed: 2, skipped: 0 });
    expect(store.alerts.undo('un_1', 'Ada')).toMatchObject({ changed: 1, skipped: 0 });
    expect(shown()).toEqual([
      ['new', null, null, null, 'actionable', 'high', null],
      second,
      ['acknowledged', null, null, null, 'actionable', 'high', null],
    ]);
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('suppresses nothing of the alerts of version 3', () => {
    migrate(database, migrations.slice(0, 3));
    database.script(rowsOf[3] ?? sql``);
    migrate(database);
    expect(database.all(sql`SELECT suppression_ids, snoozed_count, snoozed_for_ms FROM alert`)).toEqual([
      { suppression_ids: '[]', snoozed_count: null, snoozed_for_ms: null },
    ]);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.alerts.get('al_1')).toMatchObject({ status: 'new', lane: 'actionable', suppressed: null });
    expect(store.alerts.openCounts()).toEqual({ actionable: 1, informational: 0 });
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('keeps the words of the alerts of version 4, each once', () => {
    migrate(database, migrations.slice(0, 4));
    database.script(rowsOf[4] ?? sql``);
    migrate(database);
    expect(database.all(sql`SELECT text FROM alert_title ORDER BY id`)).toEqual([
      { text: 'One' },
      { text: 'ONE' },
    ]);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.alerts.getMany(['al_1', 'al_2', 'al_3']).map(({ title, why }) => [title, why])).toEqual([
      ['One', 'Why.'],
      ['ONE', 'Why.'],
      ['One', 'Another.'],
    ]);
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('keeps what was counted before rejected records were kept', () => {
    migrate(database, migrations.slice(0, 5));
    database.script(rowsOf[5] ?? sql``);
    migrate(database);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.connections.counters('so_1')).toMatchObject({ eventsReceived: 10, recordsRejected: 3 });
    expect(store.rejected.summary('so_1')).toEqual({ kept: 0, keptBytes: 0, dropped: 0, replayed: 0 });
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('merges and splits nothing of the alerts of version 6, and undoes what was done to them', () => {
    migrate(database, migrations.slice(0, 6));
    database.script(rowsOf[6] ?? sql``);
    migrate(database);
    database.connection.close();
    const store = openTestStore(directory.path);
    const shown = () =>
      [...store.alerts.each()].map(({ id, status, parentId, merged, split, partOf }) => [
        id,
        status,
        parentId,
        merged,
        split,
        partOf,
      ]);
    expect(shown()).toEqual([
      ['al_1', 'new', null, null, null, null],
      ['al_2', 'acknowledged', null, null, null, null],
    ]);
    expect(store.alerts.undo('un_1', 'Ada')).toMatchObject({ changed: 1, skipped: 0 });
    expect(store.alerts.get('al_2')?.status).toBe('new');
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('keeps the entries of version 7 as entries of the first kind of header', () => {
    migrate(database, migrations.slice(0, 7));
    database.script(rowsOf[7] ?? sql``);
    migrate(database);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.cases.entries('ca_1')).toMatchObject([
      { version: 1, kind: 'note-added', keyFingerprint: null, tlp: null, replaces: [], withheld: false },
    ]);
    expect(store.cases.get('ca_1')?.notes).toMatchObject([{ id: 'n1', markdown: 'One' }]);
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('has no handover in version 8, and takes its case for touched', () => {
    migrate(database, migrations.slice(0, 8));
    database.script(rowsOf[8] ?? sql``);
    migrate(database);
    database.connection.close();
    const store = openTestStore(directory.path);
    expect(store.handovers.list()).toEqual([]);
    expect(store.handovers.last()).toBeNull();
    const since = { handoverId: null, sinceMs: 0, afterPosition: null, fromMs: 0 };
    expect(store.handovers.changesOf('ca_1', since, 10)).toEqual([
      { writerName: 'Ada', kind: 'note-added', count: 1 },
    ]);
    store.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });

  it('leaves the version and rows before a step that fails', () => {
    const steps = [sql`CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1)`];
    migrate(database, steps);
    const failing = [...steps, sql`ALTER TABLE one ADD COLUMN b TEXT; INSERT INTO missing VALUES (1)`];
    expect(() => migrate(database, failing)).toThrow();
    expect(schemaVersion(database)).toBe(1);
    expect(database.all(sql`SELECT * FROM one`)).toEqual([{ a: 1 }]);
    migrate(database, [...steps, sql`ALTER TABLE one ADD COLUMN b TEXT`]);
    expect(database.all(sql`SELECT * FROM one`)).toEqual([{ a: 1, b: null }]);
  });

  it('is done once: opening again changes nothing of the schema', () => {
    const open = () => openTestStore(directory.path);
    database.connection.close();
    const first = open();
    first.alerts.ingest(testSource, [occurrence()], startMs);
    first.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
    const schema = () => database.all(sql`SELECT type, name, sql FROM sqlite_schema ORDER BY type, name`);
    const before = schema();
    migrate(database);
    expect(schema()).toEqual(before);
    expect(database.all(sql`SELECT count(*) AS n FROM alert`)).toEqual([{ n: 1 }]);
  });
});
