import type { Handlers } from '../../shared/api/server.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import {
  countAnswers,
  type HandoverAnswer,
  type HandoverPack,
  type HandoverRow,
  type HandoverView,
  handoverItems,
} from '../../shared/domain/handover.ts';
import { answerItem, carryOver, checklistFor, editHandover } from '../../shared/domain/handover-draft.ts';
import { computeHandoverPack, handoverSince } from '../../shared/domain/handover-pack.ts';
import type { Mitigation } from '../../shared/domain/mitigation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { Suppression } from '../../shared/domain/suppression.ts';
import { formatUtc, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { handoverReportHtml } from '../../shared/report/handover-report.ts';

type HandoverMethod = Extract<keyof Handlers, `handovers.${string}`>;

interface FakeHandover {
  pack: HandoverPack;
  revision: number;
  nextShiftHours: number;
  outgoing: HandoverView['outgoing'];
  origin: HandoverRow['origin'];
  countersignatures: HandoverView['countersignatures'];
  answers: HandoverAnswer[];
}

export interface FakeHandoverDeps {
  readonly readClock: () => number;
  readonly analyst: () => string;
  readonly alerts: () => readonly Alert[];
  readonly cases: () => readonly CaseState[];
  readonly mitigations: () => readonly Mitigation[];
  readonly suppressions: () => readonly Suppression[];
  readonly customerNames: ReadonlyMap<string, string>;
  readonly shiftEndsMs: () => number | null;
  /** With handovers of earlier shifts. */
  readonly hasPast: boolean;
  readonly changed: (id: string) => void;
}

/** Shift handovers of the core in the page: made and edited by the same pure functions, signed by nobody's key. */
export function createFakeHandovers(deps: FakeHandoverDeps): Pick<Handlers, HandoverMethod> {
  const { readClock } = deps;
  const all = new Map<string, FakeHandover>();
  let counter = 0;
  const fingerprint = (name: string) =>
    Array.from({ length: 32 }, (_, index) =>
      ((name.charCodeAt(index % name.length) * (index + 7)) % 16).toString(16),
    ).join('');
  const signer = (name: string, signedMs: number, isKnown = true) => ({
    name,
    signedMs,
    isKnown,
    keyFingerprint: fingerprint(name),
  });

  function computed(id: string, nextShiftHours: number, nowMs: number): HandoverPack {
    const alerts = deps
      .alerts()
      .filter(
        ({ lane, status, snoozedUntilMs }) =>
          lane === 'actionable' && status !== 'closed' && snoozedUntilMs === null,
      );
    const cases = deps.cases();
    const signed = [...all.values()].filter(({ outgoing }) => outgoing !== null);
    const [last] = signed.sort((left, right) => right.pack.madeMs - left.pack.madeMs);
    return computeHandoverPack({
      id,
      nowMs,
      simulated: true,
      shiftEndsMs: deps.shiftEndsMs(),
      nextShiftHours,
      since: handoverSince(
        last === undefined
          ? null
          : { id: last.pack.id, madeMs: last.pack.madeMs, storedMs: last.pack.madeMs, position: 0 },
        nowMs,
      ),
      customerNames: deps.customerNames,
      alerts: { rows: alerts, total: alerts.length },
      snoozed: { rows: [], total: 0 },
      cases: {
        rows: cases.map((summary) => ({
          summary,
          changes: [
            { writerName: deps.analyst(), kind: 'alert-linked', count: summary.alerts.length },
            { writerName: 'Kim Analyst', kind: 'note-added', count: 1 + summary.notes.length },
          ],
          newest: summary.notes
            .slice(0, 2)
            .map(
              ({ markdown }) => `${formatUtc(nowMs - 40 * minuteMs)} ${deps.analyst()}: Noted: ${markdown}`,
            ),
        })),
        total: cases.length,
      },
      tasks: {
        rows: cases.flatMap(({ id: caseId, title: caseTitle, tlp, tasks }) =>
          tasks
            .filter(({ done }) => !done)
            .map(({ id: taskId, title, assignee, addedMs, dueMs }) => ({
              caseId,
              caseTitle,
              tlp,
              taskId,
              title,
              assignee,
              addedMs,
              dueMs,
            })),
        ),
        total: cases.reduce((sum, { tasks }) => sum + tasks.filter(({ done }) => !done).length, 0),
      },
      mitigations: deps.mitigations(),
      sources: [],
      suppressions: deps.suppressions(),
    });
  }

  function past(number: number, agoMs: number, from: string, to: string | null): void {
    const nowMs = readClock() - agoMs;
    const id = `ho_earlier-${number}`;
    const pack = computed(id, 8, nowMs);
    const answers = checklistFor(pack, []).map(
      (each, index): HandoverAnswer =>
        index === 1 ? { ...each, state: 'queried', remark: 'Since when?' } : { ...each, state: 'ticked' },
    );
    all.set(id, {
      pack: { ...pack, notes: 'Quiet until three. Boreal calls back about the **login** page.' },
      revision: 1,
      nextShiftHours: 8,
      outgoing: { ...signer(from, nowMs + 4 * minuteMs, to !== null), writtenBy: 'Watchfloor 0.1.0' },
      origin: to === null ? 'file' : 'here',
      countersignatures:
        to === null
          ? []
          : [
              {
                ...signer(to, nowMs + 12 * minuteMs),
                answers,
                remark: '',
                isSamePerson: from === to,
                isClockBehind: false,
              },
            ],
      answers: to === null ? [] : answers,
    });
  }
  if (deps.hasPast) {
    past(1, 16 * hourMs, 'Kim Analyst', 'Robin Keller');
    past(2, 8 * hourMs, 'Night Shift', null);
  }

  function handoverOf(id: string): FakeHandover {
    const handover = all.get(id);
    if (!handover) throw new WatchfloorError('not-found', 'There is no such handover.');
    return handover;
  }
  function rowOf({ pack, outgoing, countersignatures, origin }: FakeHandover): HandoverRow {
    return {
      id: pack.id,
      state: outgoing === null ? 'draft' : countersignatures.length > 0 ? 'countersigned' : 'signed',
      madeMs: pack.madeMs,
      signedMs: outgoing?.signedMs ?? null,
      outgoing: outgoing?.name ?? null,
      incoming: countersignatures.map(({ name }) => name),
      origin,
      itemCount: handoverItems(pack).length,
    };
  }
  function viewOf(handover: FakeHandover): HandoverView {
    const { pack, outgoing, countersignatures, revision, nextShiftHours } = handover;
    return {
      row: rowOf(handover),
      pack,
      draft: outgoing === null ? { revision, nextShiftHours } : null,
      outgoing,
      countersignatures,
      checklist: outgoing === null ? [] : checklistFor(pack, handover.answers),
      reachable: handoverItems(pack).flatMap(({ key, link }) => (link === null ? [] : [key])),
      isCountersignedByMe: countersignatures.some(({ name }) => name === deps.analyst()),
      isMine: outgoing?.name === deps.analyst(),
      sha256: outgoing === null ? null : 'c'.repeat(64),
      fileName: 'handover-simulated',
    };
  }
  function changed(handover: FakeHandover): HandoverView {
    all.set(handover.pack.id, handover);
    deps.changed(handover.pack.id);
    return viewOf(handover);
  }
  const draft = () => [...all.values()].find(({ outgoing }) => outgoing === null);

  return {
    'handovers.list': () =>
      [...all.values()]
        .map(rowOf)
        .sort(
          (left, right) =>
            Number(right.state === 'draft') - Number(left.state === 'draft') || right.madeMs - left.madeMs,
        ),
    'handovers.get': ({ id }) => viewOf(handoverOf(id)),
    'handovers.make': ({ nextShiftHours }) => {
      const before = draft();
      const hours = nextShiftHours ?? before?.nextShiftHours ?? 8;
      const fresh = computed(before?.pack.id ?? `ho_simulated-${++counter}`, hours, readClock());
      return changed({
        outgoing: null,
        origin: 'here',
        countersignatures: [],
        answers: [],
        revision: (before?.revision ?? 0) + 1,
        nextShiftHours: hours,
        pack: before === undefined ? fresh : carryOver(before.pack, fresh),
      });
    },
    'handovers.edit': ({ id, edit }) => {
      const handover = handoverOf(id);
      return changed({ ...handover, ...editHandover(handover, edit, () => `it-${++counter}`) });
    },
    'handovers.discard': ({ id }) => {
      all.delete(id);
      deps.changed(id);
      return { done: true };
    },
    'handovers.sign': ({ id }) =>
      changed({
        ...handoverOf(id),
        outgoing: { ...signer(deps.analyst(), readClock()), writtenBy: 'Watchfloor 0.1.0' },
      }),
    'handovers.answer': ({ id, answer }) => {
      const handover = handoverOf(id);
      return changed({ ...handover, answers: answerItem(handover.pack, handover.answers, answer) });
    },
    'handovers.countersign': ({ id, withOpen, remark }) => {
      const handover = handoverOf(id);
      const answers = checklistFor(handover.pack, handover.answers);
      if (countAnswers(answers).open > 0 && !withOpen) {
        throw new WatchfloorError('refused', 'Some items were not gone through. Nothing was signed.');
      }
      const name = deps.analyst();
      const isSamePerson = handover.outgoing?.name === name;
      const one = { ...signer(name, readClock()), answers, remark, isSamePerson, isClockBehind: false };
      return changed({ ...handover, countersignatures: [...handover.countersignatures, one] });
    },
    'handovers.read': ({ id }) => ({
      name: 'handover-simulated.wfhandover',
      text: JSON.stringify(viewOf(handoverOf(id))),
      path: '/home/robin/Downloads/handover-simulated.wfhandover',
    }),
    'handovers.export': ({ path }) => ({ path, sizeBytes: 4_213 }),
    'handovers.import': () => {
      throw new WatchfloorError(
        'refused',
        'The file does not verify: Its bytes are not those that these contents have. Nothing was taken in.',
        'file: Its bytes are not those that these contents have.',
      );
    },
    'handovers.build': ({ id }) => {
      const html = handoverReportHtml(viewOf(handoverOf(id)), {
        generatedMs: readClock(),
        appVersion: '0.1.0',
      });
      const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(html)));
      return { name: 'handover-simulated.html', mediaType: 'text/html;charset=utf-8', base64 };
    },
  };
}
