import { useEffect, useMemo, useRef, useState } from 'react';
import type { CaseEntry, CaseState } from '../../shared/domain/case.ts';
import { entryNames } from '../../shared/report/entry-sentence.ts';
import {
  Button,
  NoteImagesProvider,
  ReasonDialog,
  SelectField,
  TextField,
  useCommands,
  useDebounced,
} from '../ui/index.ts';
import { focusOn } from './add-field.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { EventDialog } from './event-form.tsx';
import { noteImagesOf } from './evidence-content.tsx';
import { type AddEvidence, type AskedFor, TimelineComposer } from './timeline-composer.tsx';
import { type EntrySubject, TimelineEntry } from './timeline-entry.tsx';
import { type Span, spanOf, type TimelineSort, timelineItems, timelineMoments } from './timeline-items.ts';
import { TimelineStrip } from './timeline-strip.tsx';

const sortWords = {
  all: 'Everything',
  notes: 'Notes',
  comments: 'Comments',
  events: 'What happened',
  decisions: 'Decisions',
  evidence: 'Evidence and signals',
} as const satisfies Record<TimelineSort, string>;

/** Rows drawn at first, and again whenever their end comes into sight: ten thousand would take seconds. */
const rowsAtOnce = 50;

/** What happened in the case, newest first, with the notes in full. */
export function CaseTimeline({
  state,
  asked,
  onAnswered,
  onAddEvidence,
}: {
  readonly state: CaseState;
  /** What was asked to be written; the newest asking. */
  readonly asked: AskedFor | null;
  readonly onAnswered: () => void;
  readonly onAddEvidence: AddEvidence;
}) {
  const edit = useCaseEdit();
  const [sort, setSort] = useState<TimelineSort>('all');
  const [text, setText] = useState('');
  const [author, setAuthor] = useState('');
  const [span, setSpan] = useState<Span | null>(null);
  const [count, setCount] = useState(rowsAtOnce);
  const [correcting, setCorrecting] = useState<string | null>(null);
  const [withdrawing, setWithdrawing] = useState<CaseEntry | null>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const wanted = useDebounced(text, 120);
  const names = useMemo(() => entryNames(state.timeline), [state.timeline]);
  const moments = useMemo(() => timelineMoments(state), [state]);
  const whole = useMemo(() => spanOf(moments), [moments]);
  const authors = useMemo(
    () => [...new Set(state.timeline.map(({ writerName }) => writerName))].sort(),
    [state.timeline],
  );
  const items = useMemo(
    () =>
      timelineItems(
        state,
        { sort, text: wanted, author, fromMs: span?.fromMs ?? null, toMs: span?.toMs ?? null },
        names,
      ),
    [state, sort, wanted, author, span, names],
  );
  const subjects = useSubjects(state);
  const images = useMemo(() => noteImagesOf(state), [state]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its beginning
  useEffect(() => setCount(rowsAtOnce), [sort, wanted, author, span]);
  useCommands([
    {
      id: 'case.search',
      title: 'Search the timeline',
      group: 'Case',
      keys: ['/'],
      run: () => focusOn(searchRef.current),
    },
  ]);
  const corrected = state.events.find(({ id }) => id === correcting);
  const onCorrect = useRef(({ id }: CaseState['events'][number]) => setCorrecting(id)).current;

  return (
    <div className="timeline">
      {edit === null ? null : (
        <TimelineComposer
          state={state}
          edit={edit}
          asked={asked}
          onAnswered={onAnswered}
          onAddEvidence={onAddEvidence}
        />
      )}
      <div className="row timeline-filters">
        <SelectField<TimelineSort>
          label="Shows"
          hideLabel
          value={sort}
          onChange={setSort}
          options={Object.entries(sortWords).map(([value, label]) => ({
            value: value as TimelineSort,
            label,
          }))}
        />
        <SelectField
          label="By"
          hideLabel
          value={author}
          onChange={setAuthor}
          options={[{ value: '', label: 'By anybody' }, ...authors.map((value) => ({ value, label: value }))]}
        />
        <TextField
          label="Search the timeline"
          hideLabel
          className="grow"
          type="search"
          value={text}
          onChange={setText}
          maxLength={200}
          placeholder="Words in the timeline (/)"
          inputRef={searchRef}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            event.stopPropagation();
            setText('');
            event.currentTarget.blur();
          }}
        />
        <span className="quiet tabular" role="status">
          {items.length.toLocaleString('en')} {items.length === 1 ? 'row' : 'rows'}
        </span>
      </div>
      {whole === null ? null : <TimelineStrip moments={moments} whole={whole} span={span} onZoom={setSpan} />}
      <NoteImagesProvider value={images}>
        <ol className="timeline-list" aria-label="Timeline, newest first">
          {items.slice(0, count).map((item) => (
            <TimelineEntry
              key={item.entry.id}
              item={item}
              names={names}
              {...subjects(item.entry)}
              onCorrect={onCorrect}
              onWithdraw={setWithdrawing}
            />
          ))}
        </ol>
      </NoteImagesProvider>
      {items.length === 0 ? <p className="quiet">Nothing in the timeline is like that.</p> : null}
      {items.length > count ? (
        <MoreRows left={items.length - count} onMore={() => setCount((before) => before + rowsAtOnce)} />
      ) : null}
      {corrected === undefined ? null : (
        <EventDialog key={corrected.id} event={corrected} onClose={() => setCorrecting(null)} />
      )}
      {withdrawing === null || edit === null ? null : (
        <ReasonDialog
          title="Withdraw an entry"
          confirmLabel="Withdraw entry"
          onClose={() => setWithdrawing(null)}
          onConfirm={(reason) => {
            setWithdrawing(null);
            void edit.append({ kind: 'entry-withdrawn', entryId: withdrawing.id, reason });
          }}
        >
          <p>
            It loses its effect and stays in the timeline with your reason. Withdrawing the withdrawal brings
            it back.
          </p>
        </ReasonDialog>
      )}
    </div>
  );
}

/** What each entry stands for now, found by id instead of looked for row by row. */
function useSubjects(state: CaseState): (entry: CaseEntry) => EntrySubject {
  return useMemo(() => {
    const notes = new Map(state.notes.map((note) => [note.id, note]));
    const events = new Map(state.events.map((event) => [event.entryId, event]));
    const comments = new Map(state.comments.map((comment) => [comment.entryId, comment]));
    const withdrawn = new Map(state.withdrawn.map((each) => [each.entryId, each]));
    return ({ id, payload }) => {
      const isGone = withdrawn.get(id) ?? null;
      return {
        note: payload?.kind === 'note-added' && isGone === null ? (notes.get(payload.noteId) ?? null) : null,
        event: events.get(id) ?? null,
        comment: comments.get(id) ?? null,
        withdrawn: isGone,
      };
    };
  }, [state]);
}

/** Brings older rows when it comes into sight, or by its button. */
function MoreRows({ left, onMore }: { readonly left: number; readonly onMore: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const element = ref.current;
    if (element === null || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver((seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) latest.current();
    });
    observer.observe(element);
    return () => observer.disconnect();
  });
  return (
    <div ref={ref} className="row">
      <Button small variant="quiet" onClick={onMore}>
        Show older, {left.toLocaleString('en')} more
      </Button>
    </div>
  );
}
