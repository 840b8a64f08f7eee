import { toErrorData } from '../../../shared/domain/result.ts';
import { appPaths } from '../../app-paths.ts';
import { connectToHost } from '../../testing/host-client.ts';
import { startHostProcess } from '../../testing/host-process.ts';
import { say } from '../bench.ts';
import { type DrivenPage, startDrivenBrowser, until } from '../chromium.ts';

/** @param share of 1 */
export const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((left, right) => left - right)[Math.ceil(times.length * share) - 1] ?? Number.NaN;

/**
 * Opens the list of cases of a data directory in a browser, the first of them chosen.
 * @returns what the work gives; null where there is no browser
 */
export async function onCasePage<T>(
  folder: string,
  work: (page: DrivenPage) => Promise<T>,
): Promise<T | null> {
  const browser = await startDrivenBrowser().catch((thrown: unknown) => {
    if (toErrorData(thrown).code !== 'unavailable') throw thrown;
    say('no browser: what is drawn is not measured');
    return null;
  });
  if (browser === null) return null;
  try {
    const host = await startHostProcess({
      node: process.execPath,
      bundles: appPaths(import.meta.dirname).bundles,
      dataDirectory: folder,
      workspace: 'live',
    });
    try {
      const first = await connectToHost(host.address);
      await first.call('app.setAnalyst', { name: 'Bench' });
      first.close();
      const { page } = browser;
      await page.goTo(host.address);
      // The core has spoken.
      await until(page, `document.querySelector('.strip-overall .strip-link') !== null`);
      for (const key of ['g', 'c']) await page.press(key);
      await until(page, `document.querySelector('section[aria-label="Cases"]') !== null`);
      // All of them, also closed ones.
      await page.press('3');
      await until(page, `document.querySelector('[role="grid"] .vtable-row') !== null`);
      return await work(page);
    } finally {
      await host.stop();
    }
  } finally {
    await browser.close();
  }
}
