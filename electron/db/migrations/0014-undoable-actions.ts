import { type Sql, sql } from '../sql.ts';

/** What can still be taken back, found among all that ever happened to alerts. */
export const undoableActionsMigration: Sql = sql`
CREATE INDEX alert_action_undoable ON alert_action (id) WHERE undone = 0;
`;
