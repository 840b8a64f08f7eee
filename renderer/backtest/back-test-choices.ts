import { shippedChoices } from '../../shared/detection/back-test.ts';
import type { BackTestChoices } from '../../shared/domain/back-test.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';

/** One of the engine's choices as a person types it. */
export interface ChoiceField {
  readonly key: keyof BackTestChoices;
  readonly label: string;
  readonly help: string;
  readonly unit: string;
  /** What is typed times this is what the engine takes; the probability is typed as "one in so many". */
  readonly toEngine: (typed: number) => number;
  readonly toTyped: (value: number) => number;
  readonly min: number;
  readonly max: number;
}

const times = (factor: number) => ({
  toEngine: (typed: number) => typed * factor,
  toTyped: (value: number) => value / factor,
});

/** In the order in which they matter. */
export const choiceFields: readonly ChoiceField[] = [
  {
    key: 'probability',
    label: 'A finding is rarer than one in',
    help: 'Five-minute intervals of ordinary traffic. Higher raises less.',
    unit: 'intervals',
    toEngine: (typed) => 1 / typed,
    toTyped: (value) => Math.round(1 / value),
    min: 20,
    max: 1_000_000,
  },
  {
    key: 'noveltyThreshold',
    label: 'What is new counts from',
    help: 'Orders of magnitude of rarity in the informational lane. Higher raises less.',
    unit: '',
    ...times(1),
    min: 0.5,
    max: 20,
  },
  {
    key: 'levelMs',
    label: 'Memory of the level',
    help: 'How fast the expectation follows the signal.',
    unit: 'min',
    ...times(minuteMs),
    min: 1,
    max: 1_440,
  },
  {
    key: 'acceptMs',
    label: 'New normal after',
    help: 'What lasts longer is taken as usual.',
    unit: 'h',
    ...times(hourMs),
    min: 1,
    max: 336,
  },
];

/** The fields as typed; null while one is empty. */
export type TypedChoices = Readonly<Record<keyof BackTestChoices, number | null>>;

export function typedFrom(choices: BackTestChoices): TypedChoices {
  const typed = { probability: 0, noveltyThreshold: 0, levelMs: 0, acceptMs: 0 };
  for (const field of choiceFields) typed[field.key] = field.toTyped(choices[field.key]);
  return typed;
}

/** What is wrong with a field, in words; null when nothing. */
export function problemOf(field: ChoiceField, typed: number | null): string | null {
  if (typed === null) return `${field.label}: a number is missing.`;
  if (typed < field.min || typed > field.max) {
    return `${field.label}: from ${field.min.toLocaleString('en')} to ${field.max.toLocaleString('en')}.`;
  }
  return null;
}

/** The engine's choices, or what is wrong with what was typed. What stands as shipped is exactly as shipped. */
export function choicesFrom(
  typed: TypedChoices,
):
  | { readonly ok: true; readonly choices: BackTestChoices }
  | { readonly ok: false; readonly problems: string[] } {
  const problems = choiceFields.flatMap((field) => problemOf(field, typed[field.key]) ?? []);
  if (problems.length > 0) return { ok: false, problems };
  const choices = { ...shippedChoices };
  for (const field of choiceFields) {
    const value = typed[field.key];
    if (value === null || value === field.toTyped(shippedChoices[field.key])) continue;
    choices[field.key] = field.toEngine(value);
  }
  return { ok: true, choices };
}

/** A count over a range as so many a day: one decimal where it says something. */
export function aDay(count: number, durationMs: number): string {
  const rate = count / Math.max(durationMs / (24 * hourMs), 1e-9);
  return rate >= 10
    ? Math.round(rate).toLocaleString('en')
    : rate === 0
      ? '0'
      : rate < 0.1
        ? rate.toFixed(2)
        : rate.toFixed(1);
}
