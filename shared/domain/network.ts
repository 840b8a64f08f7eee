import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network as it is stored and sent to targets: canonical text and its parts. */
export interface Network {
  /** Canonical CIDR, e.g. `198.51.100.7/32`, `2001:db8::/48`. */
  readonly cidr: string;
  readonly family: 4 | 6;
  readonly prefixLength: number;
  readonly bytes: readonly number[];
}

export type ParsedNetwork =
  | { readonly ok: true; readonly network: Network }
  | { readonly ok: false; readonly reason: string };

function parseAddress(text: string): Address | null {
  // ipaddr.js also takes `1`, `0x7f.1` and octal forms; only four decimal parts without leading zeros are meant here.
  if (/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) {
    return ipaddr.IPv4.isValid(text) ? ipaddr.IPv4.parse(text) : null;
  }
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return null;
  if (!ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/**
 * Parses an address or CIDR strictly: no host names, no short or octal forms, no zone ids, no spaces inside, no
 * host bits beyond the prefix. IPv4-mapped IPv6 addresses become IPv4.
 */
export function parseNetwork(input: string): ParsedNetwork {
  const text = input.trim();
  if (text === '') return { ok: false, reason: 'An entry is empty.' };
  const parts = text.split('/');
  const addressText = parts[0] ?? '';
  const prefixText = parts[1];
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  if (parts.length > 2) return { ok: false, reason: `${shown} has more than one slash.` };
  const address = parseAddress(addressText);
  if (!address) {
    const looksLikeName = /[g-z]/i.test(addressText) && !addressText.includes(':');
    return {
      ok: false,
      reason: looksLikeName
        ? `${shown} is a host name; only addresses and networks can be blocked.`
        : `${shown} is not an IPv4 or IPv6 address.`,
    };
  }
  const bytes = address.toByteArray();
  const family = address.kind() === 'ipv4' ? 4 : 6;
  const bits = bytes.length * 8;
  let prefixLength = bits;
  if (prefixText !== undefined) {
    const mapped = family === 4 && addressText.includes(':');
    if (mapped || !/^(0|[1-9]\d{0,2})$/.test(prefixText) || Number(prefixText) > bits) {
      return { ok: false, reason: `${shown} has no valid prefix length.` };
    }
    prefixLength = Number(prefixText);
  }
  const masked = maskBytes(bytes, prefixLength);
  const canonical = `${bytesToText(masked)}/${prefixLength}`;
  if (masked.some((byte, index) => byte !== bytes[index])) {
    return { ok: false, reason: `${shown} names an address inside a network; the network is ${canonical}.` };
  }
  return { ok: true, network: { cidr: canonical, family, prefixLength, bytes: masked } };
}

function maskBytes(bytes: readonly number[], prefixLength: number): number[] {
  return bytes.map((byte, index) => {
    const keep = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff << (8 - keep)) & 0xff;
  });
}

function bytesToText(bytes: readonly number[]): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

/** Whether two networks share any address. Networks of different families never do. */
export function networksOverlap(a: Network, b: Network): boolean {
  if (a.family !== b.family) return false;
  const shorter = Math.min(a.prefixLength, b.prefixLength);
  const maskedA = maskBytes(a.bytes, shorter);
  const maskedB = maskBytes(b.bytes, shorter);
  return maskedA.every((byte, index) => byte === maskedB[index]);
}

/** Whether `outer` holds every address of `inner`. */
export function networkContains(outer: Network, inner: Network): boolean {
  return outer.prefixLength <= inner.prefixLength && networksOverlap(outer, inner);
}

/** Parses a list that was checked before; entries that do not parse are left out. */
export function parseNetworks(texts: readonly string[]): Network[] {
  return texts.flatMap((text) => {
    const parsed = parseNetwork(text);
    return parsed.ok ? [parsed.network] : [];
  });
}

const loopback = parseNetworks(['127.0.0.0/8', '::1']);

/** Networks that are nobody's client: blocking them can only do harm (RFC 6890 and its registries). */
const neverClients: readonly { readonly network: Network; readonly name: string }[] = [
  ['0.0.0.0/8', 'this network'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved or broadcast'],
  ['::/128', 'unspecified'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
].flatMap(([text, name]) => parseNetworks([text ?? '']).map((network) => ({ network, name: name ?? '' })));

/** Whether a network touches loopback. */
export function touchesLoopback(network: Network): boolean {
  return loopback.some((each) => networksOverlap(each, network));
}

/** The name of the special-purpose network that this one touches, or null. */
export function specialPurposeName(network: Network): string | null {
  return neverClients.find((each) => networksOverlap(each.network, network))?.name ?? null;
}
