import { describe, expect, it } from 'vitest';
import { testAlert } from '../testing/alert.ts';
import type { Alert } from './alert.ts';
import type { CaseSummary } from './case.ts';
import { type HandoverSection, handoverItems, handoverLimits, handoverPackSchema } from './handover.ts';
import { answerItem, carryOver, checklistFor, editHandover } from './handover-draft.ts';
import {
  changeWords,
  computeHandoverPack,
  type HandoverFacts,
  handoverSince,
  nextShiftEnd,
} from './handover-pack.ts';
import type { Mitigation } from './mitigation.ts';
import type { Suppression } from './suppression.ts';
import { dayMs, hourMs, minuteMs } from './time.ts';

/** 2026-03-04T02:00:00Z */
const nowMs = 1_772_589_600_000;
const weekMs = 7 * dayMs;

const alert = (id: string, more: Partial<Alert> = {}): Alert =>
  testAlert({
    id,
    why: 'A reason.',
    status: 'in-progress',
    firstSeenMs: nowMs,
    lastSeenMs: nowMs,
    receivedMs: nowMs,
    count: 1_204,
    ...more,
  });
const summary = (id: string, more: Partial<CaseSummary> = {}): CaseSummary => ({
  id,
  title: `Case ${id}`,
  customerId: null,
  severity: 'medium',
  status: 'open',
  phase: 'detection-and-analysis',
  tlp: 'TLP:AMBER',
  pap: 'PAP:AMBER',
  assignee: 'Ada',
  openedMs: nowMs,
  changedMs: nowMs,
  alertCount: 0,
  openTaskCount: 0,
  simulated: false,
  ...more,
});
const mitigation = (id: string, more: Partial<Mitigation>): Mitigation => ({
  id,
  planId: 'pl',
  planName: 'Plan',
  planHash: '',
  customerId: 'cu_1',
  targetId: 'ta',
  targetName: 'edge',
  caseId: null,
  alertId: null,
  action: 'block',
  entries: ['198.51.100.0/24', '203.0.113.7/32'],
  ttlMs: hourMs,
  reason: 'Flood',
  hash: '',
  state: 'verified',
  sentence: 'Read back.',
  guards: [],
  preview: null,
  proposedBy: 'Ada',
  proposedMs: nowMs,
  approvedBy: null,
  approvedMs: null,
  approvalReason: null,
  appliedMs: nowMs,
  verifiedMs: nowMs,
  expiresMs: nowMs + hourMs,
  endedMs: null,
  endedHow: null,
  simulated: false,
  ...more,
});
const suppression = (id: string, more: Partial<Suppression>): Suppression => ({
  id,
  scope: { kind: 'query', text: 'title:scan' },
  reason: 'Pentest',
  owner: 'Ada',
  upTo: 'high',
  startMs: nowMs - hourMs,
  endMs: nowMs + hourMs,
  weekly: false,
  createdMs: nowMs,
  endedMs: null,
  endedBy: null,
  ...more,
});
const nothing = { rows: [], total: 0 };
const facts = (more: Partial<HandoverFacts> = {}): HandoverFacts => ({
  id: 'ho_12345678',
  nowMs,
  simulated: false,
  shiftEndsMs: null,
  nextShiftHours: 8,
  since: handoverSince(null, nowMs),
  customerNames: new Map([['cu_1', 'Acme']]),
  alerts: nothing,
  snoozed: nothing,
  cases: nothing,
  tasks: nothing,
  mitigations: [],
  sources: [],
  suppressions: [],
  ...more,
});
const part = (given: HandoverFacts, section: HandoverSection) =>
  computeHandoverPack(given).parts.find((each) => each.section === section);
const titles = (given: HandoverFacts, section: HandoverSection) =>
  part(given, section)?.items.map(({ title }) => title);

describe('since the last handover', () => {
  const last = { id: 'ho_last', madeMs: nowMs - 8 * hourMs, storedMs: nowMs - 8 * hourMs, position: 41 };
  it('is a day back before the first', () => {
    expect(handoverSince(null, nowMs)).toEqual({
      handoverId: null,
      sinceMs: nowMs - dayMs,
      afterPosition: null,
      fromMs: nowMs - dayMs,
    });
  });
  it('goes by what arrived after one that was made here, whatever the clock says', () => {
    for (const skewMs of [-3 * dayMs, 0, 3 * dayMs]) {
      const since = handoverSince(last, nowMs + skewMs);
      expect(since).toMatchObject({ handoverId: 'ho_last', afterPosition: 41, fromMs: null });
      expect(since.sinceMs).toBeLessThanOrEqual(nowMs + skewMs);
    }
  });
  it('goes by the time of one from elsewhere, and never later than when it came here or now', () => {
    const from = (skewMs: number) =>
      handoverSince({ ...last, madeMs: last.madeMs + skewMs, position: null }, nowMs).fromMs;
    expect([from(-3 * dayMs), from(0), from(3 * dayMs)]).toEqual([
      last.madeMs - 3 * dayMs,
      last.madeMs,
      last.storedMs,
    ]);
    expect(handoverSince({ ...last, position: null }, nowMs - dayMs).fromMs).toBe(nowMs - dayMs);
  });
});

