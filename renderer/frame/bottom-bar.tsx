import { useEffect, useState } from 'react';
import { formatBytes } from '../../shared/domain/quantity.ts';
import type { Job, Toast } from '../state/messages.ts';
import { Icon } from '../ui/icon.tsx';
import { Button, CopyButton, IconButton, ProgressBar, SafeText, useApp, useAppStore } from '../ui/index.ts';

const amount = (value: number, unit: Job['unit']) =>
  unit === 'bytes' ? formatBytes(value) : value.toLocaleString('en');

/** The bottom edge: words that go by, undo, and long work with its number and a way to stop it. */
export function BottomBar() {
  const toasts = useApp((state) => state.toasts);
  const jobs = useApp((state) => state.jobs);
  const pendingRange = useApp((state) =>
    state.range?.running === true && state.range.historyProgress < 1 ? state.range.historyProgress : null,
  );
  return (
    <section className="bottom" aria-label="Messages and progress">
      {jobs.map((job) => (
        <div key={job.id} className="bottom-item">
          <span className="truncate">{job.label}</span>
          <span className="bottom-progress">
            <ProgressBar label={job.label} done={job.done} total={job.total} />
          </span>
          <span className="tabular secondary">
            {amount(job.done, job.unit)}
            {job.total === null ? '' : ` of ${amount(job.total, job.unit)}`}
          </span>
          {job.cancel ? (
            <Button small onClick={job.cancel}>
              Cancel
            </Button>
          ) : null}
        </div>
      ))}
      {pendingRange === null ? null : (
        <div className="bottom-item">
          <span>Loading 14 days of the range's history</span>
          <span className="bottom-progress">
            <ProgressBar label="History of the range" done={pendingRange} total={1} />
          </span>
          <span className="tabular secondary">{Math.floor(pendingRange * 100)}%</span>
        </div>
      )}
      <div role="status" aria-live="polite" className="bottom-toasts">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} />
        ))}
      </div>
    </section>
  );
}

const toneIcons = { info: 'info', good: 'check', warning: 'warning', error: 'warning' } as const;

function ToastItem({ toast }: { readonly toast: Toast }) {
  const store = useAppStore();
  const [held, setHeld] = useState(false);
  const dismiss = () => store.getState().dismissToast(toast.id);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => store.getState().dismissToast(toast.id), toast.durationMs);
    return () => clearTimeout(timer);
  }, [store, toast, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it there
    <div
      className={`bottom-item toast-${toast.tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={toneIcons[toast.tone]} size={14} />
      <span className="grow toast-text">
        <SafeText text={toast.text} limit={400} />
      </span>
      {toast.undo ? (
        <Button
          small
          keys="u"
          icon="undo"
          onClick={() => {
            dismiss();
            toast.undo?.();
          }}
        >
          Undo
        </Button>
      ) : null}
      {toast.details ? <CopyButton small text={toast.details} label="Copy details" /> : null}
      <IconButton icon="close" label="Dismiss" onClick={dismiss} />
    </div>
  );
}
