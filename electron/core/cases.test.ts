import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomId } from '../db/ids.ts';
import type { Store, Writer } from '../db/index.ts';
import { openTestStore, temporaryDirectory, testWriter } from '../db/testing.ts';
import { type Cases, createCases } from './cases.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let ada: Writer;
let cases: Cases;

function open(simulated = false): void {
  directory = temporaryDirectory();
  store = openTestStore(directory.path, undefined, { simulated });
  ada = testWriter(store);
  cases = createCases({
    store,
    hub: { cases: () => undefined, alerts: () => undefined, manyAlerts: () => undefined },
    newId: randomId,
    nowMs: () => 0,
  });
}
beforeEach(() => open());
afterEach(() => {
  store.close();
  directory.remove();
});

const opened = (title: string) => cases.open(ada, { alertIds: [], title, severity: null, customerId: null });
const note = (noteId: string) => ({ kind: 'note-added', noteId, markdown: noteId }) as const;

describe('merging cases', () => {
  it('makes the other count here, and is taken back exactly', () => {
    const [one, other] = [opened('One').id, opened('Other').id];
    cases.append(ada, other, note('n1'), null);
    const before = store.cases.get(one);
    expect(cases.merge(ada, one, other, 'the same attack')).toMatchObject({
      title: 'One',
      mergedCases: [other],
      notes: [{ id: 'n1' }],
    });
    expect(cases.get(other)).toMatchObject({ title: 'Other', mergedInto: one });
    for (const [caseId, otherId] of [
      [one, other],
      [other, one],
      [one, one],
    ] as const) {
      expect(() => cases.merge(ada, caseId, otherId, '')).toThrow(/one case already|merged into the other/);
    }
    const after = cases.unmerge(ada, one, other, 'two attacks');
    expect({ ...after, timeline: [], changedMs: 0, withdrawn: [] }).toEqual({
      ...before,
      timeline: [],
      changedMs: 0,
      withdrawn: [],
    });
    expect(cases.get(other).mergedInto).toBeNull();
    expect(() => cases.unmerge(ada, one, other, '')).toThrow('not merged into this one');
    // It may be done again.
    expect(cases.merge(ada, one, other, '').mergedCases).toEqual([other]);
    expect(store.cases.verify(one).ok && store.cases.verify(other).ok).toBe(true);
  });
});

describe('withdrawing an entry', () => {
  it('is for what was said, not for what has an inverse of its own', () => {
    const { id, timeline } = opened('One');
    const { timeline: after } = cases.append(ada, id, note('n1'), null);
    const withdraw = (entryId: string) =>
      cases.append(ada, id, { kind: 'entry-withdrawn', entryId, reason: 'wrong case' }, null);
    expect(withdraw(after.at(-1)?.id ?? '').notes).toEqual([]);
    expect(() => withdraw(timeline[0]?.id ?? '')).toThrow('A case stays opened');
    expect(() => withdraw('en_nowhere')).toThrow('no such entry');
  });
});

describe('entries that belong together', () => {
  it('are all there, or none', () => {
    const { id, timeline } = opened('One');
    const ids = cases.appendAll(ada, id, [note('n1'), note('n2')], null);
    expect(
      cases
        .get(id)
        .timeline.slice(-2)
        .map((entry) => entry.id),
    ).toEqual(ids);
    const withdrawal = { kind: 'entry-withdrawn', entryId: timeline[0]?.id ?? '', reason: '' } as const;
    expect(() => cases.appendAll(ada, id, [note('n3'), withdrawal], null)).toThrow('A case stays opened');
    expect(cases.get(id).notes.map((each) => each.id)).toEqual(['n1', 'n2']);
  });
});

describe('evidence that somebody looks at', () => {
  it('stands in the audit log, opened and saved apart', () => {
    const { id } = opened('One');
    const { evidence } = store.cases.append(id, ada, [
      {
        kind: 'evidence-added',
        evidenceId: 'ev_1',
        name: 'disk.img',
        mediaType: '',
        ...store.evidence.put(Buffer.from('disk')),
      },
    ]);
    cases.recordReading(ada, id, 'ev_1', 'view');
    cases.recordReading(ada, id, 'ev_1', 'save');
    expect(evidence).toHaveLength(1);
    expect(store.audit.list(2).map(({ action, sentence }) => [action, sentence])).toEqual([
      ['case.evidence-saved', `${ada.name} saved out the evidence disk.img of the case One.`],
      ['case.evidence-opened', `${ada.name} opened the evidence disk.img of the case One.`],
    ]);
  });
});

describe('evidence from a file', () => {
  it('is copied piece by piece, or not at all', async () => {
    const { id } = opened('One');
    const path = join(directory.path, 'large.pcap');
    writeFileSync(path, Buffer.alloc(5_000_000, 'packets'));
    let pieces = 0;
    const giveUp = () => {
      pieces += 1;
      if (pieces === 3) throw new Error('given up');
    };
    await expect(cases.addEvidenceFile(ada, id, { path, name: path, mediaType: '' }, giveUp)).rejects.toThrow(
      'given up',
    );
    expect(cases.get(id).evidence).toEqual([]);
    expect(readdirSync(join(directory.path, 'unfinished'))).toEqual([]);
    const [added] = (
      await cases.addEvidenceFile(ada, id, { path, name: path, mediaType: '' }, () => undefined)
    ).evidence;
    expect(added).toMatchObject({ name: 'large.pcap', sizeBytes: 5_000_000 });
    expect(cases.readEvidence(id, added?.id ?? '')).toMatchObject({ verified: true });
    expect(readdirSync(join(directory.path, 'unfinished'))).toEqual([]);
  });
});

describe('a case of the range', () => {
  it('says so in its own entries', () => {
    store.close();
    directory.remove();
    open(true);
    expect(opened('Trial').timeline[0]?.payload).toMatchObject({ kind: 'case-opened', simulated: true });
  });
});
