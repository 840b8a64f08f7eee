import { expect, type Locator, type Page } from '@playwright/test';

/** The form that proposes a block. */
export interface ProposeDialog {
  readonly dialog: Locator;
  readonly entries: Locator;
  readonly minutes: Locator;
  readonly reason: Locator;
  readonly plan: Locator;
}

export function proposeDialogOf(page: Page): ProposeDialog {
  const dialog = page.getByRole('dialog', { name: 'Propose a mitigation' });
  return {
    dialog,
    entries: dialog.getByLabel('Addresses and networks'),
    minutes: dialog.getByLabel('Ends by itself after'),
    reason: dialog.getByLabel('Reason'),
    plan: dialog.getByLabel('Plan'),
  };
}

/** The dialog that decides on a proposal and then shows how it comes to the target. */
export interface ApprovalDialog {
  readonly dialog: Locator;
  readonly change: Locator;
  readonly guards: Locator;
  readonly approve: Locator;
  /** Asked for where a block is wide: the target's name, typed. */
  readonly targetName: Locator;
  readonly progress: Locator;
  /** Waits until guards and target have answered and nothing stands against it. */
  waitUntilReady(): Promise<void>;
  /** Waits until the target itself confirmed. */
  waitUntilVerified(): Promise<void>;
}

export function approvalDialogOf(page: Page): ApprovalDialog {
  const dialog = page.getByRole('dialog', { name: /^(Approve: b|B)lock / });
  const approve = dialog.getByRole('button', { name: /^Approve block for / });
  const progress = dialog.getByRole('list', { name: 'Progress' });
  return {
    dialog,
    change: dialog.getByRole('list', { name: 'Change on the target' }),
    guards: dialog.getByRole('list', { name: 'Guards' }),
    approve,
    targetName: dialog.getByRole('textbox', { name: /Type the target’s name/ }),
    progress,
    async waitUntilReady() {
      await expect(async () => {
        // The dialog's own words say what stands against it.
        const obstacle = (await dialog.locator('.approval-obstacle').allInnerTexts()).join(' ');
        expect(obstacle).toBe('');
        await expect(approve).toBeEnabled({ timeout: 500 });
      }).toPass({ timeout: 20_000 });
    },
    async waitUntilVerified() {
      const last = progress.getByRole('listitem').filter({ hasText: 'Verified on the target' });
      await expect(last).toHaveAttribute('aria-current', 'step', { timeout: 20_000 });
    },
  };
}
