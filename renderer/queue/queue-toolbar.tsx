import { useRef } from 'react';
import { Button, Menu, MenuButton } from '../ui/index.ts';
import { HeldNote } from './held-note.tsx';
import type { QueueAction } from './queue-actions.ts';
import { countAlerts } from './queue-words.ts';
import type { QueueDesk } from './use-queue-desk.ts';

/** What is chosen, and what can be done with it. */
export function QueueToolbar({
  desk,
  actions,
}: {
  readonly desk: QueueDesk;
  readonly actions: readonly QueueAction[];
}) {
  const { list, selection } = desk;
  return (
    <div className="queue-actions" role="toolbar" aria-label="Alert actions">
      <span className="queue-target tabular" role="status">
        {selection.isAll
          ? `All ${countAlerts(list.total)} that match`
          : selection.count > 0
            ? `${countAlerts(selection.count)} selected`
            : list.upToSequence === null
              ? ''
              : countAlerts(list.total)}
      </span>
      <HeldNote onShow={desk.showHeld} />
      {actions.map((action) =>
        action.button ? <ActionButton key={action.id} action={action} desk={desk} /> : null,
      )}
      <MenuButton
        label="More alert actions"
        icon="more"
        disabled={selection.targetCount === 0}
        items={actions.flatMap(({ id, menu, icon, run }) =>
          menu === undefined ? [] : [{ id, label: menu, onSelect: run, ...(icon ? { icon } : {}) }],
        )}
      />
    </div>
  );
}

function ActionButton({ action, desk }: { readonly action: QueueAction; readonly desk: QueueDesk }) {
  const { id, choices } = action;
  const ref = useRef<HTMLButtonElement>(null);
  const isOpen = desk.openMenu === id;
  return (
    <>
      <Button
        small
        keys={action.keys?.[0]}
        disabled={action.enabled === false}
        ref={ref}
        {...(choices ? { 'aria-haspopup': 'menu', 'aria-expanded': isOpen } : {})}
        onClick={() => (isOpen ? desk.setOpenMenu(null) : action.run())}
      >
        {action.button}
      </Button>
      {choices && isOpen ? (
        <Menu
          label={choices.label}
          items={choices.items}
          anchor={ref.current}
          onClose={() => desk.setOpenMenu(null)}
        />
      ) : null}
    </>
  );
}
