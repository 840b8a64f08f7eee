import { type FormEvent, useState } from 'react';
import { Button, Dialog, ErrorNote, TextField, useAction, useApp, useAppStore } from '../ui/index.ts';

/** Asks who works here: at the first start, and to switch. */
export function AnalystDialog({ first, onClose }: { readonly first: boolean; readonly onClose: () => void }) {
  const store = useAppStore();
  const hello = useApp((state) => state.hello);
  const [name, setName] = useState('');
  const save = useAction('app.setAnalyst');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    void save.run({ name: name.trim() }).then((analyst) => {
      if (!analyst || !hello) return;
      store.getState().setHello({ ...hello, analyst });
      onClose();
    });
  };
  return (
    <Dialog
      title={first ? 'Who is on watch?' : 'Switch analyst'}
      width="small"
      closable={!first}
      onClose={onClose}
      footer={
        <Button
          variant="primary"
          type="submit"
          form="analyst-form"
          busy={save.running}
          disabled={name.trim() === ''}
          keys="Enter"
        >
          {first ? 'Start the watch' : 'Switch'}
        </Button>
      }
    >
      <form id="analyst-form" className="stack" onSubmit={submit}>
        <TextField
          label="Your name"
          value={name}
          onChange={setName}
          maxLength={120}
          autoFocus
          help="It is written beside everything you decide, with a key pair of your own made on this machine."
        />
        {save.error ? <ErrorNote error={save.error} /> : null}
        {first && hello?.simulated ? (
          <p className="secondary small">
            You start in the range: a simulated network with traffic and attacks of its own. Nothing in it is
            real, and one button leads to connecting real sources.
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}
