import { useMemo, useState } from 'react';
import type { CaseConflict } from '../../shared/domain/case.ts';
import { type DiffPart, diffWords } from '../../shared/domain/word-diff.ts';
import { Button, FormDialog, SafeText, TextAreaField, useCommands } from '../ui/index.ts';
import { ValueAuthor } from './case-conflict-author.tsx';

/** A text is kept up to here; longer ones are cut where they are compared, and kept whole where they are chosen. */
const mostCharacters = 100_000;

/** The newest versions are compared; more at once nobody reads, and somebody may mean harm. */
const mostVersions = 6;

type Value = CaseConflict['values'][number]['value'];

const textOf = (value: Value | undefined) => (typeof value === 'string' ? value : '');

/** Versions of a text side by side with what differs marked; one is kept, or a text made of them. */
export function CaseConflictDialog({
  conflict,
  title,
  canSettle,
  busy,
  onSettle,
  onClose,
}: {
  readonly conflict: CaseConflict;
  readonly title: string;
  readonly canSettle: boolean;
  readonly busy: boolean;
  readonly onSettle: (value: Value) => void;
  readonly onClose: () => void;
}) {
  const values = conflict.values.slice(-mostVersions);
  const older = conflict.values.length - values.length;
  const newest = textOf(values.at(-1)?.value);
  const [merged, setMerged] = useState(newest);
  const isMerged = merged.trim() !== '' && !conflict.values.some(({ value }) => value === merged);
  const versions = useMemo(() => comparedVersions(conflict.values.slice(-mostVersions)), [conflict]);
  useCommands(
    values.map(({ value }, index) => ({
      id: `case.conflict.keep-${index + 1}`,
      title: `Keep version ${index + 1}`,
      group: 'Case',
      keys: [`${index + 1}`],
      hidden: true,
      enabled: canSettle,
      run: () => onSettle(value),
    })),
    'dialog',
  );
  return (
    <FormDialog
      title={`${title}: ${conflict.values.length} versions`}
      width="wide"
      onClose={onClose}
      confirmLabel={canSettle ? 'Save merged text' : null}
      ready={isMerged}
      busy={busy}
      // Keys choose a version; an Enter that is held must not.
      focus="close"
      onConfirm={() => onSettle(merged)}
    >
      <div className="conflict-versions">
        {values.map((value, index) => (
          <section
            key={value.entryId}
            className="conflict-version"
            aria-label={`Version ${index + 1} of ${values.length}`}
          >
            <header>
              <span className="quiet">
                <ValueAuthor value={value} />
              </span>
              {canSettle ? (
                <Button small keys={`${index + 1}`} busy={busy} onClick={() => onSettle(value.value)}>
                  Keep this
                </Button>
              ) : null}
            </header>
            <div className="conflict-text">
              <DiffText parts={versions[index] ?? []} />
            </div>
          </section>
        ))}
      </div>
      {older > 0 ? (
        <p className="quiet">{older.toLocaleString('en')} older versions stand in the timeline.</p>
      ) : null}
      {canSettle ? (
        <TextAreaField
          label="Or a text made of them"
          help="It begins as the newest version. What is not kept stays in the timeline."
          value={merged}
          onChange={setMerged}
          rows={Math.min(10, Math.max(3, merged.split('\n').length + 1))}
          maxLength={mostCharacters}
        />
      ) : null}
    </FormDialog>
  );
}

/** Each version with what the newest does not have; the newest with what the one before it does not have. */
function comparedVersions(values: CaseConflict['values']): readonly (readonly DiffPart[])[] {
  const newest = textOf(values.at(-1)?.value);
  return values.map(({ value }, index) =>
    index === values.length - 1
      ? diffWords(textOf(values[index - 1]?.value), newest).right
      : diffWords(textOf(value), newest).left,
  );
}

function DiffText({ parts }: { readonly parts: readonly DiffPart[] }) {
  if (parts.length === 0) return <span className="quiet">Empty</span>;
  return parts.map((part, index) => {
    const Part = part.isChanged ? 'mark' : 'span';
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their order
      <Part key={index}>
        <SafeText text={part.text} limit={mostCharacters} multiline />
      </Part>
    );
  });
}
