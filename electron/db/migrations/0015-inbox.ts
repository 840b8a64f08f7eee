import { type Sql, sql } from '../sql.ts';

/** Pushes that were accepted and are not filed yet: they are acknowledged to their sender, and so must not be lost. */
export const inboxMigration: Sql = sql`
CREATE TABLE accepted_push (
  id INTEGER PRIMARY KEY,
  connection_id TEXT NOT NULL,
  sent_ms INTEGER NOT NULL,
  records INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX accepted_push_by_connection ON accepted_push (connection_id, id);
`;
