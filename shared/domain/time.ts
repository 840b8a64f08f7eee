/** A moment as UTC epoch milliseconds: the only form in which time is stored or sent. */
export type EpochMs = number;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** RFC 3339 in UTC to the second, e.g. `2026-03-04T02:14:07Z`. Not a finite number gives `not known`. */
export function formatUtc(timeMs: EpochMs): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return 'not known';
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** The clock part alone, UTC: `02:14:07`. */
export function formatUtcClock(timeMs: EpochMs): string {
  return formatUtc(timeMs).slice(11, 19);
}

/**
 * A length of time in its two largest units, for people: `45 s`, `3 min`, `2 h 05 min`, `4 d 3 h`.
 * @param durationMs milliseconds; negative values are shown with a minus sign
 */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return 'not known';
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  const seconds = Math.round(durationMs / secondMs);
  if (seconds < 60) return durationMs > 0 && seconds === 0 ? `${Math.round(durationMs)} ms` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const restSeconds = seconds % 60;
    return minutes < 10 && restSeconds > 0 ? `${minutes} min ${restSeconds} s` : `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const restMinutes = minutes % 60;
    return restMinutes > 0 ? `${hours} h ${String(restMinutes).padStart(2, '0')} min` : `${hours} h`;
  }
  const days = Math.floor(hours / 24);
  const restHours = hours % 24;
  return restHours > 0 ? `${days} d ${restHours} h` : `${days} d`;
}

/** How long ago (or ahead) a moment is, e.g. `3 min ago`, `in 12 s`. */
export function formatAge(timeMs: EpochMs, nowMs: EpochMs): string {
  const differenceMs = nowMs - timeMs;
  if (Math.abs(differenceMs) < secondMs) return 'now';
  return differenceMs > 0 ? `${formatDuration(differenceMs)} ago` : `in ${formatDuration(-differenceMs)}`;
}
