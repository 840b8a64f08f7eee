import { type Sql, sql } from '../sql.ts';

/*
 * Merging and splitting are states of alerts, undone like every other action. A part is an alert of its own with a list
 * of occurrences that stay where they are; row and list are written once and never changed.
 */
export const alertGroupsMigration: Sql = sql`
-- The number of the alert that it is merged under, and how it stands to its parts (splitStates).
ALTER TABLE alert_state ADD COLUMN parent INTEGER;
ALTER TABLE alert_state ADD COLUMN split INTEGER NOT NULL DEFAULT 0;

-- What an action's undo must know: act, merge (also its reverse), split (also its reverse; undone whole or not at all).
ALTER TABLE alert_action ADD COLUMN kind TEXT NOT NULL DEFAULT 'act';

CREATE TABLE alert_part (
  alert_sequence INTEGER PRIMARY KEY,
  -- The number of the alert that it is a part of.
  whole INTEGER NOT NULL,
  -- In words what its occurrences have in common.
  label TEXT NOT NULL
) STRICT;
CREATE INDEX alert_part_by_whole ON alert_part (whole, alert_sequence);

CREATE TABLE alert_part_occurrence (
  alert_sequence INTEGER NOT NULL,
  occurred_ms INTEGER NOT NULL,
  occurrence_id INTEGER NOT NULL,
  PRIMARY KEY (alert_sequence, occurred_ms, occurrence_id)
) STRICT, WITHOUT ROWID;
`;
