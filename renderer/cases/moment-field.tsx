import { parseMoment } from '../../shared/domain/moment.ts';
import { formatAge, formatUtc } from '../../shared/domain/time.ts';
import { TextField, useNow } from '../ui/index.ts';

const words = {
  past: {
    example: '2026-03-04 02:14:07, 02:14, -15m',
    help: 'UTC; a time of day is the last such, -15m is before now',
  },
  future: {
    example: '2026-03-04 18:00, 18:00, in 2 h',
    help: 'UTC; a time of day is the next such, in 2 h is from now',
  },
} as const;

/** A moment that is typed; what it was understood as is said below. */
export function MomentField({
  label,
  value,
  onChange,
  side = 'past',
  required = false,
  autoFocus = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Whether it was or is to come. */
  readonly side?: 'past' | 'future';
  /** Else it may stay empty. */
  readonly required?: boolean;
  readonly autoFocus?: boolean;
}) {
  const nowMs = useNow();
  const timeMs = parseMoment(value, nowMs, side);
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
      placeholder={words[side].example}
      error={isEmpty || timeMs !== null ? null : `No time, e.g. ${words[side].example}`}
      help={timeMs === null ? words[side].help : `${formatUtc(timeMs)}, ${formatAge(timeMs, nowMs)}`}
    />
  );
}
