import type { SliceCreator } from './app-state.ts';

/** A stretch of time that was brushed on a chart: the queue and the breakdowns show only what lies in it. */
export interface Brush {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface BrushSlice {
  readonly brush: Brush | null;
  readonly setBrush: (brush: Brush | null) => void;
  /** Whose service is watched; null is all of them. Watch and queue share it. */
  readonly customerId: string | null;
  readonly serviceId: string | null;
  readonly setFocus: (focus: { customerId: string | null; serviceId: string | null }) => void;
}

export const createBrushSlice: SliceCreator<BrushSlice> = (set) => ({
  brush: null,
  setBrush: (brush) => set({ brush }),
  customerId: null,
  serviceId: null,
  setFocus: (focus) => set(focus),
});
