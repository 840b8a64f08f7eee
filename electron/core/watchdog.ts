import { judgeSilence, silenceLimitMs } from '../../shared/detection/rules.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { secondMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';
import type { Detection } from './detection.ts';
import type { Hub } from './hub.ts';
import type { AlertChange, Incidents } from './incidents.ts';
import type { Log } from './log.ts';
import type { Notifier } from './notifier.ts';
import type { Poller } from './poller.ts';

const everyMs = 5 * secondMs;
/** After a start, sources get this long on top of their own limit before silence counts. */
const graceMs = 30 * secondMs;

/** Sees what no sample tells: silence, and incidents whose time to call has come. */
export interface Watchdog {
  close(): void;
}

export function startWatchdog(deps: {
  readonly store: Store;
  readonly hub: Hub;
  readonly poller: Poller;
  readonly detection: Detection;
  readonly incidents: Incidents;
  readonly notifier: Pick<Notifier, 'news'>;
  readonly log: Log;
  readonly nowMs: () => number;
}): Watchdog {
  const { store, hub, detection, incidents } = deps;
  const startedMs = deps.nowMs();

  function announce(changes: readonly AlertChange[], findings: readonly Finding[]): void {
    if (findings.length > 0) hub.findings(findings);
    if (changes.length === 0) return;
    hub.alerts(
      changes.map((change) => change.alert),
      store.alerts.latestSequence(),
    );
    deps.notifier.news(changes.filter((change) => change.isNews).map((change) => change.alert));
  }

  function look(): void {
    const nowMs = deps.nowMs();
    const { changes, findings } = store.transaction(() => {
      const found: AlertChange[] = incidents.refresh(nowMs);
      const changed: Finding[] = [];
      const open = store.findings
        .open()
        .filter((finding) => finding.kind === 'source-silent')
        .map((finding) => ({ finding, signal: store.signals.get(finding.signalId) }));
      for (const connection of store.connections.list('source')) {
        if (!connection.enabled) continue;
        if (deps.poller.health(connection.id).state === 'back-filling') continue;
        // A finding that is open stays with the signal that it was opened for.
        const held = open.find((each) => each.signal?.sourceId === connection.id) ?? null;
        const signal = held ? held.signal : store.signals.liveliest(connection.id);
        if (!signal || nowMs - startedMs < silenceLimitMs(signal.stepMs) + graceMs) continue;
        const facts = detection.factsOf(signal);
        const { finding } = judgeSilence(
          facts,
          { sourceName: connection.name, lastSampleMs: store.signals.newestSampleMs(connection.id), nowMs },
          held?.finding ?? null,
        );
        if (!finding) continue;
        store.findings.upsert(finding);
        changed.push(finding);
        const change = incidents.take(finding, facts, nowMs);
        if (change) found.push(change);
      }
      return { changes: found, findings: changed };
    });
    announce(changes, findings);
  }

  const timer = setInterval(() => {
    try {
      look();
    } catch (thrown) {
      incidents.forget();
      deps.log.write('error', 'watchdog', String(thrown));
    }
  }, everyMs);
  return { close: () => clearInterval(timer) };
}
