import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, findProgram, freePort, type RunningProgram, startProgram } from './programs.ts';

const run = promisify(execFile);

/** nginx as an origin that answers 200 to everything but /missing. */
export interface RunningNginx extends RunningProgram {
  readonly port: number;
}

export async function startNginx(folder: string): Promise<RunningNginx> {
  const port = await freePort();
  const home = join(folder, 'nginx');
  await mkdir(home, { recursive: true });
  const asRoot = process.getuid?.() === 0 ? 'user root;\n' : '';
  const path = join(home, 'nginx.conf');
  await writeFile(
    path,
    `${asRoot}daemon off;
worker_processes 1;
error_log stderr warn;
pid ${home}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  server {
    listen 127.0.0.1:${port};
    location /missing { return 404; }
    location /stub_status { stub_status; }
    location / { default_type text/plain; return 200 "the shop is open\\n"; }
  }
}
`,
  );
  const program = await startProgram({
    program: 'nginx',
    arguments: ['-e', 'stderr', '-p', home, '-c', path],
    folder: home,
    ready: () => answers(`http://127.0.0.1:${port}/`),
  });
  return { ...program, port };
}

/** HAProxy with a stick table, a map that ends blocks by itself, and its built-in exporter. */
export interface RunningHaproxy extends RunningProgram {
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly metricsPort: number;
  readonly socketPath: string;
  readonly tcpSocketPort: number;
  readonly mapPath: string;
  readonly configurationPath: string;
  /** Its HTTP log, one line a request: `client status` and more; see `log-format` in the configuration. */
  readonly logPath: string;
  readonly frontend: string;
  readonly backend: string;
  readonly table: string;
}

/**
 * @param options.originPort where the origin listens on 127.0.0.1
 * @param options.rule extra lines for the HTTP frontend in place of the blocking rule
 */
