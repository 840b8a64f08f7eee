/**
 * Stands beside a core under measurement, in a process of its own so that its work is not counted: answers like
 * Prometheus' query_range on a port that it tells, and is the page at the other end of the core's port.
 */
import { createServer } from 'node:http';
import { createClient } from '../../../shared/api/client.ts';
import type { Port } from '../../../shared/api/envelope.ts';
import { secondMs } from '../../../shared/domain/time.ts';
import { benchQueries, benchValue } from './shapes.ts';

/** What it says to its parent beside the port's own messages. */
export type AnswersToBench =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'port'; readonly data: unknown }
  | ({ readonly type: 'seen' } & SeenOnScreen);

/** What the page was sent so far. */
export interface SeenOnScreen {
  readonly samples: number;
  readonly findings: number;
  readonly alerts: number;
}

export type BenchToAnswers =
  | { readonly type: 'series'; readonly seriesAQuery: number }
  | { readonly type: 'port'; readonly data: unknown }
  | { readonly type: 'tell' };

const tell = (message: AnswersToBench) => process.send?.(message);

let seriesEach = 0;

function matrix(queryName: string, fromS: number, toS: number, stepS: number): string {
  const query = benchQueries.find(({ name }) => queryName.includes(`"${name}"`));
  if (query === undefined) return '[]';
  const result: string[] = [];
  for (let series = 0; series < seriesEach; series += 1) {
    const values: string[] = [];
    for (let at = fromS; at <= toS + 1e-6; at += stepS) {
      values.push(`[${at},"${benchValue(query, series, at * secondMs, true).toPrecision(9)}"]`);
    }
    const metric = `{"job":"service-${series}","instance":"198.51.100.${series % 250}:9100"}`;
    result.push(`{"metric":${metric},"values":[${values.join(',')}]}`);
  }
  return `[${result.join(',')}]`;
}

const server = createServer((request, response) => {
  const address = new URL(request.url ?? '/', 'http://127.0.0.1');
  const number = (name: string) => Number(address.searchParams.get(name));
  const result =
    address.pathname === '/api/v1/query_range'
      ? matrix(address.searchParams.get('query') ?? '', number('start'), number('end'), number('step'))
      : '[]';
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"status":"success","data":{"resultType":"matrix","result":${result}}}`);
});

const listeners = new Set<(message: unknown) => void>();
const port: Port = {
  send: (data) => tell({ type: 'port', data }),
  onMessage(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  onClose: () => () => undefined,
  close: () => undefined,
};

const client = createClient(port);
const seen = { samples: 0, findings: 0, alerts: 0 };
client.on('signals.samples', ({ rows }) => {
  seen.samples += rows.length;
});
client.on('findings.changed', ({ findings }) => {
  seen.findings += findings.length;
});
client.on('alerts.changed', ({ rows }) => {
  seen.alerts += rows.length;
});
client.on('signals.changed', () => {
  // As the page does: it asks for what it shows of them.
  void client.call('signals.list', {}).catch(() => undefined);
});

process.on('message', (message: BenchToAnswers) => {
  if (message.type === 'series') seriesEach = message.seriesAQuery;
  else if (message.type === 'port') for (const listener of listeners) listener(message.data);
  else tell({ type: 'seen', ...seen });
});
process.on('disconnect', () => process.exit(0));

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') tell({ type: 'listening', port: address.port });
});
