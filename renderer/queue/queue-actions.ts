import { lanes, severities } from '../../shared/domain/alert.ts';
import { type Command, laneWords, type MenuItem, severityWords } from '../ui/index.ts';
import { sorts, sortWords } from './queue-columns.tsx';
import { countAlerts } from './queue-words.ts';
import type { QueueDesk } from './use-queue-desk.ts';

/** Something that can be done in the queue: by its key, in the palette, and where it says so with the mouse, too. */
export interface QueueAction extends Command {
  /** Given: it is a button of the toolbar with these words. */
  readonly button?: string;
  /** Given: it is a line of the menu behind the buttons, with these words. */
  readonly menu?: string;
  readonly icon?: MenuItem['icon'];
}

/** Everything that can be done in the queue, in the order of the toolbar and its menu. One line adds an action. */
export function queueActions(desk: QueueDesk): readonly QueueAction[] {
  const { act, list, openDialog, openWithScope, place, search, selection } = desk;
  const { hasTarget } = selection;
  const actions: readonly Omit<QueueAction, 'group'>[] = [
    {
      id: 'queue.acknowledge',
      title: 'Acknowledge',
      keys: ['a'],
      button: 'Acknowledge',
      enabled: hasTarget,
      run: () => act({ type: 'acknowledge' }),
    },
    {
      id: 'queue.take',
      title: 'Take',
      keys: ['i'],
      button: 'Take',
      enabled: hasTarget,
      run: () => act({ type: 'take' }),
    },
    {
      id: 'queue.escalate',
      title: 'Escalate to a case',
      keys: ['e'],
      button: 'Case',
      enabled: hasTarget,
      run: desk.escalate,
    },
    {
      id: 'queue.propose',
      title: 'Propose a mitigation',
      keys: ['p'],
      button: 'Mitigate',
      enabled: hasTarget,
      run: desk.propose,
    },
    {
      id: 'queue.snooze',
      title: 'Snooze',
      keys: ['s'],
      button: 'Snooze',
      enabled: hasTarget,
      run: () => openWithScope((scope) => ({ kind: 'snooze', scope, openedMs: desk.readNow() })),
    },
    {
      id: 'queue.false-positive',
      title: 'Close as false positive',
      keys: ['f'],
      button: 'False positive',
      enabled: hasTarget,
      run: () => openWithScope((scope) => ({ kind: 'close', scope, disposition: 'false-positive' })),
    },
    {
      id: 'queue.close',
      title: 'Close with a disposition',
      keys: ['c'],
      button: 'Close',
      enabled: hasTarget,
      run: () => openWithScope((scope) => ({ kind: 'close', scope, disposition: 'true-positive' })),
    },
    {
      id: 'queue.export',
      title: 'Export as CSV or JSON Lines',
      keys: ['Shift+e'],
      menu:
        selection.count > 0 ? `Export ${countAlerts(selection.count)}…` : 'Export everything that matches…',
      icon: 'download',
      enabled: list.total > 0,
      run: desk.exportAlerts,
    },
    {
      id: 'queue.reopen',
      title: 'Reopen',
      menu: 'Reopen',
      enabled: hasTarget,
      run: () => act({ type: 'reopen' }),
    },
    {
      id: 'queue.wake',
      title: 'Wake from snooze',
      menu: 'Wake from snooze',
      enabled: hasTarget,
      run: () => act({ type: 'wake' }),
    },
    {
      id: 'queue.release',
      title: 'Release, so that another can take it',
      menu: 'Release, so that another can take it',
      enabled: hasTarget,
      run: () => act({ type: 'release' }),
    },
    {
      id: 'queue.suppress',
      title: 'Suppress all alerts like this one',
      keys: ['h'],
      menu: 'Suppress all like this…',
      enabled: place.row !== undefined,
      run: () => desk.suppress('like'),
    },
    {
      id: 'queue.suppress-search',
      title: 'Suppress everything that this search finds',
      keys: ['Shift+h'],
      enabled: search.query.text !== '',
      run: () => desk.suppress('search'),
    },
    ...lanes.map((lane) => ({
      id: `queue.move-${lane}`,
      title: `Move to the ${lane} lane`,
      menu: `Move to ${laneWords[lane].toLowerCase()}`,
      enabled: hasTarget,
      run: () => act({ type: 'set-lane', lane, reason: '' }),
    })),
    ...severities.toReversed().map((severity) => ({
      id: `queue.severity-${severity}`,
      title: `Set severity ${severityWords[severity].toLowerCase()}`,
      menu: `Set severity ${severityWords[severity].toLowerCase()}`,
      enabled: hasTarget,
      run: () => act({ type: 'set-severity', severity }),
    })),
    {
      id: 'queue.select-all',
      title: 'Select everything that matches',
      keys: ['Ctrl+a'],
      enabled: list.total > 0,
      run: selection.selectAll,
    },
    {
      id: 'queue.search',
      title: 'Search the queue',
      keys: ['/'],
      run: () => {
        desk.searchRef.current?.focus();
        desk.searchRef.current?.select();
      },
    },
    { id: 'queue.suppressed', title: 'Show what suppressions hold', run: desk.showHeld },
    {
      id: 'queue.evidence',
      title: 'Show the evidence',
      keys: ['v'],
      enabled: place.detailId !== null || place.row !== undefined,
      run: () => {
        if (place.detailId === null && place.row) {
          place.setDetailId(place.row.id);
          place.setEvidenceOpen(true);
        } else place.setEvidenceOpen(!place.evidenceOpen);
      },
    },
    {
      id: 'queue.newest',
      title: 'Show new alerts',
      keys: ['n'],
      enabled: list.newer > 0,
      run: () => void desk.showNew(),
    },
    {
      id: 'queue.back',
      title: 'Clear the selection or close the details',
      keys: ['Escape'],
      hidden: true,
      enabled: selection.count > 0 || place.detailId !== null,
      run: () => {
        if (selection.count > 0) selection.clear();
        else place.setDetailId(null);
      },
    },
    {
      id: 'queue.lane-actionable',
      title: 'Actionable lane',
      keys: ['1'],
      run: () => search.setLane('actionable'),
    },
    {
      id: 'queue.lane-informational',
      title: 'Informational lane',
      keys: ['2'],
      run: () => search.setLane('informational'),
    },
    { id: 'queue.lane-all', title: 'Both lanes', keys: ['3'], run: () => search.setLane('all') },
    {
      id: 'queue.jump',
      title: 'Jump to a title that begins with …',
      keys: ["'"],
      enabled: list.total > 0,
      run: () => desk.setJumpOpen(true),
    },
    {
      id: 'queue.columns',
      title: 'Choose columns',
      keys: ['Shift+c'],
      run: () => openDialog({ kind: 'columns' }),
    },
    {
      id: 'queue.reverse',
      title: 'Order: turn it round',
      run: () => search.sortBy(search.sort),
    },
    ...sorts.map((sort) => ({
      id: `queue.sort-${sort}`,
      title: `Order: ${sortWords[sort].toLowerCase()}`,
      run: () => search.setSort(sort),
    })),
  ];
  return actions.map((action) => ({ ...action, group: 'Queue' }));
}
