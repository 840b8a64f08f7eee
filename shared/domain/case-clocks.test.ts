import { describe, expect, it } from 'vitest';
import { caseEntry } from '../testing/case-entry.ts';
import type { CaseEntry, EntryPayload } from './case.ts';
import { caseClocks, caseDurations } from './case-clocks.ts';
import { foldCase } from './case-fold.ts';

const opened: EntryPayload = {
  kind: 'case-opened',
  title: 'Flood',
  customerId: null,
  severity: 'medium',
  tlp: 'TLP:GREEN',
  pap: 'PAP:AMBER',
};
const event = (occurredMs: number, detectedMs: number | null): EntryPayload => ({
  kind: 'event-added',
  eventId: 'e1',
  occurredMs,
  detectedMs,
  title: 'Slow',
  text: '',
});

/** A case of which an entry was written every hundred milliseconds from 1,000 on. */
function durationsOf(...payloads: readonly EntryPayload[]) {
  let last: CaseEntry | null = null;
  const entries = payloads.map((payload, index) => {
    const timeMs = 1_000 + index * 100;
    last = caseEntry({ id: `en_${index}`, timeMs, payload, replaces: last === null ? [] : [last.hash] });
    return last;
  });
  return caseDurations(caseClocks(foldCase('ca_1', entries, false)));
}

describe('the clocks of a case', () => {
  it('count from the detection, and that from the occurrence', () => {
    expect(
      durationsOf(
        opened,
        event(400, 700),
        { kind: 'header-changed', status: 'contained' },
        { kind: 'header-changed', status: 'closed' },
      ),
    ).toEqual({ detectMs: 300, acknowledgeMs: 300, containMs: 500, closeMs: 600 });
  });

  it('take an alert for the detection, of which it does not tell how late it was', () => {
    const alert: EntryPayload = {
      kind: 'alert-linked',
      alertId: 'al_1',
      title: 'Flood',
      why: '',
      severity: 'high',
      firstSeenMs: 900,
      lastSeenMs: 950,
      count: 1,
    };
    expect(durationsOf(opened, alert)).toMatchObject({ detectMs: null, acknowledgeMs: 100 });
    expect(durationsOf(opened, alert, event(400, null))).toMatchObject({ detectMs: 500 });
  });

  it('do not know what nothing tells', () => {
    expect(durationsOf(opened)).toEqual({
      detectMs: null,
      acknowledgeMs: null,
      containMs: null,
      closeMs: null,
    });
    expect(durationsOf(opened, event(400, null))).toMatchObject({ detectMs: null, acknowledgeMs: null });
  });

  it('stand still no more when the case is opened again, and go by its last closing', () => {
    const closed: EntryPayload = { kind: 'header-changed', status: 'closed' };
    const open: EntryPayload = { kind: 'header-changed', status: 'open' };
    expect(durationsOf(opened, event(400, 500), closed, open)).toMatchObject({
      containMs: null,
      closeMs: null,
    });
    expect(durationsOf(opened, event(400, 500), closed, open, closed)).toMatchObject({
      containMs: 700,
      closeMs: 900,
    });
  });

  it('leave out what was withdrawn', () => {
    expect(
      durationsOf(
        opened,
        event(400, 500),
        { kind: 'header-changed', status: 'contained' },
        { kind: 'entry-withdrawn', entryId: 'en_2', reason: 'too early' },
        { kind: 'header-changed', status: 'contained' },
      ),
    ).toMatchObject({ containMs: 900 });
  });
});
