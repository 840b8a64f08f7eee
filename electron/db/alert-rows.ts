import type { Alert, Disposition, SourceState } from '../../shared/domain/alert.ts';
import { laneAt, mitigatedOf, severityAt, statusAt } from './enums.ts';

/** A row of table `alert`, all columns. */
export interface AlertRow {
  readonly sequence: number;
  readonly id: string;
  readonly source_id: string;
  readonly source_kind: string;
  readonly customer_id: string | null;
  readonly service_id: string | null;
  readonly lane: number;
  readonly lane_seen: number;
  readonly lane_set: number | null;
  readonly status: number;
  readonly severity: number;
  readonly severity_seen: number;
  readonly severity_set: number | null;
  readonly disposition: Disposition | null;
  readonly mitigated_mask: number;
  readonly source_state: SourceState | null;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly received_ms: number;
  readonly count: number;
  readonly assignee: string | null;
  readonly snoozed_until_ms: number | null;
  readonly case_id: string | null;
  readonly simulated: number;
  readonly last_action: number | null;
  readonly voice_ms: number;
  readonly voice_identity: string;
  readonly title: string;
  readonly why: string;
  readonly entities: string;
  readonly techniques: string;
  readonly signal_ids: string;
}

export function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    sequence: row.sequence,
    customerId: row.customer_id,
    serviceId: row.service_id,
    sourceId: row.source_id,
    sourceKind: row.source_kind,
    title: row.title,
    why: row.why,
    severity: severityAt(row.severity),
    lane: laneAt(row.lane),
    status: statusAt(row.status),
    disposition: row.disposition,
    mitigated: mitigatedOf(row.mitigated_mask),
    sourceState: row.source_state,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    receivedMs: row.received_ms,
    count: row.count,
    entities: JSON.parse(row.entities),
    techniques: JSON.parse(row.techniques),
    signalIds: JSON.parse(row.signal_ids),
    assignee: row.assignee,
    snoozedUntilMs: row.snoozed_until_ms,
    caseId: row.case_id,
    simulated: row.simulated === 1,
  };
}
