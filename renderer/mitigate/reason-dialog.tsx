import { type ReactNode, useState } from 'react';
import { Button, Dialog, TextField, useCommands } from '../ui/index.ts';

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
  const confirm = () => {
    if (reason.trim() !== '') onConfirm(reason.trim());
  };
  useCommands(
    [
      {
        id: 'reason.confirm',
        title: confirmLabel,
        group: 'Dialog',
        keys: ['Ctrl+Enter', 'Enter'],
        hidden: true,
        whileTyping: true,
        run: confirm,
      },
    ],
    'dialog',
  );
  return (
    <Dialog
      title={title}
      width="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <Button variant="danger" keys="Enter" disabled={reason.trim() === ''} onClick={confirm}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
      <TextField label="Reason" value={reason} onChange={setReason} maxLength={2000} required autoFocus />
    </Dialog>
  );
}
