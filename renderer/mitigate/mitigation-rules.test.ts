import { describe, expect, it } from 'vitest';
import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { type ActionPlan, type Mitigation, mitigationStates } from '../../shared/domain/mitigation.ts';
import { notAssessed } from '../../shared/testing/case-entry.ts';
import { fakeAlert } from '../testing/fake-alert.ts';
import { approvalObstacle } from './approval-rules.ts';
import {
  activeMitigations,
  entryWords,
  mayAsk,
  mayUndo,
  pastMitigations,
  waitingMitigations,
} from './mitigation-words.ts';
import {
  canonicalEntries,
  proposalFromAlerts,
  proposalFromCase,
  readEntries,
  shortEntry,
} from './proposal.ts';

const mitigation: Mitigation = {
  id: 'm1',
  planId: 'p1',
  planName: 'ACME',
  planHash: 'h',
  customerId: 'c1',
  targetId: 't1',
  targetName: 'edge',
  caseId: null,
  alertId: null,
  action: 'block',
  entries: ['198.51.100.7/32'],
  ttlMs: 1_800_000,
  reason: 'Flood',
  hash: 'x',
  state: 'proposed',
  sentence: '',
  guards: [{ guard: 'width', passed: true, sentence: 'Narrow.' }],
  preview: null,
  proposedBy: 'Ada',
  proposedMs: 1_000,
  approvedBy: null,
  approvedMs: null,
  approvalReason: null,
  appliedMs: null,
  verifiedMs: null,
  expiresMs: null,
  endedMs: null,
  endedHow: null,
  simulated: false,
};

const plan: ActionPlan = {
  id: 'p1',
  customerId: 'c1',
  name: 'ACME',
  version: 1,
  hash: 'h',
  targetId: 't1',
  agreedBy: 'Dana',
  agreedMs: 0,
  maxTtlMs: 1,
  defaultTtlMs: 1,
  widestPrefixV4: 24,
  widestPrefixV6: 48,
  maxEntriesPerHour: 20,
  samePersonMayApprove: false,
  loopbackAllowed: false,
  allowList: [],
  retired: false,
};

describe('approvalObstacle', () => {
  const judge = (change: Partial<Parameters<typeof approvalObstacle>[0]>) =>
    approvalObstacle({ mitigation, plan, analyst: 'Ben', fresh: true, typed: null, ...change });

  it('lets pass what nothing stands against', () => {
    expect(judge({})).toBeNull();
    expect(judge({ plan: { ...plan, samePersonMayApprove: true }, analyst: 'Ada' })).toBeNull();
    expect(judge({ typed: 'edge' })).toBeNull();
  });

  it('says what stands against it', () => {
    const failed = { guard: 'own-ranges', passed: false, sentence: 'It is the customer’s own.' } as const;
    expect(judge({ mitigation: { ...mitigation, guards: [failed] } })).toBe(
      'A guard stands against it: It is the customer’s own.',
    );
    expect(judge({ mitigation: { ...mitigation, guards: [failed, failed] } })).toBe(
      '2 guards stand against it.',
    );
    expect(judge({ analyst: 'Ada' })).toBe(
      'The plan asks for two people: Ada proposed it, somebody else approves.',
    );
    expect(judge({ analyst: null })).toBe('Say your name first: who approves is kept in the ledger.');
    expect(judge({ fresh: false })).toBe('Asking guards and target…');
    expect(judge({ typed: 'edg' })).toBe('Type the target’s name first.');
    expect(judge({ mitigation: { ...mitigation, state: 'verified' } })).toBe('It was decided already.');
  });
});

describe('the lists of mitigations', () => {
  it('put what is not known before what holds, and the nearest end first', () => {
    const rows: Mitigation[] = [
      { ...mitigation, id: 'late', state: 'verified', expiresMs: 9_000 },
      { ...mitigation, id: 'soon', state: 'verified', expiresMs: 5_000 },
      { ...mitigation, id: 'unknown', state: 'unknown', expiresMs: 7_000 },
      { ...mitigation, id: 'lost', state: 'lost', expiresMs: 7_000 },
      { ...mitigation, id: 'newer', proposedMs: 3_000 },
      { ...mitigation, id: 'older', proposedMs: 2_000 },
      { ...mitigation, id: 'over', state: 'ended', endedMs: 8_000 },
      { ...mitigation, id: 'refused', state: 'rejected', endedMs: 9_000 },
    ];
    const ids = (list: readonly Mitigation[]) => list.map((row) => row.id);
    expect(ids(activeMitigations(rows))).toEqual(['unknown', 'lost', 'soon', 'late']);
    expect(ids(waitingMitigations(rows))).toEqual(['older', 'newer']);
    expect(ids(pastMitigations(rows))).toEqual(['refused', 'over']);
  });
});

