import type { Handlers } from '../../shared/api/server.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

type UploadMethod =
  | 'uploads.begin'
  | 'uploads.write'
  | 'uploads.finish'
  | 'uploads.discard'
  | 'evidence.begin'
  | 'evidence.next'
  | 'evidence.end';

export interface FakeUploads {
  readonly handlers: Pick<Handlers, UploadMethod>;
  /** Bytes that came; null where there is no such upload. */
  readonly bytesOf: (id: string) => number | null;
}

/** Uploads of the made-up core, counted and never kept, and its evidence, which is one word. */
export function createFakeUploads(nextId: (prefix: string) => string): FakeUploads {
  const readings = new Set<string>();
  const uploads = new Map<string, { readonly sizeBytes: number; writtenBytes: number }>();
  function found(id: string) {
    const upload = uploads.get(id);
    if (upload === undefined) throw new WatchfloorError('not-found', 'This file was given up or forgotten.');
    return upload;
  }
  return {
    bytesOf: (id) => uploads.get(id)?.writtenBytes ?? null,
    handlers: {
      'evidence.begin': () => ({ id: nextId('reading'), sizeBytes: 8 }),
      'evidence.next': ({ id }) => {
        if (readings.delete(id)) return { base64: '', isVerified: true };
        readings.add(id);
        return { base64: 'ZXZpZGVuY2U=', isVerified: null };
      },
      'evidence.end': ({ id }) => {
        readings.delete(id);
        return { done: true };
      },
      'uploads.begin': ({ sizeBytes }) => {
        const id = nextId('upload');
        uploads.set(id, { sizeBytes, writtenBytes: 0 });
        return { id };
      },
      'uploads.write': ({ id, offset, base64 }) => {
        const upload = found(id);
        if (offset !== upload.writtenBytes) {
          throw new WatchfloorError('conflict', 'This piece does not go there.');
        }
        upload.writtenBytes += atob(base64).length;
        return { writtenBytes: upload.writtenBytes };
      },
      'uploads.finish': ({ id }) => {
        const upload = found(id);
        if (upload.writtenBytes !== upload.sizeBytes) {
          throw new WatchfloorError('conflict', 'The file is not whole.');
        }
        return { path: `/home/analyst/watchfloor/unfinished/${id}` };
      },
      'uploads.discard': ({ id }) => {
        uploads.delete(id);
        return { done: true };
      },
    },
  };
}
