import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';

/** Rows above and below those in sight that exist, too. */
const overscanRows = 8;
/** Browsers keep places as floats, exact to a pixel up to 2^24; a taller list is scrolled on a smaller scale. */
const tallestPx = 16_000_000;

export interface WindowShape {
  readonly count: number;
  readonly rowPx: number;
  /** Height of what is in sight, px. */
  readonly viewPx: number;
}

/** Where the rows of a list stand that is scrolled to some place. */
export interface RowWindow {
  /** Height of all rows on the scale on which they are scrolled, px. */
  readonly bodyPx: number;
  /** The first and the last row that exist; the last is before the first in an empty list. */
  readonly first: number;
  readonly last: number;
  /** How far below the top of what is in sight the first of these stands, px; above it, less than 0. */
  readonly offsetPx: number;
  /** Where to scroll so that a row is in sight: as little as possible; null where it is already. */
  readonly scrollTopFor: (index: number) => number | null;
}

/** Computes a window over rows of one height: nothing in it grows with their number. */
export function rowWindow({ count, rowPx, viewPx }: WindowShape, scrollTop: number): RowWindow {
  const allPx = count * rowPx;
  const bodyPx = Math.min(allPx, tallestPx);
  const scale = bodyPx < allPx && bodyPx > viewPx ? (allPx - viewPx) / (bodyPx - viewPx) : 1;
  const fromPx = Math.max(0, Math.min(scrollTop * scale, allPx - viewPx));
  const first = Math.max(0, Math.floor(fromPx / rowPx) - overscanRows);
  const toScroll = (px: number) => Math.max(0, Math.min(px, allPx - viewPx)) / scale;
  return {
    bodyPx,
    first,
    last: Math.min(count, Math.ceil((fromPx + viewPx) / rowPx) + overscanRows) - 1,
    offsetPx: first * rowPx - fromPx,
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
