import { parseMoment } from '../../shared/domain/moment.ts';
import { formatAge, formatUtc } from '../../shared/domain/time.ts';
import { TextField, useNow } from '../ui/index.ts';

/** A moment that is typed; what it was understood as is said below. */
export function MomentField({
  label,
  value,
  onChange,
  required = false,
  autoFocus = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Else it may stay empty. */
  readonly required?: boolean;
  readonly autoFocus?: boolean;
}) {
  const nowMs = useNow();
  const timeMs = parseMoment(value, nowMs);
  const isEmpty = value.trim() === '';
  return (
    <TextField
      label={label}
      value={value}
      onChange={onChange}
      maxLength={40}
      mono
      required={required}
      autoFocus={autoFocus}
      placeholder="2026-03-04 02:14:07, 02:14, -15m"
      error={isEmpty || timeMs !== null ? null : 'No time, e.g. 2026-03-04 02:14, 02:14, -15m, in 2 h'}
      help={
        timeMs === null
          ? 'UTC; a time of day is the last such, -15m is before now'
          : `${formatUtc(timeMs)}, ${formatAge(timeMs, nowMs)}`
      }
    />
  );
}
