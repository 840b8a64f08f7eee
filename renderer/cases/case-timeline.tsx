import { type Ref, useMemo, useState } from 'react';
import type { CaseEntry, CaseState } from '../../shared/domain/case.ts';
import { type EntryNames, entryNames, entrySentence } from '../../shared/report/entry-sentence.ts';
import {
  Button,
  Icon,
  type IconName,
  Markdown,
  SafeText,
  Tabs,
  TextAreaField,
  Time,
  useKeptState,
} from '../ui/index.ts';

type Shown = 'all' | 'notes' | 'actions';

/** The icon of each kind of entry, so that a long timeline can be skimmed. */
const entryIcons = {
  'case-opened': 'cases',
  'header-changed': 'edit',
  'note-added': 'edit',
  'note-revised': 'edit',
  'task-added': 'plus',
  'task-changed': 'check',
  'observable-added': 'search',
  'observable-removed': 'minus',
  'evidence-added': 'upload',
  'technique-tagged': 'star',
  'technique-untagged': 'minus',
  'alert-linked': 'link',
  'alert-unlinked': 'minus',
  'mitigation-noted': 'mitigate',
  'signals-saved': 'watch',
  'snapshots-taken': 'watch',
  'entry-withdrawn': 'minus',
  'case-merged': 'link',
  'case-merged-into': 'link',
  'event-added': 'clock',
  'event-revised': 'edit',
  'task-due-set': 'clock',
  'checklist-item-added': 'plus',
  'checklist-item-changed': 'check',
  'checklist-item-removed': 'minus',
  'observable-assessed': 'search',
  'observable-tagged': 'search',
  'observable-untagged': 'minus',
  'sighting-noted': 'search',
  'comment-added': 'message',
  'field-set': 'edit',
  'custody-noted': 'lock',
} as const satisfies Record<NonNullable<CaseEntry['payload']>['kind'], IconName>;

const actionKinds = new Set([
  'case-opened',
  'header-changed',
  'mitigation-noted',
  'alert-linked',
  'evidence-added',
]);

/** An entry as a sentence, a target not named twice. */
function sentenceOf(payload: CaseEntry['payload'], names: EntryNames): string {
  if (payload?.kind === 'mitigation-noted' && payload.sentence.includes(payload.targetName)) {
    return payload.sentence;
  }
  return entrySentence(payload, names);
}

interface TimelineItem {
  readonly entry: CaseEntry;
  /** Entries of the same kind by the same person right after, folded into this one. */
  readonly more: readonly CaseEntry[];
}

/** Runs of observables, alerts or techniques that were added at once stand as one line that unfolds. */
export function foldTimeline(entries: readonly CaseEntry[]): readonly TimelineItem[] {
  const foldable = new Set(['observable-added', 'alert-linked', 'technique-tagged']);
  const items: { entry: CaseEntry; more: CaseEntry[] }[] = [];
  for (const entry of entries) {
    const last = items.at(-1);
    const kind = entry.payload?.kind;
    if (
      last &&
      kind !== undefined &&
      foldable.has(kind) &&
      last.entry.payload?.kind === kind &&
      last.entry.writerId === entry.writerId &&
      Math.abs(entry.timeMs - last.entry.timeMs) < 60_000
    ) {
      last.more.push(entry);
    } else {
      items.push({ entry, more: [] });
    }
  }
  return items;
}

