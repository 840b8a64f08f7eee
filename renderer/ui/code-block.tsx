import { CopyButton } from './copy-button.tsx';
import { SafeText } from './safe-text.tsx';

export interface CodeBlockProps {
  readonly text: string;
  /** What it is, e.g. `haproxy.cfg` or `Raw record`. */
  readonly label: string;
  readonly language?: string;
  readonly limit?: number;
}

/** Lines to read or to copy, scrolled on their own. Whatever is in them is shown harmlessly; copying gives it as it is. */
export function CodeBlock({ text, label, language, limit }: CodeBlockProps) {
  return (
    <figure className="code-block">
      <figcaption>
        <span>{label}</span>
        {language ? <span className="code-language">{language}</span> : null}
        <CopyButton text={text} label={`Copy ${label}`} iconOnly />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className="code-scroll" tabIndex={0} aria-label={label}>
        <pre>
          <SafeText text={text} multiline mono limit={limit ?? 8_000} />
        </pre>
      </section>
    </figure>
  );
}

/** JSON indented when it is JSON, as it came otherwise. */
export function prettyRecord(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
