/** `22:05` for a minute of the day. */
export function minuteWords(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The minute of the day that `22:05` or `7:30` names; null for anything else. */
export function minuteOf(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2])];
  return match !== null && hour <= 23 && minute <= 59 ? hour * 60 + minute : null;
}
