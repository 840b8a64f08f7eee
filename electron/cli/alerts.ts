import type { Alert } from '../../shared/domain/alert.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { allSteps } from '../db/index.ts';
import { openToRead } from './reading.ts';

const pageRows = 500;

/**
 * An alert as the records and people made it: the same records give the same line, whatever their order, however often
 * and in however many pieces they came. Its row number and when it was received belong to one database.
 */
function lineOf({ sequence, receivedMs, ...alert }: Alert, withReceipt: boolean): string {
  return JSON.stringify(withReceipt ? { ...alert, sequence, receivedMs } : alert);
}

/** `alerts`: reads beside a running app; takes no lock and changes nothing. */
export async function listAlerts(options: {
  readonly dataDirectory: string;
  readonly query: string | null;
  readonly limit: number | null;
  readonly json: boolean;
  /** With the row number and the time of receipt in JSON. */
  readonly received: boolean;
}): Promise<number> {
  const store = openToRead(options.dataDirectory);
  try {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    const print = (alert: Alert) => {
      process.stdout.write(
        options.json
          ? `${lineOf(alert, options.received)}\n`
          : `${formatUtc(alert.receivedMs)}  ${alert.severity.padEnd(13)}  ${alert.lane.padEnd(13)}  ${alert.status.padEnd(12)}  x${alert.count}  ${toSafeExcerpt(alert.title, 160)}\n`,
      );
    };
    if (options.query === null) {
      for (const alert of store.alerts.each()) {
        if (left <= 0) break;
        left -= 1;
        print(alert);
      }
      return 0;
    }
    const query = {
      lane: null,
      text: options.query,
      fromMs: null,
      toMs: null,
      includeDone: true,
      sort: 'received',
    } as const;
    const { problem, upToSequence } = store.alerts.query(query, { offset: 0, limit: 1, upToSequence: null });
    if (problem !== null) throw new WatchfloorError('bad-input', problem);
    const records = allSteps(store.alerts.searchRecordsInSteps(options.query));
    if (!records.isWhole) {
      const back = records.backToMs === null ? '' : ` Looked through back to ${formatUtc(records.backToMs)}.`;
      process.stderr.write(`watchfloor: not all raw records were searched for its words.${back}\n`);
    }
    const sequences = allSteps(
      store.alerts.selectInSteps({ by: 'query', query, upToSequence, everything: true }),
    );
    const newestFirst = [...sequences.reverse().subarray(0, left)];
    for (let from = 0; from < newestFirst.length; from += pageRows) {
      for (const alert of store.alerts.getBySequence(newestFirst.slice(from, from + pageRows))) print(alert);
    }
    return 0;
  } finally {
    store.close();
  }
}
