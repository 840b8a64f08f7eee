import { useState } from 'react';
import type { Connection, RejectedRow } from '../../shared/domain/connection.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import {
  Button,
  CodeBlock,
  ConfirmDialog,
  ErrorNote,
  prettyRecord,
  SafeText,
  Section,
  Time,
  useAction,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';
import { keptWords, outcomeWords } from './rejected-words.ts';

/** So few leave the form below in sight; all that are listed are asked for. */
const firstRows = 6;
const mostRows = 200;

/** Records of a source that were not understood: why, their bytes, and reading them anew after a fix. */
export function RejectedRecords({ connection }: { readonly connection: Connection }) {
  const [limit, setLimit] = useState(firstRows);
  const call = useCall(
    'rejected.list',
    { connectionId: connection.id, limit },
    { events: ['connections.changed'] },
  );
  const replay = useAction('rejected.replay');
  const discard = useAction('rejected.discard');
  const notify = useApp((state) => state.notify);
  const [openId, setOpenId] = useState<number | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const kept = call.data?.kept ?? 0;
  const canReplay = call.data?.canReplay === true && kept > 0;
  const readAnew = async () => {
    if (!canReplay || replay.running) return;
    const counts = await replay.run({ connectionId: connection.id });
    if (counts !== null) notify({ text: outcomeWords(counts), tone: counts.stays === 0 ? 'good' : 'info' });
    call.refetch();
  };
  useCommands([
    {
      id: 'settings.rejected.replay',
      title: 'Read rejected records anew',
      group: 'Settings',
      keys: ['Ctrl+Alt+r'],
      whileTyping: true,
      enabled: canReplay,
      run: () => void readAnew(),
    },
  ]);
  if (call.data === null || (kept === 0 && call.data.dropped === 0 && call.data.replayed === 0)) return null;
  const { rows } = call.data;
  return (
    <Section
      title={`Rejected records (${kept.toLocaleString('en')})`}
      aside={
        kept === 0 ? null : (
          <>
            {canReplay ? (
              <Button small busy={replay.running} keys="Ctrl+Alt+r" onClick={() => void readAnew()}>
                Read anew
              </Button>
            ) : null}
            <Button small busy={discard.running} onClick={() => setDiscarding(true)}>
              Discard…
            </Button>
          </>
        )
      }
    >
      <p className="quiet">{keptWords(call.data)}</p>
      {replay.error ? <ErrorNote error={replay.error} onDismiss={replay.clearError} /> : null}
      {discard.error ? <ErrorNote error={discard.error} onDismiss={discard.clearError} /> : null}
      {rows.length > 0 ? (
        <ul className="rejected-list" aria-label="Rejected records">
          {rows.map((row) => (
            <li key={row.id}>
              <button
                type="button"
                className="rejected-row"
                aria-expanded={openId === row.id}
                onClick={() => setOpenId(openId === row.id ? null : row.id)}
              >
                <Time timeMs={row.timeMs} format="clock" age={false} />
                <SafeText text={row.reason} limit={160} plain />
                <span className="quiet tabular">{sizeWords(row)}</span>
              </button>
              {openId === row.id ? (
                <CodeBlock label="Rejected record" text={prettyRecord(row.excerpt)} />
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {kept > rows.length ? (
        limit === firstRows ? (
          <Button small variant="quiet" onClick={() => setLimit(mostRows)}>
            Show more
          </Button>
        ) : (
          <p className="quiet">{(kept - rows.length).toLocaleString('en')} older ones are not listed.</p>
        )
      ) : null}
      {discarding ? (
        <ConfirmDialog
          title={`Discard ${kept.toLocaleString('en')} rejected ${kept === 1 ? 'record' : 'records'}`}
          confirmLabel="Discard"
          danger
          busy={discard.running}
          onClose={() => setDiscarding(false)}
          onConfirm={() => {
            setDiscarding(false);
            void discard.run({ connectionId: connection.id }).then((done) => {
              if (done === null) return;
              notify({ text: `Discarded ${done.discarded.toLocaleString('en')} rejected records` });
              call.refetch();
            });
          }}
        >
          Their bytes are gone then and cannot be read anew. The audit log says that you did.
        </ConfirmDialog>
      ) : null}
    </Section>
  );
}

function sizeWords({ bytes, isWhole }: RejectedRow): string {
  const size = formatBytes(bytes);
  return isWhole ? size : `${size}, cut`;
}
