import { micromark } from 'micromark';
import { createElement, Fragment, memo, type ReactNode, useMemo } from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { copyText } from './copy.ts';
import { SafeText } from './safe-text.tsx';

/** The only elements that a note can become; everything else stays its text. */
const allowed = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'em',
  'strong',
  'code',
  'pre',
  'blockquote',
  'ul',
  'ol',
  'li',
  'hr',
  'br',
]);

/** A link does not lead anywhere: it shows its address and copies it. */
function MarkdownLink({ address, children }: { readonly address: string; readonly children: ReactNode }) {
  return (
    <button
      type="button"
      className="link-button"
      title={toSafeExcerpt(`Copy ${address}`, 300)}
      onClick={() => void copyText(address)}
    >
      {children}
    </button>
  );
}

function toReact(node: Node, key: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) {
    return <SafeText key={key} text={node.textContent ?? ''} multiline limit={20_000} />;
  }
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  // Between the items of a list there are only line breaks, and nothing but items may stand there.
  const parts = name === 'ul' || name === 'ol' ? node.children : node.childNodes;
  const children = [...parts].map(toReact);
  if (name === 'a') {
    const address = node.getAttribute('href') ?? '';
    return (
      <MarkdownLink key={key} address={address}>
        {children}
      </MarkdownLink>
    );
  }
  if (name === 'img') {
    return (
      <Fragment key={key}>
        [image: <SafeText text={node.getAttribute('alt') ?? ''} />]
      </Fragment>
    );
  }
  if (name === 'hr' || name === 'br') return createElement(name, { key });
  // Headings of a note stand below the screen's own.
  if (/^h[1-6]$/.test(name)) {
    return createElement(`h${Math.min(6, Number(name[1]) + 3)}`, { key }, ...children);
  }
  return allowed.has(name) ? (
    createElement(name, { key }, ...children)
  ) : (
    <Fragment key={key}>{children}</Fragment>
  );
}

/**
 * A note in Markdown. micromark escapes HTML and drops dangerous addresses; what it gives is parsed without running
 * anything and rebuilt from a short list of elements, so nothing in a note can act, load or navigate.
 */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const content = useMemo(() => {
    const html = micromark(text.slice(0, 200_000));
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    return [...parsed.body.childNodes].map(toReact);
  }, [text]);
  return <div className="markdown">{content}</div>;
});
