import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HandoverView, handoverItems } from '../../shared/domain/handover.ts';
import { randomId } from '../db/ids.ts';
import { occurrence, startMs, testSource } from '../db/testing.ts';
import { bytesOf, signed, take, type Workstation, workstation } from './handover-testing.ts';
import type { Handovers } from './handovers.ts';

let home: Workstation;
let away: Workstation;
beforeEach(() => {
  home = workstation('Ada');
  away = workstation('Bo', startMs + 60_000);
});
afterEach(() => {
  home.close();
  away.close();
});

const minuteMs = 60_000;

const actions = ({ store }: Workstation) => store.audit.list(100).map(({ action }) => action);

function openCase({ store, writer }: Workstation, title: string): string {
  return store.cases.open(writer, [
    {
      kind: 'case-opened',
      title,
      customerId: null,
      severity: 'high',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
    },
  ]).id;
}
function note({ store, writer }: Workstation, caseId: string, markdown: string): void {
  store.cases.append(caseId, writer, [{ kind: 'note-added', noteId: randomId('no'), markdown }]);
}
const partOf = (view: HandoverView, section: string) =>
  view.pack.parts.find((part) => part.section === section);

describe('a pack', () => {
  it('is made from what is here, counted exactly', async () => {
    const { store, writer, handovers } = home;
    store.alerts.ingest(
      testSource,
      Array.from({ length: 63 }, (_, index) =>
        occurrence({ identity: `r${index}`, deduplicationKey: `k${index}`, title: `Alert ${index}` }),
      ),
      startMs,
    );
    const [snoozed] = store.alerts.query(
      { lane: null, text: '', fromMs: null, toMs: null, includeDone: false, sort: 'received' },
      { upToSequence: null, offset: 0, limit: 1 },
    ).rows;
    const ids = [snoozed?.id ?? ''];
    store.alerts.act({ by: 'ids', ids }, { type: 'snooze', untilMs: startMs + 5 * minuteMs }, 'Ada');
    const caseId = openCase(home, 'Flood');
    note(home, caseId, 'Three networks.');
    store.cases.append(caseId, writer, [{ kind: 'task-added', taskId: 't1', title: 'Call the customer' }]);
    const view = await handovers.make(writer, 4);
    expect(view.pack.nextShiftEndsMs).toBe(startMs + 4 * 3_600_000);
    expect(partOf(view, 'alerts')).toMatchObject({ items: { length: 50 }, more: 12 });
    expect(partOf(view, 'snoozed')?.items).toMatchObject([{ dueMs: startMs + 5 * minuteMs }]);
    expect(partOf(view, 'cases')?.items).toMatchObject([
      {
        title: 'Flood',
        text: expect.stringContaining('Ada: 1 opening, 1 note, 1 new task.'),
        details: [
          '2026-03-04T00:00:00Z Ada: Added task: Call the customer',
          '2026-03-04T00:00:00Z Ada: Noted: Three networks.',
        ],
        link: { kind: 'case', id: caseId },
      },
    ]);
    expect(partOf(view, 'tasks')?.items).toMatchObject([{ title: 'Call the customer' }]);
    expect(partOf(view, 'sources')?.gap).toContain('not known');
  });

  it('goes back to the last one by what arrived, whatever the clocks say', async () => {
    const [before, after] = [openCase(home, 'Before'), openCase(home, 'Touched again')];
    const first = await signed(home);
    // The clock is set back by two days, and what is written now is new all the same.
    home.clock.nowMs -= 2 * 86_400_000;
    note(home, after, 'Seen again.');
    const second = await home.handovers.make(home.writer, null);
    expect(second.pack.sinceHandoverId).toBe(first.row.id);
    const [only, ...others] = partOf(second, 'cases')?.items ?? [];
    expect([only?.link?.id, others, before === after]).toEqual([after, [], false]);
    expect(only?.text).toContain('Ada: 1 note.');
  });

  it('goes back to one from elsewhere by its time, which is not later than its arrival', async () => {
    openCase(away, 'Old');
    const ahead = workstation('Cleo', startMs + 3 * 86_400_000);
    const file = bytesOf(ahead, (await signed(ahead)).row.id);
    ahead.close();
    away.clock.nowMs += minuteMs;
    await take(away, file);
    away.clock.nowMs += minuteMs;
    openCase(away, 'New');
    const view = await away.handovers.make(away.writer, null);
    expect(view.pack.sinceMs).toBe(startMs + 2 * minuteMs);
    expect(partOf(view, 'cases')?.items.map(({ title }) => title)).toEqual(['New']);
  });
});

