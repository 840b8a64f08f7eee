import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testAlert } from '../testing/alert.ts';
import { completeAlertQuery } from './complete-query.ts';
import { asksForDone, liesInNetwork, matchesAlertQuery, type QueryContext } from './match-query.ts';
import { describeProblems, parseAlertQuery } from './parse-query.ts';
import { printAlertQuery, quoteQueryValue } from './print-query.ts';
import { parseDuration } from './query-values.ts';

const alert = testAlert({
  id: 'a1',
  sequence: 7,
  customerId: 'c1',
  serviceId: 's1',
  sourceId: 'src1',
  sourceKind: 'suricata-eve',
  title: 'HTTP flood on /login',
  why: 'HTTP requests 14.2x above the usual Tuesday 02:00',
  sourceState: 'firing',
  firstSeenMs: 1_000_000,
  lastSeenMs: 1_900_000,
  receivedMs: 1_000_500,
  count: 1204,
  entities: [
    { kind: 'ip', value: '198.51.100.7', role: 'source' },
    { kind: 'path', value: '/login', role: 'destination' },
  ],
  techniques: ['T1498.001'],
  signalIds: ['sig1'],
  assignee: 'Ada Lovelace',
});

const context: QueryContext = {
  nowMs: 2_000_000,
  analystName: 'Ada Lovelace',
  customerName: (id) => (id === 'c1' ? 'Acme Retail' : null),
  serviceName: (id) => (id === 's1' ? 'Web shop' : null),
  sourceName: (id) => (id === 'src1' ? 'Sensor north' : null),
  signalName: (id) => (id === 'sig1' ? 'HTTP requests' : null),
  originOf: (address) =>
    address === '198.51.100.7' ? { asn: 64_500, asName: 'Example', country: 'DE' } : null,
  hasRecord: (_, text) => text.toLowerCase() === 'wget',
};

const matches = (text: string) => {
  const { node, problems } = parseAlertQuery(text);
  expect(problems).toEqual([]);
  return matchesAlertQuery(node, alert, context);
};

