import { useCallback, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { bytesFromBase64, offerFile } from '../ui/download.ts';
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

/** Pieces are put into one part of the file at this size: the browser keeps parts on the disk where they are many. */
const partBytes = 16 * 1024 * 1024;

/** Offers evidence of any size for saving, with progress and cancel at the bottom edge, once its hash holds. */
export function useEvidenceSaving(
  caseId: string,
): (evidence: CaseState['evidence'][number]) => Promise<void> {
  const client = useClient();
  const store = useAppStore();
  const notify = useApp((state) => state.notify);
  return useCallback(
    async (evidence) => {
      const shown = evidence.name.slice(0, 80);
      const { startJob, updateJob, endJob } = store.getState();
      let isGivenUp = false;
      const cancel = () => {
        isGivenUp = true;
      };
      const job = startJob({ label: `Saving ${shown}`, total: evidence.sizeBytes, unit: 'bytes', cancel });
      try {
        const { id } = await client.call('evidence.begin', { caseId, evidenceId: evidence.id });
        const parts: Blob[] = [];
        let pending: Uint8Array<ArrayBuffer>[] = [];
        let [done, pendingBytes] = [0, 0];
        const flush = () => {
          parts.push(new Blob(pending));
          [pending, pendingBytes] = [[], 0];
        };
        for (;;) {
          if (isGivenUp) {
            await client.call('evidence.end', { id });
            notify({ text: `${shown} was not saved` });
            return;
          }
          const piece = await client.call('evidence.next', { id });
          if (piece.isVerified === false) {
            const text = `${shown} no longer has the SHA-256 it was added with. It was not saved.`;
            notify({ text, tone: 'error' });
            return;
          }
          if (piece.isVerified === true) break;
          const bytes = bytesFromBase64(piece.base64);
          pending.push(bytes);
          pendingBytes += bytes.length;
          done += bytes.length;
          if (pendingBytes >= partBytes) flush();
          updateJob(job, { done });
        }
        flush();
        offerFile(evidence.name, new Blob(parts, { type: 'application/octet-stream' }));
        notify({ text: `Saved ${shown}; its SHA-256 holds`, tone: 'good' });
      } catch (thrown) {
        const { message, details } = toErrorData(thrown);
        notify({ text: message, tone: 'error', details });
      } finally {
        endJob(job);
      }
    },
    [client, store, notify, caseId],
  );
}
