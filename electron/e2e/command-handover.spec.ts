import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../dev/setup.mjs';
import { expect, startHost, test } from './fixtures.ts';

/** Runs `watchfloor ...` as a person would; fails the test where its exit code is another. */
function watchfloor(words: readonly string[], code = 0): string {
  const script = join(root, 'electron', 'dev', 'watchfloor.mjs');
  const result = spawnSync('node', [script, ...words], { encoding: 'utf8' });
  expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(code);
  return result.stdout;
}

test('a handover goes to another data directory and comes back countersigned, also beside a running app', async ({
  dataDir,
}) => {
  const [home, away] = [join(dataDir, 'home'), join(dataDir, 'away')];
  const [file, back] = [join(dataDir, 'night.wfhandover'), join(dataDir, 'back.wfhandover')];
  const handover = (place: string, words: readonly string[], code = 0) =>
    watchfloor(['handover', ...words, '--data-dir', place], code);
  watchfloor(['case', 'new', '--title', 'HTTP flood', '--data-dir', home]);
  const host = await startHost({ dataDir: home, args: ['--workspace', 'live'] });
  let id = '';
  try {
    const made = JSON.parse(
      handover(home, ['make', '--notes', 'Quiet night.', '--next-hours', '12', '--json']),
    );
    id = made.row.id;
    expect(made).toMatchObject({ row: { state: 'draft' }, pack: { notes: 'Quiet night.' } });
    expect(handover(home, ['show'])).toContain('Cases touched since the last handover (1)\n  HTTP flood');
    handover(home, ['export', id, '--to', file], 1);
    handover(home, ['sign', id]);
    handover(home, ['export', id, '--to', file]);
    expect(handover(home, ['list'])).toMatch(/signed {2}.* 1 items .*\(command line\)/);
  } finally {
    await host.stop();
  }
  expect(JSON.parse(watchfloor(['handover', 'verify', file, '--json']))).toMatchObject({
    ok: true,
    id,
    signer: { keyFingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
    countersigners: [],
    itemCount: 1,
    problems: [],
  });
  expect(JSON.parse(handover(away, ['import', file, '--json']))).toMatchObject({
    isNew: true,
    outgoing: { isKnown: false },
    reachable: [],
  });
  handover(away, ['countersign', id]);
  handover(away, ['countersign', id], 1);
  handover(away, ['export', id, '--to', back]);
  expect(handover(home, ['import', back])).toContain('here already, 1 new countersignatures');
  expect(handover(home, ['import', back])).toContain('here already, 0 new countersignatures');
  expect(handover(home, ['show', id])).toMatch(/countersigned by .*: 0 items ticked, 1 not gone through/);
  expect(handover(away, ['make'])).toContain('draft');

  const bytes = readFileSync(back);
  bytes[bytes.indexOf('Quiet night')] = 0x71;
  writeFileSync(back, bytes);
  expect(watchfloor(['handover', 'verify', back], 1)).toContain('signature: The signature of the outgoing');
  handover(home, ['import', back], 1);
  handover(home, ['verify'], 2);
  handover(home, ['make', '--next-hours', '25'], 2);
  handover(home, ['show', 'ho_nowhere-at-all'], 1);
});
