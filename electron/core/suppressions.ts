import { setImmediate as nextTurn } from 'node:timers/promises';
import { WatchfloorError } from '../../shared/domain/result.ts';
import {
  endedWords,
  lastEndMs,
  longestSuppressionMs,
  mostSuppressions,
  mostTexts,
  type NewSuppression,
  nextChangeMs,
  parseSuppression,
  type Suppression,
  type SuppressionEffect,
  suppressionName,
  suppressionProblems,
} from '../../shared/domain/suppression.ts';
import { dayMs, formatUtc, hourMs } from '../../shared/domain/time.ts';
import { freeTextsOf } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import type { Store, Writer } from '../db/index.ts';
import type { Analysts } from './analysts.ts';
import type { Hub } from './hub.ts';
import type { Log } from './log.ts';
import type { Notifier } from './notifier.ts';
import type { SuppressionJudge } from './suppression-judge.ts';

/** Whether something changes is looked at so often at least: clocks are set, machines sleep. */
const longestWaitMs = hourMs;

/** What a search would hold, before anybody agrees to it. */
export interface SuppressionPreview {
  readonly problem: string | null;
  /** Open now and in nobody’s hands. */
  readonly open: number;
  /** The same, too severe for it: they stay. */
  readonly worse: number;
  /** Received in the last 30 days, and of these those that a person called true positives. */
  readonly lastMonth: number;
  readonly truePositives: number;
}

/** Suppressions and maintenance windows: agreed, applied as alerts come, ended by themselves. */
export interface Suppressions {
  list(): SuppressionEffect[];
  /** @param isCancelled asked between its steps, which let everything else in between */
  preview(
    text: string,
    upTo: NewSuppression['upTo'],
    isCancelled: () => boolean,
  ): Promise<SuppressionPreview>;
  add(asked: NewSuppression, onProgress: (held: number) => void): Promise<Suppression>;
  /** @throws WatchfloorError `bad-input` where the new end is not possible, `conflict` where it has ended */
  setEnd(id: string, endMs: number): Suppression;
  /** Lets one alert into the queue. @throws WatchfloorError `conflict` where nothing holds it */
  release(alertId: string): void;
  /** A person took alerts or joined them to a case: what is held of these comes into the queue. */
  takenInHand(): void;
  /** `everything`: all that it holds comes into the queue, not only what goes on. */
  end(id: string, how: { readonly everything: boolean }): Promise<Suppression>;
  /** What starts and ends by itself; cheap while nothing does. Never throws. */
  keepTime(): Promise<void>;
  /** Stops between two steps; the next start goes on from there. */
  close(): void;
}

export interface SuppressionsDeps {
  readonly store: Store;
  readonly judge: SuppressionJudge;
  readonly hub: Pick<Hub, 'alerts' | 'manyAlerts'>;
  readonly notifier: Pick<Notifier, 'news'>;
  readonly analysts: Analysts;
  readonly log: Log;
  readonly nowMs: () => number;
}

