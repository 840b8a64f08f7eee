import { useCallback, useEffect, useRef, useState } from 'react';
import type { AlertQuery } from '../../shared/api/contract.ts';
import { freeTextsOf } from '../../shared/query/match-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { useClient } from '../ui/index.ts';
import type { AlertWindow } from './use-alert-window.ts';

/** How far the raw records of alerts were looked through for the words of the search. */
export interface RecordSearch {
  readonly state: 'none' | 'searching' | 'done' | 'partly' | 'failed';
  /** With `partly`: when the oldest record came that was looked at, epoch ms. */
  readonly backToMs: number | null;
  /** Looks at older ones, or tries again. */
  readonly goOn: () => void;
}

/**
 * Looks for the words of the search in raw records, too, once the list shows what is found without them, and renews the
 * list when there is more.
 */
export function useRecordSearch(query: AlertQuery, list: AlertWindow): RecordSearch {
  const client = useClient();
  const [held, setHeld] = useState<Pick<RecordSearch, 'state' | 'backToMs'>>({
    state: 'none',
    backToMs: null,
  });
  const { renew, current, upToSequence } = list;
  const { text } = query;
  const words = freeTextsOf(parseAlertQuery(text).node).join('\n');
  const abort = useRef<AbortController | null>(null);

  const look = useCallback(async () => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setHeld({ state: 'searching', backToMs: null });
    try {
      const { alerts, isWhole, backToMs } = await client.call(
        'alerts.searchRecords',
        { text },
        { signal: mine.signal },
      );
      if (mine.signal.aborted) return;
      setHeld({ state: isWhole ? 'done' : 'partly', backToMs });
      if (alerts > 0) await renew();
    } catch {
      if (!mine.signal.aborted) setHeld({ state: 'failed', backToMs: null });
    }
  }, [client, text, renew]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins anew with other words alone
  useEffect(() => {
    if (!current) return;
    if (words === '') setHeld({ state: 'none', backToMs: null });
    else void look();
    return () => abort.current?.abort();
  }, [words, current, upToSequence]);

  return { ...held, goOn: () => void look() };
}
