import { useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { formatAge } from '../../shared/domain/time.ts';
import {
  Badge,
  Button,
  CheckboxField,
  IconButton,
  SafeText,
  Section,
  useCommands,
  useNow,
} from '../ui/index.ts';
import { AddField, addFrom, focusOn } from './add-field.tsx';
import { useCaseEdit } from './case-desk.tsx';
import { peopleOf } from './case-people.ts';
import { TaskDialog } from './task-dialog.tsx';
import { newEntryId } from './use-case.ts';

type Task = CaseState['tasks'][number];

/** So many done tasks stay in sight; the rest unfolds. */
const mostDoneShown = 5;

/** What is to do: open tasks by when they are due, done ones below. */
export function CaseTasks({ state }: { readonly state: CaseState }) {
  const edit = useCaseEdit();
  const inputRef = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState('');
  const [all, setAll] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const open = state.tasks.filter((task) => !task.done);
  const done = state.tasks.filter((task) => task.done);
  const byDue = open.toSorted(
    (left, right) => (left.dueMs ?? Number.MAX_SAFE_INTEGER) - (right.dueMs ?? Number.MAX_SAFE_INTEGER),
  );
  const shown = all ? [...byDue, ...done] : [...byDue.slice(0, 50), ...done.slice(0, mostDoneShown)];
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.task',
            title: 'Add a task',
            group: 'Case',
            keys: ['t'],
            run: () => focusOn(inputRef.current),
          },
        ],
  );
  const edited = state.tasks.find((task) => task.id === editing);
  return (
    <Section title={open.length === 0 ? `Tasks (${state.tasks.length})` : `Tasks (${open.length} to do)`}>
      {shown.length > 0 ? (
        <ul className="panel-list" aria-label="Tasks">
          {shown.map((task) => (
            <TaskRow key={task.id} task={task} onEdit={() => setEditing(task.id)} />
          ))}
        </ul>
      ) : edit === null ? (
        <p className="quiet">No task was added.</p>
      ) : null}
      {shown.length < state.tasks.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show all {state.tasks.length.toLocaleString('en')}
        </Button>
      ) : null}
      {edit === null ? null : (
        <AddField
          label="New task"
          placeholder="Add a task"
          keys="t"
          inputRef={inputRef}
          value={title}
          onChange={setTitle}
          maxLength={500}
          onAdd={() =>
            addFrom(title, setTitle, (wanted) =>
              edit.append({ kind: 'task-added', taskId: newEntryId('task'), title: wanted }),
            )
          }
        />
      )}
      {edited === undefined || edit === null ? null : (
        <TaskDialog key={edited.id} task={edited} people={peopleOf(state)} onClose={() => setEditing(null)} />
      )}
    </Section>
  );
}

function TaskRow({ task, onEdit }: { readonly task: Task; readonly onEdit: () => void }) {
  const edit = useCaseEdit();
  const nowMs = useNow();
  const isLate = !task.done && task.dueMs !== null && task.dueMs < nowMs;
  const ticked = task.checklist.filter((item) => item.done).length;
  const title = <SafeText text={task.title} limit={300} />;
  return (
    <li className={task.done ? 'task is-done' : 'task'}>
      <span className="task-line">
        {edit === null ? (
          <span>
            {task.done ? '✓' : '○'} {title}
          </span>
        ) : (
          <CheckboxField
            label={title}
            checked={task.done}
            onChange={(done) => void edit.append({ kind: 'task-changed', taskId: task.id, done })}
          />
        )}
        {edit === null ? null : (
          <IconButton icon="edit" label={`Edit the task ${task.title.slice(0, 80)}`} onClick={onEdit} />
        )}
      </span>
      {task.assignee === null && task.dueMs === null && task.checklist.length === 0 ? null : (
        <span className="task-facts quiet">
          {task.checklist.length === 0 ? null : (
            <span className="tabular">
              {ticked} of {task.checklist.length} points
            </span>
          )}
          {task.assignee === null ? null : <SafeText text={task.assignee} limit={60} plain />}
          {task.dueMs === null ? null : isLate ? (
            <Badge tone="bad">overdue, {formatAge(task.dueMs, nowMs)}</Badge>
          ) : (
            <span>due {formatAge(task.dueMs, nowMs)}</span>
          )}
        </span>
      )}
    </li>
  );
}
