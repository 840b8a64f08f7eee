import type { BaselineState, Dimension, Stage } from '../../shared/domain/signal.ts';

export const stageWords = {
  client: 'Client',
  network: 'Network L3/L4',
  edge: 'Edge',
  waf: 'WAF and DDoS',
  cache: 'Cache',
  origin: 'Origin',
} as const satisfies Record<Stage, string>;

/** What traffic is broken down by, as headings say it. */
export const dimensionWords = {
  'source.ip': 'Addresses',
  'source.as': 'Networks (ASN)',
  'source.country': 'Countries',
  'url.path': 'Paths',
  'url.query': 'Query strings',
  user_agent: 'User agents',
  'http.method': 'Methods',
  'http.status': 'Statuses',
  'source.port': 'Source ports',
  'destination.port': 'Ports',
  'network.transport': 'Protocols',
  'tcp.flags': 'TCP flags',
  'packet.size': 'Packet sizes',
} as const satisfies Record<Dimension, string>;

export const baselineWords = {
  learning: 'Learning',
  warm: 'Warm',
  seasonal: 'Seasonal',
} as const satisfies Record<BaselineState, string>;