describe('the next shift', () => {
  it('begins at the end that is set, where that is within a day to come, else now', () => {
    expect(nextShiftEnd(nowMs, nowMs + 3 * hourMs, 8)).toBe(nowMs + 11 * hourMs);
    for (const shiftEndsMs of [null, nowMs - 1, nowMs + dayMs + 1]) {
      expect(nextShiftEnd(nowMs, shiftEndsMs, 8)).toBe(nowMs + 8 * hourMs);
    }
  });
});

describe('a pack', () => {
  it('bounds each part and says exactly how many more there are', () => {
    const many = Array.from({ length: 70 }, (_, index) => index);
    const given = facts({
      alerts: { rows: many.slice(0, 50).map((index) => alert(`al_${index}`)), total: 1_000_000 },
      mitigations: many.map((index) => mitigation(`mi_${index}`, {})),
      suppressions: many.map((index) => suppression(`su_${index}`, {})),
    });
    const pack = computeHandoverPack(given);
    expect(pack.parts.map(({ items, more }) => [items.length, more])).toEqual([
      [50, 999_950],
      [0, 0],
      [50, 20],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [50, 20],
      [0, 0],
    ]);
    expect(handoverPackSchema.parse(pack)).toEqual(pack);
    expect(computeHandoverPack(given)).toEqual(pack);
  });

  it('takes texts of any length and kind, cut to what a pack takes', () => {
    const huge = `\u{1f600}${'x'.repeat(100_000)}\ud800`;
    const pack = computeHandoverPack(
      facts({
        alerts: { rows: [alert('al', { title: huge, why: huge, assignee: huge })], total: 1 },
        cases: {
          rows: [
            {
              summary: summary('ca', { title: huge }),
              changes: [{ writerName: huge, kind: '__proto__', count: 2 }],
              newest: Array(50).fill(huge),
            },
          ],
          total: 1,
        },
      }),
    );
    expect(handoverPackSchema.safeParse(pack).error).toBeUndefined();
    expect(handoverItems(pack).map(({ title }) => title.length)).toEqual([300, 300]);
    expect(handoverItems(pack)[1]?.details).toHaveLength(handoverLimits.details);
  });

  it('says of an alert whose it is, and of a case who did what', () => {
    const given = facts({
      alerts: { rows: [alert('al')], total: 1 },
      cases: {
        rows: [
          {
            summary: summary('ca'),
            changes: [{ writerName: 'Ada', kind: 'note-added', count: 2 }],
            newest: [],
          },
        ],
        total: 1,
      },
    });
    expect(part(given, 'alerts')?.items[0]?.text).toBe(
      'Acme: in progress, nobody has it; 1,204 times, last at 2026-03-04T02:00:00Z. A reason.',
    );
    expect(part(given, 'cases')?.items[0]?.text).toBe('Open, Ada has it. Ada: 2 notes.');
  });

  it('has the blocks that end before the next shift does, the next to end first, and those nobody knows of', () => {
    const given = facts({
      mitigations: [
        mitigation('late', { expiresMs: nowMs + 8 * hourMs + 1 }),
        mitigation('second', { entries: ['203.0.113.7/32'], expiresMs: nowMs + 2 * hourMs }),
        mitigation('first', { expiresMs: nowMs + hourMs }),
        mitigation('unknown', { entries: ['203.0.113.9/32'], state: 'unknown', expiresMs: null }),
        mitigation('over', { state: 'ended' }),
        mitigation('asked', { state: 'proposed', expiresMs: null }),
      ],
    });
    expect(titles(given, 'blocks')).toEqual([
      'Block of 198.51.100.0/24 and 1 more on edge',
      'Block of 203.0.113.7/32 on edge',
      'Block of 203.0.113.9/32 on edge',
    ]);
    expect(part(given, 'approvals')?.items).toMatchObject([
      { text: 'Acme: Asked for by Ada at 2026-03-04T02:00:00Z: Flood', link: { id: 'asked' } },
    ]);
  });

  it('has what is suppressed until the end of the next shift, a weekly window by its own end', () => {
    const given = facts({
      suppressions: [
        suppression('long', { endMs: nowMs + weekMs }),
        suppression('over', { endMs: nowMs - 1 }),
        suppression('early', { endedMs: nowMs - minuteMs }),
        suppression('weekly', {
          scope: { kind: 'maintenance', customerId: 'cu_1', serviceId: null },
          reason: 'Database',
          startMs: nowMs - weekMs - hourMs,
          endMs: nowMs - weekMs + hourMs,
          weekly: true,
        }),
      ],
    });
    expect(part(given, 'suppressions')?.items).toMatchObject([
      {
        title: 'Maintenance window: Database',
        text: 'Made by Ada, every week. Covers Acme',
        dueMs: nowMs + hourMs,
      },
    ]);
  });

  it('says what it could not know, and is for fewer people where a case is', () => {
    expect(part(facts({ sources: null }), 'sources')?.gap).toContain('not known');
    expect(part(facts(), 'sources')?.gap).toBeNull();
    expect(computeHandoverPack(facts()).tlp).toBe('TLP:AMBER+STRICT');
    const cases = {
      rows: [{ summary: summary('ca', { tlp: 'TLP:RED' }), changes: [], newest: [] }],
      total: 1,
    };
    expect(computeHandoverPack(facts({ cases })).tlp).toBe('TLP:RED');
  });

  it('puts tasks with a time first', () => {
    const task = (taskId: string, dueMs: number | null) => ({
      caseId: 'ca',
      caseTitle: 'Flood',
      tlp: 'TLP:AMBER' as const,
      taskId,
      title: taskId,
      assignee: null,
      addedMs: nowMs - hourMs,
      dueMs,
    });
    const rows = [task('some day', null), task('later', nowMs + hourMs), task('overdue', nowMs - hourMs)];
    expect(titles(facts({ tasks: { rows, total: 3 } }), 'tasks')).toEqual(['overdue', 'later', 'some day']);
  });
});

