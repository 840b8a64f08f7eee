import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LiveSample, Signal } from '../../shared/domain/signal.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import type { AlertIngestResult, Store, StoredConnection } from '../db/index.ts';
import type { Batch, SamplesInput, SignalInput } from '../sources/source.ts';
import type { Detection } from './detection.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import type { AlertChange, Incidents } from './incidents.ts';
import type { Notifier } from './notifier.ts';
import type { Judged, SuppressionJudge } from './suppression-judge.ts';

/** A finding in samples older than this is history: it is kept, and raises nothing. */
const liveWithinMs = 15 * minuteMs;
/** Work of one transaction, so that nothing else waits long for its turn. */
const samplesPerTransaction = 4_000;
/** The same for many signals of one sample each; at a start each of them first restores its detector. */
const seriesPerTransaction = 500;
/** About 30 ms of work: whoever asks for a page of the queue meanwhile does not notice. */
export const recordsPerTransaction = 1_000;

export interface IngestCounts {
  readonly alertIds: readonly string[];
  readonly newOccurrences: number;
  readonly newContext: number;
  /** Records kept aside that were not there before. */
  readonly newRejected: number;
}

/** What was kept until it could be stored as what it is; ids. */
export interface MadeFrom {
  readonly rejected?: readonly number[];
  readonly pushes?: readonly number[];
}

/** Stores what sources bring, judges it, raises alerts and tells the renderers. */
export interface Ingest {
  /**
   * Stores one batch. The cursor moves in the transaction of the last part; until then a crash repeats the batch,
   * and what is already there adds nothing.
   * @param from what this batch was made of: it goes in the transaction of the last part
   */
  take(connection: StoredConnection, batch: Batch, from?: MadeFrom): Promise<IngestCounts>;
}

export interface IngestDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly detection: Detection;
  readonly incidents: Incidents;
  readonly judge: SuppressionJudge;
  readonly nowMs: () => number;
  readonly notifier: Pick<Notifier, 'news'>;
}

interface Part {
  readonly signals: Batch['signals'];
  readonly samples: readonly SamplesInput[];
  readonly occurrences: Batch['occurrences'];
  readonly context: Batch['context'];
  readonly rejected: Batch['rejected'];
  readonly last: boolean;
}

/** Cuts a batch into parts of bounded work, in order; everything that cannot be repeated goes into the last. */
function partsOf(batch: Batch): Part[] {
  const pieces: Omit<Part, 'last'>[] = [];
  // Each signal comes to be with its first samples, those without any with the last part.
  const proposed = new Map(batch.signals.map((signal) => [signal.key, signal]));
  let signals: Batch['signals'][number][] = [];
  let samples: SamplesInput[] = [];
  let held = 0;
  const cut = () => {
    pieces.push({ signals, samples, occurrences: [], context: [], rejected: [] });
    signals = [];
    samples = [];
    held = 0;
  };
  for (const series of batch.samples) {
    const signal = proposed.get(series.signalKey);
    if (signal !== undefined) {
      signals.push(signal);
      proposed.delete(series.signalKey);
    }
    for (let start = 0; start < series.timesMs.length; start += samplesPerTransaction) {
      const whole = start === 0 && series.timesMs.length <= samplesPerTransaction;
      samples.push(
        whole
          ? series
          : {
              signalKey: series.signalKey,
              timesMs: series.timesMs.slice(start, start + samplesPerTransaction),
              values: series.values.slice(start, start + samplesPerTransaction),
            },
      );
      held += samples.at(-1)?.timesMs.length ?? 0;
      if (held >= samplesPerTransaction || samples.length >= seriesPerTransaction) cut();
    }
  }
  if (samples.length > 0) cut();
  const most = Math.max(batch.occurrences.length, batch.context.length, batch.rejected.length);
  for (let start = 0; start < most; start += recordsPerTransaction) {
    pieces.push({
      signals: [],
      samples: [],
      occurrences: batch.occurrences.slice(start, start + recordsPerTransaction),
      context: batch.context.slice(start, start + recordsPerTransaction),
      rejected: batch.rejected.slice(start, start + recordsPerTransaction),
    });
  }
  if (pieces.length === 0) cut();
  return pieces.map((piece, index) => {
    const last = index === pieces.length - 1;
    return last
      ? { ...piece, signals: [...signals, ...piece.signals, ...proposed.values()], last }
      : { ...piece, last };
  });
}

