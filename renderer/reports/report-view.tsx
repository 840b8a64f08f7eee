import './reports.css';
import { useEffect, useState } from 'react';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { offerDownload, textFromBase64 } from '../ui/download.ts';
import {
  Button,
  ErrorNote,
  ErrorState,
  LoadingState,
  useApp,
  useClient,
  useCommands,
  useEachOnce,
} from '../ui/index.ts';

type Format = 'html' | 'pdf' | 'markdown';
const formatWords = { html: 'HTML', pdf: 'PDF', markdown: 'Markdown' } as const satisfies Record<
  Format,
  string
>;

/**
 * A case's retrospective as it would be exported, and the exports. The preview is the very file, in a frame that
 * may run nothing, load nothing and lead nowhere.
 */
export function ReportView({
  caseId,
  version,
}: {
  readonly caseId: string;
  /** Rises when the case changed: the preview is made anew. */
  readonly version: number;
}) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const [html, setHtml] = useState<string | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const saving = useEachOnce<Format>();
  const [exportError, setExportError] = useState<ErrorData | null>(null);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer version or another try asks again
  useEffect(() => {
    let stale = false;
    client.call('reports.build', { caseId, format: 'html' }).then(
      (report) => {
        if (stale) return;
        setHtml(textFromBase64(report.base64));
        setError(null);
      },
      (thrown: unknown) => {
        if (!stale) setError(toErrorData(thrown));
      },
    );
    return () => {
      stale = true;
    };
  }, [client, caseId, version, round]);

  const save = (format: Format) =>
    saving.run(format, async () => {
      setExportError(null);
      try {
        const report = await client.call('reports.build', { caseId, format });
        offerDownload(report.name, report.mediaType, report.base64);
        notify({ text: `Saved ${report.name}`, tone: 'good' });
      } catch (thrown) {
        setExportError(toErrorData(thrown));
      }
    });
  const group = 'Report';
  useCommands([
    {
      id: 'report.html',
      title: 'Save the report as HTML',
      group,
      keys: ['x h'],
      run: () => void save('html'),
    },
    { id: 'report.pdf', title: 'Save the report as PDF', group, keys: ['x p'], run: () => void save('pdf') },
    {
      id: 'report.markdown',
      title: 'Save the report as Markdown',
      group,
      keys: ['x m'],
      run: () => void save('markdown'),
    },
  ]);

  return (
    <div className="report-view">
      <div className="report-bar" role="toolbar" aria-label="Save the report">
        <span className="quiet grow">
          One self-contained file. Everything from outside is shown as text, defanged.
        </span>
        {(['html', 'pdf', 'markdown'] as const).map((format) => (
          <Button
            key={format}
            small
            icon="download"
            keys={format === 'html' ? 'x h' : format === 'pdf' ? 'x p' : 'x m'}
            busy={saving.isRunning(format)}
            onClick={() => void save(format)}
          >
            Save {formatWords[format]}
          </Button>
        ))}
      </div>
      {exportError ? <ErrorNote error={exportError} onDismiss={() => setExportError(null)} /> : null}
      {html === null ? (
        error ? (
          <ErrorState
            error={error}
            title="The report could not be made"
            onRetry={() => setRound((value) => value + 1)}
          />
        ) : (
          <LoadingState label="Writing the report" />
        )
      ) : (
        <iframe className="report-frame" title="Report preview" sandbox="" srcDoc={html} />
      )}
    </div>
  );
}
