import type { detectionMethods } from '../../../shared/api/contract/detection.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { firedBefore, wouldHaveMoved } from '../../../shared/detection/lessons.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import { listLessons } from '../lessons.ts';
import { readNoise } from '../noise.ts';
import type { HandlerDeps } from './common.ts';

/** How far back "would have fired" looks. */
const historyMs = 30 * dayMs;

/** Signals, findings, lessons, back-tests and noise. */
export function detectionHandlers(deps: HandlerDeps): TopicHandlers<typeof detectionMethods> {
  const { store, hub } = deps;

  return {
    'noise.read': ({ customerId }) => {
      // The last minute counts too.
      deps.watchLog.beat();
      return readNoise(store, customerId, deps.nowMs());
    },

    'signals.list': () => store.signals.list(),
    'signals.update': (input) => {
      const signal = store.signals.update(input);
      hub.signalsChanged();
      return signal;
    },
    'signals.window': ({ signalIds, fromMs, toMs, maxPoints }) => {
      if (!(toMs > fromMs)) throw new WatchfloorError('bad-input', 'A range ends after it starts.');
      return signalIds.map((id) => store.samples.window(id, fromMs, toMs, maxPoints));
    },
    'signals.breakdown': (input) => store.breakdowns.query(input),

    'findings.list': (input) => store.findings.list(input),
    'findings.history': ({ alertId }) => {
      const own = store.findings.forAlert(alertId);
      const known = Math.max(0, ...own.map((finding) => finding.historyMs));
      const sinceMs = deps.nowMs() - Math.min(historyMs, known);
      const signalIds = [...new Set(own.map(({ signalId }) => signalId))];
      if (signalIds.length === 0) return { sinceMs, fired: [], wouldMove: 0, isExact: true };
      const { count, findings } = store.findings.history(signalIds, sinceMs);
      return {
        sinceMs,
        fired: [...firedBefore(findings, own)],
        wouldMove: wouldHaveMoved(findings, own).length,
        isExact: count === findings.length,
      };
    },

    'lessons.list': () => listLessons(store, deps.nowMs()),

    'backtest.run': (input, context) => deps.backTests.run(input, context),
  };
}
