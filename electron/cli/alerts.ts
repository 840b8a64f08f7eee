import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { appVersion } from '../app-version.ts';
import { openStore } from '../db/index.ts';

const pageRows = 500;

/** `alerts`: reads beside a running app; takes no lock and changes nothing. */
export async function listAlerts(options: {
  readonly dataDirectory: string;
  readonly query: string | null;
  readonly limit: number | null;
  readonly json: boolean;
}): Promise<number> {
  if (!existsSync(join(options.dataDirectory, 'watchfloor.db'))) {
    throw new WatchfloorError('not-found', `There is no Watchfloor database in ${options.dataDirectory}.`);
  }
  const store = openStore(options.dataDirectory, { nowMs: Date.now, appVersion, readOnly: true });
  try {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    const print = (alert: ReturnType<typeof store.alerts.get> & object) => {
      process.stdout.write(
        options.json
          ? `${JSON.stringify(alert)}\n`
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
    let offset = 0;
    let upToSequence: number | null = null;
    while (left > 0) {
      const page = store.alerts.query(query, { offset, limit: Math.min(pageRows, left), upToSequence });
      if (page.problem !== null) throw new WatchfloorError('bad-input', page.problem);
      upToSequence = page.upToSequence;
      for (const alert of page.rows) print(alert);
      offset += page.rows.length;
      left -= page.rows.length;
      if (page.rows.length < pageRows) break;
    }
    return 0;
  } finally {
    store.close();
  }
}
