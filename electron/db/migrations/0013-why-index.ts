import { type Sql, sql } from '../sql.ts';

/*
 * The triples of characters of reasons: a detector says something else of every alert, so reasons are as many as alerts,
 * and a search for a word must not read them all. Only numbers are kept; what they say stands in `alert_why`.
 */
export const whyIndexMigration: Sql = sql`
CREATE VIRTUAL TABLE alert_why_index
  USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram');
INSERT INTO alert_why_index (rowid, text) SELECT id, text FROM alert_why;
`;
