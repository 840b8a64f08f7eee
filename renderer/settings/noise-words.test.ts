import { describe, expect, it } from 'vitest';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { customerQuery, groupName, groupQuery, judgedWords, type NoiseNames } from './noise-words.ts';

const names: NoiseNames = {
  customer: (id) => ({ acme: 'Acme Retail' })[id],
  service: (id) => ({ shop: 'shop.acme.example' })[id],
  source: (id) => ({ eve: 'sensor-1 EVE' })[id],
  signal: (id) => ({ si_1: 'HTTP requests' })[id],
};
const group = (key: string) => ({ key, customerId: 'acme', count: 3, judged: 2, nothing: 1 });

describe('a link into the queue', () => {
  it.each([
    ['source', 'detection', 'acme', 'lane:actionable customer:"Acme Retail" source:"detection"'],
    ['source', 'eve', null, 'lane:actionable source:"sensor-1 EVE"'],
    ['service', 'shop', null, 'lane:actionable customer:"Acme Retail" service:"shop.acme.example"'],
    ['signal', 'si_1', null, 'lane:actionable signal:si_1'],
    ['rule', 'Say "no" \\', null, 'lane:actionable title:"Say \\"no\\" \\\\"'],
  ] as const)('%s %s of %s', (kind, key, customerId, expected) => {
    const query = groupQuery(kind, group(key), customerId, names);
    expect(query).toBe(expected);
    expect(parseAlertQuery(query).problems).toEqual([]);
  });

  it('gives everything of a customer too', () => {
    expect(customerQuery('acme', names)).toBe('lane:actionable customer:"Acme Retail"');
    expect(customerQuery(null, names)).toBe('lane:actionable');
  });
});

describe('words', () => {
  it('name what is gone by its id', () => {
    expect([groupName('source', 'detection', names), groupName('signal', 'si_9', names)]).toEqual([
      'Watchfloor’s own detection',
      'si_9',
    ]);
  });

  it('never say zero of what nobody judged', () => {
    expect([judgedWords({ judged: 14, nothing: 5 }), judgedWords({ judged: 0, nothing: 0 })]).toEqual([
      '36%, 5 of 14',
      'none judged yet',
    ]);
  });
});