describe('parseAlertQuery', () => {
  it('takes an empty text as everything', () => {
    expect(parseAlertQuery('  ')).toEqual({ node: null, problems: [] });
  });

  it('joins terms side by side, OR below them, and negation', () => {
    expect(parseAlertQuery('severity:high,critical -status:closed OR "so quiet"').node).toEqual({
      type: 'any',
      nodes: [
        {
          type: 'all',
          nodes: [
            { type: 'severity', values: ['high', 'critical'] },
            { type: 'not', node: { type: 'status', values: ['closed'] } },
          ],
        },
        { type: 'text', match: 'contains', text: 'so quiet' },
      ],
    });
  });

  it('reads brackets, NOT and AND', () => {
    expect(parseAlertQuery('NOT (a OR b) AND c').node).toEqual({
      type: 'all',
      nodes: [
        {
          type: 'not',
          node: {
            type: 'any',
            nodes: [
              { type: 'text', match: 'contains', text: 'a' },
              { type: 'text', match: 'contains', text: 'b' },
            ],
          },
        },
        { type: 'text', match: 'contains', text: 'c' },
      ],
    });
  });

  it('reads every field', () => {
    const nodeOf = (text: string) => {
      const parsed = parseAlertQuery(text);
      expect(parsed.problems).toEqual([]);
      return parsed.node;
    };
    expect(nodeOf('severity>=medium')).toEqual({ type: 'severity', values: ['medium', 'high', 'critical'] });
    expect(nodeOf('sev<low')).toEqual({ type: 'severity', values: ['informational'] });
    expect(nodeOf('status:open')).toEqual({ type: 'status', values: ['new', 'acknowledged', 'in-progress'] });
    expect(nodeOf('status:snoozed')).toEqual({ type: 'snoozed' });
    expect(nodeOf('lane:info')).toEqual({ type: 'lane', values: ['informational'] });
    expect(nodeOf('disposition:none')).toEqual({ type: 'disposition', values: [null] });
    expect(nodeOf('mitigated:not-known,partly')).toEqual({
      type: 'mitigated',
      values: ['not-known', 'partly'],
    });
    expect(nodeOf('state:firing')).toEqual({ type: 'source-state', values: ['firing'] });
    expect(nodeOf('source:prom*')).toEqual({ type: 'source', match: 'prefix', text: 'prom' });
    expect(nodeOf('customer:"Acme Retail"')).toEqual({
      type: 'customer',
      match: 'equals',
      text: 'Acme Retail',
    });
    expect(nodeOf('assignee:me')).toEqual({ type: 'assignee', who: { me: true } });
    expect(nodeOf('assignee:none')).toEqual({ type: 'assignee', who: null });
    expect(nodeOf('assignee:"me"')).toEqual({ type: 'assignee', who: { name: 'me' } });
    expect(nodeOf('title:flood')).toEqual({ type: 'title', match: 'contains', text: 'flood' });
    expect(nodeOf('ip:198.51.100.7')).toEqual({
      type: 'entity',
      kind: 'ip',
      match: 'equals',
      text: '198.51.100.7',
    });
    expect(nodeOf('ip:198.51.100.9/24')).toEqual({ type: 'network', cidr: '198.51.100.0/24' });
    expect(nodeOf('ip:2001:DB8::0:1')).toEqual({
      type: 'entity',
      kind: 'ip',
      match: 'equals',
      text: '2001:db8::1',
    });
    expect(nodeOf('ip:198.51.*')).toEqual({ type: 'entity', kind: 'ip', match: 'prefix', text: '198.51.' });
    expect(nodeOf('user-agent:curl')).toEqual({
      type: 'entity',
      kind: 'user-agent',
      match: 'contains',
      text: 'curl',
    });
    expect(nodeOf('entity:/login')).toEqual({
      type: 'entity',
      kind: null,
      match: 'contains',
      text: '/login',
    });
    expect(nodeOf('asn:as64500')).toEqual({ type: 'asn', asn: 64_500 });
    expect(nodeOf('asn:Google')).toEqual({ type: 'entity', kind: 'asn', match: 'contains', text: 'Google' });
    expect(nodeOf('country:de')).toEqual({ type: 'country', code: 'DE' });
    expect(nodeOf('country:Germany')).toEqual({
      type: 'entity',
      kind: 'country',
      match: 'contains',
      text: 'Germany',
    });
    expect(nodeOf('technique:t1498')).toEqual({ type: 'technique', id: 'T1498' });
    expect(nodeOf('count>100')).toEqual({ type: 'count', comparison: '>', value: 100 });
    expect(nodeOf('seen<1h')).toEqual({ type: 'seen', comparison: '<', durationMs: 3_600_000 });
    expect(nodeOf('case:none')).toEqual({ type: 'case', which: 'none' });
    expect(nodeOf('merged:al_9')).toEqual({ type: 'merged', which: { id: 'al_9' } });
    expect(nodeOf('split:none')).toEqual({ type: 'split', which: 'none' });
    expect(nodeOf('suppressed:any')).toEqual({ type: 'suppressed', which: 'some' });
    expect(nodeOf('suppressed:su_A-b')).toEqual({ type: 'suppressed', which: { id: 'su_A-b' } });
    expect(nodeOf('http://evil.example/a')).toEqual({
      type: 'text',
      match: 'contains',
      text: 'http://evil.example/a',
    });
  });

  it('reads ranges, times, lengths of time, ends of the traffic and wildcards', () => {
    const nodeOf = (text: string) => {
      const parsed = parseAlertQuery(text);
      expect(parsed.problems).toEqual([]);
      return parsed.node;
    };
    const day = Date.UTC(2026, 10, 1);
    expect(nodeOf('severity:low..high')).toEqual({ type: 'severity', values: ['low', 'medium', 'high'] });
    expect(nodeOf('count:5..20')).toEqual({
      type: 'all',
      nodes: [
        { type: 'count', comparison: '>=', value: 5 },
        { type: 'count', comparison: '<=', value: 20 },
      ],
    });
    expect(nodeOf('age:1h..1d')).toEqual(nodeOf('age>=1h age<=1d'));
    expect(nodeOf('last:24h')).toEqual({ type: 'seen', comparison: '<=', durationMs: 86_400_000 });
    expect(nodeOf('seen:>2026-11-01')).toEqual({
      type: 'time',
      of: 'seen',
      comparison: '>=',
      timeMs: day + 86_400_000,
    });
    expect(nodeOf('first<=2026-11-01T02:14')).toEqual({
      type: 'time',
      of: 'first',
      comparison: '<',
      timeMs: day + (2 * 60 + 15) * 60_000,
    });
    expect(nodeOf('first:2026-11-01')).toEqual(nodeOf('first>=2026-11-01 first<2026-11-02'));
    expect(nodeOf('first:2026-11-01..2026-11-03')).toEqual(nodeOf('first>=2026-11-01 first<2026-11-04'));
    expect(nodeOf('src:10.1.2.3/8')).toEqual({
      type: 'end',
      role: 'source',
      address: { cidr: '10.0.0.0/8' },
    });
    expect(nodeOf('dst:2001:DB8::1')).toEqual({
      type: 'end',
      role: 'destination',
      address: { match: 'equals', text: '2001:db8::1' },
    });
    expect(nodeOf('title:*sql?injection*')).toEqual({
      type: 'title',
      match: 'pattern',
      text: '*sql?injection*',
    });
    expect(nodeOf('title:"*"')).toEqual({ type: 'title', match: 'contains', text: '*' });
    expect(nodeOf('sql*inj')).toEqual({ type: 'text', match: 'pattern', text: '*sql*inj*' });
    expect(nodeOf('sql*')).toEqual(nodeOf('sql'));
    expect(nodeOf('*')).toBeNull();
  });

  it.each([
    ['seen>2026-11-31', '“2026-11-31” is not a length of time'],
    ['seen:2026-11-01..tomorrow', 'is no range of times'],
    ['count:5..many', '“many” is not a whole number.'],
    ['severity:high..low', 'No severity is from high to low.'],
    ['last:yesterday', 'last needs one length of time: last:24h.'],
  ])('refuses %s in words that point at it', (text, message) => {
    const { problems } = parseAlertQuery(text);
    expect(problems[0]?.message).toContain(message);
    expect(text.slice(problems[0]?.position)).not.toBe('');
  });

  it('says where a text cannot be understood and keeps the rest', () => {
    expect(parseAlertQuery('severty:high flood')).toEqual({
      node: { type: 'text', match: 'contains', text: 'flood' },
      problems: [
        { position: 0, length: 7, message: 'Watchfloor has no field “severty”. Did you mean “severity”?' },
      ],
    });
    expect(parseAlertQuery('a severity:loud').problems).toEqual([
      {
        position: 11,
        length: 4,
        message: '“loud” is not a severity. Known: informational, low, medium, high, critical.',
      },
    ]);
    const messages = (text: string) => parseAlertQuery(text).problems.map((problem) => problem.message);
    expect(messages('status>new')).toEqual(['status has no order; write status:new.']);
    expect(messages('count>many')).toEqual(['“many” is not a whole number.']);
    expect(messages('age:1h')).toEqual(['age needs < or >: age<1h.']);
    expect(messages('age<soon')).toEqual([
      '“soon” is not a length of time like 15m or 2d, nor a time like 2026-11-01T02:14.',
    ]);
    expect(messages('(a OR b')).toEqual(['This ( is never closed.']);
    expect(messages('a) b')).toEqual(['This ) closes nothing.']);
    expect(messages('a OR')).toEqual(['OR needs a term on both sides.']);
    expect(messages('title:"never ends')).toEqual([
      'This quote has no end; everything after it is taken as one text.',
    ]);
    expect(messages('severity:')).toEqual([
      'severity needs a value: severity:high,critical or severity>=medium.',
    ]);
    expect(describeProblems(parseAlertQuery('a) b').problems)).toBe('At 2: This ) closes nothing.');
    expect(describeProblems([])).toBeNull();
  });

  it('takes quotes and backslashes inside quotes', () => {
    expect(parseAlertQuery('title:"say \\"hi\\" \\\\ there"').node).toEqual({
      type: 'title',
      match: 'contains',
      text: 'say "hi" \\ there',
    });
  });

  it('ends on any input', () => {
    for (const text of [
      '(',
      ')',
      '-',
      '--',
      '- -a',
      ',',
      'a:,',
      'a:,,b',
      '"',
      '""',
      'OR OR',
      'NOT',
      ':',
      '>=',
      'title:a,,b',
      'title:,a',
    ]) {
      expect(Array.isArray(parseAlertQuery(text).problems)).toBe(true);
    }
    expect(parseAlertQuery('('.repeat(2000)).problems[0]).toEqual({
      position: 0,
      length: 1,
      message: 'This ( is never closed.',
    });
  });
});

