import { describe, expect, it } from 'vitest';
import { matchesAlertQuery } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { fakeAlert } from '../testing/fake-alert.ts';
import { entityQuery, originWords, pivotsOf } from './pivots.ts';

const startMs = Date.UTC(2026, 10, 26);
const context = {
  nowMs: startMs,
  analystName: null,
  customerName: () => null,
  serviceName: () => null,
  sourceName: () => null,
  signalName: () => null,
  originOf: () => null,
  hasRecord: () => false,
};

describe('pivotsOf', () => {
  it('asks for what an alert has, in the language of the queue', () => {
    const alert = {
      ...fakeAlert(4, 100, startMs, null),
      title: 'ET SCAN "x" (probe)',
      sourceKind: 'suricata-eve',
      techniques: ['T1498'],
    };
    expect(pivotsOf(alert).map(({ label, query }) => `${label}: ${query}`)).toEqual([
      'All from this source: src:203.0.113.28',
      'Same rule: title:"ET SCAN \\"x\\" (probe)" source:suricata-eve',
      'Same /24: src:203.0.113.0/24',
      'Same network (ASN): asn:64496',
      'Same path: path:/api/session',
      'Same destination: dst:192.0.2.10',
      'Same technique: technique:T1498',
    ]);
  });

  it('gives queries that are understood and find the alert itself, whatever its texts are', () => {
    for (let place = 0; place < 200; place += 1) {
      const alert = fakeAlert(place, 200, startMs, startMs - 300_000);
      const queries = [...pivotsOf(alert).map(({ query }) => query), ...alert.entities.map(entityQuery)];
      for (const query of queries) {
        const { node, problems } = parseAlertQuery(query);
        expect(problems, query).toEqual([]);
        expect(matchesAlertQuery(node, alert, context), query).toBe(true);
      }
    }
  });

  it('asks for the system and country of the source’s address where the data know them', () => {
    const made = fakeAlert(4, 100, startMs, null);
    const source = made.entities.find(({ kind, role }) => kind === 'ip' && role === 'source');
    const alert = { ...made, entities: made.entities.filter(({ kind }) => kind !== 'asn') };
    const origin = { address: source?.value ?? '', asn: 64_500, asName: 'Ex\u202eample', country: 'DE' };
    const other = { ...origin, address: '192.0.2.10', asn: 64_501 };
    const shown = (origins: Parameters<typeof pivotsOf>[1]) =>
      pivotsOf(alert, origins)
        .filter(({ id }) => id === 'asn' || id === 'country')
        .map(({ by, query }) => `${by}: ${query}`);
    expect(shown([other, origin])).toEqual(['AS64500 Ex\\u202eample: asn:64500', 'DE: country:DE']);
    expect(shown([{ ...origin, asn: null, asName: null }])).toEqual(['DE: country:DE']);
    expect(shown([other])).toEqual(['AS64501 Ex\\u202eample: asn:64501', 'DE: country:DE']);
    expect(shown([])).toEqual([]);
  });
});

describe('originWords', () => {
  it('says who announces an address and where it is registered', () => {
    expect(originWords({ asn: 64_500, asName: 'Example, Inc.', country: 'DE' })).toBe(
      'AS64500 Example, Inc., registered in DE',
    );
    expect(originWords({ asn: null, asName: null, country: 'DE' })).toBe('registered in DE');
    expect(originWords({ asn: 64_500, asName: null, country: null })).toBe('AS64500');
    expect(originWords(undefined)).toBeNull();
  });
});
