import { type Sql, sql } from '../sql.ts';

/** Up to which reason the index of their triples has come: it follows some thousand behind the newest. */
export const whyIndexedMigration: Sql = sql`
CREATE TABLE alert_why_indexed (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  up_to INTEGER NOT NULL
) STRICT;
INSERT INTO alert_why_indexed (id, up_to) SELECT 1, coalesce(max(id), 0) FROM alert_why;
`;
