import { micromark } from 'micromark';
import { createContext, createElement, Fragment, memo, type ReactNode, useContext, useMemo } from 'react';
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

/** Shows an image of a note by its address, e.g. one of the case's evidence; null where it has none such. */
export type NoteImages = (address: string, alt: string) => ReactNode;

const NoteImagesContext = createContext<NoteImages>(() => null);

/** Where notes may hold images: nothing is ever loaded by an address of a note itself. */
export const NoteImagesProvider = NoteImagesContext.Provider;

function NoteImage({ address, alt }: { readonly address: string; readonly alt: string }) {
  const shown = useContext(NoteImagesContext)(address, alt);
  return (
    shown ?? (
      <>
        [image: <SafeText text={alt} />]
      </>
    )
  );
}

/** Addresses that are worth copying. */
const followable = /^(?:https?|mailto):/i;

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
    const written = node.getAttribute('href') ?? '';
    const address = followable.test(written) ? written : '';
    return (
      <MarkdownLink key={key} address={address}>
        {children}
      </MarkdownLink>
    );
  }
  if (name === 'img') {
    return (
      <NoteImage key={key} address={node.getAttribute('src') ?? ''} alt={node.getAttribute('alt') ?? ''} />
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
 * A note in Markdown. micromark escapes HTML; what it gives is parsed without running anything and rebuilt from a short
 * list of elements, of which none has an address, so nothing in a note can act, load or navigate.
 */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const content = useMemo(() => {
    // Addresses are only looked at here, and those of our own are none that micromark knows.
    const html = micromark(text.slice(0, 200_000), { allowDangerousProtocol: true });
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    return [...parsed.body.childNodes].map(toReact);
  }, [text]);
  return <div className="markdown">{content}</div>;
});
