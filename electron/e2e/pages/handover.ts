import { expect, type Locator, type Page } from '@playwright/test';
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
  const dialog = (name: string) => page.getByRole('dialog', { name });

  /** Opens a dialog by key, does what is asked in it, and waits until it is gone. */
  async function within(name: string, keys: string, work: (shown: Locator) => Promise<void>): Promise<void> {
    await keyboard.press(keys);
    const shown = dialog(name);
    await expect(shown).toBeVisible();
    await work(shown);
    await expect(shown).toBeHidden();
  }
  const say = (text: string) => async (shown: Locator) => {
    await expect(shown.getByRole('textbox').first()).toBeFocused();
    await keyboard.press('Control+a');
    await keyboard.type(text);
    await keyboard.press('Control+Enter');
  };

  return {
    region,
    list: region.getByRole('list', { name: 'Handovers' }),
    open,
    items,
    active,
    notes: open.getByLabel('Notes', { exact: true }),
    signatures: open.getByRole('region', { name: 'Signatures' }),
    countersignatures: open.getByRole('list', { name: 'Countersignatures' }),
    part: (title) => open.getByRole('region', { name: title, exact: true }),
    async goTo() {
      // A window that was just opened hears keys only once the core has said hello.
      await expect(async () => {
        await frame.press('g h');
        await expect(region).toBeVisible({ timeout: 1_000 });
      }).toPass();
    },
    async make() {
      await keyboard.press('n');
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
    remark: (text) => within('Remark', 'm', say(text)),
    drop: (reason) => within('Leave out', 'd', say(reason)),
    add: (title, text = '') =>
      within('Add an item', 'a', async (shown) => {
        await expect(shown.getByLabel('What the next shift must know')).toBeFocused();
        await keyboard.type(title);
        await keyboard.press('Tab');
        await keyboard.type(text);
        await keyboard.press('Control+Enter');
      }),
    async writeNotes(text) {
      await keyboard.press('e');
      const notes = open.getByLabel('Notes', { exact: true });
      await expect(notes).toBeFocused();
      await keyboard.press('Control+a');
      await keyboard.type(text);
      await expect(open.getByText('Kept as you type. Markdown.')).toBeVisible();
      await keyboard.press('Escape');
      await expect(notes).not.toBeFocused();
    },
    async sign() {
      await within('Sign the handover', 'Control+Enter', async (shown) => {
        await expect(shown.getByRole('button', { name: /^Sign as/ })).toBeEnabled();
        await keyboard.press('Control+Enter');
      });
      await expect(signaturesOf(open)).toContainText('Signed by');
    },
    async tick() {
      await keyboard.press('t');
      await expect(active.getByRole('checkbox')).toBeChecked();
    },
    async query(text) {
      await within('Query', 'q', say(text));
      await expect(active).toContainText(text);
    },
    async countersign(left = 0) {
      await within('Countersign the handover', 'Control+Enter', async (shown) => {
        const name = left === 0 ? /^Countersign as/ : new RegExp(`^Countersign with ${left} items? not`);
        await expect(shown.getByRole('button', { name })).toBeEnabled();
        await keyboard.press('Control+Enter');
      });
      await expect(open.getByRole('list', { name: 'Countersignatures' })).toBeVisible();
    },
    exportTo: (path) =>
      within('Export the handover', 'Shift+E', async (shown) => {
        await expect(shown.getByLabel('Path on this machine')).toHaveValue(/\.wfhandover$/);
        await expect(shown.getByLabel('Path on this machine')).toBeFocused();
        await keyboard.press('Control+a');
        await keyboard.type(path);
        await keyboard.press('Enter');
      }),
    importFrom: (path) =>
      within('Open a handover from a file', 'Shift+I', async (shown) => {
        await expect(shown.getByLabel('Path on this machine')).toBeFocused();
        await keyboard.type(path);
        await keyboard.press('Enter');
      }),
  };
}

function signaturesOf(open: Locator): Locator {
  return open.getByRole('region', { name: 'Signatures' });
}
