import './queue.css';
import { Screen, SplitPane, useCommands } from '../ui/index.ts';
import { useWidth } from '../ui/use-size.ts';
import { AlertDetail } from './alert-detail.tsx';
import { useMergeFlow } from './merge-flow.tsx';
import { queueActions } from './queue-actions.ts';
import { QueueDialogs } from './queue-dialogs.tsx';
import { QueueFilters } from './queue-filters.tsx';
import { QueueList } from './queue-list.tsx';
import { QueueToolbar } from './queue-toolbar.tsx';
import { useQueueColumns } from './use-queue-columns.ts';
import { useQueueDesk } from './use-queue-desk.ts';

/** The queue: what needs a person, in two lanes, frozen until asked. */
export function QueueScreen() {
  const desk = useQueueDesk();
  const [listRef, listWidth] = useWidth<HTMLDivElement>();
  const columns = useQueueColumns(listWidth, desk.search);
  const actions = queueActions(desk);
  useCommands(actions);
  const { list, place, selection } = desk;
  const merging = useMergeFlow({
    count: selection.count > 0 ? selection.count : place.row ? 1 : 0,
    chosen: selection.rows(),
    act: async (action, ids) => {
      if (ids === undefined) desk.act(action);
      else {
        const target = { by: 'ids' as const, ids: [...ids] };
        const scope = {
          target,
          count: ids.length,
          bySeverity: null,
          search: null,
          problem: null,
          rows: [],
          mergedCount: 0,
        };
        await desk.actOn(scope, action);
      }
    },
    onOpenAlert: place.setDetailId,
  });
  return (
    <Screen label="Queue" bar={<QueueFilters desk={desk} />}>
      <SplitPane
        id="queue.detail"
        paneLabel="Alert details"
        initialSize={500}
        main={
          <div className="queue-main" ref={listRef}>
            <QueueToolbar desk={desk} actions={actions} more={merging.items} />
            <QueueList desk={desk} columns={columns} />
          </div>
        }
        pane={
          place.detailId === null ? null : (
            <AlertDetail
              alertId={place.detailId}
              row={list.rowAt(list.indexOf(place.detailId))}
              evidenceOpen={place.evidenceOpen}
              onEvidence={place.setEvidenceOpen}
              onClose={() => place.setDetailId(null)}
              onOpenAlert={place.setDetailId}
              onSearch={desk.searchFor}
            />
          )
        }
      />
      <QueueDialogs desk={desk} columns={columns} />
      {merging.dialog}
    </Screen>
  );
}
