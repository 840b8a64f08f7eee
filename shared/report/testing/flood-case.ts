import type { Alert } from '../../domain/alert.ts';
import type { CaseEntry, CaseState, EntryPayload } from '../../domain/case.ts';
import { foldCase } from '../../domain/case-fold.ts';
import type { LedgerRow, Mitigation } from '../../domain/mitigation.ts';
import type { Finding, SignalWindow } from '../../domain/signal.ts';
import { minuteMs, secondMs } from '../../domain/time.ts';
import { caseEntry, notAssessed, plainTask } from '../../testing/case-entry.ts';
import type { RetrospectiveInput } from '../retrospective-model.ts';

/** 2026-03-03T02:00:00Z, a Tuesday. */
export const floodHourMs = Date.UTC(2026, 2, 3, 2);
export const floodStartMs = floodHourMs + 11 * minuteMs;
export const floodEndMs = floodHourMs + 31 * minuteMs;

const analyst = 'R. Okafor';
const approver = 'M. Lindqvist';

function finding(part: Pick<Finding, 'id' | 'signalId' | 'stage' | 'sentence'> & Partial<Finding>): Finding {
  return {
    customerId: 'cu_acme',
    serviceId: 'se_shop',
    kind: 'deviation',
    direction: 'up',
    lane: 'actionable',
    state: 'closed',
    startMs: floodStartMs,
    peakMs: floodStartMs + 4 * minuteMs,
    endMs: floodEndMs,
    observed: 8_200,
    expected: 580,
    low: 540,
    high: 620,
    surprise: 12,
    historyMs: 14 * 86_400_000,
    ...part,
  };
}

/** A minute's step from 02:00 to 03:00 with a plateau from start to end, and one gap of three minutes. */
function window(signalId: string, usual: number, peak: number, findings: readonly Finding[]): SignalWindow {
  const stepMs = minuteMs;
  const timesMs = Array.from({ length: 61 }, (_, index) => floodHourMs + index * stepMs);
  const gap = { fromMs: floodHourMs + 50 * minuteMs, toMs: floodHourMs + 53 * minuteMs };
  const values = timesMs.map((timeMs, index) => {
    if (timeMs > gap.fromMs && timeMs < gap.toMs) return null;
    const isPeak = timeMs > floodStartMs && timeMs <= floodEndMs;
    return (isPeak ? peak : usual) + (isPeak ? 0 : Math.sin(index) * usual * 0.02);
  });
  return {
    signalId,
    stepMs,
    rolledUp: false,
    timesMs,
    values,
    expected: timesMs.map(() => usual),
    low: timesMs.map(() => usual * 0.93),
    high: timesMs.map(() => usual * 1.07),
    gaps: [gap],
    findings: [...findings],
  };
}

const requestFinding = finding({
  id: 'fi_requests',
  signalId: 'si_requests',
  stage: 'edge',
  sentence:
    'HTTP requests/s 14.1x above the usual Tuesday 02:00, 8.2 k where 540 to 620 is usual, for 20 min.',
});
const latencyFinding = finding({
  id: 'fi_latency',
  signalId: 'si_latency',
  stage: 'origin',
  startMs: floodStartMs - 40 * secondMs,
  observed: 940,
  expected: 120,
  low: 90,
  high: 150,
  surprise: 9,
  sentence:
    'Origin latency p95 7.8x above the usual Tuesday 02:00, 940 ms where 90 ms to 150 ms is usual, for 20 min.',
});

export const floodAlert: Alert = {
  id: 'al_flood',
  sequence: 812,
  customerId: 'cu_acme',
  serviceId: 'se_shop',
  sourceId: 'detection',
  sourceKind: 'detection',
  title: 'HTTP flood on /login',
  why: 'HTTP requests 14.1x above the usual Tuesday 02:00; 82% of the excess is POST /login from 3 networks.',
  severity: 'critical',
  lane: 'actionable',
  status: 'in-progress',
  disposition: null,
  mitigated: 'no',
  sourceState: null,
  firstSeenMs: floodStartMs,
  lastSeenMs: floodEndMs,
  receivedMs: floodStartMs + 45 * secondMs,
  count: 1_204,
  entities: [
    { kind: 'ip', value: '198.51.100.7', role: 'source' },
    { kind: 'asn', value: 'AS64496', role: 'source' },
    { kind: 'path', value: '/login', role: 'destination' },
  ],
  techniques: ['T1499.002'],
  signalIds: ['si_requests', 'si_latency'],
  assignee: analyst,
  snoozedUntilMs: null,
  suppressed: null,
  suppressionIds: [],
  caseId: 'ca_flood',
  parentId: null,
  merged: null,
  split: null,
  partOf: null,
  simulated: false,
};

