import { useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { useApp, useAppStore, useClient } from '../ui/index.ts';
import type { CaseEdit } from './case-desk.tsx';
import { discardUpload, uploadFile } from './case-file-upload.ts';

type Evidence = CaseState['evidence'][number];

/** Adds files of any size to a case, one after the other, with progress and cancel at the bottom edge. */
export function useEvidenceFiles(
  caseId: string,
  change: CaseEdit['change'],
): {
  readonly busy: boolean;
  /** Gives those that are in the case then. */
  readonly add: (files: readonly File[]) => Promise<readonly Evidence[]>;
} {
  const client = useClient();
  const store = useAppStore();
  const notify = useApp((state) => state.notify);
  const [running, setRunning] = useState(0);

  async function addOne(file: File): Promise<Evidence | null> {
    const name = file.name === '' ? 'evidence' : file.name.slice(0, 255);
    const shown = name.slice(0, 80);
    const { startJob, updateJob, endJob } = store.getState();
    const abort = new AbortController();
    const job = startJob({
      label: `Adding ${shown}`,
      total: file.size,
      unit: 'bytes',
      cancel: () => abort.abort(),
    });
    try {
      const upload = await uploadFile(client, file, {
        signal: abort.signal,
        onBytes: (bytes) => updateJob(job, { done: bytes }),
      });
      try {
        const mediaType = file.type.slice(0, 120);
        const added = await change(() =>
          client.call(
            'cases.addEvidence',
            { caseId, name, mediaType, uploadId: upload.id },
            { signal: abort.signal },
          ),
        );
        if (added === null) return null;
        notify({ text: `Added ${shown} with its SHA-256`, tone: 'good' });
        return added.evidence.at(-1) ?? null;
      } finally {
        await discardUpload(client, upload.id);
      }
    } catch (thrown) {
      const { code, message, details } = toErrorData(thrown);
      if (code === 'cancelled') notify({ text: `${shown} was not added` });
      else notify({ text: `${shown} was not added. ${message}`, tone: 'error', details });
    } finally {
      endJob(job);
    }
    return null;
  }

  return {
    busy: running > 0,
    async add(files) {
      setRunning((count) => count + 1);
      const added: Evidence[] = [];
      for (const file of files) {
        const evidence = await addOne(file);
        if (evidence !== null) added.push(evidence);
      }
      setRunning((count) => count - 1);
      return added;
    },
  };
}
