import type { MethodOutput } from '../../shared/api/contract.ts';
import type { CaseState } from '../../shared/domain/case.ts';

type Observable = CaseState['observables'][number];
type Seen = MethodOutput<'cases.observablesSeen'>[number];

/** An observable with what is known of it here and elsewhere. */
export interface ObservableRow extends Observable {
  /** null where the core was not asked, or has not answered yet. */
  readonly seen: Seen | null;
  /** By people's sightings, alerts and cases alike. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Noted by people. */
  readonly sightingCount: number;
}

export function observableRow(observable: Observable, seen: Seen | null): ObservableRow {
  const times = [
    ...observable.sightings.map(({ seenMs }) => seenMs),
    ...[seen?.firstSeenMs ?? null, seen?.lastSeenMs ?? null].filter((timeMs) => timeMs !== null),
  ];
  return {
    ...observable,
    seen,
    firstMs: times.length === 0 ? null : Math.min(...times),
    lastMs: times.length === 0 ? null : Math.max(...times),
    sightingCount: observable.sightings.reduce((sum, { count }) => sum + count, 0),
  };
}
