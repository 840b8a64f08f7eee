import { join } from 'node:path';
import { createClient } from '../../shared/api/client.ts';
import type { MethodInput, MethodName, MethodOutput, Workspace } from '../../shared/api/contract.ts';
import { methods } from '../../shared/api/contract.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { appVersion } from '../app-version.ts';
import { createCore } from '../core/core.ts';
import { connectLocally } from '../core/local-socket.ts';
import { printPdf } from '../core/report-pdf.ts';
import { noReview } from '../core/review.ts';

export type Call = <M extends MethodName>(method: M, input: MethodInput<M>) => Promise<MethodOutput<M>>;

/**
 * Runs a command against a data directory: through the core that has it open where there is one, else with a core
 * of its own that polls nothing.
 * @param signal gives up what can be given up
 */
export async function withCore<T>(
  root: string,
  workspace: Workspace,
  work: (call: Call) => Promise<T>,
  signal: AbortSignal | null = null,
): Promise<T> {
  const dataDirectory = workspace === 'range' ? join(root, 'range') : root;
  let core: Awaited<ReturnType<typeof createCore>>;
  try {
    core = await createCore({
      dataDirectory,
      workspace,
      appVersion,
      nowMs: Date.now,
      protection: null,
      printPdf: (html) => printPdf(html),
      desktop: null,
      openWorkspace: () =>
        Promise.reject(new WatchfloorError('refused', 'A command works in one workspace.')),
      review: noReview,
      isLiveConfigured: () => true,
      activity: 'quiet',
    });
  } catch (thrown) {
    if (toErrorData(thrown).code !== 'locked') throw thrown;
    const port = await connectLocally(dataDirectory);
    if (!port) throw thrown;
    const client = createClient(port);
    try {
      return await work((method, input) => client.call(method, input, signal === null ? {} : { signal }));
    } finally {
      client.close();
    }
  }
  try {
    return await work(async (method, input) => {
      const handler = core.handlers[method] as (input: unknown, context: unknown) => unknown;
      const output = await handler(methods[method].input.parse(input), {
        caller: 'command-line',
        isCancelled: () => signal?.aborted ?? false,
        progress: () => undefined,
      });
      // The handler of this method gives what the contract says of it.
      return output as MethodOutput<typeof method>;
    });
  } finally {
    await core.close();
  }
}
