import type { AlertAction } from '../../shared/domain/alert.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp, useAppStore, useClient, useShowTime } from '../ui/index.ts';
import { countAlerts, describeAction } from './queue-words.ts';
import type { AlertWindow } from './use-alert-window.ts';
import type { AlertSelection, QueueSelection } from './use-queue-selection.ts';

/** From so many on, an action shows its progress at the bottom edge. */
const manyAlerts = 200;
/** A case takes so many alerts at once, as the contract says. */
const mostCaseAlerts = 10_000;
/** Rows are read in pages of this many. */
const pageSize = 500;

export interface AlertActions {
  /** Does something to what is chosen, with progress and undo at the bottom edge. */
  readonly act: (action: AlertAction) => Promise<void>;
  /** The ids of everything that is chosen, read page by page with progress; null when it was given up or failed. */
  readonly collectIds: () => Promise<readonly string[] | null>;
}

/** What is done to the alerts that are chosen in a list. */
export function useAlertActions(list: AlertWindow, selection: QueueSelection): AlertActions {
  const client = useClient();
  const store = useAppStore();
  const showTime = useShowTime();
  const notify = useApp((state) => state.notify);

  const undo = async (undoId: string) => {
    try {
      const undone = await client.call('alerts.undo', { undoId });
      notify({ text: `Took it back for ${countAlerts(undone.changed)}` });
      await list.renew();
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    }
  };

  const actOn = async (target: AlertSelection, count: number, action: AlertAction) => {
    const state = store.getState();
    const abort = new AbortController();
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
      selection.clear();
      await list.renew();
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: error.message, tone: 'error', details: error.details });
    } finally {
      if (job !== null) state.endJob(job);
    }
  };

  const readAllIds = async (total: number, query: Extract<AlertSelection, { by: 'query' }>) => {
    const state = store.getState();
    let cancelled = false;
    const job = state.startJob({
      label: 'Reading the alerts',
      total,
      cancel: () => {
        cancelled = true;
      },
    });
    const ids: string[] = [];
    try {
      while (!cancelled && ids.length < total) {
        const page = { upToSequence: query.upToSequence, offset: ids.length, limit: pageSize };
        const { rows } = await client.call('alerts.query', { ...query.query, ...page });
        if (rows.length === 0) break;
        ids.push(...rows.map((row) => row.id));
        state.updateJob(job, { done: ids.length });
      }
      return cancelled ? null : ids;
    } catch (thrown) {
      notify({ text: toErrorData(thrown).message, tone: 'error' });
      return null;
    } finally {
      state.endJob(job);
    }
  };

  return {
    act: async (action) => {
      const target = selection.target();
      if (target !== null) await actOn(target, selection.targetCount, action);
    },
    collectIds: async () => {
      const target = selection.target();
      if (target === null) return [];
      if (target.by === 'ids') return target.ids;
      if (list.total > mostCaseAlerts) {
        notify({
          text: `A case takes ${countAlerts(mostCaseAlerts)} at most; ${countAlerts(list.total)} match. Narrow the search first.`,
          tone: 'warning',
        });
        return null;
      }
      return readAllIds(list.total, target);
    },
  };
}
