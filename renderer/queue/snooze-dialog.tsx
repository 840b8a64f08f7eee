import { useState } from 'react';
import { readMoment } from '../../shared/domain/suppression.ts';
import { FormDialog, Kbd, TextField, useCommands, useShowTime } from '../ui/index.ts';
import { countAlerts, snoozeChoices } from './queue-words.ts';
import { ScopeNote } from './scope-note.tsx';
import type { Scope } from './use-queue-selection.ts';

/** Asks until when alerts sleep: one key for the usual times, or any other in words. */
export function SnoozeDialog({
  scope,
  openedMs,
  shiftEndsMs,
  onClose,
  onConfirm,
}: {
  readonly scope: Scope;
  /** The core's time when it was opened, epoch ms. */
  readonly openedMs: number;
  readonly shiftEndsMs: number | null;
  readonly onClose: () => void;
  readonly onConfirm: (untilMs: number) => void;
}) {
  const showTime = useShowTime();
  const [text, setText] = useState('');
  const choices = snoozeChoices(openedMs, shiftEndsMs);
  const typedMs = text.trim() === '' ? null : readMoment(text, openedMs);
  const isTypedGood = typedMs !== null && typedMs > openedMs;
  const confirm = () => {
    if (isTypedGood) onConfirm(typedMs);
  };
  useCommands(
    choices.map(({ label, untilMs }, index) => ({
      id: `queue.snooze.${label}`,
      title: `Snooze: ${label}`,
      group: 'Queue',
      keys: [String(index + 1)],
      hidden: true,
      run: () => onConfirm(untilMs),
    })),
    'dialog',
  );
  return (
    <FormDialog
      title={`Snooze ${countAlerts(scope.count)}`}
      width="small"
      onClose={onClose}
      confirmLabel={`Snooze ${countAlerts(scope.count)}`}
      withEnter
      ready={isTypedGood}
      onConfirm={confirm}
    >
      <ScopeNote scope={scope} />
      <fieldset className="snooze-choices">
        <legend className="visually-hidden">Snooze until</legend>
        {choices.map(({ label, untilMs }, index) => (
          <button
            key={label}
            type="button"
            className="snooze-choice"
            aria-keyshortcuts={String(index + 1)}
            data-autofocus={index === 0 ? '' : undefined}
            onClick={() => onConfirm(untilMs)}
          >
            <span>{label}</span>
            <span className="quiet tabular">until {showTime(untilMs)}</span>
            <Kbd keys={String(index + 1)} />
          </button>
        ))}
      </fieldset>
      <TextField
        label="Or until"
        value={text}
        onChange={setText}
        mono
        maxLength={40}
        help={
          text.trim() === ''
            ? 'A length of time like 90m or 3d, or UTC time like 2026-12-01T18:00.'
            : isTypedGood
              ? `Wakes ${showTime(typedMs)}, or earlier when it gets worse.`
              : 'That is no time to come.'
        }
      />
    </FormDialog>
  );
}
