import type { Dimension } from '../domain/signal.ts';
import { type ExcessPart, shareWhere, type TrafficMix, topValue } from './mix.ts';

/**
 * Protocols whose servers answer more than they are asked, by the port that their answers come from: those of CISA's
 * alert TA14-017A and the ones found since, with the ports that IANA registered.
 */
const amplifiers: ReadonlyMap<string, string> = new Map([
  ['17', 'QOTD'],
  ['19', 'CHARGEN'],
  ['53', 'DNS'],
  ['69', 'TFTP'],
  ['111', 'Portmap'],
  ['123', 'NTP'],
  ['137', 'NetBIOS'],
  ['161', 'SNMP'],
  ['389', 'CLDAP'],
  ['520', 'RIPv1'],
  ['1900', 'SSDP'],
  ['3283', 'Apple Remote Management'],
  ['3702', 'WS-Discovery'],
  ['5353', 'mDNS'],
  ['5683', 'CoAP'],
  ['10001', 'Ubiquiti discovery'],
  ['11211', 'Memcached'],
  ['37810', 'DVRIP'],
]);

/** Part of the excess that one port has at least before its protocol is named. */
const leastAmplified = 0.2;

/** The protocols that are being misused to amplify, the largest first; empty where source ports are not known. */
export function amplifiersOf(mix: TrafficMix): readonly string[] {
  return (mix.byDimension.get('source.port')?.parts ?? [])
    .filter(({ share }) => share >= leastAmplified)
    .flatMap(({ value }) => amplifiers.get(value) ?? []);
}

/** Whether most of what came on top are segments that only ask for a connection; null where nobody tells flags. */
export function isMostlySyn(mix: TrafficMix): boolean | null {
  const share = shareWhere(mix, 'tcp.flags', (value) => value === 'SYN');
  return share === null ? null : share >= 0.5;
}

/** Ten query strings have less than this of an excess that never asks the same thing twice. */
const mostRepeated = 0.2;

/** Whether one path is asked with ever other query strings, so that no cache can answer. */
export function isCacheBusting(mix: TrafficMix): boolean {
  const queries = mix.byDimension.get('url.query');
  if (queries === undefined || topValue(mix, 'url.path', 0.4) === null) return false;
  return queries.parts.slice(0, 10).reduce((sum, { share }) => sum + share, 0) < mostRepeated;
}

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** Something that most of the excess has in common. */
interface Trait {
  readonly words: string;
  readonly share: number;
}

const trait = (part: ExcessPart | undefined, least: number, words: (value: string) => string): Trait[] =>
  part === undefined || part.share < least ? [] : [{ words: words(part.value), share: part.share }];

/** What the excess is, apart from who sends it. */
function whatOf(mix: TrafficMix): readonly Trait[] {
  const top = (dimension: Dimension) => mix.byDimension.get(dimension)?.parts[0];
  const path = trait(top('url.path'), 0.4, (value) => value);
  if (path.length > 0) {
    const busting: Trait[] = isCacheBusting(mix)
      ? [{ words: 'with ever other query strings', share: 1 }]
      : [];
    return [...trait(top('http.method'), 0.6, (value) => value), ...path, ...busting];
  }
  if (topValue(mix, 'network.transport', 0.4) === 'udp') {
    const port = trait(top('source.port'), 0.4, (value) => {
      const name = amplifiers.get(value);
      return `from port ${value}${name === undefined ? '' : ` (${name})`}`;
    });
    return [...trait(top('network.transport'), 0.4, () => 'UDP'), ...port];
  }
  const flags = trait(top('tcp.flags'), 0.5, (value) => `TCP ${value}`);
  const port = trait(top('destination.port'), 0.5, (value) => `to port ${value}`);
  return flags.length === 0 && port.length > 0
    ? trait(top('network.transport'), 0.5, (value) => value.toUpperCase()).concat(port)
    : [...flags, ...port];
}

/** The networks that stand out, together. */
function networksOf(mix: TrafficMix): readonly Trait[] {
  const networks = (mix.byDimension.get('source.as')?.parts ?? [])
    .filter((part) => part.share >= 0.12 && part.share >= part.usualShare + 0.1)
    .slice(0, 3);
  const share = networks.reduce((sum, part) => sum + part.share, 0);
  return share < 0.4 ? [] : [{ words: `from ${listInWords(networks.map(({ value }) => value))}`, share }];
}

/** So many clients are named; of more it is said how many. */
const namedClients = 3;

/** The clients that it takes for most of the excess. */
function clientsOf(mix: TrafficMix): Trait | null {
  const count = mix.clientsForMost;
  if (count === null) return null;
  const most = (mix.byDimension.get('source.ip')?.parts ?? []).slice(0, count);
  const names = listInWords(most.map(({ value }) => value));
  return {
    words: `from ${count <= namedClients ? names : `${count} clients`}`,
    share: Math.min(
      1,
      most.reduce((sum, part) => sum + part.share, 0),
    ),
  };
}

/**
 * What most of the excess is, in words: `at least 82% of the excess is TCP SYN to port 443 from AS64510 and AS64511,
 * 80% from 12 clients`. Each source breaks traffic down by one dimension at a time, so what several have in common is
 * a bound (Bonferroni's) and is called one; where that bound says little, each is told by itself. null where nothing
 * stands out or the breakdowns do not tell.
 */
export function vectorWords(mix: TrafficMix): string | null {
  const what = whatOf(mix);
  const networks = networksOf(mix);
  const clients = clientsOf(mix);
  const inCommon = (traits: readonly Trait[]) =>
    traits.reduce((sum, { share }) => sum + Math.min(1, share), 1 - traits.length);
  const say = (traits: readonly Trait[], verb: string) => {
    const uncertain = traits.filter(({ share }) => share < 1).length > 1;
    return `${uncertain ? 'at least ' : ''}${percent(inCommon(traits))} of the excess ${verb} ${traits.map(({ words }) => words).join(' ')}`;
  };
  const whole = [...what, ...networks];
  const head =
    what.length === 0
      ? networks.length === 0
        ? null
        : say(networks, 'comes')
      : inCommon(whole) >= 0.5
        ? say(whole, 'is')
        : inCommon(what) >= 0.4
          ? say(what, 'is')
          : null;
  if (clients === null) return head;
  return head === null ? say([clients], 'comes') : `${head}, ${percent(clients.share)} ${clients.words}`;
}

const dimensionNames: readonly (readonly [Dimension, string])[] = [
  ['source.as', 'networks'],
  ['source.country', 'countries'],
  ['user_agent', 'user agents'],
  ['http.method', 'methods'],
];

/** Why a surge is taken for a crowd, with the numbers that say so. */
export function crowdWords(mix: TrafficMix): string {
  const usual = dimensionNames
    .filter(([dimension]) => mix.byDimension.has(dimension))
    .map(([, name]) => name);
  const good = shareWhere(mix, 'http.status', (value) => /^[23]/.test(value));
  const reasons = [
    mix.topTenShare === null ? null : `its ten busiest clients make up ${percent(mix.topTenShare)} of it`,
    usual.length === 0 ? null : `its ${listInWords(usual)} are mixed as usual`,
    good === null ? null : `${percent(Math.min(1, good))} of its answers are good`,
    mix.mitigatedShare === null ? null : `${percent(mix.mitigatedShare)} of it was stopped`,
  ].filter((reason): reason is string => reason !== null);
  return `a crowd, not an attack: ${listInWords(reasons)}`;
}
