import { dayMs, formatUtc, hourMs, minuteMs, secondMs } from './time.ts';

const units = { s: secondMs, m: minuteMs, min: minuteMs, h: hourMs, d: dayMs } as const;
const unitOf = (text: string): number | undefined =>
  Object.entries(units).find(([name]) => name === text)?.[1];

/**
 * A moment as people type it, UTC: `2026-03-04T02:14:07Z`, `2026-03-04 02:14` (UTC where no zone is said), `02:14` or
 * `02:14:07` (the last such time of day, or the next), `-15m`, `15 min ago`, `+2h`, `in 2 h`, `now`.
 * @param side whether what is asked for was or is to come
 * @returns epoch ms; null where it is none of these, or no such day or time exists
 */
export function parseMoment(text: string, nowMs: number, side: 'past' | 'future' = 'past'): number | null {
  const typed = text.trim().toLowerCase();
  if (typed === 'now') return nowMs;
  const relative = /^(?<sign>[+-]|in )?\s*(?<count>\d{1,6})\s*(?<unit>s|min|m|h|d)(?<ago>\s+ago)?$/.exec(
    typed,
  )?.groups;
  if (relative !== undefined) {
    const unitMs = unitOf(relative.unit ?? '');
    const isPast = relative.sign === '-' || relative.ago !== undefined;
    // A length of time alone says no direction.
    if (unitMs === undefined || (relative.sign === undefined) === (relative.ago === undefined)) return null;
    return nowMs + (isPast ? -1 : 1) * Number(relative.count) * unitMs;
  }
  const clock = /^(\d{2}):(\d{2})(?::(\d{2}))?z?$/.exec(typed);
  if (clock !== null) {
    const [hours, minutes, seconds] = [clock[1], clock[2], clock[3] ?? '0'].map(Number);
    if (hours === undefined || minutes === undefined || seconds === undefined) return null;
    if (hours > 23 || minutes > 59 || seconds > 59) return null;
    const ofDayMs = hours * hourMs + minutes * minuteMs + seconds * secondMs;
    const timeMs = Math.floor(nowMs / dayMs) * dayMs + ofDayMs;
    if (side === 'past') return timeMs > nowMs ? timeMs - dayMs : timeMs;
    return timeMs < nowMs ? timeMs + dayMs : timeMs;
  }
  const whole = /^(\d{4}-\d{2}-\d{2})(?:[t ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(z|[+-]\d{2}:\d{2})?)?$/.exec(
    typed,
  );
  if (whole === null) return null;
  const [, day = '', hoursMinutes = '00:00', seconds = ':00', zone = 'z'] = whole;
  const timeMs = Date.parse(`${day}T${hoursMinutes}${seconds}${zone.toUpperCase()}`);
  // `Date` takes the 31st of a month that has 30 days for the 1st of the next.
  const dayStartMs = Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(timeMs) || formatUtc(dayStartMs).slice(0, 10) !== day) return null;
  return timeMs;
}
