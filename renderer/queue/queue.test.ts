import { describe, expect, it } from 'vitest';
import type { Alert } from '../../shared/domain/alert.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import { fakeAlert } from '../testing/fake-alert.ts';
import { mergeWords } from './merge-mark.tsx';
import {
  countAlerts,
  describeAction,
  describeUndo,
  shortAge,
  shortCount,
  snoozeChoices,
} from './queue-words.ts';
import { keepSame, patchRows } from './use-alert-window.ts';

describe('patchRows', () => {
  it('draws changed rows where they stand, and leaves the map alone when none is here', () => {
    const [a, b, c] = [1, 2, 3].map((place) => ({
      ...fakeAlert(place, 10, 1_000_000, null),
      id: `a${place}`,
    }));
    if (!a || !b || !c) throw new Error('unreachable');
    const pages = new Map([
      [0, [a, b]],
      [4, [c]],
    ]);
    const changed: Alert = { ...b, count: 99 };
    expect(patchRows(pages, [changed])).toEqual(
      new Map([
        [0, [a, changed]],
        [4, [c]],
      ]),
    );
    expect(patchRows(pages, [{ ...a, id: 'elsewhere' }])).toBe(pages);
  });
});

describe('keepSame', () => {
  it('gives the very row that was there where nothing of it changed, wherever it stands now', () => {
    const [a, b] = [1, 2].map((place) => fakeAlert(place, 10, 1_000_000, null));
    if (!a || !b) throw new Error('unreachable');
    const again = { ...a };
    const changed = { ...b, count: b.count + 1 };
    const kept = keepSame([a, b], [changed, again]);
    expect(kept).toEqual([changed, a]);
    expect([kept[0] === changed, kept[1] === a]).toEqual([true, true]);
    expect(keepSame(undefined, [a])).toEqual([a]);
  });
});

describe('the words of the queue', () => {
  it('count and describe', () => {
    expect([countAlerts(1), countAlerts(1204)]).toEqual(['1 alert', '1,204 alerts']);
    expect(describeAction({ type: 'close', disposition: 'false-positive', reason: '' }, 12, String)).toBe(
      'Closed 12 alerts as false positive',
    );
    expect(describeAction({ type: 'snooze', untilMs: 5 }, 1, () => '02:00:00')).toBe(
      'Snoozed 1 alert until 02:00:00',
    );
    expect([999, 9_999, 12_345].map(shortCount)).toEqual(['999', '9,999', '12.3 k']);
    expect([-5, 12_000, 8 * minuteMs, 30 * hourMs, 80 * hourMs].map(shortAge)).toEqual([
      '0 s',
      '12 s',
      '8 min',
      '30 h',
      '3 d',
    ]);
  });

  it('offer the end of the shift only while it is to come', () => {
    const nowMs = Date.UTC(2026, 2, 4, 2, 0, 0);
    const labels = (shiftEndsMs: number | null) =>
      snoozeChoices(nowMs, shiftEndsMs).map((choice) => choice.label);
    expect(labels(null)).toEqual(['15 min', '1 h', '4 h', 'Tomorrow 08:00 UTC']);
    expect(labels(nowMs + hourMs)).toEqual([
      '15 min',
      '1 h',
      '4 h',
      'End of the shift',
      'Tomorrow 08:00 UTC',
    ]);
    expect(labels(nowMs - hourMs)).toEqual(labels(null));
    expect(snoozeChoices(nowMs, null).at(-1)?.untilMs).toBe(Date.UTC(2026, 2, 5, 8, 0, 0));
  });
});

describe('merging and splitting in words', () => {
  it('says of a row how it stands to others', () => {
    const alert = fakeAlert(1, 10, 1_000_000, null);
    const words = (more: Partial<Alert>) => mergeWords({ ...alert, ...more });
    expect(words({})).toBe('');
    expect(words({ merged: { alerts: 1, count: 9, severity: 'low' } })).toBe(', stands for 1 more alert');
    expect(words({ parentId: 'a', partOf: { id: 'b', label: 'from 198.51.100.7' } })).toBe(
      ', merged, part from 198.51.100.7',
    );
    expect(words({ split: { parts: 3, since: 1_204 } })).toBe(', split, 1,204 came since');
  });

  it('says what was done, and where there was nothing to do', () => {
    const said = (action: Parameters<typeof describeAction>[0], count: number) =>
      describeAction(action, count, () => '');
    expect(said({ type: 'merge', leaderId: null }, 6)).toBe('Merged 7 alerts into one');
    expect(said({ type: 'merge', leaderId: null }, 0)).toBe('These are one already');
    expect(said({ type: 'split', by: { kind: 'gap', gapMs: 1_000 } }, 4)).toBe(
      'Split one alert into 3 parts',
    );
    expect(said({ type: 'unmerge' }, 1)).toBe('Unmerged 1 alert');
    expect(said({ type: 'unsplit' }, 0)).toBe('Nothing here is split');
  });

  it('says what an undo left as it is', () => {
    expect(describeUndo({ changed: 7, skipped: 0 })).toBe('Took it back for 7 alerts');
    expect(describeUndo({ changed: 1, skipped: 2 })).toBe(
      'Took it back for 1 alert; 2 alerts were changed since and stay as they are',
    );
    expect(describeUndo({ changed: 0, skipped: 1 })).toBe(
      'Nothing was taken back: 1 alert was changed since and stays as it is',
    );
  });
});
