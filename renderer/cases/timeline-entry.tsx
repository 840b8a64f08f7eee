import './timeline.css';
import { memo, useState } from 'react';
import type { CaseEntry, CaseState } from '../../shared/domain/case.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { type EntryNames, entrySentence } from '../../shared/report/entry-sentence.ts';
import { Badge, Button, Icon, type IconName, Markdown, SafeText, TextAreaField, Time } from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';
import type { TimelineItem } from './timeline-items.ts';

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
  'entry-withdrawn': 'undo',
  'case-merged': 'merge',
  'case-merged-into': 'merge',
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

/** Kinds that something else than a withdrawal takes back, or that are the case itself. */
const notWithdrawn: ReadonlySet<string> = new Set([
  'case-opened',
  'alert-linked',
  'alert-unlinked',
  'case-merged',
  'case-merged-into',
]);

/** An entry as a sentence, a target not named twice. */
function sentenceOf(payload: CaseEntry['payload'], names: EntryNames): string {
  if (payload?.kind === 'mitigation-noted' && payload.sentence.includes(payload.targetName)) {
    return payload.sentence;
  }
  return entrySentence(payload, names);
}

/** What a row stands for, as it is held now; an event, note or comment that was withdrawn is none. */
export interface EntrySubject {
  readonly note: CaseState['notes'][number] | null;
  readonly event: CaseState['events'][number] | null;
  readonly comment: CaseState['comments'][number] | null;
  readonly withdrawn: CaseState['withdrawn'][number] | null;
}

export interface TimelineEntryProps extends EntrySubject {
  readonly item: TimelineItem;
  readonly names: EntryNames;
  readonly onCorrect: (event: CaseState['events'][number]) => void;
  readonly onWithdraw: (entry: CaseEntry) => void;
}

/** One row of a timeline. */
export const TimelineEntry = memo(function TimelineEntry({
  item: { entry, more },
  note,
  event,
  comment,
  withdrawn,
  names,
  onCorrect,
  onWithdraw,
}: TimelineEntryProps) {
  const edit = useCaseEdit();
  const [revising, setRevising] = useState(false);
  const { payload } = entry;
  const name = withdrawn !== null ? 'is-withdrawn' : note !== null || comment !== null ? 'is-note' : '';
  const mayWithdraw =
    edit !== null && withdrawn === null && payload !== null && !notWithdrawn.has(payload.kind);
  return (
    <li className={`timeline-entry ${name}`}>
      <span className="timeline-icon">
        <Icon name={payload === null ? 'lock' : entryIcons[payload.kind]} size={14} />
      </span>
      <div className="timeline-body">
        <div className="timeline-head">
          <SafeText text={entry.writerName} limit={60} plain />
          {event === null ? <Time timeMs={entry.timeMs} /> : <EventTimes event={event} />}
          {note !== null && note.revisedMs !== null ? (
            <span className="quiet">
              revised <Time timeMs={note.revisedMs} format="clock" age={false} />
            </span>
          ) : null}
          {comment === null || comment.mentions.length === 0 ? null : (
            <span className="quiet">
              to <SafeText text={comment.mentions.join(', ')} limit={120} plain />
            </span>
          )}
          <span className="timeline-actions">
            {note !== null && edit !== null && !revising ? (
              <Button
                small
                variant="quiet"
                aria-label={toSafeExcerpt(`Revise the note of ${entry.writerName}`, 100)}
                onClick={() => setRevising(true)}
              >
                Revise
              </Button>
            ) : null}
            {event !== null && edit !== null ? (
              <Button
                small
                variant="quiet"
                aria-label={toSafeExcerpt(`Correct the event ${event.title}`, 100)}
                onClick={() => onCorrect(event)}
              >
                Correct
              </Button>
            ) : null}
            {mayWithdraw ? (
              <Button
                small
                variant="quiet"
                aria-label={toSafeExcerpt(`Withdraw: ${sentenceOf(payload, names)}`, 100)}
                onClick={() => onWithdraw(entry)}
              >
                Withdraw
              </Button>
            ) : null}
          </span>
        </div>
        {note !== null && revising && edit !== null ? (
          <NoteEditor
            initial={note.markdown}
            onCancel={() => setRevising(false)}
            onSave={async (markdown) => {
              if ((await edit.append({ kind: 'note-revised', noteId: note.id, markdown })) !== null) {
                setRevising(false);
              }
            }}
          />
        ) : (
          <EntryText note={note} event={event} comment={comment} sentence={sentenceOf(payload, names)} />
        )}
        {withdrawn === null ? null : (
          <p className="quiet">
            <Badge outline>withdrawn</Badge> by <SafeText text={withdrawn.writerName} limit={60} plain />:{' '}
            <SafeText text={withdrawn.reason} limit={300} />
          </p>
        )}
        {more.length > 0 ? (
          <details className="timeline-more">
            <summary>and {more.length.toLocaleString('en')} more</summary>
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
}, isSameRow);

/**
 * Whether a row would be drawn the same. Every entry folds the case anew, into objects of which most say what they said.
 */
function isSameRow(before: TimelineEntryProps, after: TimelineEntryProps): boolean {
  return (
    before.item.entry === after.item.entry &&
    before.item.more.length === after.item.more.length &&
    before.note?.markdown === after.note?.markdown &&
    before.note?.revisedMs === after.note?.revisedMs &&
    (['revisedMs', 'occurredMs', 'detectedMs', 'title', 'text'] as const).every(
      (field) => before.event?.[field] === after.event?.[field],
    ) &&
    (before.comment === null) === (after.comment === null) &&
    before.withdrawn?.byEntryId === after.withdrawn?.byEntryId
  );
}

/** The three times of an event, never one for another. */
function EventTimes({ event }: { readonly event: CaseState['events'][number] }) {
  return (
    <span className="event-times">
      <span>
        occurred <Time timeMs={event.occurredMs} />
      </span>
      <span>
        detected{' '}
        {event.detectedMs === null ? (
          <span className="quiet">not known</span>
        ) : (
          <Time timeMs={event.detectedMs} age={false} />
        )}
      </span>
      <span className="quiet">
        recorded <Time timeMs={event.recordedMs} age={false} />
        {event.revisedMs === null ? null : (
          <>
            , corrected <Time timeMs={event.revisedMs} age={false} />
          </>
        )}
      </span>
    </span>
  );
}

function EntryText({
  note,
  event,
  comment,
  sentence,
}: Omit<EntrySubject, 'withdrawn'> & { readonly sentence: string }) {
  if (note !== null) return <Markdown text={note.markdown} />;
  if (comment !== null) {
    return (
      <p className="comment-text">
        <SafeText text={comment.text} limit={10_000} multiline />
      </p>
    );
  }
  if (event !== null) {
    return (
      <p className="timeline-sentence">
        <strong>
          <SafeText text={event.title} limit={300} />
        </strong>
        {event.text === '' ? null : (
          <>
            {' '}
            <SafeText text={event.text} limit={4_000} />
          </>
        )}
      </p>
    );
  }
  return (
    <p className="timeline-sentence">
      <SafeText text={sentence} limit={600} />
    </p>
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
