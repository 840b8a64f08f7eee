import type { Layer, Measure, Stage } from '../../shared/domain/signal.ts';

/** One PromQL question whose every answered series becomes a signal. */
export interface PrometheusQuery {
  /** Stable: part of each signal's key. */
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
  /** `$window` stands for the range over which rates are taken, `$exclude` for the excluded proxies. */
  readonly promql: string;
  /** Labels that tell series of this query apart and are worth showing in a signal's name. */
  readonly nameLabels: readonly string[];
}

/** A ready-made set of questions for one exporter. */
export interface PrometheusSet {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  /** A metric that is there when the exporter is. */
  readonly witness: string;
  readonly queries: readonly PrometheusQuery[];
}

type Row = readonly [
  id: string,
  name: string,
  unit: string,
  stage: Stage,
  layer: Layer,
  measure: Measure,
  promql: string,
];

function queries(
  setId: string,
  nameLabels: readonly string[],
  rows: readonly Row[],
): readonly PrometheusQuery[] {
  return rows.map(([id, name, unit, stage, layer, measure, promql]) => ({
    id: `${setId}/${id}`,
    name,
    unit,
    stage,
    layer,
    measure,
    promql,
    nameLabels,
  }));
}

/** Metric names as HAProxy's built-in exporter of 2.4 and later has them (addons/promex/README in its source). */
const haproxy: PrometheusSet = {
  id: 'haproxy',
  label: 'HAProxy',
  help: 'HAProxy’s built-in exporter: requests, errors, denied, bytes, queue, response time, servers up.',
  witness: 'haproxy_process_start_time_seconds',
  queries: queries(
    'haproxy',
    ['proxy'],
    [
      [
        'requests',
        'HTTP requests',
        'requests/s',
        'edge',
        'L7',
        'rate',
        'sum by (LABELS) (rate(haproxy_frontend_http_requests_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'connections',
        'New connections',
        'connections/s',
        'network',
        'L4',
        'connections',
        'sum by (LABELS) (rate(haproxy_frontend_connections_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'bits-in',
        'Traffic in',
        'bit/s',
        'network',
        'L3',
        'bits',
        '8 * sum by (LABELS) (rate(haproxy_frontend_bytes_in_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'bits-out',
        'Traffic out',
        'bit/s',
        'network',
        'L3',
        'bits',
        '8 * sum by (LABELS) (rate(haproxy_frontend_bytes_out_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'sessions',
        'Open sessions',
        'sessions',
        'edge',
        'L4',
        'saturation',
        'sum by (LABELS) (haproxy_frontend_current_sessions{proxy!~"$exclude"})',
      ],
      [
        'denied',
        'Requests denied',
        'requests/s',
        'waf',
        'L7',
        'mitigated',
        'sum by (LABELS) (rate(haproxy_frontend_requests_denied_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'denied-connections',
        'Connections denied',
        'connections/s',
        'waf',
        'L4',
        'mitigated',
        'sum by (LABELS) (rate(haproxy_frontend_denied_connections_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'client-errors',
        'Answers 4xx',
        'responses/s',
        'edge',
        'L7',
        'errors',
        'sum by (LABELS) (rate(haproxy_frontend_http_responses_total{proxy!~"$exclude",code="4xx"}[$window]))',
      ],
      [
        'server-errors',
        'Answers 5xx',
        'responses/s',
        'edge',
        'L7',
        'errors',
        'sum by (LABELS) (rate(haproxy_frontend_http_responses_total{proxy!~"$exclude",code="5xx"}[$window]))',
      ],
      [
        'cache-hits',
        'Cache hits',
        '%',
        'cache',
        'L7',
        'other',
        '100 * sum by (LABELS) (rate(haproxy_frontend_http_cache_hits_total{proxy!~"$exclude"}[$window])) / (sum by (LABELS) (rate(haproxy_frontend_http_cache_lookups_total{proxy!~"$exclude"}[$window])) > 0)',
      ],
      [
        'queue',
        'Requests waiting',
        'requests',
        'origin',
        'L7',
        'saturation',
        'sum by (LABELS) (haproxy_backend_current_queue{proxy!~"$exclude"})',
      ],
      [
        'response-time',
        'Response time',
        'ms',
        'origin',
        'L7',
        'latency',
        '1000 * max by (LABELS) (haproxy_backend_response_time_average_seconds{proxy!~"$exclude"})',
      ],
      [
        'origin-errors',
        'Origin answers 5xx',
        'responses/s',
        'origin',
        'L7',
        'errors',
        'sum by (LABELS) (rate(haproxy_backend_http_responses_total{proxy!~"$exclude",code="5xx"}[$window]))',
      ],
      [
        'connection-errors',
        'Origin connection errors',
        'errors/s',
        'origin',
        'L4',
        'errors',
        'sum by (LABELS) (rate(haproxy_backend_connection_errors_total{proxy!~"$exclude"}[$window]))',
      ],
      [
        'servers-up',
        'Servers up',
        '%',
        'origin',
        'L7',
        'availability',
        // The state series are one-hot: their sum is 1 for each server, so this is the share that takes traffic.
        '100 * sum by (LABELS) (haproxy_server_status{proxy!~"$exclude",state="UP"}) / sum by (LABELS) (haproxy_server_status{proxy!~"$exclude"})',
      ],
    ],
  ),
};

