import type { Alert } from '../../shared/domain/alert.ts';
import type { Incident } from '../../shared/domain/incident.ts';
import type { Dimension, Finding } from '../../shared/domain/signal.ts';

/** The incident behind an alert of detection; null for one that a source sent. */
export function fakeIncident(alert: Alert, findings: readonly Finding[]): Incident | null {
  if (alert.signalIds.length === 0) return null;
  const part = (
    dimension: Dimension,
    value: string,
    share: number,
    usualShare: number,
  ): NonNullable<Incident['vector']>['parts'][number] => ({ dimension, value, share, usualShare });
  return {
    id: `incident-of-${alert.id}`,
    customerId: alert.customerId ?? '',
    serviceId: alert.serviceId ?? '',
    openedMs: alert.firstSeenMs,
    closedMs: null,
    state: 'open',
    lane: alert.lane,
    severity: alert.severity,
    mitigated: alert.mitigated,
    title: alert.title,
    why: alert.why,
    firstStage: 'network',
    stageOrder: [
      { stage: 'network', startMs: alert.firstSeenMs },
      { stage: 'edge', startMs: alert.firstSeenMs + 1_000 },
      { stage: 'origin', startMs: alert.firstSeenMs + 9_000 },
      { stage: 'client', startMs: alert.firstSeenMs + 14_000 },
    ],
    vector: {
      name: alert.title,
      sentence: '82% of the excess: POST /login from 12 clients in AS64496 and AS64511',
      parts: [
        part('source.ip', '198.51.100.7', 0.31, 0.001),
        part('source.ip', '203.0.113.17', 0.22, 0),
        part('source.as', 'AS64496 Example Hosting', 0.58, 0.04),
        part('source.as', 'AS64511 Cloudy', 0.24, 0.03),
        part('source.country', 'NL', 0.7, 0.12),
        part('url.path', '/login', 0.82, 0.06),
        part('http.method', 'POST', 0.82, 0.11),
        part('http.status', '429', 0.6, 0.001),
        part('http.status', '503', 0.22, 0.002),
      ],
      notKnown: ['user_agent', 'destination.port', 'tcp.flags', 'packet.size', 'source.port', 'url.query'],
    },
    firstAlarm: { name: 'Stopped by the WAF', atMs: alert.firstSeenMs + 11_000, leadMs: 11_000 },
    findingIds: findings.map(({ id }) => id),
    signalIds: [...alert.signalIds],
    entities: alert.entities,
    techniques: alert.techniques,
  };
}
