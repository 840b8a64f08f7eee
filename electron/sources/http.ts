import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, ProxyAgent, request as undiciRequest } from 'undici';
import type { z } from 'zod';
import type { Field, Settings } from '../../shared/domain/connection.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { secondMs } from '../../shared/domain/time.ts';
import { badSetting, checkSettings } from './settings-reader.ts';
import type { ConnectionIo, HttpAnswer, HttpRequest } from './source.ts';

const tlsGroup = 'TLS and proxy';

/** The settings of every source that asks an HTTP server: where it is, who we are, whom we trust. */
export const httpFields: readonly Field[] = [
  {
    key: 'url',
    label: 'Address',
    help: 'Where the server answers, with its path prefix if it has one.',
    type: 'url',
    required: true,
    default: null,
    placeholder: 'https://prometheus.example.net:9090',
  },
  {
    key: 'auth',
    label: 'Sign in with',
    help: 'How requests say who we are.',
    type: 'select',
    required: true,
    default: 'none',
    options: [
      { value: 'none', label: 'Nothing' },
      { value: 'basic', label: 'User name and password' },
      { value: 'bearer', label: 'Bearer token' },
      { value: 'header', label: 'A header of its own' },
    ],
  },
  {
    key: 'username',
    label: 'User name',
    help: 'For basic authentication.',
    type: 'text',
    required: true,
    default: null,
    showWhen: { key: 'auth', in: ['basic'] },
  },
  {
    key: 'password',
    label: 'Password',
    help: 'For basic authentication.',
    type: 'secret',
    required: true,
    default: null,
    showWhen: { key: 'auth', in: ['basic'] },
  },
  {
    key: 'token',
    label: 'Token',
    help: 'Sent as Authorization: Bearer.',
    type: 'secret',
    required: true,
    default: null,
    showWhen: { key: 'auth', in: ['bearer'] },
  },
  {
    key: 'headerName',
    label: 'Header name',
    help: 'For servers that want a header of their own.',
    type: 'text',
    required: true,
    default: null,
    placeholder: 'X-Scope-OrgID',
    showWhen: { key: 'auth', in: ['header'] },
  },
  {
    key: 'headerValue',
    label: 'Header value',
    help: 'Kept as a secret.',
    type: 'secret',
    required: true,
    default: null,
    showWhen: { key: 'auth', in: ['header'] },
  },
  {
    key: 'timeoutSeconds',
    label: 'Give up after (s)',
    help: 'How long one request may take.',
    type: 'number',
    required: true,
    default: 10,
    min: 1,
    max: 120,
  },
  {
    key: 'ca',
    label: 'Certificate authority',
    help: 'For a server with a certificate of your own authority: its PEM text, or the path of a PEM file.',
    type: 'lines',
    required: false,
    default: null,
    group: tlsGroup,
  },
  {
    key: 'clientCertificate',
    label: 'Client certificate',
    help: 'For a server that wants one: PEM text, or the path of a PEM file.',
    type: 'lines',
    required: false,
    default: null,
    group: tlsGroup,
  },
  {
    key: 'clientKey',
    label: 'Client key',
    help: 'The private key of the client certificate: PEM text, or the path of a PEM file.',
    type: 'secret',
    required: false,
    default: null,
    group: tlsGroup,
  },
  {
    key: 'proxy',
    label: 'Proxy',
    help: 'An HTTP proxy to go through. Empty: none; the environment is not consulted.',
    type: 'url',
    required: false,
    default: null,
    placeholder: 'http://proxy.example.net:3128',
    group: tlsGroup,
  },
  {
    key: 'proxyCredentials',
    label: 'Proxy sign-in',
    help: 'user:password for the proxy, where it wants one.',
    type: 'secret',
    required: false,
    default: null,
    group: tlsGroup,
  },
];

const secretKeys = ['password', 'token', 'headerValue', 'clientKey', 'proxyCredentials'] as const;

/** Answers larger than this are cut off while they stream unless a request says otherwise. */
const defaultMaxBytes = 32 * 1024 * 1024;
const mostRedirects = 3;

/** One server, asked with bounds on time and size. */
export interface HttpClient {
  /** The server's name as shown to people: host and port, never credentials. */
  readonly host: string;
  /**
   * Asks for a path below the configured address.
   * @throws WatchfloorError `unavailable`, `timed-out`, `not-allowed`, `refused`, `too-large`, `cancelled`;
   * no secret in any message
   */
  request(path: string, io: ConnectionIo, request?: HttpRequest): Promise<HttpAnswer>;
  /** The same, with the answer read as JSON and checked. */
  json<Output>(
    path: string,
    schema: z.ZodType<Output>,
    io: ConnectionIo,
    request?: HttpRequest,
  ): Promise<Output>;
}

