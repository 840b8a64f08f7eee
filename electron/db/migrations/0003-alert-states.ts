import { type Sql, sql } from '../sql.ts';

/*
 * What changes of an alert by hand leaves the wide rows: an alert has a state by its number, states are few, and the
 * numbers of 2,048 alerts lie together in one row. So an action on a million alerts rewrites some hundreds of rows, in
 * one transaction, and is seen at once. What alerts were before an action lies the same way, by action and chunk.
 * The bytes are those of `alert-chunk.ts`; here each alert is a group of its own.
 */
const stateColumns = sql`status, disposition, assignee, snoozed_until_ms, lane_seen, lane_set, severity_seen,
  severity_set, case_id`;

const littleEndian = (number: Sql): Sql =>
  sql`printf('%02X%02X%02X%02X', (${number}) & 255, ((${number}) >> 8) & 255, ((${number}) >> 16) & 255,
        ((${number}) >> 24) & 255)`;

const sameState = sql`state.status = was.status AND state.disposition IS was.disposition
  AND state.assignee IS was.assignee AND state.snoozed_until_ms IS was.snoozed_until_ms
  AND state.lane_seen = was.lane_seen AND state.lane_set IS was.lane_set
  AND state.severity_seen = was.severity_seen AND state.severity_set IS was.severity_set
  AND state.case_id IS was.case_id`;

const actionRows = sql`SELECT one.alert_sequence, one.action_id, one.last_action, one.status, one.disposition,
    one.assignee, one.snoozed_until_ms, alert.lane_seen, one.lane_set, alert.severity_seen, one.severity_set,
    one.case_id
  FROM alert_action_row AS one JOIN alert ON alert.sequence = one.alert_sequence`;

const groups = (sequence: Sql): Sql =>
  sql`unhex(group_concat(${littleEndian(sql`state.id`)} || ${littleEndian(sql`ifnull(was.last_action, 0)`)} || '01000000' ||
    printf('%02X%02X', ${sequence} & 255, (${sequence} >> 8) & 7), '' ORDER BY ${sequence}))`;

export const alertStatesMigration: Sql = sql`
CREATE TABLE alert_state (
  id INTEGER PRIMARY KEY,
  status INTEGER NOT NULL,
  disposition TEXT,
  assignee TEXT,
  snoozed_until_ms INTEGER,
  -- Of lane and severity: what the occurrences say, and what a person set, which counts then.
  lane_seen INTEGER NOT NULL,
  lane_set INTEGER,
  severity_seen INTEGER NOT NULL,
  severity_set INTEGER,
  case_id TEXT
) STRICT;
CREATE INDEX alert_state_by_all ON alert_state (${stateColumns});
INSERT INTO alert_state (${stateColumns})
  SELECT ${stateColumns} FROM alert UNION SELECT ${stateColumns} FROM (${actionRows});

-- By 2,048 alerts with following numbers: their states and last actions. Action 0 is none.
CREATE TABLE alert_state_chunk (
  chunk INTEGER PRIMARY KEY,
  alerts BLOB NOT NULL
) STRICT;
INSERT INTO alert_state_chunk (chunk, alerts)
  SELECT was.sequence >> 11, ${groups(sql`was.sequence`)}
  FROM alert AS was JOIN alert_state AS state ON ${sameState}
  GROUP BY 1;

-- What alerts were before an action.
CREATE TABLE alert_action_chunk (
  chunk INTEGER NOT NULL,
  action_id INTEGER NOT NULL,
  alerts BLOB NOT NULL,
  PRIMARY KEY (chunk, action_id)
) STRICT, WITHOUT ROWID;
INSERT INTO alert_action_chunk (chunk, action_id, alerts)
  SELECT was.alert_sequence >> 11, was.action_id, ${groups(sql`was.alert_sequence`)}
  FROM (${actionRows}) AS was JOIN alert_state AS state ON ${sameState}
  GROUP BY 1, 2;
CREATE INDEX alert_action_chunk_by_action ON alert_action_chunk (action_id);
DROP TABLE alert_action_row;
DROP INDEX alert_state_by_all;

CREATE TABLE alert_next (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source_id TEXT NOT NULL,
  source_kind TEXT NOT NULL,
  customer_id TEXT,
  service_id TEXT,
  mitigated_mask INTEGER NOT NULL,
  source_state TEXT,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  simulated INTEGER NOT NULL,
  -- Which occurrence speaks for the alert: the latest, ties broken by identity.
  voice_ms INTEGER NOT NULL,
  voice_identity TEXT NOT NULL,
  title TEXT NOT NULL,
  why TEXT NOT NULL,
  entities TEXT NOT NULL,
  techniques TEXT NOT NULL,
  signal_ids TEXT NOT NULL
) STRICT;
INSERT INTO alert_next
  SELECT sequence, id, source_id, source_kind, customer_id, service_id, mitigated_mask, source_state, first_seen_ms,
    last_seen_ms, received_ms, count, simulated, voice_ms, voice_identity, title, why, entities, techniques, signal_ids
  FROM alert ORDER BY sequence;

-- Which parts an entity plays in an alert: 1 source, 2 destination, 4 related, added up. Entities beyond those shown with
-- an alert did not keep theirs.
ALTER TABLE alert_entity ADD COLUMN roles INTEGER NOT NULL DEFAULT 0;
INSERT INTO alert_entity (entity_id, alert_sequence, roles)
  SELECT entity.id, alert.sequence,
    CASE one.value ->> 'role' WHEN 'source' THEN 1 WHEN 'destination' THEN 2 ELSE 4 END
  FROM alert, json_each(alert.entities) AS one
    JOIN entity ON entity.kind = one.value ->> 'kind' AND entity.value = one.value ->> 'value'
  WHERE true
  ON CONFLICT DO UPDATE SET roles = roles | excluded.roles;

DROP TABLE alert;
ALTER TABLE alert_next RENAME TO alert;
CREATE INDEX alert_by_last_seen ON alert (last_seen_ms, sequence);
CREATE INDEX alert_by_count ON alert (count, sequence);
CREATE INDEX alert_by_received ON alert (received_ms, sequence, customer_id);
CREATE INDEX alert_by_customer ON alert (customer_id, service_id);
CREATE INDEX alert_by_service ON alert (service_id) WHERE service_id IS NOT NULL;
CREATE INDEX alert_by_source ON alert (source_id, source_kind, mitigated_mask, source_state);
`;