describe('matchesAlertQuery', () => {
  it('agrees with what a person means', () => {
    const yes = [
      '',
      'flood',
      'FLOOD',
      'severity:high',
      'severity>medium',
      'status:open',
      'customer:acme',
      'customer:"acme retail"',
      'service:shop',
      'source:suricata-eve',
      'source:sensor',
      'signal:requests',
      'signal:"HTTP requests"',
      'ip:198.51.100.0/24',
      'entity:198.51.100.0/24',
      '198.51.100',
      'assignee:me',
      'assignee:"ada lovelace"',
      'count>1000',
      'count:1204',
      'age<1h',
      'seen<2m',
      'first>10m',
      'technique:T1498',
      'case:none',
      'suppressed:none',
      'merged:none',
      'split:none',
      'disposition:none',
      'path:/login',
      '-status:closed',
      '*',
      'nothing OR flood',
      'h?tp*login',
      'title:*flood*',
      'title:HTTP*/login',
      'src:198.51.100.0/24',
      'src:198.51.100.7',
      'severity:medium..critical',
      'count:1..2000',
      'last:1h',
      'first:1970-01-01',
      'received>=1970-01-01T00:16',
      'lane:actionable (severity:low OR count>=1204)',
    ];
    const no = [
      'signal:"requests"',
      'severity:low',
      'status:closed',
      'status:snoozed',
      'customer:"acme"',
      'ip:198.51.100.8',
      'ip:203.0.113.0/24',
      'assignee:none',
      'assignee:Ada',
      'count<1000',
      'seen<1m',
      'technique:T1498.002',
      'case:any',
      'suppressed:any',
      'merged:any',
      'merged:a1',
      'split:any',
      'suppressed:su_1',
      'case:k9',
      '-flood',
      'path:/logout',
      'mitigated:yes',
      'state:resolved',
      'title:flood*',
      'title:?flood?',
      'dst:198.51.100.7',
      'src:203.0.113.0/24',
      'severity:informational..low',
      'count:1..2',
      'last:1m',
      'seen<1970-01-01T00:31',
      'h?p*login',
    ];
    expect(yes.filter((text) => !matches(text))).toEqual([]);
    expect(no.filter((text) => matches(text))).toEqual([]);
  });
});