function parseHttpUrl(fields: readonly Field[], key: string, text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badSetting(fields, key, 'this is no address; it begins with http:// or https://.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw badSetting(fields, key, 'only http:// and https:// are possible.');
  }
  if (url.username !== '' || url.password !== '') {
    throw badSetting(fields, key, 'put the user name and password in their own fields, not in the address.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw badSetting(fields, key, 'leave out what follows ? or #.');
  }
  return url;
}

/** What others said, made safe for a sentence: one line, nothing hidden in it, at most `most` characters. */
export function quoteForSentence(text: string, most = 200): string {
  return toSafeExcerpt(text.trim(), most);
}

async function pemOrFile(text: string, what: string, signal: AbortSignal): Promise<string> {
  if (text.includes('-----BEGIN')) return text;
  try {
    const pem = await readFile(text.trim(), { encoding: 'utf8', signal });
    if (!pem.includes('-----BEGIN')) throw new Error('no PEM block in it');
    return pem;
  } catch (thrown) {
    if (signal.aborted) throw cancelled();
    // The key's setting may be a mistyped secret, so its text is never part of the sentence.
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'not a PEM file';
    throw new WatchfloorError(
      'bad-input',
      `${what} could not be read (${reason}): give PEM text or a file’s path.`,
    );
  }
}

function cancelled(): WatchfloorError {
  return new WatchfloorError('cancelled', 'The request was stopped.');
}

/** The code that Node, OpenSSL or undici gave an error, from the error itself or what caused it. */
function errorCode(thrown: unknown): string {
  for (
    let error: unknown = thrown, depth = 0;
    error instanceof Error && depth < 4;
    error = error.cause, depth += 1
  ) {
    if ('code' in error && typeof error.code === 'string' && error.code !== 'UND_ERR_ABORTED')
      return error.code;
    if (error instanceof AggregateError && error.errors[0] instanceof Error) {
      const first: unknown = error.errors[0];
      if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
    }
  }
  return '';
}

function connectionTrouble(thrown: unknown, host: string): WatchfloorError {
  const code = errorCode(thrown);
  const sentence = (() => {
    switch (code) {
      case 'ECONNREFUSED':
        return `${host} refuses the connection: is the server running, and is the port right?`;
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return `The name in ${host} is not known: check the address, or the name server of this machine.`;
      case 'EHOSTUNREACH':
      case 'ENETUNREACH':
        return `There is no way to ${host} from this machine.`;
      case 'ECONNRESET':
      case 'EPIPE':
      case 'UND_ERR_SOCKET':
        return `${host} closed the connection before its answer was complete.`;
      case 'UND_ERR_CONNECT_TIMEOUT':
      case 'ETIMEDOUT':
        return `${host} did not accept the connection in time.`;
      case 'CERT_HAS_EXPIRED':
        return `The certificate of ${host} has expired.`;
      case 'ERR_TLS_CERT_ALTNAME_INVALID':
        return `The certificate of ${host} is for another name.`;
      case 'SELF_SIGNED_CERT_IN_CHAIN':
      case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      case 'UNABLE_TO_GET_ISSUER_CERT':
      case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
        return `The certificate of ${host} is not from an authority that is trusted: give yours under ${tlsGroup}.`;
      case 'EPROTO':
      case 'ERR_SSL_WRONG_VERSION_NUMBER':
      case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
        return `${host} does not speak TLS here: is it http:// rather than https://?`;
      case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
        return `${host} wants a client certificate: give one under ${tlsGroup}.`;
      default:
        if (code.startsWith('HPE_'))
          return `${host} does not answer in HTTP: is it https:// rather than http://?`;
        if (code.startsWith('ERR_SSL') || code.startsWith('ERR_OSSL')) {
          return `TLS with ${host} failed: check the certificate, the key and the authority.`;
        }
        return `${host} could not be asked.`;
    }
  })();
  const timedOut = code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT';
  return new WatchfloorError(timedOut ? 'timed-out' : 'unavailable', sentence, code === '' ? null : code);
}

const looksLikeHtml = (answer: HttpAnswer): boolean =>
  /^text\/html|^application\/xhtml/i.test(answer.headers['content-type'] ?? '') ||
  /^\s*<(!doctype|html|head|body)/i.test(answer.text.slice(0, 200));

function htmlSentence(host: string, answer: HttpAnswer): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(answer.text.slice(0, 20_000))?.[1];
  const named = title === undefined ? '' : ` (“${quoteForSentence(title, 80)}”)`;
  return `${host} answered with a web page${named} where data was expected: is the address right, or does a sign-in page stand before it?`;
}

