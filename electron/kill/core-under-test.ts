import { join } from 'node:path';
import type { Client } from '../../shared/api/client.ts';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { nodeBinary, root } from '../dev/setup.mjs';
import { connectToHost } from '../testing/host-client.ts';
import { type HostProcess, startHostProcess } from '../testing/host-process.ts';
import { type Moment, momentEnvironment } from './moments.ts';

/** A core in a process of its own, with a client connected to it. */
export interface CoreUnderTest {
  readonly host: HostProcess;
  readonly client: Client;
  close(): Promise<void>;
}

export async function startCore(
  dataDirectory: string,
  workspace: 'live' | 'range',
  moment: Moment | null = null,
): Promise<CoreUnderTest> {
  const host = await startHostProcess({
    node: nodeBinary(),
    bundles: join(root, 'dist', 'electron'),
    dataDirectory,
    workspace,
    env: moment === null ? {} : momentEnvironment(moment),
  });
  const client = await connectToHost(host.address);
  const hello = await client.call('app.hello', {});
  if (hello.analyst === null) await client.call('app.setAnalyst', { name: 'Kill test' });
  return {
    host,
    client,
    close: async () => {
      client.close();
      await host.stop();
    },
  };
}

/**
 * Does some work on a core that dies at a moment, and waits until it is dead. Work that is done before a random
 * moment comes is killed after it.
 *
 * @throws {Error} when the core did not die of SIGKILL
 */
export async function dieDuring(
  core: CoreUnderTest,
  moment: Moment,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const timer =
    moment.kind === 'random' ? setTimeout(() => void core.host.kill(), moment.afterMs) : undefined;
  // The work fails when its core dies: what counts is what was acknowledged until then.
  const finished = work(core.client).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const thrown = await Promise.race([finished, core.host.ended.then(() => null)]);
  if (moment.kind === 'random') await core.host.kill();
  clearTimeout(timer);
  const patience = setTimeout(() => void core.host.stop(), 10_000);
  const { signal } = await core.host.ended;
  clearTimeout(patience);
  core.client.close();
  await finished;
  if (signal !== 'SIGKILL') {
    throw new Error(`The core did not die at its moment. ${String(thrown)} ${core.host.stderr()}`);
  }
}

/** Every alert whose title holds a word, by its source address. */
export async function alertsTitled(client: Client, word: string): Promise<Map<string, Alert>> {
  const found = new Map<string, Alert>();
  // Rows go on coming while pages are read: the first page's newest row bounds them all, as in the queue.
  let bound: number | null = null;
  for (let offset = 0; ; offset += 500) {
    const page: MethodOutput<'alerts.query'> = await client.call('alerts.query', {
      lane: null,
      text: `title:${word}`,
      fromMs: null,
      toMs: null,
      includeDone: true,
      sort: 'received',
      upToSequence: bound,
      offset,
      limit: 500,
    });
    const { rows, total, problem } = page;
    if (problem !== null) throw new Error(problem);
    bound = page.upToSequence;
    for (const row of rows) {
      const address = row.entities.find((entity) => entity.kind === 'ip' && entity.role === 'source')?.value;
      if (address === undefined || found.has(address)) throw new Error(`Twice, or no source: ${row.id}`);
      found.set(address, row);
    }
    if (offset + rows.length >= total || rows.length === 0) return found;
  }
}
