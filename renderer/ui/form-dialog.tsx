import { type ReactNode, useState } from 'react';
import type { ErrorData } from '../../shared/domain/result.ts';
import { useCommands } from '../state/keys.ts';
import { Button } from './button.tsx';
import { Dialog, type DialogProps } from './dialog.tsx';
import { FormErrors, TextField } from './field.tsx';
import { ErrorNote } from './states.tsx';

/**
 * Ctrl+Enter does what the dialog's main button does, in whichever field the focus is.
 * @param withEnter Enter does so too: where no field has several lines
 */
export function useConfirmKey(confirm: () => void, withEnter = false): void {
  useCommands(
    [
      {
        id: 'dialog.confirm',
        title: 'Confirm',
        group: 'Dialog',
        keys: withEnter ? ['Ctrl+Enter', 'Enter'] : ['Ctrl+Enter'],
        hidden: true,
        whileTyping: true,
        run: confirm,
      },
    ],
    'dialog',
  );
}

export interface FormDialogProps extends Omit<DialogProps, 'footer'> {
  /** The main button: a verb with its object, e.g. `Save plan`. Null where there is only something to look at. */
  readonly confirmLabel: string | null;
  /** By the button or its key; never while it is not ready, busy, or something is wrong. */
  readonly onConfirm: () => void;
  /** False: something is missing that can be seen, so the button cannot be pressed. */
  readonly ready?: boolean;
  /** What was confirmed goes on. */
  readonly busy?: boolean;
  /** It takes something away. */
  readonly danger?: boolean;
  /** Enter confirms, too; see `useConfirmKey`. */
  readonly withEnter?: boolean;
  /** What is wrong with the fields: said from the first try on. */
  readonly problems?: readonly string[];
  /** Why it failed. */
  readonly error?: ErrorData | null;
  readonly closeLabel?: string;
  /** Further buttons, or a hint, before these two. */
  readonly lead?: ReactNode;
  /** Which button has the focus first, where it is not a field. */
  readonly focus?: 'confirm' | 'close';
}

/** A dialog that asks for something: fields, what is wrong, a button that confirms with its key, one that leaves. */
export function FormDialog({
  confirmLabel,
  onConfirm,
  ready = true,
  busy = false,
  danger = false,
  withEnter = false,
  problems = [],
  error = null,
  closeLabel = confirmLabel === null ? 'Close' : 'Not now',
  lead,
  focus,
  children,
  ...dialog
}: FormDialogProps) {
  const [tried, setTried] = useState(false);
  const confirm = () => {
    if (confirmLabel === null || !ready || busy) return;
    setTried(true);
    if (problems.length === 0) onConfirm();
  };
  useConfirmKey(confirm, withEnter);
  return (
    <Dialog
      {...dialog}
      footer={
        <>
          {lead}
          <div className="dialog-answers">
            <Button
              onClick={dialog.onClose}
              keys="Escape"
              data-autofocus={focus === 'close' ? '' : undefined}
            >
              {closeLabel}
            </Button>
            {confirmLabel === null ? null : (
              <Button
                variant={danger ? 'danger' : 'primary'}
                keys={withEnter ? 'Enter' : 'Ctrl+Enter'}
                busy={busy}
                disabled={!ready}
                onClick={confirm}
                data-autofocus={focus === 'confirm' ? '' : undefined}
              >
                {confirmLabel}
              </Button>
            )}
          </div>
        </>
      }
    >
      {children}
      {tried ? <FormErrors errors={problems} /> : null}
      {error ? <ErrorNote error={error} /> : null}
    </Dialog>
  );
}

export interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** A verb with its object, e.g. `Remove source`. */
  readonly confirmLabel: string;
  readonly danger?: boolean;
  /** Must be typed before it can be confirmed. */
  readonly typed?: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. What can be undone is done at once, with Undo. */
export function ConfirmDialog({ typed, danger = false, children, ...dialog }: ConfirmDialogProps) {
  const [text, setText] = useState('');
  return (
    <FormDialog
      {...dialog}
      width="small"
      danger={danger}
      ready={typed === undefined || text === typed}
      {...(typed === undefined && !danger ? { focus: 'confirm' } : {})}
    >
      {children}
      {typed === undefined ? null : (
        <TextField label={`Type ${typed} to go on`} value={text} onChange={setText} mono autoFocus />
      )}
    </FormDialog>
  );
}

/** Asks for the reason of something that is kept in a log, e.g. an undo. */
export function ReasonDialog({
  title,
  confirmLabel,
  children,
  onClose,
  onConfirm,
}: {
  readonly title: string;
  readonly confirmLabel: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
}) {
  const [reason, setReason] = useState('');
  return (
    <FormDialog
      title={title}
      width="small"
      onClose={onClose}
      confirmLabel={confirmLabel}
      danger
      withEnter
      ready={reason.trim() !== ''}
      onConfirm={() => onConfirm(reason.trim())}
    >
      {children}
      <TextField label="Reason" value={reason} onChange={setReason} maxLength={2000} required autoFocus />
    </FormDialog>
  );
}
