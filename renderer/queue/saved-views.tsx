import './saved-views.css';
import { useState } from 'react';
import type { AlertQuery, MethodOutput } from '../../shared/api/contract.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import {
  FormDialog,
  MenuButton,
  SafeText,
  TextField,
  useAction,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';
import { useViewCounts } from './use-view-counts.ts';

/** So many have a key and stand in the bar; all are in the menu. */
const mostInBar = 9;

const noViews: MethodOutput<'views.list'> = [];

/** Whether a view asks for just what is shown. */
function isSame(view: AlertQuery, shown: AlertQuery): boolean {
  return (
    view.lane === shown.lane &&
    view.text.trim() === shown.text &&
    view.includeDone === shown.includeDone &&
    view.sort === shown.sort &&
    (view.reversed ?? false) === (shown.reversed ?? false) &&
    view.fromMs === shown.fromMs &&
    view.toMs === shown.toMs
  );
}

/** Saved searches with how many alerts each finds now: open one, save the one that is shown, remove one. */
export function SavedViews({
  query,
  onOpen,
}: {
  readonly query: AlertQuery;
  readonly onOpen: (query: AlertQuery) => void;
}) {
  const views = useCall('views.list', {});
  const remove = useAction('views.remove');
  const save = useAction('views.save');
  const notify = useApp((state) => state.notify);
  const [naming, setNaming] = useState(false);
  const list = views.data ?? noViews;
  const counts = useViewCounts(list);
  useCommands([
    {
      id: 'queue.save-view',
      title: 'Save this search as a view',
      group: 'Queue',
      run: () => setNaming(true),
    },
    ...list.map((view, index) => ({
      id: `queue.view.${view.id}`,
      title: `Open view “${view.name}”`,
      group: 'Queue',
      ...(index < mostInBar ? { keys: [`g ${index + 1}`] } : {}),
      run: () => onOpen(view.query),
    })),
  ]);
  const removeView = async (view: (typeof list)[number]) => {
    if ((await remove.run({ id: view.id })) === null) return;
    views.refetch();
    notify({
      text: `Removed the view “${view.name}”`,
      undo: () => {
        void save.run({ id: null, name: view.name, query: view.query }).then(views.refetch);
      },
    });
  };
  return (
    <>
      <MenuButton
        label="Views"
        icon="star"
        showLabel
        align="end"
        items={[
          ...list.map((view) => ({
            id: view.id,
            label: view.name,
            hint: view.query.text === '' ? 'Everything' : view.query.text.slice(0, 80),
            onSelect: () => onOpen(view.query),
          })),
          {
            id: 'save',
            label: 'Save this search…',
            icon: 'plus',
            onSelect: () => setNaming(true),
          },
          ...list.map((view) => ({
            id: `remove-${view.id}`,
            label: `Remove “${view.name}”`,
            icon: 'trash' as const,
            onSelect: () => void removeView(view),
          })),
        ]}
      />
      {list.length > 0 ? (
        <nav className="views-strip" aria-label="Views">
          {list.slice(0, mostInBar).map((view, index) => (
            <button
              key={view.id}
              type="button"
              className="view-chip"
              aria-current={isSame(view.query, query) || undefined}
              aria-keyshortcuts={`g ${index + 1}`}
              title={`${view.query.text === '' ? 'Everything' : toSafeExcerpt(view.query.text, 200)} (g ${index + 1})`}
              onClick={() => onOpen(view.query)}
            >
              <span className="view-chip-name">
                <SafeText text={view.name} limit={80} plain />
              </span>
              <span className="tabular secondary">{counts.get(view.id)?.toLocaleString('en') ?? '…'}</span>
            </button>
          ))}
        </nav>
      ) : null}
      {naming ? (
        <SaveViewDialog
          query={query}
          onClose={() => setNaming(false)}
          onSaved={(name) => {
            setNaming(false);
            views.refetch();
            notify({ text: `Saved the view “${name}”`, tone: 'good' });
          }}
        />
      ) : null}
    </>
  );
}

function SaveViewDialog({
  query,
  onClose,
  onSaved,
}: {
  readonly query: AlertQuery;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}) {
  const [name, setName] = useState('');
  const save = useAction('views.save');
  const confirm = async () => {
    const saved = await save.run({ id: null, name: name.trim(), query });
    if (saved) onSaved(saved.name);
  };
  return (
    <FormDialog
      title="Save this search as a view"
      width="small"
      onClose={onClose}
      confirmLabel="Save view"
      withEnter
      ready={name.trim() !== ''}
      busy={save.running}
      error={save.error}
      onConfirm={() => void confirm()}
    >
      <TextField label="Name" value={name} onChange={setName} maxLength={80} autoFocus />
    </FormDialog>
  );
}
