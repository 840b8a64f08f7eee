import type { EventName, EventPayload } from '../../shared/api/contract.ts';
import type { Connection } from '../../shared/api/server.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { Mitigation } from '../../shared/domain/mitigation.ts';
import type { Finding, LiveSample } from '../../shared/domain/signal.ts';

/** How long changes gather before they are sent as one message. */
const gatherMs = 100;
const mostAlertRows = 200;
/** Two rounds of 5,000 signals and some: a poll that comes late brings what it missed. */
const mostSamples = 20_000;
/** The strip and the source list cost a count over all alerts: once a second is as often as a person reads them. */
const statusEveryMs = 1_000;

/** Gathers what changed and tells every connected renderer, a few messages a second however much happens. */
export interface Hub {
  connect(connection: Connection): void;
  disconnect(connection: Connection): void;
  samples(rows: readonly LiveSample[]): void;
  findings(findings: readonly Finding[]): void;
  alerts(rows: readonly Alert[], latestSequence: number): void;
  manyAlerts(latestSequence: number): void;
  mitigations(rows: readonly Mitigation[]): void;
  cases(caseIds: readonly string[]): void;
  signalsChanged(): void;
  /** Something that the strip or the source list shows changed; asks for both afresh at the next sending. */
  statusChanged(): void;
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
  close(): void;
}

export interface HubSources {
  status(): EventPayload<'status'>;
  connections(): EventPayload<'connections.changed'>;
}

export function createHub(sources: HubSources): Hub {
  const connections = new Set<Connection>();
  let samples: LiveSample[] = [];
  let findings = new Map<string, Finding>();
  let alerts = new Map<string, Alert>();
  let many = false;
  let alertsChanged = false;
  let latestSequence = 0;
  let mitigations = new Map<string, Mitigation>();
  let cases = new Set<string>();
  let signals = false;
  let status = false;
  let timer: NodeJS.Timeout | null = null;
  let statusTimer: NodeJS.Timeout | null = null;
  let statusSentMs = Number.NEGATIVE_INFINITY;

  function emit<E extends EventName>(event: E, payload: EventPayload<E>): void {
    for (const connection of connections) connection.emit(event, payload);
  }

  function flush(): void {
    timer = null;
    if (connections.size > 0) {
      if (signals) emit('signals.changed', {});
      if (samples.length > 0) emit('signals.samples', { rows: samples });
      if (findings.size > 0) emit('findings.changed', { findings: [...findings.values()] });
      if (alertsChanged) {
        emit('alerts.changed', {
          rows: many ? [] : [...alerts.values()],
          many,
          latestSequence,
        });
      }
      if (mitigations.size > 0) emit('mitigations.changed', { rows: [...mitigations.values()] });
      if (cases.size > 0) emit('cases.changed', { caseIds: [...cases] });
      if (status) sendStatus();
    }
    samples = [];
    findings = new Map();
    alerts = new Map();
    many = false;
    alertsChanged = false;
    mitigations = new Map();
    cases = new Set();
    signals = false;
    status = false;
  }

  function sendStatus(): void {
    const waitMs = statusSentMs + statusEveryMs - performance.now();
    if (waitMs > 0) {
      statusTimer ??= setTimeout(() => {
        statusTimer = null;
        sendStatus();
      }, waitMs);
      return;
    }
    statusSentMs = performance.now();
    emit('connections.changed', sources.connections());
    emit('status', sources.status());
  }

  function soon(): void {
    timer ??= setTimeout(flush, gatherMs);
  }

  return {
    connect(connection) {
      connections.add(connection);
    },
    disconnect(connection) {
      connections.delete(connection);
    },
    samples(rows) {
      if (connections.size === 0) return;
      for (const row of rows) samples.push(row);
      // A back-fill is read by windows, not by live rows: only the newest stay.
      if (samples.length > mostSamples) samples = samples.slice(-mostSamples);
      soon();
    },
    findings(rows) {
      for (const row of rows) findings.set(row.id, row);
      status = true;
      soon();
    },
    alerts(rows, sequence) {
      alertsChanged = true;
      latestSequence = Math.max(latestSequence, sequence);
      for (const row of rows) alerts.set(row.id, row);
      if (alerts.size > mostAlertRows) many = true;
      status = true;
      soon();
    },
    manyAlerts(sequence) {
      alertsChanged = true;
      many = true;
      latestSequence = Math.max(latestSequence, sequence);
      status = true;
      soon();
    },
    mitigations(rows) {
      for (const row of rows) mitigations.set(row.id, row);
      status = true;
      soon();
    },
    cases(caseIds) {
      for (const id of caseIds) cases.add(id);
      soon();
    },
    signalsChanged() {
      signals = true;
      soon();
    },
    statusChanged() {
      status = true;
      soon();
    },
    emit,
    close() {
      if (timer) clearTimeout(timer);
      if (statusTimer) clearTimeout(statusTimer);
      timer = null;
      statusTimer = null;
      connections.clear();
    },
  };
}
