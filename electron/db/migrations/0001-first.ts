import { type Sql, sql } from '../sql.ts';

/*
 * The first schema. Enums that are compared or sorted are stored as their rank (a small number), the rest as text.
 * Tables whose rows are looked up by one narrow key and have no wide columns are WITHOUT ROWID. Wide text of
 * records (title of each occurrence, raw lines) lies compressed in `record_block`, many records a block.
 */
export const firstMigration: Sql = sql`
CREATE TABLE setting (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE view (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  query TEXT NOT NULL
) STRICT;

CREATE TABLE customer (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  own_ranges TEXT NOT NULL,
  default_tlp TEXT NOT NULL
) STRICT;

CREATE TABLE service (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer_id TEXT NOT NULL REFERENCES customer (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  UNIQUE (customer_id, name_key)
) STRICT;

CREATE TABLE connection (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  customer_id TEXT REFERENCES customer (id),
  enabled INTEGER NOT NULL,
  settings TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE connection_state (
  connection_id TEXT PRIMARY KEY NOT NULL,
  cursor TEXT,
  events_received INTEGER NOT NULL DEFAULT 0,
  records_rejected INTEGER NOT NULL DEFAULT 0,
  last_rejection TEXT,
  last_success_ms INTEGER,
  newest_record_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE connection_gap (
  id INTEGER PRIMARY KEY,
  connection_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX connection_gap_by_connection ON connection_gap (connection_id);

CREATE TABLE signal (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source_id TEXT NOT NULL,
  key TEXT NOT NULL,
  customer_id TEXT NOT NULL REFERENCES customer (id),
  service_id TEXT NOT NULL REFERENCES service (id),
  stage TEXT NOT NULL,
  layer TEXT NOT NULL,
  measure TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  step_ms INTEGER NOT NULL,
  corrected INTEGER NOT NULL DEFAULT 0,
  baseline_state TEXT NOT NULL DEFAULT 'learning',
  history_ms INTEGER NOT NULL DEFAULT 0,
  last_sample_ms INTEGER,
  UNIQUE (source_id, key)
) STRICT;

CREATE TABLE signal_detector (
  signal_number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;

-- The newest samples, one a row; finished hours move to sample_chunk.
CREATE TABLE sample (
  signal_number INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  value REAL,
  expected REAL,
  low REAL,
  high REAL,
  PRIMARY KEY (signal_number, time_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE sample_chunk (
  id INTEGER PRIMARY KEY,
  signal_number INTEGER NOT NULL,
  hour_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  samples BLOB NOT NULL,
  minutes BLOB,
  UNIQUE (signal_number, hour_ms)
) STRICT;

CREATE TABLE sample_hour (
  signal_number INTEGER NOT NULL,
  hour_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  mean REAL,
  min REAL,
  max REAL,
  expected REAL,
  low REAL,
  high REAL,
  PRIMARY KEY (signal_number, hour_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE breakdown (
  id INTEGER PRIMARY KEY,
  service_id TEXT NOT NULL,
  dimension TEXT NOT NULL,
  bucket_ms INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  unit TEXT NOT NULL,
  total REAL,
  rows BLOB NOT NULL,
  UNIQUE (service_id, dimension, bucket_ms, source_id)
) STRICT;

CREATE TABLE finding (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  signal_id TEXT NOT NULL,
  state TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX finding_by_signal ON finding (signal_id, start_ms);
CREATE INDEX finding_by_start ON finding (start_ms);
CREATE INDEX finding_open ON finding (start_ms) WHERE state = 'open';

CREATE TABLE incident (
  id TEXT PRIMARY KEY NOT NULL,
  service_id TEXT NOT NULL,
  alert_id TEXT,
  opened_ms INTEGER NOT NULL,
  closed_ms INTEGER,
  finding_ids TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX incident_open ON incident (opened_ms) WHERE closed_ms IS NULL;
CREATE INDEX incident_by_alert ON incident (alert_id) WHERE alert_id IS NOT NULL;

-- A severity or lane has three columns: what the occurrences say, what a person set, and what counts.
CREATE TABLE alert (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source_id TEXT NOT NULL,
  source_kind TEXT NOT NULL,
  customer_id TEXT,
  service_id TEXT,
  lane INTEGER NOT NULL,
  lane_seen INTEGER NOT NULL,
  lane_set INTEGER,
  status INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  severity_seen INTEGER NOT NULL,
  severity_set INTEGER,
  disposition TEXT,
  mitigated_mask INTEGER NOT NULL,
  source_state TEXT,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  assignee TEXT,
  snoozed_until_ms INTEGER,
  case_id TEXT,
  simulated INTEGER NOT NULL,
  last_action INTEGER,
  -- Which occurrence speaks for the alert: the latest, ties broken by identity.
  voice_ms INTEGER NOT NULL,
  voice_identity TEXT NOT NULL,
  title TEXT NOT NULL,
  why TEXT NOT NULL,
  entities TEXT NOT NULL,
  techniques TEXT NOT NULL,
  signal_ids TEXT NOT NULL
) STRICT;
-- Counting and listing the open queue reads this index alone, newest first, and never a row.
CREATE INDEX alert_open ON alert (sequence, lane, status, snoozed_until_ms, severity, customer_id, received_ms)
  WHERE status < 3;
CREATE INDEX alert_by_last_seen ON alert (last_seen_ms, sequence);
CREATE INDEX alert_by_severity ON alert (severity, sequence, lane, status);
CREATE INDEX alert_by_count ON alert (count, sequence);
CREATE INDEX alert_by_received ON alert (received_ms, sequence);
CREATE INDEX alert_by_case ON alert (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX alert_snoozed ON alert (snoozed_until_ms) WHERE snoozed_until_ms IS NOT NULL;

CREATE TABLE record_block (
  id INTEGER PRIMARY KEY,
  -- 'occurrence' blocks stay, 'context' blocks go with their rows.
  purpose TEXT NOT NULL,
  -- Its records are rows with following numbers.
  first_record INTEGER NOT NULL,
  records INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX record_block_of_context ON record_block (id, stored_bytes) WHERE purpose = 'context';

CREATE TABLE occurrence (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  alert_sequence INTEGER NOT NULL,
  occurred_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  mitigated INTEGER NOT NULL,
  correlation INTEGER,
  block_id INTEGER NOT NULL,
  block_offset INTEGER NOT NULL,
  block_length INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX occurrence_by_identity ON occurrence (identity);
CREATE INDEX occurrence_by_alert ON occurrence (alert_sequence, occurred_ms);

CREATE TABLE entity (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (kind, value)
) STRICT;

CREATE TABLE alert_entity (
  entity_id INTEGER NOT NULL,
  alert_sequence INTEGER NOT NULL,
  PRIMARY KEY (entity_id, alert_sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_action (
  id INTEGER PRIMARY KEY,
  undo_id TEXT NOT NULL UNIQUE,
  time_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  sentence TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE alert_action_row (
  alert_sequence INTEGER NOT NULL,
  action_id INTEGER NOT NULL,
  status INTEGER NOT NULL,
  disposition TEXT,
  assignee TEXT,
  snoozed_until_ms INTEGER,
  lane_set INTEGER,
  severity_set INTEGER,
  case_id TEXT,
  last_action INTEGER,
  PRIMARY KEY (alert_sequence, action_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_action_row_by_action ON alert_action_row (action_id);

CREATE TABLE context_event (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  occurred_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  summary TEXT NOT NULL,
  block_id INTEGER NOT NULL,
  block_offset INTEGER NOT NULL,
  block_length INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX context_event_by_identity ON context_event (identity);

-- Correlation keys and addresses of context events as 48-bit numbers of their hash.
CREATE TABLE context_key (
  key INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  PRIMARY KEY (key, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE context_link (
  event_id INTEGER NOT NULL,
  case_id TEXT NOT NULL,
  PRIMARY KEY (event_id, case_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE analyst (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL
) STRICT;

CREATE TABLE writer (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  analyst_id TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  -- Changes with every restore or copy of the data directory; a writer belongs to one of them.
  incarnation TEXT NOT NULL,
  minted_ms INTEGER NOT NULL,
  UNIQUE (analyst_id, incarnation, public_key)
) STRICT;

CREATE TABLE case_entry (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  case_id TEXT NOT NULL,
  writer_id TEXT NOT NULL,
  writer_name TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  clock TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  previous_hash TEXT NOT NULL,
  commitment TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX case_entry_by_case ON case_entry (case_id, clock);
CREATE INDEX case_entry_by_chain ON case_entry (case_id, writer_id, sequence);
CREATE INDEX case_entry_by_clock ON case_entry (clock);
CREATE TRIGGER case_entry_is_never_changed BEFORE UPDATE ON case_entry
  BEGIN SELECT RAISE(ABORT, 'case entries are only ever added'); END;
CREATE TRIGGER case_entry_is_never_removed BEFORE DELETE ON case_entry
  BEGIN SELECT RAISE(ABORT, 'case entries are only ever added'); END;

-- Apart from its entry, so that a payload can be withheld or erased while the chain still verifies.
CREATE TABLE case_entry_payload (
  entry_id TEXT PRIMARY KEY NOT NULL,
  salt TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER case_entry_payload_is_never_changed BEFORE UPDATE ON case_entry_payload
  BEGIN SELECT RAISE(ABORT, 'payloads of case entries are never changed'); END;

CREATE TABLE case_signature (
  hash TEXT PRIMARY KEY NOT NULL,
  case_id TEXT NOT NULL,
  writer_id TEXT NOT NULL,
  signature BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX case_signature_by_case ON case_signature (case_id);
CREATE TRIGGER case_signature_is_never_changed BEFORE UPDATE ON case_signature
  BEGIN SELECT RAISE(ABORT, 'signatures are only ever added'); END;
CREATE TRIGGER case_signature_is_never_removed BEFORE DELETE ON case_signature
  BEGIN SELECT RAISE(ABORT, 'signatures are only ever added'); END;

-- Folded from the entries; can be thrown away and made anew.
CREATE TABLE case_summary (
  id TEXT PRIMARY KEY NOT NULL,
  status TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  search TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  sha256 TEXT PRIMARY KEY NOT NULL,
  size_bytes INTEGER NOT NULL,
  added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  writer_id TEXT NOT NULL,
  writer_sequence INTEGER NOT NULL,
  actor TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  action TEXT NOT NULL,
  sentence TEXT NOT NULL,
  details TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  signature BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_chain ON audit (writer_id, writer_sequence);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit rows are only ever added'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit rows are only ever added'); END;

CREATE TABLE plan (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  hash TEXT NOT NULL,
  current INTEGER NOT NULL,
  retired INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (id, version)
) STRICT;
CREATE INDEX plan_by_hash ON plan (hash);

CREATE TABLE mitigation (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  plan_id TEXT NOT NULL,
  state TEXT NOT NULL,
  approved_ms INTEGER,
  entry_count INTEGER NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX mitigation_by_state ON mitigation (state);
CREATE INDEX mitigation_by_plan ON mitigation (plan_id, approved_ms);

CREATE TABLE ledger (
  sequence INTEGER PRIMARY KEY,
  mitigation_id TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  state TEXT NOT NULL,
  sentence TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_by_mitigation ON ledger (mitigation_id, sequence);
CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
  BEGIN SELECT RAISE(ABORT, 'ledger rows are only ever added'); END;
CREATE TRIGGER ledger_is_never_removed BEFORE DELETE ON ledger
  BEGIN SELECT RAISE(ABORT, 'ledger rows are only ever added'); END;
`;
