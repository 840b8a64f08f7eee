import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';

/** A page of a running Chromium or Electron, driven through its DevTools port. */
export interface DevtoolsPage {
  /** Runs an expression in the page and gives its value, which must be plain data. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true; fails with its last value after 30 s. */
  waitFor(expression: string): Promise<void>;
  close(): void;
}

const targetsSchema = z.array(
  z.object({ type: z.string(), url: z.string(), webSocketDebuggerUrl: z.string().optional() }),
);
const answerSchema = z.object({
  id: z.number(),
  result: z
    .object({
      result: z.object({ value: z.unknown() }).optional(),
      exceptionDetails: z.object({ text: z.string() }).optional(),
    })
    .optional(),
  error: z.object({ message: z.string() }).optional(),
});

const waitTimeoutMs = 30_000;
const pollMs = 50;
const answerTimeoutMs = 2_000;

async function findPageSocket(port: number): Promise<string> {
  const endMs = Date.now() + waitTimeoutMs;
  while (Date.now() < endMs) {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`);
    const targets = targetsSchema.parse(await response.json());
    const found = targets.find((target) => target.type === 'page')?.webSocketDebuggerUrl;
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error('The app opened no window in 30 s.');
}

/** Connects to the first page behind a DevTools port. */
export async function connectDevtools(port: number): Promise<DevtoolsPage> {
  const socket = new WebSocket(await findPageSocket(port));
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('The DevTools port refused.')));
  });
  socket.addEventListener('message', (event) => {
    const parsed = answerSchema.safeParse(JSON.parse(String(event.data)));
    if (!parsed.success) return;
    const { id, result, error } = parsed.data;
    const problem = error?.message ?? result?.exceptionDetails?.text;
    if (problem === undefined) waiting.get(id)?.resolve(result?.result?.value);
    else waiting.get(id)?.reject(new Error(problem));
    waiting.delete(id);
  });
  const evaluate = (expression: string) =>
    new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      socket.send(
        JSON.stringify({
          id,
          method: 'Runtime.evaluate',
          params: { expression, returnByValue: true, awaitPromise: true },
        }),
      );
    });
  return {
    evaluate,
    waitFor: async (expression) => {
      const endMs = Date.now() + waitTimeoutMs;
      let last: unknown;
      while (Date.now() < endMs) {
        // A page that is just loading has nothing to evaluate in yet,
        // and one that is just being replaced may never answer.
        last = await Promise.race([
          evaluate(expression).catch((error: unknown) => String(error)),
          new Promise((resolve) => setTimeout(resolve, answerTimeoutMs, 'no answer')),
        ]);
        if (last === true) return;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
      throw new Error(`${expression} was ${JSON.stringify(last)} after 30 s`);
    },
    close: () => socket.close(),
  };
}

/** Waits until a program that was started with `--remote-debugging-port=0` says which port it took. */
export function devtoolsPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.on('exit', (code) => reject(new Error(`The app ended with ${code}: ${text}`)));
  });
}
