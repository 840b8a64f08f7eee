import type { AlertAction } from '../../shared/domain/alert.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp, useAppStore, useClient, useShowTime } from '../ui/index.ts';
import { countAlerts, describeAction, undoMessage } from './queue-words.ts';
import type { AlertWindow } from './use-alert-window.ts';
import type { QueueSelection, Scope } from './use-queue-selection.ts';

/** From so many on, an action shows its progress at the bottom edge. */
const manyAlerts = 200;
/** A case takes so many alerts at once, as the contract says. */
const mostCaseAlerts = 10_000;
/** Rows are read in pages of this many. */
const pageSize = 500;

export interface AlertActions {
  /** Does something to exactly these alerts, with progress and undo at the bottom edge. */
  readonly actOn: (scope: Scope, action: AlertAction) => Promise<void>;
  /** The ids of alerts for a case; null when there are too many, or when reading them was given up or failed. */
  readonly idsForCase: (scope: Scope) => Promise<readonly string[] | null>;
}

/** What is done to the alerts that are chosen in a list. */
export function useAlertActions(list: AlertWindow, selection: QueueSelection): AlertActions {
  const client = useClient();
  const store = useAppStore();
  const showTime = useShowTime();
  const notify = useApp((state) => state.notify);

  const undo = async (undoId: string) => {
    try {
      notify(undoMessage(await client.call('alerts.undo', { undoId })));
      await list.renew();
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    }
  };

  return {
    actOn: async ({ target, count }, action) => {
      const state = store.getState();
      const abort = new AbortController();
      const clear = selection.clearLater();
      const job =
        count >= manyAlerts
          ? state.startJob({
              label: `${countAlerts(count)}: working`,
              total: count,
              cancel: () => abort.abort(),
            })
          : null;
      try {
        const { changed, undoId } = await client.call(
          'alerts.act',
          { selection: target, action },
          {
            signal: abort.signal,
            onProgress: (progress) => {
              if (job !== null) state.updateJob(job, { done: progress.done, total: progress.total });
            },
          },
        );
        notify({
          text: describeAction(action, changed, (timeMs) => showTime(timeMs, 'clock')),
          ...(undoId === null ? {} : { undo: () => void undo(undoId) }),
        });
        clear();
        // Parts are new alerts, and what was split is out of sight.
        await (action.type === 'split' ? list.showNewest() : list.renew());
      } catch (thrown) {
        const error = toErrorData(thrown);
        notify({ text: error.message, tone: 'error', details: error.details });
      } finally {
        if (job !== null) state.endJob(job);
      }
    },
    idsForCase: async ({ target, count }) => {
      if (target.by === 'ids') return target.ids;
      if (count > mostCaseAlerts) {
        notify({
          text: `A case takes ${countAlerts(mostCaseAlerts)} at most; ${countAlerts(count)} match. Narrow the search first.`,
          tone: 'warning',
        });
        return null;
      }
      const state = store.getState();
      const abort = new AbortController();
      const job = state.startJob({
        label: 'Reading the alerts',
        total: count,
        cancel: () => abort.abort(),
      });
      const ids: string[] = [];
      try {
        for (let offset = 0; offset < count && !abort.signal.aborted; offset += pageSize) {
          const page = { scopeId: target.scopeId, offset, limit: pageSize };
          const rows = await client.call('alerts.readFrozen', page, { signal: abort.signal });
          ids.push(...rows.map((row) => row.id));
          state.updateJob(job, { done: ids.length });
        }
        return abort.signal.aborted ? null : ids;
      } catch (thrown) {
        if (!abort.signal.aborted) notify({ text: toErrorData(thrown).message, tone: 'error' });
        return null;
      } finally {
        state.endJob(job);
      }
    },
  };
}
