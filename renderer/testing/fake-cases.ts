import type { Handlers } from '../../shared/api/server.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { CaseState, EntryPayload } from '../../shared/domain/case.ts';
import { foldCase, listRowOf } from '../../shared/domain/case-fold.ts';
import { readLog, replacedBy } from '../../shared/domain/case-log.ts';
import { nextClock } from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import type { FakeAlerts } from './fake-alerts.ts';
import { fakeApart } from './fake-case-files.ts';
import { fakeSignals, fakeWindow } from './fake-signals.ts';
import { fakeTechniques } from './fake-techniques.ts';
import type { FakeWorld } from './fake-world.ts';

/** Cases as logs of entries, folded as the core folds them. */
export function createFakeCases(world: FakeWorld, cases: Map<string, CaseState>, alerts: FakeAlerts) {
  const { situation, startMs, readClock, attackStartMs, findings, analyst, nextId, emit, failing } = world;
  const { changes, alertAt, alertById } = alerts;

  function append(state: CaseState, payload: EntryPayload): CaseState {
    const timeMs = readClock();
    const entry = caseEntry({
      id: nextId('entry'),
      caseId: state.id,
      writerName: analyst.name ?? 'Watchfloor',
      sequence: state.timeline.length,
      clock: nextClock(state.timeline.at(-1)?.clock ?? null, timeMs),
      timeMs,
      replaces: replacedBy(readLog(state.id, state.timeline), payload),
      payload,
    });
    return foldCase(state.id, [...state.timeline, entry], true);
  }

  function saveCase(state: CaseState): CaseState {
    cases.set(state.id, state);
    emit('cases.changed', { caseIds: [state.id] });
    return state;
  }

  function caseOf(id: string): CaseState {
    const found = cases.get(id);
    if (!found) throw new WatchfloorError('not-found', 'There is no such case here.');
    return found;
  }

  function openCase(alerts: readonly Alert[], title: string | null): CaseState {
    const first = alerts[0];
    const id = nextId('case');
    let state = append(foldCase(id, [], true), {
      kind: 'case-opened',
      title: title ?? first?.title ?? 'New case',
      customerId: first?.customerId ?? null,
      severity: first?.severity ?? 'medium',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
    });
    state = append(state, { kind: 'header-changed', assignee: analyst.name });
    for (const alert of alerts) state = linkAlert(state, alert);
    return saveCase(state);
  }

  function linkAlert(state: CaseState, alert: Alert): CaseState {
    changes.set(alert.id, { ...changes.get(alert.id), caseId: state.id, status: 'in-progress' });
    let next = append(state, {
      kind: 'alert-linked',
      alertId: alert.id,
      title: alert.title,
      why: alert.why,
      severity: alert.severity,
      firstSeenMs: alert.firstSeenMs,
      lastSeenMs: alert.lastSeenMs,
      count: alert.count,
    });
    for (const entity of alert.entities) {
      if (next.observables.some((each) => each.value === entity.value)) continue;
      next = append(next, {
        kind: 'observable-added',
        observableId: nextId('observable'),
        entityKind: entity.kind,
        value: entity.value,
        from: 'alert',
      });
    }
    return next;
  }

  /** What is there from the start. */
  function seed(): void {
    let first = openCase([alertAt(0), alertAt(1)], 'HTTP flood on shop.acme.example');
    first = append(first, {
      kind: 'task-added',
      taskId: 'task-a',
      title: 'Ask Acme whether a campaign runs',
    });
    first = append(first, {
      kind: 'task-added',
      taskId: 'task-b',
      title: 'Keep the WAF log of 03:00 to 03:30',
    });
    first = append(first, { kind: 'task-changed', taskId: 'task-b', done: true });
    first = append(first, { kind: 'technique-tagged', techniqueId: 'T1498' });
    first = append(first, {
      kind: 'note-added',
      noteId: 'note-a',
      markdown:
        '**Vector**: `POST /login`, 82% of the excess, three networks.\n\n- no campaign is planned\n- origin CPU at 94%\n',
    });
    first = append(first, {
      kind: 'evidence-added',
      evidenceId: 'evidence-a',
      name: 'waf-0300.log.gz',
      mediaType: 'application/gzip',
      sizeBytes: 48_213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    });
    saveCase(situation === 'busy' ? fakeApart(first, startMs) : first);
    saveCase({
      ...openCase([alertAt(7)], 'Credential stuffing on api.acme.example'),
      status: 'contained',
      severity: 'high',
      assignee: 'Kim Analyst',
    });
  }

  const handlers = {
    'cases.list': ({ status: wanted, text }) => {
      failing();
      return [...cases.values()]
        .filter(
          (each) =>
            (wanted === null || each.status === wanted) &&
            `${each.title} ${each.id}`.toLowerCase().includes(text.toLowerCase()),
        )
        .map(listRowOf);
    },
    'cases.open': ({ alertIds, title }) => openCase(alertIds.map(alertById), title),
    'cases.get': ({ id }) => caseOf(id),
    'cases.append': ({ caseId, entry }) => saveCase(append(caseOf(caseId), entry)),
    'cases.linkAlerts': ({ caseId, alertIds }) =>
      saveCase(alertIds.map(alertById).reduce(linkAlert, caseOf(caseId))),
    'cases.unlinkAlert': ({ caseId, alertId, reason }) =>
      saveCase(append(caseOf(caseId), { kind: 'alert-unlinked', alertId, reason })),
    'cases.readEvidence': ({ caseId, evidenceId }) => {
      const found = caseOf(caseId).evidence.find((each) => each.id === evidenceId);
      if (!found) throw new WatchfloorError('not-found', 'There is no such evidence.');
      return { name: found.name, mediaType: found.mediaType, base64: 'ZXZpZGVuY2U=', verified: true };
    },
    'cases.saveSignals': ({ caseId, fromMs, toMs, title }) =>
      saveCase(
        append(caseOf(caseId), {
          kind: 'signals-saved',
          sliceId: nextId('slice'),
          title,
          fromMs,
          toMs,
          signals: ['shop.edge-rate', 'shop.origin-latency'].map((id) => ({
            name: fakeSignals.find((signal) => signal.id === id)?.name ?? id,
            unit: fakeSignals.find((signal) => signal.id === id)?.unit ?? '',
            stage: id.split('.')[1] ?? '',
            window: fakeWindow(id, fromMs, toMs, 600, readClock(), attackStartMs, findings),
          })),
        }),
      ),
    'cases.verify': ({ id }) => ({
      ok: true,
      sentence: `All ${caseOf(id).timeline.length} entries and their signatures verify.`,
    }),
    'cases.exportAs': ({ caseId, format }) => ({
      fileName: `case.${format}.txt`,
      mediaType: 'text/plain',
      text: `${caseOf(caseId).title}\nSIMULATED\n`,
    }),
    'cases.importStix': () => {
      throw new WatchfloorError('refused', 'The demonstration takes no bundles.');
    },
    'techniques.search': ({ text }) =>
      fakeTechniques.filter((each) => `${each.id} ${each.name}`.toLowerCase().includes(text.toLowerCase())),
  } satisfies Partial<Handlers>;
  return { append, saveCase, caseOf, seed, handlers };
}