describe('a draft', () => {
  it('outlives a restart, keeps what was said when its facts are read anew, and is signed as it was seen', async () => {
    const { store, writer, handovers } = home;
    store.alerts.ingest(
      testSource,
      [occurrence({ title: 'Flood' }), occurrence({ identity: 'b', deduplicationKey: 'b', title: 'Scan' })],
      startMs,
    );
    const { row, pack } = await handovers.make(writer, null);
    const [flood, scan] = ['Flood', 'Scan'].map((title) =>
      handoverItems(pack).find((each) => each.title === title),
    );
    const edit = (change: Parameters<Handovers['edit']>[2]) => handovers.edit(writer, row.id, change);
    edit({ type: 'remark', key: scan?.key ?? '', remark: 'Call Acme first.' });
    edit({ type: 'move', key: scan?.key ?? '', by: -1 });
    edit({ type: 'drop', key: flood?.key ?? '', reason: 'Known test' });
    edit({ type: 'add', title: 'The phone is broken', text: '' });
    const seen = edit({ type: 'notes', notes: 'Quiet night.' });
    home = home.restart();
    expect(home.handovers.get(row.id, null).pack).toEqual(seen.pack);
    const again = await home.handovers.make(writer, null);
    expect(again.row.id).toBe(row.id);
    expect(partOf(again, 'alerts')?.items).toMatchObject([{ title: 'Scan', remark: 'Call Acme first.' }]);
    expect(again.pack).toMatchObject({
      notes: 'Quiet night.',
      dropped: [{ item: { title: 'Flood' }, reason: 'Known test' }],
    });
    expect(() => home.handovers.sign(writer, row.id, seen.draft?.revision ?? -1)).toThrow('changed since');
    const done = home.handovers.sign(writer, row.id, again.draft?.revision ?? -1);
    expect(done).toMatchObject({ row: { state: 'signed', outgoing: 'Ada' }, outgoing: { isKnown: true } });
    const late = { type: 'notes', notes: 'Changed.' } as const;
    expect(() => home.handovers.edit(writer, row.id, late)).toThrow('signed');
    expect(handoverItems(done.pack).map(({ title }) => title)).toEqual(['Scan', 'The phone is broken']);
  });
});

describe('a draft that is signed while its facts are read anew', () => {
  it('stays as it was signed, and the next one is begun', async () => {
    const { handovers, writer } = home;
    const { row, draft } = await handovers.make(writer, null);
    const [made, again] = [handovers.make(writer, null), handovers.make(writer, null)];
    const first = handovers.sign(writer, row.id, draft?.revision ?? -1);
    const next = await made;
    expect([next.row.state, next.row.id === row.id]).toEqual(['draft', false]);
    expect((await again).row.id).toBe(next.row.id);
    expect(handovers.get(row.id, writer)).toEqual(first);
  });
});

