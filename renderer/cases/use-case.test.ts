import { describe, expect, it } from 'vitest';
import type { CaseEntry, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { type HeldLog, takeSince } from './use-case.ts';

const payloads: readonly EntryPayload[] = [
  {
    kind: 'case-opened',
    title: 'Flood',
    customerId: null,
    severity: 'low',
    tlp: 'TLP:GREEN',
    pap: 'PAP:GREEN',
  },
  { kind: 'note-added', noteId: 'n1', markdown: 'One' },
  { kind: 'note-added', noteId: 'n2', markdown: 'Two' },
  { kind: 'entry-withdrawn', entryId: 'en_1', reason: 'wrong' },
  { kind: 'note-added', noteId: 'n3', markdown: 'Three' },
];
const entries: readonly CaseEntry[] = payloads.map((payload, index) =>
  caseEntry({ id: `en_${index}`, timeMs: 1_000 + index, payload }),
);
const answer = (log: string, from: number, to: number) => ({
  log,
  from,
  entries: entries.slice(from, to),
  simulated: false,
});
const folded = (count: number) => foldCase('ca_1', entries.slice(0, count), false);

describe('a case that is kept fresh', () => {
  it('comes to what all its entries come to, however they came', () => {
    let held: HeldLog | null = null;
    for (const [from, to] of [
      [0, 2],
      [2, 3],
      // A withdrawal, which speaks of what is here already.
      [3, 4],
      // Overlaps with what came.
      [2, 5],
    ] as const) {
      held = takeSince('ca_1', held, answer('lo_1', from, to));
      expect(held.state).toEqual(folded(to));
    }
  });

  it('stays the same where nothing is new', () => {
    const held = takeSince('ca_1', null, answer('lo_1', 0, 3));
    expect(takeSince('ca_1', held, answer('lo_1', 3, 3))).toBe(held);
  });

  it('begins anew under another name', () => {
    const held = takeSince('ca_1', null, answer('lo_1', 0, 5));
    expect(takeSince('ca_1', held, answer('lo_2', 0, 2)).state).toEqual(folded(2));
  });
});
