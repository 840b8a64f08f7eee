import type { SliceCreator } from './app-state.ts';

export type MessageTone = 'info' | 'good' | 'warning' | 'error';

/** A short word at the bottom edge; with `undo` it is the undo bar. */
export interface Toast {
  readonly id: number;
  readonly tone: MessageTone;
  readonly text: string;
  /** Copyable details of an error. */
  readonly details: string | null;
  /** What `u` and the Undo button do while the toast is there. */
  readonly undo: (() => void) | null;
  readonly durationMs: number;
}

/** Long work that is going on: its progress is shown at the bottom edge, and it can be cancelled. */
export interface Job {
  readonly id: number;
  readonly label: string;
  readonly done: number;
  /** null while the whole is not known. */
  readonly total: number | null;
  /** What is counted; null where the label says it. */
  readonly unit: 'bytes' | null;
  readonly cancel: (() => void) | null;
}

export interface NewToast {
  readonly text: string;
  readonly tone?: MessageTone;
  readonly details?: string | null;
  readonly undo?: () => void;
  readonly durationMs?: number;
}

export interface MessagesSlice {
  readonly toasts: readonly Toast[];
  readonly jobs: readonly Job[];
  /** Says something at the bottom edge; gives its id. */
  readonly notify: (toast: NewToast) => number;
  readonly dismissToast: (id: number) => void;
  /** Takes back the newest thing that can be taken back. False when there is none. */
  readonly undoLast: () => boolean;
  readonly startJob: (job: {
    label: string;
    total?: number | null;
    unit?: 'bytes';
    cancel?: () => void;
  }) => number;
  readonly updateJob: (id: number, change: { done?: number; total?: number | null; label?: string }) => void;
  readonly endJob: (id: number) => void;
}

/** How many words stay at the bottom edge at once; older ones make room. */
const mostToasts = 3;
let nextId = 1;

export const createMessagesSlice: SliceCreator<MessagesSlice> = (set, get) => ({
  toasts: [],
  jobs: [],
  notify(toast) {
    const id = nextId++;
    const tone = toast.tone ?? 'info';
    set((state) => ({
      toasts: [
        ...state.toasts.slice(1 - mostToasts),
        {
          id,
          tone,
          text: toast.text,
          details: toast.details ?? null,
          undo: toast.undo ?? null,
          durationMs: toast.durationMs ?? (tone === 'error' ? 20_000 : toast.undo ? 12_000 : 5_000),
        },
      ],
    }));
    return id;
  },
  dismissToast: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
  undoLast() {
    const last = get().toasts.findLast((toast) => toast.undo !== null);
    if (!last?.undo) return false;
    get().dismissToast(last.id);
    last.undo();
    return true;
  },
  startJob(job) {
    const id = nextId++;
    set((state) => ({
      jobs: [
        ...state.jobs,
        {
          id,
          label: job.label,
          done: 0,
          total: job.total ?? null,
          unit: job.unit ?? null,
          cancel: job.cancel ?? null,
        },
      ],
    }));
    return id;
  },
  updateJob: (id, change) =>
    set((state) => ({ jobs: state.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)) })),
  endJob: (id) => set((state) => ({ jobs: state.jobs.filter((job) => job.id !== id) })),
});
