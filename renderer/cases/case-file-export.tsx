import './case-file.css';
import { useEffect, useState } from 'react';
import { type ExportDraft, type ExportedCaseFile, takenDetails } from '../../shared/case-file/report.ts';
import { type Tlp, tlps } from '../../shared/domain/case.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import {
  Button,
  CopyButton,
  Dialog,
  ErrorNote,
  Facts,
  FormDialog,
  Notice,
  SafeText,
  SelectField,
  TextAreaField,
  TextField,
  useAction,
  useApp,
  useCall,
  useClient,
  useConfirmKey,
} from '../ui/index.ts';
import { manifestFact } from './case-file-facts.tsx';
import { FileProgress } from './case-file-progress.tsx';
import { MaskedField } from './case-file-secrets.tsx';
import {
  audienceWords,
  contentWords,
  countWords,
  exportedText,
  fingerprintGroups,
  missingWords,
  withheldWords,
} from './case-file-words.ts';
import { useStepFocus } from './use-step-focus.ts';

type Sealing = 'none' | 'keys' | 'passphrase';

/** Below this a passphrase is guessed by trying. */
const leastPassphrase = 12;

interface Draft {
  readonly path: string;
  readonly sealing: Sealing;
  readonly recipients: string;
  readonly passphrase: string;
  readonly again: string;
}

/** Recipients, a line or word each. */
export function recipientsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** What stands against exporting so; null where nothing does. */
export function exportProblem({ path, sealing, recipients, passphrase, again }: Draft): string | null {
  if (path.trim() === '') return 'Say where the file goes.';
  if (!path.trim().endsWith('.wfcase')) return 'The name of a case file ends with .wfcase.';
  if (sealing === 'keys') {
    const given = recipientsIn(recipients);
    if (given.length === 0) return 'Give at least one recipient.';
    const wrong = given.find((each) => !/^age1[02-9ac-hj-np-z]{58}$/i.test(each));
    if (wrong !== undefined) return `${wrong.slice(0, 80)} is not an age recipient.`;
  }
  if (sealing === 'passphrase') {
    if (passphrase === '') return 'Type a passphrase.';
    if (passphrase !== again) return 'The two passphrases are not the same.';
  }
  return null;
}

