import { useRef, useState } from 'react';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { parseMoment } from '../../shared/domain/moment.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import {
  CheckboxField,
  FormDialog,
  IconButton,
  SafeText,
  SelectField,
  TextField,
  useApp,
  useNow,
} from '../ui/index.ts';
import { AddField, addFrom } from './add-field.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { MomentField } from './moment-field.tsx';
import { newEntryId } from './use-case.ts';

type Task = CaseState['tasks'][number];

/** One task: its words, who does it until when, and its checklist, of which each tick is an entry at once. */
export function TaskDialog({
  task,
  people,
  onClose,
}: {
  readonly task: Task;
  readonly people: readonly string[];
  readonly onClose: () => void;
}) {
  const edit = useCaseEdit();
  const nowMs = useNow();
  const analyst = useApp((app) => app.hello?.analyst?.name ?? null);
  const [title, setTitle] = useState(task.title);
  const [assignee, setAssignee] = useState(task.assignee ?? '');
  const [due, setDue] = useState(task.dueMs === null ? '' : formatUtc(task.dueMs));
  const [point, setPoint] = useState('');
  const pointRef = useRef<HTMLInputElement>(null);
  const dueMs = due.trim() === '' ? null : parseMoment(due, nowMs, 'future');
  const isWrong = title.trim() === '' || (due.trim() !== '' && dueMs === null);
  const names = [
    ...new Set([
      ...(analyst === null ? [] : [analyst]),
      ...people,
      ...(task.assignee === null ? [] : [task.assignee]),
    ]),
  ];

  const save = async () => {
    if (edit === null) return;
    const entries: AnalystEntry[] = [];
    const nextAssignee = assignee === '' ? null : assignee;
    const titleChanged = title.trim() !== task.title;
    const assigneeChanged = nextAssignee !== task.assignee;
    if (titleChanged || assigneeChanged) {
      entries.push({
        kind: 'task-changed',
        taskId: task.id,
        ...(titleChanged ? { title: title.trim() } : {}),
        ...(assigneeChanged ? { assignee: nextAssignee } : {}),
      });
    }
    // The moment is shown to the second.
    const before = task.dueMs === null ? null : Math.floor(task.dueMs / 1_000);
    if ((dueMs === null ? null : Math.floor(dueMs / 1_000)) !== before) {
      entries.push({ kind: 'task-due-set', taskId: task.id, dueMs });
    }
    if (entries.length === 0 || (await edit.appendAll(entries)) !== null) onClose();
  };

  return (
    <FormDialog
      title="Task"
      onClose={onClose}
      confirmLabel="Save task"
      ready={!isWrong}
      onConfirm={() => void save()}
    >
      <TextField label="Task" value={title} onChange={setTitle} maxLength={500} autoFocus />
      <div className="field-pair">
        <SelectField
          label="Assignee"
          value={assignee}
          onChange={setAssignee}
          options={[{ value: '', label: 'Nobody' }, ...names.map((name) => ({ value: name, label: name }))]}
        />
        <MomentField label="Due" value={due} onChange={setDue} side="future" />
      </div>
      <fieldset className="checklist">
        <legend>Checklist</legend>
        {task.checklist.length === 0 ? (
          <p className="quiet">Small steps of this task. Whoever ticks one off, it counts for all.</p>
        ) : (
          <ul aria-label="Checklist">
            {task.checklist.map((item) => (
              <li key={item.id} className="panel-row">
                <CheckboxField
                  label={<SafeText text={item.text} limit={300} />}
                  checked={item.done}
                  onChange={(done) =>
                    void edit?.append({ kind: 'checklist-item-changed', itemId: item.id, done })
                  }
                />
                <IconButton
                  icon="close"
                  label={`Remove ${item.text.slice(0, 80)}`}
                  onClick={() => void edit?.append({ kind: 'checklist-item-removed', itemId: item.id })}
                />
              </li>
            ))}
          </ul>
        )}
        <AddField
          label="New point"
          placeholder="Add a point, Enter adds it"
          inputRef={pointRef}
          value={point}
          onChange={setPoint}
          maxLength={500}
          onAdd={async () => {
            if (edit === null) return;
            const itemId = newEntryId('item');
            await addFrom(point, setPoint, (text) =>
              edit.append({ kind: 'checklist-item-added', taskId: task.id, itemId, text }),
            );
          }}
        />
      </fieldset>
    </FormDialog>
  );
}
