import { createHash } from 'node:crypto';
import type { Severity } from '../../shared/domain/alert.ts';
import { type Alert, severityRank } from '../../shared/domain/alert.ts';
import type { AnalystEntry, CaseState, EntryPayload, Tlp } from '../../shared/domain/case.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { dayMs, formatUtc, minuteMs } from '../../shared/domain/time.ts';
import { fileChunks } from '../db/file-chunks.ts';
import type { Store, Writer } from '../db/index.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';

/** Observables taken from the alerts at opening; more can be added by hand. */
/** As many alerts are joined to a case at once. */
const mostAlerts = 10_000;
const mostObservables = 200;
const mostSignalsInSlice = 24;
const mostPointsInSlice = 1_500;
/** Traffic before the first alert shows what was usual. */
const leadMs = 30 * minuteMs;
const longestSliceMs = dayMs;

/** Evidence above this size is saved in pieces, not shown. */
const mostShownBytes = 32 * 1024 * 1024;

/** Kinds of entries that are not withdrawn by themselves, and what to do. */
const insteadOfWithdrawing: ReadonlyMap<string, string> = new Map([
  ['case-opened', 'A case stays opened; close it.'],
  ['alert-linked', 'Unlink the alert.'],
  ['alert-unlinked', 'Link the alert again.'],
  ['case-merged', 'Take the merge of the cases back.'],
  ['case-merged-into', 'Take the merge of the cases back.'],
]);

export interface Cases {
  open(
    writer: Writer,
    input: {
      readonly alertIds: readonly string[];
      readonly title: string | null;
      readonly severity: Severity | null;
      readonly customerId: string | null;
    },
  ): CaseState;
  get(caseId: string): CaseState;
  /** @param tlp whom the entry may be shown to; null goes by the case's own marking */
  append(writer: Writer, caseId: string, entry: AnalystEntry, tlp: Tlp | null): CaseState;
  /** Entries that belong together: all of them or none. @returns their ids */
  appendAll(writer: Writer, caseId: string, entries: readonly AnalystEntry[], tlp: Tlp | null): string[];
  /** Says in the audit log that somebody opened or saved evidence. */
  recordReading(writer: Writer, caseId: string, evidenceId: string, purpose: 'view' | 'save'): void;
  linkAlerts(writer: Writer, caseId: string, alertIds: readonly string[]): CaseState;
  unlinkAlert(writer: Writer, caseId: string, alertId: string, reason: string): CaseState;
  /** Evidence of any size. @param onBytes told bytes that were copied; what it throws gives up and leaves nothing */
  addEvidenceFile(
    writer: Writer,
    caseId: string,
    file: { readonly path: string; readonly name: string; readonly mediaType: string },
    onBytes: (bytes: number) => void,
  ): Promise<CaseState>;
  /** Makes the other case's entries count here; `unmerge` is its exact inverse. */
  merge(writer: Writer, caseId: string, otherCaseId: string, reason: string): CaseState;
  unmerge(writer: Writer, caseId: string, otherCaseId: string, reason: string): CaseState;
  readEvidence(
    caseId: string,
    evidenceId: string,
  ): { name: string; mediaType: string; bytes: Uint8Array; verified: boolean };
  saveSignals(writer: Writer, caseId: string, fromMs: number, toMs: number, title: string): CaseState;
  /** The case with its signals as the store has them now, from before its first alert until now; nothing is stored. */
  withFreshSignals(state: CaseState): CaseState;
  /** Writes one line into a case inside the running transaction. */
  note(caseId: string, writer: Writer, payload: EntryPayload): void;
}

export interface CasesDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, 'alerts' | 'cases' | 'manyAlerts'>;
  readonly newId: (prefix: string) => string;
  readonly nowMs: () => number;
}

/** File names are shown and offered for saving, never used as paths here. */
function bareName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 255);
  return clean === '' || clean === '.' || clean === '..' ? 'evidence' : clean;
}

