import { useRef, useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import { handoverLimits } from '../../shared/domain/handover.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { base64FromFile, offerFile } from '../ui/download.ts';
import {
  Button,
  CheckboxField,
  ErrorNote,
  FormDialog,
  TextField,
  useAction,
  useApp,
  useCall,
  useClient,
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
  return (
    <FormDialog
      title="Export the handover"
      onClose={onClose}
      confirmLabel="Save file"
      withEnter
      ready={path.trim() !== ''}
      busy={write.running}
      error={write.error}
      lead={
        <Button icon="download" disabled={file.data === null} onClick={download}>
          Download
        </Button>
      }
      onConfirm={() => void save()}
    >
      {file.error ? <ErrorNote error={file.error} /> : null}
      <p>
        One file with the handover, its signatures and the keys that verify them. Whoever changes a byte of it
        is found out. It is not encrypted.
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
    </FormDialog>
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
  const takeFile = (file: File) => {
    if (file.size > handoverLimits.fileBytes) {
      const message = 'This file is larger than 4 MiB, so it is no handover. It was not read.';
      setError({ code: 'too-large', message, details: null });
      return;
    }
    void take(async () => ({ base64: await base64FromFile(file) }));
  };
  return (
    <FormDialog
      title="Open a handover from a file"
      onClose={onClose}
      confirmLabel="Open file"
      withEnter
      ready={path.trim() !== ''}
      busy={isBusy}
      error={error}
      lead={
        <Button icon="upload" disabled={isBusy} onClick={() => fileRef.current?.click()}>
          Choose a file
        </Button>
      }
      onConfirm={() => void take(async () => ({ path: path.trim() }))}
    >
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
        autoFocus
      />
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
    </FormDialog>
  );
}
