import type { Finding } from '../../../shared/domain/signal.ts';

export interface FindingsRepository {
  upsert(finding: Finding): void;
  get(id: string): Finding | null;
  /** That overlap the range, by start. */
  list(input: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly signalId: string | null;
  }): Finding[];
  open(): Finding[];
  /** That started since a time, newest first, at most 500, and how many there are in all. */
  history(
    signalIds: readonly string[],
    sinceMs: number,
  ): { readonly count: number; readonly findings: Finding[] };
  /** Actionable deviations that started since a time, newest first; `isExact` false: only the newest 5,000 of them. */
  deviations(
    signalIds: readonly string[],
    sinceMs: number,
  ): { readonly findings: Finding[]; readonly isExact: boolean };
  /** Of an incident's alert. */
  forAlert(alertId: string): Finding[];
}

/** Findings of one service that belong together. The state is the detector's own JSON. */
export interface IncidentRow {
  readonly id: string;
  readonly serviceId: string;
  readonly alertId: string | null;
  readonly openedMs: number;
  readonly closedMs: number | null;
  readonly findingIds: readonly string[];
  readonly state: unknown;
}

export interface IncidentsRepository {
  save(incident: IncidentRow): void;
  get(id: string): IncidentRow | null;
  open(): IncidentRow[];
  /** The newest one behind an alert; null for alerts that a source sent. */
  forAlert(alertId: string): IncidentRow | null;
  /** The newest incidents of a service (null: of all) that a person judged to be nothing, with their alert. */
  judged(serviceId: string | null): JudgedIncident[];
}

export interface JudgedIncident {
  readonly alertId: string;
  readonly disposition: 'false-positive' | 'benign-positive';
}
