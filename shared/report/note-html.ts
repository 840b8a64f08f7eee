import { micromark } from 'micromark';
import { toSafeExcerpt } from '../domain/safe-text.ts';
import type { Html } from './html.ts';

/**
 * Markdown that is only ever text and its structure: no links, no images, no HTML, and no character references, by
 * which a hidden character could come back in after it was made visible.
 */
const textOnly = {
  disable: {
    null: [
      'autolink',
      'characterReference',
      'definition',
      'htmlFlow',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};

/** An analyst's Markdown note as markup without anything that could load, run or lead away. */
export function noteHtml(markdown: string, maxLength: number): Html {
  const shown = toSafeExcerpt(markdown, maxLength, 'keep');
  return { markup: micromark(shown, { extensions: [textOnly], allowDangerousHtml: false }) };
}
