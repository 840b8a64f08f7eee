import './case-file.css';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../shared/domain/result.ts';
import { Button, Dialog, ErrorNote, Notice, SafeText, TextField, useApp, useCommands } from '../ui/index.ts';
import { CaseFilePreview } from './case-file-preview.tsx';
import { FileProgress } from './case-file-progress.tsx';
import { IdentityField, identitiesIn, MaskedField } from './case-file-secrets.tsx';
import { countWords, newsOf } from './case-file-words.ts';
import { type CaseFileKeys, noKeys, type OpenCaseFile, type Sealed, useCaseFile } from './use-case-file.ts';
import { useStepFocus } from './use-step-focus.ts';

/** Chooses a case file, shows who signed it, what is in it and what it would change, and merges it when told to. */
export function CaseFileImport({
  initial = null,
  onClose,
  onMerged,
}: {
  /** A file that was dropped; without one it is asked for. */
  readonly initial?: File | null;
  readonly onClose: () => void;
  readonly onMerged: (caseId: string) => void;
}) {
  const notify = useApp((state) => state.notify);
  const file = useCaseFile();
  const { state } = file;
  const [path, setPath] = useState('');
  const [keys, setKeys] = useState<CaseFileKeys>(noKeys);
  useStepFocus(state.step);
  const chooseRef = useRef(file.choose);
  chooseRef.current = file.choose;
  useEffect(() => {
    if (initial !== null) void chooseRef.current({ file: initial });
  }, [initial]);

  const merge = async () => {
    if (state.step !== 'shown' || state.preview.problemCount > 0) return;
    if (newsOf(state.preview).all === 0) {
      goTo(state.preview.caseId);
      return;
    }
    const merged = await file.merge();
    if (merged === null) return;
    const news = newsOf(merged);
    notify({
      text:
        news.all === 0
          ? 'Nothing new was in the file'
          : `Merged ${countWords(news.entries, 'new entry', 'new entries')} from ${file.name.split(/[\\/]/).at(-1)?.slice(0, 80) ?? 'the file'}`,
      tone: 'good',
    });
    goTo(merged.caseId);
  };
  const goTo = (caseId: string | null) => {
    if (caseId === null) onClose();
    else onMerged(caseId);
  };
  const goOn = () => {
    if (state.step === 'choose' && path.trim() !== '') void file.choose({ path: path.trim() });
    else if (state.step === 'sealed' && hasKeys(keys)) void file.unlock(keys);
    else if (state.step === 'shown') void merge();
  };
  const review = async () => {
    if (await file.review()) onClose();
  };
  const isWhole = state.step === 'shown' && state.preview.problemCount === 0;
  const isBroken = state.step === 'shown' && state.preview.problemCount > 0;
  const close = () => {
    if (state.step === 'working') file.cancel();
    else onClose();
  };
  useCommands(
    [
      {
        id: 'cases.import.confirm',
        title: 'Go on with the case file',
        group: 'Cases',
        keys: ['Ctrl+Enter', ...(state.step === 'choose' || state.step === 'sealed' ? ['Enter'] : [])],
        hidden: true,
        whileTyping: true,
        run: goOn,
      },
      {
        id: 'cases.import.review',
        title: 'Review the case file without importing it',
        group: 'Cases',
        keys: ['Ctrl+Shift+Enter'],
        hidden: true,
        whileTyping: true,
        enabled: isWhole,
        run: () => void review(),
      },
    ],
    'dialog',
  );

  return (
    <Dialog
      title="Import a case file"
      aside={
        file.name === '' ? null : <SafeText text={file.name.split(/[\\/]/).at(-1) ?? ''} limit={60} plain />
      }
      width={state.step === 'shown' ? 'wide' : 'regular'}
      onClose={close}
      footer={
        <>
          <Button
            onClick={close}
            keys="Escape"
            data-autofocus={state.step === 'working' || isBroken ? '' : undefined}
          >
            {state.step === 'working' ? 'Cancel' : isBroken ? 'Close' : 'Not now'}
          </Button>
          {isWhole ? (
            <Button keys="Ctrl+Shift+Enter" onClick={() => void review()}>
              Review without importing
            </Button>
          ) : null}
          <MainButton
            file={file}
            canGoOn={state.step === 'sealed' ? hasKeys(keys) : path.trim() !== ''}
            onPress={goOn}
          />
        </>
      }
    >
      {state.step === 'choose' ? (
        <ChooseFile
          path={path}
          onPath={setPath}
          error={state.error}
          onFile={(chosen) => void file.choose({ file: chosen })}
        />
      ) : null}
      {state.step === 'working' ? <FileProgress label={state.label} progress={state.progress} /> : null}
      {state.step === 'sealed' ? (
        <UnlockFile by={state.by} error={state.error} keys={keys} onKeys={setKeys} />
      ) : null}
      {state.step === 'shown' ? (
        <>
          <CaseFilePreview preview={state.preview} />
          {state.error === null ? null : <ErrorNote error={state.error} />}
        </>
      ) : null}
    </Dialog>
  );
}

