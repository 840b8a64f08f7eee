import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { environmentName } from '../core/secrets.ts';
import { signPush } from '../sources/webhook.ts';
import { freePort } from '../testing/real/programs.ts';
import { alertsTitled, type CoreUnderTest, dieDuring, startCore } from './core-under-test.ts';
import { type Moment, momentName, randomMoments } from './moments.ts';

/** A push that its sender was told is stored comes into the queue, once, whenever the core dies. */
const seed = Number(process.env.WATCHFLOOR_KILL_SEED ?? Math.floor(Math.random() * 1_000_000));
const momentTimeoutMs = 60_000;
const pushCount = 12;
const alertsAPush = 150;
const secret = 'a signing secret of the kill test';
/** Conflict: this very push came before. */
const alreadyTaken = 409;

const point = (name: Extract<Moment, { kind: 'point' }>['point'], passing: number): Moment => ({
  kind: 'point',
  point: name,
  passing,
});
const moments: readonly Moment[] = [
  ...[1, 2, 7, pushCount].map((passing) => point('inbox:after-keep', passing)),
  ...[1, 2].map((passing) => point('ingest:before-commit', passing)),
  ...[1, 2].map((passing) => point('ingest:after-commit', passing)),
  ...randomMoments(seed, 4, 600),
];

let folder = '';
let sourceId = '';
let url = '';
const running: CoreUnderTest[] = [];
async function start(moment: Moment | null = null): Promise<CoreUnderTest> {
  const core = await startCore(folder, 'live', moment);
  running.push(core);
  return core;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-kill-pushes-'));
  const core = await start();
  const port = await freePort();
  const { id } = await core.client.call('connections.save', {
    id: null,
    role: 'source',
    kind: 'webhook',
    name: 'Sender',
    customerId: null,
    enabled: true,
    settings: { port },
    secrets: { signingSecret: secret },
  });
  sourceId = id;
  url = `http://127.0.0.1:${port}/events`;
  await core.close();
}, momentTimeoutMs);
beforeEach(() => {
  vi.stubEnv(environmentName(sourceId, 'signingSecret'), secret);
});
afterEach(async () => {
  for (const core of running.splice(0)) await core.host.kill();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

interface SignedPush {
  readonly time: string;
  readonly body: string;
  /** One a record. */
  readonly addresses: readonly string[];
}

function pushesNamed(name: string, number: number): readonly SignedPush[] {
  const time = String(Math.floor(Date.now() / 1_000));
  return Array.from({ length: pushCount }, (_, push) => {
    const addresses = Array.from(
      { length: alertsAPush },
      (_each, index) => `100.${64 + number}.${push}.${index}`,
    );
    const records = addresses.map((address) => ({ title: name, severity: 'high', source_ip: address }));
    return { time, body: JSON.stringify(records), addresses };
  });
}

/** @returns whether the sender was told that it is stored */
async function send({ time, body }: SignedPush): Promise<boolean> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-watchfloor-timestamp': time,
      'x-watchfloor-signature': `sha256=${signPush(secret, time, body)}`,
    },
    body,
  });
  await answer.text();
  return answer.ok || answer.status === alreadyTaken;
}

/** As senders do that heard no answer, here for one on a connection to the core that died. */
async function sendUntilTaken(push: SignedPush): Promise<void> {
  await vi.waitUntil(() => send(push).catch(() => false), { timeout: 20_000, interval: 50 });
}

describe('every acknowledged push is in the queue once', () => {
  test.each(moments.map((moment, number) => [momentName(moment), number, moment] as const))(
    '%s',
    async (_name, number, moment) => {
      const name = `Pushed${number}`;
      const pushes = pushesNamed(name, number);
      const acknowledged: string[] = [];
      const dying = await start(moment);
      await vi.waitUntil(
        () =>
          fetch(url).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      );
      await dieDuring(dying, moment, async (client) => {
        for (const push of pushes) if (await send(push)) acknowledged.push(...push.addresses);
        await vi.waitUntil(async () => (await alertsTitled(client, name)).size === pushCount * alertsAPush, {
          timeout: 20_000,
          interval: 20,
        });
      });

      const core = await start();
      await vi.waitUntil(
        async () => {
          const stored = await alertsTitled(core.client, name);
          return acknowledged.every((address) => stored.has(address));
        },
        { timeout: 20_000, interval: 100 },
      );
      // The sender did not hear every answer, and sends all again: what is there adds nothing.
      for (const push of pushes) await sendUntilTaken(push);
      await vi.waitUntil(
        async () => (await alertsTitled(core.client, name)).size === pushCount * alertsAPush,
        { timeout: 20_000, interval: 100 },
      );
      await vi.waitUntil(
        async () => {
          const [connection] = await core.client.call('connections.list', {});
          return connection?.health.sentence === `Listening at ${url}.`;
        },
        { timeout: 20_000, interval: 100 },
      );
      const counts = [...(await alertsTitled(core.client, name)).values()].map(({ count }) => count);
      expect(counts.filter((count) => count !== 1)).toEqual([]);
      await core.close();
    },
    momentTimeoutMs,
  );
});
