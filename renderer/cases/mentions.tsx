import { useState } from 'react';
import {
  Button,
  Dialog,
  EmptyState,
  ErrorNote,
  LoadingState,
  SafeText,
  Time,
  useApp,
  useCall,
  useCommands,
} from '../ui/index.ts';

/** Comments that mention the analyst, in any case: by its button, its key and the palette. */
export function Mentions({ keys = null }: { readonly keys?: string | null }) {
  const [open, setOpen] = useState(false);
  useCommands([
    {
      id: 'cases.mentions',
      title: 'Show mentions of me',
      group: 'Cases',
      ...(keys === null ? {} : { keys: [keys] }),
      run: () => setOpen(true),
    },
  ]);
  return (
    <>
      {keys === null ? null : (
        <Button small variant="quiet" icon="message" keys={keys} onClick={() => setOpen(true)}>
          Mentions
        </Button>
      )}
      {open ? <MentionsDialog onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function MentionsDialog({ onClose }: { readonly onClose: () => void }) {
  const goTo = useApp((app) => app.goTo);
  const mentions = useCall('cases.mentions', {}, { events: ['cases.changed'] });
  return (
    <Dialog
      title="Mentions of you"
      onClose={onClose}
      footer={
        <Button onClick={onClose} keys="Escape">
          Close
        </Button>
      }
    >
      {mentions.error !== null ? (
        <ErrorNote error={mentions.error} />
      ) : mentions.data === null ? (
        <LoadingState label="Reading the comments" />
      ) : mentions.data.length === 0 ? (
        <EmptyState title="Nobody mentioned you">
          Comments on cases with @ and your name stand here, the newest first.
        </EmptyState>
      ) : (
        <ul className="panel-list" aria-label="Mentions">
          {mentions.data.map((mention) => (
            <li key={`${mention.case.id} ${mention.timeMs} ${mention.text}`} className="panel-row">
              <button
                type="button"
                className="panel-link is-stacked"
                onClick={() => {
                  onClose();
                  goTo('cases', { caseId: mention.case.id });
                }}
              >
                <span className="panel-line">
                  <span className="panel-text">
                    <SafeText text={mention.case.title} limit={120} plain />
                  </span>
                  <Time timeMs={mention.timeMs} />
                </span>
                <span className="mention-text">
                  <SafeText text={mention.writerName} limit={60} plain />:{' '}
                  <SafeText text={mention.text} limit={300} plain />
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