const mitigationTimes = {
  proposedMs: floodStartMs + 150 * secondMs,
  approvedMs: floodStartMs + 200 * secondMs,
  appliedMs: floodStartMs + 202 * secondMs,
  verifiedMs: floodStartMs + 203 * secondMs,
  expiresMs: floodStartMs + 202 * secondMs + 10 * minuteMs,
};

export const floodMitigation: Mitigation = {
  id: 'mi_block',
  planId: 'pl_ddos',
  planName: 'ACME-DDoS v4',
  planHash: 'a'.repeat(64),
  customerId: 'cu_acme',
  targetId: 'co_edge',
  targetName: 'edge-haproxy',
  caseId: 'ca_flood',
  alertId: 'al_flood',
  action: 'block',
  entries: ['198.51.100.0/24', '203.0.113.17/32'],
  ttlMs: 10 * minuteMs,
  reason: 'Flood on /login from three networks',
  hash: 'b'.repeat(64),
  state: 'ended',
  sentence: 'Ended by itself at 02:24:22Z.',
  guards: [],
  preview: {
    diff: [{ sign: '+', text: '198.51.100.0/24 until 02:24:22Z' }],
    impact: {
      windowMs: 5 * minuteMs,
      sourceName: 'edge-haproxy',
      totalRequests: 52_000,
      hitRequests: 41_220,
      excessRequests: 40_871,
      ordinaryRequests: 349,
      hitClients: 12,
      estimated: false,
    },
    impactUnknownReason: null,
    endKeptByTarget: true,
    endSentence: 'Ends by itself on the target.',
    undoSentence: 'Removes these 2 entries.',
    survivesReload: 'no',
    madeMs: floodStartMs + 195 * secondMs,
  },
  proposedBy: analyst,
  approvedBy: approver,
  approvalReason: 'Agreed with the customer by phone',
  ...mitigationTimes,
  endedMs: mitigationTimes.expiresMs,
  endedHow: 'by-itself',
  simulated: false,
};

function ledgerRow(
  sequence: number,
  timeMs: number,
  actor: string,
  state: LedgerRow['state'],
  sentence: string,
): LedgerRow {
  return { sequence, mitigationId: 'mi_block', timeMs, actor, state, sentence };
}

const ledger: readonly LedgerRow[] = [
  ledgerRow(1, mitigationTimes.proposedMs, analyst, 'proposed', 'Asked to block 2 networks.'),
  ledgerRow(2, mitigationTimes.approvedMs, approver, 'approved', 'Approved the block.'),
  ledgerRow(3, mitigationTimes.appliedMs, 'core', 'applied', 'edge-haproxy took 2 entries.'),
  ledgerRow(4, mitigationTimes.verifiedMs, 'core', 'verified', 'Read back: 2 of 2 in force.'),
  ledgerRow(5, mitigationTimes.expiresMs, 'core', 'ended', 'Ended by itself.'),
];

/** Case entries in order, a writer's chain of them, from what they say. */
export function entriesOf(
  said: readonly { readonly timeMs: number; readonly payload: EntryPayload }[],
): CaseEntry[] {
  return said.map(({ timeMs, payload }, index) =>
    caseEntry({
      id: `en_${index}`,
      caseId: 'ca_flood',
      writerName: analyst,
      sequence: index,
      timeMs,
      payload,
    }),
  );
}

const openedMs = floodStartMs + 110 * secondMs;

