import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { dismiss, openBy, typeOver } from './pages/dialogs.ts';
import { savedBy } from './pages/downloads.ts';
import { frameOf, watchPointer } from './pages/frame.ts';
import { handoverOf } from './pages/handover.ts';

/** A file as another process finds it, which knows of no data directory. */
function verify(path: string): { readonly ok: boolean; readonly countersigners: readonly unknown[] } {
  const words = [join(root, 'dist', 'electron', 'cli.cjs'), 'handover', 'verify', path, '--json'];
  return JSON.parse(execFileSync(nodeBinary(), words, { encoding: 'utf8', env: projectEnvironment() }));
}

test('a shift is handed over from one workstation to another and back, with the keyboard alone', async ({
  openApp,
  dataDir,
}) => {
  test.setTimeout(240_000);
  const [out, back] = [join(dataDir, 'night.wfhandover'), join(dataDir, 'back.wfhandover')];
  const saved = join(dataDir, 'saved');
  mkdirSync(saved);

  const home = await openApp({ dataDir: join(dataDir, 'home'), args: ['--workspace', 'live'] });
  const frame = frameOf(home.page);
  const handover = handoverOf(home.page);
  await frame.sayName('Ada Okonkwo');
  const presses = await watchPointer(home.page);
  await frame.goTo('cases');
  for (const title of ['HTTP flood', 'Old phishing']) {
    await caseOf(home.page).make(title);
    await caseOf(home.page).back();
  }

  await test.step('a draft is made, edited, and kept', async () => {
    await handover.goTo();
    await expect(handover.region).toContainText('The handover appears here');
    await handover.make();
    await expect(handover.part('Cases touched since the last handover')).toContainText(
      'Ada Okonkwo: 1 opening',
    );
    await handover.moveTo('Old phishing');
    await expect(handover.items.first()).toContainText('Old phishing');
    await home.page.keyboard.press('Shift+J');
    await expect(handover.items.first()).toContainText('HTTP flood');
    await handover.moveTo('HTTP flood');
    await handover.remark('Acme wants a call first.');
    await handover.moveTo('Old phishing');
    await handover.drop('Waits for the customer');
    await handover.add('The door code changed', 'Ask the desk.');
    await handover.writeNotes('Quiet night.');
    expect(await presses()).toBe(0);
    await home.close();
  });

  await test.step('after a restart it is there, is signed and goes into a file', async () => {
    const later = await openApp({ dataDir: join(dataDir, 'home'), args: ['--workspace', 'live'] });
    const desk = handoverOf(later.page);
    await expect(frameOf(later.page).strip).toBeVisible();
    const pressesLater = await watchPointer(later.page);
    await desk.goTo();
    await expect(desk.notes).toHaveValue('Quiet night.');
    await expect(desk.items).toHaveCount(2);
    await expect(desk.part('Left out')).toContainText('Waits for the customer');
    await desk.sign();
    await expect(desk.signatures).toContainText('Signed by Ada Okonkwo');
    await desk.exportTo(out);
    await expect(frameOf(later.page).message(/Saved .*night\.wfhandover/)).toBeVisible();
    expect(verify(out)).toMatchObject({ ok: true, countersigners: [] });
    expect(await pressesLater()).toBe(0);
    await later.close();
  });

  await test.step('another workstation goes through it and countersigns', async () => {
    const away = await openApp({ dataDir: join(dataDir, 'away'), args: ['--workspace', 'live'] });
    const there = frameOf(away.page);
    const desk = handoverOf(away.page);
    await there.sayName('Bo Lindqvist');
    await desk.goTo();
    const bad = join(dataDir, 'bad.wfhandover');
    writeFileSync(bad, readFileSync(out, 'utf8').replace('Quiet night', 'Calm  night'));
    const dialog = await openBy(away.page, 'Shift+I', 'Open a handover from a file');
    await typeOver(dialog.getByLabel('Path on this machine'), bad);
    await away.page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('signature of the outgoing analyst is not valid');
    await dismiss(away.page);

    await desk.importFrom(out);
    await expect(desk.signatures).toContainText('Not known here');
    await expect(desk.items).toHaveCount(2);
    await desk.moveTo('HTTP flood');
    await expect(desk.active).toContainText('Acme wants a call first.');
    await desk.query('Which number?');
    await desk.countersign(1);
    await expect(desk.countersignatures).toContainText('0 items ticked, 1 queried, 1 not gone through.');
    await desk.exportTo(back);
    await expect(there.message(/Saved .*back\.wfhandover/)).toBeVisible();
    expect(verify(back)).toMatchObject({ ok: true, countersigners: [{ name: 'Bo Lindqvist' }] });
    await away.close();
  });

  await test.step('it comes back, and both signatures are in the log', async () => {
    const again = await openApp({ dataDir: join(dataDir, 'home'), args: ['--workspace', 'live'] });
    const there = frameOf(again.page);
    const desk = handoverOf(again.page);
    await expect(there.strip).toBeVisible();
    await desk.goTo();
    await desk.importFrom(back);
    await expect(desk.countersignatures).toContainText('Countersigned by Bo Lindqvist');
    await expect(desk.countersignatures).toContainText('Which number?');
    await expect(desk.list.getByRole('button').first()).toContainText('Ada Okonkwo to Bo Lindqvist');
    const html = await savedBy(again, saved, () => there.press('x h'));
    expect(html.name).toMatch(/^handover-\d{8}-\d{6}z\.html$/);
    expect(html.bytes.toString()).toContain('Countersigned by Bo Lindqvist');
    const pdf = await savedBy(again, saved, () => there.press('x p'));
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    await desk.moveTo('HTTP flood');
    await again.page.keyboard.press('o');
    await expect(again.page.getByRole('heading', { level: 1, name: 'HTTP flood' })).toBeVisible();
    await there.goTo('settings');
    await again.page.getByRole('tab', { name: 'Audit log' }).press('Enter');
    const log = there.screen('settings');
    await expect(log).toContainText('Ada Okonkwo signed the handover');
    await expect(log).toContainText('Bo Lindqvist countersigned the handover');
  });
});
