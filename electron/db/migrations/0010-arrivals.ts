import { type Sql, sql } from '../sql.ts';

/*
 * When entries arrived in which data directory, as far as that differs from when they were written: what a
 * workstation's own writers wrote was there at once. It belongs to no case's state.
 */
export const arrivalsMigration: Sql = sql`
CREATE TABLE workstation (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  -- JSON array of the ids of its own writers, sorted, as far as they are known here.
  writers TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE arrival (
  workstation_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  -- The id of an entry; with /payload behind it where its payload came later.
  ref TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (workstation_id, case_id, ref)
) STRICT, WITHOUT ROWID;
`;
