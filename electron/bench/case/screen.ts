import { median } from '../bench.ts';
import { type DrivenPage, until } from '../chromium.ts';
import { onCasePage } from './page.ts';

const opens = 7;
const notes = 20;

const rows = `document.querySelector('.timeline-list')`;
const grid = `document.querySelector('[role="grid"] .vtable-row')`;

/** Times one key in the page: from its event until what it led to is painted. */
const timed = (outcome: string): string => `(() => {
  globalThis.__key = new Promise((resolve) => {
    addEventListener('keydown', ({ timeStamp }) => {
      const look = () => {
        if (!(${outcome})) return requestAnimationFrame(look);
        const painted = new MessageChannel();
        painted.port1.onmessage = () => resolve(performance.now() - timeStamp);
        painted.port2.postMessage(null);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  });
})()`;

async function timedKey(page: DrivenPage, keys: string, outcome: string): Promise<number> {
  await page.evaluate(timed(outcome));
  await page.press(keys);
  return Number(await page.evaluate('globalThis.__key'));
}

/** Puts a text into the field that has the focus, as a person's paste does. */
const fillFocused = (text: string): string => `(() => {
  const field = document.activeElement;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, ${JSON.stringify(text)});
  field.dispatchEvent(new Event('input', { bubbles: true }));
})()`;

/**
 * On the screen of the first case of a data directory: from Enter in the list until its timeline is painted, and from
 * the key that adds a note until the note is painted. Empty where there is no browser.
 */
export async function measureCaseScreen(
  folder: string,
): Promise<{ screenOpenFirstMs?: number; screenOpenMs?: number; entryToPixelsMs?: number }> {
  const measured = await onCasePage(folder, async (page) => {
    const openMs: number[] = [];
    for (let number = 0; number < opens; number += 1) {
      openMs.push(await timedKey(page, 'Enter', `${rows}?.children.length > 0`));
      if (number + 1 === opens) break;
      await page.press('Escape');
      await until(page, `${grid} !== null`);
    }
    const entryMs: number[] = [];
    for (let number = 0; number < notes; number += 1) {
      await page.press('n');
      await until(page, `document.activeElement instanceof HTMLTextAreaElement`);
      const text = `Measured note ${number}`;
      await page.evaluate(fillFocused(text));
      entryMs.push(await timedKey(page, 'Control+Enter', `${rows}?.textContent.includes('${text}')`));
      await page.press('Escape');
    }
    return {
      screenOpenFirstMs: openMs[0] ?? Number.NaN,
      screenOpenMs: median(openMs),
      entryToPixelsMs: median(entryMs),
    };
  });
  return measured ?? {};
}
