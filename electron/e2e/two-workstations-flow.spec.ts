import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { expect, type OpenedApp, test } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { caseFilesOf } from './pages/case-file.ts';
import { openBy } from './pages/dialogs.ts';
import { frameOf, watchPointer } from './pages/frame.ts';
import { handoverOf } from './pages/handover.ts';
import { queueOf } from './pages/queue.ts';
import { reviewOf } from './pages/review.ts';

const attack = 'WEB SQL injection in the shop';
const adasNote = 'The same address tried every form of the shop.';
const bolasNote = 'The provider was asked to filter it.';

/** Records as Suricata writes them: one attack seen five times. */
function records(): string {
  const startMs = Date.now() - 300_000;
  const lines = Array.from({ length: 5 }, (_, index) =>
    JSON.stringify({
      timestamp: new Date(startMs + index * 20_000).toISOString().replace('Z', '000+0000'),
      flow_id: 7_000 + index,
      event_type: 'alert',
      src_ip: '203.0.113.7',
      src_port: 40_000 + index,
      dest_ip: '192.0.2.10',
      dest_port: 443,
      proto: 'TCP',
      app_proto: 'http',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: 2_000_001,
        rev: 1,
        signature: attack,
        category: 'Web Application Attack',
        severity: 1,
      },
      http: { hostname: 'shop.example', url: `/form/${index}`, http_method: 'POST' },
    }),
  );
  return `${lines.join('\n')}\n`;
}

/** Runs the command line, beside the app where that runs. */
function watchfloor(...words: string[]): string {
  const script = join(root, 'dist', 'electron', 'cli.cjs');
  const done = spawnSync(nodeBinary(), [script, ...words], { env: projectEnvironment({}), encoding: 'utf8' });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout;
}

/** What the audit log on the screen says of handovers. */
async function auditOf({ page }: OpenedApp): Promise<string> {
  const frame = frameOf(page);
  await frame.goTo('settings');
  await page.getByRole('tab', { name: 'Audit log' }).press('Enter');
  await expect(frame.screen('settings')).toContainText('handover');
  return frame.screen('settings').innerText();
}

