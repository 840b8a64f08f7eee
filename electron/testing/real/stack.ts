import { join } from 'node:path';
import { writeHistory } from './history.ts';
import { ordinaryLoad } from './load.ts';
import { temporaryFolder } from './programs.ts';
import {
  type RunningAlertmanager,
  type RunningHaproxy,
  type RunningNginx,
  type RunningPrometheus,
  startAlertmanager,
  startHaproxy,
  startNginx,
  startPrometheus,
} from './servers.ts';

/** nginx behind HAProxy, scraped by Prometheus, which tells Alertmanager; all on loopback, in a folder of their own. */
export interface RealStack {
  readonly folder: string;
  readonly nginx: RunningNginx;
  readonly haproxy: RunningHaproxy;
  readonly prometheus: RunningPrometheus;
  readonly alertmanager: RunningAlertmanager;
  /** The job under which Prometheus scrapes HAProxy. */
  readonly job: string;
  readonly meanPerSecond: number;
  stop(): Promise<void>;
}

/** What the alert rule watches for. */
export const surgeAlertName = 'ShopRequestSurge';

function rules(thresholdPerSecond: number): string {
  return `groups:
  - name: shop
    rules:
      - alert: ${surgeAlertName}
        expr: sum by (job, proxy) (rate(haproxy_frontend_http_requests_total{proxy="shop"}[15s])) > ${thresholdPerSecond}
        labels:
          severity: critical
          service: shop
        annotations:
          summary: Requests to the shop are far above what it can serve
          description: "The shop gets {{ $value | printf \\"%.0f\\" }} requests a second."
`;
}

/**
 * Starts everything, tries a little ordinary load, and gives Prometheus a past of `historyDays` that fits it.
 * @param options.meanPerSecond mean of ordinary requests a second over a day
 */
export async function startRealStack(options: {
  readonly historyDays: number;
  readonly meanPerSecond?: number;
  readonly seed?: number;
  readonly nowMs?: number;
}): Promise<RealStack> {
  const meanPerSecond = options.meanPerSecond ?? 8;
  const seed = options.seed ?? 20_260_304;
  const job = 'shop';
  const folder = await temporaryFolder();
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
    await folder.remove();
  };
  try {
    const nginx = await startNginx(folder.path);
    stops.push(() => nginx.stop());
    const haproxy = await startHaproxy(folder.path, { originPort: nginx.port });
    stops.push(() => haproxy.stop());
    const alertmanager = await startAlertmanager(folder.path);
    stops.push(() => alertmanager.stop());

    const trial = ordinaryLoad({ port: haproxy.httpPort, meanPerSecond: 100, seed, mostRequests: 150 });
    await trial.done;
    const answer = await fetch(`http://127.0.0.1:${haproxy.metricsPort}/metrics`);
    const openMetricsPath = join(folder.path, 'history.om');
    const nowMs = options.nowMs ?? Date.now();
    const stepMs = 30_000;
    if (options.historyDays > 0) {
      await writeHistory({
        path: openMetricsPath,
        page: await answer.text(),
        proxies: [haproxy.frontend, haproxy.backend],
        requestsProxy: haproxy.frontend,
        job,
        instance: `127.0.0.1:${haproxy.metricsPort}`,
        fromMs: Math.floor((nowMs - options.historyDays * 86_400_000) / stepMs) * stepMs,
        toMs: nowMs - 5_000,
        stepMs,
        meanPerSecond,
        seed,
      });
    }
    const prometheus = await startPrometheus(folder.path, {
      targets: { [job]: `127.0.0.1:${haproxy.metricsPort}` },
      scrapeIntervalSeconds: 1,
      alertmanagerPort: alertmanager.port,
      rules: rules(meanPerSecond * 6),
      ...(options.historyDays > 0 ? { openMetricsPath } : {}),
    });
    stops.push(() => prometheus.stop());
    return { folder: folder.path, nginx, haproxy, prometheus, alertmanager, job, meanPerSecond, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
