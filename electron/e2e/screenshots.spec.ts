import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../dev/setup.mjs';
import { reviewedCase } from '../testing/reviewed-case.ts';
import { expect, test, watchProblems } from './fixtures.ts';
import { type Album, createAlbum, findFlaws, type Theme } from './looks.ts';
import { caseOf } from './pages/case.ts';
import { caseFileStates, type NamedState } from './pages/case-file-states.ts';
import { caseStates } from './pages/case-states.ts';
import { dismiss } from './pages/dialogs.ts';
import { type Frame, frameOf } from './pages/frame.ts';
import { handoverOf } from './pages/handover.ts';
import { approvalDialogOf, proposeDialogOf } from './pages/mitigation.ts';
import { queueOf } from './pages/queue.ts';
import { replayOf, reviewOf } from './pages/review.ts';
import { reviewStates } from './pages/review-states.ts';
import { settingsOf } from './pages/settings.ts';
import { watchOf } from './pages/watch.ts';

const folder = join(root, 'screenshots');
const everyTheme: readonly Theme[] = ['dark', 'light', 'high-contrast'];
const regularSize = { width: 1440, height: 900 };
const smallSize = { width: 1024, height: 700 };
// A trace would take a picture of its own of every step.
test.use({ trace: 'off' });

const env = { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '20262' };

/** Pictures of one page, whose problems count as flaws of the picture before. */
interface Session {
  readonly page: Page;
  readonly frame: Frame;
  /** Brings a state about and pictures it; what cannot be reached is a flaw, and the next state is tried. */
  state(name: string, reach: () => Promise<void>, themes?: readonly Theme[]): Promise<void>;
  /** One after the other, numbered, in every theme. */
  states(name: string, states: readonly NamedState[]): Promise<void>;
}

