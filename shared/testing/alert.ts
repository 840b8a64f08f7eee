import type { Alert } from '../domain/alert.ts';

/** An alert for tests that look at some of its fields: new, actionable, high, of one occurrence, in no case. */
export function testAlert(alert: Pick<Alert, 'id'> & Partial<Alert>): Alert {
  return {
    sequence: 1,
    customerId: 'cu_1',
    serviceId: null,
    sourceId: 'detection',
    sourceKind: 'detection',
    title: `Alert ${alert.id}`,
    why: 'New connections 40x above the usual.',
    severity: 'high',
    lane: 'actionable',
    status: 'new',
    disposition: null,
    mitigated: 'no',
    sourceState: null,
    firstSeenMs: 0,
    lastSeenMs: 0,
    receivedMs: 0,
    count: 1,
    entities: [],
    techniques: [],
    signalIds: [],
    assignee: null,
    snoozedUntilMs: null,
    suppressed: null,
    suppressionIds: [],
    caseId: null,
    parentId: null,
    merged: null,
    split: null,
    partOf: null,
    simulated: false,
    ...alert,
  };
}
