import type { SliceCreator } from './app-state.ts';

export const screenNames = [
  'watch',
  'queue',
  'cases',
  'mitigate',
  'reports',
  'settings',
  'backtest',
  'handover',
  'gallery',
] as const;
export type ScreenName = (typeof screenNames)[number];

/** What a screen is asked to show when another one sends the analyst there; the screen takes it once. */
export interface Destination {
  readonly alertId?: string;
  readonly caseId?: string;
  readonly mitigationId?: string;
  readonly connectionId?: string;
  readonly suppressionId?: string;
  readonly handoverId?: string;
  /** For a back-test: the signals to replay, of one service. */
  readonly signalIds?: readonly string[];
  /** A part of a screen, e.g. `sources` in settings. */
  readonly section?: string;
  /** Text for the query bar of the queue. */
  readonly query?: string;
  /** The queue shows closed, snoozed and suppressed alerts too. */
  readonly includeDone?: boolean;
}

export interface ScreenSlice {
  readonly screen: ScreenName;
  /** Rises with every goTo, so that the same destination twice is two arrivals. */
  readonly arrival: number;
  readonly destination: Destination;
  readonly goTo: (screen: ScreenName, destination?: Destination) => void;
  /** What screens keep while they are not shown, by key; see useKeptState. */
  readonly kept: Readonly<Record<string, unknown>>;
  readonly keep: (key: string, value: unknown) => void;
}

export const createScreenSlice: SliceCreator<ScreenSlice> = (set) => ({
  screen: 'watch',
  arrival: 0,
  destination: {},
  goTo: (screen, destination = {}) => set((state) => ({ screen, destination, arrival: state.arrival + 1 })),
  kept: {},
  keep: (key, value) => set((state) => ({ kept: { ...state.kept, [key]: value } })),
});