export async function startHaproxy(
  folder: string,
  options: { readonly originPort: number; readonly rule?: string },
): Promise<RunningHaproxy> {
  const [httpPort, tcpPort, metricsPort, tcpSocketPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const home = join(folder, 'haproxy');
  await mkdir(home, { recursive: true });
  const socketPath = join(home, 'admin.sock');
  const mapPath = join(home, 'block.map');
  const configurationPath = join(home, 'haproxy.cfg');
  const logPath = join(home, 'http.log');
  if (!existsSync(mapPath)) await writeFile(mapPath, '');
  const rule =
    options.rule ??
    `  http-request set-var(txn.until) src,map_ip(${mapPath},0)
  http-request set-var(txn.now) date
  http-request deny deny_status 403 if { var(txn.until),sub(txn.now) -m int gt 0 }`;
  await writeFile(
    configurationPath,
    `global
  nbthread 1
  stats socket ${socketPath} mode 600 level admin
  stats socket ipv4@127.0.0.1:${tcpSocketPort} level admin
  log stdout format raw local0
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend shop
  bind 127.0.0.1:${httpPort}
  log global
  log-format "%ci %ST %Ts.%ms %HM %HP"
  stick-table type ipv6 size 100k expire 30m store http_req_rate(60s),http_req_cnt,http_err_rate(60s),conn_cur,bytes_out_rate(60s)
  http-request track-sc0 src
${rule}
  default_backend origin
frontend passthrough
  mode tcp
  bind 127.0.0.1:${tcpPort}
  tcp-request connection set-var(sess.until) src,map_ip(${mapPath},0)
  tcp-request connection set-var(sess.now) date
  tcp-request connection reject if { var(sess.until),sub(sess.now) -m int gt 0 }
  default_backend origin_tcp
frontend stats
  bind 127.0.0.1:${metricsPort}
  http-request use-service prometheus-exporter if { path /metrics }
backend origin
  server web1 127.0.0.1:${options.originPort} check inter 1s
backend origin_tcp
  mode tcp
  server web1 127.0.0.1:${options.originPort}
`,
  );
  const program = await startProgram({
    program: 'haproxy',
    arguments: ['-W', '-db', '-f', configurationPath],
    folder: home,
    logPath,
    ready: async () =>
      (await answers(`http://127.0.0.1:${metricsPort}/metrics`)) &&
      (await runtimeCommand(socketPath, 'show info')) !== '',
  });
  return {
    ...program,
    httpPort,
    tcpPort,
    metricsPort,
    socketPath,
    tcpSocketPort,
    mapPath,
    configurationPath,
    logPath,
    frontend: 'shop',
    backend: 'origin',
    table: 'shop',
  };
}

/** One command on HAProxy's runtime socket, for tests that look at HAProxy without Watchfloor's own client. */
export function runtimeCommand(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    let answer = '';
    socket.setTimeout(3_000, () => socket.destroy(new Error('HAProxy did not answer.')));
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

export interface RunningPrometheus extends RunningProgram {
  readonly url: string;
}

/**
 * @param options.targets job name to `host:port` of what it scrapes at /metrics
 * @param options.probes what the blackbox exporter on this port probes, as job `reachability`
 * @param options.rules text of a rule file
 * @param options.openMetricsPath the past, made into blocks by promtool before the start
 */
export async function startPrometheus(
  folder: string,
  options: {
    readonly targets: Readonly<Record<string, string>>;
    readonly scrapeIntervalSeconds?: number;
    readonly alertmanagerPort?: number;
    readonly rules?: string;
    readonly openMetricsPath?: string;
    readonly probes?: { readonly exporterPort: number; readonly urls: readonly string[] };
  },
): Promise<RunningPrometheus> {
  const port = await freePort();
  const home = join(folder, 'prometheus');
  const data = join(home, 'data');
  await mkdir(data, { recursive: true });
  const interval = options.scrapeIntervalSeconds ?? 1;
  const rulesPath = join(home, 'rules.yml');
  if (options.rules !== undefined) await writeFile(rulesPath, options.rules);
  const lines = [
    'global:',
    `  scrape_interval: ${interval}s`,
    `  scrape_timeout: ${interval}s`,
    `  evaluation_interval: ${interval}s`,
    ...(options.rules === undefined ? [] : ['rule_files:', `  - ${rulesPath}`]),
    ...(options.alertmanagerPort === undefined
      ? []
      : [
          'alerting:',
          '  alertmanagers:',
          '    - static_configs:',
          `        - targets: ["127.0.0.1:${options.alertmanagerPort}"]`,
        ]),
    'scrape_configs:',
    ...Object.entries(options.targets).flatMap(([job, target]) => [
      `  - job_name: ${job}`,
      '    static_configs:',
      `      - targets: ["${target}"]`,
    ]),
  ];
  if (options.probes !== undefined) {
    lines.push(
      '  - job_name: reachability',
      '    metrics_path: /probe',
      '    params: { module: [http_2xx] }',
      '    static_configs:',
      `      - targets: [${options.probes.urls.map((url) => `"${url}"`).join(', ')}]`,
      '    relabel_configs:',
      '      - { source_labels: [__address__], target_label: __param_target }',
      '      - { source_labels: [__param_target], target_label: instance }',
      `      - { target_label: __address__, replacement: "127.0.0.1:${options.probes.exporterPort}" }`,
    );
  }
  const path = join(home, 'prometheus.yml');
  await writeFile(path, `${lines.join('\n')}\n`);
  if (options.openMetricsPath !== undefined) {
    const promtool = findProgram('promtool');
    if (promtool === null) throw new Error('promtool is not installed on this machine.');
    await run(
      promtool,
      [
        'tsdb',
        'create-blocks-from',
        'openmetrics',
        '--max-block-duration=360h',
        '-q',
        options.openMetricsPath,
        data,
      ],
      { cwd: home, maxBuffer: 64 * 1024 * 1024 },
    );
  }
  const program = await startProgram({
    program: 'prometheus',
    arguments: [
      `--config.file=${path}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=60d',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    folder: home,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).status === 200,
    readyWithinMs: 30_000,
  });
  return { ...program, url: `http://127.0.0.1:${port}` };
}

export interface RunningAlertmanager extends RunningProgram {
  readonly url: string;
  readonly port: number;
}

/** @param options.inhibits whether critical alerts inhibit warnings of the same cluster */
export async function startAlertmanager(
  folder: string,
  options: { readonly inhibits: boolean } = { inhibits: true },
): Promise<RunningAlertmanager> {
  const port = await freePort();
  const home = join(folder, 'alertmanager');
  await mkdir(home, { recursive: true });
  const path = join(home, 'alertmanager.yml');
  await writeFile(
    path,
    `route:
  receiver: nobody
  group_wait: 1s
receivers:
  - name: nobody
${
  options.inhibits
    ? `inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [cluster]
`
    : ''
}`,
  );
  const program = await startProgram({
    program: 'prometheus-alertmanager',
    arguments: [
      `--config.file=${path}`,
      `--storage.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    folder: home,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).status === 200,
  });
  return { ...program, url: `http://127.0.0.1:${port}`, port };
}

/**
 * A web server over TLS with a certificate of its own.
 * @param days for so long it is valid
 */
export async function startTlsServer(
  folder: string,
  days: number,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const home = join(folder, 'tls');
  await mkdir(home, { recursive: true });
  const [key, certificate] = [join(home, 'key.pem'), join(home, 'certificate.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', certificate];
  const words = [
    '-days',
    String(days),
    '-subj',
    '/CN=shop.example',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  ];
  await run('openssl', ['req', '-x509', ...kind, ...files, ...words]);
  const server = createServer(
    { key: await readFile(key), cert: await readFile(certificate) },
    (_request, response) => response.end('the shop is open\n'),
  );
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The blackbox exporter with a module `http_2xx` that takes any certificate. */
export interface RunningBlackboxExporter extends RunningProgram {
  readonly port: number;
}

export async function startBlackboxExporter(folder: string): Promise<RunningBlackboxExporter> {
  const port = await freePort();
  const home = join(folder, 'blackbox');
  await mkdir(home, { recursive: true });
  const path = join(home, 'blackbox.yml');
  await writeFile(
    path,
    'modules:\n  http_2xx:\n    prober: http\n    timeout: 1s\n    http:\n      tls_config:\n        insecure_skip_verify: true\n',
  );
  const program = await startProgram({
    program: 'prometheus-blackbox-exporter',
    arguments: [`--config.file=${path}`, `--web.listen-address=127.0.0.1:${port}`],
    folder: home,
    ready: () => answers(`http://127.0.0.1:${port}/`),
  });
  return { ...program, port };
}
