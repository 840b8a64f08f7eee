import { type ClipboardEvent, type DragEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { mentionBeingTyped, mentionsIn } from '../../shared/domain/mentions.ts';
import { Button, Markdown, SafeText, Tabs, TextAreaField, useApp, useKeptState } from '../ui/index.ts';
import { focusOn, withoutSaved } from './add-field.tsx';
import type { CaseEdit } from './case-desk.tsx';
import { peopleOf } from './case-people.ts';
import { EventDialog } from './event-form.tsx';
import { noteWithObservables } from './note-entries.ts';
import { newEntryId } from './use-case.ts';

type Mode = 'note' | 'comment';

/** What a key or the palette asks to write. */
export interface AskedFor {
  readonly what: Mode | 'event';
}

/** Adds files as evidence; gives those that are in the case then. */
export type AddEvidence = (files: readonly File[]) => Promise<readonly CaseState['evidence'][number][]>;

const imagesOf = (files: FileList): File[] => [...files].filter(({ type }) => type.startsWith('image/'));

/** The box above the timeline: a note, a comment to somebody, or the way to a dated event. */
export function TimelineComposer({
  state,
  edit,
  asked,
  onAnswered,
  onAddEvidence,
}: {
  readonly state: CaseState;
  readonly edit: CaseEdit;
  readonly asked: AskedFor | null;
  readonly onAnswered: () => void;
  readonly onAddEvidence: AddEvidence;
}) {
  const boxRef = useRef<HTMLTextAreaElement>(null);
  const [mode, setMode] = useKeptState<Mode>(`cases.compose.${state.id}`, 'note');
  const [addingEvent, setAddingEvent] = useState(false);
  const write = (next: Mode) => {
    setMode(next);
    setTimeout(() => focusOn(boxRef.current), 0);
  };
  // A key asks for the box, also from where it was not shown yet; answered once, it is forgotten.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the asking sets it off
  useEffect(() => {
    if (asked === null) return;
    onAnswered();
    if (asked.what === 'event') setAddingEvent(true);
    else write(asked.what);
  }, [asked]);
  return (
    <div className="note-composer">
      <div className="row">
        <Tabs<Mode>
          label="What to write"
          look="segmented"
          active={mode}
          onChange={write}
          tabs={[
            { id: 'note', label: 'Note', keys: 'n' },
            { id: 'comment', label: 'Comment', keys: 'm' },
          ]}
        />
        <span className="grow" />
        <Button small icon="clock" keys="v" onClick={() => setAddingEvent(true)}>
          Add dated event
        </Button>
      </div>
      {mode === 'note' ? (
        <NoteBox state={state} edit={edit} boxRef={boxRef} onAddEvidence={onAddEvidence} />
      ) : (
        <CommentBox state={state} edit={edit} boxRef={boxRef} />
      )}
      {addingEvent ? <EventDialog event={null} onClose={() => setAddingEvent(false)} /> : null}
    </div>
  );
}

function NoteBox({
  state,
  edit,
  boxRef,
  onAddEvidence,
}: {
  readonly state: CaseState;
  readonly edit: CaseEdit;
  readonly boxRef: RefObject<HTMLTextAreaElement | null>;
  readonly onAddEvidence: AddEvidence;
}) {
  const notify = useApp((app) => app.notify);
  // What was typed is kept while the analyst looks elsewhere.
  const [text, setText] = useKeptState(`cases.note.${state.id}`, '');
  const [preview, setPreview] = useState(false);
  const [busy, setBusy] = useState(false);
  const latest = useRef(text);
  latest.current = text;
  const save = async () => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    const entries = noteWithObservables(state, text, newEntryId);
    const saved = await edit.appendAll(entries);
    setBusy(false);
    if (saved === null) return;
    setText((typed) => withoutSaved(typed, text));
    setPreview(false);
    const added = entries.length - 1;
    notify({
      text:
        added === 0
          ? 'Added the note'
          : `Added the note and ${added} ${added === 1 ? 'observable' : 'observables'} from it`,
    });
  };
  const addImages = async (files: readonly File[]) => {
    const added = await onAddEvidence(files);
    const images = added.map(({ name, sha256 }) => `![${name.replace(/[[\]\\]/g, ' ')}](evidence:${sha256})`);
    if (images.length > 0) setText([latest.current, ...images].filter((each) => each !== '').join('\n\n'));
  };
  const takeImages = (event: ClipboardEvent | DragEvent, files: FileList | null) => {
    const images = files === null ? [] : imagesOf(files);
    if (images.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void addImages(images);
  };
  if (preview) {
    return (
      <>
        <div className="note-preview">
          <Markdown text={text} />
        </div>
        <ComposerButtons busy={busy} label="Add note" onSave={save}>
          <Button small variant="quiet" onClick={() => setPreview(false)}>
            Write
          </Button>
        </ComposerButtons>
      </>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: images are pasted and dropped into the box, files by d too
    <div
      className="note-box"
      onPaste={(event) => takeImages(event, event.clipboardData.files)}
      onDrop={(event) => takeImages(event, event.dataTransfer.files)}
    >
      <TextAreaField
        label="New note"
        hideLabel
        value={text}
        onChange={setText}
        rows={text === '' ? 2 : Math.min(12, text.split('\n').length + 2)}
        maxLength={100_000}
        placeholder="Write a note, in Markdown. Addresses, domains and hashes in it become observables; images can be pasted."
        textAreaRef={boxRef}
        onKeyDown={(event) => saveOnKeys(event, save)}
      />
      {text === '' ? null : (
        <ComposerButtons busy={busy} label="Add note" onSave={save}>
          <Button small variant="quiet" onClick={() => setPreview(true)}>
            Preview
          </Button>
        </ComposerButtons>
      )}
    </div>
  );
}

function CommentBox({
  state,
  edit,
  boxRef,
}: {
  readonly state: CaseState;
  readonly edit: CaseEdit;
  readonly boxRef: RefObject<HTMLTextAreaElement | null>;
}) {
  const [text, setText] = useKeptState(`cases.comment.${state.id}`, '');
  const [busy, setBusy] = useState(false);
  const people = peopleOf(state);
  const typed = mentionBeingTyped(text);
  const fitting =
    typed === null
      ? []
      : people.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase())).slice(0, 6);
  const complete = (name: string) => {
    setText(`${text.slice(0, text.length - (typed?.length ?? 0))}${name} `);
    boxRef.current?.focus();
  };
  const save = async () => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    const saved = await edit.append({
      kind: 'comment-added',
      commentId: newEntryId('comment'),
      text: text.trim(),
      mentions: mentionsIn(text, people).slice(0, 50),
    });
    setBusy(false);
    if (saved !== null) setText((typed) => withoutSaved(typed, text));
  };
  return (
    <div className="note-box">
      <TextAreaField
        label="New comment"
        hideLabel
        value={text}
        onChange={setText}
        rows={2}
        maxLength={10_000}
        placeholder="Say something to the others. @ and a name mentions somebody who worked on this case."
        textAreaRef={boxRef}
        onKeyDown={(event) => {
          const [first] = fitting;
          if (event.key === 'Tab' && !event.shiftKey && first !== undefined) {
            event.preventDefault();
            complete(first);
          } else saveOnKeys(event, save);
        }}
      />
      {fitting.length === 0 ? null : (
        <fieldset className="row mention-choices" aria-label="People to mention, Tab takes the first">
          {fitting.map((name) => (
            <Button key={name} small variant="quiet" icon="person" onClick={() => complete(name)}>
              <SafeText text={name} limit={60} plain />
            </Button>
          ))}
        </fieldset>
      )}
      {text === '' ? null : <ComposerButtons busy={busy} label="Add comment" onSave={save} />}
    </div>
  );
}

function saveOnKeys(event: React.KeyboardEvent<HTMLTextAreaElement>, save: () => Promise<void>): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save();
  else if (event.key === 'Escape') event.currentTarget.blur();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function ComposerButtons({
  busy,
  label,
  onSave,
  children,
}: {
  readonly busy: boolean;
  readonly label: string;
  readonly onSave: () => Promise<void>;
  readonly children?: React.ReactNode;
}) {
  return (
    <div className="row row-end">
      {children}
      <Button small variant="primary" keys="Ctrl+Enter" busy={busy} onClick={() => void onSave()}>
        {label}
      </Button>
    </div>
  );
}
