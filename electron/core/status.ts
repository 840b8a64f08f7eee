import type { Notice, ShownWorkspace, Status } from '../../shared/api/contract.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import type { RecoveryReport, Store } from '../db/index.ts';
import type { Poller } from './poller.ts';

/** What the strip at the top shows, read afresh from the store. */
export interface StatusView {
  read(): Status;
  addNotice(notice: Omit<Notice, 'id' | 'timeMs'>): void;
  dismissNotice(id: string): void;
}

const key = 'notices';
const mostNotices = 20;

/** Notices outlive a restart: what a person must know is not lost by a second crash. */
export function createStatus(deps: {
  readonly store: Store;
  readonly poller: Poller;
  readonly workspace: ShownWorkspace;
  readonly nowMs: () => number;
  readonly newId: (prefix: string) => string;
}): StatusView {
  const { store } = deps;
  // Written by this module alone, under its own key.
  let notices = (store.settings.get(key) as Notice[] | null) ?? [];
  const save = () => store.settings.set(key, notices);

  return {
    read() {
      const counts = store.alerts.openCounts();
      return {
        workspace: deps.workspace,
        simulated: store.simulated,
        nowMs: deps.nowMs(),
        actionableOpen: counts.actionable,
        informationalOpen: counts.informational,
        approvalsWaiting: store.mitigations.inStates(['proposed', 'approved']).length,
        mitigationsActive: store.mitigations.inStates(['applying', 'applied', 'verified', 'ending']).length,
        mitigationsUnknown: store.mitigations.inStates(['unknown', 'lost']).length,
        sources: store.connections
          .list('source')
          .filter((connection) => connection.enabled)
          .map((connection) => ({
            id: connection.id,
            name: connection.name,
            health: deps.poller.health(connection.id),
          })),
        openFindings: store.findings.open(),
        notices,
      };
    },
    addNotice(notice) {
      notices = [...notices, { ...notice, id: deps.newId('no'), timeMs: deps.nowMs() }].slice(-mostNotices);
      save();
    },
    dismissNotice(id) {
      notices = notices.filter((notice) => notice.id !== id);
      save();
    },
  };
}

/** What an analyst is told of a repaired database. */
export function recoveryNotice(report: RecoveryReport): Omit<Notice, 'id' | 'timeMs'> {
  const from = report.restoredFrom
    ? `Restored from the backup of ${formatUtc(report.restoredFrom.madeMs)}.`
    : 'There was no backup to restore from.';
  return {
    level: 'error',
    title: 'The database was damaged and has been repaired',
    text: `${report.problem} ${from} ${report.kept} ${report.missing} The damaged file is kept in ${report.quarantinedTo}. Sources are read again from where the repaired database stands, and targets are asked what is in force.`,
    details: report.tables
      .map(
        (table) =>
          `${table.table}: ${table.rows} rows, ${table.salvaged} salvaged${table.complete ? '' : ', reading broke off'}`,
      )
      .join('\n'),
  };
}
