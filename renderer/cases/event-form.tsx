import { useState } from 'react';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { parseMoment } from '../../shared/domain/moment.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { FormDialog, TextAreaField, TextField, useNow } from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';
import { MomentField } from './moment-field.tsx';
import { newEntryId } from './use-case.ts';

type Event = CaseState['events'][number];

const shownMoment = (timeMs: number | null): string => (timeMs === null ? '' : formatUtc(timeMs));

/** Shown to the second, so that a moment which was not touched stays as it was. */
const moment = (text: string, before: number | null, nowMs: number): number | null =>
  text === shownMoment(before) ? before : parseMoment(text, nowMs);

/** Something that happened, with when it occurred and when it was detected; given an event, a correction of it. */
export function EventDialog({
  event,
  onClose,
}: {
  readonly event: Event | null;
  readonly onClose: () => void;
}) {
  const edit = useCaseEdit();
  const nowMs = useNow();
  const [title, setTitle] = useState(event?.title ?? '');
  const [text, setText] = useState(event?.text ?? '');
  const [occurred, setOccurred] = useState(event === null ? '' : shownMoment(event.occurredMs));
  const [detected, setDetected] = useState(shownMoment(event?.detectedMs ?? null));
  const occurredMs = moment(occurred, event?.occurredMs ?? null, nowMs);
  const detectedMs = detected.trim() === '' ? null : moment(detected, event?.detectedMs ?? null, nowMs);
  const isWrong =
    title.trim() === '' || occurredMs === null || (detected.trim() !== '' && detectedMs === null);
  const entryOf = (): AnalystEntry | null => {
    if (occurredMs === null) return null;
    const fields = { occurredMs, detectedMs, title: title.trim(), text: text.trim() };
    if (event === null) return { kind: 'event-added', eventId: newEntryId('event'), ...fields };
    const changed = Object.fromEntries(
      Object.entries(fields).filter(([field, value]) => event[field as keyof typeof fields] !== value),
    );
    return Object.keys(changed).length === 0
      ? null
      : { kind: 'event-revised', eventId: event.id, ...changed };
  };
  const save = async () => {
    if (edit === null) return;
    const entry = entryOf();
    if (entry === null || (await edit.append(entry)) !== null) onClose();
  };
  return (
    <FormDialog
      title={event === null ? 'Add a dated event' : 'Correct the event'}
      onClose={onClose}
      confirmLabel={event === null ? 'Add event' : 'Save correction'}
      ready={!isWrong}
      onConfirm={() => void save()}
    >
      <TextField
        label="What happened"
        value={title}
        onChange={setTitle}
        maxLength={300}
        required
        autoFocus
        placeholder="First complaint about slow logins"
      />
      <div className="field-pair">
        <MomentField label="Occurred" value={occurred} onChange={setOccurred} required />
        <MomentField label="Detected" value={detected} onChange={setDetected} />
      </div>
      <TextAreaField label="More about it" value={text} onChange={setText} rows={3} maxLength={4_000} />
      <p className="quiet">
        {event === null
          ? 'When it is recorded is kept beside these two. Leave the detection empty where nobody knows it.'
          : 'A correction is an entry of its own: what was said before stays in the timeline.'}
      </p>
    </FormDialog>
  );
}