describe('what can be done to a block', () => {
  it('is to ask for it while it may be on the target, and to take it back once it was put there', () => {
    expect([mitigationStates.filter(mayAsk), mitigationStates.filter(mayUndo)]).toEqual([
      ['applying', 'applied', 'verified', 'unknown', 'lost'],
      ['applied', 'verified', 'unknown', 'lost'],
    ]);
  });

  it('names three of its entries and counts the rest', () => {
    const entries = [
      '198.51.100.7/32',
      '198.51.100.0/24',
      '2001:db8::1/128',
      '203.0.113.5/32',
      '203.0.113.6/32',
    ];
    expect([entryWords(entries.slice(0, 3)), entryWords(entries)]).toEqual([
      '198.51.100.7, 198.51.100.0/24, 2001:db8::1',
      '198.51.100.7, 198.51.100.0/24, 2001:db8::1 and 2 more',
    ]);
  });
});

describe('entries of a proposal', () => {
  it('are canonical and each once', () => {
    expect(canonicalEntries(['198.51.100.7', '198.51.100.7/32', 'evil.example', '2001:DB8::1'])).toEqual([
      '198.51.100.7/32',
      '2001:db8::1/128',
    ]);
  });

  it('are read line by line, with what is wrong in words', () => {
    expect(readEntries('198.51.100.7\n\n203.0.113.0/28, 198.51.100.7')).toEqual({
      entries: ['198.51.100.7/32', '203.0.113.0/28'],
      problems: [],
    });
    expect(readEntries('evil.example 1.2.3')).toEqual({
      entries: [],
      problems: [
        'evil.example is a host name; only addresses and networks can be blocked.',
        '1.2.3 is not an IPv4 or IPv6 address.',
      ],
    });
    expect(
      readEntries(Array.from({ length: 201 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join('\n'))
        .problems,
    ).toEqual(['At most 200 entries at once; these are 201.']);
  });

  it('are shown as a person writes them', () => {
    expect(
      ['198.51.100.7/32', '198.51.100.0/24', '2001:db8::1/128', '2001:db8::/32'].map(shortEntry),
    ).toEqual(['198.51.100.7', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32']);
  });

  it('come from the attackers of the alerts', () => {
    const alert: Alert = {
      ...fakeAlert(1, 10, 1_000_000, null),
      id: 'a1',
      customerId: 'c1',
      caseId: null,
      title: 'HTTP flood',
      entities: [
        { kind: 'ip', value: '198.51.100.7', role: 'source' },
        { kind: 'ip', value: '192.0.2.1', role: 'destination' },
        { kind: 'asn', value: 'AS64496', role: 'source' },
        { kind: 'ip', value: '203.0.113.5', role: 'source' },
      ],
    };
    expect(proposalFromAlerts([alert, { ...alert, id: 'a2', customerId: 'c2' }], ['203.0.113.0/24'])).toEqual(
      {
        alertId: 'a1',
        caseId: null,
        customerId: null,
        entries: ['198.51.100.7/32'],
        reason: 'HTTP flood',
      },
    );
  });

  it('come from a case without what was attacked, only mentioned, or the customer’s own', () => {
    const alert: Alert = {
      ...fakeAlert(1, 10, 1_000_000, null),
      entities: [
        { kind: 'ip', value: '198.51.100.7', role: 'source' },
        { kind: 'ip', value: '192.0.2.8', role: 'source' },
        { kind: 'ip', value: '203.0.113.1', role: 'destination' },
      ],
    };
    const observable = (value: string, from: 'alert' | 'note' | 'analyst') => ({
      id: value,
      kind: 'ip' as const,
      value,
      from,
      addedMs: 0,
      ...notAssessed,
    });
    const state: CaseState = {
      ...foldCase('k1', [], false),
      title: 'Flood',
      customerId: 'c1',
      severity: 'high',
      status: 'open',
      phase: 'detection-and-analysis',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
      assignee: null,
      openedMs: 0,
      changedMs: 0,
      alertCount: 1,
      openTaskCount: 0,
      simulated: false,
      notes: [],
      tasks: [],
      evidence: [],
      techniques: [],
      alerts: [],
      mitigations: [],
      slices: [],
      timeline: [],
      observables: [
        observable('198.51.100.7', 'alert'),
        observable('192.0.2.8', 'alert'),
        observable('203.0.113.1', 'alert'),
        observable('198.51.100.9', 'note'),
        observable('198.51.100.10', 'analyst'),
      ],
    };
    expect(proposalFromCase(state, [alert], ['192.0.2.0/24'])).toEqual({
      alertId: null,
      caseId: 'k1',
      customerId: 'c1',
      entries: ['198.51.100.7/32', '198.51.100.10/32'],
      reason: 'Flood',
    });
  });
});
