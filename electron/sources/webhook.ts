import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sourceStateSchema } from '../../shared/domain/alert.ts';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatDuration, secondMs } from '../../shared/domain/time.ts';
import {
  counted,
  laneReader,
  severityMapField,
  severityReader,
  stateLaneField,
  wordReader,
} from './alert-words.ts';
import { badSetting, checkSettings } from './settings-reader.ts';
import {
  type Batch,
  type ConnectionIo,
  emptyBatch,
  type Push,
  type RejectedInput,
  type Replayed,
  type Source,
  type SourceKind,
} from './source.ts';
import { itemsOf, readMapping, stateMapField, toOccurrences, type WordReading } from './webhook-mapping.ts';

const mappingGroup = 'How words are read';

const fields: readonly Field[] = [
  {
    key: 'port',
    label: 'Port',
    help: 'Where to listen on 127.0.0.1. 0: any that is free.',
    type: 'number',
    required: true,
    default: 8770,
    min: 0,
    max: 65_535,
  },
  {
    key: 'path',
    label: 'Path',
    help: 'Only this path is answered.',
    type: 'text',
    required: true,
    default: '/events',
  },
  {
    key: 'signingSecret',
    label: 'Signing secret',
    help: 'At least 16 characters, known to the sender alone: every push is signed with it.',
    type: 'secret',
    required: true,
    default: null,
  },
  {
    key: 'toleranceSeconds',
    label: 'Age of a push at most (s)',
    help: 'How far the signed time may be from ours, either way.',
    type: 'number',
    required: true,
    default: 300,
    min: 5,
    max: 3_600,
  },
  {
    key: 'maxBodyKilobytes',
    label: 'Largest push (KiB)',
    help: 'Larger ones are refused while they arrive.',
    type: 'number',
    required: true,
    default: 1_024,
    min: 1,
    max: 16_384,
  },
  {
    key: 'mapping',
    label: 'Mapping',
    help: 'Where things are in a record, as JSON: field to JSON pointer, or a list of them. What is not named is looked for in the usual places.',
    type: 'json',
    required: false,
    default: null,
    placeholder:
      '{ "items": "/data", "title": "/rule/name", "severity": "/rule/level", "sourceAddress": "/flow/src" }',
  },
  { ...severityMapField, group: mappingGroup },
  { ...stateMapField, group: mappingGroup },
  { ...stateLaneField, group: mappingGroup },
];

const signExample = `body='{"title":"Test push","severity":"low","source_ip":"192.0.2.7"}'
now=$(date +%s)
signature=$(printf '%s.%s' "$now" "$body" | openssl dgst -sha256 -hmac "$SIGNING_SECRET" -r | cut -d' ' -f1)
curl -sS "http://127.0.0.1:{{port}}{{path}}" -H 'content-type: application/json' \\
  -H "x-watchfloor-timestamp: $now" -H "x-watchfloor-signature: sha256=$signature" --data-binary "$body"`;

const descriptor: Descriptor = {
  kind: 'webhook',
  role: 'source',
  name: 'Webhook',
  summary: 'Listens on this machine for signed JSON pushes: one record, a list, or a wrapped list.',
  mode: 'listen',
  userAddable: true,
  fields: [...fields],
  setup: [
    {
      title: 'A signed push from the shell: HMAC-SHA256 over “time.body”, hexadecimal',
      language: 'sh',
      text: signExample,
    },
  ],
};

const timestampHeader = 'x-watchfloor-timestamp';
const signatureHeader = 'x-watchfloor-signature';
const leastSecretLength = 16;
const mostItems = 10_000;
const mostWaiting = 64;
/** Pushes remembered within the tolerance; beyond that new ones are refused rather than old ones forgotten. */
const mostRemembered = 100_000;

/** What a sender is told. */
interface Reply {
  readonly status: number;
  readonly body: {
    readonly taken?: number;
    readonly rejected?: number;
    readonly message: string;
    readonly reasons?: readonly string[];
  };
}

function refusal(status: number, message: string): Reply {
  return { status, body: { message } };
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value.trim() : '';
}

/**
 * Reads a body while it stays within the cap; null when it does not. What is beyond stays unread and the connection
 * open, so that the refusal can still be said.
 */
function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  if (Number(header(request, 'content-length')) > mostBytes) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBytes) chunks.push(chunk);
      else {
        request.removeAllListeners('data');
        request.pause();
        resolve(null);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks, size)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the sender closed the connection')));
  });
}

/**
 * The signature that a push must have: HMAC-SHA256 over `timestamp.body`, as hexadecimal text.
 * @param timestamp epoch seconds as the header has them
 */
export function signPush(secret: string, timestamp: string, body: Buffer | string): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