export function createCases(deps: CasesDeps): Cases {
  const { store, hub, newId } = deps;

  function get(caseId: string): CaseState {
    const state = store.cases.get(caseId);
    if (!state) throw new WatchfloorError('not-found', 'There is no such case.');
    return state;
  }

  function append(
    writer: Writer,
    caseId: string,
    payloads: readonly EntryPayload[],
    tlp: Tlp | null = null,
  ): CaseState {
    const state = store.transaction(() => {
      const next = store.cases.append(caseId, writer, payloads, tlp);
      faultPoint('case:before-commit');
      return next;
    });
    hub.cases([caseId]);
    return state;
  }

  function alertPayloads(alerts: readonly Alert[], known: CaseState | null): EntryPayload[] {
    const payloads: EntryPayload[] = alerts.map((alert) => ({
      kind: 'alert-linked',
      alertId: alert.id,
      title: alert.title.slice(0, 2000),
      why: alert.why.slice(0, 4000),
      severity: alert.severity,
      firstSeenMs: alert.firstSeenMs,
      lastSeenMs: alert.lastSeenMs,
      count: alert.count,
    }));
    const seen = new Set(known?.observables.map((each) => `${each.kind} ${each.value}`));
    for (const alert of alerts) {
      for (const entity of alert.entities) {
        if (seen.size >= mostObservables) break;
        const key = `${entity.kind} ${entity.value}`;
        if (seen.has(key)) continue;
        seen.add(key);
        payloads.push({
          kind: 'observable-added',
          observableId: newId('ob'),
          entityKind: entity.kind,
          value: entity.value,
          from: 'alert',
        });
      }
    }
    const techniques = new Set(alerts.flatMap((alert) => alert.techniques));
    for (const techniqueId of techniques) {
      if (known?.techniques.includes(techniqueId) || !/^T\d{4}(\.\d{3})?$/.test(techniqueId)) continue;
      payloads.push({ kind: 'technique-tagged', techniqueId });
    }
    return payloads;
  }

  /** The signals of the alerts' services around their time, so that the case's charts live without the source. */
  function slicePayload(
    alerts: readonly Alert[],
    fromMs: number,
    toMs: number,
    title: string,
  ): EntryPayload | null {
    const signalIds = new Set(alerts.flatMap((alert) => alert.signalIds));
    const serviceIds = new Set(
      alerts.flatMap((alert) => (alert.serviceId === null ? [] : [alert.serviceId])),
    );
    const signals = store.signals
      .list()
      .filter((signal) => signalIds.has(signal.id) || serviceIds.has(signal.serviceId))
      .sort((a, b) => Number(signalIds.has(b.id)) - Number(signalIds.has(a.id)))
      .slice(0, mostSignalsInSlice);
    if (signals.length === 0) return null;
    return {
      kind: 'signals-saved',
      sliceId: newId('sl'),
      title,
      fromMs,
      toMs,
      signals: signals.map((signal) => ({
        name: signal.name,
        unit: signal.unit,
        stage: signal.stage,
        window: store.samples.window(signal.id, fromMs, toMs, mostPointsInSlice),
      })),
    };
  }

  /** From before the first alert to now, a day at most. */
  function spanOf(alerts: readonly Alert[]): { fromMs: number; toMs: number } {
    const firstMs = alerts.reduce(
      (least, alert) => Math.min(least, alert.firstSeenMs),
      Number.POSITIVE_INFINITY,
    );
    return { fromMs: firstMs - leadMs, toMs: Math.min(deps.nowMs(), firstMs + longestSliceMs) };
  }

  /** What is more than words has an inverse of its own, which also does the rest of it. */
  function refuseWithdrawing(state: CaseState, entryId: string): void {
    const entry = state.timeline.find(({ id }) => id === entryId);
    if (entry === undefined) throw new WatchfloorError('not-found', 'There is no such entry in this case.');
    const instead = insteadOfWithdrawing.get(entry.kind);
    if (instead !== undefined) throw new WatchfloorError('refused', `${instead} Nothing was changed.`);
  }

  function linkedAlerts(alertIds: readonly string[]): Alert[] {
    const alerts = store.alerts.getMany([...new Set(alertIds)]);
    if (alerts.length < new Set(alertIds).size)
      throw new WatchfloorError('not-found', 'Some of these alerts are not there.');
    // What is merged under an alert goes where it goes.
    const members = alerts.flatMap(({ id, merged }) =>
      merged === null ? [] : store.alerts.members(id, mostAlerts).rows,
    );
    const all = [...new Map([...alerts, ...members].map((alert) => [alert.id, alert])).values()];
    if (all.length > mostAlerts) {
      throw new WatchfloorError(
        'bad-input',
        `A case takes ${mostAlerts.toLocaleString('en')} alerts at once; with what is merged these are more. Unmerge some first.`,
      );
    }
    return all;
  }

  return {
    get,
    note(caseId, writer, payload) {
      store.cases.append(caseId, writer, [payload]);
      store.afterCommit(() => hub.cases([caseId]));
    },
    open(writer, input) {
      const alerts = linkedAlerts(input.alertIds);
      const worst = [...alerts].sort((a, b) => severityRank(b.severity) - severityRank(a.severity))[0];
      const customers = new Set(alerts.map((alert) => alert.customerId));
      const customerId = input.customerId ?? (customers.size === 1 ? (alerts[0]?.customerId ?? null) : null);
      const customer = customerId === null ? null : store.customers.get(customerId);
      const state = store.transaction(() => {
        const payloads: EntryPayload[] = [
          {
            kind: 'case-opened',
            title: (input.title || worst?.title || 'Investigation').slice(0, 300),
            customerId,
            severity: input.severity ?? worst?.severity ?? 'medium',
            tlp: customer?.defaultTlp ?? 'TLP:AMBER',
            pap: 'PAP:AMBER',
            ...(store.simulated ? { simulated: true as const } : {}),
          },
          ...alertPayloads(alerts, null),
        ];
        if (alerts.length > 0) {
          const { fromMs, toMs } = spanOf(alerts);
          const slice = slicePayload(alerts, fromMs, toMs, `At opening, until ${formatUtc(toMs)}`);
          if (slice) payloads.push(slice);
        }
        payloads.push({ kind: 'header-changed', assignee: writer.name, phase: 'detection-and-analysis' });
        const opened = store.cases.open(writer, payloads);
        if (alerts.length > 0) {
          store.alerts.linkCase(
            alerts.map((alert) => alert.id),
            opened.id,
            writer.name,
          );
        }
        store.audit.append(writer, {
          action: 'case.opened',
          sentence: `${writer.name} opened the case ${opened.title}.`,
          details: { caseId: opened.id },
        });
        faultPoint('case:before-commit');
        return opened;
      });
      hub.cases([state.id]);
      announceAlerts(input.alertIds);
      return state;
    },
    append(writer, caseId, entry, tlp) {
      if (entry.kind === 'entry-withdrawn') refuseWithdrawing(get(caseId), entry.entryId);
      return append(writer, caseId, [entry], tlp);
    },
    appendAll(writer, caseId, entries, tlp) {
      const state = get(caseId);
      for (const entry of entries) {
        if (entry.kind === 'entry-withdrawn') refuseWithdrawing(state, entry.entryId);
      }
      return append(writer, caseId, entries, tlp)
        .timeline.slice(-entries.length)
        .map(({ id }) => id);
    },
    recordReading(writer, caseId, evidenceId, purpose) {
      const state = get(caseId);
      const evidence = state.evidence.find((each) => each.id === evidenceId);
      const [action, deed] =
        purpose === 'view' ? ['case.evidence-opened', 'opened'] : ['case.evidence-saved', 'saved out'];
      store.transaction(() =>
        store.audit.append(writer, {
          action,
          sentence: `${writer.name} ${deed} the evidence ${evidence?.name ?? evidenceId} of the case ${state.title}.`,
          details: { caseId, evidenceId, sha256: evidence?.sha256 ?? null },
        }),
      );
    },
    linkAlerts(writer, caseId, alertIds) {
      const before = get(caseId);
      const known = new Set(before.alerts.map((alert) => alert.id));
      const alerts = linkedAlerts(alertIds).filter((alert) => !known.has(alert.id));
      if (alerts.length === 0) return before;
      const state = store.transaction(() => {
        const next = append(writer, caseId, alertPayloads(alerts, before));
        store.alerts.linkCase(
          alerts.map((alert) => alert.id),
          caseId,
          writer.name,
        );
        return next;
      });
      announceAlerts(alertIds);
      return state;
    },
    unlinkAlert(writer, caseId, alertId, reason) {
      const state = store.transaction(() => {
        const next = append(writer, caseId, [{ kind: 'alert-unlinked', alertId, reason }]);
        store.alerts.linkCase([alertId], null, writer.name);
        return next;
      });
      announceAlerts([alertId]);
      return state;
    },
    async addEvidenceFile(writer, caseId, { path, name, mediaType }, onBytes) {
      get(caseId);
      const draft = await store.evidence.begin();
      const hash = createHash('sha256');
      try {
        for await (const chunk of fileChunks(path)) {
          hash.update(chunk);
          await draft.write(chunk);
          onBytes(chunk.length);
          faultPoint('case-evidence:writing');
        }
        const stored = await draft.finish(hash.digest('hex'));
        return store.evidence.adopt([draft], () =>
          append(writer, caseId, [
            {
              kind: 'evidence-added',
              evidenceId: newId('ev'),
              name: bareName(name),
              mediaType: /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(mediaType)
                ? mediaType
                : 'application/octet-stream',
              sizeBytes: stored.sizeBytes,
              sha256: stored.sha256,
            },
          ]),
        );
      } finally {
        await draft.discard();
      }
    },
    merge(writer, caseId, otherCaseId, reason) {
      const [state, other] = [get(caseId), get(otherCaseId)];
      if (caseId === otherCaseId || state.mergedCases.includes(otherCaseId)) {
        throw new WatchfloorError('refused', 'The two are one case already. Nothing was changed.');
      }
      if (other.mergedCases.includes(caseId)) {
        throw new WatchfloorError('refused', 'This case is merged into the other. Take that back first.');
      }
      return store.transaction(() => {
        append(writer, otherCaseId, [{ kind: 'case-merged-into', otherCaseId: caseId, reason }]);
        return append(writer, caseId, [{ kind: 'case-merged', otherCaseId, reason }]);
      });
    },
    unmerge(writer, caseId, otherCaseId, reason) {
      const withdraw = (id: string, kind: 'case-merged' | 'case-merged-into', other: string) => {
        const state = get(id);
        const gone = new Set(state.withdrawn.map(({ entryId }) => entryId));
        const merges = state.timeline.filter(
          ({ id: entryId, caseId: of, payload }) =>
            of === id && payload?.kind === kind && payload.otherCaseId === other && !gone.has(entryId),
        );
        return merges.map((entry) => ({ kind: 'entry-withdrawn', entryId: entry.id, reason }) as const);
      };
      const here = withdraw(caseId, 'case-merged', otherCaseId);
      if (here.length === 0) {
        throw new WatchfloorError('refused', 'That case is not merged into this one. Nothing was changed.');
      }
      return store.transaction(() => {
        append(writer, otherCaseId, withdraw(otherCaseId, 'case-merged-into', caseId));
        return append(writer, caseId, here);
      });
    },
    readEvidence(caseId, evidenceId) {
      const evidence = get(caseId).evidence.find((each) => each.id === evidenceId);
      if (!evidence) throw new WatchfloorError('not-found', 'There is no such evidence in this case.');
      if (evidence.sizeBytes > mostShownBytes) {
        throw new WatchfloorError('too-large', 'Files above 32 MiB are not shown. Save it to look at it.');
      }
      const stored = store.evidence.read(evidence.sha256);
      if (!stored)
        throw new WatchfloorError('not-found', 'The bytes of this evidence are missing; its hash is kept.');
      return {
        name: evidence.name,
        mediaType: evidence.mediaType,
        bytes: stored.bytes,
        verified: stored.verified,
      };
    },
    saveSignals(writer, caseId, fromMs, toMs, title) {
      const state = get(caseId);
      if (!(toMs > fromMs) || toMs - fromMs > 31 * dayMs) {
        throw new WatchfloorError(
          'bad-input',
          'Choose a range of at most 31 days that ends after it starts.',
        );
      }
      const alerts = store.alerts.getMany(state.alerts.map((alert) => alert.id));
      const payload = slicePayload(alerts, fromMs, toMs, title === '' ? `Until ${formatUtc(toMs)}` : title);
      if (!payload) {
        throw new WatchfloorError(
          'refused',
          'The alerts of this case belong to no service with signals, so there is nothing to save.',
        );
      }
      return append(writer, caseId, [payload]);
    },
    withFreshSignals(state) {
      const alerts = store.alerts.getMany(state.alerts.map((alert) => alert.id));
      if (alerts.length === 0) return state;
      const { fromMs, toMs } = spanOf(alerts);
      const slice = slicePayload(alerts, fromMs, toMs, `Until ${formatUtc(toMs)}`);
      if (slice?.kind !== 'signals-saved') return state;
      const { sliceId, kind: _, ...rest } = slice;
      return { ...state, slices: [...state.slices, { id: sliceId, ...rest }] };
    },
  };

  function announceAlerts(alertIds: readonly string[]): void {
    const latest = store.alerts.latestSequence();
    if (alertIds.length > 200) hub.manyAlerts(latest);
    else hub.alerts(store.alerts.getMany(store.alerts.withLeaders(alertIds)), latest);
  }
}
