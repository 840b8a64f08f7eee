import { describe, expect, it } from 'vitest';
import type { CaseEntry, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { entryNames } from '../../shared/report/entry-sentence.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import {
  countsIn,
  foldTimeline,
  newestIn,
  spanOf,
  type TimelineFilter,
  timelineItems,
  timelineMoments,
  zoomed,
} from './timeline-items.ts';

const entry = (id: string, timeMs: number, payload: EntryPayload, writerId = 'w1'): CaseEntry =>
  caseEntry({ id, timeMs, payload, writerId });

const observable = (value: string): EntryPayload => ({
  kind: 'observable-added',
  observableId: value,
  entityKind: 'ip',
  value,
  from: 'alert',
});

describe('foldTimeline', () => {
  it('folds what one person added at once, and nothing else', () => {
    const task: EntryPayload = { kind: 'task-added', taskId: 't', title: 'Call' };
    const entries = [
      entry('1', 0, observable('192.0.2.1')),
      entry('2', 10, observable('192.0.2.2')),
      entry('3', 20, task),
      entry('4', 30, task),
      entry('5', 40, observable('192.0.2.3')),
      entry('6', 50, observable('192.0.2.4'), 'w2'),
      entry('7', 90_000, observable('192.0.2.5'), 'w2'),
    ];
    expect(foldTimeline(entries).map((item) => [item.entry.id, item.more.map((each) => each.id)])).toEqual([
      ['1', ['2']],
      ['3', []],
      ['4', []],
      ['5', []],
      ['6', []],
      ['7', []],
    ]);
  });
});

describe('a timeline', () => {
  const state = foldCase(
    'ca_1',
    [
      entry('1', 1_000, {
        kind: 'case-opened',
        title: 'Flood',
        customerId: null,
        severity: 'low',
        tlp: 'TLP:GREEN',
        pap: 'PAP:GREEN',
      }),
      entry('2', 2_000, { kind: 'note-added', noteId: 'n', markdown: 'Long story\nabout a Botnet' }),
      entry('3', 3_000, {
        kind: 'event-added',
        eventId: 'e',
        occurredMs: 100,
        detectedMs: null,
        title: 'First complaint',
        text: '',
      }),
      caseEntry({
        id: '4',
        timeMs: 4_000,
        writerName: 'Bob',
        payload: { kind: 'event-revised', eventId: 'e', occurredMs: 1_500 },
      }),
    ],
    false,
  );
  const everything: TimelineFilter = { sort: 'all', text: '', author: '', fromMs: null, toMs: null };
  const shown = (change: Partial<TimelineFilter>) =>
    timelineItems(state, { ...everything, ...change }, entryNames(state.timeline)).map(
      (item) => item.entry.id,
    );

  it('has events where they occurred as they were corrected, all else where it was recorded, newest first', () => {
    expect(shown({})).toEqual(['4', '2', '3', '1']);
    expect(timelineMoments(state)).toEqual([1_000, 2_000, 1_500, 4_000]);
  });

  it('is narrowed by sort, words anywhere in a note, author and stretch', () => {
    expect(shown({ sort: 'events' })).toEqual(['3']);
    expect(shown({ text: 'botnet STORY' })).toEqual(['2']);
    expect(shown({ text: 'complaint' })).toEqual(['4', '3']);
    expect(shown({ author: 'Bob' })).toEqual(['4']);
    expect(shown({ fromMs: 1_200, toMs: 1_800 })).toEqual(['3']);
  });
});

describe('the strip of a timeline', () => {
  it('counts in equal parts, ends included', () => {
    expect(countsIn([0, 10, 50, 100, 101], { fromMs: 0, toMs: 100 }, 4)).toEqual([2, 0, 1, 1]);
    expect(spanOf([])).toBeNull();
    expect(spanOf([5])).toEqual({ fromMs: 5, toMs: 60_005 });
  });

  it('zooms around its middle and moves, never beyond the whole', () => {
    const whole = { fromMs: 0, toMs: 100_000 };
    const half = zoomed(whole, whole, { factor: 0.5 });
    expect(half).toEqual({ fromMs: 25_000, toMs: 75_000 });
    expect(zoomed(half, whole, { shift: -0.5 })).toEqual({ fromMs: 0, toMs: 50_000 });
    expect(zoomed(half, whole, { shift: 2 })).toEqual({ fromMs: 50_000, toMs: 100_000 });
    expect(zoomed(half, whole, { factor: 8 })).toEqual(whole);
    expect(newestIn([5, 60_000, 90_000], half)).toBe(60_000);
    expect(zoomed(half, whole, { factor: 0.5, aroundMs: 75_000 })).toEqual({ fromMs: 50_000, toMs: 75_000 });
    expect(zoomed({ fromMs: 500, toMs: 1_500 }, whole, { factor: 0.1 })).toEqual({
      fromMs: 500,
      toMs: 1_500,
    });
  });
});