describe('asksForDone', () => {
  const asks = (text: string) => asksForDone(parseAlertQuery(text).node);
  const nothing = { closed: false, snoozed: false, suppressed: false, merged: false, split: false };
  it('sees closed, snoozed, suppressed, merged, split and dispositions, but not when they are negated', () => {
    expect(asks('flood')).toEqual(nothing);
    expect(asks('status:closed OR status:snoozed')).toEqual({ ...nothing, closed: true, snoozed: true });
    expect(asks('disposition:false-positive')).toEqual({ ...nothing, closed: true });
    expect(asks('suppressed:any')).toEqual({ ...nothing, suppressed: true });
    expect(asks('suppressed:su_1 flood')).toEqual({ ...nothing, suppressed: true });
    expect(asks('suppressed:none')).toEqual(nothing);
    expect(asks('merged:al_1')).toEqual({ ...nothing, merged: true });
    expect(asks('split:any OR flood')).toEqual({ ...nothing, split: true });
    expect(asks('merged:none split:none')).toEqual(nothing);
    expect(asks('-status:closed -suppressed:any -merged:any')).toEqual(nothing);
  });
});

describe('parseDuration', () => {
  it('reads lengths of time', () => {
    expect(['90s', '15m', '15min', '1.5h', '2d', '1w', '5', 'h', '-1h'].map(parseDuration)).toEqual([
      90_000,
      900_000,
      900_000,
      5_400_000,
      172_800_000,
      604_800_000,
      null,
      null,
      null,
    ]);
  });
});

describe('liesInNetwork', () => {
  it('compares addresses and networks of one family only', () => {
    expect(liesInNetwork('198.51.100.7', '198.51.100.0/24')).toBe(true);
    expect(liesInNetwork('198.51.100.0/25', '198.51.100.0/24')).toBe(true);
    expect(liesInNetwork('198.51.0.0/16', '198.51.100.0/24')).toBe(false);
    expect(liesInNetwork('2001:db8::1', '198.51.100.0/24')).toBe(false);
    expect(liesInNetwork('2001:db8::1', '2001:db8::/32')).toBe(true);
    expect(liesInNetwork('host.example', '0.0.0.0/0')).toBe(false);
  });
});

