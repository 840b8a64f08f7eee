import type { Page } from '@playwright/test';

/** What is wrong with how a page is laid out: it scrolls as a whole, something sticks out, a text is cut off. */
export function layoutProblems(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth - innerWidth} px too wide`);
    if (scrollHeight > innerHeight) found.push(`the page is ${scrollHeight - innerHeight} px too high`);
    const describe = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.className} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
    const scrolls = (value: string) => value === 'auto' || value === 'scroll';
    for (const element of document.body.querySelectorAll('*')) {
      if (!(element instanceof HTMLElement) || !element.checkVisibility({ visibilityProperty: true }))
        continue;
      if (element.closest('.visually-hidden, svg, select, [aria-hidden=true]') !== null) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const hasOwnText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
      );
      const isCut =
        hasOwnText &&
        element.scrollWidth > element.clientWidth + 1 &&
        (style.overflowX === 'hidden' || style.overflowX === 'clip') &&
        style.textOverflow !== 'ellipsis';
      if (isCut) found.push(`cut off: ${describe(element)}`);
      const isLow =
        hasOwnText &&
        element.scrollHeight > element.clientHeight + 3 &&
        (style.overflowY === 'hidden' || style.overflowY === 'clip') &&
        style.getPropertyValue('-webkit-line-clamp') === 'none';
      if (isLow) found.push(`cut off below: ${describe(element)}`);
      if (!hasOwnText) continue;
      // Sticking out of the first ancestor that hides what does not fit, and does not scroll.
      for (let above = element.parentElement; above !== null; above = above.parentElement) {
        const aboveStyle = getComputedStyle(above);
        if (scrolls(aboveStyle.overflowX) || scrolls(aboveStyle.overflowY)) break;
        if (aboveStyle.overflowX === 'visible' && above !== document.body) continue;
        const bounds = above.getBoundingClientRect();
        if (box.right > bounds.right + 1 && aboveStyle.textOverflow !== 'ellipsis') {
          found.push(
            `sticks out to the right by ${Math.round(box.right - bounds.right)} px: ${describe(element)}`,
          );
        }
        break;
      }
    }
    return [...new Set(found)].slice(0, 12);
  });
}
