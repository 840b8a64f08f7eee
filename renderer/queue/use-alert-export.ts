import { toErrorData } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { offerFile } from '../ui/download.ts';
import { useApp, useAppStore, useClient, useCoreNow } from '../ui/index.ts';
import type { FrozenExport } from './export-dialog.tsx';
import { countAlerts } from './queue-words.ts';
import { writeExport } from './write-export.ts';

/** Writes frozen alerts into a file, with progress at the bottom edge, and offers it. */
export function useAlertExport(): (frozen: FrozenExport) => Promise<void> {
  const client = useClient();
  const store = useAppStore();
  const readNow = useCoreNow();
  const notify = useApp((state) => state.notify);
  return async (frozen) => {
    const state = store.getState();
    const abort = new AbortController();
    const { scopeId, count, format } = frozen;
    const job = state.startJob({
      label: `Exporting ${countAlerts(count)}`,
      total: count,
      cancel: () => abort.abort(),
    });
    const nameIn = (rows: readonly { readonly id: string; readonly name: string }[]) => (id: string) =>
      rows.find((row) => row.id === id)?.name ?? null;
    try {
      const made = await writeExport(
        client,
        frozen,
        {
          customer: nameIn(state.customers),
          service: nameIn(state.services),
          source: nameIn(state.status?.sources ?? []),
        },
        { signal: abort.signal, onDone: (done) => state.updateJob(job, { done }) },
      );
      if (made === null) {
        notify({ text: 'Nothing was exported' });
        return;
      }
      // Nothing leaves that is not in the audit log.
      await client.call('alerts.recordExport', { scopeId, format, written: made.written });
      const name = exportName(readNow(), format);
      offerFile(name, made.file);
      const gone = count - made.written;
      notify({
        text: `Saved ${name}: ${countAlerts(made.written)}${gone === 0 ? '' : `; ${gone.toLocaleString('en')} are no longer there`}`,
        tone: gone === 0 ? 'good' : 'warning',
      });
    } catch (thrown) {
      const error = toErrorData(thrown);
      notify({ text: `Nothing was exported. ${error.message}`, tone: 'error', details: error.details });
    } finally {
      state.endJob(job);
    }
  };
}

/** E.g. `alerts-2026-11-26T021407Z.csv`: no sign that some system does not take. */
function exportName(nowMs: number, format: FrozenExport['format']): string {
  return `alerts-${formatUtc(nowMs).replaceAll(':', '')}.${format}`;
}
