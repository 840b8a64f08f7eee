import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseState } from '../domain/case.ts';
import { entityKinds } from '../domain/entity.ts';
import { floodAlert, floodInput, floodState } from '../report/testing/flood-case.ts';
import { notAssessed } from '../testing/case-entry.ts';
import type { ExchangeContext } from './exchange-facts.ts';
import { factsOf } from './exchange-facts.ts';
import type { Sha1 } from './name-uuid.ts';
import { stixBundle, stixText } from './stix-export.ts';
import { readStixBundle } from './stix-import.ts';
import { leftOutLines, stixLimits } from './stix-left-out.ts';
import { extensionId, observableId, tlpMarkingId } from './stix-objects.ts';
import type { KindAndValue } from './stix-observable.ts';
import { patternOf, readPattern } from './stix-pattern.ts';

const sha1: Sha1 = (prefixHex, text) =>
  createHash('sha1').update(Buffer.from(prefixHex, 'hex')).update(text, 'utf8').digest('hex');

const { case: _, ...floodContext } = floodInput();
const context: ExchangeContext = { ...floodContext, sha1 };

function caseWith(observables: readonly KindAndValue[], changes: Partial<CaseState> = {}): CaseState {
  return {
    ...floodState,
    observables: observables.map((each, index) => ({
      ...each,
      id: `ob_${index}`,
      from: 'analyst',
      addedMs: floodState.openedMs,
      ...notAssessed,
    })),
    ...changes,
  };
}

const written = (state: CaseState, more: Partial<ExchangeContext> = {}) =>
  stixText(stixBundle(state, { ...context, ...more }));

function readBack(text: string) {
  const read = readStixBundle(text);
  if (!read.ok) throw new Error(read.reason);
  return read;
}

const bundleOf = (...objects: readonly unknown[]) =>
  JSON.stringify({ type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects });
const address = (value: string, more: object = {}) => ({
  type: 'ipv4-addr',
  spec_version: '2.1',
  id: observableId('ipv4-addr', { value }, sha1),
  value,
  ...more,
});

describe('ids', () => {
  it('of observables are those that other programs give them', () => {
    expect([
      observableId('ipv4-addr', { value: '198.51.100.3' }, sha1),
      observableId('ipv6-addr', { value: '2001:db8::1' }, sha1),
      observableId('domain-name', { value: 'example.com' }, sha1),
    ]).toEqual([
      'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4',
      'ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26',
      'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
    ]);
  });

  it('are each once in a bundle, whose references all lead somewhere', () => {
    const { objects } = stixBundle(
      caseWith([
        { kind: 'ip', value: '198.51.100.7' },
        { kind: 'host', value: 'shop.example' },
        { kind: 'domain', value: 'shop.example' },
      ]),
      context,
    );
    const ids = objects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = [...JSON.stringify(objects).matchAll(/"([a-z0-9-]+--[0-9a-f-]{36})"(?!:)/g)].map(
      ([, id]) => id,
    );
    expect(named.filter((id) => !ids.includes(id ?? ''))).toEqual([]);
  });
});

