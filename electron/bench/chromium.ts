import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { findBrowser, needsNoSandbox } from '../dev/browser.mjs';

/** One page of a browser, driven over its DevTools pipe. */
export interface DrivenPage {
  /** Goes to an address; resolves when the browser has begun to load it. */
  goTo(address: string): Promise<void>;
  /** The JSON value of an expression in the page; a promise is awaited. Throws what the page threw. */
  evaluate(expression: string): Promise<unknown>;
  /** Presses a key as a hand does, e.g. `j`, `Enter`, `Control+a`. */
  press(keys: string): Promise<void>;
  /** Presses and lets go of the mouse at a place of the page, CSS px. */
  click(x: number, y: number): Promise<void>;
  /** For how long the main thread has been busy since the page was opened, ms. */
  busyMs(): Promise<number>;
  /** Begins to note what the browser does; the answer ends that and gives the notes. */
  trace(): Promise<() => Promise<readonly TraceEvent[]>>;
  /** What lives on the heap of scripts after collecting what does not, bytes. */
  heapBytes(): Promise<number>;
}

/** One thing that a thread did; times are of the browser's own clock, µs. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  /** Of the processor alone: what else the machine did meanwhile is not in it. */
  readonly tdur: number;
}

export interface DrivenBrowser {
  /** What the browser calls itself, e.g. `Chrome/156.0.1.2`. */
  readonly version: string;
  readonly page: DrivenPage;
  close(): Promise<void>;
}

const answerTimeoutMs = 60_000;

/**
 * Starts the installed Chromium, Chrome or Edge without a window and with an empty profile, and opens one page. The
 * few DevTools calls that measuring needs; the end-to-end tests use Playwright, which is not part of the app.
 *
 * @throws {WatchfloorError} `unavailable` where there is no browser or it does not start
 */
