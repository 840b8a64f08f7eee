import type { MethodOutput, Status, UiSettings } from '../../shared/api/contract.ts';
import type { Customer, Service } from '../../shared/domain/customer.ts';
import { defaultNotificationSettings } from '../../shared/domain/notification.ts';
import type { RangeStatus } from '../../shared/domain/range.ts';
import type { Signal } from '../../shared/domain/signal.ts';
import type { SliceCreator } from './app-state.ts';

export type Hello = MethodOutput<'app.hello'>;

export interface CoreClock {
  readonly coreMs: number;
  readonly machineMs: number;
}

/** The core's time at a moment of this machine's clock, epoch ms. */
export function readCoreClock(clock: CoreClock, machineMs: number): number {
  return clock.coreMs + (machineMs - clock.machineMs);
}

export const defaultSettings: UiSettings = {
  theme: 'dark',
  density: 'regular',
  zone: 'utc',
  sound: true,
  notifications: defaultNotificationSettings,
  contextBudgetBytes: 500_000_000,
  sampleRetentionMs: 30 * 86_400_000,
  shiftEndsMs: null,
};

export interface SessionSlice {
  /** null until the core said hello. */
  readonly hello: Hello | null;
  readonly status: Status | null;
  readonly settings: UiSettings;
  readonly customers: readonly Customer[];
  readonly services: readonly Service[];
  readonly signals: readonly Signal[];
  readonly range: RangeStatus | null;
  /** The core's clock: what it was when this machine's was `machineMs`. */
  readonly clock: CoreClock;
  readonly setHello: (hello: Hello) => void;
  readonly setStatus: (status: Status) => void;
  readonly setSettings: (settings: UiSettings) => void;
  readonly setCatalog: (catalog: {
    customers: readonly Customer[];
    services: readonly Service[];
    signals: readonly Signal[];
  }) => void;
  readonly setRange: (range: RangeStatus) => void;
  /** Forgets everything that belongs to a workspace. */
  readonly resetSession: () => void;
}

export const createSessionSlice: SliceCreator<SessionSlice> = (set) => ({
  hello: null,
  status: null,
  settings: defaultSettings,
  customers: [],
  services: [],
  signals: [],
  range: null,
  clock: { coreMs: 0, machineMs: 0 },
  setHello: (hello) => set({ hello, settings: hello.settings }),
  setStatus: (status) =>
    set({
      status,
      clock: {
        coreMs: status.nowMs,
        machineMs: Date.now(),
      },
    }),
  setSettings: (settings) => set({ settings }),
  setCatalog: (catalog) => set(catalog),
  setRange: (range) => set({ range }),
  resetSession: () =>
    set({
      hello: null,
      status: null,
      customers: [],
      services: [],
      signals: [],
      range: null,
      brush: null,
      customerId: null,
      serviceId: null,
      kept: {},
    }),
});