describe('a case as STIX', () => {
  it('is the same for the same case, whenever it is written', () => {
    expect(written(floodState, { generatedMs: 1 })).toBe(
      written(structuredClone(floodState), { generatedMs: 2 }),
    );
  });

  it('makes indicators of attackers alone, with when they were seen', () => {
    const state = caseWith([
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'domain', value: 'shop.example' },
      { kind: 'path', value: '/login' },
    ]);
    const { objects } = stixBundle(state, context);
    const patterns = objects.filter(({ type }) => type === 'indicator').map(({ pattern }) => pattern);
    expect(patterns).toEqual(["[ipv4-addr:value = '198.51.100.7']"]);
    expect(objects.filter(({ type }) => type === 'sighting')).toMatchObject([
      { first_seen: '2026-03-03T02:11:00.000Z', last_seen: '2026-03-03T02:31:00.000Z', count: 1204 },
    ]);
  });

  it('calls nobody an attacker whose alerts were false', () => {
    const alerts = [{ ...floodAlert, disposition: 'false-positive' as const }];
    const state = caseWith([{ kind: 'ip', value: '203.0.113.9' }]);
    const entities = [{ kind: 'ip' as const, value: '203.0.113.9', role: 'source' as const }];
    const facts = factsOf(state, {
      alerts: alerts.map((alert) => ({ ...alert, entities })),
      mitigations: [],
    });
    expect(facts.map(({ verdict }) => verdict)).toEqual(['benign']);
  });

  it('ties a block to the attackers that it stops, and to nobody else', () => {
    const attackers = ['198.51.100.7', '203.0.113.9', '192.0.2.1'].map((value) => ({
      kind: 'ip' as const,
      value,
    }));
    const entities = attackers.map((each) => ({ ...each, role: 'source' as const }));
    const state = caseWith(attackers, {
      mitigations: [
        {
          id: 'mi_1',
          state: 'verified',
          sentence: 'In force.',
          entries: ['198.51.100.0/24', '203.0.113.9/32'],
          targetName: 'edge',
          timeMs: 0,
        },
      ],
    });
    const { objects } = stixBundle(state, { ...context, alerts: [{ ...floodAlert, entities }] });
    const names = new Map(objects.map(({ id, name }) => [id, name]));
    expect(
      objects
        .filter((each) => each.relationship_type === 'mitigates')
        .map((each) => [names.get(String(each.source_ref)), names.get(String(each.target_ref))]),
    ).toEqual([
      ['Block 2 networks on edge', '198.51.100.7'],
      ['Block 2 networks on edge', '203.0.113.9'],
    ]);
  });

  it('writes a flow where an alert names its one other end', () => {
    const entities = [
      { kind: 'ip' as const, value: '198.51.100.7', role: 'source' as const },
      { kind: 'ip' as const, value: '203.0.113.80', role: 'destination' as const },
      { kind: 'port' as const, value: '443', role: 'destination' as const },
    ];
    const state = caseWith(entities.map(({ kind, value }) => ({ kind, value })));
    const flows = (more: typeof entities) =>
      stixBundle(state, { ...context, alerts: [{ ...floodAlert, entities: more }] }).objects.filter(
        ({ type }) => type === 'network-traffic',
      );
    expect(flows(entities)).toMatchObject([
      {
        src_ref: observableId('ipv4-addr', { value: '198.51.100.7' }, sha1),
        dst_ref: observableId('ipv4-addr', { value: '203.0.113.80' }, sha1),
        dst_port: 443,
        protocols: ['ipv4'],
      },
    ]);
    expect(flows([...entities, { kind: 'ip', value: '203.0.113.81', role: 'destination' }])).toEqual([]);
  });
});

