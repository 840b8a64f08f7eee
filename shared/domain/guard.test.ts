import { describe, expect, test } from 'vitest';
import { computeImpact, type GuardInput, parseEntries, runGuards } from './guard.ts';
import type { ActionPlan, GuardResult } from './mitigation.ts';
import { networkContains, parseNetwork, parseNetworks } from './network.ts';
import { hourMs, minuteMs } from './time.ts';

const plan: ActionPlan = {
  id: 'pl_1',
  customerId: 'cu_1',
  name: 'Edge blocks',
  version: 2,
  hash: 'h2',
  targetId: 'ta_1',
  agreedBy: 'J. Doe',
  agreedMs: 0,
  maxTtlMs: hourMs,
  defaultTtlMs: 30 * minuteMs,
  widestPrefixV4: 24,
  widestPrefixV6: 48,
  maxEntriesPerHour: 20,
  samePersonMayApprove: true,
  loopbackAllowed: false,
  allowList: ['203.0.113.53/32'],
  retired: false,
};
const input: GuardInput = {
  plan,
  planHash: 'h2',
  entries: ['198.51.100.7'],
  ttlMs: 30 * minuteMs,
  ownRanges: ['192.0.2.0/24'],
  analystAddresses: ['127.0.0.1', '10.1.2.3', '::1'],
  managementAddresses: ['198.51.100.200'],
  entriesInLastHour: 0,
};
const failed = (change: Partial<GuardInput>): GuardResult['guard'][] =>
  runGuards({ ...input, ...change })
    .filter((guard) => !guard.passed)
    .map((guard) => guard.guard);

describe('parsing networks', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7/32'],
    ['198.51.100.0/24', '198.51.100.0/24'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['::ffff:198.51.100.7', '198.51.100.7/32'],
  ])('%s is %s', (text, cidr) => {
    const parsed = parseNetwork(text);
    expect(parsed.ok && parsed.network.cidr).toBe(cidr);
  });

  test.each([
    'example.com',
    'localhost',
    '1',
    '127.1',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '198.51.100.7/24',
    '198.51.100.7/33',
    '198.51.100.7/-1',
    '198.51.100.7/',
    '198.51.100.7/032',
    'fe80::1%eth0',
    '1.2.3.4;shutdown',
    '1.2.3.4\nadd map',
    '',
    '1.2.3.4/8/8',
    '::ffff:1.2.3.4/96',
  ])('%j is refused', (text) => {
    expect(parseNetwork(text).ok).toBe(false);
  });

  test('containment looks at bits, not at text', () => {
    const [wide, inside, outside] = parseNetworks(['10.0.0.0/9', '10.127.255.255', '10.128.0.0']);
    expect(wide && inside && networkContains(wide, inside)).toBe(true);
    expect(wide && outside && networkContains(wide, outside)).toBe(false);
  });

  test('entries that are the same network count once', () => {
    expect(parseEntries(['198.51.100.7', '198.51.100.7/32']).networks).toHaveLength(1);
  });
});

describe('guards', () => {
  test('an ordinary block passes every guard', () => {
    expect(failed({})).toEqual([]);
    expect(runGuards(input)).toHaveLength(11);
  });

  test.each<[string, Partial<GuardInput>, GuardResult['guard']]>([
    ['a host name', { entries: ['example.com'] }, 'address-syntax'],
    ["inside the customer's network", { entries: ['192.0.2.9'] }, 'own-ranges'],
    ["around the customer's network", { entries: ['192.0.0.0/16'] }, 'own-ranges'],
    ["the analyst's address", { entries: ['10.1.2.3'] }, 'analyst-address'],
    ['loopback', { entries: ['127.0.0.70'] }, 'loopback'],
    ["the target's own address", { entries: ['198.51.100.200'] }, 'management-address'],
    ['an allow-listed resolver', { entries: ['203.0.113.53'] }, 'allow-list'],
    ['too wide', { entries: ['198.48.0.0/16'] }, 'width'],
    ['too long', { ttlMs: 2 * hourMs }, 'duration'],
    ['without an end', { ttlMs: 0 }, 'duration'],
    ['too many', { entriesInLastHour: 20 }, 'rate'],
    ['a changed plan', { planHash: 'h1' }, 'plan-current'],
    ['a retired plan', { plan: { ...plan, retired: true } }, 'plan-current'],
    ['multicast', { entries: ['224.0.0.1'] }, 'special-purpose'],
  ])('%s is stopped', (_name, change, guard) => {
    expect(failed(change)).toContain(guard);
  });

  test("only the analyst's exact addresses are spared, not their network", () => {
    expect(failed({ entries: ['10.1.2.4'] })).toEqual([]);
  });

  test('a plan that lists loopback still spares the workstation itself', () => {
    const loopbackPlan = { ...plan, loopbackAllowed: true };
    expect(failed({ plan: loopbackPlan, entries: ['127.0.0.70'] })).toEqual([]);
    expect(failed({ plan: loopbackPlan, entries: ['127.0.0.1'] })).toEqual(['analyst-address']);
  });
});

test('impact separates the excess from what clients ordinarily send', () => {
  expect(
    computeImpact(['198.51.100.0/24'], {
      windowMs: 300_000,
      sourceName: 'edge',
      totalRequests: 12_000,
      estimated: false,
      clients: [
        { address: '198.51.100.7', requests: 10_000, usual: 20 },
        { address: '198.51.100.8', requests: 30, usual: 30 },
        { address: '203.0.113.9', requests: 1_970, usual: 1_900 },
      ],
    }),
  ).toEqual({
    windowMs: 300_000,
    sourceName: 'edge',
    totalRequests: 12_000,
    hitRequests: 10_030,
    excessRequests: 9_980,
    ordinaryRequests: 50,
    hitClients: 2,
    estimated: false,
  });
});
