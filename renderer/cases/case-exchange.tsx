import { useRef, useState } from 'react';
import { toErrorData } from '../../shared/domain/result.ts';
import {
  type CaseExportFormat,
  caseExportFormats,
  caseExportNames,
} from '../../shared/exchange/case-export-format.ts';
import { type LeftOut, stixLimits } from '../../shared/exchange/stix-left-out.ts';
import { offerFile } from '../ui/download.ts';
import { Button, Icon, Menu, useApp, useClient, useCommands } from '../ui/index.ts';
import { CaseFileExport } from './case-file-export.tsx';

/** What each format is for, in a few words. */
const uses: Readonly<Record<CaseExportFormat, string>> = {
  stix: 'Observables, indicators, sightings; can be imported again',
  misp: 'Attributes with tags; unpublished, own organisation only',
  ocsf: 'One event of class 2005 for a SIEM or a data lake',
  'timesketch-csv': 'The whole timeline; also opens in a spreadsheet',
  'timesketch-jsonl': 'The whole timeline, a line each',
  markdown: 'The report as text',
  html: 'The report as one page with its charts',
};

function countLeftOut(leftOut: readonly LeftOut[]): number {
  return leftOut.reduce((sum, { count }) => sum + count, 0);
}

/** The case out, as a case file or in the formats of others, and STIX bundles in; by menu, key and palette. */
export function CaseExchange({ caseId }: { readonly caseId: string }) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const [open, setOpen] = useState(false);
  const [isExporting, setExporting] = useState(false);
  const [busy, setBusy] = useState(false);
  const buttonRef = useRef<HTMLButtonElement>(null);
  const fileRef = useRef<HTMLInputElement>(null);

  const exportAs = async (format: CaseExportFormat) => {
    setBusy(true);
    try {
      const { fileName, mediaType, text } = await client.call('cases.exportAs', { caseId, format });
      offerFile(fileName, new Blob([text], { type: mediaType }));
      notify({ text: `Saved ${fileName}`, tone: 'good' });
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      notify({ text: `Nothing was exported. ${message}`, tone: 'error', details });
    }
    setBusy(false);
  };
  const importStix = async (file: File) => {
    if (file.size > stixLimits.characters) {
      notify({ text: `${file.name.slice(0, 80)} is larger than 32 MB and was not read.`, tone: 'warning' });
      return;
    }
    setBusy(true);
    try {
      const { added, known, techniques, leftOut } = await client.call('cases.importStix', {
        caseId,
        text: await file.text(),
      });
      const left = countLeftOut(leftOut);
      notify({
        text: `Observables: ${added} added, ${known} here already. Techniques tagged: ${techniques}.${left === 0 ? '' : ` Left out: ${left}, with the reasons in a note.`}`,
        tone: added + known + techniques > 0 ? 'good' : 'warning',
        durationMs: 12_000,
      });
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      notify({ text: message, tone: 'error', details });
    }
    setBusy(false);
  };

  const group = 'Case';
  useCommands([
    {
      id: 'case.exchange',
      title: 'Export or import',
      group,
      keys: ['Shift+e'],
      run: () => setOpen(true),
    },
    {
      id: 'case.export-file',
      title: 'Export the case as a case file (.wfcase)',
      group,
      run: () => setExporting(true),
    },
    ...caseExportFormats.map((format) => ({
      id: `case.export-${format}`,
      title: `Export the case as ${caseExportNames[format]}`,
      group,
      run: () => void exportAs(format),
    })),
    {
      id: 'case.import-stix',
      title: 'Import observables from a STIX bundle',
      group,
      run: () => fileRef.current?.click(),
    },
  ]);

  return (
    <>
      <Button
        ref={buttonRef}
        small
        variant="quiet"
        icon="download"
        keys="Shift+e"
        busy={busy}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen((value) => !value)}
      >
        Export <Icon name="chevron-down" size={10} />
      </Button>
      {open ? (
        <Menu
          label="Export or import"
          align="end"
          anchor={buttonRef.current}
          onClose={() => setOpen(false)}
          items={[
            {
              id: 'file',
              label: 'Case file (.wfcase)…',
              hint: 'All of it, signed; another Watchfloor can merge it',
              icon: 'lock',
              onSelect: () => setExporting(true),
            },
            ...caseExportFormats.map((format) => ({
              id: format,
              label: caseExportNames[format],
              hint: uses[format],
              icon: 'download' as const,
              onSelect: () => void exportAs(format),
            })),
            {
              id: 'import',
              label: 'Import a STIX bundle…',
              hint: 'Adds its observables, and notes what was left out',
              icon: 'upload' as const,
              onSelect: () => fileRef.current?.click(),
            },
          ]}
        />
      ) : null}
      {isExporting ? <CaseFileExport caseId={caseId} onClose={() => setExporting(false)} /> : null}
      <input
        ref={fileRef}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="STIX bundle"
        accept=".json,application/json,application/stix+json"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void importStix(file);
        }}
      />
    </>
  );
}
