import { Agent, request } from 'node:http';
import { sequence } from '../../../shared/testing/random.ts';

/** A generator of requests that runs until it is stopped or has sent what it may. */
export interface Load {
  /** Answers by HTTP status; 0 counts requests that got none. */
  readonly answers: ReadonlyMap<number, number>;
  readonly sent: number;
  /** Resolves when it is over by itself or was stopped; no request is under way then. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * How many requests a second ordinary clients send at a moment: a day with its high at 14:00 and its low at 02:00
 * UTC. The past given to Prometheus and the live load both come from this, so that they fit at any hour.
 */
export function ordinaryRate(timeMs: number, meanPerSecond: number): number {
  const hours = (timeMs / 3_600_000) % 24;
  return meanPerSecond * (1 + 0.35 * Math.cos((2 * Math.PI * (hours - 14)) / 24));
}

function startLoad(options: {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly paths: readonly string[];
  readonly ratePerSecond: () => number;
  readonly mostRequests: number;
  readonly random: () => number;
  readonly mostAtOnce: number;
}): Load {
  const counts = new Map<number, number>();
  let sent = 0;
  let underWay = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const settle = (status: number) => {
    counts.set(status, (counts.get(status) ?? 0) + 1);
    underWay -= 1;
    if (stopped && underWay === 0) finish();
  };
  const end = () => {
    stopped = true;
    clearTimeout(timer);
    if (underWay === 0) finish();
  };
  const pick = (list: readonly string[]): string => list[Math.floor(options.random() * list.length)] ?? '';
  const send = () => {
    sent += 1;
    underWay += 1;
    let settled = false;
    const once = (status: number) => {
      if (settled) return;
      settled = true;
      settle(status);
    };
    const asked = request(
      {
        host: '127.0.0.1',
        port: options.port,
        path: pick(options.paths),
        localAddress: pick(options.addresses),
        agent: new Agent({ keepAlive: false }),
        headers: { 'user-agent': 'ordinary' },
        timeout: 5_000,
      },
      (response) => {
        response.resume();
        response.on('close', () => once(response.statusCode ?? 0));
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => once(0));
    asked.end();
  };
  // Exponential gaps make a Poisson stream, as many independent clients are.
  let dueMs = performance.now();
  const tick = () => {
    if (stopped) return;
    const nowMs = performance.now();
    // After a hold-up the missed requests are not made up for in a burst.
    if (nowMs - dueMs > 2_000) dueMs = nowMs;
    while (dueMs <= nowMs) {
      if (sent >= options.mostRequests) {
        end();
        return;
      }
      if (underWay < options.mostAtOnce) send();
      dueMs += (-Math.log(1 - options.random()) * 1_000) / Math.max(0.01, options.ratePerSecond());
    }
    timer = setTimeout(tick, Math.min(250, Math.max(1, dueMs - performance.now())));
  };
  tick();
  return {
    answers: counts,
    get sent() {
      return sent;
    },
    done,
    async stop() {
      end();
      await done;
    },
  };
}

/** Ordinary clients: a Poisson stream at `ordinaryRate`, from a handful of addresses. */
export function ordinaryLoad(options: {
  readonly port: number;
  readonly meanPerSecond: number;
  readonly seed: number;
  readonly addresses?: readonly string[];
  readonly mostRequests?: number;
}): Load {
  return startLoad({
    port: options.port,
    addresses: options.addresses ?? Array.from({ length: 12 }, (_, index) => `127.0.0.${10 + index}`),
    paths: ['/', '/cart', '/login', '/products/1', '/products/2'],
    ratePerSecond: () => ordinaryRate(Date.now(), options.meanPerSecond),
    mostRequests: options.mostRequests ?? 50_000,
    random: sequence(options.seed),
    mostAtOnce: 50,
  });
}

/** An attack: many requests a second for one path from one address of this machine, never more than it may send. */
export function attack(options: {
  readonly port: number;
  readonly address: string;
  readonly ratePerSecond: number;
  readonly mostRequests: number;
  readonly path?: string;
  readonly seed?: number;
}): Load {
  return startLoad({
    port: options.port,
    addresses: [options.address],
    paths: [options.path ?? '/login'],
    ratePerSecond: () => options.ratePerSecond,
    mostRequests: options.mostRequests,
    random: sequence(options.seed ?? 1),
    mostAtOnce: 100,
  });
}
