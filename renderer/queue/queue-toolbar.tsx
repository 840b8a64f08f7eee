import { Button, MenuButton, type MenuItem } from '../ui/index.ts';
import { HeldNote } from './held-note.tsx';
import type { QueueAction } from './queue-actions.ts';
import { countAlerts } from './queue-words.ts';
import { RecordSearchNote } from './record-search-note.tsx';
import type { QueueDesk } from './use-queue-desk.ts';

/** What is chosen, and what can be done with it. */
export function QueueToolbar({
  desk,
  actions,
  more,
}: {
  readonly desk: QueueDesk;
  readonly actions: readonly QueueAction[];
  /** What the menu has beside these. */
  readonly more: readonly MenuItem[];
}) {
  const { list, selection } = desk;
  return (
    <div className="queue-actions" role="toolbar" aria-label="Alert actions">
      <span className="queue-target tabular" role="status">
        {selection.isAll
          ? `All ${countAlerts(selection.count)} that match`
          : selection.count > 0
            ? `${countAlerts(selection.count)} selected`
            : list.upToSequence === null
              ? ''
              : `${list.isExact ? '' : 'more than '}${countAlerts(list.total)}`}
        {selection.isAll && list.merged > 0
          ? ` and ${list.merged.toLocaleString('en')} merged under them`
          : ''}
      </span>
      <RecordSearchNote search={desk.records} />
      <HeldNote onShow={desk.showHeld} />
      {actions.map(({ id, button, keys, enabled, run }) =>
        button === undefined ? null : (
          <Button key={id} small keys={keys?.[0]} disabled={enabled === false} onClick={run}>
            {button}
          </Button>
        ),
      )}
      <MenuButton
        label="More alert actions"
        icon="more"
        disabled={!selection.hasTarget}
        items={[
          ...actions.flatMap(({ id, menu, icon, run }) =>
            menu === undefined ? [] : [{ id, label: menu, onSelect: run, ...(icon ? { icon } : {}) }],
          ),
          ...more,
        ]}
      />
    </div>
  );
}
