import type { EntryPayload } from '../../shared/domain/case.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import { note, openDesk, opening } from '../core/case-files/testing/desks.ts';
import { occurrence, startMs, testSource } from '../db/testing.ts';

/** Minutes after the beginning of the incident. */
export const minuteOf = (minutes: number): number => startMs + minutes * minuteMs;

function savedSignals(): EntryPayload {
  const stepMs = 15 * secondMs;
  const timesMs = Array.from({ length: 160 }, (_, index) => startMs + index * stepMs);
  const isHigh = (index: number) => index >= 40 && index < 120;
  return {
    kind: 'signals-saved',
    sliceId: 'sl_1',
    title: 'All of it',
    fromMs: startMs,
    toMs: timesMs.at(-1) ?? startMs,
    signals: [
      {
        name: 'HTTP requests',
        unit: 'requests/s',
        stage: 'edge',
        window: {
          signalId: 'si_1',
          stepMs,
          rolledUp: false,
          timesMs,
          values: timesMs.map((_, index) =>
            index > 70 && index < 80 ? null : isHigh(index) ? 900 - index : 20,
          ),
          expected: timesMs.map(() => 22),
          low: timesMs.map(() => 12),
          high: timesMs.map(() => 34),
          gaps: [{ fromMs: timesMs[71] ?? 0, toMs: timesMs[79] ?? 0 }],
          findings: [],
        },
      },
    ],
  };
}

/**
 * A case file of an incident as two desks lived through it. At minute 10 an alert begins at Ada's, which she receives
 * a minute later and opens a case for at 14. Bob gets it at 22 and notes something at 24, of which Ada hears at 35 and
 * which she withdraws at 38. She contains it at 30 and closes it at 50.
 */
export async function reviewedCase(): Promise<Buffer> {
  const [hers, his] = [{ nowMs: minuteOf(11) }, { nowMs: minuteOf(22) }];
  const ada = openDesk('Ada', hers);
  const bob = openDesk('Bob', his);
  try {
    for (let number = 0; number < 20; number += 1) {
      hers.nowMs = minuteOf(11) + number * 30 * secondMs;
      const seen = occurrence({
        identity: `record-${number}`,
        occurredMs: hers.nowMs - minuteMs,
        title: 'HTTP flood on /login',
        severity: 'high',
      });
      ada.store.alerts.ingest(testSource, [seen], hers.nowMs);
    }
    const [alert] = ada.store.alerts.each();
    hers.nowMs = minuteOf(14);
    const linked: EntryPayload = {
      kind: 'alert-linked',
      alertId: alert?.id ?? '',
      title: 'HTTP flood on /login',
      why: 'Because.',
      severity: 'high',
      firstSeenMs: minuteOf(10),
      lastSeenMs: minuteOf(13),
      count: 7,
    };
    const { id } = ada.store.cases.open(ada.writer, [opening, linked]);
    const say = (minutes: number, payload: EntryPayload) => {
      hers.nowMs = minuteOf(minutes);
      ada.store.cases.append(id, ada.writer, [payload]);
    };
    const mitigation = (state: string, sentence: string): EntryPayload => ({
      kind: 'mitigation-noted',
      mitigationId: 'mi_1',
      state,
      sentence,
      entries: ['198.51.100.0/24'],
      targetName: 'edge',
    });
    say(16, mitigation('proposed', 'Asked for by Ada.'));
    say(18, mitigation('verified', 'In place, read back.'));
    await bob.import(await ada.export(id));
    his.nowMs = minuteOf(24);
    bob.store.cases.append(id, bob.writer, [note('n1', 'The provider filters nothing.')]);
    const his2 = await bob.export(id);
    say(30, { kind: 'header-changed', status: 'contained' });
    hers.nowMs = minuteOf(35);
    await ada.import(his2);
    const wrong = ada.store.cases.entries(id).find(({ kind }) => kind === 'note-added');
    say(38, { kind: 'entry-withdrawn', entryId: wrong?.id ?? '', reason: 'It did' });
    say(40, savedSignals());
    say(50, { kind: 'header-changed', status: 'closed' });
    return await ada.export(id);
  } finally {
    ada.close();
    bob.close();
  }
}
