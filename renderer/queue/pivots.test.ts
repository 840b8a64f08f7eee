import { describe, expect, it } from 'vitest';
import { matchesAlertQuery, parseAlertQuery } from '../../shared/domain/alert-query.ts';
import { fakeAlert } from '../testing/fake-data.ts';
import { entityQuery, pivotsOf } from './pivots.ts';

const startMs = Date.UTC(2026, 10, 26);
const context = {
  nowMs: startMs,
  analystName: null,
  customerName: () => null,
  serviceName: () => null,
  sourceName: () => null,
  signalName: () => null,
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
      'Same network (ASN): asn:AS64496',
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
});
