import { type Sql, sql } from '../sql.ts';

/*
 * What comes in and how it is read: records that were not understood, kept until they can be read anew; words of a source
 * that nothing is mapped for; and where addresses are, so that an index answers for a network's or a country's.
 */
export const intakeMigration: Sql = sql`
CREATE TABLE rejected_record (
  id INTEGER PRIMARY KEY,
  connection_id TEXT NOT NULL,
  identity BLOB NOT NULL,
  -- What its source needs beside the bytes to read it anew as the same record.
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  -- Of the record as it came; fewer are kept of a very long one.
  bytes INTEGER NOT NULL,
  kept BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX rejected_record_by_identity ON rejected_record (connection_id, identity);
ALTER TABLE connection_state ADD COLUMN rejected_dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection_state ADD COLUMN rejected_replayed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection_state ADD COLUMN unmapped TEXT NOT NULL DEFAULT '[]';

ALTER TABLE entity ADD COLUMN asn INTEGER;
ALTER TABLE entity ADD COLUMN country TEXT;
CREATE INDEX entity_by_asn ON entity (asn) WHERE asn IS NOT NULL;
CREATE INDEX entity_by_country ON entity (country) WHERE country IS NOT NULL;
`;
