import { useState } from 'react';
import type { UndoableAction } from '../../shared/domain/alert.ts';
import {
  CallView,
  EmptyState,
  FormDialog,
  RadioField,
  SafeText,
  Time,
  useAction,
  useApp,
  useCall,
  useKeysWait,
} from '../ui/index.ts';
import { countAlerts, undoMessage } from './queue-words.ts';

/** So many of the last actions are offered. */
const mostOffered = 8;

/** What was done to alerts and can be taken back, however long ago and after any restart; the last is chosen. */
export function UndoDialog({ onClose }: { readonly onClose: () => void }) {
  const actions = useCall('alerts.undoable', { limit: mostOffered });
  // A key that follows at once is about what is listed.
  useKeysWait(actions.loading && actions.data === null);
  const undo = useAction('alerts.undo');
  const notify = useApp((state) => state.notify);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const rows = actions.data ?? [];
  const chosen = rows.find(({ undoId }) => undoId === chosenId) ?? rows[0] ?? null;
  const takeBack = async ({ undoId }: UndoableAction) => {
    const undone = await undo.run({ undoId });
    if (undone === null) return;
    notify(undoMessage(undone));
    onClose();
  };
  return (
    <FormDialog
      title="Take back what was done to alerts"
      onClose={onClose}
      confirmLabel={chosen === null ? null : `Take back for ${countAlerts(chosen.alerts)}`}
      withEnter
      busy={undo.running}
      error={undo.error}
      onConfirm={() => {
        if (chosen !== null) void takeBack(chosen);
      }}
    >
      <CallView call={actions} errorTitle="What was done could not be read">
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="Nothing to take back">What is done to alerts appears here.</EmptyState>
          ) : (
            <>
              <RadioField
                label="The last actions"
                value={chosen?.undoId ?? null}
                onChange={setChosenId}
                autoFocus
                options={rows.map((action) => ({
                  value: action.undoId,
                  label: <SafeText text={action.sentence} limit={200} plain />,
                  facts: (
                    <>
                      {countAlerts(action.alerts)}, <SafeText text={action.actor} limit={40} plain />,{' '}
                      <Time timeMs={action.timeMs} format="full" />
                    </>
                  ),
                }))}
              />
              <p className="quiet">Alerts that somebody changed since stay as they are, and are named.</p>
            </>
          )
        }
      </CallView>
    </FormDialog>
  );
}
