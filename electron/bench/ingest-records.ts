import { closeSync, openSync, writeSync } from 'node:fs';
import { uniform } from '../../shared/testing/random.ts';

/** Any number does; another one gives other records of the same kind. */
const seed = 20_260_304;
const startMs = Date.UTC(2026, 2, 4);
/** Records of one connection that follow each other: a flow has its HTTP, DNS or TLS record and its end. */
const eventsPerFlow = 3;

const pick = <T>(list: readonly [T, ...T[]], index: number, salt: number): T =>
  list[Math.floor(uniform(seed, index, salt) * list.length)] ?? list[0];

const paths = ['/', '/login', '/cart', '/api/v1/items', '/static/app.js', '/search?q=shoes'] as const;
const agents = ['Mozilla/5.0 (X11; Linux x64)', 'curl/8.5.0', 'python-requests/2.31'] as const;

/** One EVE line as a busy sensor writes them: three in ten are alerts, the rest is what went on around them. */
export function eveLine(index: number): string {
  const flow = Math.floor(index / eventsPerFlow);
  const kind = uniform(seed, index, 7);
  const isAlert = kind < 0.3;
  // A few addresses send most, and a few hundred of them attack: powers lean on the low numbers.
  const client = isAlert
    ? Math.floor(uniform(seed, flow, 1) ** 3 * 600)
    : Math.floor(uniform(seed, flow, 1) ** 2 * 4_000);
  const timeMs = startMs + index * 8 + Math.floor(uniform(seed, index, 2) * 8);
  const micros = String(Math.floor(uniform(seed, index, 3) * 1_000)).padStart(3, '0');
  const common = {
    timestamp: new Date(timeMs).toISOString().replace('Z', `${micros}+0000`),
    flow_id: 1_000_000_000 + flow,
    in_iface: 'eth0',
    src_ip: `10.${client >> 8}.${client & 255}.${isAlert ? 1 : 1 + Math.floor(uniform(seed, flow, 4) * 4)}`,
    src_port: 1_024 + Math.floor(uniform(seed, flow, 5) * 60_000),
    dest_ip: `192.0.2.${10 + Math.floor(uniform(seed, isAlert ? client : flow, 6) * 20)}`,
    dest_port: 443,
    proto: 'TCP',
  };
  if (isAlert) {
    const signature = 2_000_000 + Math.floor(uniform(seed, client, index % 4, 8) ** 2 * 120);
    return JSON.stringify({
      ...common,
      event_type: 'alert',
      alert: {
        action: uniform(seed, index, 9) < 0.5 ? 'blocked' : 'allowed',
        gid: 1,
        signature_id: signature,
        rev: 3,
        signature: `SEEDED Web attack number ${signature}`,
        category: 'Web Application Attack',
        severity: 1 + Math.floor(uniform(seed, index, 10) * 3),
        metadata: { created_at: ['2024_01_01'], confidence: ['Medium'] },
      },
      http: {
        hostname: 'shop.example',
        url: pick(paths, index, 11),
        http_user_agent: pick(agents, index, 12),
        http_method: 'POST',
        status: 200,
        length: 512,
      },
      app_proto: 'http',
    });
  }
  if (kind < 0.6) {
    return JSON.stringify({
      ...common,
      event_type: 'http',
      tx_id: index % 9,
      http: {
        hostname: 'shop.example',
        url: pick(paths, index, 11),
        http_user_agent: pick(agents, index, 12),
        http_content_type: 'text/html',
        http_method: 'GET',
        protocol: 'HTTP/1.1',
        status: 200,
        length: Math.floor(uniform(seed, index, 13) * 50_000),
      },
    });
  }
  if (kind < 0.75) {
    return JSON.stringify({
      ...common,
      event_type: 'dns',
      dns: { type: 'query', id: index % 65_536, rrname: `host-${client}.example`, rrtype: 'A', tx_id: 0 },
    });
  }
  return JSON.stringify({
    ...common,
    event_type: 'flow',
    app_proto: 'http',
    flow: {
      pkts_toserver: 8,
      pkts_toclient: 9,
      bytes_toserver: Math.floor(uniform(seed, index, 14) * 5_000),
      bytes_toclient: Math.floor(uniform(seed, index, 15) * 90_000),
      start: common.timestamp,
      end: common.timestamp,
      age: 1,
      state: 'closed',
      reason: 'timeout',
      alerted: false,
    },
  });
}

/** Writes so many lines to a file, from that of a number on. Returns its size, bytes. */
export function writeEveFile(path: string, lines: number, first = 0): number {
  const file = openSync(path, 'w', 0o600);
  let bytes = 0;
  try {
    for (let start = 0; start < lines; start += 5_000) {
      const part = Array.from({ length: Math.min(5_000, lines - start) }, (_, index) =>
        eveLine(first + start + index),
      );
      bytes += writeSync(file, `${part.join('\n')}\n`);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