describe('passing on', () => {
  it('is signed here, countersigned there with what was left open, and both signatures are in both logs', async () => {
    home.store.alerts.ingest(
      testSource,
      [occurrence({ title: 'Flood' }), occurrence({ identity: 'b', deduplicationKey: 'b', title: 'Scan' })],
      startMs,
    );
    const { row, sha256 } = await signed(home);
    const taken = await take(away, bytesOf(home, row.id));
    expect(taken).toMatchObject({ isNew: true, view: { outgoing: { name: 'Ada', isKnown: false }, sha256 } });
    const [flood, scan] = handoverItems(taken.view.pack);
    const answer = { key: flood?.key ?? '', state: 'queried', remark: 'Since when?' } as const;
    away.handovers.answer(away.writer, row.id, answer);
    const sign = (withOpen: boolean) =>
      away.handovers.countersign(away.writer, row.id, { withOpen, remark: '' });
    expect(() => sign(false)).toThrow('1 item was not gone through');
    expect(sign(true)).toMatchObject({ row: { state: 'countersigned', incoming: ['Bo'] } });
    expect(() => sign(true)).toThrow('already');
    const back = bytesOf(away, row.id);
    expect(await take(home, back)).toMatchObject({ isNew: false, newCountersignatures: 1 });
    expect(await take(home, back)).toMatchObject({ isNew: false, newCountersignatures: 0 });
    expect(await take(home, bytesOf(away, row.id))).toMatchObject({ newCountersignatures: 0 });
    const [one] = home.handovers.get(row.id, home.writer).countersignatures;
    expect(one).toMatchObject({
      name: 'Bo',
      isSamePerson: false,
      answers: [answer, { key: scan?.key, state: 'open', remark: '' }],
    });
    expect(actions(home)).toEqual(['handover.countersignature-imported', 'handover.signed']);
    expect(actions(away)).toEqual(['handover.countersigned', 'handover.imported']);
    const sentences = [...home.store.audit.list(1), ...away.store.audit.list(1)].map(
      ({ sentence }) => sentence,
    );
    for (const sentence of sentences)
      expect(sentence).toContain('0 items ticked, 1 queried, 1 not gone through');
    expect(home.store.audit.verify().ok && away.store.audit.verify().ok).toBe(true);
    expect(bytesOf(home, row.id)).toEqual(back);
  });

  it('says so where one person hands over to themselves', async () => {
    const { row } = await signed(home);
    const view = home.handovers.countersign(home.writer, row.id, { withOpen: false, remark: 'Double shift' });
    expect(view.countersignatures).toMatchObject([{ isSamePerson: true, remark: 'Double shift' }]);
    expect(home.store.audit.list(1)[0]?.sentence).toContain('the same person who handed over');
  });

  it('joins countersignatures that were made apart, in any order, to the same bytes', async () => {
    const { row } = await signed(home);
    const file = bytesOf(home, row.id);
    const third = workstation('Cleo', startMs - minuteMs);
    for (const place of [away, third]) {
      await take(place, file);
      place.handovers.countersign(place.writer, row.id, { withOpen: false, remark: '' });
    }
    const [fromAway, fromThird] = [bytesOf(away, row.id), bytesOf(third, row.id)];
    await take(away, fromThird);
    await take(third, fromAway);
    await take(home, fromAway);
    await take(home, fromThird);
    expect(bytesOf(away, row.id).equals(bytesOf(third, row.id))).toBe(true);
    expect(bytesOf(home, row.id).equals(bytesOf(third, row.id))).toBe(true);
    expect(home.handovers.get(row.id, null).countersignatures).toMatchObject([
      { name: 'Cleo', isClockBehind: true },
      { name: 'Bo', isClockBehind: false },
    ]);
    third.close();
  });

  it('is printed with both signatures and their fingerprints, and without a script', async () => {
    const { row, outgoing } = await signed(home);
    await take(away, bytesOf(home, row.id));
    const { countersignatures } = away.handovers.countersign(away.writer, row.id, {
      withOpen: false,
      remark: '<b>x',
    });
    const html = new TextDecoder().decode((await away.handovers.build(row.id, 'html', away.writer)).bytes);
    for (const words of [outgoing?.keyFingerprint, countersignatures[0]?.keyFingerprint, '&lt;b&gt;x']) {
      expect(html).toContain(words);
    }
    expect(html).not.toContain('<script');
    expect((await away.handovers.build(row.id, 'pdf', null)).name).toMatch(/^handover-\d{8}-\d{6}z\.pdf$/);
  });
});