describe('completeAlertQuery', () => {
  const names = {
    customers: ['Acme Retail', 'Borealis'],
    services: ['Web shop'],
    sources: ['prom-eu'],
    signals: ['HTTP requests', 'Origin latency'],
    assignees: ['Ada'],
  };
  const inserts = (text: string, caret = text.length) => {
    const completion = completeAlertQuery(text, caret, names);
    return [completion.from, completion.to, completion.options.map((option) => option.insert)];
  };
  it('offers fields, then their values, and quotes where needed', () => {
    expect(inserts('sev')).toEqual([0, 3, ['severity:']]);
    expect(inserts('flood -st')).toEqual([7, 9, ['status:', 'state:']]);
    expect(inserts('co')).toEqual([0, 2, ['count>', 'country:']]);
    expect(inserts('severity:h')).toEqual([9, 10, ['high']]);
    expect(inserts('severity:high,cr')).toEqual([14, 16, ['critical']]);
    expect(inserts('customer:')).toEqual([9, 9, ['"Acme Retail"', 'Borealis']]);
    expect(inserts('customer:"ac')).toEqual([9, 12, ['"Acme Retail"']]);
    expect(inserts('(source:p')).toEqual([8, 9, ['prom-eu']]);
    expect(inserts('signal:h')).toEqual([7, 8, ['"HTTP requests"']]);
    expect(inserts('age<')).toEqual([4, 4, ['15m', '1h', '8h', '1d']]);
    expect(inserts('title:x')).toEqual([6, 7, []]);
  });
});

describe('quoteQueryValue', () => {
  it('round-trips through the parser', () => {
    for (const value of ['plain', 'two words', 'a"b', 'back\\slash "q"', 'a,b', '(x)', 'ends*', '']) {
      const { node } = parseAlertQuery(`title:${quoteQueryValue(value)}`);
      expect(node).toEqual({ type: 'title', match: 'contains', text: value });
    }
  });
});

describe('printAlertQuery', () => {
  const words = fc.constantFrom(
    ...[
      'flood',
      '"so quiet"',
      '"-x"',
      'OR',
      '(',
      ')',
      '-',
      'NOT',
      'AND',
      '*',
      'a*b',
      '"a\\\\b\\""',
      'http://a/b',
      'x"y',
    ],
    ...['severity:high,low', 'severity>=medium', 'severity:low..high', 'sev<high', 'status:open,snoozed'],
    ...['status:new', 'lane:info', 'disposition:none,true-positive', 'mitigated:yes,partly', 'state:firing'],
    ...[
      'source:prom*',
      'source:"north"',
      'customer:acme',
      'customer:"Acme, Inc."',
      'service:*s?op',
      'title:a,b',
    ],
    ...[
      'why:"x*"',
      'title:"say \\"hi\\""',
      'assignee:me',
      'assignee:none',
      'assignee:"me"',
      'ip:198.51.100.7',
    ],
    ...['ip:198.51.100.9/24', 'ip:"1.2.3.4"', 'ip:198.*', 'entity:10.0.0.0/8', 'entity:"10.0.0.0/8"'],
    ...[
      'src:2001:db8::/32',
      'dst:10.0.0.1',
      'src:10.*',
      'host:web-?',
      'technique:T1498,T1110.004',
      'count:5..9',
    ],
    ...[
      'count:7',
      'count<3',
      'age<90s',
      'age:1h..1d',
      'seen:>2026-11-01',
      'first:2026-11-01T02:14',
      'last:1.5h',
    ],
    ...['asn:64500,AS64501', 'asn:"64500"', 'asn:645*', 'asn:0', 'country:de,Germany', 'country:"DE"'],
    ...['suppressed:any', 'suppressed:none', 'suppressed:"any"', 'suppressed:su_1'],
    ...['merged:any', 'merged:none', 'merged:"none"', 'merged:al_1,any', 'split:any', 'split:al_1'],
    ...['case:any', 'case:none', 'case:"any"', 'case:ca_1', 'nonsense:1', 'count:x', 'title:'],
  );
  it('is the inverse of parsing', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 14 }), fc.boolean(), (pieces, spaced) => {
        const { node } = parseAlertQuery(pieces.join(spaced ? ' ' : ''));
        const text = printAlertQuery(node);
        const again = parseAlertQuery(text);
        expect(again.problems, text).toEqual([]);
        expect(again.node, text).toEqual(node);
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives any text a query that prints to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const { node } = parseAlertQuery(text);
        expect(parseAlertQuery(printAlertQuery(node)).node, text).toEqual(node);
      }),
      { numRuns: 2_000 },
    );
  });
});
