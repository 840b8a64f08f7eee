import { type Sql, sql } from '../sql.ts';

/*
 * How many actionable alerts a day a customer is willing to be called for, and an index that counts those of the last
 * days without reading them. 5 is the domain's default at the time; it stays what it is here.
 */
export const noiseBudgetMigration: Sql = sql`
ALTER TABLE customer ADD COLUMN noise_budget INTEGER NOT NULL DEFAULT 5;
CREATE INDEX alert_actionable ON alert (received_ms, customer_id) WHERE lane = 0;
`;
