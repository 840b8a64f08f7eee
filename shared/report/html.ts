import { toSafeExcerpt } from '../domain/safe-text.ts';

/** Markup that was made by this module's templates, never by a text from outside. */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = string | number | Html | readonly Html[] | null;

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Any text as text: safe between tags and inside quoted attributes; hidden characters become visible escapes. */
export function escapeHtml(text: string, maxLength = 4_000): string {
  return toSafeExcerpt(text, maxLength).replace(/[&<>"'`]/g, (sign) => replacements[sign] ?? sign);
}

function markupOf(value: HtmlValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('markup' in value) return value.markup;
  return value.map((each) => each.markup).join('');
}

/** A template whose every value is escaped, but for markup from another such template. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = strings.reduce(
    (text, piece, index) => text + piece + (index < values.length ? markupOf(values[index] ?? null) : ''),
    '',
  );
  return { markup };
}

export const noHtml: Html = { markup: '' };
