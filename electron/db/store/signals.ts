import type {
  BaselineState,
  Breakdown,
  Dimension,
  Gap,
  Layer,
  Measure,
  Signal,
  SignalWindow,
  Stage,
} from '../../../shared/domain/signal.ts';
import type { BreakdownInput, SignalInput } from '../../sources/source.ts';

export interface SignalsRepository {
  /**
   * Makes the signal or takes the source's newer proposal; what an analyst corrected stays. Names become customers
   * and services, new ones where needed; without any customer the one called `Unassigned`.
   */
  upsertFromInput(
    sourceId: string,
    defaultCustomerId: string | null,
    input: SignalInput,
  ): { readonly signal: Signal; readonly change: 'created' | 'returned' | 'changed' | 'none' };
  list(): Signal[];
  count(): number;
  hasAny(sourceId: string): boolean;
  /** The signal that speaks for its source: the one with the shortest step that has ever come; null before any. */
  liveliest(sourceId: string): Signal | null;
  /** The newest sample of any signal of a source; null before the first. */
  newestSampleMs(sourceId: string): number | null;
  get(id: string): Signal | null;
  getByKey(sourceId: string, key: string): Signal | null;
  /** An analyst's correction of the mapping; from now on the source's proposals leave these fields alone. */
  update(input: {
    readonly id: string;
    readonly customerId: string;
    readonly serviceId: string;
    readonly stage: Stage;
    readonly layer: Layer;
    readonly measure: Measure;
    readonly name: string;
    readonly unit: string;
  }): Signal;
  setBaseline(id: string, baselineState: BaselineState, historyMs: number): void;
  /** JSON-safe detector state as last saved and the time of the last sample it has seen, or null. */
  detectorState(id: string): { readonly state: unknown; readonly atMs: number } | null;
  setDetectorState(id: string, state: unknown, atMs: number): void;
}

/** Samples in time order with what was expected at each; the band arrays are left out where nothing was. */
export interface SampleSeries {
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly expected?: readonly (number | null)[];
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export interface SamplesRepository {
  /** Adds samples; one that is already there (same signal and time) stays as it is. Returns how many were new. */
  append(signalId: string, series: SampleSeries): number;
  /** The samples themselves, both ends included, in time order. */
  read(signalId: string, fromMs: number, toMs: number): Required<SampleSeries>;
  /**
   * Means of whole intervals of `stepMs` (at least a minute), each standing at its interval's end as a sample of that
   * distance would; intervals without a sample are left out.
   */
  means(
    signalId: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
  ): { readonly timesMs: readonly number[]; readonly values: readonly (number | null)[] };
  /** The first sample that is still there; null before any. */
  firstMs(signalId: string): number | null;
  /** Ready to draw: samples, or 1-minute or 1-hour roll-ups when there would be more than maxPoints. */
  window(signalId: string, fromMs: number, toMs: number, maxPoints: number): SignalWindow;
  gaps(signalId: string, fromMs: number, toMs: number): Gap[];
  lastMs(signalId: string): number | null;
  /** Moves finished hours of all signals into compressed chunks, at most so many. Returns how many. */
  compact(mostHours?: number): number;
  /** Forgets samples and 1-minute roll-ups before a time; 1-hour roll-ups stay. Returns bytes freed, about. */
  prune(beforeMs: number): number;
  sizeBytes(): number;
}

export interface BreakdownsRepository {
  append(sourceId: string, defaultCustomerId: string | null, inputs: readonly BreakdownInput[]): number;
  /** Merged over the range with the usual share from the hour before; `known: false` where no source tells. */
  query(input: {
    readonly customerId: string | null;
    readonly serviceId: string | null;
    readonly dimension: Dimension;
    readonly fromMs: number;
    readonly toMs: number;
  }): Breakdown;
  prune(beforeMs: number): number;
}
