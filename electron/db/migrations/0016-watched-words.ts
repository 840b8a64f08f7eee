import { type Sql, sql } from '../sql.ts';

/*
 * Words that suppressions look for in raw records, and the alerts that have a record with one. Records are looked at as
 * they come; those that were there before, once.
 */
export const watchedWordsMigration: Sql = sql`
CREATE TABLE watched_word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  -- Whether the records that were there before it have all been looked at.
  is_whole INTEGER NOT NULL
) STRICT;
CREATE TABLE watched_word_alert (
  word INTEGER NOT NULL,
  alert_sequence INTEGER NOT NULL,
  PRIMARY KEY (word, alert_sequence)
) STRICT, WITHOUT ROWID;
`;
