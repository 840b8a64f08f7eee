import { describe, expect, it, vi } from 'vitest';
import type { Client } from '../../shared/api/client.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { createFakeUploads } from '../testing/fake-uploads.ts';
import { uploadFile } from './case-file-upload.ts';

/** Node has no FileReader; of the browser's only what is used here. */
class Reader {
  result: string | null = null;
  error: Error | null = null;
  onload: () => void = () => undefined;
  onerror: () => void = () => undefined;
  readAsDataURL(blob: Blob): void {
    blob.arrayBuffer().then(
      (bytes) => {
        this.result = `data:;base64,${Buffer.from(bytes).toString('base64')}`;
        this.onload();
      },
      (error: Error) => {
        this.error = error;
        this.onerror();
      },
    );
  }
}

function coreWith(onWrite: () => void = () => undefined) {
  let count = 0;
  const uploads = createFakeUploads((prefix) => `${prefix}-${++count}`);
  const calls: string[] = [];
  const client = {
    call: async (method: keyof typeof uploads.handlers, input: never) => {
      calls.push(method);
      if (method === 'uploads.write') onWrite();
      return uploads.handlers[method](input, { isCancelled: () => false, progress: () => undefined });
    },
  } as unknown as Pick<Client, 'call'>;
  return { client, calls, uploads };
}

const mebibyte = 1024 * 1024;

describe('bringing a file to the core', () => {
  it('sends it in pieces of a mebibyte, in order, and tells how far it is', async () => {
    vi.stubGlobal('FileReader', Reader);
    const { client, calls, uploads } = coreWith();
    const seen: number[] = [];
    const options = { signal: new AbortController().signal, onBytes: (bytes: number) => seen.push(bytes) };
    const { id } = await uploadFile(client, new Blob([Buffer.alloc(2 * mebibyte + 5)]), options);
    expect([seen, uploads.bytesOf(id), calls]).toEqual([
      [mebibyte, 2 * mebibyte, 2 * mebibyte + 5],
      2 * mebibyte + 5,
      ['uploads.begin', 'uploads.write', 'uploads.write', 'uploads.write', 'uploads.finish'],
    ]);
  });

  it('takes away what came when it is given up, and when the core says no', async () => {
    vi.stubGlobal('FileReader', Reader);
    const abort = new AbortController();
    const given = coreWith(() => abort.abort());
    const file = new Blob([Buffer.alloc(3 * mebibyte)]);
    await expect(
      uploadFile(given.client, file, { signal: abort.signal, onBytes: () => undefined }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    const full = coreWith(() => {
      throw new WatchfloorError('storage', 'The disk is full.');
    });
    const options = { signal: new AbortController().signal, onBytes: () => undefined };
    await expect(uploadFile(full.client, file, options)).rejects.toThrow('The disk is full.');
    for (const { uploads, calls } of [given, full]) {
      expect([uploads.bytesOf('upload-1'), calls.at(-1)]).toEqual([null, 'uploads.discard']);
    }
  });

  it('says so when the file cannot be read', async () => {
    vi.stubGlobal('FileReader', Reader);
    const { client, uploads } = coreWith();
    const gone = { size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) };
    await expect(
      uploadFile(client, gone as unknown as Blob, {
        signal: new AbortController().signal,
        onBytes: () => undefined,
      }),
    ).rejects.toMatchObject({ code: 'bad-input', details: 'Error: gone' });
    expect(uploads.bytesOf('upload-1')).toBeNull();
  });
});
