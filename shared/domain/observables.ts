import ipaddr from 'ipaddr.js';
import { parseAsn } from './enrichment.ts';
import type { EntityKind } from './entity.ts';

/** A thing worth looking up or blocking, found in a text. `value` is canonical and never defanged. */
export interface ExtractedObservable {
  readonly kind: Extract<
    EntityKind,
    'ip' | 'cidr' | 'domain' | 'url' | 'email' | 'file-hash' | 'asn' | 'vulnerability'
  >;
  readonly value: string;
}

/** Longer texts are read only so far: a note of 100,000 characters fits, a megabyte from outside does not. */
const mostCharacters = 200_000;

/**
 * File endings that look like a domain's last label but hardly ever are one in a note; `.sh`, `.py`, `.rs`, `.md`
 * and `.zip` are real top-level domains, which is why only a bare two-label name is dropped for them.
 */
const fileEndings = new Set([
  'bin',
  'bat',
  'cfg',
  'conf',
  'csv',
  'dat',
  'dll',
  'doc',
  'docx',
  'exe',
  'gif',
  'gz',
  'htm',
  'html',
  'ini',
  'jpeg',
  'jpg',
  'js',
  'json',
  'log',
  'lua',
  'md',
  'pcap',
  'pdf',
  'php',
  'png',
  'ps1',
  'py',
  'rs',
  'service',
  'sh',
  'so',
  'sql',
  'svg',
  'tar',
  'tmp',
  'toml',
  'ts',
  'tsx',
  'txt',
  'xml',
  'yaml',
  'yml',
  'zip',
]);

/**
 * Undoes the common ways of making an observable harmless: `hxxp`, `[.]`, `(.)`, `{.}`, `[:]`, `[://]`, `[@]`,
 * `[at]`, `[dot]`. A text without them comes back as it was.
 */
