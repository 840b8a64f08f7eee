import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { useKeysStore } from '../state/keys.ts';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons, the main one last. */
  readonly footer?: ReactNode;
  /** Beside the title, e.g. the plan's name. */
  readonly aside?: ReactNode;
  readonly width?: 'small' | 'regular' | 'wide';
  /** False: Esc and the close button do nothing, e.g. while the first name is asked. */
  readonly closable?: boolean;
  readonly className?: string;
}

/**
 * A modal dialog; mount it to open it. The browser traps the focus and makes the rest inert; Esc closes; the focus
 * goes to the first `[data-autofocus]` or control, and back to where it was on closing. Its commands are
 * registered with `useCommands(commands, 'dialog')`.
 */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  aside,
  width = 'regular',
  closable = true,
  className,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const keys = useKeysStore();
  const latest = useRef({ onClose, closable });
  latest.current = { onClose, closable };

  // With the drawing and not some time after it: a key that comes in between would go to what lies behind a dialog that
  // is there already, or nowhere once it is gone.
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const before = document.activeElement;
    element.showModal();
    keys.setState((state) => ({ openDialogs: state.openDialogs + 1 }));
    const first =
      element.querySelector<HTMLElement>('[data-autofocus]') ??
      element.querySelector<HTMLElement>('.dialog-body input, .dialog-body select, .dialog-body textarea') ??
      element.querySelector<HTMLElement>('.dialog-footer button:not(:disabled)');
    first?.focus();
    const onCancel = (event: Event) => {
      event.preventDefault();
      if (latest.current.closable) latest.current.onClose();
    };
    // Chromium closes a dialog on the second Esc whatever `cancel` says; the key itself is taken instead.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      if (latest.current.closable) latest.current.onClose();
    };
    element.addEventListener('cancel', onCancel);
    element.addEventListener('keydown', onKey);
    return () => {
      element.removeEventListener('cancel', onCancel);
      element.removeEventListener('keydown', onKey);
      keys.setState((state) => ({ openDialogs: state.openDialogs - 1 }));
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [keys]);

  return (
    <dialog
      ref={ref}
      className={classNames('dialog', `dialog-${width}`, className)}
      aria-labelledby={titleId}
    >
      <header className="dialog-header">
        <h2 id={titleId}>{toSafeExcerpt(title, 300)}</h2>
        {aside ? <div className="dialog-aside">{aside}</div> : null}
        {closable ? <IconButton icon="close" label="Close" keys="Escape" onClick={onClose} /> : null}
      </header>
      <div className="dialog-body">{children}</div>
      {footer ? <footer className="dialog-footer">{footer}</footer> : null}
    </dialog>
  );
}
