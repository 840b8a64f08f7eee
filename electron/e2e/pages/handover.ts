import { expect, type Locator, type Page } from '@playwright/test';
import { leave, screenHears, typeOver, within } from './dialogs.ts';
import { frameOf } from './frame.ts';

/** The screen of shift handovers; everything is done by keyboard. */
export interface HandoverPage {
  readonly region: Locator;
  /** The handovers, the newest first, one button each. */
  readonly list: Locator;
  /** The handover that is open. */
  readonly open: Locator;
  /** All of its items, in the order of its parts. */
  readonly items: Locator;
  /** The item that the keys mean. */
  readonly active: Locator;
  readonly notes: Locator;
  readonly signatures: Locator;
  readonly countersignatures: Locator;
  /** Goes there from any screen. */
  goTo(): Promise<void>;
  /** Makes the pack, or reads the facts of the draft anew. */
  make(): Promise<void>;
  /** One part of the pack by its heading, e.g. `Open actionable alerts`. */
  part(title: string): Locator;
  /** Moves to the item whose title has these words. */
  moveTo(words: string | RegExp): Promise<void>;
  remark(text: string): Promise<void>;
  /** Leaves the active item out. */
  drop(reason: string): Promise<void>;
  add(title: string, text?: string): Promise<void>;
  writeNotes(text: string): Promise<void>;
  /** As the analyst at work. */
  sign(): Promise<void>;
  tick(): Promise<void>;
  query(text: string): Promise<void>;
  /** Countersigns; with items that were not gone through where `open` says how many. */
  countersign(open?: number): Promise<void>;
  /** Writes the file to a path of this machine. */
  exportTo(path: string): Promise<void>;
  /** Opens a file by its path. */
  importFrom(path: string): Promise<void>;
}

export function handoverOf(page: Page): HandoverPage {
  const { keyboard } = page;
  const frame = frameOf(page);
  const region = page.getByRole('region', { name: 'Shift handover', exact: true });
  const open = region.getByRole('region', { name: 'Handover', exact: true });
  const items = open.locator('.handover-items > .handover-item:not(.handover-dropped)');
  const active = open.locator('.handover-item[aria-current="true"]');
  const notes = open.getByLabel('Notes', { exact: true });
  const signatures = open.getByRole('region', { name: 'Signatures' });
  const countersignatures = open.getByRole('list', { name: 'Countersignatures' });
  const say = (text: string) => async (shown: Locator) => {
    await typeOver(shown.getByRole('textbox').first(), text);
    await keyboard.press('Control+Enter');
  };
  /** Presses a key that means the active item of a handover that has no dialog open. */
  const press = async (key: string) => {
    await screenHears(page);
    await keyboard.press(key);
  };

  return {
    region,
    list: region.getByRole('list', { name: 'Handovers' }),
    open,
    items,
    active,
    notes,
    signatures,
    countersignatures,
    part: (title) => open.getByRole('region', { name: title, exact: true }),
    async goTo() {
      await frame.goTo('handover');
      // The list has been read.
      await expect(region.getByText('Reading the handovers')).toBeHidden();
    },
    async make() {
      await press('n');
      await expect(open.getByText('Draft', { exact: true })).toBeVisible();
    },
    async moveTo(words) {
      // Items may still be on their way from the core or change their places: where to is read anew for each key.
      await expect(async () => {
        const all = open.locator('.handover-item');
        const wanted = (await all.allTextContents()).findIndex((text) =>
          typeof words === 'string' ? text.includes(words) : words.test(text),
        );
        expect(wanted, `an item ${words}`).toBeGreaterThanOrEqual(0);
        const now = await all.evaluateAll((each) => each.findIndex((item) => item.ariaCurrent === 'true'));
        if (now !== wanted) await keyboard.press(now < wanted ? 'j' : 'k');
        expect(now).toBe(wanted);
      }).toPass({ intervals: [20], timeout: 20_000 });
    },
    remark: (text) => within(page, 'm', 'Remark', say(text)),
    drop: (reason) => within(page, 'd', 'Leave out', say(reason)),
    add: (title, text = '') =>
      within(page, 'a', 'Add an item', async (shown) => {
        await typeOver(shown.getByLabel('What the next shift must know'), title);
        await keyboard.press('Tab');
        await typeOver(shown.locator(':focus'), text);
        await keyboard.press('Control+Enter');
      }),
    async writeNotes(text) {
      await press('e');
      await typeOver(notes, text);
      await expect(open.getByText('Kept as you type. Markdown.')).toBeVisible();
      await leave(notes);
    },
    async sign() {
      await within(page, 'Control+Enter', 'Sign the handover', async (shown) => {
        await expect(shown.getByRole('button', { name: /^Sign as/ })).toBeEnabled();
        await keyboard.press('Control+Enter');
      });
      await expect(signatures).toContainText('Signed by');
    },
    async tick() {
      await expect(active.getByRole('checkbox')).not.toBeChecked();
      await press('t');
      await expect(active.getByRole('checkbox')).toBeChecked();
    },
    async query(text) {
      await within(page, 'q', 'Query', say(text));
      await expect(active).toContainText(text);
    },
    async countersign(left = 0) {
      await within(page, 'Control+Enter', 'Countersign the handover', async (shown) => {
        const name = left === 0 ? /^Countersign as/ : new RegExp(`^Countersign with ${left} items? not`);
        await expect(shown.getByRole('button', { name })).toBeEnabled();
        await keyboard.press('Control+Enter');
      });
      await expect(countersignatures).toBeVisible();
    },
    exportTo: (path) =>
      within(page, 'Shift+E', 'Export the handover', async (shown) => {
        await expect(shown.getByLabel('Path on this machine')).toHaveValue(/\.wfhandover$/);
        await typeOver(shown.getByLabel('Path on this machine'), path);
        await keyboard.press('Enter');
      }),
    importFrom: (path) =>
      within(page, 'Shift+I', 'Open a handover from a file', async (shown) => {
        await typeOver(shown.getByLabel('Path on this machine'), path);
        await keyboard.press('Enter');
      }),
  };
}