describe('what is exported and imported again', () => {
  const kindAndValue: fc.Arbitrary<KindAndValue> = fc.oneof(
    fc.record({
      kind: fc.constantFrom(...entityKinds),
      value: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    }),
    fc.record({
      kind: fc.constantFrom(...entityKinds),
      value: fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.tuple(fc.ipV4(), fc.nat(40)).map((parts) => parts.join('/')),
        fc.tuple(fc.ipV6(), fc.nat(140)).map((parts) => parts.join('/')),
        fc.domain(),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.emailAddress(),
        fc.constantFrom(
          'AS64496',
          'AS64496 Example',
          '64496',
          'DE',
          'CVE-2024-3094',
          '443',
          "it's \\ \ud800",
          '__proto__',
        ),
        fc.constantFrom(32, 40, 64, 128).map((length) => 'aF'.repeat(length / 2)),
      ),
    }),
  );
  const withoutRepeats = fc.uniqueArray(kindAndValue, {
    maxLength: 20,
    selector: ({ kind, value }) => `${kind} ${value}`,
  });

  it('keeps every observable, and adds none', () => {
    fc.assert(
      fc.property(withoutRepeats, fc.boolean(), (observables, attacked) => {
        const entities = observables.map((each) => ({ ...each, role: 'source' as const }));
        const alerts = attacked ? [{ ...floodAlert, entities }] : [];
        const read = readBack(written(caseWith(observables), { alerts }));
        const sorted = (all: readonly KindAndValue[]) =>
          all.map(({ kind, value }) => `${kind} ${JSON.stringify(value)}`).sort();
        expect(sorted(read.observables)).toEqual(sorted(observables));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps marking, verdict, sightings and techniques', () => {
    const secret = { ...floodState.timeline[0], tlp: 'TLP:RED' as const };
    const state = caseWith([
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'host', value: 'shop.example' },
    ]);
    const marked = {
      ...state,
      timeline: [
        {
          ...(floodState.timeline[0] ?? expect.unreachable()),
          ...secret,
          payload: {
            kind: 'observable-added' as const,
            observableId: 'ob_1',
            entityKind: 'host' as const,
            value: 'shop.example',
            from: 'analyst' as const,
          },
        },
      ],
    };
    const read = readBack(written(marked));
    expect(read).toMatchObject({
      observables: [
        {
          kind: 'ip',
          value: '198.51.100.7',
          tlp: 'TLP:AMBER+STRICT',
          verdict: 'malicious',
          sightings: {
            firstSeenMs: floodAlert.firstSeenMs,
            lastSeenMs: floodAlert.lastSeenMs,
            count: floodAlert.count,
          },
        },
        { kind: 'host', value: 'shop.example', tlp: 'TLP:RED', verdict: 'unknown', sightings: null },
      ],
      techniques: ['T1499.002'],
    });
    expect(leftOutLines(read.leftOut)).toEqual([
      '1 incident: a case here has no place for it',
      '1 note: a case here has no place for it',
      '1 report: a case here has no place for it',
    ]);
  });
});

describe('a bundle from outside', () => {
  it('is refused in words where it is none', () => {
    const reason = (text: string) => {
      const read = readStixBundle(text);
      return read.ok ? null : read.reason;
    };
    expect(reason('{')).toBe('This is not JSON.');
    expect(reason('[]')).toMatch(/no STIX bundle/);
    expect(reason('null')).toMatch(/no STIX bundle/);
    expect(reason('{"type":"bundle","objects":{}}')).toMatch(/no STIX bundle/);
    expect(reason('['.repeat(1_000_000))).toMatch(/nested deeper/);
    expect(reason(`{"type":"bundle","objects":[${'{"a":'.repeat(100)}1${'}'.repeat(100)}]}`)).toMatch(
      /nested/,
    );
    expect(reason(' '.repeat(stixLimits.characters + 1))).toMatch(/32 million characters/);
  });

  it('counts no brackets within strings', () => {
    expect(
      readBack(bundleOf(address('198.51.100.7', { note: '[{"\\'.repeat(100) }))).observables,
    ).toHaveLength(1);
  });

  it('takes what it understands and says what it left out, and why', () => {
    const good = address('198.51.100.7');
    const read = readBack(
      bundleOf(
        good,
        good,
        7,
        null,
        { type: 'ipv4-addr', id: 'ipv4-addr--not-an-id', value: '198.51.100.8' },
        address('300.1.1.1'),
        address('198.51.100.9', { value: 5 }),
        { ...address('198.51.100.10'), id: observableId('url', { value: 'x' }, sha1) },
        { type: 'x-acme-thing', id: 'x' },
        { type: 'malware', id: `malware--${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`, name: 'm' },
        { type: 'file', id: observableId('file', { name: 'a' }, sha1), name: 'a' },
        address('198.51.100.11', { revoked: true }),
      ),
    );
    expect(read.observables.map(({ value }) => value)).toEqual(['198.51.100.7']);
    expect(leftOutLines(read.leftOut)).toEqual([
      '1 ipv4-addr: came before, in this version or a newer one',
      '2 without type: not as STIX 2.1 describes it',
      '3 ipv4-addr: not as STIX 2.1 describes it',
      '1 x-acme-thing: of a type that is not known here',
      '1 malware: a case here has no place for it',
      '1 ipv4-addr: revoked by who made it',
      '1 ipv4-addr: holds no value that can be an observable',
      '1 file: holds no value that can be an observable',
    ]);
  });

  it('reads keys that are names of prototypes as nothing', () => {
    const text = bundleOf(address('198.51.100.7')).replace(
      '"value"',
      '"__proto__":{"value":"203.0.113.1","revoked":true},"constructor":{"prototype":{"polluted":1}},"value"',
    );
    expect(readBack(text).observables).toMatchObject([{ value: '198.51.100.7', verdict: 'unknown' }]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('is not led in circles', () => {
    const indicator = {
      type: 'indicator',
      id: 'indicator--00000000-0000-4000-8000-000000000001',
      pattern: "[ipv4-addr:value = '198.51.100.7']",
      pattern_type: 'stix',
    };
    const sighting = {
      type: 'sighting',
      id: 'sighting--00000000-0000-4000-8000-000000000002',
      sighting_of_ref: 'sighting--00000000-0000-4000-8000-000000000002',
    };
    const relationship = {
      type: 'relationship',
      id: 'relationship--00000000-0000-4000-8000-000000000003',
      source_ref: indicator.id,
      target_ref: indicator.id,
    };
    expect(readBack(bundleOf(indicator, sighting, relationship)).observables).toMatchObject([
      { kind: 'ip', value: '198.51.100.7', sightings: null },
    ]);
  });

  it('takes the newest version of an object, and the strictest marking and worst verdict of several', () => {
    const indicator = (index: number, more: object) => ({
      type: 'indicator',
      id: `indicator--00000000-0000-4000-8000-00000000000${index}`,
      pattern: "[ipv4-addr:value = '198.51.100.7'] OR [domain-name:value = 'evil.example']",
      pattern_type: 'stix',
      ...more,
    });
    const read = readBack(
      bundleOf(
        address('198.51.100.7', { object_marking_refs: [tlpMarkingId('TLP:GREEN')] }),
        indicator(1, { indicator_types: ['benign'], modified: '2026-01-01T00:00:00.000Z' }),
        indicator(1, { indicator_types: ['malicious-activity'], modified: '2026-01-02T00:00:00.000Z' }),
        // TLP:RED of TLP 1.
        indicator(2, { object_marking_refs: ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed'] }),
      ),
    );
    expect(read.observables).toMatchObject([
      { kind: 'ip', value: '198.51.100.7', tlp: 'TLP:RED', verdict: 'malicious' },
      { kind: 'domain', value: 'evil.example', tlp: 'TLP:RED', verdict: 'malicious' },
    ]);
  });

  it('believes our own mark only where it says the same object', () => {
    const mark = (kind: string, value: string) => ({
      extensions: { [extensionId]: { extension_type: 'property-extension', entities: [{ kind, value }] } },
    });
    const read = readBack(
      bundleOf(
        address('198.51.100.7', mark('user', 'root')),
        address('198.51.100.8', mark('ip', '203.0.113.1')),
      ),
    );
    expect(read.observables.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'ip 198.51.100.7',
      'ip 198.51.100.8',
    ]);
  });

  it('bounds how much it takes', () => {
    const many = Array.from({ length: stixLimits.observables + 5 }, (_each, index) =>
      address(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`),
    );
    const read = readBack(bundleOf(...many));
    expect(read.observables).toHaveLength(stixLimits.observables);
    expect(leftOutLines(read.leftOut)).toEqual(['5 ip: beyond what one import takes']);
  });
});

describe('patterns', () => {
  it('are read back as they were written', () => {
    const values = ['198.51.100.0/24', "o'brien\\x", '/a]b OR [c', 'curl/8.1 (x)'];
    const kinds = ['cidr', 'user', 'path', 'user-agent'] as const;
    const patterns = values.map((value, index) => patternOf({ kind: kinds[index] ?? 'ip', value }));
    expect(patterns).toEqual([
      "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
      "[user-account:account_login = 'o\\'brien\\\\x']",
      "[network-traffic:extensions.'http-request-ext'.request_value = '/a]b OR [c']",
      "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl/8.1 (x)']",
    ]);
    const read = patterns.map((pattern) =>
      Object.values(readPattern(pattern ?? '')?.[0]?.identity ?? {}).at(-1),
    );
    expect(read).toEqual(values);
  });

  it('that mean more than a list of values are not understood', () => {
    const patterns = [
      "[ipv4-addr:value = '198.51.100.7' AND domain-name:value = 'a.example']",
      "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.8']",
      "[ipv4-addr:value LIKE '198.51.%']",
      "[ipv4-addr:value != '198.51.100.7']",
      "[ipv4-addr:value = '198.51.100.7'] REPEATS 5 TIMES",
      "[ipv4-addr:value = '198.51.100.7'",
      '',
      `[${"ipv4-addr:value = '1.2.3.4' OR ".repeat(100_000)}`,
      `[ipv4-addr:value = '${'\\'.repeat(19_000)}`,
    ];
    expect(patterns.map(readPattern)).toEqual(patterns.map(() => null));
  });
});
