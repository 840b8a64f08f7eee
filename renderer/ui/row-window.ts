import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';

/** Rows above and below those in sight that exist, too. */
const overscanRows = 8;
/** Chromium cuts what is taller than 2^25 px; a list beyond that is scrolled on a smaller scale. */
const tallestPx = 33_000_000;

export interface WindowShape {
  readonly count: number;
  readonly rowPx: number;
  /** Height of what is in sight, px. */
  readonly viewPx: number;
}

/** Where the rows of a list stand that is scrolled to some place. */
export interface RowWindow {
  /** Height of the element that the rows stand in, px. */
  readonly bodyPx: number;
  /** The first and the last row that exist; the last is before the first in an empty list. */
  readonly first: number;
  readonly last: number;
  /** Where a row stands in that element, px. */
  readonly topOf: (index: number) => number;
  /** Where to scroll so that a row is in sight: as little as possible; null where it is already. */
  readonly scrollTopFor: (index: number) => number | null;
}

/** Computes a window over rows of one height: nothing in it grows with their number. */
export function rowWindow({ count, rowPx, viewPx }: WindowShape, scrollTop: number): RowWindow {
  const allPx = count * rowPx;
  const bodyPx = Math.min(allPx, tallestPx);
  const scale = bodyPx < allPx && bodyPx > viewPx ? (allPx - viewPx) / (bodyPx - viewPx) : 1;
  const fromPx = Math.max(0, Math.min(scrollTop * scale, allPx - viewPx));
  const toScroll = (px: number) => Math.max(0, Math.min(px, allPx - viewPx)) / scale;
  return {
    bodyPx,
    first: Math.max(0, Math.floor(fromPx / rowPx) - overscanRows),
    last: Math.min(count, Math.ceil((fromPx + viewPx) / rowPx) + overscanRows) - 1,
    // On the list's own scale rows stay where they are while it is scrolled.
    topOf: (index) => (scale === 1 ? index * rowPx : index * rowPx - fromPx + scrollTop),
    scrollTopFor(index) {
      if (index * rowPx < fromPx) return toScroll(index * rowPx);
      const endPx = (index + 1) * rowPx;
      return endPx > fromPx + viewPx ? toScroll(endPx - viewPx) : null;
    },
  };
}

/**
 * Follows an element's scrolling and size.
 * @param headerPx height of what stays at the element's top
 */
export function useRowWindow(
  ref: RefObject<HTMLElement | null>,
  { count, rowPx, headerPx }: { readonly count: number; readonly rowPx: number; readonly headerPx: number },
): RowWindow & { readonly scrollTo: (index: number) => void } {
  const [scrollTop, setScrollTop] = useState(0);
  const [viewPx, setViewPx] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setViewPx(Math.max(0, element.clientHeight - headerPx));
    // Drawn with the scrolling, not after it: no row is missing for a frame.
    const onScroll = () => flushSync(() => setScrollTop(element.scrollTop));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [ref, headerPx]);
  const window = useMemo(
    () => rowWindow({ count, rowPx, viewPx }, scrollTop),
    [count, rowPx, viewPx, scrollTop],
  );
  const scrollTo = useCallback(
    (index: number) => {
      const element = ref.current;
      if (!element) return;
      const shape = { count, rowPx, viewPx: Math.max(0, element.clientHeight - headerPx) };
      const wanted = rowWindow(shape, element.scrollTop).scrollTopFor(index);
      if (wanted === null) return;
      element.scrollTop = wanted;
      setScrollTop(element.scrollTop);
    },
    [ref, count, rowPx, headerPx],
  );
  return { ...window, scrollTo };
}
