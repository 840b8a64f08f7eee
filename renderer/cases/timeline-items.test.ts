import { describe, expect, it } from 'vitest';
import type { CaseEntry, EntryPayload } from '../../shared/domain/case.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { foldTimeline } from './timeline-items.ts';

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
