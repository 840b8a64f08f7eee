import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defang, extractObservables, extractTechniques, guessObservable, refang } from './observables.ts';

describe('extractObservables', () => {
  it('finds every kind once, canonical, in order', () => {
    const text = `Seen from 198.51.100.7, 198.51.100.9/24 and 2001:DB8::0:1 (again 198.51.100.7).
      Dropper at hxxps[://]Evil[.]example/a/b.php?x=1). Mail: Bad.Guy[@]evil[.]example.
      MD5 d41d8cd98f00b204e9800998ecf8427e, see notes.txt and 10.0.0.1/32.`;
    expect(extractObservables(text)).toEqual([
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'cidr', value: '198.51.100.0/24' },
      { kind: 'ip', value: '2001:db8::1' },
      { kind: 'url', value: 'https://evil.example/a/b.php?x=1' },
      { kind: 'domain', value: 'evil.example' },
      { kind: 'email', value: 'bad.guy@evil.example' },
      { kind: 'file-hash', value: 'd41d8cd98f00b204e9800998ecf8427e' },
      { kind: 'ip', value: '10.0.0.1' },
    ]);
  });

  it('finds autonomous systems, vulnerabilities and techniques', () => {
    const text =
      'AS64496 and as64497, AS0, AS4294967296, cve-2024-3094, CVE-2024-309, XCVE-2024-3094, T1498.001, T14980';
    expect(extractObservables(text)).toEqual([
      { kind: 'asn', value: 'AS64496' },
      { kind: 'vulnerability', value: 'CVE-2024-3094' },
    ]);
    expect(extractTechniques('T1498.001, then T1110 (T1110), not T14980, AT1498 or T1498.0011')).toEqual([
      'T1498.001',
      'T1110',
    ]);
  });

  it('takes no version, time, bad address or bare file for one', () => {
    expect(
      extractObservables('v1.2.3 at 02:14:07, 300.1.1.1, 1.2.3.4.5, std::vector, report.pdf, a.b'),
    ).toEqual([]);
  });

  it('finds an address inside a URL as its host, not as a second hit', () => {
    expect(extractObservables('GET http://203.0.113.5:8080/x')).toEqual([
      { kind: 'url', value: 'http://203.0.113.5:8080/x' },
      { kind: 'ip', value: '203.0.113.5' },
    ]);
  });

  it('stays quick on hostile text', () => {
    const pieces = [
      'a.',
      ':',
      '1.',
      'a@',
      'a-',
      '1:',
      '[ ',
      '(',
      ' [',
      'CVE-',
      'AS1',
      'T1498',
      'a.b@c:d/1.',
      '1.2.3.4/',
    ];
    const found = pieces.map((piece) => extractObservables(piece.repeat(200_000 / piece.length)).length);
    expect(found.filter((count) => count > 1)).toEqual([]);
    expect(extractObservables(`http://a${')'.repeat(199_000)}`)).toEqual([
      { kind: 'url', value: 'http://a' },
    ]);
    expect(extractObservables(`${'x'.repeat(64)}@${'a.'.repeat(99_000)}`)).toEqual([]);
  });
});

describe('defang and refang', () => {
  it('come back to the value', () => {
    const cases = [
      ['ip', '198.51.100.7', '198[.]51[.]100[.]7'],
      ['ip', '2001:db8::1', '2001[:]db8::1'],
      ['cidr', '198.51.100.0/24', '198[.]51[.]100[.]0/24'],
      ['domain', 'evil.example', 'evil[.]example'],
      ['email', 'bad@evil.example', 'bad[@]evil[.]example'],
      ['url', 'https://evil.example/a.b?c', 'hxxps[://]evil[.]example/a.b?c'],
      ['user-agent', 'curl/8.1', 'curl/8.1'],
    ] as const;
    expect(cases.map(([kind, value]) => defang(kind, value))).toEqual(
      cases.map(([, , defanged]) => defanged),
    );
    expect(cases.map(([, , defanged]) => refang(defanged))).toEqual(cases.map(([, value]) => value));
  });

  it('come back to every value, and the defanged value is found in a text', () => {
    const values = fc.oneof(
      fc.record({ kind: fc.constant('ip' as const), value: fc.ipV4() }),
      fc.record({ kind: fc.constant('ip' as const), value: fc.ipV6() }),
      fc.record({ kind: fc.constant('domain' as const), value: fc.domain() }),
      fc.record({ kind: fc.constant('email' as const), value: fc.emailAddress() }),
      fc.record({
        kind: fc.constant('url' as const),
        value: fc.webUrl({ withQueryParameters: true, withFragments: true }),
      }),
      fc.record({
        kind: fc.constant('vulnerability' as const),
        value: fc.nat(99_999).map((n) => `CVE-2024-${1000 + n}`),
      }),
    );
    fc.assert(
      fc.property(values, ({ kind, value }) => {
        // A path may hold what looks defanged, such as `(.)`: that is no value that came out of a text.
        fc.pre(refang(value) === value);
        const defanged = defang(kind, value);
        expect(refang(defanged)).toBe(value);
        expect(extractObservables(`seen ${defanged} there`)).toEqual(
          extractObservables(`seen ${value} there`),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('reads the common spellings', () => {
    expect(refang('hXXp://a(.)b[dot]c and x[at]y{.}z')).toBe('http://a.b.c and x@y.z');
  });
});

describe('guessObservable', () => {
  it('names the kind of a typed value', () => {
    expect(
      ['198.51.100[.]7', 'hxxp://evil[.]example/x', 'as64496', '/login', 'web-01', 'two words', ''].map(
        guessObservable,
      ),
    ).toEqual([
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'url', value: 'http://evil.example/x' },
      { kind: 'asn', value: 'AS64496' },
      { kind: 'path', value: '/login' },
      { kind: 'host', value: 'web-01' },
      null,
      null,
    ]);
  });
});
