import { type ExportNames, exportHead, exportLine } from '../../shared/domain/alert-export.ts';
import type { Hub } from '../api/hub.ts';
import type { FrozenExport } from './export-dialog.tsx';

/** Alerts are read and written in pages of this many. */
const pageSize = 500;

/**
 * Writes frozen alerts as they are now, page by page. Each page leaves for the browser's own blob storage, which moves
 * to the disk what is large, so that no export ever lies whole in the page's memory.
 * @returns null when it was cancelled; `written` may be less than was frozen where an alert is no longer there
 */
export async function writeExport(
  client: Pick<Hub, 'call'>,
  { scopeId, count, format }: FrozenExport,
  names: ExportNames,
  { signal, onDone }: { readonly signal: AbortSignal; readonly onDone: (done: number) => void },
): Promise<{ readonly file: Blob; readonly written: number } | null> {
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const parts: Blob[] = [new Blob([exportHead(format)])];
  let written = 0;
  for (let offset = 0; offset < count; offset += pageSize) {
    if (signal.aborted) return null;
    const rows = await client.call('alerts.readFrozen', { scopeId, offset, limit: pageSize });
    parts.push(new Blob([rows.map((alert) => exportLine(alert, format, names)).join('')]));
    written += rows.length;
    onDone(Math.min(count, offset + pageSize));
  }
  return signal.aborted ? null : { file: new Blob(parts, { type }), written };
}
