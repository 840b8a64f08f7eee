import { type Sql, sql } from '../sql.ts';

/* Shift handovers: at most one draft, and those that were signed, here or elsewhere, in the very text of their file. */
export const handoversMigration: Sql = sql`
CREATE TABLE handover (
  -- Rises with each that is signed here or comes in, whatever the clock says.
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('draft', 'signed', 'countersigned')),
  origin TEXT NOT NULL CHECK (origin IN ('here', 'file')),
  made_ms INTEGER NOT NULL,
  -- By the clock here.
  stored_ms INTEGER NOT NULL,
  -- The newest case entry when its facts were read here.
  position INTEGER,
  -- JSON: of a draft HandoverDraft, else the file.
  body TEXT NOT NULL,
  -- JSON: how far the incoming analyst is.
  checklist TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX handover_one_draft ON handover (state) WHERE state = 'draft';
`;
