import type { Enrichment } from '../../shared/domain/enrichment.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { SqlDatabase } from './sql.ts';

/** What every repository is given. */
export interface RepositoryTools {
  readonly database: SqlDatabase;
  readonly nowMs: () => number;
  readonly newId: (prefix: string) => string;
  readonly simulated: boolean;
  readonly enrichment: Enrichment;
  /** A person changed which signal belongs where, or what customers and services are called. */
  readonly mappingChanged: () => void;
}

/** @throws WatchfloorError `not-found` naming what is missing */
export function found<T>(value: T | null | undefined, what: string, id: string): T {
  if (value === null || value === undefined) {
    throw new WatchfloorError('not-found', `This ${what} is not there any more.`, id);
  }
  return value;
}

/** Names are the same when they differ only in case or in spaces around them. */
export function nameKey(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

/** A text as it is stored for lists: NUL (which ends a text for C code) made visible, and cut. */
export function storedText(text: string, mostCharacters: number): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', '\u2400') : text;
  if (clean.length <= mostCharacters) return clean;
  // Not between the halves of a surrogate pair.
  const end = mostCharacters - 1;
  const last = clean.charCodeAt(end - 1);
  return `${clean.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}
