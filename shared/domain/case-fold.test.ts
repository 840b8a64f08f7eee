import { describe, expect, it } from 'vitest';
import type { CaseEntry, EntryPayload } from './case.ts';
import { foldCase, summaryOf } from './case-fold.ts';
import { formatClock } from './entry-chain.ts';

const startMs = 1_772_582_400_000;

function entry(index: number, payload: EntryPayload | null, writerId = 'wr_a'): CaseEntry {
  return {
    id: `en_${index}`,
    caseId: 'ca_1',
    writerId,
    writerName: writerId === 'wr_a' ? 'Ada' : 'Bob',
    sequence: index,
    clock: formatClock(startMs + index * 1000, 0),
    timeMs: startMs + index * 1000,
    previousHash: '',
    hash: '',
    payload,
  };
}

const entries: readonly CaseEntry[] = [
  entry(0, {
    kind: 'case-opened',
    title: 'Flood',
    customerId: 'cu_1',
    severity: 'medium',
    tlp: 'TLP:AMBER',
    pap: 'PAP:AMBER',
  }),
  entry(1, { kind: 'note-added', noteId: 'n1', markdown: 'one' }),
  entry(2, { kind: 'note-revised', noteId: 'n1', markdown: 'two' }, 'wr_b'),
  entry(3, { kind: 'note-revised', noteId: 'unknown', markdown: 'nothing' }),
  entry(4, { kind: 'task-added', taskId: 't1', title: 'Call' }),
  entry(5, { kind: 'task-changed', taskId: 't1', done: true, assignee: 'Bob' }, 'wr_b'),
  entry(6, { kind: 'task-added', taskId: 't2', title: 'Write' }),
  entry(7, {
    kind: 'observable-added',
    observableId: 'o1',
    entityKind: 'ip',
    value: '198.51.100.7',
    from: 'alert',
  }),
  entry(8, {
    kind: 'observable-added',
    observableId: 'o2',
    entityKind: 'ip',
    value: '198.51.100.7',
    from: 'analyst',
  }),
  entry(9, {
    kind: 'observable-added',
    observableId: 'o3',
    entityKind: 'host',
    value: 'shop.example',
    from: 'note',
  }),
  entry(10, { kind: 'observable-removed', observableId: 'o3', reason: 'ours' }),
  entry(11, { kind: 'technique-tagged', techniqueId: 'T1498' }),
  entry(12, { kind: 'technique-tagged', techniqueId: 'T1110' }, 'wr_b'),
  entry(13, { kind: 'technique-untagged', techniqueId: 'T1110' }),
  entry(14, {
    kind: 'alert-linked',
    alertId: 'al_1',
    title: 'A',
    why: 'B',
    severity: 'high',
    firstSeenMs: 1,
    lastSeenMs: 2,
    count: 3,
  }),
  entry(15, {
    kind: 'mitigation-noted',
    mitigationId: 'mi_1',
    state: 'approved',
    sentence: 'Approved.',
    entries: ['198.51.100.7/32'],
    targetName: 'edge',
  }),
  entry(16, {
    kind: 'mitigation-noted',
    mitigationId: 'mi_1',
    state: 'verified',
    sentence: 'In force.',
    entries: ['198.51.100.7/32'],
    targetName: 'edge',
  }),
  entry(17, { kind: 'header-changed', status: 'contained', severity: 'critical' }),
  entry(18, { kind: 'header-changed', title: 'HTTP flood', assignee: 'Ada' }, 'wr_b'),
  entry(19, {
    kind: 'case-opened',
    title: 'A stranger',
    customerId: null,
    severity: 'low',
    tlp: 'TLP:RED',
    pap: 'PAP:RED',
  }),
  entry(20, null),
];

describe('folding a case', () => {
  const state = foldCase('ca_1', entries, true);

  it('shows what the entries say', () => {
    expect(summaryOf(state)).toEqual({
      id: 'ca_1',
      title: 'HTTP flood',
      customerId: 'cu_1',
      severity: 'critical',
      status: 'contained',
      phase: 'detection-and-analysis',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
      assignee: 'Ada',
      openedMs: startMs,
      changedMs: startMs + 20_000,
      alertCount: 1,
      openTaskCount: 1,
      simulated: true,
    });
    expect(state.notes).toEqual([
      { id: 'n1', markdown: 'two', writerName: 'Ada', addedMs: startMs + 1000, revisedMs: startMs + 2000 },
    ]);
    expect(state.tasks).toEqual([
      { id: 't1', title: 'Call', done: true, assignee: 'Bob', addedMs: startMs + 4000 },
      { id: 't2', title: 'Write', done: false, assignee: null, addedMs: startMs + 6000 },
    ]);
    expect(state.observables).toEqual([
      { id: 'o1', kind: 'ip', value: '198.51.100.7', from: 'alert', addedMs: startMs + 7000 },
    ]);
    expect(state.techniques).toEqual(['T1498']);
    expect(state.mitigations.map((one) => [one.id, one.state])).toEqual([['mi_1', 'verified']]);
  });

  it('is the same for any order and repetition of the entries', () => {
    for (let turn = 1; turn < entries.length; turn += 1) {
      const turned = [...entries.slice(turn), ...entries.slice(0, turn)].reverse();
      expect(foldCase('ca_1', [...turned, ...turned.slice(3, 9)], true)).toEqual(state);
    }
  });
});