/** Metric names of nginx-prometheus-exporter over stub_status. */
const nginx: PrometheusSet = {
  id: 'nginx',
  label: 'nginx',
  help: 'The nginx exporter over stub_status: requests, connections, whether it is up.',
  witness: 'nginx_up',
  queries: queries(
    'nginx',
    ['instance'],
    [
      [
        'requests',
        'Origin requests',
        'requests/s',
        'origin',
        'L7',
        'rate',
        'sum by (LABELS) (rate(nginx_http_requests_total[$window]))',
      ],
      [
        'accepted',
        'Origin connections',
        'connections/s',
        'origin',
        'L4',
        'connections',
        'sum by (LABELS) (rate(nginx_connections_accepted[$window]))',
      ],
      [
        'active',
        'Origin connections open',
        'connections',
        'origin',
        'L4',
        'saturation',
        'sum by (LABELS) (nginx_connections_active)',
      ],
      ['up', 'Origin up', '%', 'origin', 'L7', 'availability', '100 * avg by (LABELS) (nginx_up)'],
    ],
  ),
};

/** Metric names of the blackbox exporter. */
const blackbox: PrometheusSet = {
  id: 'blackbox',
  label: 'Blackbox exporter',
  help: 'Probes from outside: reachability, latency, name resolution and the certificate as a client sees them.',
  witness: 'probe_success',
  queries: queries(
    'blackbox',
    ['instance'],
    [
      [
        'reachability',
        'Reachability',
        '%',
        'client',
        'L7',
        'reachability',
        '100 * avg by (LABELS) (avg_over_time(probe_success[$window]))',
      ],
      [
        'latency',
        'Latency to the client',
        'ms',
        'client',
        'L7',
        'latency',
        // A failed probe's duration is its timeout, not a latency: only those that succeeded count.
        '1000 * avg by (LABELS) (probe_duration_seconds and on (job, instance) probe_success == 1)',
      ],
      [
        'resolution',
        'Name resolution',
        '%',
        'client',
        'L7',
        'resolution',
        // Stays 0 until the name was found and an address of it chosen.
        '100 * avg by (LABELS) (probe_ip_protocol > bool 0)',
      ],
      [
        'certificate',
        'Certificate',
        'd',
        'edge',
        'L7',
        'certificate',
        '(min by (LABELS) (probe_ssl_earliest_cert_expiry > 0) - time()) / 86400',
      ],
    ],
  ),
};

/** Metric names of node_exporter 1.x. */
const node: PrometheusSet = {
  id: 'node',
  label: 'Node exporter',
  help: 'Machines: traffic in bits and packets, SYN cookies, connection tracking, processor.',
  witness: 'node_uname_info',
  queries: queries(
    'node',
    ['instance'],
    [
      [
        'bits-in',
        'Network in',
        'bit/s',
        'network',
        'L3',
        'bits',
        '8 * sum by (LABELS) (rate(node_network_receive_bytes_total{device!~"lo|veth.*|docker.*|br-.*|cni.*"}[$window]))',
      ],
      [
        'bits-out',
        'Network out',
        'bit/s',
        'network',
        'L3',
        'bits',
        '8 * sum by (LABELS) (rate(node_network_transmit_bytes_total{device!~"lo|veth.*|docker.*|br-.*|cni.*"}[$window]))',
      ],
      [
        'packets-in',
        'Packets in',
        'packets/s',
        'network',
        'L3',
        'packets',
        'sum by (LABELS) (rate(node_network_receive_packets_total{device!~"lo|veth.*|docker.*|br-.*|cni.*"}[$window]))',
      ],
      [
        'syn-cookies',
        'SYN cookies sent',
        'packets/s',
        'network',
        'L4',
        'mitigated',
        'sum by (LABELS) (rate(node_netstat_TcpExt_SyncookiesSent[$window]))',
      ],
      [
        'listen-drops',
        'Connections dropped at listen',
        'connections/s',
        'network',
        'L4',
        'errors',
        'sum by (LABELS) (rate(node_netstat_TcpExt_ListenDrops[$window]))',
      ],
      [
        'conntrack',
        'Connection tracking in use',
        '%',
        'network',
        'L4',
        'saturation',
        '100 * sum by (LABELS) (node_nf_conntrack_entries) / sum by (LABELS) (node_nf_conntrack_entries_limit)',
      ],
      [
        'processor',
        'Processor in use',
        '%',
        'origin',
        'L7',
        'saturation',
        '100 * (1 - avg by (LABELS) (rate(node_cpu_seconds_total{mode="idle"}[$window])))',
      ],
    ],
  ),
};

/** Every ready-made set, in the order of the form. */
export const prometheusSets: readonly PrometheusSet[] = [haproxy, nginx, blackbox, node];
