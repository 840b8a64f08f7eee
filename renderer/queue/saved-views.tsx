import { useState } from 'react';
import type { AlertQuery } from '../../shared/api/contract.ts';
import {
  Button,
  Dialog,
  ErrorNote,
  MenuButton,
  TextField,
  useAction,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';

/** Saved searches: open one, save the one that is shown, remove one. */
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
  const list = views.data ?? [];
  useCommands([
    {
      id: 'queue.save-view',
      title: 'Save this search as a view',
      group: 'Queue',
      run: () => setNaming(true),
    },
    ...list.map((view) => ({
      id: `queue.view.${view.id}`,
      title: `Open view “${view.name}”`,
      group: 'Queue',
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
    if (name.trim() === '') return;
    const saved = await save.run({ id: null, name: name.trim(), query });
    if (saved) onSaved(saved.name);
  };
  return (
    <Dialog
      title="Save this search as a view"
      width="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <Button
            variant="primary"
            keys="Enter"
            busy={save.running}
            disabled={name.trim() === ''}
            onClick={() => void confirm()}
          >
            Save view
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        maxLength={80}
        autoFocus
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          void confirm();
        }}
      />
      {save.error ? <ErrorNote error={save.error} /> : null}
    </Dialog>
  );
}
