import './case-file.css';
import { useLayoutEffect, useRef, useState } from 'react';
import type { AnalystEntry, CaseConflict, CaseState } from '../../shared/domain/case.ts';
import { conflictKey, settlingEntry } from '../../shared/domain/case-conflict.ts';
import { Badge, Button, Icon, Kbd, SafeText, useApp, useCommands, useShowTime } from '../ui/index.ts';
import { ValueAuthor } from './case-conflict-author.tsx';
import { CaseConflictDialog } from './case-conflict-dialog.tsx';
import { conflictTitle, conflictValueWords, isLongText } from './case-conflict-words.ts';

type Value = CaseConflict['values'][number];

/** More than these are settled one after the other; nobody reads them at once. */
const mostShown = 50;
/** The newest values of a field; older ones stand in the timeline. */
const mostValues = 12;

export interface CaseConflictsProps {
  readonly state: CaseState;
  /** Adds an entry; null where the case is only looked at. */
  readonly append: ((entry: AnalystEntry) => Promise<CaseState | null>) | null;
}

/** What several people changed apart, with who and when; choosing a value settles it. Nothing where nothing is. */
export function CaseConflicts({ state, append }: CaseConflictsProps) {
  const notify = useApp((root) => root.notify);
  const showTime = useShowTime();
  const panelRef = useRef<HTMLElement>(null);
  const [comparing, setComparing] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  /** Which button had the focus when its conflict was settled. */
  const [place, setPlace] = useState<number | null>(null);
  const { conflicts } = state;
  const compared = conflicts.find((each) => conflictKey(each) === comparing) ?? null;
  const buttons = () => [
    ...(panelRef.current?.querySelectorAll<HTMLButtonElement>('.conflict-values button') ?? []),
  ];

  const settle = async (conflict: CaseConflict, value: Value['value']): Promise<void> => {
    const entry = settlingEntry(conflict, value);
    if (entry === null || append === null || isBusy) return;
    const title = conflictTitle(conflict, state);
    setBusy(true);
    const settled = await append(entry);
    setBusy(false);
    if (settled === null) return;
    setComparing(null);
    const entryId = settled.timeline.at(-1)?.id;
    notify({
      text: `Settled: ${title}, ${conflictValueWords(conflict, value, showTime).split('\n')[0]?.slice(0, 80) ?? ''}`,
      tone: 'good',
      ...(entryId === undefined
        ? {}
        : { undo: () => void append({ kind: 'entry-withdrawn', entryId, reason: 'Not settled after all' }) }),
    });
  };
  const settleHere = async (conflict: CaseConflict, value: Value['value']) => {
    const at = buttons().findIndex((button) => button.isSameNode(document.activeElement));
    await settle(conflict, value);
    setPlace(at);
  };
  // The conflict under the focus is gone; the next one is where it was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: fewer conflicts are what moves the focus
  useLayoutEffect(() => {
    if (place === null) return;
    setPlace(null);
    const all = buttons();
    all[Math.min(place, all.length - 1)]?.focus();
  }, [place, conflicts.length]);

  useCommands([
    {
      id: 'case.conflicts',
      title: 'Settle conflicts',
      group: 'Case',
      keys: ['c'],
      enabled: conflicts.length > 0,
      run: () => {
        panelRef.current?.scrollIntoView({ block: 'nearest' });
        buttons()[0]?.focus();
      },
    },
  ]);

  if (conflicts.length === 0) return null;
  return (
    <section
      ref={panelRef}
      className="conflicts"
      aria-label="Conflicts"
      onKeyDown={(event) => {
        const all = buttons();
        const at = all.findIndex((button) => button.isSameNode(document.activeElement));
        if (at < 0) return;
        // A key that is held settles one conflict, not all.
        if (event.key === 'Enter' && event.repeat) event.preventDefault();
        if (event.key === 'ArrowDown' || event.key === 'ArrowRight' || event.key === 'j') {
          all[Math.min(at + 1, all.length - 1)]?.focus();
        } else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft' || event.key === 'k') {
          all[Math.max(at - 1, 0)]?.focus();
        } else if (event.key === 'Escape') all[at]?.blur();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <header className="conflicts-header">
        <Icon name="warning" size={14} />
        <h2>{conflictCountWords(conflicts.length)}</h2>
        <span className="quiet">
          {append === null
            ? 'Changed by people who did not know of each other.'
            : 'Changed by people who did not know of each other. Choose what holds; the rest stays in the timeline.'}
        </span>
        <Kbd keys="c" />
      </header>
      <ul className="conflicts-list">
        {conflicts.slice(0, mostShown).map((conflict) => (
          <ConflictRow
            key={conflictKey(conflict)}
            conflict={conflict}
            title={conflictTitle(conflict, state)}
            canSettle={append !== null}
            onSettle={(value) => void settleHere(conflict, value)}
            onCompare={() => setComparing(conflictKey(conflict))}
          />
        ))}
      </ul>
      {conflicts.length > mostShown ? (
        <p className="quiet">and {conflictCountWords(conflicts.length - mostShown)} more</p>
      ) : null}
      {compared === null ? null : (
        <CaseConflictDialog
          conflict={compared}
          title={conflictTitle(compared, state)}
          canSettle={append !== null}
          busy={isBusy}
          onSettle={(value) => void settle(compared, value)}
          onClose={() => setComparing(null)}
        />
      )}
    </section>
  );
}

/** `1 conflict`, `12 conflicts`. */
export function conflictCountWords(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'conflict' : 'conflicts'}`;
}

/** How many fields of a case have several values; nothing where none has. */
export function ConflictBadge({ count }: { readonly count: number }) {
  return count === 0 ? null : <Badge tone="warning">{conflictCountWords(count)}</Badge>;
}

function ConflictRow({
  conflict,
  title,
  canSettle,
  onSettle,
  onCompare,
}: {
  readonly conflict: CaseConflict;
  readonly title: string;
  readonly canSettle: boolean;
  readonly onSettle: (value: Value['value']) => void;
  readonly onCompare: () => void;
}) {
  const isLong = isLongText(conflict);
  const newest = conflict.values.slice(-mostValues);
  const older = conflict.values.length - newest.length;
  const isOpen = canSettle && newest.every(({ value }) => settlingEntry(conflict, value) !== null);
  return (
    <li className="conflict">
      <span className="conflict-title">
        <SafeText text={title} limit={160} plain />
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend of its own beside the title */}
      <div className="conflict-values" role="group" aria-label={`Values of ${title}`}>
        {isLong ? (
          <Button small onClick={onCompare}>
            Compare {conflict.values.length} versions
          </Button>
        ) : (
          newest.map((value, index) => (
            <ValueButton
              key={value.entryId}
              conflict={conflict}
              value={value}
              isShown={index === newest.length - 1}
              disabled={!isOpen}
              onPress={() => onSettle(value.value)}
            />
          ))
        )}
        {isLong ? (
          <span className="quiet conflict-people">
            {newest.map((value) => (
              <span key={value.entryId}>
                <ValueAuthor value={value} />
              </span>
            ))}
          </span>
        ) : null}
        {older > 0 ? <span className="quiet">and {older.toLocaleString('en')} older</span> : null}
        {!isOpen && canSettle && !isLong ? (
          <span className="quiet">Two cases became one; this cannot be set anew.</span>
        ) : null}
      </div>
    </li>
  );
}

function ValueButton({
  conflict,
  value,
  isShown,
  disabled,
  onPress,
}: {
  readonly conflict: CaseConflict;
  readonly value: Value;
  readonly isShown: boolean;
  readonly disabled: boolean;
  readonly onPress: () => void;
}) {
  const showTime = useShowTime();
  return (
    <button type="button" className="conflict-value" disabled={disabled} onClick={onPress}>
      <span className="conflict-value-line">
        <strong>
          <SafeText text={conflictValueWords(conflict, value.value, showTime)} limit={100} plain />
        </strong>
        {isShown ? <span className="quiet">shown now</span> : null}
      </span>
      <span className="quiet">
        <ValueAuthor value={value} />
      </span>
    </button>
  );
}
