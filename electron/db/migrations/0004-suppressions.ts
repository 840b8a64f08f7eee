import { type Sql, sql } from '../sql.ts';

/*
 * Suppressions and maintenance windows, and which alerts each of them held or lowered, when, and why no longer. An
 * alert's state says whether something still does, so that listing and counting the open queue ask memory alone.
 */
export const suppressionsMigration: Sql = sql`
CREATE TABLE suppression (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  owner TEXT NOT NULL,
  up_to INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  weekly INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  ended_by TEXT,
  -- Alerts below this number are still to be gone through since it was made; NULL when all were.
  sweep_below INTEGER,
  -- The last of its ends after which what it held was looked through.
  settled_ms INTEGER NOT NULL,
  -- How many alerts it ever held, and holds.
  hidden INTEGER NOT NULL DEFAULT 0,
  holding INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX suppression_unsettled ON suppression (position) WHERE ended_ms IS NULL OR settled_ms < ended_ms;

CREATE TABLE suppression_alert (
  suppression INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  alert_sequence INTEGER NOT NULL,
  -- Whether all of it had been stopped on its way when it was held.
  was_stopped INTEGER NOT NULL,
  to_ms INTEGER,
  to_sentence TEXT,
  PRIMARY KEY (suppression, from_ms, alert_sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppression_alert_by_alert ON suppression_alert (alert_sequence);
CREATE INDEX suppression_alert_now ON suppression_alert (suppression, alert_sequence) WHERE to_ms IS NULL;

-- 0 not suppressed, 1 held by a suppression, 2 lowered by a maintenance window.
ALTER TABLE alert_state ADD COLUMN suppressed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN suppression_ids TEXT NOT NULL DEFAULT '[]';
-- How often it had come when it was snoozed, and until when that was.
ALTER TABLE alert ADD COLUMN snoozed_count INTEGER;
ALTER TABLE alert ADD COLUMN snoozed_for_ms INTEGER;
`;
