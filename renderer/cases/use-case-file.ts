import { useCallback, useEffect, useRef, useState } from 'react';
import type { Progress } from '../../shared/api/envelope.ts';
import { type ImportPreview, sealedDetails } from '../../shared/case-file/report.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import { useClient } from '../ui/index.ts';
import { discardUpload, type UploadedFile, uploadFile } from './case-file-upload.ts';

/** A case file that was chosen: by its path on this machine, or as bytes that the window has. */
export type CaseFileChoice = { readonly path: string } | { readonly file: File };

/** What opens an encrypted file. Kept no longer than the dialog. */
export interface CaseFileKeys {
  readonly passphrase: string | null;
  readonly identities: readonly string[];
}
export const noKeys: CaseFileKeys = { passphrase: null, identities: [] };

export type Sealed = keyof typeof sealedDetails;

export type CaseFileState =
  | { readonly step: 'choose'; readonly error: ErrorData | null }
  | { readonly step: 'working'; readonly label: string; readonly progress: Progress | null }
  /** Encrypted: asked for what opens it; `error` where that was tried. */
  | { readonly step: 'sealed'; readonly by: Sealed; readonly error: string | null }
  | { readonly step: 'shown'; readonly preview: ImportPreview; readonly error: ErrorData | null };

export interface OpenCaseFile {
  readonly state: CaseFileState;
  /** As the analyst calls it. */
  readonly name: string;
  readonly choose: (choice: CaseFileChoice) => Promise<void>;
  /** Tries again with what opens it. */
  readonly unlock: (keys: CaseFileKeys) => Promise<void>;
  /** Merges what is shown; null when it failed, which is then shown. */
  readonly merge: () => Promise<ImportPreview | null>;
  /** Ends what runs. */
  readonly cancel: () => void;
  /** Opens what is shown read only, in place of the workspace; false when it failed, which is then shown. */
  readonly review: () => Promise<boolean>;
}

const startState: CaseFileState = { step: 'choose', error: null };

function sealedBy(error: ErrorData): Sealed | null {
  if (error.details === sealedDetails.passphrase) return 'passphrase';
  return error.details === sealedDetails.keys ? 'keys' : null;
}

/** Brings a case file to the core where that is needed, has it verified, and merges it when told to. */
export function useCaseFile(): OpenCaseFile {
  const client = useClient();
  const [state, setState] = useState<CaseFileState>(startState);
  const [name, setName] = useState('');
  const abort = useRef<AbortController | null>(null);
  const upload = useRef<UploadedFile | null>(null);
  const source = useRef<{ readonly path: string; readonly keys: CaseFileKeys } | null>(null);

  const forget = useCallback(() => {
    abort.current?.abort();
    if (upload.current !== null) void discardUpload(client, upload.current.id);
    upload.current = null;
    source.current = null;
  }, [client]);
  const isClosed = useRef(false);
  useEffect(() => {
    isClosed.current = false;
    return () => {
      isClosed.current = true;
      forget();
    };
  }, [forget]);

  /** Runs what can be given up and shows how far it is; null when it failed, after `failed` was told. */
  async function working<T>(
    label: string,
    work: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<T>,
    failed: (error: ErrorData) => CaseFileState,
  ): Promise<T | null> {
    const controller = new AbortController();
    abort.current = controller;
    setState({ step: 'working', label, progress: null });
    try {
      return await work(controller.signal, (progress) => setState({ step: 'working', label, progress }));
    } catch (thrown) {
      const error = toErrorData(thrown);
      setState(failed(error));
      return null;
    }
  }

  async function verify(path: string, keys: CaseFileKeys): Promise<void> {
    source.current = { path, keys };
    const isTried = keys.passphrase !== null || keys.identities.length > 0;
    const preview = await working(
      'Verifying the file',
      (signal, onProgress) =>
        client.call(
          'cases.previewImport',
          { path, passphrase: keys.passphrase, identities: [...keys.identities] },
          { signal, onProgress },
        ),
      (error) => {
        const by = sealedBy(error);
        if (by !== null) return { step: 'sealed', by, error: isTried ? error.message : null };
        if (isTried && error.code === 'bad-input') {
          return {
            step: 'sealed',
            by: keys.passphrase === null ? 'keys' : 'passphrase',
            error: error.message,
          };
        }
        return { step: 'choose', error: error.code === 'cancelled' ? null : error };
      },
    );
    if (preview !== null) setState({ step: 'shown', preview, error: null });
  }

  async function choose(choice: CaseFileChoice): Promise<void> {
    forget();
    if ('path' in choice) {
      setName(choice.path);
      await verify(choice.path, noKeys);
      return;
    }
    const { file } = choice;
    setName(file.name);
    const total = file.size;
    const text = 'Reading the file';
    const uploaded = await working(
      text,
      (signal, onProgress) =>
        uploadFile(client, file, { signal, onBytes: (done) => onProgress({ done, total, text }) }),
      (error) => ({ step: 'choose', error: error.code === 'cancelled' ? null : error }),
    );
    if (uploaded === null) return;
    upload.current = uploaded;
    if (isClosed.current) {
      forget();
      return;
    }
    await verify(uploaded.path, noKeys);
  }

  /** Reads the file that is shown once more, and shows it again where that failed. */
  async function reading<T>(
    work: (
      file: { path: string; passphrase: string | null; identities: string[]; sha256: string },
      options: { signal: AbortSignal; onProgress: (progress: Progress) => void },
    ) => Promise<T>,
  ): Promise<T | null> {
    if (state.step !== 'shown' || source.current === null) return null;
    const { preview } = state;
    const { path, keys } = source.current;
    const file = {
      path,
      passphrase: keys.passphrase,
      identities: [...keys.identities],
      sha256: preview.sha256,
    };
    return working(
      'Reading the file',
      (signal, onProgress) => work(file, { signal, onProgress }),
      (error) => ({ step: 'shown', preview, error }),
    );
  }

  return {
    state,
    name,
    choose,
    unlock: async (keys) => {
      if (source.current !== null) await verify(source.current.path, keys);
    },
    merge: () =>
      reading(({ sha256, ...file }, options) =>
        client.call('cases.import', { ...file, expectedSha256: sha256 }, options),
      ),
    review: async () => {
      const opened = await reading(({ sha256: _, ...file }, options) =>
        client.call(
          'review.open',
          { ...file, name: name.split(/[\\/]/).at(-1)?.slice(0, 255) ?? null },
          options,
        ),
      );
      return opened !== null && opened.caseId !== null;
    },
    cancel: () => abort.current?.abort(),
  };
}
