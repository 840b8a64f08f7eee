import { useEffect, useState } from 'react';
import { Button, Dialog, useApp } from '../ui/index.ts';

/** Says when there is no core to talk to: quietly while it restarts, with what to do where a person is needed. */
export function ConnectionCover({
  onReconnect,
}: {
  readonly onReconnect: (options: { take: boolean }) => void;
}) {
  const connection = useApp((state) => state.connection);
  const hello = useApp((state) => state.hello);
  switch (connection.kind) {
    case 'connected':
      return null;
    case 'connecting':
      return hello ? null : <Waiting text="Starting" />;
    case 'reconnecting':
      return <Waiting text="The core was lost, reconnecting. What you see may be out of date." />;
    case 'other-session':
      return (
        <Dialog
          title="Watchfloor is open in another session"
          width="small"
          closable={false}
          onClose={() => undefined}
          footer={
            <>
              <Button onClick={() => onReconnect({ take: false })}>Try again</Button>
              <Button variant="primary" onClick={() => onReconnect({ take: true })} data-autofocus="">
                Take over here
              </Button>
            </>
          }
        >
          <p>
            Only one session works on a data directory at a time. Taking over closes the other one; nothing is
            lost, and whatever it had going on finishes by itself.
          </p>
        </Dialog>
      );
    case 'wrong-token':
      return (
        <Dialog
          title="This address has no valid key"
          width="small"
          closable={false}
          onClose={() => undefined}
        >
          <p>
            Open Watchfloor with the whole address that it printed when it started. It ends in{' '}
            <code>#token=…</code> and is good for this start only.
          </p>
        </Dialog>
      );
    case 'failed':
      return (
        <Dialog
          title="The core cannot work"
          width="small"
          closable={false}
          onClose={() => undefined}
          footer={
            <Button variant="primary" onClick={() => onReconnect({ take: false })}>
              Try again
            </Button>
          }
        >
          <p>{connection.message}</p>
        </Dialog>
      );
  }
}

/** Shown only after a moment: a restart that takes less is not worth a word. */
function Waiting({ text }: { readonly text: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 600);
    return () => clearTimeout(timer);
  }, []);
  return shown ? (
    <div className="connection-banner" role="status">
      <span className="connection-spinner" aria-hidden="true" />
      {text}
    </div>
  ) : null;
}