function openSession(page: Page, album: Album, flaws: string[], problems: string[]): Session {
  const session: Session = {
    page,
    frame: frameOf(page),
    async states(name, states) {
      for (const [index, [part, reach]] of states.entries()) {
        await session.state(`${name}-${index + 1}-${part.replaceAll(' ', '-')}`, reach, everyTheme);
      }
    },
    async state(name, reach, themes) {
      try {
        await reach();
        await album.take(page, name, themes);
      } catch (thrown) {
        flaws.push(`${name}: not reached: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        await page.screenshot({ path: join(folder, `${name}-not-reached.png`) });
      }
      // The browser itself complains of a host that is gone.
      const unexpected = problems.splice(0).filter((problem) => !problem.includes('ERR_CONNECTION_REFUSED'));
      flaws.push(...unexpected.map((problem) => `${name}: ${problem}`));
    },
  };
  return session;
}

test('flaws of a page are found', async ({ newContext }) => {
  const context = await newContext();
  const page = await context.newPage();
  const flawsOf = async (body: string) => {
    await page.setContent(`<body style="margin: 0; font: 13px sans-serif; background: #fff">${body}</body>`);
    return findFlaws(page);
  };
  const clipped = 'width: 60px; overflow: hidden; white-space: nowrap';
  expect(await flawsOf('<p>All is well</p>')).toEqual([]);
  expect(
    await flawsOf(`<p style="${clipped}; text-overflow: ellipsis" title="whole">Long enough to be cut</p>`),
  ).toEqual([]);
  expect(await flawsOf(`<p style="${clipped}">Long enough to be cut</p>`)).toEqual([
    'cut at its side: “Long enough to be cut” in p, by p',
  ]);
  expect(await flawsOf(`<p style="${clipped}; text-overflow: ellipsis">Long enough to be cut</p>`)).toEqual([
    'shortened, and nothing gives it whole: “Long enough to be cut” in p, by p',
  ]);
  expect(await flawsOf('<p style="height: 8px; overflow: hidden">Too low a box</p>')).toEqual([
    'cut above or below: “Too low a box” in p, by p',
  ]);
  expect(await flawsOf('<p style="color: #999">Pale</p>')).toEqual(['contrast 2.8: “Pale” in p, ']);
  expect(await flawsOf('<i>One</i><b style="position: absolute; left: 0; top: 0">Other</b>')).toEqual([
    'over each other: “One” in i and “Other” in b',
  ]);
  expect(await flawsOf('<p style="width: 3000px">Wide</p>')).toEqual([
    'the page itself scrolls: 3000x900 in 1440x900',
  ]);
  await context.close();
});

test('every screen in its main states, in its themes', async ({ openApp, newContext, dataDir }) => {
  rmSync(folder, { recursive: true, force: true });
  const context = await newContext();
  const album = createAlbum(folder, await context.newPage());
  const flaws: string[] = [];

  await test.step('on the range', async () => {
    const app = await openApp({ env, dataDir: join(dataDir, 'range') });
    const session = openSession(app.page, album, flaws, app.problems);
    await pictureRange(session);
    const origin = new URL(app.host?.address ?? '').origin;
    // What no core says by itself, from the made-up one.
    const page = await context.newPage();
    await page.setViewportSize(regularSize);
    const madeUp = openSession(page, album, flaws, watchProblems(page));
    await pictureMadeUp(madeUp, (situation) => `${origin}/?demo=${situation}`);
    await pictureStrangers(madeUp, app.host?.address ?? '');
    await pictureTrouble(session, async () => app.host?.kill());
    // Until it is closed the page tries to reach the host that is gone, and its browser complains.
    await app.close();
    app.problems.length = 0;
  });

  await test.step('in a review', async () => {
    const bytes = await reviewedCase();
    const openFile = async (name: string) => {
      const file = join(dataDir, `${name}.wfcase`);
      writeFileSync(file, bytes);
      const app = await openApp({ dataDir: join(dataDir, name), review: file });
      return { app, session: openSession(app.page, album, flaws, app.problems) };
    };
    const whole = await openFile('Flood in March');
    await pictureReview(whole.session);
    await whole.app.close();
    bytes.write('the', bytes.indexOf('The provider filters'));
    const changed = await openFile('Changed on the way');
    await changed.session.state('review-9-not-opened', async () => {
      await expect(reviewOf(changed.app.page).problems).toContainText('entries.jsonl');
    });
    await changed.app.close();
  });

  await context.close();
  expect([...flaws, ...album.flaws]).toEqual([]);
  expect(album.count).toBeGreaterThan(80);
});

/** A watch on the range: calm, attacked, mitigated, reported; and what surrounds it. */
async function pictureRange(session: Session): Promise<void> {
  const { page, frame, state } = session;
  const watch = watchOf(page);
  const queue = queueOf(page);
  const theCase = caseOf(page);
  const propose = proposeDialogOf(page);
  const approval = approvalDialogOf(page);
  const settings = settingsOf(page);

  await state('start-1-name', async () => {
    await expect(page.getByRole('dialog', { name: 'Who is on watch?' })).toBeVisible();
    await expect(watch.region.getByRole('figure').first()).toBeVisible();
  });
  await state(
    'watch-1-calm',
    async () => {
      await frame.sayName('Ada Okonkwo');
      await frame.waitForHistory();
      await expect(frame.strip).toContainText('0 actionable');
      await expect(watch.region.getByRole('figure').first()).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-1-empty', async () => {
    await frame.goTo('queue');
    await expect(queue.region.getByText(/Nothing/).first()).toBeVisible();
  });
  await state('cases-1-empty', async () => {
    await frame.goTo('cases');
    await expect(frame.screen('cases')).toContainText(/No .*case/);
  });
  await state('mitigate-1-nothing', async () => {
    await frame.goTo('mitigate');
  });
  await state('reports-1-empty', async () => {
    await frame.goTo('reports');
    await expect(page.getByText('No case to report on')).toBeVisible();
  });

  await frame.command('start http flood');
  await state('settings-1-sources', async () => {
    await frame.goTo('settings');
    await settings.section('Sources');
  });
  for (const [index, section] of [
    'Targets',
    'Customers',
    'Signals',
    'Appearance',
    'Storage',
    'Audit log',
  ].entries()) {
    await state(`settings-${index + 2}-${section.toLowerCase().replace(' ', '-')}`, () =>
      settings.section(section),
    );
  }
  await state('settings-15-noise-range', () => settings.section('Noise'));
  await state('settings-16-lessons-none', async () => {
    await settings.section('Lessons');
    await expect(settings.region.getByText('No verdict teaches yet')).toBeVisible();
  });
  await state('settings-8-add-menu', async () => {
    await settings.section('Sources');
    await settings.region.getByRole('button', { name: 'Add source' }).first().click();
    await expect(page.getByRole('menuitem').first()).toBeVisible();
  });
  await state('settings-9-add-source', async () => {
    await page
      .getByRole('menuitem', { name: /^Prometheus/ })
      .first()
      .click();
    await expect(settings.region.getByRole('form')).toBeVisible();
  });
  await state('settings-10-test-failed', async () => {
    const form = settings.region.getByRole('form');
    await form.getByLabel(/^(Address|URL|Server)/).fill('http://127.0.0.1:9');
    await form.getByRole('button', { name: 'Test this source' }).click();
    await expect(form.getByRole('region', { name: 'Test of this source' }).getByRole('status')).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await state(
    'watch-2-attack',
    async () => {
      await frame.goTo('watch');
      await watch.showDeviatingService();
      await page.keyboard.press('5');
      await expect(frame.strip).not.toContainText('0 actionable', { timeout: 60_000 });
    },
    everyTheme,
  );
  await state('watch-3-brushed', async () => {
    await page.keyboard.press('b');
    await expect(watch.region.getByText('Show in queue')).toBeVisible();
  });
  await state('watch-4-attack-small', async () => {
    await page.keyboard.press('Escape');
    await page.setViewportSize(smallSize);
  }, ['dark']);
  await state('queue-2-small', async () => {
    await frame.goTo('queue');
    await queue.waitFor(/HTTP flood on \//);
    await queue.moveTo(/HTTP flood on \//);
  }, ['dark', 'light']);
  await state('queue-15-details-small', async () => {
    await page.keyboard.press('Enter');
    await expect(queue.details.getByRole('heading', { name: /HTTP flood on \// })).toBeVisible();
  }, ['dark', 'light']);
  await page.keyboard.press('Escape');
  await page.setViewportSize(regularSize);
  await state('queue-3-list', async () => {
    await expect(queue.activeRow).toBeVisible();
  });
  await state(
    'queue-4-details',
    async () => {
      await page.keyboard.press('Enter');
      await expect(queue.details.getByRole('heading', { name: /HTTP flood on \// })).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-5-evidence', async () => {
    await page.keyboard.press('v');
    await expect(queue.details.getByRole('figure').first()).toBeVisible();
  });
  await state('queue-6-escalate', async () => {
    await page.keyboard.press('e');
    await expect(page.getByRole('dialog', { name: 'Case from 1 alert' })).toBeVisible();
  });
  await state('case-1-new', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(theCase.title).toHaveText(/HTTP flood on \//);
    await expect(theCase.alerts.getByRole('listitem')).toHaveCount(1);
  });
  await state('case-6-small', () => page.setViewportSize(smallSize), ['dark', 'light']);
  await page.setViewportSize(regularSize);
  await state('case-2-signals', async () => {
    await page.keyboard.press('2');
    await expect(theCase.region.getByRole('figure').first()).toBeVisible();
  });
  await state(
    'propose-1-filled',
    async () => {
      await page.keyboard.press('1');
      await page.keyboard.press('p');
      await expect(propose.reason).toBeFocused();
    },
    everyTheme,
  );
  await state('approve-1-type-target', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(approval.guards.getByRole('listitem').first()).toBeVisible();
    await expect(approval.change.getByRole('listitem').first()).toBeVisible();
  });
  await state(
    'approve-2-ready',
    async () => {
      if (await approval.targetName.isVisible()) await approval.targetName.fill('range-edge');
      await approval.waitUntilReady();
    },
    everyTheme,
  );
  await state('approve-3-verified', async () => {
    await page.keyboard.press('Control+Enter');
    await approval.waitUntilVerified();
  });
  await page.keyboard.press('Escape');
  await state('case-3-worked-on', async () => {
    await expect(approval.dialog).toBeHidden();
    await page.keyboard.press('n');
    await page.keyboard.type(
      'Flood from rented machines, stopped at the **edge**.\n\n- asked the customer\n- `POST /login` is the costly path',
    );
    await page.keyboard.press('Control+Enter');
    await expect(theCase.timeline).toContainText('Flood from rented machines');
    await page.keyboard.press('Escape');
  });
  await state('case-4-report', async () => {
    await page.keyboard.press('3');
    await expect(theCase.report.getByRole('heading', { level: 1 })).toBeVisible();
  });
  await page.keyboard.press('1');
  await session.states('case-view', caseStates(page));
  await dismiss(page);
  await state('case-7-observables-small', async () => {
    await page.setViewportSize(smallSize);
    await page.keyboard.press('5');
    await expect(theCase.region.getByRole('grid', { name: 'Observables' })).toBeVisible();
  });
  await state('case-8-timeline-small', async () => {
    await page.keyboard.press('1');
    await expect(theCase.timeline).toBeVisible();
  });
  await page.setViewportSize(regularSize);
  await state('replay-1-own-case', async () => {
    await page.keyboard.press('r');
    await expect(replayOf(page).timeline).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('case-5-list', async () => {
    await page.keyboard.press('Escape');
    await expect(page.getByRole('region', { name: 'Cases' })).toBeVisible();
  });
  await state('mitigate-2-active', async () => {
    await frame.goTo('mitigate');
    await expect(frame.screen('mitigate').getByText(/left/).first()).toBeVisible();
  });
  await state('mitigate-3-plans', () => page.keyboard.press('2'));
  await state('mitigate-4-ledger', () => page.keyboard.press('3'));
  await state('reports-2-preview', async () => {
    await frame.goTo('reports');
    await expect(theCase.report.getByRole('heading', { level: 1 })).toBeVisible();
  });
  await state('watch-5-mitigated', async () => {
    await frame.goTo('watch');
    await expect(frame.strip).toContainText('1 active mitigation');
  });
  await state('range-1-panel', async () => {
    await watch.region.getByRole('button', { name: /^Range/ }).click();
    await expect(page.getByRole('dialog', { name: 'Range' })).toBeVisible();
  }, ['dark', 'light']);
  await page.keyboard.press('Escape');
  await state('palette-1-open', async () => {
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog', { name: 'Commands' }).getByRole('option').first()).toBeVisible();
  });
  await state('palette-2-search', () => page.keyboard.type('flood'), ['dark']);
  await page.keyboard.press('Escape');
  await state('help-1-watch', async () => {
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  });
  await page.keyboard.press('Escape');
}

/** States that are rare, from a core in the page. */
async function pictureMadeUp(session: Session, addressOf: (situation: string) => string): Promise<void> {
  const { page, frame, state } = session;
  const queue = queueOf(page);
  const approval = approvalDialogOf(page);
  const settings = settingsOf(page);
  const handover = handoverOf(page);
  const open = async (situation: string) => {
    await page.goto('about:blank');
    await page.goto(addressOf(situation));
    await expect(page.getByRole('navigation').first()).toBeVisible();
    await expect(frame.strip).toContainText('actionable');
  };

  await state('watch-6-nothing', () => open('empty'));
  await state('handover-1-empty', () => handover.goTo());
  await open('busy');
  await handover.goTo();
  await state('handover-2-from-a-file', () => expect(handover.signatures).toContainText('Not known here'));
  await state('handover-3-draft', () => handover.make(), everyTheme);
  await state('handover-4-edited', async () => {
    await handover.remark('Acme wants a call before any further block.');
    await handover.add('The door code changed', 'Ask the desk.');
    await handover.moveTo('Credential stuffing');
    await handover.drop('Known noise of the load test');
    await handover.writeNotes('Quiet night. **Boreal** calls back at 06:00.');
  });
  await state(
    'handover-5-checklist',
    async () => {
      await handover.sign();
      await handover.tick();
      await page.keyboard.press('j');
      await handover.query('Since when, and who knows?');
    },
    everyTheme,
  );
  await state('handover-6-countersign', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('dialog', { name: 'Countersign the handover' })).toBeVisible();
  });
  await state(
    'handover-7-countersigned',
    async () => {
      await page.keyboard.press('Control+Enter');
      await expect(handover.countersignatures).toBeVisible();
    },
    everyTheme,
  );
  await state('handover-8-export', async () => {
    await page.keyboard.press('Shift+E');
    await expect(page.getByLabel('Path on this machine')).toHaveValue(/wfhandover$/);
  });
  await page.keyboard.press('Escape');
  await state('handover-9-import-refused', async () => {
    await page.keyboard.press('Shift+I');
    await page.keyboard.type('/home/robin/night.wfhandover');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('does not verify');
  });
  await page.keyboard.press('Escape');
  await state('watch-7-learning', async () => {
    await open('loading');
    await expect(page.getByRole('figure').first()).toBeVisible();
  });
  await state('watch-8-error', async () => {
    await open('error');
    await expect(page.getByText('The disk is full').first()).toBeVisible();
  });
  await state('queue-7-error', async () => {
    await frame.goTo('queue');
    await expect(queue.region.getByText('The disk is full').first()).toBeVisible();
  });
  await state('mitigate-5-unknown', async () => {
    await frame.goTo('mitigate');
    await expect(
      frame
        .screen('mitigate')
        .getByText(/Not known/)
        .first(),
    ).toBeVisible();
  });
  await state('settings-11-failing-source', async () => {
    await frame.goTo('settings');
    await expect(settings.region.getByText('permission denied').first()).toBeVisible();
  });
  await state('watch-9-busy', async () => {
    await open('busy');
    await expect(page.getByRole('figure').first()).toBeVisible();
  });
  await session.states('case-file', caseFileStates(page, frame));
  await state('queue-8-busy', async () => {
    await frame.goTo('queue');
    await expect(queue.region.getByRole('row').nth(5)).toBeVisible();
  });
  await state(
    'queue-16-explained',
    async () => {
      await page.keyboard.press('Enter');
      await page.keyboard.press('v');
      await expect(queue.details.getByRole('table', { name: 'What the excess is made of' })).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-17-finding', async () => {
    const row = queue.details.getByRole('table', { name: 'Findings of this alert' }).getByRole('row').nth(2);
    await row.focus();
    await page.keyboard.press('Enter');
    const finding = queue.details.getByRole('region', { name: 'The chosen finding' });
    await finding.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await expect(finding).toContainText('How improbable');
  });
  await state('queue-18-moment', async () => {
    const moments = queue.details.getByRole('region', { name: 'The last 30 days' });
    const row = moments.getByRole('table').getByRole('row').nth(2);
    await row.focus();
    await page.keyboard.press('Enter');
    await expect(moments.getByRole('figure')).toHaveCount(2);
    await moments.evaluate((element) => element.scrollIntoView({ block: 'end' }));
  });
  await page.keyboard.press('v');
  await page.keyboard.press('Escape');
  await state(
    'queue-19-from-source',
    async () => {
      await queue.moveTo(/Credential stuffing/);
      await page.keyboard.press('Enter');
      await expect(queue.details.getByRole('figure', { name: 'Occurrences' })).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-20-find', async () => {
    await page.keyboard.press('Control+f');
    await page.keyboard.type('alert');
    await expect(queue.details.getByText('1 of 2')).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('queue-21-pivots', async () => {
    await page.keyboard.press('r');
    await expect(page.getByRole('menuitem', { name: /^Same rule/ })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await state('queue-26-proposals', async () => {
    await frame.command('Show alerts that belong together');
    await expect(page.getByRole('dialog', { name: 'Alerts that belong together' })).toContainText('These 7');
  });
  await state(
    'queue-27-merge',
    async () => {
      await page.keyboard.press('1');
      await expect(page.getByRole('dialog', { name: 'Merge 7 alerts' })).toBeVisible();
    },
    everyTheme,
  );
  await state(
    'queue-28-merged',
    async () => {
      await page.keyboard.press('Control+Enter');
      await expect(frame.message('Merged 7 alerts into one')).toBeVisible();
      await queue.moveTo(/stands for 6 more alerts/);
      await page.keyboard.press('Enter');
      await expect(queue.details.getByRole('list', { name: 'Merged under it' })).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-29-merged-small', () => page.setViewportSize(smallSize), ['dark', 'high-contrast']);
  await page.setViewportSize(regularSize);
  await state('queue-30-close-merged', async () => {
    await page.keyboard.press('c');
    await expect(page.getByRole('dialog', { name: 'Close 7 alerts' })).toContainText(
      '6 alerts merged under it',
    );
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('u');
  await page.keyboard.press('Escape');
  await state(
    'queue-31-split',
    async () => {
      await page.keyboard.press('Shift+s');
      await expect(page.getByRole('dialog', { name: 'Split an alert' }).getByRole('table')).toBeVisible();
    },
    everyTheme,
  );
  await page.keyboard.press('Escape');
  await state(
    'queue-22-columns',
    async () => {
      await page.keyboard.press('Shift+c');
      await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible();
    },
    everyTheme,
  );
  await page.keyboard.press('Escape');
  await state('queue-24-view', async () => {
    await frame.press('g 1');
    await expect(queue.region.getByRole('button', { name: /^High and worse/ })).toHaveText(/[1-9]$/);
  });
  await page.keyboard.press('/');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await expect(queue.region.getByRole('row', { name: /ET SCAN/ }).first()).toBeVisible();
  await state('queue-25-jump', async () => {
    await page.keyboard.press("'");
    await page.keyboard.type('et scan');
    await expect(queue.activeRow).toContainText('ET SCAN');
  });
  await page.keyboard.press('Escape');
  await state('queue-23-export', async () => {
    await page.keyboard.press('Shift+e');
    await expect(page.getByRole('dialog', { name: /^Export \d/ })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('queue-14-search', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('sev');
    await expect(queue.region.getByRole('listbox', { name: 'Completions' })).toBeVisible();
  });
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await state('queue-9-selected', async () => {
    await expect(queue.region.getByRole('row').nth(5)).toBeVisible();
    for (const key of ['x', 'j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await expect(queue.region.getByText(/3 alerts selected/)).toBeVisible();
  });
  await state('queue-10-snooze', async () => {
    await page.keyboard.press('s');
    await expect(page.getByRole('dialog', { name: /^Snooze/ })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('queue-11-false-positive', async () => {
    await page.keyboard.press('f');
    await expect(page.getByRole('dialog')).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state(
    'queue-26-bulk',
    async () => {
      await page.keyboard.press('Control+a');
      await expect(queue.target).toHaveText(/^All \d+ alerts that match$/);
      await page.keyboard.press('c');
      await expect(page.getByRole('dialog', { name: /^Close \d+ alerts$/ })).toBeVisible();
    },
    everyTheme,
  );
  await state('queue-27-undo', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    for (const key of ['x', 'j', 'x', 'a']) await page.keyboard.press(key);
    await expect(frame.message('Acknowledged 2 alerts')).toBeVisible();
  });
  await page.keyboard.press('u');
  await expect(frame.message('Took it back for 2 alerts')).toBeVisible();
  await state(
    'queue-32-take-back',
    async () => {
      await page.keyboard.press('u');
      const dialog = page.getByRole('dialog', { name: 'Take back what was done to alerts' });
      await expect(dialog.getByRole('radio').first()).toBeFocused();
    },
    everyTheme,
  );
  await page.keyboard.press('Escape');
  await state('queue-28-query-problem', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('severity:worst title:scan');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect(queue.region.getByText('The rest of the search is applied.')).toBeVisible();
    await expect(queue.region.getByRole('row', { name: /HTTP flood/ })).toHaveCount(0);
  });
  await page.keyboard.press('/');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await state('queue-29-narrow', async () => {
    await page.setViewportSize(smallSize);
    await expect(queue.region.getByRole('row', { name: /ET SCAN/ }).first()).toBeVisible();
  });
  await page.setViewportSize(regularSize);
  await state('mitigate-6-waiting', async () => {
    await frame.goTo('mitigate');
    await expect(frame.screen('mitigate').getByText('198.51.100.0/24').first()).toBeVisible();
  });
  await state('approve-4-guards-fail', async () => {
    await page.keyboard.press('p');
    const propose = proposeDialogOf(page);
    await propose.entries.fill('192.0.2.10\n198.51.100.7');
    await propose.reason.fill('HTTP flood on /login');
    await page.keyboard.press('Control+Enter');
    await expect(approval.guards.getByText('Failed: ').first()).toBeAttached();
  });
  await page.keyboard.press('Escape');
  await state('mitigate-7-new-plan', async () => {
    await page.keyboard.press('n');
    await expect(page.getByRole('dialog')).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('settings-12-test-passed', async () => {
    await frame.goTo('settings');
    await settings.region.getByText('prom-eu').first().click();
    const form = settings.region.getByRole('form');
    await form.getByRole('button', { name: 'Test this source' }).click();
    await expect(form.getByRole('region', { name: 'Test of this source' }).getByRole('status')).toBeVisible();
    await form.getByRole('region', { name: 'Test of this source' }).scrollIntoViewIfNeeded();
  });
  await page.keyboard.press('Escape');
  await state('settings-24-rejected', async () => {
    await settings.region.getByText('sensor-1 EVE').first().click();
    const rejected = settings.region.getByRole('list', { name: 'Rejected records' });
    await rejected.getByRole('button').nth(2).click();
    await expect(rejected.getByText('soon')).toBeVisible();
  }, ['dark', 'light']);
  await state('settings-25-mapping', async () => {
    const mapping = settings.region.getByRole('table', { name: 'Lane by action' });
    await mapping.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await expect(mapping).toContainText('blocked');
  }, ['dark', 'light']);
  await page.keyboard.press('Escape');
  await state('settings-13-noise', () => settings.section('Noise'), everyTheme);
  await state('settings-22-response-times', async () => {
    await page.setViewportSize(smallSize);
    const table = settings.region.getByRole('table', { name: 'Response times by severity' });
    await table.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await expect(table).toContainText('Medium');
  });
  await page.setViewportSize(regularSize);
  await state('settings-23-targets', async () => {
    await settings.region.getByRole('button', { name: 'Change the targets for high alerts' }).click();
    await expect(page.getByRole('dialog', { name: /^Targets: high alerts/ })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('settings-14-lessons', () => settings.section('Lessons'), everyTheme);
  await state('settings-17-suppressions', () => settings.section('Suppressions'), everyTheme);
  await state('settings-18-suppression', async () => {
    await settings.region.getByRole('grid').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(settings.region.getByRole('list', { name: 'The newest alerts' })).toBeVisible();
  });
  await state('settings-19-suppression-small', () => page.setViewportSize(smallSize), ['dark', 'light']);
  await page.setViewportSize(regularSize);
  await state('settings-20-maintenance', async () => {
    await page.keyboard.press('n');
    await expect(page.getByRole('dialog', { name: 'New maintenance window' })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('settings-21-end-suppression', async () => {
    await page.keyboard.press('t');
    await expect(page.getByRole('dialog', { name: 'End the suppression now' })).toBeVisible();
  });
  await page.keyboard.press('Escape');
  await state('queue-19-suppressed', async () => {
    await page.keyboard.press('s');
    await expect(queue.region.getByText('Suppressed').first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(queue.details.getByRole('note')).toContainText('Held out of the queue until');
  });
  await state('queue-25-suppress', async () => {
    await page.keyboard.press('Shift+h');
    const dialog = page.getByRole('dialog', { name: 'Suppress alerts' });
    await expect(dialog.getByText(/Leave out suppressed/).first()).toBeVisible();
    await dialog.getByRole('tab', { name: 'All like this alert' }).click();
    await expect(dialog.getByRole('status')).toContainText('In the last 30 days');
  });
  await page.keyboard.press('Escape');
  const backTest = page.getByRole('region', { name: 'Back-test' });
  await state('backtest-1-setup', async () => {
    await frame.press('g b');
    await expect(backTest.getByText('What the engine would have raised appears here')).toBeVisible();
  });
  await state(
    'backtest-2-compared',
    async () => {
      await backTest.getByLabel('Compare with a setting B').check();
      await page.keyboard.press('Control+Enter');
      await expect(backTest.getByRole('table', { name: 'Moments' })).toBeVisible();
    },
    everyTheme,
  );
  await state('backtest-3-small', () => page.setViewportSize(smallSize), ['dark', 'light']);
  await page.setViewportSize(regularSize);
  await state('backtest-4-running', async () => {
    await open('loading');
    await frame.press('g b');
    await page.keyboard.press('Control+Enter');
    await expect(backTest.getByRole('progressbar')).toBeVisible();
  }, ['dark']);
  await state('queue-12-flood', async () => {
    await open('flood');
    await frame.goTo('queue');
    await page.keyboard.press('3');
    await expect(queue.region.getByText(/1,000,000/).first()).toBeVisible();
  });
  await state('queue-13-compact', async () => {
    await frame.command('compact rows');
    await expect(queue.region.getByRole('row').nth(30)).toBeVisible();
  }, ['dark']);
  for (const [situation, name] of [['calm', 'gallery']] as const) {
    await open(situation);
    await frame.command('open gallery');
    const gallery = page.getByRole('region', { name: 'Gallery' });
    await expect(gallery).toBeVisible();
    for (const [index, heading] of (await gallery.getByRole('heading', { level: 2 }).all()).entries()) {
      await state(
        `${name}-${index + 1}`,
        () => heading.evaluate((element) => element.scrollIntoView({ block: 'start' })),
        everyTheme,
      );
    }
  }
}

/** A case file that is looked at: its replay, and the case as it came out. */
async function pictureReview(session: Session): Promise<void> {
  const { page, state } = session;
  await session.states('review', reviewStates(page));
  await state('review-7-small', async () => {
    await page.setViewportSize(smallSize);
    await page.keyboard.press('r');
    await expect(reviewOf(page).replay.timeline).toBeVisible();
  });
  await state('review-8-known-then-small', () => reviewOf(page).replay.seek(26));
}

/** What a second session sees, and one without the token. */
async function pictureStrangers(session: Session, address: string): Promise<void> {
  const { page, state } = session;
  await state('start-2-no-key', async () => {
    await page.goto('about:blank');
    await page.goto(new URL(address).origin);
    await expect(page.getByRole('dialog', { name: 'This address has no valid key' })).toBeVisible();
  });
  await state('start-3-other-session', async () => {
    await page.goto('about:blank');
    await page.goto(address);
    await expect(page.getByRole('dialog', { name: 'Watchfloor is open in another session' })).toBeVisible();
  });
}

/** What the page says when its core is gone. */
async function pictureTrouble(session: Session, killCore: () => Promise<void>): Promise<void> {
  const { page, state } = session;
  await state('offline-1-reconnecting', async () => {
    await killCore();
    await expect(page.getByText('The core was lost, reconnecting.')).toBeVisible();
  });
}