export function refang(text: string): string {
  return text
    .replace(/\bh(?:xx|\*\*|XX)p(s?)(?=\s*[:[(])/gi, 'http$1')
    .replace(/\bfxp(s?)(?=\s*[:[(])/gi, 'ftp$1')
    .replace(/[[({]\s*:\s*\/\/\s*[\])}]/g, '://')
    .replace(/[[({]\s*:\s*[\])}]/g, ':')
    .replace(/\s?[[({]\s*(?:\.|dot)\s*[\])}]\s?/gi, '.')
    .replace(/\s?[[({]\s*(?:@|at)\s*[\])}]\s?/gi, '@');
}

/**
 * An observable's value so that no click or paste can follow it: `hxxps[://]evil[.]example/a.b`,
 * `198[.]51[.]100[.]7`, `2001[:]db8::1`, `user[@]evil[.]example`. Kinds that cannot be followed stay as they are.
 * `refang` gives the value back.
 */
export function defang(kind: EntityKind, value: string): string {
  switch (kind) {
    case 'ip':
    case 'cidr':
      return value.includes(':') ? value.replace(':', '[:]') : value.replaceAll('.', '[.]');
    case 'domain':
    case 'host':
      return value.replaceAll('.', '[.]');
    case 'email':
      return value.replaceAll('@', '[@]').replaceAll('.', '[.]');
    case 'url': {
      const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([\s\S]*)$/i.exec(value);
      if (match === null) return value.replaceAll('.', '[.]');
      const scheme = (match[1] ?? '').replace(/^http/i, 'hxxp').replace(/^ftp/i, 'fxp');
      return `${scheme}[://]${(match[2] ?? '').replaceAll('.', '[.]').replaceAll('@', '[@]')}${match[3] ?? ''}`;
    }
    default:
      return value;
  }
}

const urlPattern = /\b(?:https?|ftps?|wss?):\/\/[^\s<>"'`|\\^{}]+/gi;
const emailPattern = /\b[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\b/gi;
const ipv4Pattern = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\w]|\.\d)/g;
const ipv6Pattern = /(?<![\w:.])(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{2,39}(?:\/\d{1,3})?(?![\w:])/gi;
const domainPattern =
  /(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})(?![\w@-])/gi;
const hashPattern = /(?<![\w])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![\w])/gi;
const vulnerabilityPattern = /(?<![\w-])CVE-\d{4}-\d{4,19}(?![\w-])/gi;
const asnPattern = /(?<![\w.-])AS\d{1,10}(?![\w-]|\.\d)/g;
const techniquePattern = /(?<![\w.-])T\d{4}(?:\.\d{3})?(?![\w-]|\.\d)/g;

/** The canonical form of an address or network, or null where it is none. */
function canonical(text: string): ExtractedObservable | null {
  try {
    if (!text.includes('/')) {
      if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
      return { kind: 'ip', value: ipaddr.parse(text).toString() };
    }
    const [address, length] = ipaddr.parseCIDR(text);
    const isV4 = address.kind() === 'ipv4';
    if (length === (isV4 ? 32 : 128)) return { kind: 'ip', value: address.toString() };
    const network = isV4
      ? ipaddr.IPv4.networkAddressFromCIDR(text)
      : ipaddr.IPv6.networkAddressFromCIDR(text);
    return { kind: 'cidr', value: `${network.toString()}/${length}` };
  } catch {
    return null;
  }
}

/** A URL ends before the punctuation of the sentence around it, and before a bracket that it did not open. */
function trimUrl(url: string): string {
  let end = url.length;
  // What is cut off holds no opening bracket, so they count the same wherever it ends.
  const opensRound = url.includes('(');
  const opensSquare = url.includes('[');
  for (;;) {
    const last = url[end - 1];
    if (last === undefined) return '';
    if ('.,;:!?*_~'.includes(last)) end -= 1;
    else if (last === ')' && !opensRound) end -= 1;
    else if (last === ']' && !opensSquare) end -= 1;
    else return url.slice(0, end);
  }
}

function looksLikeFile(domain: string): boolean {
  const labels = domain.split('.');
  return labels.length === 2 && fileEndings.has(labels[1] ?? '');
}

/**
 * Finds addresses, networks, domains, URLs, e-mail addresses, MD5, SHA-1 and SHA-256 hashes, autonomous systems and
 * CVEs in a text, defanged or not, each once, in the order in which they first appear. A URL's host counts as well.
 * Reads at most 200,000 characters, in time that grows with their number.
 */
export function extractObservables(text: string): readonly ExtractedObservable[] {
  const found: { readonly at: number; readonly observable: ExtractedObservable }[] = [];
  let rest = refang(text.slice(0, mostCharacters));
  const take = (pattern: RegExp, read: (match: string) => readonly ExtractedObservable[]) => {
    // What was taken is blanked, at the same length, so that an address inside a URL is not found twice.
    rest = rest.replace(pattern, (match: string, ...more: readonly unknown[]) => {
      const at = more.find((each) => typeof each === 'number') ?? 0;
      const observables = read(match);
      for (const observable of observables) found.push({ at, observable });
      return observables.length === 0 ? match : ' '.repeat(match.length);
    });
  };

  take(urlPattern, (match) => {
    const url = trimUrl(match);
    const parts = /^([a-z]+):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:]+\]|[^/?#:]+)/i.exec(url);
    const host = (parts?.[2] ?? '').replace(/^\[|\]$/g, '').toLowerCase();
    if (host === '') return [];
    const address = canonical(host);
    const hostObservable: ExtractedObservable | null =
      address ?? (host.includes('.') ? { kind: 'domain', value: host } : null);
    const value = url.replace(/^[a-z]+:\/\/(?:[^/?#@]*@)?[^/?#]*/i, (head) => head.toLowerCase());
    return [{ kind: 'url', value }, ...(hostObservable === null ? [] : [hostObservable])];
  });
  take(emailPattern, (match) => [{ kind: 'email', value: match.toLowerCase() }]);
  take(hashPattern, (match) => [{ kind: 'file-hash', value: match.toLowerCase() }]);
  take(vulnerabilityPattern, (match) => [{ kind: 'vulnerability', value: match.toUpperCase() }]);
  take(asnPattern, (match) => {
    const number = parseAsn(match);
    return number === null ? [] : [{ kind: 'asn', value: `AS${number}` }];
  });
  const address = (match: string) => {
    const observable = canonical(match);
    return observable === null ? [] : [observable];
  };
  take(ipv4Pattern, address);
  // `::` alone is a separator in prose and code; an unspecified address is never worth keeping.
  take(ipv6Pattern, (match) => (/[0-9a-f]/i.test(match) ? address(match) : []));
  take(domainPattern, (match) => {
    const value = match.toLowerCase();
    return looksLikeFile(value) ? [] : [{ kind: 'domain', value }];
  });

  const seen = new Set<string>();
  return found
    .sort((left, right) => left.at - right.at)
    .map((entry) => entry.observable)
    .filter((observable) => {
      const key = `${observable.kind} ${observable.value}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

/** The ids of ATT&CK techniques in a text (`T1498`, `T1498.001`), each once, in order. Whether there are such is not asked. */
export function extractTechniques(text: string): readonly string[] {
  return [...new Set([...text.slice(0, mostCharacters).matchAll(techniquePattern)].map(([id]) => id))];
}

/**
 * The kind of one value that an analyst typed, e.g. into "add observable"; what fits nothing is a host name where
 * it could be one, else null.
 */
export function guessObservable(text: string): { readonly kind: EntityKind; readonly value: string } | null {
  const plain = refang(text).trim();
  if (plain === '') return null;
  const [only, second] = extractObservables(plain);
  if (only !== undefined && (second === undefined || only.kind === 'url')) {
    const whole = only.kind === 'url' || only.value.length >= plain.length - 2;
    if (whole) return only;
  }
  // In a text `as2` may be anything; typed alone it is meant.
  if (/^as\d{1,10}$/i.test(plain)) return { kind: 'asn', value: plain.toUpperCase() };
  if (plain.startsWith('/')) return { kind: 'path', value: plain };
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(plain) ? { kind: 'host', value: plain } : null;
}
