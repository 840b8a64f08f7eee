import { type Sql, sql } from '../sql.ts';

/*
 * Which observables are in which case, so that cases that share some are found through an index; where comments and
 * withdrawals are, which are few among a case's entries. What was removed again goes when its case is next folded.
 */
export const caseLinksMigration: Sql = sql`
CREATE TABLE case_observable (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  case_id TEXT NOT NULL,
  -- By people's sightings; NULL where nobody noted one.
  first_seen_ms INTEGER,
  last_seen_ms INTEGER,
  PRIMARY KEY (kind, value, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_observable_by_case ON case_observable (case_id, kind, value);

INSERT INTO case_observable (kind, value, case_id)
  SELECT DISTINCT payload ->> '$.entityKind', payload ->> '$.value', case_id
  FROM case_entry CROSS JOIN case_entry_payload ON case_entry_payload.entry_id = case_entry.id
  WHERE (kind = 'observable-added' OR version = 1) AND payload IS NOT NULL
    AND payload ->> '$.kind' = 'observable-added';

CREATE INDEX case_comment ON case_entry (time_ms) WHERE kind = 'comment-added';
CREATE INDEX case_withdrawal ON case_entry (case_id) WHERE kind = 'entry-withdrawn';
`;
