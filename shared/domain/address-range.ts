import ipaddr from 'ipaddr.js';

/**
 * Words for ipaddr.js' names of the ranges in IANA's special-purpose registries (RFC 6890). `unicast` is any other
 * address. What it calls `reserved` in version 4 holds several entries, so those that matter are told apart first.
 */
const words: Readonly<Record<string, string>> = {
  unspecified: 'unspecified, “this network”',
  broadcast: 'broadcast',
  multicast: 'multicast',
  linkLocal: 'link-local',
  loopback: 'loopback',
  carrierGradeNat: 'carrier’s NAT',
  private: 'private',
  reserved: 'reserved',
  as112: 'AS112 sink of reverse look-ups',
  as112v6: 'AS112 sink of reverse look-ups',
  amt: 'multicast tunnelling (AMT)',
  uniqueLocal: 'private (unique local)',
  ipv4Mapped: 'IPv4-mapped',
  discard: 'discard-only',
  rfc6145: 'IPv4-translated',
  rfc6052: 'NAT64',
  '6to4': '6to4',
  teredo: 'Teredo',
  benchmarking: 'benchmarking',
  deprecatedOrchid: 'deprecated (ORCHID)',
  orchid2: 'ORCHIDv2',
  droneRemoteIdProtocolEntityTags: 'drone remote identification',
  segmentRouting: 'segment routing',
};

const told: readonly (readonly [network: string, what: string])[] = [
  ['192.0.2.0/24', 'documentation'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['198.18.0.0/15', 'benchmarking'],
  ['192.0.0.0/24', 'IETF protocol assignments'],
  ['192.88.99.0/24', 'deprecated 6to4 relay'],
  ['240.0.0.0/4', 'reserved for future use'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
];
const toldNetworks = told.map(([network, what]) => ({ network: ipaddr.parseCIDR(network), what }));

/** Any name of a range that ipaddr.js comes to know later is better than none. */
const spelled = (range: string) => words[range] ?? range;

/**
 * What IANA's registries say of an address or of a network's first one: `private`, `documentation`, `multicast` ...;
 * null for an ordinary address, and for a text that is none. An IPv4-mapped address is said to be one, with what the
 * IPv4 address is.
 */
export function specialRangeOf(value: string): string | null {
  const [text = ''] = value.split('/');
  return ipaddr.isValid(text) ? specialRange(ipaddr.parse(text)) : null;
}

/** The same of an address that was read. */
export function specialRange(address: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    const inner = specialRange(address.toIPv4Address());
    return inner === null ? spelled('ipv4Mapped') : `${spelled('ipv4Mapped')}, ${inner}`;
  }
  const range = address.range();
  // Broadcast lies within what is reserved.
  if (range === 'broadcast') return spelled(range);
  const exact = toldNetworks.find(
    ({ network }) => network[0].kind() === address.kind() && address.match(network),
  );
  if (exact !== undefined) return exact.what;
  return range === 'unicast' ? null : spelled(range);
}
