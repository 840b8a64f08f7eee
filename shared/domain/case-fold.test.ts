import { describe, expect, it } from 'vitest';
import { caseEntry, notAssessed, plainTask } from '../testing/case-entry.ts';
import type { CaseEntry, EntryPayload } from './case.ts';
import { foldCase, summaryOf } from './case-fold.ts';
import { inClockOrder, readLog, replacedBy } from './case-log.ts';
import { formatClock, nextClock } from './entry-chain.ts';

const startMs = 1_772_582_400_000;

function entry(index: number, payload: EntryPayload | null, writerId = 'wr_a'): CaseEntry {
  return caseEntry({
    version: 1,
    id: `en_${index}`,
    writerId,
    writerName: writerId === 'wr_a' ? 'Ada' : 'Bob',
    sequence: index,
    clock: formatClock(startMs + index * 1000, 0),
    timeMs: startMs + index * 1000,
    payload,
  });
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
      { id: 't1', title: 'Call', done: true, assignee: 'Bob', addedMs: startMs + 4000, ...plainTask },
      { id: 't2', title: 'Write', done: false, assignee: null, addedMs: startMs + 6000, ...plainTask },
    ]);
    expect(state.observables).toEqual([
      {
        id: 'o1',
        kind: 'ip',
        value: '198.51.100.7',
        from: 'alert',
        addedMs: startMs + 7000,
        ...notAssessed,
      },
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

/** A copy of a case that grows apart from others: what is said in it replaces what is known in it. */
class Copy {
  entries: CaseEntry[] = [];
  readonly #name: string;
  #said = 0;

  constructor(name: string, from: readonly CaseEntry[] = []) {
    this.#name = name;
    this.entries = [...from];
  }

  say(payload: EntryPayload, more: Partial<CaseEntry> = {}): string {
    const log = readLog('ca_1', this.entries);
    this.#said += 1;
    const id = `${this.#name}${this.#said}`;
    const last = inClockOrder(this.entries).at(-1)?.clock ?? null;
    const entry = { id, writerId: this.#name, writerName: this.#name, timeMs: this.#said, payload };
    const clock = nextClock(last, startMs);
    this.entries.push(caseEntry({ ...entry, clock, replaces: replacedBy(log, payload), ...more }));
    return id;
  }

  get state() {
    return foldCase('ca_1', this.entries, false);
  }
}

const opened: EntryPayload = {
  kind: 'case-opened',
  title: 'Flood',
  customerId: null,
  severity: 'medium',
  tlp: 'TLP:GREEN',
  pap: 'PAP:AMBER',
};

describe('copies that grew apart', () => {
  function apart(...before: EntryPayload[]) {
    const ada = new Copy('Ada');
    for (const payload of [opened, ...before]) ada.say(payload);
    const bob = new Copy('Bob', ada.entries);
    return { ada, bob, together: () => new Copy('Both', [...bob.entries, ...ada.entries]) };
  }

  it('keep both values of a field until an entry settles it', () => {
    const { ada, bob, together } = apart();
    ada.say({ kind: 'header-changed', title: 'Flood at Acme' });
    bob.say({ kind: 'header-changed', title: 'Flood at the shop', severity: 'high' });
    const both = together();
    expect(both.state.conflicts).toEqual([
      {
        subject: 'case',
        id: 'ca_1',
        field: 'title',
        values: [
          {
            entryId: 'Ada2',
            value: 'Flood at Acme',
            writerName: 'Ada',
            keyFingerprint: '0'.repeat(32),
            timeMs: 2,
          },
          {
            entryId: 'Bob1',
            value: 'Flood at the shop',
            writerName: 'Bob',
            keyFingerprint: '0'.repeat(32),
            timeMs: 1,
          },
        ],
      },
    ]);
    expect(both.state).toMatchObject({ title: 'Flood at the shop', severity: 'high' });
    both.say({ kind: 'header-changed', title: 'Flood at Acme' });
    expect(both.state).toMatchObject({ title: 'Flood at Acme', conflicts: [] });
  });

  it('are in no conflict where both said the same', () => {
    const { ada, bob, together } = apart();
    ada.say({ kind: 'header-changed', status: 'contained' });
    bob.say({ kind: 'header-changed', status: 'contained' });
    expect(together().state).toMatchObject({ status: 'contained', conflicts: [] });
  });

  it('go by the stricter marking while it is in conflict', () => {
    const { ada, bob, together } = apart();
    ada.say({ kind: 'header-changed', tlp: 'TLP:RED' });
    bob.say({ kind: 'header-changed', tlp: 'TLP:CLEAR' });
    expect(together().state.tlp).toBe('TLP:RED');
  });

  it('keep both versions of a note and of a task', () => {
    const { ada, bob, together } = apart(
      { kind: 'note-added', noteId: 'n1', markdown: 'One' },
      { kind: 'task-added', taskId: 't1', title: 'Call' },
    );
    ada.say({ kind: 'note-revised', noteId: 'n1', markdown: 'Two' });
    bob.say({ kind: 'note-revised', noteId: 'n1', markdown: 'Three' });
    ada.say({ kind: 'task-changed', taskId: 't1', assignee: 'Ada' });
    bob.say({ kind: 'task-changed', taskId: 't1', assignee: null, done: true });
    const both = together();
    expect(
      both.state.conflicts.map(({ subject, id, field, values }) => [subject, id, field, values.length]),
    ).toEqual([
      ['note', 'n1', 'markdown', 2],
      ['task', 't1', 'assignee', 2],
    ]);
    expect(both.state.tasks).toMatchObject([{ id: 't1', done: true }]);
  });

  it('keep a member of a set that one of them removed without knowing that the other added it', () => {
    const add = (observableId: string): EntryPayload => ({
      kind: 'observable-added',
      observableId,
      entityKind: 'ip',
      value: '198.51.100.7',
      from: 'analyst',
    });
    const { ada, bob, together } = apart(add('o1'), { kind: 'technique-tagged', techniqueId: 'T1498' });
    ada.say({ kind: 'observable-removed', observableId: 'o1', reason: 'ours' });
    ada.say({ kind: 'technique-untagged', techniqueId: 'T1498' });
    bob.say(add('o2'));
    const both = together();
    expect(both.state.observables.map((one) => one.id)).toEqual(['o2']);
    expect(both.state.techniques).toEqual([]);
    both.say({ kind: 'observable-removed', observableId: 'o2', reason: 'ours' });
    expect(both.state.observables).toEqual([]);
    both.say(add('o3'));
    expect(both.state.observables.map((one) => one.id)).toEqual(['o3']);
  });

  it('know of what was replaced by what is withheld', () => {
    const { ada } = apart();
    ada.say({ kind: 'header-changed', title: 'Second' });
    ada.say({ kind: 'header-changed', title: 'Third' });
    const partly = ada.entries.map((entry) =>
      entry.id === 'Ada2' ? { ...entry, payload: null, withheld: true } : entry,
    );
    expect(foldCase('ca_1', partly, false)).toMatchObject({ title: 'Third', conflicts: [], withheld: 1 });
    // Whichever copy comes first, the one with the payload tells more.
    for (const entries of [
      [...partly, ...ada.entries],
      [...ada.entries, ...partly],
    ]) {
      expect(foldCase('ca_1', entries, false)).toEqual(ada.state);
    }
  });

  it('are as strict as can be where the opening is withheld', () => {
    const { ada } = apart();
    const partly = ada.entries.map((entry) => ({ ...entry, payload: null, withheld: true }));
    expect(foldCase('ca_1', partly, false)).toMatchObject({
      title: 'Untitled case',
      tlp: 'TLP:RED',
      pap: 'PAP:RED',
    });
  });

  it('keep entries of kinds that come later', () => {
    const { ada } = apart();
    ada.say(
      { kind: 'note-added', noteId: 'n1', markdown: '' },
      { kind: 'note-sung', payload: null, withheld: false },
    );
    ada.say({ kind: 'header-changed', title: 'After' });
    expect(ada.state).toMatchObject({ title: 'After', notes: [], withheld: 0 });
    expect(ada.state.timeline.map((entry) => entry.kind)).toEqual([
      'case-opened',
      'note-sung',
      'header-changed',
    ]);
  });
});

describe('a correction', () => {
  it('takes the effect of an entry back, and can be taken back', () => {
    const ada = new Copy('Ada');
    ada.say(opened);
    const wrong = ada.say({ kind: 'header-changed', title: 'Wrong' });
    const correction = ada.say({ kind: 'entry-withdrawn', entryId: wrong, reason: 'not this case' });
    expect(ada.state).toMatchObject({
      title: 'Flood',
      withdrawn: [{ entryId: wrong, byEntryId: correction, reason: 'not this case', writerName: 'Ada' }],
    });
    expect(ada.state.timeline).toHaveLength(3);
    ada.say({ kind: 'entry-withdrawn', entryId: correction, reason: 'it was right' });
    expect(ada.state).toMatchObject({ title: 'Wrong', withdrawn: [{ entryId: correction }] });
  });

  it('reaches nothing that comes later, nor another case', () => {
    const ada = new Copy('Ada');
    ada.say(opened);
    ada.say({ kind: 'entry-withdrawn', entryId: 'Ada3', reason: 'ahead of time' });
    ada.say({ kind: 'note-added', noteId: 'n1', markdown: 'Stays' });
    const stranger = new Copy('Eve', ada.entries);
    stranger.say({ kind: 'entry-withdrawn', entryId: 'Ada3', reason: 'from elsewhere' }, { caseId: 'ca_2' });
    expect(stranger.state).toMatchObject({ notes: [{ id: 'n1' }], withdrawn: [] });
  });
});

describe('merged cases', () => {
  it('count as one but for the header of the other, until that is taken back', () => {
    const ada = new Copy('Ada');
    ada.say(opened);
    const other = { caseId: 'ca_2' };
    ada.say({ ...opened, title: 'Another' }, other);
    ada.say({ kind: 'note-added', noteId: 'n2', markdown: 'There' }, other);
    ada.say({ kind: 'header-changed', status: 'closed' }, other);
    const apart = ada.state;
    const merge = ada.say({ kind: 'case-merged', otherCaseId: 'ca_2', reason: 'the same attack' });
    const marker = ada.say(
      { kind: 'case-merged-into', otherCaseId: 'ca_1', reason: 'the same attack' },
      other,
    );
    expect(ada.state).toMatchObject({
      title: 'Flood',
      status: 'open',
      notes: [{ id: 'n2' }],
      mergedCases: ['ca_2'],
    });
    expect(foldCase('ca_2', ada.entries, false)).toMatchObject({ title: 'Another', mergedInto: 'ca_1' });
    ada.say({ kind: 'entry-withdrawn', entryId: merge, reason: 'not the same' });
    ada.say({ kind: 'entry-withdrawn', entryId: marker, reason: 'not the same' }, other);
    expect(ada.state).toMatchObject({ title: 'Flood', notes: apart.notes, mergedCases: [] });
    expect(foldCase('ca_2', ada.entries, false).mergedInto).toBeNull();
  });

  it('may be merged into each other by two people at once', () => {
    const ada = new Copy('Ada');
    ada.say(opened);
    ada.say({ ...opened, title: 'Another' }, { caseId: 'ca_2' });
    ada.say({ kind: 'case-merged', otherCaseId: 'ca_2', reason: '' });
    ada.say({ kind: 'case-merged', otherCaseId: 'ca_1', reason: '' }, { caseId: 'ca_2' });
    expect(ada.state.mergedCases).toEqual(['ca_2']);
    expect(foldCase('ca_2', ada.entries, false).mergedCases).toEqual(['ca_1']);
  });
});
