import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Port } from '../../../shared/api/envelope.ts';
import { serve } from '../../../shared/api/server.ts';
import { createDetector } from '../../../shared/detection/detector.ts';
import type { Detector, SignalFacts } from '../../../shared/detection/engine.ts';
import { signalRulesStart } from '../../../shared/detection/signal-rules.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { type Signal, stageSchema } from '../../../shared/domain/signal.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../shared/domain/time.ts';
import { appPaths } from '../../app-paths.ts';
import { createCore } from '../../core/core.ts';
import { factsOf } from '../../core/detection.ts';
import { noReview } from '../../core/review.ts';
import { openStore, type Store, type StoredConnection } from '../../db/index.ts';
import { prometheusSourceKind } from '../../sources/prometheus.ts';
import { prometheusSets } from '../../sources/prometheus-sets.ts';
import { type BenchResult, say } from '../bench.ts';
import type { AnswersToBench, BenchToAnswers, SeenOnScreen } from './answers.ts';
import { hurry } from './pace.ts';
import { type BenchQuery, benchQueries, benchShapes, benchValue, seriesAQuery } from './shapes.ts';

const fewSignals = 500;
const manySignals = 5_000;
const stepMs = 10 * secondMs;
/** A Wednesday afternoon, on a whole hour: detectors know 14 days before it. */
const startMs = Date.UTC(2026, 2, 18, 14);
const trainedMs = 14 * dayMs;
const warmUpMs = 2 * minuteMs;
/** As long as the longest beat of the core: everything that it does now and then is in it in proportion. */
const measuredMs = 5 * minuteMs;
/** How much faster than life: as fast as a round still fits into its share of a second. */
const paces = { few: 20, many: 10 };

interface Answers {
  readonly url: string;
  readonly port: Port;
  series(each: number): void;
  seen(): Promise<SeenOnScreen>;
  close(): void;
}

async function startAnswers(): Promise<Answers> {
  const child: ChildProcess = fork(join(appPaths(import.meta.dirname).bundles, 'signal-answers.cjs'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const listeners = new Set<(message: unknown) => void>();
  const waiting: ((seen: SeenOnScreen) => void)[] = [];
  const tell = (message: BenchToAnswers) => child.send(message);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new WatchfloorError('internal', 'The answering process ended.')));
    child.on('message', (message: AnswersToBench) => {
      if (message.type === 'listening') resolve(`http://127.0.0.1:${message.port}`);
      else if (message.type === 'port') for (const listener of listeners) listener(message.data);
      else waiting.shift()?.(message);
    });
  });
  return {
    url,
    port: {
      send: (data) => tell({ type: 'port', data }),
      onMessage(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onClose: () => () => undefined,
      close: () => undefined,
    },
    series: (each) => tell({ type: 'series', seriesAQuery: each }),
    seen: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        tell({ type: 'tell' });
      }),
    close: () => child.kill(),
  };
}

/** @param historyMs how far back a first contact reads */
function connectionSettings(url: string, historyMs: number): StoredConnection['settings'] {
  return {
    url,
    ...Object.fromEntries(prometheusSets.map((set) => [`set-${set.id}`, false])),
    queries: benchQueries
      .map(
        (query) =>
          `${query.name} | ${query.unit} | ${query.stage} | ${query.measure} | series{name="${query.name}"}`,
      )
      .join('\n'),
    serviceLabel: 'job',
    stepSeconds: stepMs / secondMs,
    windowSeconds: 60,
    historyDays: historyMs / dayMs,
    seriesCap: seriesAQuery,
  };
}

const queryOf = (signal: Signal) => {
  const query = benchQueries.find(({ name }) => signal.key.startsWith(`own/${name}/`));
  if (query === undefined) throw new WatchfloorError('internal', `${signal.key} is of no query.`);
  return query;
};
const seriesOf = (signal: Signal) => Number(/service-(\d+)/.exec(signal.key)?.[1] ?? 0);

/** 14 days at five minutes, the last of them live. */
function trainedDetector(facts: SignalFacts, query: BenchQuery, series: number, untilMs: number): Detector {
  const detector = createDetector(facts);
  for (let at = untilMs - trainedMs; at <= untilMs - 5 * minuteMs; at += 5 * minuteMs) {
    detector.step(at, benchValue(query, series, at, false));
  }
  for (let at = untilMs - 5 * minuteMs + stepMs; at <= untilMs; at += stepMs) {
    detector.step(at, benchValue(query, series, at, false));
  }
  return detector;
}

