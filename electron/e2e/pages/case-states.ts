import { expect, type Page } from '@playwright/test';
import { caseOf } from './case.ts';
import type { NamedState } from './case-file-states.ts';
import { dismiss, leave, openBy, openByButton, typeOver } from './dialogs.ts';

/**
 * What an open case can show beside its tabs, from its timeline on: each is reached from the one above it. The last is a
 * dialog.
 */
export function caseStates(page: Page): readonly NamedState[] {
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const { region, timeline } = caseOf(page);
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  return [
    ['dated event', async () => void (await openBy(page, 'v', 'Add a dated event'))],
    [
      'timeline with an event',
      async () => {
        await dialog('Add a dated event').getByLabel('What happened').fill('First complaint');
        await dialog('Add a dated event').getByLabel('Occurred').fill('-10m');
        await press('Control+Enter');
        await expect(dialog('Add a dated event')).toBeHidden();
        await press('+');
        await expect(timeline.getByRole('listitem').first()).toBeVisible();
        await press('0');
      },
    ],
    [
      'comment',
      async () => {
        await press('m');
        await typeOver(region.getByLabel('New comment'), 'Look, @');
        await expect(region.getByRole('group', { name: /^People to mention/ })).toBeVisible();
      },
    ],
    [
      'task',
      async () => {
        await page.keyboard.press('Control+Enter');
        await expect(region.getByLabel('New comment')).toHaveValue('');
        await leave(region.getByLabel('New comment'));
        await press('t');
        await typeOver(region.getByLabel('New task'), 'Call them');
        await press('Enter');
        await leave(region.getByLabel('New task'));
        const tasks = region.getByRole('list', { name: 'Tasks' });
        await openByButton(tasks.getByRole('button', { name: 'Edit the task Call them' }), 'Task');
        await dialog('Task').getByLabel('New point').fill('Find the number');
        await press('Enter');
        await expect(dialog('Task').getByRole('checkbox')).toBeVisible();
      },
    ],
    [
      'extract',
      async () => {
        await dismiss(page);
        const extract = await openBy(page, 'Shift+O', 'Observables from a text');
        await typeOver(extract.getByLabel('Text'), '192.0.2.77 and evil[.]example');
        await expect(extract.getByRole('checkbox').first()).toBeVisible();
      },
    ],
    [
      'observables',
      async () => {
        await press('Control+Enter');
        await expect(dialog('Observables from a text')).toBeHidden();
        await press('5');
        await expect(region.getByRole('grid', { name: 'Observables' })).toBeVisible();
      },
    ],
    [
      'observable',
      async () => {
        await region.getByRole('grid', { name: 'Observables' }).focus();
        await openBy(page, 'Enter', 'Observable');
      },
    ],
    [
      'matrix',
      async () => {
        await dismiss(page);
        await press('h');
        const technique = region.getByLabel('Tag a technique');
        await typeOver(technique, 'T1498');
        await expect(region.getByRole('listbox', { name: 'Techniques found' })).toBeVisible();
        await press('Enter');
        await expect(technique).toHaveValue('');
        await leave(technique);
        await press('4');
        await expect(region.getByRole('list', { name: /^ATT&CK matrix/ })).toBeVisible();
      },
    ],
    [
      'evidence',
      async () => {
        await region.getByLabel('Evidence files').setInputFiles({
          name: 'note.txt',
          mimeType: 'text/plain',
          buffer: Buffer.from('GET /login'),
        });
        const files = region.getByRole('list', { name: 'Evidence' });
        await openByButton(files.getByRole('button', { name: /^note\.txt/ }), 'Evidence');
        await dialog('Evidence').getByRole('button', { name: 'Note a step' }).press('Enter');
        await expect(dialog('Evidence').getByRole('figure')).toBeVisible();
      },
    ],
  ];
}