export const floodState: CaseState = {
  ...foldCase('ca_flood', [], false),
  id: 'ca_flood',
  title: 'HTTP flood on /login at Acme',
  customerId: 'cu_acme',
  severity: 'critical',
  status: 'contained',
  phase: 'post-incident',
  tlp: 'TLP:AMBER+STRICT',
  pap: 'PAP:AMBER',
  assignee: analyst,
  openedMs,
  changedMs: floodEndMs,
  alertCount: 1,
  openTaskCount: 1,
  simulated: false,
  notes: [
    {
      id: 'no_1',
      markdown: 'Three networks, one user agent.\n\n- `POST /login` only\n- **no** passwords tried',
      writerName: analyst,
      addedMs: openedMs + 60 * secondMs,
      revisedMs: null,
    },
  ],
  tasks: [
    {
      id: 'ta_1',
      title: 'Call the customer',
      done: true,
      assignee: analyst,
      addedMs: openedMs,
      ...plainTask,
    },
    {
      id: 'ta_2',
      title: 'Look at rate limits on /login',
      done: false,
      assignee: null,
      addedMs: openedMs,
      ...plainTask,
    },
  ],
  observables: [
    { id: 'ob_1', kind: 'ip', value: '198.51.100.7', from: 'alert', addedMs: openedMs, ...notAssessed },
    {
      id: 'ob_2',
      kind: 'url',
      value: 'https://evil.example/c2',
      from: 'note',
      addedMs: openedMs,
      ...notAssessed,
    },
  ],
  evidence: [
    {
      id: 'ev_1',
      name: 'edge-sample.log',
      mediaType: 'text/plain',
      sizeBytes: 48_213,
      sha256: 'c'.repeat(64),
      addedMs: openedMs + 120 * secondMs,
      writerName: analyst,
      custody: [],
    },
  ],
  techniques: ['T1499.002'],
  alerts: [
    {
      id: 'al_flood',
      title: floodAlert.title,
      why: floodAlert.why,
      severity: 'critical',
      firstSeenMs: floodStartMs,
      lastSeenMs: floodEndMs,
      count: 1_204,
    },
  ],
  mitigations: [],
  slices: [
    {
      id: 'sl_1',
      title: 'Around the flood',
      fromMs: floodHourMs,
      toMs: floodHourMs + 60 * minuteMs,
      signals: [
        {
          name: 'HTTP requests',
          unit: 'requests/s',
          stage: 'edge',
          window: window('si_requests', 580, 8_200, [requestFinding]),
        },
        {
          name: 'Origin latency p95',
          unit: 'ms',
          stage: 'origin',
          window: window('si_latency', 120, 940, [latencyFinding]),
        },
        { name: 'Cache hit ratio', unit: '%', stage: 'cache', window: window('si_cache', 91, 91, []) },
      ],
    },
  ],
  timeline: entriesOf([
    {
      timeMs: openedMs,
      payload: {
        kind: 'case-opened',
        title: 'HTTP flood on /login at Acme',
        customerId: 'cu_acme',
        severity: 'critical',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
      },
    },
    { timeMs: openedMs + secondMs, payload: { kind: 'header-changed', tlp: 'TLP:AMBER+STRICT' } },
    {
      timeMs: openedMs + 60 * secondMs,
      payload: { kind: 'note-added', noteId: 'no_1', markdown: 'Three networks, one user agent.' },
    },
    {
      timeMs: mitigationTimes.verifiedMs,
      payload: {
        kind: 'mitigation-noted',
        mitigationId: 'mi_block',
        state: 'verified',
        sentence: 'In force.',
        entries: ['198.51.100.0/24'],
        targetName: 'edge-haproxy',
      },
    },
  ]),
};

/** An HTTP flood of 20 minutes, blocked after 3 min 22 s for ten minutes. A base for tests: spread it and change. */
export function floodInput(changes: Partial<RetrospectiveInput> = {}): RetrospectiveInput {
  return {
    case: floodState,
    customerName: 'Acme',
    serviceNames: ['shop'],
    alerts: [floodAlert],
    findings: [],
    mitigations: [{ mitigation: floodMitigation, ledger }],
    techniques: [{ id: 'T1499.002', name: 'Endpoint Denial of Service: Service Exhaustion Flood' }],
    firstAcknowledgedMs: floodStartMs + 100 * secondMs,
    chain: { ok: true, sentence: '4 entries in 1 chain, signed by R. Okafor.' },
    attackNotice: '© 2025 The MITRE Corporation.',
    generatedMs: floodHourMs + 90 * minuteMs,
    analystName: analyst,
    appVersion: '0.1.0',
    ...changes,
  };
}
