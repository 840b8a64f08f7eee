import type { ReactNode } from 'react';
import type { Progress } from '../../shared/api/envelope.ts';
import type { ErrorData } from '../../shared/domain/result.ts';
import type { CallState } from '../api/use-call.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';

/** Nothing here yet: what will appear and what to do now. */
export function EmptyState({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="state state-empty">
      <p className="state-title">{title}</p>
      {children ? <div className="state-text">{children}</div> : null}
      {action ? <div className="state-action">{action}</div> : null}
    </div>
  );
}

/** Something is on its way; with a progress it says how far. It shows only after a moment, so that it never flashes. */
export function LoadingState({
  label = 'Loading',
  progress = null,
  onCancel,
}: {
  readonly label?: string;
  readonly progress?: Progress | null;
  readonly onCancel?: () => void;
}) {
  return (
    <div className="state state-loading" role="status">
      <p className="state-title">{progress?.text || label}</p>
      {progress ? (
        <ProgressBar label={progress.text || label} done={progress.done} total={progress.total} />
      ) : null}
      {onCancel ? (
        <div className="state-action">
          <Button onClick={onCancel}>Cancel</Button>
        </div>
      ) : null}
    </div>
  );
}

/** It failed: what happened, what to do, details to copy. */
export function ErrorState({
  error,
  onRetry,
  title = 'This could not be loaded',
}: {
  readonly error: ErrorData;
  readonly onRetry?: () => void;
  readonly title?: string;
}) {
  return (
    <div className="state state-error" role="alert">
      <p className="state-title">
        <Icon name="warning" /> {title}
      </p>
      <p className="state-text">{error.message}</p>
      <div className="state-action">
        {onRetry ? (
          <Button icon="refresh" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
        <CopyButton
          label="Copy details"
          text={`${error.code}: ${error.message}${error.details ? `\n${error.details}` : ''}`}
        />
      </div>
    </div>
  );
}

/** An error within a form or pane, one line with its details to copy. */
export function ErrorNote({
  error,
  onDismiss,
}: {
  readonly error: ErrorData;
  readonly onDismiss?: () => void;
}) {
  return (
    <div className="error-note" role="alert">
      <Icon name="warning" size={14} />
      <span className="error-note-text">{error.message}</span>
      <CopyButton
        label="Copy details"
        iconOnly
        text={`${error.code}: ${error.message}${error.details ? `\n${error.details}` : ''}`}
      />
      {onDismiss ? (
        <Button small variant="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      ) : null}
    </div>
  );
}

/** A remark within a pane: what is so, in words. */
export function Notice({
  tone = 'info',
  children,
  action,
}: {
  readonly tone?: 'info' | 'good' | 'warning' | 'error';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'error' ? 'alert' : 'note'}>
      <Icon name={tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'warning'} size={14} />
      <div className="notice-text">{children}</div>
      {action ? <div className="notice-action">{action}</div> : null}
    </div>
  );
}

/** The first state of a call that has nothing to show yet; otherwise the content. Data stays while it is renewed. */
export function CallView<Output>({
  call,
  label,
  errorTitle,
  children,
}: {
  readonly call: CallState<Output>;
  readonly label?: string;
  readonly errorTitle?: string;
  readonly children: (data: Output) => ReactNode;
}) {
  if (call.data !== null) {
    return (
      <>
        {call.error ? <ErrorNote error={call.error} /> : null}
        {children(call.data)}
      </>
    );
  }
  if (call.error) {
    return (
      <ErrorState error={call.error} onRetry={call.refetch} {...(errorTitle ? { title: errorTitle } : {})} />
    );
  }
  return <LoadingState progress={call.progress} {...(label ? { label } : {})} />;
}

/** How far work is; without a total it only says that something goes on. */
export function ProgressBar({
  label,
  done,
  total,
}: {
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
}) {
  const share = total === null || total <= 0 ? null : Math.min(1, done / total);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
    >
      <div
        className={share === null ? 'progress-fill is-unknown' : 'progress-fill'}
        style={share === null ? undefined : { width: `${share * 100}%` }}
      />
    </div>
  );
}
