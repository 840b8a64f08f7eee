import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';

export interface HostProcessOptions {
  /** The Node to run it with. */
  readonly node: string;
  /** Flags of that Node. */
  readonly nodeFlags?: readonly string[];
  /** Folder of the built command line, `dist/electron`. */
  readonly bundles: string;
  readonly dataDirectory: string;
  readonly workspace?: 'live' | 'range';
  readonly env?: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
}

/** A running `watchfloor serve`. */
export interface HostProcess {
  /** With the token in its fragment. */
  readonly address: string;
  readonly pid: number;
  /** From spawning it to its `ready` line, ms. */
  readonly readyMs: number;
  /** Resolves when it has ended, with the signal or exit code. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it said on standard error so far. */
  stderr(): string;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
  /** Ends it as a crash would, and waits until it has. */
  kill(): Promise<void>;
}

/**
 * Starts the built `watchfloor serve` on a free port and waits for its `ready` line.
 * @throws {WatchfloorError} `unavailable` when it ends or says nothing in time; its standard error is in the details
 */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const startedMs = performance.now();
  const child = spawn(
    options.node,
    [
      ...(options.nodeFlags ?? []),
      join(options.bundles, 'cli.cjs'),
      'serve',
      '--data-dir',
      options.dataDirectory,
      '--port',
      '0',
      ...(options.workspace === undefined ? [] : ['--workspace', options.workspace]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-20_000);
  });
  const ended = endOf(child);
  const address = await readyLine(child, options.startTimeoutMs ?? 30_000, () => stderr);
  return {
    address,
    pid: child.pid ?? 0,
    readyMs: performance.now() - startedMs,
    ended,
    stderr: () => stderr,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess): HostProcess['ended'] {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

function readyLine(child: ChildProcess, timeoutMs: number, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new WatchfloorError('unavailable', `watchfloor serve ${what}.`, stderr()));
    };
    const timer = setTimeout(() => fail(`said no ready within ${timeoutMs} ms`), timeoutMs);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      const address = /^ready (\S+)$/m.exec(stdout)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('error', (error) => fail(`did not start: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
  });
}