/** What happened in the case, newest first, with the notes in full. */
export function CaseTimeline({
  state,
  noteRef,
  onNote,
  onRevise,
}: {
  readonly state: CaseState;
  readonly noteRef: Ref<HTMLTextAreaElement>;
  readonly onNote: (markdown: string) => Promise<boolean>;
  readonly onRevise: (noteId: string, markdown: string) => Promise<boolean>;
}) {
  const [shown, setShown] = useState<Shown>('all');
  const [editing, setEditing] = useState<string | null>(null);
  const names = useMemo(() => entryNames(state.timeline), [state.timeline]);
  const items = useMemo(() => {
    const entries = state.timeline.filter((entry) => {
      const kind = entry.payload?.kind;
      if (shown === 'notes') return kind === 'note-added';
      if (shown === 'actions') return kind !== undefined && actionKinds.has(kind);
      return true;
    });
    return foldTimeline(entries).toReversed();
  }, [state.timeline, shown]);

  return (
    <div className="timeline">
      <NoteComposer caseId={state.id} noteRef={noteRef} onNote={onNote} />
      <Tabs<Shown>
        label="Timeline shows"
        look="segmented"
        active={shown}
        onChange={setShown}
        tabs={[
          { id: 'all', label: 'Everything' },
          { id: 'notes', label: 'Notes', count: state.notes.length },
          { id: 'actions', label: 'Decisions' },
        ]}
      />
      <ol className="timeline-list" aria-label="Timeline, newest first">
        {items.map(({ entry, more }) => {
          const payload = entry.payload;
          const note =
            payload?.kind === 'note-added'
              ? state.notes.find((each) => each.id === payload.noteId)
              : undefined;
          return (
            <li key={entry.id} className={note ? 'timeline-entry is-note' : 'timeline-entry'}>
              <span className="timeline-icon">
                <Icon name={payload === null ? 'lock' : entryIcons[payload.kind]} size={14} />
              </span>
              <div className="timeline-body">
                <p className="timeline-head">
                  <SafeText text={entry.writerName} limit={60} plain /> <Time timeMs={entry.timeMs} />
                  {note && note.revisedMs !== null ? (
                    <span className="quiet">
                      revised <Time timeMs={note.revisedMs} format="clock" age={false} />
                    </span>
                  ) : null}
                  {note && editing !== note.id ? (
                    <Button
                      small
                      variant="quiet"
                      aria-label={`Revise the note of ${entry.writerName}`}
                      onClick={() => setEditing(note.id)}
                    >
                      Revise
                    </Button>
                  ) : null}
                </p>
                {note ? (
                  editing === note.id ? (
                    <NoteEditor
                      initial={note.markdown}
                      onCancel={() => setEditing(null)}
                      onSave={async (markdown) => {
                        if (await onRevise(note.id, markdown)) setEditing(null);
                      }}
                    />
                  ) : (
                    <Markdown text={note.markdown} />
                  )
                ) : (
                  <p className="timeline-sentence">
                    <SafeText text={sentenceOf(payload, names)} limit={600} />
                  </p>
                )}
                {more.length > 0 ? (
                  <details className="timeline-more">
                    <summary>and {more.length} more</summary>
                    <ul>
                      {more.slice(0, 500).map((each) => (
                        <li key={each.id}>
                          <SafeText text={sentenceOf(each.payload, names)} limit={400} />
                        </li>
                      ))}
                    </ul>
                  </details>
                ) : null}
              </div>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function NoteComposer({
  caseId,
  noteRef,
  onNote,
}: {
  readonly caseId: string;
  readonly noteRef: Ref<HTMLTextAreaElement>;
  readonly onNote: (markdown: string) => Promise<boolean>;
}) {
  // What was typed is kept while the analyst looks elsewhere.
  const [text, setText] = useKeptState(`cases.note.${caseId}`, '');
  const [preview, setPreview] = useState(false);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    if (await onNote(text)) {
      setText('');
      setPreview(false);
    }
    setBusy(false);
  };
  return (
    <div className="note-composer">
      {preview ? (
        <div className="note-preview">
          <Markdown text={text} />
        </div>
      ) : (
        <TextAreaField
          label="New note"
          hideLabel
          value={text}
          onChange={setText}
          rows={text === '' ? 2 : Math.min(12, text.split('\n').length + 2)}
          maxLength={100_000}
          placeholder="Write a note, in Markdown. Addresses, domains and hashes in it become observables."
          textAreaRef={noteRef}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              event.stopPropagation();
              void save();
            } else if (event.key === 'Escape') {
              event.preventDefault();
              event.stopPropagation();
              event.currentTarget.blur();
            }
          }}
        />
      )}
      {text === '' ? null : (
        <div className="row row-end">
          <Button small variant="quiet" aria-pressed={preview} onClick={() => setPreview((value) => !value)}>
            {preview ? 'Write' : 'Preview'}
          </Button>
          <Button small variant="primary" keys="Ctrl+Enter" busy={busy} onClick={() => void save()}>
            Add note
          </Button>
        </div>
      )}
    </div>
  );
}

function NoteEditor({
  initial,
  onSave,
  onCancel,
}: {
  readonly initial: string;
  readonly onSave: (markdown: string) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const [text, setText] = useState(initial);
  return (
    <div className="note-composer">
      <TextAreaField
        label="Revise the note"
        hideLabel
        value={text}
        onChange={setText}
        rows={Math.min(16, text.split('\n').length + 2)}
        maxLength={100_000}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            void onSave(text);
          } else if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            onCancel();
          }
        }}
      />
      <div className="row row-end">
        <Button small onClick={onCancel}>
          Keep the old one
        </Button>
        <Button
          small
          variant="primary"
          keys="Ctrl+Enter"
          disabled={text.trim() === '' || text === initial}
          onClick={() => void onSave(text)}
        >
          Save revision
        </Button>
      </div>
    </div>
  );
}