function sameSignature(given: string, expected: string): boolean {
  const match = /^sha256=([0-9a-fA-F]{64})$/.exec(given);
  return (
    match?.[1] !== undefined &&
    timingSafeEqual(Buffer.from(match[1].toLowerCase(), 'ascii'), Buffer.from(expected, 'ascii'))
  );
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = 'code' in error ? String(error.code) : '';
      const reason =
        code === 'EADDRINUSE'
          ? 'another program listens there already; choose another port.'
          : code === 'EACCES'
            ? 'this account may not listen there; choose a port above 1023.'
            : 'it cannot be listened on.';
      reject(new WatchfloorError('unavailable', `Port ${port}: ${reason}`, code === '' ? null : code));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function createWebhook(settings: Settings): Source {
  const checked = checkSettings(fields, settings);
  const port = checked.number('port');
  if (!Number.isInteger(port)) throw badSetting(fields, 'port', 'a whole number is needed.');
  const path = checked.text('path');
  if (!/^\/[A-Za-z0-9/_.~-]{0,200}$/.test(path)) {
    throw badSetting(fields, 'path', 'a path like /events is needed.');
  }
  const toleranceMs = checked.number('toleranceSeconds') * secondMs;
  const mostBytes = Math.round(checked.number('maxBodyKilobytes') * 1024);
  const read = readMapping(checked.text('mapping'));
  if ('problem' in read) throw badSetting(fields, 'mapping', read.problem);
  const { mapping } = read;
  const readState = wordReader(stateMapField, checked);
  const words: WordReading = {
    severity: severityReader(severityMapField, checked),
    state: (word) => sourceStateSchema.options.find((state) => state === readState(word)) ?? null,
    lane: laneReader(stateLaneField, checked),
  };

  function usableSecret(io: ConnectionIo): string | null {
    const secret = io.secret('signingSecret');
    return secret !== null && secret.length >= leastSecretLength ? secret : null;
  }

  function batchOf(items: readonly unknown[], sentMs: number): Batch {
    const { occurrences, rejected, unmapped } = toOccurrences(items, mapping, { sentMs, read: words });
    return { ...emptyBatch, events: items.length, occurrences, rejected, unmapped };
  }

  async function listen(io: ConnectionIo, keep: (push: Push) => Promise<void>) {
    if (io.signal.aborted) throw new WatchfloorError('cancelled', 'The listener was stopped.');
    if (usableSecret(io) === null) {
      throw badSetting(fields, 'signingSecret', `at least ${leastSecretLength} characters are needed.`);
    }
    /** Pushes that were taken, or are being taken, by signature; with the moment after which they are too old anyway. */
    const seen = new Map<string, number>();
    let waiting = 0;
    let turn: Promise<unknown> = Promise.resolve();

    function forgetOld(nowMs: number): void {
      for (const [signature, untilMs] of seen) {
        if (untilMs < nowMs) seen.delete(signature);
      }
    }

    async function keepInTurn(push: Push): Promise<void> {
      const mine = turn.catch(() => undefined).then(() => keep(push));
      turn = mine;
      await mine;
    }

    async function answer(request: IncomingMessage): Promise<Reply> {
      const target = (request.url ?? '').split('?')[0];
      if (target !== path) return refusal(404, `There is nothing here; pushes go to ${path}.`);
      if (request.method !== 'POST') return refusal(405, 'Pushes are made with POST.');
      if (!/^application\/json\b/i.test(header(request, 'content-type'))) {
        return refusal(415, 'The content type must be application/json.');
      }
      if (header(request, 'content-encoding') !== '') return refusal(415, 'A push must not be compressed.');
      const timestamp = header(request, timestampHeader);
      const signature = header(request, signatureHeader);
      if (!/^\d{9,11}$/.test(timestamp)) {
        return refusal(401, `The header ${timestampHeader} must hold the time in epoch seconds.`);
      }
      const sentMs = Number(timestamp) * secondMs;
      const nowMs = io.nowMs();
      if (Math.abs(nowMs - sentMs) > toleranceMs) {
        const side = sentMs < nowMs ? 'old' : 'far in the future';
        return refusal(
          401,
          `The push is too ${side}: its time is ${formatDuration(Math.abs(nowMs - sentMs))} from ours. Check both clocks.`,
        );
      }
      if (!/^sha256=[0-9a-fA-F]{64}$/.test(signature)) {
        return refusal(401, `The header ${signatureHeader} must hold sha256= and 64 hexadecimal digits.`);
      }
      if (waiting >= mostWaiting)
        return refusal(503, 'Too many pushes are under way; send it again in a moment.');
      waiting += 1;
      try {
        return await answerBody(request, { timestamp, signature: signature.toLowerCase(), sentMs, nowMs });
      } finally {
        waiting -= 1;
      }
    }

    async function answerBody(
      request: IncomingMessage,
      signed: {
        readonly timestamp: string;
        readonly signature: string;
        readonly sentMs: number;
        readonly nowMs: number;
      },
    ): Promise<Reply> {
      const bytes = await readBody(request, mostBytes);
      if (bytes === null) return refusal(413, `A push may have at most ${Math.floor(mostBytes / 1024)} KiB.`);
      const secret = usableSecret(io);
      if (secret === null || !sameSignature(signed.signature, signPush(secret, signed.timestamp, bytes))) {
        return refusal(
          401,
          'The signature does not fit: it is HMAC-SHA256 over “time.body” with the signing secret.',
        );
      }
      forgetOld(signed.nowMs);
      if (seen.has(signed.signature))
        return refusal(409, 'This very push came before; it was not taken again.');
      if (seen.size >= mostRemembered)
        return refusal(503, 'Too many pushes in a short time; send it again later.');
      let body: unknown;
      try {
        body = JSON.parse(bytes.toString('utf8'));
      } catch {
        return refusal(400, 'The body is not JSON.');
      }
      const items = itemsOf(body, mapping);
      if (items.length > mostItems) return refusal(413, `A push may hold at most ${mostItems} records.`);
      if (items.length === 0)
        return { status: 200, body: { taken: 0, rejected: 0, message: 'There was no record in it.' } };
      const { sentMs } = signed;
      const { occurrences, rejected } = batchOf(items, sentMs);
      // Set before the waiting and taken back when storing fails: two at once are one, and a failed one may come again.
      seen.set(signed.signature, sentMs + 2 * toleranceMs);
      try {
        await keepInTurn({ sentMs, records: items.length, body: bytes });
      } catch (thrown) {
        seen.delete(signed.signature);
        io.log('error', `A push was not stored: ${toErrorData(thrown).message}`);
        return refusal(503, 'The push could not be stored; nothing of it was kept. Send it again.');
      }
      const reasons = [...new Set(rejected.map((each) => each.reason))].slice(0, 10);
      if (occurrences.length === 0) {
        return {
          status: 422,
          body: { taken: 0, rejected: rejected.length, message: 'No record was understood.', reasons },
        };
      }
      return {
        status: 200,
        body: {
          taken: occurrences.length,
          rejected: rejected.length,
          message: `${counted(occurrences.length, 'record')} stored.`,
          ...(reasons.length === 0 ? {} : { reasons }),
        },
      };
    }

    function reply(request: IncomingMessage, response: ServerResponse, { status, body }: Reply): void {
      if (response.destroyed) return;
      const { socket } = response;
      const text = `${JSON.stringify(body)}\n`;
      response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        // What was not read of a refused body is not waited for.
        ...(request.complete ? {} : { connection: 'close' }),
        ...(status === 405 ? { allow: 'POST' } : {}),
        ...(status === 503 ? { 'retry-after': '5' } : {}),
      });
      response.end(text, () => {
        if (!request.complete) socket?.destroySoon();
      });
    }

    const server = createServer(
      {
        headersTimeout: 5 * secondMs,
        requestTimeout: 15 * secondMs,
        keepAliveTimeout: 5 * secondMs,
        connectionsCheckingInterval: secondMs,
        maxHeaderSize: 16 * 1024,
      },
      (request, response) => {
        answer(request).then(
          (made) => reply(request, response, made),
          (thrown: unknown) => {
            // The sender went away, or sent too slowly: there is nobody to answer.
            io.log(
              'warning',
              `A push broke off: ${thrown instanceof Error ? thrown.message : 'no reason given'}`,
            );
            response.destroy();
          },
        );
      },
    );
    server.maxHeadersCount = 50;
    server.maxConnections = 100;
    const bound = await listenOn(server, port);
    server.on('error', (error) => io.log('error', `The listener failed: ${error.message}`));
    let closing: Promise<void> | null = null;
    const close = () => {
      closing ??= (async () => {
        io.signal.removeEventListener('abort', stop);
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        await turn.catch(() => undefined);
        server.closeAllConnections();
        await closed;
      })();
      return closing;
    };
    const stop = () => void close();
    io.signal.addEventListener('abort', stop, { once: true });
    return { close, address: `http://127.0.0.1:${bound}${path}` };
  }

  async function test(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    if (usableSecret(io) === null) {
      tell('error', `The signing secret is missing or shorter than ${leastSecretLength} characters.`);
    } else tell('ok', 'There is a signing secret.');
    const server = createServer();
    try {
      const bound = await listenOn(server, port);
      tell('ok', `Port ${bound} of 127.0.0.1 is free to listen on.`);
    } catch (thrown) {
      tell('warning', `${toErrorData(thrown).message} If this source is running, that is itself.`);
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    tell('info', 'Whether pushes arrive shows when the first one comes: the lines under “Set up” send one.');
    return { ok: lines.every((line) => line.level !== 'error'), lines };
  }

  function replay({ raw, place }: Pick<RejectedInput, 'raw' | 'place'>): Replayed {
    const [sentMs = Number.NaN, firstOrdinal = 0] = place.split('.').map(Number);
    if (raw === '' || !Number.isFinite(sentMs)) return { reason: 'Nothing was kept of it.' };
    const { occurrences, rejected, unmapped } = toOccurrences([JSON.parse(raw)], mapping, {
      sentMs,
      read: words,
      firstOrdinal,
    });
    const [still] = rejected;
    return still === undefined ? { occurrences, context: [], unmapped } : { reason: still.reason };
  }

  const readPush = ({ sentMs, body }: Push): Batch =>
    batchOf(itemsOf(JSON.parse(body.toString('utf8')), mapping), sentMs);

  return { intervalMs: 60 * secondMs, listen, readPush, test, replay };
}

/** Signed JSON pushes over loopback HTTP. */
export const webhookSourceKind: SourceKind = { descriptor, create: createWebhook };