test('two work an incident apart, join what they know, hand the shift over; a third reviews it offline', async ({
  openApp,
  dataDir,
  place,
}, info) => {
  test.setTimeout(240_000);
  const [adaDir, bolaDir, emptyDir, temporary, carried] = ['ada', 'bola', 'empty', 'tmp', 'carried'].map(
    (name) => join(dataDir, name),
  ) as [string, string, string, string, string];
  for (const folder of [temporary, carried]) mkdirSync(folder);
  const file = (name: string) => join(carried, name);
  const picture = (page: Page, name: string) => page.screenshot({ path: info.outputPath(`${name}.png`) });

  writeFileSync(file('eve.json'), records());
  watchfloor('ingest', '--source', 'suricata-eve', '--data-dir', adaDir, file('eve.json'));
  const args = ['--workspace', 'live'];
  const ada = await openApp({ dataDir: adaDir, args });
  const bola = await openApp({ dataDir: bolaDir, args });
  const [adaFrame, bolaFrame] = [frameOf(ada.page), frameOf(bola.page)];
  const [adaFiles, bolaFiles] = [caseFilesOf(ada.page), caseFilesOf(bola.page)];
  const [adaCase, bolaCase] = [caseOf(ada.page), caseOf(bola.page)];
  await adaFrame.sayName('Ada Okonkwo');
  await bolaFrame.sayName('Bola Adeyemi');
  const pressesOf = [await watchPointer(ada.page), await watchPointer(bola.page)];

  await test.step('one makes a case of an alert and passes it on', async () => {
    await adaFrame.goTo('queue');
    await adaFrame.press('3');
    const queue = queueOf(ada.page);
    await queue.moveTo(new RegExp(attack));
    await openBy(ada.page, 'e', 'Case from 1 alert');
    await adaFrame.press('Control+Enter');
    await expect(adaCase.title).toHaveText(attack);
    await adaCase.writeNote(adasNote);
    await adaFiles.exportTo(file('first.wfcase'));
    await bolaFrame.goTo('cases');
    await bolaFiles.importFrom(file('first.wfcase'));
    await expect(bolaCase.timeline).toContainText(adasNote);
    await expect(bolaCase.alerts).toContainText(attack);
  });

  await test.step('both work on it apart, and disagree', async () => {
    await bolaCase.setSeverity('Medium');
    await bolaCase.writeNote(bolasNote);
    await adaCase.setSeverity('Critical');
    await bolaFiles.exportTo(file('second.wfcase'));
  });

  const caseId = await test.step('what they disagree on is shown with both names, and settled', async () => {
    await adaCase.back();
    await adaFiles.importFrom(file('second.wfcase'));
    await expect(adaFiles.conflicts).toContainText('Bola Adeyemi');
    await expect(adaFiles.conflicts).toContainText('Ada Okonkwo');
    await picture(ada.page, 'conflict');
    await adaFiles.settle('Severity', /^Critical/);
    await expect(adaFiles.conflicts).toBeHidden();
    await adaFiles.exportTo(file('third.wfcase'));
    await bolaCase.back();
    await bolaFiles.importFrom(file('third.wfcase'));
    await expect(bolaFiles.conflicts).toBeHidden();
    await expect(bolaCase.severity).toHaveValue('critical');
    const [{ id }] = JSON.parse(`[${watchfloor('case', 'list', '--data-dir', adaDir, '--json').trim()}]`);
    const digest = (place: string) => watchfloor('case', 'show', id, '--digest', '--data-dir', place);
    expect(digest(bolaDir)).toBe(digest(adaDir));
    return String(id);
  });

  await test.step('the shift is handed over, gone through, and countersigned', async () => {
    const [out, back] = [handoverOf(ada.page), handoverOf(bola.page)];
    await out.goTo();
    await out.make();
    await out.moveTo(attack);
    await out.remark('The provider calls back at six.');
    await out.writeNotes('Quiet but for the shop.');
    await picture(ada.page, 'handover-draft');
    await out.sign();
    await out.exportTo(file('night.wfhandover'));
    await back.goTo();
    await back.importFrom(file('night.wfhandover'));
    await expect(back.active).toBeVisible();
    const count = await back.items.count();
    expect(count).toBeGreaterThan(0);
    for (let index = 0; index < count; index += 1) {
      await expect(back.items.nth(index)).toHaveAttribute('aria-current', 'true');
      await back.tick();
      if (index + 1 < count) await bolaFrame.press('j');
    }
    await picture(bola.page, 'handover-checklist');
    await back.countersign();
    await back.exportTo(file('countersigned.wfhandover'));
    await out.importFrom(file('countersigned.wfhandover'));
    await expect(out.countersignatures).toContainText('Countersigned by Bola Adeyemi');
    for (const app of [ada, bola]) {
      const log = await auditOf(app);
      expect(log).toMatch(/Ada Okonkwo signed the handover|took in the handover .*signed by Ada Okonkwo/);
      expect(log).toContain('Bola Adeyemi countersigned the handover');
    }
    expect(await Promise.all(pressesOf.map((presses) => presses()))).toEqual([0, 0]);
    await ada.close();
    await bola.close();
  });

  await test.step('a third, on a machine that has nothing, sees what was known when', async () => {
    const path = file('third.wfcase');
    const bytes = readFileSync(path);
    const before = readdirSync(carried).sort();
    const third = await openApp({
      dataDir: emptyDir,
      env: { TMPDIR: temporary },
      ...(place === 'browser' ? { review: path } : { args: [path] }),
    });
    const { banner, replay } = reviewOf(third.page);
    const { press } = third.page.keyboard;
    const presses = await watchPointer(third.page);
    await expect(banner).toContainText('Signed by Ada Okonkwo');
    await expect(banner).toContainText('Read only');
    await expect(replay.title).toHaveText(attack);
    const key = (name: string) => press.call(third.page.keyboard, name);

    await key('End');
    await expect(replay.timeline).toContainText(bolasNote);
    await picture(third.page, 'replay-end');
    // Back to before the file came: what Bola had written was true then, and not known to Ada.
    await replay.backToBefore(bolasNote);
    await expect(replay.timeline).not.toContainText(bolasNote);
    await expect(replay.timeline).toContainText(adasNote);
    await key('t');
    await expect(replay.timeline).toContainText(bolasNote);
    await expect(replay.timeline).toContainText('Not there until');
    await picture(third.page, 'replay-known-then');
    // Bola's own workstation knew it.
    await key('t');
    await key('w');
    await expect(replay.timeline).toContainText(bolasNote);
    await key('Home');
    await expect(replay.timeline).not.toContainText(adasNote);
    await key('4');
    await expect(replay.timeline).toContainText(adasNote, { timeout: 30_000 });

    expect(await presses()).toBe(0);
    await third.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(carried).sort()).toEqual(before);
    expect(existsSync(join(emptyDir, 'watchfloor.db')), 'nothing was kept').toBe(false);
    expect(readdirSync(temporary).filter((name) => name.startsWith('watchfloor-review'))).toEqual([]);
    expect(JSON.parse(watchfloor('case', 'verify', path, '--json'))).toMatchObject({ ok: true, caseId });
  });
});
