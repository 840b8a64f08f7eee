import type { AlertQuery } from '../../shared/api/contract.ts';

/** One query as an analyst writes it; `slow` ones look into text and may take longer to be counted. */
export interface BenchQuery {
  readonly text: string;
  readonly sort: AlertQuery['sort'];
  readonly lane: AlertQuery['lane'];
  readonly includeDone: boolean;
  readonly isText: boolean;
}

const query = (text: string, more: Partial<Omit<BenchQuery, 'text'>> = {}): BenchQuery => ({
  text,
  sort: 'received',
  lane: null,
  includeDone: false,
  isText: false,
  ...more,
});
const free = (text: string, more: Partial<Omit<BenchQuery, 'text'>> = {}) =>
  query(text, { isText: true, ...more });

/** What analysts ask of a queue: fields, free text, networks, negations, and sorts that no index has in that order. */
export const benchQueries: readonly BenchQuery[] = [
  // The queue as it opens, and its lanes.
  query('', { lane: 'actionable' }),
  query('', { lane: 'informational' }),
  query(''),
  query('', { includeDone: true }),
  // Fields.
  query('severity:critical'),
  query('severity>=high status:new'),
  query('status:closed disposition:false-positive'),
  query('assignee:Ada'),
  query('assignee:none severity:high', { lane: 'actionable' }),
  query('customer:"Borealis Bank" severity>=medium'),
  query('service:login'),
  query('source:suricata-eve'),
  query('last:24h'),
  query('count>100'),
  query('user:user7'),
  query('ip:203.0.0.2'),
  // Free text.
  free('injection'),
  free('"credential stuffing"'),
  free('wp-login'),
  free('user77'),
  free('log4j severity:critical'),
  free('scan', { lane: 'actionable' }),
  free('amplification', { includeDone: true }),
  free('nothing-like-this'),
  free('title:*travers*'),
  // Networks.
  query('src:10.0.0.0/8'),
  query('src:203.1.0.0/16 severity>=high'),
  query('dst:192.0.2.0/26'),
  query('ip:10.3.0.0/16', { includeDone: true }),
  query('ip:2001:db8::/32'),
  query('src:10.1.2.0/24 OR src:10.1.3.0/24'),
  // Negations.
  query('NOT severity:low'),
  query('NOT customer:"Acme Retail"', { lane: 'actionable' }),
  query('severity:high NOT src:10.0.0.0/8'),
  free('NOT scan', { lane: 'actionable' }),
  query('NOT assignee:none'),
  query('NOT (status:new OR severity:low)'),
  // Sorts.
  query('severity>=medium', { sort: 'count' }),
  query('', { sort: 'count', lane: 'actionable' }),
  query('customer:"Elm Health"', { sort: 'severity' }),
  query('status:new', { sort: 'last-seen' }),
  query('src:10.0.0.0/8', { sort: 'count' }),
  free('injection', { sort: 'severity' }),
  query('status:new', { sort: 'entity' }),
  query('severity>=high', { sort: 'technique' }),
];
