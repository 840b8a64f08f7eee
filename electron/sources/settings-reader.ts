import type { Field, Settings } from '../../shared/domain/connection.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

/** Settings checked against the fields that describe them, with defaults filled in. */
export interface CheckedSettings {
  /** A text, url, path or select field, trimmed; empty when it is not set. */
  text(key: string): string;
  number(key: string): number;
  boolean(key: string): boolean;
  /** A `lines` field without its empty lines and `#` comments, each with its line number from 1. */
  lines(key: string): readonly { readonly number: number; readonly text: string }[];
}

/** A refusal that names the field as the form shows it. */
export function badSetting(fields: readonly Field[], key: string, reason: string): WatchfloorError {
  const label = fields.find((field) => field.key === key)?.label ?? key;
  return new WatchfloorError('bad-input', `${label}: ${reason}`, `setting ${key}`);
}

function isShown(fields: readonly Field[], field: Field, settings: Settings): boolean {
  const condition = field.showWhen;
  if (condition === undefined) return true;
  const other = fields.find((candidate) => candidate.key === condition.key);
  return condition.in.includes(String(settings[condition.key] ?? other?.default ?? ''));
}

function checkField(fields: readonly Field[], field: Field, value: Settings[string]): void {
  const refuse = (reason: string) => badSetting(fields, field.key, reason);
  if (value === null || value === '') {
    if (field.required) throw refuse('this is needed.');
    return;
  }
  if (field.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse('a number is needed.');
    if (field.min !== undefined && value < field.min) throw refuse(`at least ${field.min} is needed.`);
    if (field.max !== undefined && value > field.max) throw refuse(`at most ${field.max} is possible.`);
    return;
  }
  if (field.type === 'boolean') {
    if (typeof value !== 'boolean') throw refuse('yes or no is needed.');
    return;
  }
  if (typeof value !== 'string') throw refuse('text is needed.');
  if (value.length > 200_000) throw refuse('this is longer than 200,000 characters.');
  if (value.includes('\0')) throw refuse('there is a NUL character in it.');
  if (field.type === 'select' && !field.options?.some((option) => option.value === value)) {
    throw refuse(`one of ${field.options?.map((option) => option.value).join(', ')} is needed.`);
  }
}

/**
 * Checks settings against a descriptor's fields. Fields that are not shown are not checked; keys that no field
 * describes are ignored, so that settings of a newer version do no harm.
 * @throws WatchfloorError `bad-input` naming the first field that is not usable
 */
export function checkSettings(fields: readonly Field[], settings: Settings): CheckedSettings {
  const values = new Map<string, Settings[string]>();
  for (const field of fields) {
    if (field.type === 'secret') continue;
    const value = settings[field.key] ?? field.default;
    if (isShown(fields, field, settings)) checkField(fields, field, value);
    values.set(field.key, value);
  }
  const read = (key: string): Settings[string] => {
    if (!values.has(key))
      throw new WatchfloorError('internal', 'A setting was read that nobody described.', key);
    return values.get(key) ?? null;
  };
  const text = (key: string): string => {
    const value = read(key);
    return typeof value === 'string' ? value.trim() : '';
  };
  return {
    text,
    number(key) {
      const value = read(key);
      return typeof value === 'number' ? value : 0;
    },
    boolean: (key) => read(key) === true,
    lines: (key) =>
      text(key)
        .split('\n')
        .map((line, index) => ({ number: index + 1, text: line.trim() }))
        .filter((line) => line.text !== '' && !line.text.startsWith('#')),
  };
}