function newestRecordMs(batch: Batch, nowMs: number): number | null {
  let newest = Number.NEGATIVE_INFINITY;
  for (const series of batch.samples) newest = Math.max(newest, series.timesMs.at(-1) ?? newest);
  for (const occurrence of batch.occurrences) newest = Math.max(newest, occurrence.occurredMs);
  for (const context of batch.context) newest = Math.max(newest, context.occurredMs);
  // A record from the future says nothing about how far behind a source is.
  return Number.isFinite(newest) ? Math.min(newest, nowMs) : null;
}

/** Of so many new alerts at once people are told by a number and these. */
const mostNews = 50;

/** A signal as it was last proposed, and what it became. */
interface KnownSignal {
  readonly input: SignalInput;
  readonly customerId: string | null;
  readonly signal: Signal;
}

function isSameProposal(a: SignalInput, b: SignalInput): boolean {
  return (
    a.name === b.name &&
    a.serviceName === b.serviceName &&
    a.customerName === b.customerName &&
    a.unit === b.unit &&
    a.stage === b.stage &&
    a.layer === b.layer &&
    a.measure === b.measure &&
    a.stepMs === b.stepMs
  );
}

export function createIngest(deps: IngestDeps): Ingest {
  const { store, hub, detection, incidents, judge } = deps;
  /** By connection and key. Sources propose all their signals with every poll, and mostly nothing is new. */
  const known = new Map<string, Map<string, KnownSignal>>();
  let knownRevision = 0;

  function knownOf(connectionId: string): Map<string, KnownSignal> {
    const revision = store.mappingRevision();
    if (revision !== knownRevision) known.clear();
    knownRevision = revision;
    const signals = known.get(connectionId) ?? new Map<string, KnownSignal>();
    known.set(connectionId, signals);
    return signals;
  }

  function storePart(connection: StoredConnection, batch: Batch, part: Part, from: MadeFrom) {
    const nowMs = deps.nowMs();
    const touched: Signal[] = [];
    try {
      return store.transaction(() => {
        let signalsChanged = false;
        const { customerId } = connection;
        const knownSignals = knownOf(connection.id);
        for (const input of part.signals) {
          const before = knownSignals.get(input.key);
          if (before?.customerId === customerId && isSameProposal(before.input, input)) continue;
          const { signal, change } = store.signals.upsertFromInput(connection.id, customerId, input);
          knownSignals.set(input.key, { input, customerId, signal });
          if (change !== 'none') signalsChanged = true;
        }
        const live: LiveSample[] = [];
        const alertChanges = new Map<string, AlertChange>();
        const findings: Parameters<Hub['findings']>[0][number][] = [];
        for (const series of part.samples) {
          const signal =
            knownSignals.get(series.signalKey)?.signal ??
            store.signals.getByKey(connection.id, series.signalKey);
          if (!signal || series.timesMs.length === 0) continue;
          touched.push(signal);
          const judged = detection.judge(signal, series.timesMs, series.values);
          store.samples.append(signal.id, {
            timesMs: series.timesMs,
            values: series.values,
            expected: judged.expected,
            low: judged.low,
            high: judged.high,
          });
          if (judged.baselineChanged) signalsChanged = true;
          for (const { finding, change, sampleMs } of judged.findings) {
            findings.push(finding);
            if (sampleMs < nowMs - liveWithinMs) continue;
            // An unchanged finding that goes on is told to its incident a few times a minute by the refresh below.
            if (change === 'updated' && finding.peakMs !== sampleMs) continue;
            const alertChange = incidents.take(finding, detection.factsOf(signal), nowMs);
            if (alertChange) {
              const before = alertChanges.get(alertChange.alert.id);
              alertChanges.set(alertChange.alert.id, {
                alert: alertChange.alert,
                isNews: alertChange.isNews || (before?.isNews ?? false),
              });
            }
          }
          series.timesMs.forEach((timeMs, index) => {
            if (timeMs < nowMs - liveWithinMs) return;
            live.push({
              signalId: signal.id,
              timeMs,
              value: series.values[index] ?? null,
              expected: judged.expected[index] ?? null,
              low: judged.low[index] ?? null,
              high: judged.high[index] ?? null,
            });
          });
        }

        const ingested = store.alerts.ingest(
          { id: connection.id, kind: connection.kind, customerId: connection.customerId },
          part.occurrences,
          nowMs,
        );
        const newContext = store.context.append(connection.id, part.context, nowMs);
        const newRejected = store.rejected.keep(connection.id, part.rejected, nowMs);
        const lastRejection = part.rejected.at(-1);
        if (lastRejection) {
          store.connections.count(connection.id, {
            rejected: newRejected,
            lastRejection: lastRejection.reason,
          });
        }

        if (part.last) {
          if (batch.breakdowns.length > 0) {
            store.breakdowns.append(connection.id, connection.customerId, batch.breakdowns);
          }
          // Also where no source tells who asks: what waited for that long enough calls a person without it.
          for (const change of incidents.refresh(nowMs)) {
            const before = alertChanges.get(change.alert.id);
            alertChanges.set(change.alert.id, {
              alert: change.alert,
              isNews: change.isNews || (before?.isNews ?? false),
            });
          }
          store.connections.addUnmapped(connection.id, batch.unmapped);
          for (const gap of batch.gaps) store.connections.addGap(connection.id, gap);
          const newest = newestRecordMs(batch, nowMs);
          store.connections.count(connection.id, {
            events: batch.events,
            successMs: nowMs,
            ...(newest === null ? {} : { newestRecordMs: newest }),
          });
          store.rejected.settle(connection.id, from.rejected ?? []);
          store.pushes.settle(from.pushes ?? []);
          if (batch.cursor !== null) store.connections.setCursor(connection.id, batch.cursor);
        }
        const judged = judge.judge(ingested.toJudgeIds);
        faultPoint('ingest:before-commit');

        store.afterCommit(() => {
          faultPoint('ingest:after-commit');
          if (signalsChanged) hub.signalsChanged();
          if (live.length > 0) hub.samples(live);
          if (findings.length > 0) hub.findings(findings);
          announce(ingested, [...alertChanges.values()], judged);
        });
        return { ingested, newContext, newRejected };
      });
    } catch (thrown) {
      // What the detectors saw was not stored: they start again from what was.
      for (const signal of touched) detection.forget(signal.id);
      incidents.forget();
      known.clear();
      throw thrown;
    }
  }

  function announce(
    { changedAlertIds: changedIds, newAlertIds, wokenAlertIds }: AlertIngestResult,
    fromIncidents: readonly AlertChange[],
    judged: Judged,
  ): void {
    if (changedIds.length === 0 && fromIncidents.length === 0) return;
    const latest = store.alerts.latestSequence();
    const held = new Set(judged.heldIds);
    const fresh = new Set(
      [
        ...newAlertIds,
        ...wokenAlertIds,
        ...judged.releasedIds,
        ...fromIncidents.filter((change) => change.isNews).map((change) => change.alert.id),
      ].filter((id) => !held.has(id)),
    );
    if (changedIds.length > 200) {
      hub.manyAlerts(latest);
      deps.notifier.news(store.alerts.getMany([...fresh].slice(0, mostNews)), fresh.size);
      return;
    }
    // Read after they were judged.
    const rows = store.alerts.getMany([
      ...new Set(
        store.alerts.withLeaders([...changedIds, ...fromIncidents.map((change) => change.alert.id)]),
      ),
    ]);
    hub.alerts(rows, latest);
    deps.notifier.news(rows.filter((row) => fresh.has(row.id)));
  }

  return {
    async take(connection, batch, from = {}) {
      const alertIds = new Set<string>();
      let newOccurrences = 0;
      let newContext = 0;
      let newRejected = 0;
      for (const part of partsOf(batch)) {
        const result = storePart(connection, batch, part, from);
        for (const id of result.ingested.alertIds) alertIds.add(id);
        newOccurrences += result.ingested.newOccurrences;
        newContext += result.newContext;
        newRejected += result.newRejected;
        if (!part.last) await nextTurn();
      }
      return { alertIds: [...alertIds], newOccurrences, newContext, newRejected };
    },
  };
}