/** Puts the case into one file on this machine: where to, for whom, sealed how; then what it came to. */
export function CaseFileExport({
  caseId,
  onClose,
}: {
  readonly caseId: string;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const action = useAction('cases.export');
  const [audience, setAudience] = useState<Tlp | null>(null);
  const outlook = useCall('cases.draftExport', { caseId, audience });
  const [path, setPath] = useState<string | null>(null);
  /** Asked about by the desktop's own dialog, or here. */
  const [replacing, setReplacing] = useState<string | null>(null);
  const [sealing, setSealing] = useState<Sealing>('none');
  const [recipients, setRecipients] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [isTried, setTried] = useState(false);
  const [exported, setExported] = useState<ExportedCaseFile | null>(null);

  useStepFocus(action.running ? 'running' : 'form');

  const suggested = outlook.data?.path ?? '';
  useEffect(() => {
    // Typed by the analyst, or suggested once: a name never changes under the cursor.
    if (suggested !== '') setPath((before) => before ?? suggested);
  }, [suggested]);
  const target = (path ?? '').trim();
  const problem = exportProblem({ path: target, sealing, recipients, passphrase, again });
  const isTaken = action.error?.details === takenDetails && replacing !== target;

  const run = async (replaces: boolean) => {
    setTried(true);
    if (problem !== null) return;
    const done = await action.run({
      caseId,
      path: target,
      replaces,
      audience,
      recipients: sealing === 'keys' ? recipientsIn(recipients) : [],
      passphrase: sealing === 'passphrase' ? passphrase : null,
    });
    if (done === null) return;
    setPassphrase('');
    setAgain('');
    setExported(done);
  };
  const replace = () => {
    setReplacing(target);
    void run(true);
  };
  const browse = async () => {
    try {
      const chosen = await client.call('cases.browseExport', { path: target === '' ? suggested : target });
      if (chosen.path === null) return;
      const whole = chosen.path.endsWith('.wfcase') ? chosen.path : `${chosen.path}.wfcase`;
      // The desktop asked about the name as it gave it, not about another one.
      if (whole === chosen.path) setReplacing(whole);
      setPath(whole);
      action.clearError();
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      notify({ text: message, tone: 'error', details });
    }
  };
  const close = () => {
    if (action.running) action.cancel();
    else onClose();
  };

  if (exported !== null) return <ExportedDialog exported={exported} onClose={onClose} />;
  return (
    <FormDialog
      title="Export the case as a file"
      aside=".wfcase"
      onClose={close}
      closeLabel={action.running ? 'Cancel' : 'Not now'}
      confirmLabel={isTaken ? 'Replace the file' : 'Export case'}
      danger={isTaken}
      busy={action.running}
      {...(action.running ? { focus: 'close' } : {})}
      onConfirm={isTaken ? replace : () => void run(replacing === target)}
    >
      {action.running ? (
        <FileProgress label="Reading the case" progress={action.progress} />
      ) : (
        <>
          <div className="file-place">
            <TextField
              label="Where to, on this machine"
              value={path ?? ''}
              onChange={(value) => {
                setPath(value);
                action.clearError();
              }}
              mono
              maxLength={4_096}
              placeholder="/home/…/case.wfcase"
              autoFocus
            />
            {outlook.data?.canBrowse ? <Button onClick={() => void browse()}>Browse…</Button> : null}
          </div>
          <SelectField<Tlp | 'all'>
            label="Who may see it"
            value={audience ?? 'all'}
            onChange={(value) => setAudience(value === 'all' ? null : value)}
            options={[
              { value: 'all', label: 'Nobody in particular: all of it' },
              ...tlps.map((value) => ({ value, label: audienceWords[value] })),
            ]}
            help={<LeftOut outlook={outlook.data} />}
          />
          <SelectField<Sealing>
            label="Encryption"
            value={sealing}
            onChange={setSealing}
            options={[
              { value: 'none', label: 'None: whoever has the file can read it' },
              { value: 'keys', label: 'For the keys of recipients (age)' },
              { value: 'passphrase', label: 'With a passphrase (age)' },
            ]}
          />
          {sealing === 'keys' ? (
            <TextAreaField
              label="Recipients"
              help="age1…, one a line. Each of them can open the file, and nobody else, not even you."
              value={recipients}
              onChange={setRecipients}
              rows={3}
              mono
              maxLength={20_000}
            />
          ) : null}
          {sealing === 'passphrase' ? (
            <div className="field-pair">
              <MaskedField
                label="Passphrase"
                value={passphrase}
                onChange={setPassphrase}
                isNew
                help={
                  passphrase !== '' && passphrase.length < leastPassphrase
                    ? 'So short a one is found by trying. Several words are better.'
                    : 'It is kept nowhere. Tell it by another way than the file.'
                }
              />
              <MaskedField label="The same again" value={again} onChange={setAgain} isNew />
            </div>
          ) : null}
          {isTried && problem !== null ? <Notice tone="warning">{problem}</Notice> : null}
          {isTaken ? (
            <Notice tone="warning">
              <SafeText text={target} limit={300} plain /> is there already. Replace it, or choose another
              name.
            </Notice>
          ) : action.error !== null && action.error.details !== takenDetails ? (
            <ErrorNote error={action.error} />
          ) : null}
        </>
      )}
    </FormDialog>
  );
}

/** What an audience would not get, before it is decided. */
function LeftOut({ outlook }: { readonly outlook: ExportDraft | null }) {
  if (outlook === null) return 'Counting what would be in it';
  const entries = countWords(outlook.entries, 'entry', 'entries');
  if (outlook.withheld.length === 0) return `All ${entries} go along.`;
  return `Of ${entries} these would not be readable: ${withheldWords(outlook.withheld)}. That they exist stays provable.`;
}

function ExportedDialog({
  exported,
  onClose,
}: {
  readonly exported: ExportedCaseFile;
  readonly onClose: () => void;
}) {
  const { counts, exporter, withheld, missing } = exported;
  useConfirmKey(onClose);
  return (
    <Dialog
      title="The case is in one file"
      onClose={onClose}
      footer={
        <>
          <CopyButton label="Copy all of this" text={exportedText(exported)} />
          <Button variant="primary" keys="Ctrl+Enter" data-autofocus onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <Facts
        items={[
          {
            name: 'File',
            value: (
              <span className="file-value mono">
                <SafeText text={exported.path} limit={400} />
                <CopyButton text={exported.path} label="Copy the path" iconOnly />
              </span>
            ),
          },
          {
            name: 'Size',
            value: `${formatBytes(exported.sizeBytes)} (${exported.sizeBytes.toLocaleString('en')} bytes)`,
          },
          manifestFact(exported.manifestSha256),
          {
            name: 'Signed by',
            value: (
              <span className="file-value">
                <span>
                  <SafeText text={exporter.name} limit={80} plain />{' '}
                  <span className="mono quiet">{fingerprintGroups(exporter.keyFingerprint)}</span>
                </span>
              </span>
            ),
          },
          {
            name: 'In it',
            value: contentWords(counts),
          },
          ...(withheld.length > 0 ? [{ name: 'Left out', value: withheldWords(withheld) }] : []),
        ]}
      />
      {missing > 0 ? (
        <Notice tone="warning">
          {missingWords(missing)} are not on this machine and not in the file. Their hashes are.
        </Notice>
      ) : null}
      <p className="quiet">
        Whoever gets it sees every changed byte. Tell them the SHA-256 of the manifest by another way, so that
        they know the file is yours.
      </p>
    </Dialog>
  );
}
