import { countryCodes } from '../domain/enrichment.ts';
import { quoteQueryValue } from './print-query.ts';
import { fieldNamed, queryFields } from './query-fields.ts';

/** Names to complete with; each list may be empty. */
export interface CompletionNames {
  readonly customers: readonly string[];
  readonly services: readonly string[];
  readonly sources: readonly string[];
  readonly signals: readonly string[];
  readonly assignees: readonly string[];
}

export interface Completion {
  /** The stretch of the text that the chosen option replaces. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly { readonly insert: string; readonly label: string; readonly help: string }[];
}

/**
 * What could stand at the caret: field names, or values of the field before it. At most 12 options.
 * @param caret position in UTF-16 units
 */
export function completeAlertQuery(text: string, caret: number, names: CompletionNames): Completion {
  const before = text.slice(0, caret);
  const word = /(?:^|[\s(])-?((?:[A-Za-z-]+[:=<>]+(?:(?:"[^"]*"|[^\s",()]*),)*)?)("[^"]*|[^\s"(),]*)$/u.exec(
    before,
  );
  const prefix = word?.[1] ?? '';
  const typed = word?.[2] ?? '';
  const from = caret - typed.length;
  const needle = typed.replace(/^"/, '').toLowerCase();

  if (prefix === '') {
    const options = queryFields
      .filter((field) => field.name.startsWith(needle))
      .map((field) => ({
        insert: `${field.name}${field.operators === 'comparison' && field.values === undefined ? '>' : ':'}`,
        label: field.name,
        help: field.help,
      }));
    return { from, to: caret, options: options.slice(0, 12) };
  }

  const typedName = (/^[A-Za-z-]+/.exec(prefix)?.[0] ?? '').toLowerCase();
  const field = fieldNamed(typedName);
  const free: Readonly<Record<string, readonly string[]>> = {
    customer: names.customers,
    service: names.services,
    source: names.sources,
    signal: names.signals,
    assignee: ['me', 'none', ...names.assignees],
    age: ['15m', '1h', '8h', '1d'],
    seen: ['5m', '15m', '1h', '1d'],
    last: ['15m', '1h', '24h', '7d'],
    first: ['1h', '1d', '7d'],
    count: ['10', '100', '1000'],
    country: countryCodes,
  };
  const values = free[field?.name ?? ''] ?? field?.values ?? [];
  const options = values
    .filter(
      (value) =>
        value.toLowerCase().startsWith(needle) || (needle !== '' && value.toLowerCase().includes(needle)),
    )
    .map((value) => ({ insert: quoteQueryValue(value), label: value, help: field?.help ?? '' }));
  return { from, to: caret, options: options.slice(0, 12) };
}
