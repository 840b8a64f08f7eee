import type {
  Alert,
  AlertGrouping,
  AlertStatus,
  Lane,
  OccurrenceHistogram,
  Severity,
} from '../../shared/domain/alert.ts';
import { bucketsOver } from '../../shared/domain/histogram.ts';
import { dayMs, hourMs } from '../../shared/domain/time.ts';
import { fakeServices } from './fake-customers.ts';
import { noise } from './seeded-noise.ts';

const titles: readonly { title: string; why: string; severity: Severity; lane: Lane }[] = [
  {
    title: 'HTTP flood on /login',
    why: 'HTTP requests 14.2x above the usual Sunday 03:00, for 9 min; origin latency rose 40 s earlier; 8% mitigated at the edge.',
    severity: 'critical',
    lane: 'actionable',
  },
  {
    title: 'Origin errors rising on shop.acme.example',
    why: 'Origin errors 4.8%, usually 0.2% at this hour, for 8 min; the edge is not affected.',
    severity: 'high',
    lane: 'actionable',
  },
  {
    title: 'ET SCAN Potential SSH Scan',
    why: 'Suricata saw 212 events of this signature from 203.0.113.41 in 10 min; all were allowed.',
    severity: 'medium',
    lane: 'actionable',
  },
  {
    title: 'Credential stuffing on /api/session',
    why: '91% of 38,204 logins failed in 5 min, usually 6%; 412 addresses in 3 networks take part.',
    severity: 'high',
    lane: 'actionable',
  },
  {
    title: 'SQL injection attempt blocked',
    why: 'The WAF blocked 1,204 requests of this rule from one address; none reached the origin.',
    severity: 'low',
    lane: 'informational',
  },
  {
    title: 'UDP amplification dropped at the edge',
    why: 'Inbound UDP 6.1x above the usual Sunday 03:00 for 4 min; all of it was dropped.',
    severity: 'low',
    lane: 'informational',
  },
  {
    title: 'Certificate of api.acme.example ends in 20 d',
    why: 'Alertmanager sent it; it fires since yesterday.',
    severity: 'informational',
    lane: 'informational',
  },
  {
    title: 'Disk of cache-07 at 86%',
    why: 'Alertmanager sent it; at this pace it is full in 31 h.',
    severity: 'medium',
    lane: 'informational',
  },
];

/** Hostile on purpose: what an attacker can put into a title. */
const hostileTitle = `<img src=x onerror=alert(1)> \u202egnp.exe\u202c \u0000\u001b[31mred\u001b[0m ${'A'.repeat(600)}`;

/** The alert at a place of the whole list, newest first; the same at every look. */
export function fakeAlert(
  place: number,
  count: number,
  startMs: number,
  attackStartMs: number | null,
): Alert {
  const pick =
    place < 2 && attackStartMs !== null ? place : 2 + Math.floor(noise('alert', place) * (titles.length - 2));
  const kind = titles[pick] ?? (titles[0] as (typeof titles)[number]);
  const hostile = place % 97 === 11;
  const receivedMs =
    (attackStartMs !== null && place < 2 ? attackStartMs + 60_000 : startMs) - place * 47_000;
  const statuses: readonly AlertStatus[] = ['new', 'new', 'new', 'acknowledged', 'in-progress'];
  const service = place < 2 ? fakeServices[0] : fakeServices[place % fakeServices.length];
  const isFinding = kind.title.startsWith('HTTP flood') || kind.title.startsWith('Origin errors');
  return {
    id: `alert-${place}`,
    sequence: count - place,
    customerId: service?.customerId ?? null,
    serviceId: service?.id ?? null,
    sourceId: isFinding ? 'detection' : kind.title.startsWith('ET') ? 'eve' : 'range',
    sourceKind: isFinding ? 'detection' : kind.title.startsWith('ET') ? 'suricata-eve' : 'range',
    title: hostile ? hostileTitle : kind.title,
    why: kind.why,
    severity: kind.severity,
    lane: kind.lane,
    status: statuses[Math.floor(noise('status', place) * statuses.length)] ?? 'new',
    disposition: null,
    mitigated:
      kind.lane === 'informational' ? 'yes' : place === 0 ? 'partly' : place % 5 === 0 ? 'not-known' : 'no',
    sourceState: kind.title.startsWith('Disk') || kind.title.startsWith('Cert') ? 'firing' : null,
    firstSeenMs: receivedMs - 30_000,
    lastSeenMs: Math.min(startMs, receivedMs + 120_000),
    receivedMs,
    count: Math.ceil(noise('count', place) ** 3 * 4_000),
    entities: [
      { kind: 'ip', value: `203.0.113.${(place * 7) % 250}`, role: 'source' },
      { kind: 'asn', value: 'AS64496', role: 'source' },
      { kind: 'path', value: place % 3 === 0 ? '/login' : '/api/session', role: 'destination' },
      { kind: 'ip', value: place % 2 === 0 ? '192.0.2.10' : '10.20.0.5', role: 'destination' },
    ],
    techniques: place % 4 === 0 ? ['T1498'] : [],
    signalIds: isFinding ? ['shop.edge-rate', 'shop.origin-latency', 'shop.waf'] : [],
    assignee: place % 9 === 3 ? 'Kim Analyst' : null,
    snoozedUntilMs: null,
    suppressed: null,
    suppressionIds: [],
    caseId: null,
    parentId: null,
    merged: null,
    split: null,
    partOf: null,
    simulated: true,
  };
}

/** Why the occurrences of an alert of a source are one, and how they lie in time: sparse, then more and more. */
export function fakeGrouping(alert: Alert): {
  grouping: AlertGrouping | null;
  histogram: OccurrenceHistogram | null;
} {
  if (alert.signalIds.length > 0) return { grouping: null, histogram: null };
  const windowMs = alert.sourceKind === 'suricata-eve' ? dayMs : hourMs;
  const [from] = alert.entities;
  const { fromMs, bucketMs, buckets } = bucketsOver(alert.firstSeenMs, alert.lastSeenMs, 60);
  const counts = new Array<number>(buckets).fill(0);
  for (let index = 0; index < alert.count; index += 1) {
    const place = Math.floor(noise(`when ${alert.id}`, index) ** 0.6 * buckets);
    // Now and then nothing comes.
    const busy = noise('busy', place + alert.sequence) > 0.2 ? place : (place + 1) % buckets;
    counts[busy] = (counts[busy] ?? 0) + 1;
  }
  return {
    grouping: {
      key:
        alert.sourceKind === 'suricata-eve'
          ? `1:2024897|${from?.value ?? 'unknown'}|192.0.2.10`
          : 'shop/credential-stuffing',
      windowMs,
      fromMs: Math.floor(alert.lastSeenMs / windowMs) * windowMs,
    },
    histogram: { fromMs, bucketMs, counts, leftOut: 0 },
  };
}