/** Gives every signal a detector that has learned 14 days: one of each query and shape learns, the others copy it. */
function trainDetectors(store: Store, signals: readonly Signal[], untilMs: number): void {
  const trained = new Map<string, { readonly state: unknown; readonly historyMs: number }>();
  const learn = (signal: Signal) => {
    const detector = trainedDetector(
      factsOf(signal),
      queryOf(signal),
      seriesOf(signal) % benchShapes,
      untilMs,
    );
    return { state: detector.serialize(), historyMs: detector.historyMs };
  };
  store.transaction(() => {
    for (const signal of signals) {
      const key = `${queryOf(signal).name} ${seriesOf(signal) % benchShapes}`;
      const known = trained.get(key) ?? learn(signal);
      trained.set(key, known);
      store.signals.setDetectorState(signal.id, { detector: known.state, rules: signalRulesStart }, untilMs);
      store.signals.setBaseline(signal.id, 'seasonal', known.historyMs);
    }
  });
}

/**
 * Finished hours of live samples, as many as come due while it is measured: what a core in the middle of its life has
 * to pack. An hour of each signal comes due once an hour.
 */
function fillFinishedHours(store: Store, signals: readonly Signal[]): void {
  const due = Math.ceil((signals.length * (warmUpMs + measuredMs)) / hourMs);
  const hour = startMs - 3 * hourMs;
  for (const signal of signals.slice(0, due)) {
    const query = queryOf(signal);
    store.transaction(() => {
      // Short stretches, as live samples come: long ones would be packed at once.
      for (let from = hour; from < hour + hourMs; from += 5 * stepMs) {
        const timesMs = [0, 1, 2, 3, 4].map((step) => from + step * stepMs);
        const values = timesMs.map((timeMs) => benchValue(query, seriesOf(signal), timeMs, false));
        store.samples.append(signal.id, { timesMs, values, expected: values, low: values, high: values });
      }
    });
  }
}

async function prepare(directory: string, url: string): Promise<readonly Signal[]> {
  const store = openStore(directory, { nowMs: () => startMs, appVersion: 'bench' });
  try {
    const connection = store.connections.save({
      id: null,
      role: 'source',
      kind: 'prometheus',
      name: 'Bench',
      customerId: null,
      enabled: true,
      settings: connectionSettings(url, hourMs),
    });
    // The past is put into the store beforehand: the first contact shows which signals there are, and no more.
    const source = prometheusSourceKind.create(connectionSettings(url, stepMs));
    const batch = await source.poll?.(null, {
      nowMs: () => startMs,
      signal: new AbortController().signal,
      secret: () => null,
      log: () => undefined,
    });
    const signals = (batch?.signals ?? []).map(
      (input) => store.signals.upsertFromInput(connection.id, null, input).signal,
    );
    if (batch?.cursor) store.connections.setCursor(connection.id, batch.cursor);
    trainDetectors(store, signals, startMs);
    fillFinishedHours(store, signals);
    // The day's backup is made: five minutes are no place for it.
    await store.backup('daily');
    return signals;
  } finally {
    store.close();
  }
}

interface Life {
  /** Processor time of the whole process for ten seconds of all signals, ms. */
  readonly cpuMsPerRound: number;
  readonly committedSamples: number;
  readonly seen: SeenOnScreen;
}

