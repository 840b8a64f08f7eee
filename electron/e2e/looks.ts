import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** What is wrong with how a page looks now, in words; none when nothing is. Nothing outside of it is read. */
export function findFlaws(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const flaws = new Set<string>();
    const slackPx = 1.5;
    // Recharts measures its labels in a span far outside.
    const uncounted = 'script, style, option, title, .visually-hidden, #recharts_measurement_span';
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) {
      flaws.add(
        `the page itself scrolls: ${root.scrollWidth}x${root.scrollHeight} in ${innerWidth}x${innerHeight}`,
      );
    }

    const isClipping = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
    const isScrolling = (overflow: string) => overflow === 'auto' || overflow === 'scroll';
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()}${element.classList.length > 0 ? `.${[...element.classList].join('.')}` : ''}`;

    // A modal dialog makes everything behind it unreachable: only what is in the topmost one counts.
    const top = [...document.querySelectorAll('[role=dialog], dialog[open]')].at(-1) ?? document.body;

    interface Shown {
      readonly words: string;
      readonly element: Element;
      readonly box: DOMRect;
    }
    const shown: Shown[] = [];
    const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const words = node.textContent?.trim() ?? '';
      if (!element || words === '' || element.closest(uncounted)) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const quote = `“${words.slice(0, 60)}” in ${nameOf(element)}`;
        let box: DOMRect | null = rect;
        for (
          let outer: Element | null = element;
          outer && outer !== root && box;
          outer = outer.parentElement
        ) {
          const style = getComputedStyle(outer);
          if (
            style.display === 'inline' ||
            (outer instanceof SVGElement && !(outer instanceof SVGSVGElement))
          ) {
            continue;
          }
          const edge = outer.getBoundingClientRect();
          const isIntended = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
          const beyondX = box.right > edge.right + slackPx || box.left < edge.left - slackPx;
          const beyondY = box.bottom > edge.bottom + slackPx || box.top < edge.top - slackPx;
          if (isClipping(style.overflowX) && beyondX && !isIntended) {
            flaws.add(`cut at its side: ${quote}, by ${nameOf(outer)}`);
          }
          if (isClipping(style.overflowX) && beyondX && isIntended && !outer.closest('[title]')) {
            const hasWhole =
              outer.querySelector('[title]') ?? outer.closest('[aria-label], button, [role=row]');
            if (!hasWhole) flaws.add(`shortened, and nothing gives it whole: ${quote}, by ${nameOf(outer)}`);
          }
          if (isClipping(style.overflowY) && beyondY && style.webkitLineClamp === 'none') {
            flaws.add(`cut above or below: ${quote}, by ${nameOf(outer)}`);
          }
          if (
            isScrolling(style.overflowX) &&
            outer.scrollWidth > outer.clientWidth + slackPx &&
            !outer.matches('pre, pre *, [data-scrolls-sideways]') &&
            outer.clientWidth > 0
          ) {
            flaws.add(`scrolls sideways: ${nameOf(outer)}, ${outer.scrollWidth} in ${outer.clientWidth} px`);
          }
          if (isScrolling(style.overflowY) || isScrolling(style.overflowX) || isClipping(style.overflowX)) {
            const left = Math.max(box.left, edge.left);
            const right = Math.min(box.right, edge.right);
            const upper = Math.max(box.top, edge.top);
            const lower = Math.min(box.bottom, edge.bottom);
            box =
              right > left && lower > upper ? new DOMRect(left, upper, right - left, lower - upper) : null;
          }
        }
        if (!box || box.width < 1 || box.height < 1) continue;
        if (box.right > innerWidth + slackPx || box.bottom > innerHeight + slackPx || box.left < -slackPx) {
          flaws.add(`outside of the window: ${quote}`);
        }
        shown.push({ words, element, box });
      }
    }

    // Text over text: nothing that paints its background lies over the middle of either.
    const isOnTopAt = (element: Element, x: number, y: number) => {
      if (getComputedStyle(element).pointerEvents === 'none') return true;
      const met = document.elementFromPoint(x, y);
      for (let outer = met; outer && !outer.contains(element); outer = outer.parentElement) {
        const { backgroundColor, backgroundImage } = getComputedStyle(outer);
        const paints = backgroundColor !== 'rgba(0, 0, 0, 0)' || backgroundImage !== 'none';
        if (paints && !element.contains(outer)) return false;
      }
      return met !== null;
    };
    const visible = shown.filter(({ element, box }) =>
      isOnTopAt(element, box.left + box.width / 2, box.top + box.height / 2),
    );
    for (const [index, one] of visible.entries()) {
      for (const other of visible.slice(index + 1)) {
        if (one.element === other.element) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 2 && down > Math.min(one.box.height, other.box.height) * 0.4) {
          // A menu may end in the middle of a line: what it hides of that is no text over text.
          const x = Math.max(one.box.left, other.box.left) + across / 2;
          const y = Math.max(one.box.top, other.box.top) + down / 2;
          if (!isOnTopAt(one.element, x, y) || !isOnTopAt(other.element, x, y)) continue;
          flaws.add(
            `over each other: “${one.words.slice(0, 40)}” in ${nameOf(one.element)} and “${other.words.slice(0, 40)}” in ${nameOf(other.element)}`,
          );
        }
      }
    }

    // Contrast of text and what lies behind it (WCAG 2.2, 1.4.3); disabled controls are exempt.
    const canvas = new OffscreenCanvas(1, 1);
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    const known = new Map<string, readonly number[]>();
    const colourOf = (text: string): readonly number[] => {
      const found = known.get(text);
      if (found || !pen) return found ?? [0, 0, 0, 0];
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data;
      const colour = [red, green, blue, alpha / 255];
      known.set(text, colour);
      return colour;
    };
    const over = (front: readonly number[], back: readonly number[]) => {
      const alpha = front[3] ?? 1;
      return [0, 1, 2].map((part) => (front[part] ?? 0) * alpha + (back[part] ?? 0) * (1 - alpha)).concat(1);
    };
    const luminance = (colour: readonly number[]) => {
      const [red = 0, green = 0, blue = 0] = colour.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const backOf = (element: Element): readonly number[] => {
      const layers: (readonly number[])[] = [];
      for (let outer: Element | null = element; outer; outer = outer.parentElement) {
        const colour = colourOf(getComputedStyle(outer).backgroundColor);
        if ((colour[3] ?? 0) > 0) layers.push(colour);
        if (colour[3] === 1) break;
      }
      return layers.reduceRight((back, front) => over(front, back), [255, 255, 255, 1]);
    };
    for (const { element, words } of new Map(visible.map((each) => [each.element, each])).values()) {
      if (element.closest(':disabled, [aria-disabled=true], [inert]')) continue;
      const style = getComputedStyle(element);
      const back = backOf(element);
      const front = over(colourOf(element instanceof SVGElement ? style.fill : style.color), back);
      const [light = 0, dark = 0] = [luminance(front), luminance(back)].sort((one, other) => other - one);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.45) {
        flaws.add(
          `contrast ${ratio.toFixed(1)}: “${words.slice(0, 40)}” in ${nameOf(element)}, ${root.dataset.theme ?? ''}`,
        );
      }
    }
    return [...flaws];
  });
}

const thumbnail = { width: 320, height: 200 };

/** The picture made small and grey, to compare it with others: a byte a pixel. Decoded by a page of the browser. */
async function shrink(page: Page, png: Buffer): Promise<Uint8Array> {
  const encoded = await page.evaluate(
    async ({ source, width, height }) => {
      const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(width, height);
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('This browser draws nothing.');
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(image, 0, 0, width, height);
      const { data } = pen.getImageData(0, 0, width, height);
      let text = '';
      for (let index = 0; index < data.length; index += 4) {
        const [red = 0, green = 0, blue = 0] = data.subarray(index, index + 3);
        text += String.fromCharCode(Math.round((red + green + blue) / 3));
      }
      return btoa(text);
    },
    { source: png.toString('base64'), ...thumbnail },
  );
  return Buffer.from(encoded, 'base64');
}

/** Of two shrunk pictures, the share of pixels that differ visibly. */
function differingShare(one: Uint8Array, other: Uint8Array): number {
  let count = 0;
  for (const [index, level] of one.entries()) {
    if (Math.abs(level - (other[index] ?? 0)) > 12) count += 1;
  }
  return count / one.length;
}

/** Less than this differs between two moments of one state: clocks, ages, the ends of lines. */
const sameBelowShare = 0.004;

export type Theme = 'dark' | 'light' | 'high-contrast';

/** Takes pictures, keeps them, and collects what is wrong with them. */
export interface Album {
  /** Pictures the page as it is now, in each theme, as `<name>-<theme>.png`. */
  take(page: Page, name: string, themes?: readonly Theme[]): Promise<void>;
  readonly flaws: readonly string[];
  readonly count: number;
}

/**
 * @param folder where the pictures go; exists afterwards
 * @param blankPage a page without anything on it, which decodes pictures
 */
export function createAlbum(folder: string, blankPage: Page): Album {
  mkdirSync(folder, { recursive: true });
  const flaws: string[] = [];
  const pictures: { readonly name: string; readonly theme: Theme; readonly pixels: Uint8Array }[] = [];
  return {
    flaws,
    get count() {
      return pictures.length;
    },
    async take(page, name, themes = ['dark', 'light']) {
      const before = await page.evaluate(() => document.documentElement.dataset.theme ?? 'dark');
      for (const theme of themes) {
        await page.evaluate(async (wanted) => {
          document.documentElement.dataset.theme = wanted;
          await document.fonts.ready;
          // Transitions of colour end before the picture; what moves for ever stays.
          for (const animation of document.getAnimations()) {
            if (Number.isFinite(Number(animation.effect?.getComputedTiming().endTime))) animation.finish();
          }
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }, theme);
        flaws.push(...(await findFlaws(page)).map((flaw) => `${name}: ${flaw}`));
        const png = await page.screenshot({ animations: 'disabled' });
        const file = `${name}-${theme}.png`;
        writeFileSync(join(folder, file), png);
        const pixels = await shrink(blankPage, png);
        for (const other of pictures) {
          if (other.theme === theme && differingShare(pixels, other.pixels) < sameBelowShare) {
            flaws.push(`${name}: looks like ${other.name} (${theme})`);
          }
        }
        pictures.push({ name, theme, pixels });
      }
      await page.evaluate((theme) => {
        document.documentElement.dataset.theme = theme;
      }, before);
    },
  };
}