export async function startDrivenBrowser(): Promise<DrivenBrowser> {
  const program = findBrowser();
  if (program === null) {
    throw new WatchfloorError('unavailable', 'This needs Chromium, Chrome or Edge, and none was found.');
  }
  const profile = mkdtempSync(join(tmpdir(), 'watchfloor-bench-browser-'));
  const child = spawn(
    program,
    [
      '--headless',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--window-size=1440,900',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-gpu',
      ...(needsNoSandbox() ? ['--no-sandbox'] : []),
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' },
  );
  const close = async () => {
    await endGroup(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const { call, listen } = devToolsOf(child);
    const version = await call('Browser.getVersion', {});
    const { targetId } = fieldsOf(await call('Target.createTarget', { url: 'about:blank' }));
    const { sessionId } = fieldsOf(await call('Target.attachToTarget', { targetId, flatten: true }));
    if (typeof sessionId !== 'string') throw new WatchfloorError('internal', 'The browser gave no session.');
    // A page that is not looked at gets no keys.
    await call('Emulation.setFocusEmulationEnabled', { enabled: true }, sessionId);
    return { version: String(fieldsOf(version).product), page: pageOf(call, listen, sessionId), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const traceEventSchema = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  ts: z.number(),
  dur: z.number(),
  tdur: z.number(),
});

/** Hears of what the browser says by itself. */
type Listen = (listener: (method: string, parameters: Readonly<Record<string, unknown>>) => void) => void;
type Call = (method: string, parameters: object, sessionId?: string) => Promise<unknown>;

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function pageOf(call: Call, listen: Listen, sessionId: string): DrivenPage {
  return {
    async goTo(address) {
      const { errorText } = fieldsOf(await call('Page.navigate', { url: address }, sessionId));
      if (typeof errorText === 'string') {
        throw new WatchfloorError('unavailable', `The browser could not open the page: ${errorText}`);
      }
    },
    async evaluate(expression) {
      const answer = fieldsOf(
        await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, sessionId),
      );
      if (answer.exceptionDetails !== undefined) {
        throw new WatchfloorError(
          'internal',
          'The page threw an error.',
          JSON.stringify(answer.exceptionDetails),
        );
      }
      return fieldsOf(answer.result).value;
    },
    async press(keys) {
      const parts = keys.split('+');
      const key = parts.pop() ?? '';
      const modifiers = (parts.includes('Control') ? 2 : 0) + (parts.includes('Shift') ? 8 : 0);
      for (const type of ['rawKeyDown', 'keyUp']) {
        await call('Input.dispatchKeyEvent', { type, key, modifiers }, sessionId);
      }
    },
    async click(x, y) {
      for (const type of ['mousePressed', 'mouseReleased']) {
        await call('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 }, sessionId);
      }
    },
    async busyMs() {
      await call('Performance.enable', { timeDomain: 'timeTicks' }, sessionId);
      const { metrics } = fieldsOf(await call('Performance.getMetrics', {}, sessionId));
      const found = (Array.isArray(metrics) ? metrics : []).map(fieldsOf);
      return Number(found.find(({ name }) => name === 'TaskDuration')?.value) * 1_000;
    },
    async trace() {
      const events: TraceEvent[] = [];
      await call('Tracing.start', {
        transferMode: 'ReportEvents',
        traceConfig: { includedCategories: ['devtools.timeline'] },
      });
      return async () => {
        const ended = new Promise<void>((resolve) => {
          listen((method, parameters) => {
            if (method === 'Tracing.tracingComplete') resolve();
            else if (method === 'Tracing.dataCollected' && Array.isArray(parameters.value)) {
              for (const value of parameters.value) {
                const event = traceEventSchema.safeParse(value);
                if (event.success) events.push(event.data);
              }
            }
          });
        });
        await call('Tracing.end', {});
        await ended;
        return events;
      };
    },
    async heapBytes() {
      await call('HeapProfiler.collectGarbage', {}, sessionId);
      return Number(fieldsOf(await call('Runtime.getHeapUsage', {}, sessionId)).usedSize);
    },
  };
}

/** Requests and answers over the DevTools pipe: JSON with a NUL after each. */
function devToolsOf(child: ChildProcess): { readonly call: Call; readonly listen: Listen } {
  const [, , , toBrowser, fromBrowser] = child.stdio as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners: Parameters<Listen>[0][] = [];
  let lastId = 0;
  let buffered = '';
  const failAll = (why: string) => {
    for (const { reject } of waiting.values()) reject(new WatchfloorError('unavailable', why));
    waiting.clear();
  };
  toBrowser.on('error', () => failAll('The browser does not listen any more.'));
  fromBrowser.on('error', () => failAll('The browser does not answer any more.'));
  child.on('error', (error) => failAll(`The browser did not start: ${error.message}`));
  child.on('exit', () => failAll('The browser ended.'));
  fromBrowser.setEncoding('utf8').on('data', (chunk: string) => {
    buffered += chunk;
    const texts = buffered.split('\0');
    buffered = texts.pop() ?? '';
    for (const text of texts) {
      const message = fieldsOf(JSON.parse(text));
      if (typeof message.method === 'string') {
        for (const listener of listeners) listener(message.method, fieldsOf(message.params));
      }
      const waiter = typeof message.id === 'number' ? waiting.get(message.id) : undefined;
      if (waiter === undefined || typeof message.id !== 'number') continue;
      waiting.delete(message.id);
      if (message.error === undefined) waiter.resolve(message.result);
      else
        waiter.reject(new WatchfloorError('internal', 'The browser refused.', JSON.stringify(message.error)));
    }
  });
  const call: Call = (method, parameters, sessionId) => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new WatchfloorError('timed-out', `The browser did not answer ${method} within a minute.`));
      }, answerTimeoutMs);
      const settled =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          settle(value);
        };
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      const session = sessionId === undefined ? {} : { sessionId };
      toBrowser.write(`${JSON.stringify({ id, method, params: parameters, ...session })}\0`);
    });
  };
  return { call, listen: (listener) => listeners.push(listener) };
}

/** Ends a program and its children, and waits until it is gone. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    return;
  }
  await gone;
}

const longestWaitMs = 60_000;
const pollMs = 15;

/** Waits until an expression is true in the page. @throws WatchfloorError `timed-out`, with what the page shows */
export async function until(page: DrivenPage, expression: string): Promise<void> {
  const endMs = performance.now() + longestWaitMs;
  while (performance.now() < endMs) {
    if ((await page.evaluate(expression)) === true) return;
    await delay(pollMs);
  }
  const shown = await page.evaluate('document.body.innerText.slice(0, 500)');
  throw new WatchfloorError('timed-out', `The page did not come to ${expression}.`, String(shown));
}
