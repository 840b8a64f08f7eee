import { cpSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArrivalLine } from '../../../shared/case-file/arrivals.ts';
import { minuteMs } from '../../../shared/domain/time.ts';
import { openTestStore, startMs, temporaryDirectory } from '../../db/testing.ts';
import { type Desk, note, openDesk, opening, verify, withoutSignature } from './testing/desks.ts';
import { container, membersOf } from './testing/forge.ts';

let ada: Desk;
let bob: Desk;
beforeEach(() => {
  ada = openDesk('Ada', { nowMs: startMs });
  bob = openDesk('Bob', { nowMs: startMs + 10 * minuteMs });
});
afterEach(() => {
  ada.close();
  bob.close();
});

const arrivalsOf = (desk: Desk, caseId: string): ArrivalLine[] => [...desk.store.arrivals.of([caseId])];
const entryIds = (desk: Desk, caseId: string) => desk.store.cases.entries(caseId).map(({ id }) => id);

describe('the log of arrivals', () => {
  it('says nothing of what was written here, and of an import when it came', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening, note('n1')]);
    expect(arrivalsOf(ada, id)).toEqual([]);
    const file = await ada.export(id);
    await bob.import(file);
    const imported = {
      caseId: id,
      refs: entryIds(ada, id).sort(),
      timeMs: startMs + 10 * minuteMs,
      workstationId: bob.store.arrivals.ownId(),
    };
    expect(arrivalsOf(bob, id)).toEqual([imported]);
    // A second import brings nothing, whenever it comes.
    bob.clock.nowMs += minuteMs;
    await bob.import(file);
    expect(arrivalsOf(bob, id)).toEqual([imported]);
    bob.store.cases.append(id, bob.writer, [note('n2')]);
    expect(arrivalsOf(bob, id)).toEqual([imported]);
  });

  it('travels in the exporter’s block alone and is passed on', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening, note('n1')]);
    const first = await ada.export(id);
    await bob.import(first);
    const second = await bob.export(id);
    expect(withoutSignature(second).equals(withoutSignature(first))).toBe(true);
    expect(second.equals(await bob.export(id))).toBe(true);
    const carol = openDesk('Carol', { nowMs: startMs + 60 * minuteMs });
    await carol.import(second);
    expect(carol.store.arrivals.workstations([ada.writer.id])).toEqual(
      [
        { workstationId: ada.store.arrivals.ownId(), name: 'Ada', writers: [ada.writer.id] },
        { workstationId: bob.store.arrivals.ownId(), name: 'Bob', writers: [] },
        { workstationId: carol.store.arrivals.ownId(), name: 'Carol', writers: [] },
      ].sort((left, right) => (left.workstationId < right.workstationId ? -1 : 1)),
    );
    expect(
      arrivalsOf(carol, id)
        .map(({ workstationId, timeMs }) => [workstationId, timeMs - startMs])
        .sort(([, left], [, right]) => Number(left) - Number(right)),
    ).toEqual([
      [bob.store.arrivals.ownId(), 10 * minuteMs],
      [carol.store.arrivals.ownId(), 60 * minuteMs],
    ]);
    carol.close();
  });

  it('tells a payload that came later than its entry', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    ada.store.cases.append(id, ada.writer, [note('n1')], 'TLP:RED');
    await bob.import(await ada.export(id, 'TLP:AMBER'));
    bob.clock.nowMs += minuteMs;
    await bob.import(await ada.export(id));
    const late = ada.store.cases.entries(id).find(({ kind }) => kind === 'note-added')?.id;
    expect(arrivalsOf(bob, id).at(-1)).toMatchObject({
      refs: [`${late}/payload`],
      timeMs: startMs + 11 * minuteMs,
    });
  });

  it('takes nobody’s word about this data directory', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    await bob.import(await ada.export(id));
    const back = await bob.export(id);
    ada.clock.nowMs += minuteMs;
    await ada.import(back);
    expect(arrivalsOf(ada, id).map(({ workstationId }) => workstationId)).toEqual([
      bob.store.arrivals.ownId(),
    ]);
  });

  it('goes on under a new id in a copy of a data directory, with what had arrived until then', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    await bob.import(await ada.export(id));
    const [before] = arrivalsOf(bob, id);
    const folder = temporaryDirectory();
    cpSync(bob.folder, folder.path, { recursive: true });
    const copy = openTestStore(folder.path, bob.clock);
    expect(copy.arrivals.ownId()).not.toBe(before?.workstationId);
    expect([...copy.arrivals.of([id])]).toEqual([{ ...before, workstationId: copy.arrivals.ownId() }]);
    copy.close();
    folder.remove();
  });

  it('is verified like the rest: other arrivals under the same signature are found', async () => {
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    await bob.import(await ada.export(id));
    const members = membersOf(await bob.export(id));
    const changed = (change: (text: string) => string) =>
      verify(
        container(
          members.map(({ path, bytes }) =>
            path === 'arrivals.jsonl'
              ? { path, bytes: Buffer.from(change(bytes.toString())) }
              : { path, bytes },
          ),
        ),
      );
    const sentences = async (change: (text: string) => string) =>
      (await changed(change)).problems.map(({ at, sentence }) => `${at}: ${sentence}`);
    expect(await sentences((text) => text)).toEqual([]);
    expect(await sentences((text) => text.replace(/"timeMs":\d/, '"timeMs":9'))).toEqual([
      'arrivals.jsonl: Its bytes are not those that the exporter signed.',
    ]);
    expect(await sentences((text) => text.split('\n').slice(0, 1).join('\n').concat('\n'))).toContain(
      'arrivals.jsonl: Its bytes are not those that the exporter signed.',
    );
    expect(await sentences((text) => text.split('\n').reverse().slice(1).join('\n').concat('\n'))).toContain(
      'arrivals.jsonl line 1: No line says which workstation that is.',
    );
    expect(await sentences((text) => text.replace('"timeMs":', '"timeMs": '))).toContain(
      'arrivals.jsonl line 3: It is not written as an arrival is.',
    );
  });
});