describe('changes in words', () => {
  it('are counted by whom and of which kind', () => {
    const by = (writerName: string, kind: string, count: number) => ({ writerName, kind, count });
    expect(
      changeWords([
        by('Ada', 'note-added', 2),
        by('Bo', 'evidence-added', 1),
        by('Ada', 'task-added', 1),
        by('Ada', 'of-the-future', 3),
        by('Ada', 'toString', 1),
      ]),
    ).toBe('Ada: 2 notes, 1 new task, 4 other entries. Bo: 1 piece of evidence.');
  });
});

describe('a draft', () => {
  const given = facts({ alerts: { rows: ['a', 'b', 'c'].map((id) => alert(id)), total: 3 } });
  const draft = { pack: computeHandoverPack(given), revision: 1, nextShiftHours: 8 };
  const key = (id: string) => `alerts:${id}`;
  const order = (pack: typeof draft.pack) => handoverItems(pack).map((each) => each.key);

  it('moves an item within its part and no further', () => {
    const moved = (id: string, by: number) =>
      order(editHandover(draft, { type: 'move', key: key(id), by }, () => '').pack);
    expect(moved('c', -1)).toEqual([key('a'), key('c'), key('b')]);
    expect(moved('a', 9)).toEqual([key('b'), key('c'), key('a')]);
    expect(moved('a', -9)).toEqual([key('a'), key('b'), key('c')]);
  });

  it('takes an item out with a reason, and back', () => {
    const without = editHandover(draft, { type: 'drop', key: key('a'), reason: 'Test' }, () => '');
    expect([order(without.pack), without.revision]).toEqual([[key('b'), key('c')], 2]);
    const back = editHandover(without, { type: 'restore', key: key('a') }, () => '');
    expect([order(back.pack), back.pack.dropped]).toEqual([[key('b'), key('c'), key('a')], []]);
    expect(() => editHandover(draft, { type: 'remove', key: key('a') }, () => '')).toThrow('with a reason');
    expect(() => editHandover(draft, { type: 'drop', key: 'nowhere', reason: 'x' }, () => '')).toThrow(
      'any more',
    );
  });

  it('keeps what was said when its facts are read anew, and drops what is over', () => {
    const said = [
      { type: 'remark', key: key('b'), remark: 'Call first' },
      { type: 'move', key: key('b'), by: -1 },
      { type: 'drop', key: key('c'), reason: 'Test' },
      { type: 'add', title: 'Door code', text: '' },
      { type: 'notes', notes: 'Quiet.' },
    ] as const;
    const before = said.reduce((now, edit) => editHandover(now, edit, () => 'x'), draft);
    const fresh = computeHandoverPack(
      facts({ nowMs: nowMs + hourMs, alerts: { rows: ['d', 'c', 'b'].map((id) => alert(id)), total: 3 } }),
    );
    const after = carryOver(before.pack, fresh);
    expect(order(after)).toEqual([key('b'), key('d'), 'added:x']);
    expect(after).toMatchObject({
      madeMs: nowMs + hourMs,
      notes: 'Quiet.',
      dropped: [{ item: { key: key('c') }, reason: 'Test' }],
    });
    expect(handoverItems(after)[0]?.remark).toBe('Call first');
  });

  it('is gone through item by item: a query asks something, and only of what is there', () => {
    const { pack } = draft;
    const open = checklistFor(pack, [{ key: 'gone', state: 'ticked', remark: '' }]);
    expect(open.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    const asked = answerItem(pack, open, { key: key('b'), state: 'queried', remark: ' Why? ' });
    expect(asked[1]).toEqual({ key: key('b'), state: 'queried', remark: 'Why?' });
    expect(answerItem(pack, asked, { key: key('b'), state: 'ticked', remark: 'Why?' })[1]?.remark).toBe('');
    expect(() => answerItem(pack, open, { key: key('b'), state: 'queried', remark: ' ' })).toThrow(
      'not clear',
    );
    expect(() => answerItem(pack, open, { key: 'gone', state: 'ticked', remark: '' })).toThrow('any more');
  });
});
