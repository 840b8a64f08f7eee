import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uniform } from '../../shared/testing/random.ts';
import { eveLine } from '../bench/ingest-records.ts';
import { nodeBinary, projectEnvironment, root } from '../dev/setup.mjs';
import { fixturePath } from '../testing/fixtures.ts';
import { expect, startHost, test } from './fixtures.ts';

/** Records as Suricata wrote them, or where those are not there seeded ones, some of which come twice. */
function recordedLines(): readonly string[] {
  const path = fixturePath('eve', 'suricata-7.0.10-verify-a.json');
  if (path !== null) return readFileSync(path, 'utf8').trimEnd().split('\n');
  return Array.from({ length: 4_000 }, (_, index) => eveLine(index % 100 === 99 ? index - 1 : index));
}

const command = join(root, 'dist', 'electron', 'cli.cjs');
const environment = projectEnvironment({});

/** Runs the built command line as a process of its own, and gives its standard output. */
function watchfloor(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(nodeBinary(), [command, ...words], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 256 * 1024 * 1024,
  });
  expect({ words, status, stderr: status === 0 ? '' : stderr }).toEqual({ words, status: 0, stderr: '' });
  return stdout;
}

const ingest = (data: string, ...files: readonly string[]) =>
  JSON.parse(watchfloor('ingest', '--source', 'suricata-eve', '--data-dir', data, '--json', ...files));

/** Every alert as the command line prints it, byte for byte, by id: each line begins with it. */
const alertsIn = (data: string): string =>
  watchfloor('alerts', '--data-dir', data, '--json', '--query', '*').split('\n').sort().join('\n');

test('a file twice, two in either order, and one cut anywhere and resumed give the same alerts, byte for byte', async ({
  dataDir,
}) => {
  test.setTimeout(240_000);
  const place = (name: string) => join(dataDir, name);
  const lines = recordedLines();
  const half = Math.floor(lines.length / 2);
  const text = `${lines.join('\n')}\n`;
  const bytes = Buffer.from(text);
  writeFileSync(place('whole.json'), bytes);
  // The two overlap, as two copies of a rotated file do.
  writeFileSync(place('a.json'), `${lines.slice(0, half + 200).join('\n')}\n`);
  writeFileSync(place('b.json'), `${lines.slice(half - 200).join('\n')}\n`);

  const first = ingest(place('once'), place('whole.json'));
  const expected = alertsIn(place('once'));
  const alerts = expected.trim().split('\n');
  expect(first).toMatchObject({ events: lines.length, new: lines.length, rejected: 0, cut: 0 });
  expect(alerts.length).toBe(first.alerts);
  const counts = alerts.map((line): number => JSON.parse(line).count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(first.occurrences);

  await test.step('twice, and a third time through a running core', async () => {
    expect(ingest(place('once'), place('whole.json'))).toEqual({ ...first, new: 0 });
    expect(alertsIn(place('once'))).toBe(expected);
    const host = await startHost({ dataDir: place('once'), args: ['--workspace=live'] });
    expect(ingest(place('once'), place('whole.json'))).toEqual({ ...first, new: 0 });
    expect(alertsIn(place('once'))).toBe(expected);
    await host.stop();
  });

  await test.step('two files in either order', () => {
    ingest(place('ab'), place('a.json'), place('b.json'));
    ingest(place('ba'), place('b.json'));
    ingest(place('ba'), place('a.json'));
    const forwards = alertsIn(place('ab'));
    expect(alertsIn(place('ba'))).toBe(forwards);
    expect(forwards.split('\n').length).toBe(expected.split('\n').length);
  });

  await test.step('cut at random bytes, and resumed with more of it each time', () => {
    const cuts = [0, 1, 2, 3, 4].map((index) => Math.floor(uniform(41, index) * bytes.length));
    for (const [index, end] of [...cuts.sort((left, right) => left - right), bytes.length].entries()) {
      writeFileSync(place('growing.json'), bytes.subarray(0, end));
      const { rejected, cut } = ingest(place('cut'), place('growing.json'));
      const isBetween = end === 0 || end === bytes.length || bytes[end - 1] === 10;
      expect({ index, rejected, cut }).toEqual({ index, rejected: 0, cut: isBetween ? 0 : 1 });
    }
    expect(alertsIn(place('cut'))).toBe(expected);
  });

  await test.step('ended with kill -9 at moments of its work, and begun again', async () => {
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(
        nodeBinary(),
        [command, 'ingest', '--source', 'suricata-eve', '--data-dir', place('killed'), place('whole.json')],
        { env: environment, stdio: 'ignore' },
      );
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const timer = setTimeout(() => child.kill('SIGKILL'), 200 + uniform(42, round) * 600);
      await ended;
      clearTimeout(timer);
    }
    ingest(place('killed'), place('whole.json'));
    expect(alertsIn(place('killed'))).toBe(expected);
  });
});
