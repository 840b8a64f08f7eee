import { type Sql, sql } from '../sql.ts';

/*
 * Entries whose header says kind, key, marking and what they replace; what came with case files from elsewhere: keys
 * of other writers, snapshots of alerts and mitigations. Entries from before are of version 1 and stay as they are.
 */
export const caseFilesMigration: Sql = sql`
ALTER TABLE case_entry ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- Of version 1 the payload says it.
ALTER TABLE case_entry ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE case_entry ADD COLUMN key_fingerprint TEXT;
ALTER TABLE case_entry ADD COLUMN payload_schema INTEGER NOT NULL DEFAULT 1;
ALTER TABLE case_entry ADD COLUMN tlp TEXT;
ALTER TABLE case_entry ADD COLUMN replaces TEXT NOT NULL DEFAULT '[]';
CREATE INDEX case_entry_by_hash ON case_entry (hash);

-- Writers of other data directories; those of this one are in writer.
CREATE TABLE foreign_writer (
  id TEXT PRIMARY KEY NOT NULL,
  public_key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE case_snapshot (
  sha256 TEXT PRIMARY KEY NOT NULL,
  size_bytes INTEGER NOT NULL,
  -- Deflated JSON text.
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`;
