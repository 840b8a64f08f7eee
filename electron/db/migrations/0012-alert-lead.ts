import { type Sql, sql } from '../sql.ts';

/*
 * The order of alerts by the entity that names each, so that a queue can be sorted by it however long it is. Alerts of
 * one entity follow the newest first, as in every order.
 */
export const alertLeadMigration: Sql = sql`
ALTER TABLE alert ADD COLUMN lead TEXT NOT NULL DEFAULT '~';
UPDATE alert SET lead = lead_order(entities) WHERE entities <> '[]';
CREATE INDEX alert_by_lead ON alert (lead, sequence DESC);
`;
