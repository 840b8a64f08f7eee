import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The real servers that tests run against, by the program that must be there. */
export type Program =
  | 'haproxy'
  | 'nginx'
  | 'prometheus'
  | 'promtool'
  | 'prometheus-alertmanager'
  | 'prometheus-blackbox-exporter';

/** Where a program lies, or null. Debian keeps servers in sbin, which is not on every user's path. */
export function findProgram(program: Program): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/**
 * Whether a suite has to leave itself out for want of a program; says so. In continuous integration nothing may be
 * left out: there this is always false, and starting the missing program fails the suite.
 */
export function leaveOut(...programs: readonly Program[]): boolean {
  const missing = programs.filter((program) => findProgram(program) === null);
  if (missing.length === 0 || process.env.CI !== undefined) return false;
  console.warn(`left out: ${missing.join(', ')} not installed (npm test says how)`);
  return true;
}

/** A port of 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}

/** A new folder of one's own under the system's temporary folder, and how to take it away. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'watchfloor-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server that a test started. */
export interface RunningProgram {
  readonly pid: number;
  /** Everything it wrote, both streams. */
  output(): string;
  /** Sends a signal, e.g. SIGUSR2 to make HAProxy's master reload. */
  signal(name: NodeJS.Signals): void;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it can be used.
 * @param options.ready asked again and again until it is true; an error counts as not yet
 * @param options.logPath where its output also goes
 * @throws Error with its output when it ends early or is not ready in time
 */
export async function startProgram(options: {
  readonly program: Program;
  readonly arguments: readonly string[];
  readonly folder: string;
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  readonly logPath?: string;
}): Promise<RunningProgram> {
  const path = findProgram(options.program);
  if (path === null) throw new Error(`${options.program} is not installed on this machine.`);
  const child = spawn(path, [...options.arguments], {
    cwd: options.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const log = options.logPath === undefined ? null : createWriteStream(options.logPath, { flags: 'a' });
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-200_000);
    log?.write(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  void ended.then(() => running.delete(child));
  let end: string | null = null;
  void ended.then((how) => {
    end = how;
  });
  const deadlineMs = Date.now() + (options.readyWithinMs ?? 20_000);
  for (;;) {
    if (end !== null)
      throw new Error(`${options.program} ended while starting (${end}):\n${output.slice(-4000)}`);
    if (await options.ready().catch(() => false)) break;
    if (Date.now() > deadlineMs) {
      child.kill('SIGKILL');
      throw new Error(`${options.program} was not ready in time:\n${output.slice(-4000)}`);
    }
    await sleep(50);
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => {
      child.kill(name);
    },
    async stop() {
      child.kill('SIGTERM');
      const gone = await Promise.race([ended, sleep(3_000, null, { ref: false })]);
      if (gone === null) {
        child.kill('SIGKILL');
        await ended;
      }
      await new Promise<void>((resolve) => (log === null ? resolve() : log.end(resolve)));
    },
  };
}

/** Whether an address answers HTTP with a status below 500. */
export async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  await answer.arrayBuffer();
  return answer.status < 500;
}