/** Lets a whole core live for some minutes on that many signals, and says what it cost. */
async function live(answers: Answers, count: number, pace: number): Promise<Life> {
  const directory = mkdtempSync(join(tmpdir(), 'watchfloor-bench-signals-'));
  try {
    answers.series(count / benchQueries.length);
    const signals = await prepare(directory, answers.url);
    if (signals.length !== count) {
      throw new WatchfloorError('internal', `${signals.length} signals came to be instead of ${count}.`);
    }
    const clock = hurry(pace, startMs + stepMs / 2);
    try {
      const core = await createCore({
        dataDirectory: directory,
        workspace: 'live',
        appVersion: 'bench',
        nowMs: clock.nowMs,
        protection: null,
        printPdf: () => Promise.reject(new WatchfloorError('refused', 'Nothing is printed here.')),
        desktop: null,
        openWorkspace: () => Promise.reject(new WatchfloorError('refused', 'One workspace is open here.')),
        review: noReview,
        isLiveConfigured: () => true,
      });
      try {
        core.hub.connect(serve(answers.port, core.handlers));
        const samplesNow = () =>
          signals.reduce(
            (sum, { id }) => sum + core.store.samples.read(id, startMs + 1, startMs + dayMs).timesMs.length,
            0,
          );
        await clock.until(startMs + warmUpMs);
        const samplesBefore = samplesNow();
        const seenBefore = await answers.seen();
        const before = process.cpuUsage();
        await clock.until(startMs + warmUpMs + measuredMs);
        const used = process.cpuUsage(before);
        const seen = await answers.seen();
        return {
          cpuMsPerRound: (used.user + used.system) / 1_000 / (measuredMs / stepMs),
          committedSamples: samplesNow() - samplesBefore,
          seen: {
            samples: seen.samples - seenBefore.samples,
            findings: seen.findings - seenBefore.findings,
            alerts: seen.alerts - seenBefore.alerts,
          },
        };
      } finally {
        await core.close();
      }
    } finally {
      clock.end();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the detectors alone take of a round of that many signals, ms: trained as the core's are, nothing around them. */
function detectorsAloneMs(count: number): number {
  const facts = (query: BenchQuery, series: number) => ({
    id: `${query.name} ${series}`,
    customerId: 'customer',
    serviceId: 'service',
    name: query.name,
    unit: query.unit,
    stage: stageSchema.parse(query.stage),
    layer: 'L7' as const,
    measure: query.measure,
    stepMs,
  });
  const detectors = benchQueries.flatMap((query) =>
    Array.from({ length: benchShapes }, (_, series) => {
      const detector = trainedDetector(facts(query, series), query, series, startMs);
      return { detector, query, series };
    }),
  );
  const rounds = 300;
  const values = Array.from({ length: rounds }, (_, round) =>
    detectors.map(({ query, series }) => benchValue(query, series, startMs + (round + 1) * stepMs, false)),
  );
  const before = process.cpuUsage();
  values.forEach((row, round) => {
    row.forEach((value, index) => {
      detectors[index]?.detector.step(startMs + (round + 1) * stepMs, value);
    });
  });
  const used = process.cpuUsage(before);
  return ((used.user + used.system) / 1_000 / (rounds * detectors.length)) * count;
}

/**
 * A whole core with a Prometheus source on an HTTP server in another process and a page on a port to that process:
 * poll, parse, judge, commit, incidents, alerts, events, watchdog, housekeeping. Processor time is that of the core's
 * whole process, all threads. The named baseline is the same with 500 signals, times ten.
 */
export async function runSignalsBench(): Promise<BenchResult> {
  const detectorMs = detectorsAloneMs(manySignals);
  const answers = await startAnswers();
  try {
    say(`${fewSignals} signals`);
    const few = await live(answers, fewSignals, paces.few);
    say(`${manySignals} signals`);
    const many = await live(answers, manySignals, paces.many);
    const rounds = measuredMs / stepMs;
    return {
      figures: {
        signals: manySignals,
        cpuMsPerRound: many.cpuMsPerRound,
        percentOfOneCore: (many.cpuMsPerRound / stepMs) * 100,
        baselineSignals: fewSignals,
        baselineCpuMsPerRound: few.cpuMsPerRound,
        growthToLinearRatio: many.cpuMsPerRound / few.cpuMsPerRound / (manySignals / fewSignals),
        cpuMicrosecondsPerFurtherSample:
          ((many.cpuMsPerRound - few.cpuMsPerRound) * 1_000) / (manySignals - fewSignals),
        detectorsAloneCpuMsPerRound: detectorMs,
        // Near 100 when the core kept up; a poll more or less at either end is some percent.
        committedPercent: (many.committedSamples / (manySignals * rounds)) * 100,
        seenPercentOfCommitted: (many.seen.samples / many.committedSamples) * 100,
        findingsSeen: many.seen.findings,
        alertsSeen: many.seen.alerts,
      },
      goals: {
        percentOfOneCore: { max: 10 },
        growthToLinearRatio: { max: 1.2 },
        committedPercent: { min: 90 },
        seenPercentOfCommitted: { min: 90 },
        findingsSeen: { min: 1 },
        alertsSeen: { min: 1 },
      },
    };
  } finally {
    answers.close();
  }
}
