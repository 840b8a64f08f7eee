import { useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { Button, CopyButton, SafeText, Section, Time, useCommands } from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';
import { EvidenceDialog } from './evidence-dialog.tsx';

/** Files of the case with their SHA-256; each opens with what is in it and who had it. */
export function CaseEvidence({
  state,
  busy,
  onAdd,
}: {
  readonly state: CaseState;
  readonly busy: boolean;
  readonly onAdd: (files: readonly File[]) => void;
}) {
  const edit = useCaseEdit();
  const input = useRef<HTMLInputElement>(null);
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const shown = all ? state.evidence.slice(0, 1_000) : state.evidence.slice(0, 12);
  const opened = state.evidence.find((each) => each.id === open);
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.evidence',
            title: 'Add an evidence file',
            group: 'Case',
            keys: ['d'],
            run: () => input.current?.click(),
          },
        ],
  );
  return (
    <Section
      title={`Evidence (${state.evidence.length})`}
      aside={
        edit === null ? null : (
          <Button small icon="upload" keys="d" busy={busy} onClick={() => input.current?.click()}>
            Add file
          </Button>
        )
      }
    >
      {edit === null ? null : (
        <input
          ref={input}
          type="file"
          multiple
          className="visually-hidden"
          aria-label="Evidence files"
          tabIndex={-1}
          onChange={(event) => {
            onAdd([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      )}
      {state.evidence.length === 0 ? (
        <p className="quiet">
          {edit === null
            ? 'No file was added.'
            : 'Drop files anywhere on the case. They are kept with their SHA-256, which is checked whenever one is opened or saved out.'}
        </p>
      ) : (
        <ul className="panel-list" aria-label="Evidence">
          {shown.map((file) => (
            <li key={file.id} className="evidence-file">
              <button type="button" className="panel-link" onClick={() => setOpen(file.id)}>
                <span className="panel-text">
                  <SafeText text={file.name} limit={120} plain />
                </span>
                <span className="quiet tabular">{formatBytes(file.sizeBytes)}</span>
              </button>
              <span className="panel-line quiet">
                <span className="mono" title={file.sha256}>
                  SHA-256 {file.sha256.slice(0, 12)}…
                </span>
                <CopyButton
                  text={file.sha256}
                  label={`Copy the SHA-256 of ${file.name.slice(0, 60)}`}
                  iconOnly
                />
                <Time timeMs={file.addedMs} format="clock" age={false} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {shown.length < state.evidence.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show {Math.min(1_000, state.evidence.length).toLocaleString('en')}
        </Button>
      ) : null}
      {opened === undefined ? null : (
        <EvidenceDialog key={opened.id} evidence={opened} onClose={() => setOpen(null)} />
      )}
    </Section>
  );
}
