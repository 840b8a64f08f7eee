import type { Alert, SourceState } from '../../shared/domain/alert.ts';
import { type AlertState, isSuppressedNow, laneOf, severityOf } from './alert-states.ts';
import { laneAt, mitigatedOf, severityAt, statusAt, suppressedAt } from './enums.ts';
import { type Sql, sql } from './sql.ts';

/** A row of table `alert`, all columns, with its texts; its state is with `AlertStates`. */
export interface AlertRow {
  readonly sequence: number;
  readonly id: string;
  readonly source_id: string;
  readonly source_kind: string;
  readonly customer_id: string | null;
  readonly service_id: string | null;
  readonly mitigated_mask: number;
  readonly source_state: SourceState | null;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly received_ms: number;
  readonly count: number;
  readonly simulated: number;
  readonly voice_ms: number;
  readonly voice_identity: string;
  readonly title_id: number;
  readonly why_id: number;
  readonly title: string;
  readonly why: string;
  readonly entities: string;
  /** Sorts by the entity that names it; see `leadOrder`. */
  readonly lead: string;
  readonly techniques: string;
  readonly signal_ids: string;
  /** Of all suppressions and windows that ever were for it, the newest last. */
  readonly suppression_ids: string;
  /** How often it had come when it was snoozed, and until when that was: written with what first comes after it. */
  readonly snoozed_count: number | null;
  readonly snoozed_for_ms: number | null;
}

/**
 * Reads rows: what follows is the condition. A text that a damaged database lost must not hide its alert. Each text is
 * asked for by itself: joined, the same takes ten times as long.
 */
export const selectAlertRows: Sql = sql`SELECT alert.*,
    ifnull((SELECT text FROM alert_title WHERE alert_title.id = title_id), 'Not readable') AS title,
    ifnull((SELECT text FROM alert_why WHERE alert_why.id = why_id), 'Not readable') AS why
  FROM alert`;

/** How an alert stands to others. */
export type AlertLinks = Pick<Alert, 'parentId' | 'merged' | 'split' | 'partOf'>;

const noLinks: AlertLinks = { parentId: null, merged: null, split: null, partOf: null };

export function toAlert(row: AlertRow, state: AlertState, links: AlertLinks = noLinks): Alert {
  return {
    id: row.id,
    sequence: row.sequence,
    customerId: row.customer_id,
    serviceId: row.service_id,
    sourceId: row.source_id,
    sourceKind: row.source_kind,
    title: row.title,
    why: row.why,
    severity: severityAt(severityOf(state)),
    lane: laneAt(laneOf(state)),
    status: statusAt(state.status),
    disposition: state.disposition,
    mitigated: mitigatedOf(row.mitigated_mask),
    sourceState: row.source_state,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    receivedMs: row.received_ms,
    count: row.count,
    entities: JSON.parse(row.entities),
    techniques: JSON.parse(row.techniques),
    signalIds: JSON.parse(row.signal_ids),
    assignee: state.assignee,
    snoozedUntilMs: state.snoozedUntilMs,
    suppressed: isSuppressedNow(state) ? suppressedAt(state.suppressed) : null,
    suppressionIds: JSON.parse(row.suppression_ids),
    caseId: state.caseId,
    ...links,
    simulated: row.simulated === 1,
  };
}
