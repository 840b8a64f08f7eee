import { type Sql, sql } from '../sql.ts';

/*
 * Titles and reasons of alerts lie once each: a million alerts have some hundreds or thousands of them, so a search for
 * words looks through these and not through wide rows. And every column that a queue is sorted or searched by has an
 * index in which alerts of one value follow each other by their numbers.
 */
export const alertTextsMigration: Sql = sql`
-- AUTOINCREMENT: a number once given never means another text, whatever a repair puts together.
CREATE TABLE alert_title (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_title_by_text ON alert_title (text COLLATE NOCASE, text COLLATE BINARY);
CREATE TABLE alert_why (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO alert_title (text) SELECT title FROM alert GROUP BY title ORDER BY min(sequence);
INSERT INTO alert_why (text) SELECT why FROM alert GROUP BY why ORDER BY min(sequence);
ALTER TABLE alert ADD COLUMN title_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN why_id INTEGER NOT NULL DEFAULT 0;
UPDATE alert SET
  title_id = (SELECT id FROM alert_title WHERE text = alert.title COLLATE NOCASE AND text = alert.title),
  why_id = (SELECT id FROM alert_why WHERE text = alert.why);
ALTER TABLE alert DROP COLUMN title;
ALTER TABLE alert DROP COLUMN why;

CREATE INDEX alert_by_title ON alert (title_id);
CREATE INDEX alert_by_why ON alert (why_id);
CREATE INDEX alert_by_first_seen ON alert (first_seen_ms);
CREATE INDEX alert_by_mitigated ON alert (mitigated_mask);
CREATE INDEX alert_by_source_state ON alert (source_state) WHERE source_state IS NOT NULL;
CREATE INDEX alert_by_techniques ON alert (techniques) WHERE techniques <> '[]';
CREATE INDEX alert_by_signals ON alert (signal_ids) WHERE signal_ids <> '[]';
DROP INDEX alert_by_customer;
CREATE INDEX alert_by_customer ON alert (customer_id);
DROP INDEX alert_by_service;
CREATE INDEX alert_by_service ON alert (service_id);
DROP INDEX alert_by_source;
CREATE INDEX alert_by_source ON alert (source_id, source_kind);
-- From an alert to its entities: whether a few alerts have one of many entities.
CREATE INDEX alert_entity_by_alert ON alert_entity (alert_sequence, entity_id, roles);

-- Which triples of bytes may be in which blocks of raw records, 512 blocks a segment; see record-index.ts. It can be
-- thrown away and made anew.
CREATE TABLE record_segment (
  id INTEGER PRIMARY KEY,
  last_block INTEGER NOT NULL,
  -- Their ids as a JSON list.
  blocks TEXT NOT NULL
) STRICT;
CREATE INDEX record_segment_by_block ON record_segment (last_block);
CREATE TABLE record_segment_bits (
  -- 1,024 rows a segment.
  id INTEGER PRIMARY KEY,
  bits BLOB NOT NULL
) STRICT;
CREATE INDEX record_block_of_occurrence ON record_block (id) WHERE purpose = 'occurrence';
`;