const hasKeys = ({ passphrase, identities }: CaseFileKeys) => passphrase !== null || identities.length > 0;

function MainButton({
  file: { state },
  canGoOn,
  onPress,
}: {
  readonly file: OpenCaseFile;
  readonly canGoOn: boolean;
  readonly onPress: () => void;
}): ReactNode {
  if (state.step === 'working') return null;
  if (state.step !== 'shown') {
    return (
      <Button variant="primary" keys="Enter" disabled={!canGoOn} onClick={onPress}>
        {state.step === 'choose' ? 'Look into the file' : 'Open the file'}
      </Button>
    );
  }
  if (state.preview.problemCount > 0) return null;
  const { entries, all } = newsOf(state.preview);
  return (
    <Button variant="primary" keys="Ctrl+Enter" data-autofocus onClick={onPress}>
      {all === 0 ? 'Go to the case' : `Merge ${countWords(entries, 'entry', 'entries')}`}
    </Button>
  );
}

function ChooseFile({
  path,
  onPath,
  error,
  onFile,
}: {
  readonly path: string;
  readonly onPath: (path: string) => void;
  readonly error: ErrorData | null;
  readonly onFile: (file: File) => void;
}) {
  const fileRef = useRef<HTMLInputElement>(null);
  return (
    <>
      <div className="file-place">
        <TextField
          label="Where it is, on this machine"
          value={path}
          onChange={onPath}
          mono
          maxLength={4_096}
          placeholder="/home/…/case.wfcase"
          autoFocus
        />
        <Button icon="upload" onClick={() => fileRef.current?.click()}>
          Choose file…
        </Button>
      </div>
      <input
        ref={fileRef}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Case file"
        accept=".wfcase,.age"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
      {error === null ? (
        <p className="quiet">
          It is verified first, and shown with who signed it and what it would change. Nothing is changed
          until you say so. A file can also be dropped on the list of cases.
        </p>
      ) : (
        <ErrorNote error={error} />
      )}
    </>
  );
}

function UnlockFile({
  by,
  error,
  keys,
  onKeys,
}: {
  readonly by: Sealed;
  readonly error: string | null;
  readonly keys: CaseFileKeys;
  readonly onKeys: (keys: CaseFileKeys) => void;
}) {
  return (
    <>
      <Notice>
        {by === 'passphrase'
          ? 'This file is encrypted with a passphrase.'
          : 'This file is encrypted for the keys of certain people.'}
      </Notice>
      {by === 'passphrase' ? (
        <MaskedField
          label="Passphrase"
          value={keys.passphrase ?? ''}
          onChange={(value) => onKeys({ passphrase: value === '' ? null : value, identities: [] })}
          help="It is used once and kept nowhere."
          error={error}
          autoFocus
        />
      ) : (
        <IdentityField
          value={keys.identities.join(' ')}
          onChange={(value) => onKeys({ passphrase: null, identities: identitiesIn(value) })}
          error={error}
        />
      )}
    </>
  );
}