/** The words in which Prometheus, Alertmanager and their like say what was wrong, if the answer has them. */
function serverWords(answer: HttpAnswer): string | null {
  try {
    const body: unknown = JSON.parse(answer.text);
    if (typeof body === 'string') return quoteForSentence(body);
    if (typeof body !== 'object' || body === null) return null;
    for (const key of ['error', 'message', 'detail'] as const) {
      const words: unknown = Reflect.get(body, key);
      if (typeof words === 'string' && words !== '') return quoteForSentence(words);
    }
    return null;
  } catch {
    return answer.text.length > 0 && answer.text.length < 2000 ? quoteForSentence(answer.text) : null;
  }
}

function statusTrouble(host: string, answer: HttpAnswer): WatchfloorError {
  const html = looksLikeHtml(answer);
  const words = html ? null : serverWords(answer);
  const said = words === null ? '' : ` It said: “${words}”.`;
  const status = answer.status;
  if (status === 401 || status === 403 || status === 407) {
    return new WatchfloorError(
      'not-allowed',
      `${host} does not let us in (${status}): check how we sign in.${said}`,
    );
  }
  if (status === 404 || status === 405) {
    const hint = html ? ' It answered with a web page.' : said;
    return new WatchfloorError(
      'unavailable',
      `${host} has nothing at this address (${status}): check its path.${hint}`,
    );
  }
  if (status === 400 || status === 422) {
    return new WatchfloorError('refused', `${host} did not accept the question (${status}).${said}`);
  }
  if (status === 429) {
    return new WatchfloorError('unavailable', `${host} asks us to come less often (429).${said}`);
  }
  return new WatchfloorError('unavailable', `${host} answered with an error (${status}).${said}`);
}

