import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../dev/setup.mjs';
import { expect, startHost, test } from './fixtures.ts';

/** Runs `watchfloor case ...` as a person would; fails the test where its exit code is another. */
function watchfloorCase(words: readonly string[], code = 0): string {
  const script = join(root, 'electron', 'dev', 'watchfloor.mjs');
  const result = spawnSync('node', [script, 'case', ...words], { encoding: 'utf8' });
  expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(code);
  return result.stdout;
}

const identity = 'AGE-SECRET-KEY-1RL0MPYN8GV640C9EJXRU8G88Q23NZFXWL2WVKJQXT2R75DPDQ0WSQEF9WE';
const recipient = 'age1g74sjklcrvaarfmwlkgj692df8x2j4qnlrwhgysfl9fhllvmj4zq9hruxt';

test('a case goes from one data directory to another in one file, also beside a running app', async ({
  dataDir,
}) => {
  const [home, away] = [join(dataDir, 'home'), join(dataDir, 'away')];
  const [file, capture] = [join(dataDir, 'flood.wfcase'), join(dataDir, 'capture.pcap')];
  writeFileSync(capture, 'packets');
  const { id } = JSON.parse(watchfloorCase(['new', '--title', 'HTTP flood', '--data-dir', home, '--json']));
  const host = await startHost({ dataDir: home, args: ['--workspace', 'live'] });
  try {
    watchfloorCase(['add-note', id, '--text', 'Three networks.', '--data-dir', home]);
    watchfloorCase(['add-evidence', id, capture, '--data-dir', home]);
    const exported = JSON.parse(watchfloorCase(['export', id, '--to', file, '--data-dir', home, '--json']));
    expect(exported).toMatchObject({ path: file, counts: { entries: 4, evidence: 1 }, withheld: [] });
    expect(watchfloorCase(['list', '--data-dir', home])).toContain('HTTP flood');
  } finally {
    await host.stop();
  }
  expect(JSON.parse(watchfloorCase(['verify', file, '--json']))).toMatchObject({
    ok: true,
    signer: { keyFingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
    counts: { entries: 4, evidence: 1 },
    problems: [],
  });
  expect(JSON.parse(watchfloorCase(['import', file, '--data-dir', away, '--json']))).toMatchObject({
    exporter: { isKnown: false },
    cases: [{ id, title: 'HTTP flood', isNew: true, newEntries: 4 }],
  });
  const digest = (place: string) => watchfloorCase(['show', id, '--digest', '--data-dir', place, '--json']);
  expect(digest(away)).toBe(digest(home));
  expect(watchfloorCase(['diff', id, file, '--data-dir', away])).toBe('They are the same.\n');
  watchfloorCase(['add-note', id, '--text', 'Seen again.', '--data-dir', away]);
  expect(watchfloorCase(['diff', file, id, '--data-dir', away], 1)).toMatch(/^\+ .* note-added/m);

  const bytes = readFileSync(file);
  bytes[bytes.indexOf('Three networks')] = 0x74;
  writeFileSync(file, bytes);
  const found = JSON.parse(watchfloorCase(['verify', file, '--json'], 1));
  expect(found.problems.map(({ at }: { at: string }) => at)).toContain('entries.jsonl');
  watchfloorCase(['import', file, '--data-dir', away], 1);
  watchfloorCase(['export', id, '--data-dir', away], 2);
});

test('an encrypted case file passes to and from age itself', async ({ dataDir }) => {
  const [home, away] = [join(dataDir, 'home'), join(dataDir, 'away')];
  const [key, words] = [join(dataDir, 'key.txt'), join(dataDir, 'words.txt')];
  writeFileSync(key, `# made for this test\n${identity}\n`);
  writeFileSync(words, 'correct horse battery\n');
  const { id } = JSON.parse(watchfloorCase(['new', '--title', 'Sealed', '--data-dir', home, '--json']));
  const [ours, plain, theirs] = ['ours', 'plain', 'theirs'].map((name) =>
    join(dataDir, `${name}.wfcase`),
  ) as [string, string, string];
  const toFile = (path: string) => ['export', id, '--to', path, '--data-dir', home];
  watchfloorCase([...toFile(ours), '--recipient', recipient]);
  expect(statSync(ours).mode & 0o777).toBe(0o600);
  watchfloorCase(['verify', ours], 1);
  expect(spawnSync('age', ['-d', '-i', key, '-o', plain, ours]).status).toBe(0);
  expect(watchfloorCase(['verify', plain])).toContain('It verifies.');
  expect(spawnSync('age', ['-r', recipient, '-o', theirs, plain]).status).toBe(0);
  expect(watchfloorCase(['import', theirs, '--identity', key, '--data-dir', away])).toContain('Sealed');
  rmSync(ours);
  watchfloorCase([...toFile(ours), '--passphrase-file', words]);
  expect(watchfloorCase(['verify', ours, '--passphrase-file', words])).toContain('It verifies.');
  expect(readdirSync(dataDir).filter((name) => name.includes('partial'))).toEqual([]);
});

test('what was changed apart is settled, cases are merged and taken apart, and go out in the formats of others', ({
  dataDir,
}) => {
  const [home, away] = [join(dataDir, 'home'), join(dataDir, 'away')];
  const file = join(dataDir, 'flood.wfcase');
  const at = (place: string, ...words: string[]) => watchfloorCase([...words, '--data-dir', place]);
  const open = (title: string): string => JSON.parse(at(home, 'new', '--title', title, '--json')).id;
  const [id, other] = [open('HTTP flood'), open('Slow logins')];
  const stateAt = (place: string) => JSON.parse(at(place, 'show', id, '--json'));

  at(home, 'export', id, '--to', file);
  at(away, 'import', file);
  const told = ['Three networks.', 'Seen in the morning.'];
  at(home, 'add-note', other, '--text', told[0] ?? '');
  at(away, 'add-note', id, '--text', told[1] ?? '');
  expect(JSON.parse(at(home, 'merge', id, other, '--reason', 'The same', '--json'))).toMatchObject({
    id,
    mergedCases: [other],
    conflicts: 0,
  });
  expect(stateAt(home).notes).toHaveLength(1);
  expect(at(home, 'show', id)).toContain(`holds also ${other}`);
  watchfloorCase(['merge', id, other, '--reason', 'Again', '--data-dir', home], 1);
  expect(at(home, 'unmerge', id, other, '--reason', 'Two after all')).toContain('of 1 cases, 0 conflicts');
  expect(stateAt(home)).toMatchObject({ notes: [], mergedCases: [] });

  watchfloorCase(['settle', id, '--field', 'severity', '--entry', 'en_none', '--data-dir', home], 1);
  watchfloorCase(['settle', id, '--field', 'severity', '--data-dir', home], 2);

  expect(at(home, 'export', id, '--to', '-', '--format', 'markdown')).toContain('HTTP flood');
  const bundle = join(dataDir, 'flood.json');
  expect(JSON.parse(at(home, 'export', id, '--to', bundle, '--format', 'stix', '--json'))).toMatchObject({
    path: bundle,
    format: 'stix',
    sizeBytes: statSync(bundle).size,
  });
  expect(JSON.parse(readFileSync(bundle, 'utf8'))).toMatchObject({ type: 'bundle' });
  watchfloorCase(['export', id, '--to', bundle, '--format', 'pdf', '--data-dir', home], 2);
  const forSome = ['--format', 'stix', '--audience', 'GREEN'];
  watchfloorCase(['export', id, '--to', bundle, ...forSome, '--data-dir', home], 2);
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.part'))).toEqual([]);
});
