import { useEffect, useState } from 'react';
import type { MethodInput } from '../../shared/api/contract.ts';
import type { ExportFormat } from '../../shared/domain/alert-export.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { ErrorNote, FormDialog, LoadingState, SelectField, useClient, useShowTime } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';

export type ExportSelection = MethodInput<'alerts.freeze'>['selection'];

/** What is written: the alerts of a scope that the core keeps. */
export interface FrozenExport {
  readonly scopeId: string;
  readonly count: number;
  readonly format: ExportFormat;
}

const formatWords: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV, for spreadsheets',
  jsonl: 'JSON Lines, for programs',
};

/** Freezes what was chosen, says how many that are, and asks for the format. */
export function ExportDialog({
  selection,
  readNow,
  onClose,
  onConfirm,
}: {
  readonly selection: ExportSelection;
  readonly readNow: () => number;
  readonly onClose: () => void;
  readonly onConfirm: (frozen: FrozenExport) => void;
}) {
  const client = useClient();
  const showTime = useShowTime();
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [frozen, setFrozen] = useState<{
    readonly scopeId: string;
    readonly count: number;
    readonly atMs: number;
  } | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  // Once: whatever happens behind the dialog, it stays what was chosen when it was opened.
  const [asked] = useState({ selection, readNow });
  useEffect(() => {
    const abort = new AbortController();
    client
      .call('alerts.freeze', { selection: asked.selection, withMerged: true }, { signal: abort.signal })
      .then(
        ({ scopeId, count }) => setFrozen({ scopeId, count, atMs: asked.readNow() }),
        (thrown: unknown) => {
          if (!abort.signal.aborted) setError(toErrorData(thrown));
        },
      );
    return () => abort.abort();
  }, [client, asked]);
  const count = frozen?.count ?? 0;
  const confirm = () => {
    if (frozen !== null) onConfirm({ scopeId: frozen.scopeId, count, format });
  };
  return (
    <FormDialog
      title={frozen === null ? 'Export alerts' : `Export ${countAlerts(count)}`}
      width="small"
      onClose={onClose}
      confirmLabel={`Save ${frozen === null ? 'file' : countAlerts(count)}`}
      ready={count > 0}
      onConfirm={confirm}
    >
      <SelectField
        label="Format"
        value={format}
        onChange={setFormat}
        options={(['csv', 'jsonl'] as const).map((value) => ({ value, label: formatWords[value] }))}
      />
      {error ? (
        <ErrorNote error={error} />
      ) : frozen === null ? (
        <LoadingState label="Counting what is exported" />
      ) : (
        <p className="quiet">
          {`Exactly these, as chosen at ${showTime(frozen.atMs, 'clock')}: what comes, closes or is reopened meanwhile changes nothing about which.`}{' '}
          {format === 'csv'
            ? 'A text that begins like a formula (= + - @, tab) gets a single quote in front.'
            : 'One alert a line; lists as arrays.'}{' '}
          Addresses are written as they are, not defanged. The audit log keeps who exported how many of what.
        </p>
      )}
    </FormDialog>
  );
}