async function readBounded(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
  host: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) {
      body.destroy();
      throw new WatchfloorError(
        'too-large',
        `${host} sent more than ${Math.round(maxBytes / 1024 / 1024)} MiB in one answer; the rest was not read.`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/**
 * Makes a client from settings that hold `httpFields`.
 * @throws WatchfloorError `bad-input` naming the field
 */
export function createHttpClient(settings: Settings): HttpClient {
  const checked = checkSettings(httpFields, settings);
  const base = parseHttpUrl(httpFields, 'url', checked.text('url'));
  const proxyText = checked.text('proxy');
  const proxy = proxyText === '' ? null : parseHttpUrl(httpFields, 'proxy', proxyText);
  const auth = checked.text('auth');
  const headerName = checked.text('headerName');
  if (auth === 'header' && !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(headerName)) {
    throw badSetting(httpFields, 'headerName', 'this is no header name.');
  }
  if (auth === 'basic' && checked.text('username').includes(':')) {
    throw badSetting(httpFields, 'username', 'there can be no colon in it.');
  }
  const defaultTimeoutMs = checked.number('timeoutSeconds') * secondMs;
  const host = base.host;
  const prefix = base.pathname.endsWith('/') ? base.pathname.slice(0, -1) : base.pathname;

  let agent: { readonly dispatcher: Dispatcher; readonly fingerprint: string } | null = null;

  async function dispatcher(io: ConnectionIo): Promise<Dispatcher> {
    const key = io.secret('clientKey');
    const proxySignIn = io.secret('proxyCredentials');
    // A secret can be changed while the source lives: the connection pool is then made anew.
    const fingerprint = JSON.stringify([key, proxySignIn]);
    if (agent !== null && agent.fingerprint === fingerprint) return agent.dispatcher;
    const caText = checked.text('ca');
    const certificateText = checked.text('clientCertificate');
    const tls = {
      ...(caText === '' ? {} : { ca: await pemOrFile(caText, 'Certificate authority', io.signal) }),
      ...(certificateText === ''
        ? {}
        : { cert: await pemOrFile(certificateText, 'Client certificate', io.signal) }),
      ...(key === null || key === '' ? {} : { key: await pemOrFile(key, 'Client key', io.signal) }),
    };
    const options = { connections: 4, keepAliveTimeout: 4_000, keepAliveMaxTimeout: 30_000, pipelining: 1 };
    const made: Dispatcher =
      proxy === null
        ? new Agent({ ...options, connect: { ...tls, timeout: defaultTimeoutMs } })
        : new ProxyAgent({
            ...options,
            uri: proxy.href,
            requestTls: { ...tls, timeout: defaultTimeoutMs },
            ...(proxySignIn === null || proxySignIn === ''
              ? {}
              : { token: `Basic ${Buffer.from(proxySignIn).toString('base64')}` }),
          });
    agent?.dispatcher.close().catch(() => undefined);
    agent = { dispatcher: made, fingerprint };
    return made;
  }

  function needSecret(io: ConnectionIo, key: 'password' | 'token' | 'headerValue'): string {
    const value = io.secret(key);
    if (value === null || value === '') throw badSetting(httpFields, key, 'no value is stored for it.');
    if (/[\r\n\0]/.test(value)) throw badSetting(httpFields, key, 'there is a line break in it.');
    return value;
  }

  function signIn(io: ConnectionIo): Record<string, string> {
    switch (auth) {
      case 'basic': {
        const pair = `${checked.text('username')}:${needSecret(io, 'password')}`;
        return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
      }
      case 'bearer':
        return { authorization: `Bearer ${needSecret(io, 'token')}` };
      case 'header':
        return { [headerName.toLowerCase()]: needSecret(io, 'headerValue') };
      default:
        return {};
    }
  }

  /** Servers echo what they are sent: no secret of ours leaves in an error's words. */
  function withoutSecrets(error: WatchfloorError, io: ConnectionIo): WatchfloorError {
    const hide = (text: string): string =>
      secretKeys.reduce((hidden, key) => {
        const secret = io.secret(key);
        return secret !== null && secret.length >= 4 ? hidden.replaceAll(secret, '[secret]') : hidden;
      }, text);
    return new WatchfloorError(
      error.code,
      hide(error.message),
      error.details === null ? null : hide(error.details),
    );
  }

  async function once(
    url: URL,
    io: ConnectionIo,
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const answer = await undiciRequest(url, {
      dispatcher: await dispatcher(io),
      method: request.method ?? 'GET',
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'Watchfloor',
        ...request.headers,
        ...signIn(io),
      },
      body: request.body ?? null,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const text = await readBounded(answer.body, request.maxBytes ?? defaultMaxBytes, host);
    return { status: answer.statusCode, headers: plainHeaders(answer.headers), text };
  }

  async function follow(
    path: string,
    io: ConnectionIo,
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    let url = new URL(`${base.origin}${prefix}${path}`);
    for (let hops = 0; hops <= mostRedirects; hops += 1) {
      const answer = await once(url, io, request, signal);
      const location = answer.headers.location;
      if (answer.status < 300 || answer.status > 399 || location === undefined) return answer;
      const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
      // Credentials go to the host that was configured and nowhere else.
      if (next === null || next.origin !== base.origin) {
        const to = next === null ? 'somewhere that is no address' : next.origin;
        throw new WatchfloorError(
          'refused',
          `${host} sends us on to ${quoteForSentence(to, 120)}. That is not followed: if it is right, make it the address.`,
        );
      }
      url = next;
    }
    throw new WatchfloorError('refused', `${host} sends us around in a circle.`);
  }

  async function requestAnswer(
    path: string,
    io: ConnectionIo,
    request: HttpRequest = {},
  ): Promise<HttpAnswer> {
    if (io.signal.aborted) throw cancelled();
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await follow(path, io, request, AbortSignal.any([io.signal, timeout]));
      if (answer.status < 200 || answer.status > 299) throw statusTrouble(host, answer);
      return answer;
    } catch (thrown) {
      if (io.signal.aborted) throw cancelled();
      if (timeout.aborted) {
        throw new WatchfloorError(
          'timed-out',
          `${host} did not answer within ${timeoutMs / secondMs} s; nothing was taken from its answer.`,
        );
      }
      throw withoutSecrets(thrown instanceof WatchfloorError ? thrown : connectionTrouble(thrown, host), io);
    }
  }

  return {
    host,
    request: requestAnswer,
    async json(path, schema, io, request) {
      const answer = await requestAnswer(path, io, request);
      if (looksLikeHtml(answer)) throw new WatchfloorError('unavailable', htmlSentence(host, answer));
      let value: unknown;
      try {
        value = JSON.parse(answer.text);
      } catch {
        const start = answer.text === '' ? 'nothing' : `“${quoteForSentence(answer.text, 60)}”`;
        throw withoutSecrets(
          new WatchfloorError('unavailable', `${host} answered with ${start} where JSON was expected.`),
          io,
        );
      }
      const parsed = schema.safeParse(value);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = issue === undefined || issue.path.length === 0 ? 'its top' : issue.path.join('.');
        throw new WatchfloorError(
          'unavailable',
          `${host} answered with JSON of an unexpected form (at ${quoteForSentence(where, 80)}): is this the right kind of server?`,
          issue?.message ?? null,
        );
      }
      return parsed.data;
    },
  };
}
