import { useEffect, useRef, useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import { handoverLimits } from '../../shared/domain/handover.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { base64FromFile, offerFile } from '../ui/download.ts';
import {
  Button,
  CheckboxField,
  Dialog,
  ErrorNote,
  TextField,
  useAction,
  useApp,
  useCall,
  useClient,
  useCommands,
} from '../ui/index.ts';

/** Writes a signed handover into a file on this machine, or offers it as a download. */
export function ExportDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const notify = useApp((state) => state.notify);
  const file = useCall('handovers.read', { id });
  const write = useAction('handovers.export');
  const [typed, setTyped] = useState<string | null>(null);
  const [replaces, setReplaces] = useState(false);
  const path = typed ?? file.data?.path ?? '';
  const save = async () => {
    if (path.trim() === '' || write.running) return;
    const done = await write.run({ id, path: path.trim(), replaces });
    if (done === null) return;
    notify({ text: `Saved ${done.path}`, tone: 'good' });
    onClose();
  };
  const download = () => {
    if (file.data === null) return;
    offerFile(file.data.name, new Blob([file.data.text], { type: 'application/octet-stream' }));
    notify({ text: `Saved ${file.data.name}`, tone: 'good' });
    onClose();
  };
  useCommands(
    [
      {
        id: 'handover.export.confirm',
        title: 'Save the file',
        group: 'Dialog',
        keys: ['Enter', 'Ctrl+Enter'],
        hidden: true,
        whileTyping: true,
        run: () => void save(),
      },
    ],
    'dialog',
  );
  return (
    <Dialog
      title="Export the handover"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <Button icon="download" disabled={file.data === null} onClick={download}>
            Download
          </Button>
          <Button
            variant="primary"
            keys="Enter"
            busy={write.running}
            disabled={path.trim() === ''}
            onClick={() => void save()}
          >
            Save file
          </Button>
        </>
      }
    >
      <div className="stack">
        {file.error ? <ErrorNote error={file.error} /> : null}
        <p>
          One file with the handover, its signatures and the keys that verify them. Whoever changes a byte of
          it is found out. It is not encrypted.
        </p>
        <TextField
          label="Path on this machine"
          value={path}
          onChange={setTyped}
          mono
          maxLength={4_096}
          help="The name ends with .wfhandover"
          autoFocus
        />
        <CheckboxField label="Replace a file that is there" checked={replaces} onChange={setReplaces} />
        {write.error ? <ErrorNote error={write.error} onDismiss={write.clearError} /> : null}
      </div>
    </Dialog>
  );
}

function importedWords({ view, isNew, newCountersignatures }: MethodOutput<'handovers.import'>): string {
  const from = view.row.outgoing ?? 'nobody known';
  if (isNew) return `Took in the handover by ${from}`;
  if (newCountersignatures === 0) return 'This handover is here already; nothing was changed';
  return `Took in ${newCountersignatures === 1 ? 'the countersignature' : `${newCountersignatures} countersignatures`} of ${view.row.incoming.join(', ')}`;
}

/** Takes a handover in, from a path on this machine or a file that is chosen. */
export function ImportDialog({
  onImported,
  onClose,
}: {
  readonly onImported: (id: string) => void;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const [path, setPath] = useState('');
  const [error, setError] = useState<ErrorData | null>(null);
  const [isBusy, setBusy] = useState(false);
  const fileRef = useRef<HTMLInputElement>(null);
  const pathRef = useRef<HTMLInputElement>(null);
  useEffect(() => pathRef.current?.focus(), []);

  const take = async (
    read: () => Promise<{ readonly path: string } | { readonly base64: string }>,
  ): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const taken = await client.call('handovers.import', await read());
      notify({ text: importedWords(taken), tone: 'good' });
      onImported(taken.view.row.id);
    } catch (thrown) {
      setError(toErrorData(thrown));
    }
    setBusy(false);
  };
  const takePath = () => {
    if (path.trim() !== '' && !isBusy) void take(async () => ({ path: path.trim() }));
  };
  const takeFile = (file: File) => {
    if (file.size > handoverLimits.fileBytes) {
      const message = 'This file is larger than 4 MiB, so it is no handover. It was not read.';
      setError({ code: 'too-large', message, details: null });
      return;
    }
    void take(async () => ({ base64: await base64FromFile(file) }));
  };
  useCommands(
    [
      {
        id: 'handover.import.confirm',
        title: 'Open the file',
        group: 'Dialog',
        keys: ['Enter', 'Ctrl+Enter'],
        hidden: true,
        whileTyping: true,
        run: takePath,
      },
    ],
    'dialog',
  );
  return (
    <Dialog
      title="Open a handover from a file"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <Button icon="upload" disabled={isBusy} onClick={() => fileRef.current?.click()}>
            Choose a file
          </Button>
          <Button
            variant="primary"
            keys="Enter"
            busy={isBusy}
            disabled={path.trim() === ''}
            onClick={takePath}
          >
            Open file
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          It is verified first, to the byte. One that comes back countersigned adds its countersignature; the
          same file again changes nothing.
        </p>
        <TextField
          label="Path on this machine"
          value={path}
          onChange={setPath}
          mono
          maxLength={4_096}
          placeholder="/…/handover.wfhandover"
          inputRef={pathRef}
        />
        {error ? <ErrorNote error={error} onDismiss={() => setError(null)} /> : null}
      </div>
      <input
        ref={fileRef}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Handover file"
        accept=".wfhandover"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) takeFile(file);
        }}
      />
    </Dialog>
  );
}
