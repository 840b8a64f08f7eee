import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { IconButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { SafeText } from './safe-text.tsx';

/** Lets the screen open the search within. */
export interface CodeBlockHandle {
  find(): void;
}

export interface CodeBlockProps {
  readonly text: string;
  /** What it is, e.g. `haproxy.cfg` or `Raw record`. */
  readonly label: string;
  readonly language?: string;
  readonly limit?: number;
  /** It can be searched within: by its button, and by Ctrl+F while the focus is in it. */
  readonly searchable?: boolean;
  readonly handle?: Ref<CodeBlockHandle>;
}

/** So much is shown while it is searched: what is not shown cannot be found. */
const searchedCharacters = 200_000;
/** More places than anybody steps through; the count then says that there are more. */
const mostPlaces = 1_000;

/** Lines to read or to copy, scrolled on their own. Whatever is in them is shown harmlessly; copying gives it as it is. */
export function CodeBlock({ text, label, language, limit, searchable = false, handle }: CodeBlockProps) {
  const [wanted, setWanted] = useState<string | null>(null);
  const scrollRef = useRef<HTMLElement>(null);
  const inputRef = useRef<HTMLInputElement>(null);
  const find = () => {
    setWanted((before) => before ?? '');
    inputRef.current?.focus();
    inputRef.current?.select();
  };
  useImperativeHandle(handle, () => ({ find }));
  const close = () => {
    setWanted(null);
    scrollRef.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!searchable || event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    find();
  };
  return (
    <figure className="code-block" onKeyDown={onKeyDown}>
      <figcaption>
        <span>{label}</span>
        {language ? <span className="code-language">{language}</span> : null}
        {searchable ? (
          <IconButton icon="search" label={`Find in ${label}`} keys="Ctrl+f" onClick={find} />
        ) : null}
        <CopyButton text={text} label={`Copy ${label}`} iconOnly />
      </figcaption>
      {wanted === null ? null : (
        <FindBar
          label={label}
          text={text}
          wanted={wanted}
          onWanted={setWanted}
          onClose={close}
          inputRef={inputRef}
          within={scrollRef}
        />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section ref={scrollRef} className="code-scroll" tabIndex={0} aria-label={label}>
        <pre>
          <SafeText
            text={text}
            multiline
            mono
            limit={wanted === null ? (limit ?? 8_000) : searchedCharacters}
          />
        </pre>
      </section>
    </figure>
  );
}

/** Where a text is found in what an element shows, without regard to case, in order. */
function placesIn(element: HTMLElement, wanted: string): readonly Range[] {
  const nodes: { readonly node: Text; readonly start: number }[] = [];
  let whole = '';
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!(node instanceof Text)) continue;
    nodes.push({ node, start: whole.length });
    whole += node.data;
  }
  const escaped = wanted.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const places: Range[] = [];
  let from = 0;
  const pointAt = (at: number, isEnd: boolean) => {
    while (from + 1 < nodes.length && (nodes[from + 1]?.start ?? 0) <= (isEnd ? at - 1 : at)) from += 1;
    return nodes[from];
  };
  for (const { index, 0: found } of whole.matchAll(new RegExp(escaped, 'giu'))) {
    const start = pointAt(index, false);
    const end = pointAt(index + found.length, true);
    if (start === undefined || end === undefined) break;
    const range = new Range();
    range.setStart(start.node, index - start.start);
    range.setEnd(end.node, index + found.length - end.start);
    places.push(range);
    if (places.length === mostPlaces) break;
  }
  return places;
}

/** Marks without touching what is shown: the browser paints over ranges. */
function paint(places: readonly Range[], current: Range | undefined): void {
  if (!('highlights' in CSS)) return;
  CSS.highlights.set('find', new Highlight(...places));
  CSS.highlights.set('find-current', new Highlight(...(current === undefined ? [] : [current])));
}

/** The field of a search within a block: Enter and Shift+Enter step, Escape closes. */
function FindBar({
  label,
  text,
  wanted,
  onWanted,
  onClose,
  inputRef,
  within,
}: {
  readonly label: string;
  readonly text: string;
  readonly wanted: string;
  readonly onWanted: (wanted: string) => void;
  readonly onClose: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
  readonly within: { readonly current: HTMLElement | null };
}) {
  const [places, setPlaces] = useState<readonly Range[]>([]);
  const [at, setAt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is searched anew
  useEffect(() => {
    const element = within.current?.querySelector('pre') ?? null;
    setPlaces(element === null || wanted === '' ? [] : placesIn(element, wanted));
    setAt(0);
  }, [within, wanted, text]);
  useEffect(() => {
    const current = places[at];
    paint(places, current);
    const scroller = within.current;
    if (current !== undefined && scroller !== null) {
      const box = current.getBoundingClientRect();
      const frame = scroller.getBoundingClientRect();
      if (box.top < frame.top || box.bottom > frame.bottom) {
        scroller.scrollTop += box.top - frame.top - frame.height / 2;
      }
      if (box.left < frame.left || box.right > frame.right) {
        scroller.scrollLeft += box.left - frame.left - frame.width / 2;
      }
    }
    return () => paint([], undefined);
  }, [places, at, within]);
  const step = (by: number) => {
    if (places.length > 0) setAt((at + by + places.length) % places.length);
  };
  const counted = `${places.length.toLocaleString('en')}${places.length === mostPlaces ? ' or more' : ''}`;
  return (
    <search className="code-find">
      <input
        ref={inputRef}
        className="input mono"
        type="text"
        aria-label={`Find in ${label}`}
        value={wanted}
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: it was opened to type into
        autoFocus
        onChange={(event) => onWanted(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="tabular quiet" role="status">
        {wanted === '' ? '' : places.length === 0 ? 'Not found' : `${at + 1} of ${counted}`}
      </span>
      <IconButton icon="chevron-up" label="Previous place" keys="Shift+Enter" onClick={() => step(-1)} />
      <IconButton icon="chevron-down" label="Next place" keys="Enter" onClick={() => step(1)} />
      <IconButton icon="close" label="Close the search" keys="Escape" onClick={onClose} />
    </search>
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
