import type { CaseEntry, CaseState, CaseSummary } from './case.ts';
import { assertNever } from './result.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function sortedByClock(entries: readonly CaseEntry[]): CaseEntry[] {
  return [...entries].sort((left, right) => {
    if (left.clock !== right.clock) return left.clock < right.clock ? -1 : 1;
    if (left.writerId !== right.writerId) return left.writerId < right.writerId ? -1 : 1;
    return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
  });
}

/**
 * Everything seen on a case, from its entries alone. Entries may come in any order and more than once: they are
 * taken in clock order, each id once, so every copy with the same entries shows the same case. Where two writers
 * changed the same thing, the later clock counts. An entry that speaks of something unknown changes nothing.
 * @param simulated whether the case belongs to the range; that is the workspace's, not the entries' word
 */
export function foldCase(caseId: string, entries: readonly CaseEntry[], simulated: boolean): CaseState {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const timeline = sortedByClock([...byId.values()]);
  const first = timeline[0];
  const header: Mutable<CaseSummary> = {
    id: caseId,
    title: 'Untitled case',
    customerId: null,
    severity: 'medium',
    status: 'open',
    phase: 'detection-and-analysis',
    tlp: 'TLP:AMBER',
    pap: 'PAP:AMBER',
    assignee: null,
    openedMs: first?.timeMs ?? 0,
    changedMs: first?.timeMs ?? 0,
    alertCount: 0,
    openTaskCount: 0,
    simulated,
  };
  const notes = new Map<string, Mutable<CaseState['notes'][number]>>();
  const tasks = new Map<string, Mutable<CaseState['tasks'][number]>>();
  const observables = new Map<string, CaseState['observables'][number]>();
  const evidence = new Map<string, CaseState['evidence'][number]>();
  const techniques = new Set<string>();
  const alerts = new Map<string, CaseState['alerts'][number]>();
  const mitigations = new Map<string, CaseState['mitigations'][number]>();
  const slices = new Map<string, CaseState['slices'][number]>();
  let opened = false;

  for (const entry of timeline) {
    header.changedMs = Math.max(header.changedMs, entry.timeMs);
    const { payload } = entry;
    if (payload === null) continue;
    switch (payload.kind) {
      case 'case-opened':
        // A second opening can only come from a merge of strangers; the first stands.
        if (opened) break;
        opened = true;
        header.title = payload.title;
        header.customerId = payload.customerId;
        header.severity = payload.severity;
        header.tlp = payload.tlp;
        header.pap = payload.pap;
        header.openedMs = entry.timeMs;
        break;
      case 'header-changed':
        if (payload.title !== undefined) header.title = payload.title;
        if (payload.severity !== undefined) header.severity = payload.severity;
        if (payload.status !== undefined) header.status = payload.status;
        if (payload.phase !== undefined) header.phase = payload.phase;
        if (payload.tlp !== undefined) header.tlp = payload.tlp;
        if (payload.pap !== undefined) header.pap = payload.pap;
        if (payload.assignee !== undefined) header.assignee = payload.assignee;
        break;
      case 'note-added':
        if (!notes.has(payload.noteId)) {
          notes.set(payload.noteId, {
            id: payload.noteId,
            markdown: payload.markdown,
            writerName: entry.writerName,
            addedMs: entry.timeMs,
            revisedMs: null,
          });
        }
        break;
      case 'note-revised': {
        const note = notes.get(payload.noteId);
        if (note !== undefined) {
          note.markdown = payload.markdown;
          note.revisedMs = entry.timeMs;
        }
        break;
      }
      case 'task-added':
        if (!tasks.has(payload.taskId)) {
          tasks.set(payload.taskId, {
            id: payload.taskId,
            title: payload.title,
            done: false,
            assignee: null,
            addedMs: entry.timeMs,
          });
        }
        break;
      case 'task-changed': {
        const task = tasks.get(payload.taskId);
        if (task === undefined) break;
        if (payload.title !== undefined) task.title = payload.title;
        if (payload.done !== undefined) task.done = payload.done;
        if (payload.assignee !== undefined) task.assignee = payload.assignee;
        break;
      }
      case 'observable-added': {
        // The same address added twice is one observable.
        const known = [...observables.values()].some(
          (one) => one.kind === payload.entityKind && one.value === payload.value,
        );
        if (known) break;
        observables.set(payload.observableId, {
          id: payload.observableId,
          kind: payload.entityKind,
          value: payload.value,
          from: payload.from,
          addedMs: entry.timeMs,
        });
        break;
      }
      case 'observable-removed':
        observables.delete(payload.observableId);
        break;
      case 'evidence-added':
        evidence.set(payload.evidenceId, {
          id: payload.evidenceId,
          name: payload.name,
          mediaType: payload.mediaType,
          sizeBytes: payload.sizeBytes,
          sha256: payload.sha256,
          addedMs: entry.timeMs,
          writerName: entry.writerName,
        });
        break;
      case 'technique-tagged':
        techniques.add(payload.techniqueId);
        break;
      case 'technique-untagged':
        techniques.delete(payload.techniqueId);
        break;
      case 'alert-linked':
        alerts.set(payload.alertId, {
          id: payload.alertId,
          title: payload.title,
          why: payload.why,
          severity: payload.severity,
          firstSeenMs: payload.firstSeenMs,
          lastSeenMs: payload.lastSeenMs,
          count: payload.count,
        });
        break;
      case 'alert-unlinked':
        alerts.delete(payload.alertId);
        break;
      case 'mitigation-noted':
        mitigations.set(payload.mitigationId, {
          id: payload.mitigationId,
          state: payload.state,
          sentence: payload.sentence,
          entries: payload.entries,
          targetName: payload.targetName,
          timeMs: entry.timeMs,
        });
        break;
      case 'signals-saved':
        slices.set(payload.sliceId, {
          id: payload.sliceId,
          title: payload.title,
          fromMs: payload.fromMs,
          toMs: payload.toMs,
          signals: payload.signals,
        });
        break;
      default:
        assertNever(payload);
    }
  }

  return {
    ...header,
    alertCount: alerts.size,
    openTaskCount: [...tasks.values()].filter((task) => !task.done).length,
    notes: [...notes.values()],
    tasks: [...tasks.values()],
    observables: [...observables.values()],
    evidence: [...evidence.values()],
    techniques: [...techniques].sort(),
    alerts: [...alerts.values()],
    mitigations: [...mitigations.values()],
    slices: [...slices.values()],
    timeline,
  };
}

/** The part of a case that lists show. */
export function summaryOf(state: CaseState): CaseSummary {
  return {
    id: state.id,
    title: state.title,
    customerId: state.customerId,
    severity: state.severity,
    status: state.status,
    phase: state.phase,
    tlp: state.tlp,
    pap: state.pap,
    assignee: state.assignee,
    openedMs: state.openedMs,
    changedMs: state.changedMs,
    alertCount: state.alertCount,
    openTaskCount: state.openTaskCount,
    simulated: state.simulated,
  };
}
