import type { Workspace } from '../../shared/api/contract.ts';
import { appPaths } from '../app-paths.ts';
import { appVersion } from '../app-version.ts';
import { printPdf } from '../core/report-pdf.ts';
import type { ReviewFile } from '../core/review.ts';
import { openWorkspaces } from '../core/workspace.ts';
import { startHost } from '../host.ts';

/** Ctrl+C ends the host within this, whatever still hangs. */
const longestGoodbyeMs = 8_000;

/** `serve` and `review`: the core behind the loopback host until a signal ends it. */
export async function runHost(options: {
  readonly dataDirectory: string;
  readonly port: number;
  readonly workspace: Workspace | null;
  /** A case file that is shown in place of any workspace. */
  readonly review?: ReviewFile;
}): Promise<number> {
  const workspaces = await openWorkspaces({
    dataDirectory: options.dataDirectory,
    appVersion,
    workspace: options.workspace,
    ...(options.review === undefined ? {} : { review: options.review, isReviewOnly: true }),
    nowMs: Date.now,
    protection: null,
    printPdf: (html) => printPdf(html),
    desktop: null,
  });
  let host: Awaited<ReturnType<typeof startHost>>;
  try {
    host = await startHost({
      rendererDirectory: appPaths(import.meta.dirname).renderer,
      port: options.port,
      attach: workspaces.attach,
    });
  } catch (thrown) {
    await workspaces.close();
    throw thrown;
  }
  process.stdout.write(`ready ${host.url}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  setTimeout(() => process.exit(1), longestGoodbyeMs).unref();
  await host.close();
  await workspaces.close();
  return 0;
}