export function createSuppressions({
  store,
  judge,
  hub,
  notifier,
  analysts,
  log,
  nowMs,
}: SuppressionsDeps): Suppressions {
  let nextLookMs = 0;
  let isClosed = false;
  let keeping: Promise<void> | null = null;

  const changed = () => {
    judge.changed();
    nextLookMs = 0;
  };

  /** Says that alerts left the queue, or that they came into it: those call a person. */
  function announce(changedIds: readonly string[], areNews: boolean): void {
    if (changedIds.length === 0) return;
    const latest = store.alerts.latestSequence();
    const rows = store.alerts.getMany(areNews ? changedIds : changedIds.slice(0, 200));
    hub.alerts(rows.slice(0, 200), latest);
    if (changedIds.length > 200) hub.manyAlerts(latest);
    if (!areNews) return;
    const calling = rows.filter((row) => row.suppressed === null);
    notifier.news(calling, calling.length, true);
  }

  function audit(writer: Writer, action: string, sentence: string, suppression: Suppression): void {
    store.audit.append(writer, { action, sentence, details: suppression });
  }

  /** Finds which alerts have raw records with the free texts of a search, so that they are counted. */
  async function lookThroughRecords(text: string, isCancelled: () => boolean): Promise<void> {
    for (let isWhole = false; !isWhole; ) {
      const steps = store.alerts.searchRecordsInSteps(text);
      for (let step = steps.next(); ; step = steps.next()) {
        await nextTurn();
        if (isCancelled()) throw new WatchfloorError('cancelled', 'Another search is asked for.');
        if (step.done !== true) continue;
        isWhole = step.value.isWhole;
        break;
      }
    }
  }

  /** Goes through the alerts that were there before, in steps that let everything else in between. */
  async function sweep(id: string, onProgress: (held: number) => void): Promise<void> {
    for (const _ of store.suppressions.watchInSteps()) {
      await nextTurn();
      if (isClosed) return;
    }
    let held = 0;
    const steps = store.suppressions.sweepInSteps(id, judge.covering(store.suppressions.get(id)));
    for (const changedIds of steps) {
      held += changedIds.length;
      announce(changedIds, false);
      onProgress(held);
      await nextTurn();
      if (isClosed) return;
    }
  }

  /** After an end: what goes on at its source comes into the queue. */
  async function settle(suppression: Suppression, endMs: number, everything = false): Promise<void> {
    const ended = `${suppressionName(suppression)} ${endedWords(suppression)}`;
    const sentence = `Came into the queue: ${ended}${everything ? '' : ', and it goes on'}`;
    let after: number | null = 0;
    while (after !== null) {
      const from = after;
      const step = store.transaction(() => {
        const slice = store.suppressions.settleSlice(suppression.id, { after: from, sentence, everything });
        // What another one covers, too, is its own now.
        judge.judge(slice.changedIds);
        return slice;
      });
      // Who takes a mistake back is not called for it.
      announce(step.changedIds, !everything);
      after = step.after;
      if (after === null) break;
      await nextTurn();
      if (isClosed) return;
    }
    store.suppressions.settled(suppression.id, endMs);
  }

  async function look(): Promise<void> {
    const now = nowMs();
    for (const { suppression, settledMs, isSwept } of store.suppressions.unsettled()) {
      if (isClosed) return;
      // Somebody may have extended or ended it while the one before was gone through.
      let current = store.suppressions.get(suppression.id);
      if (current.endedMs === null && !current.weekly && current.endMs <= now) {
        current = store.transaction(() => {
          const ended = store.suppressions.end(current.id, current.endMs, null);
          audit(
            analysts.systemWriter(),
            'suppression.ended',
            capital(`${suppressionName(ended)} ended by itself.`),
            ended,
          );
          return ended;
        });
        changed();
      }
      // A crash in the middle leaves the rest of its way.
      const isReady = isSwept && store.suppressions.isReady(parseSuppression(current));
      if (!isReady && current.endedMs === null) await sweep(current.id, () => {});
      const endMs = lastEndMs(current, now);
      if (endMs !== null && endMs > settledMs) await settle(current, endMs);
    }
    nextLookMs = Math.min(now + longestWaitMs, ...judge.open().map((each) => nextChangeMs(each, now)));
  }

  function inForceOrToCome(id: string): Suppression {
    const suppression = store.suppressions.get(id);
    if (suppression.endedMs !== null)
      throw new WatchfloorError('conflict', 'It has ended already. Make a new one.');
    return suppression;
  }

  return {
    list: () => store.suppressions.list(),
    async preview(text, upTo, isCancelled) {
      const now = nowMs();
      const [problem] = suppressionProblems(
        {
          scope: { kind: 'query', text },
          reason: '-',
          upTo,
          startMs: now,
          endMs: now + dayMs,
          weekly: false,
        },
        now,
      );
      if (problem !== undefined) return { problem, open: 0, worse: 0, lastMonth: 0, truePositives: 0 };
      await lookThroughRecords(text, isCancelled);
      const within = `severity<=${upTo}`;
      const inNoHands = 'status:new,acknowledged assignee:none case:none suppressed:none';
      const count = async (more: string, includeDone: boolean) => {
        const steps = store.alerts.countInSteps({
          lane: null,
          // Each by itself, also where another row stands for it.
          text: `(${text}) merged:any,none ${more}`,
          fromMs: null,
          toMs: null,
          includeDone,
          sort: 'received',
        });
        for (;;) {
          await nextTurn();
          if (isCancelled()) throw new WatchfloorError('cancelled', 'Another search is asked for.');
          const step = steps.next();
          if (step.done === true) return step.value;
        }
      };
      return {
        problem: null,
        open: await count(`${within} ${inNoHands}`, false),
        worse: upTo === 'critical' ? 0 : await count(`severity>${upTo} ${inNoHands}`, false),
        lastMonth: await count(`${within} age<30d`, true),
        truePositives: await count(`${within} age<30d disposition:true-positive`, true),
      };
    },
    async add(asked, onProgress) {
      const writer = analysts.writer();
      // A suppression begins when it is agreed.
      const startMs = asked.scope.kind === 'query' ? nowMs() : asked.startMs;
      const problems = suppressionProblems({ ...asked, startMs }, nowMs());
      if (problems.length > 0) throw new WatchfloorError('bad-input', problems.join(' '));
      if (judge.open().length >= mostSuppressions) {
        throw new WatchfloorError(
          'conflict',
          `${mostSuppressions} suppressions and windows are in force or to come, and no more can be. End one first.`,
        );
      }
      const { scope } = asked;
      if (scope.kind === 'query') {
        const nodes = [parseAlertQuery(scope.text), ...judge.open()].map(({ node }) => node);
        if (new Set(nodes.flatMap(freeTextsOf)).size > mostTexts) {
          throw new WatchfloorError(
            'conflict',
            `Suppressions look for at most ${mostTexts} free texts in raw records between them. End one first, or name fields.`,
          );
        }
      }
      if (scope.kind === 'maintenance') {
        const customer = store.customers.get(scope.customerId);
        const service = scope.serviceId === null ? null : store.services.get(scope.serviceId);
        if (!customer || (scope.serviceId !== null && service?.customerId !== customer.id)) {
          throw new WatchfloorError('bad-input', 'Choose a customer that is there, and a service of it.');
        }
      }
      const made = store.transaction(() => {
        const suppression = store.suppressions.add({ ...asked, startMs, owner: writer.name });
        audit(
          writer,
          'suppression.made',
          `${writer.name} made ${suppressionName(suppression)} until ${formatUtc(suppression.endMs)}, up to severity ${suppression.upTo}.`,
          suppression,
        );
        return suppression;
      });
      changed();
      if (scope.kind === 'query') await sweep(made.id, onProgress);
      return made;
    },
    setEnd(id, endMs) {
      const writer = analysts.writer();
      const before = inForceOrToCome(id);
      if (before.weekly) {
        throw new WatchfloorError(
          'bad-input',
          'A weekly window keeps its length. End it, and make another one.',
        );
      }
      const now = nowMs();
      // Extending begins its time anew: 90 days from now on.
      const problems =
        endMs > now + longestSuppressionMs && before.startMs <= now
          ? ['It ends within 90 days from now. It can be extended again later.']
          : suppressionProblems(
              { ...before, endMs, startMs: Math.max(before.startMs, endMs - longestSuppressionMs) },
              now,
            );
      if (problems.length > 0) throw new WatchfloorError('bad-input', problems.join(' '));
      const after = store.transaction(() => {
        const suppression = store.suppressions.setEnd(id, endMs);
        audit(
          writer,
          'suppression.end-changed',
          `${writer.name} set the end of ${suppressionName(suppression)} from ${formatUtc(before.endMs)} to ${formatUtc(endMs)}.`,
          suppression,
        );
        return suppression;
      });
      changed();
      return after;
    },
    release(alertId) {
      const writer = analysts.writer();
      const changedIds = store.suppressions.release([alertId], `${writer.name} let it into the queue`);
      if (changedIds.length === 0)
        throw new WatchfloorError('conflict', 'Nothing holds this alert any more.');
      announce(changedIds, false);
    },
    takenInHand() {
      if (!store.suppressions.hasSuppressed()) return;
      const heldIds = store.suppressions.heldInHand();
      if (heldIds.length === 0) return;
      const sentence = `Came out of its suppression: ${analysts.writer().name} took it in hand`;
      announce(store.suppressions.release(heldIds, sentence), false);
    },
    async end(id, { everything }) {
      const writer = analysts.writer();
      inForceOrToCome(id);
      const ended = store.transaction(() => {
        const suppression = store.suppressions.end(id, nowMs(), writer.name);
        audit(
          writer,
          'suppression.ended',
          `${writer.name} ended ${suppressionName(suppression)} early.`,
          suppression,
        );
        return suppression;
      });
      changed();
      await settle(ended, ended.endedMs ?? nowMs(), everything);
      return ended;
    },
    close() {
      isClosed = true;
    },
    async keepTime() {
      if (isClosed || nowMs() < nextLookMs || keeping !== null) return keeping ?? undefined;
      keeping = look()
        .catch((thrown: unknown) => log.write('error', 'suppressions', String(thrown)))
        .finally(() => {
          keeping = null;
        });
      return keeping;
    },
  };
}

const capital = (sentence: string): string => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
