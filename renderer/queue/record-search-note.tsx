import { Button, useShowTime } from '../ui/index.ts';
import type { RecordSearch } from './use-record-search.ts';

/** Says how far raw records were looked through, where not all were. */
export function RecordSearchNote({ search: { state, backToMs, goOn } }: { readonly search: RecordSearch }) {
  const showTime = useShowTime();
  if (state === 'none' || state === 'done') return null;
  return (
    <span className="queue-records quiet" role="status">
      {state === 'searching' ? 'looking through raw records …' : null}
      {state === 'failed' ? 'raw records were not looked through' : null}
      {state === 'partly'
        ? `raw records searched back to ${backToMs === null ? 'none' : showTime(backToMs)}`
        : null}
      {state === 'searching' ? null : (
        <Button small onClick={goOn}>
          {state === 'failed' ? 'Try again' : 'Search on'}
        </Button>
      )}
    </span>
  );
}
