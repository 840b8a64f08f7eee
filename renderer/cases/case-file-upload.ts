import type { Client } from '../../shared/api/client.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { base64FromFile } from '../ui/download.ts';

/** As much as the contract takes at once. */
const pieceBytes = 1024 * 1024;

/** A file that lies with the core for a while. */
export interface UploadedFile {
  readonly id: string;
  readonly path: string;
}

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Told how many bytes are there. */
  readonly onBytes: (bytes: number) => void;
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new WatchfloorError('cancelled', 'It was given up. Nothing was kept.');
}

/**
 * Brings a file that was chosen or dropped to the core, in pieces, however large it is.
 * @returns where it lies until `uploads.discard`
 * @throws WatchfloorError when it is given up, does not fit, or cannot be read; nothing is left then
 */
export async function uploadFile(
  client: Pick<Client, 'call'>,
  file: Blob & { readonly name?: string },
  { signal, onBytes }: UploadOptions,
): Promise<UploadedFile> {
  refuseAborted(signal);
  const { id } = await client.call('uploads.begin', {
    name: (file.name ?? '').slice(0, 1_000),
    sizeBytes: file.size,
  });
  try {
    const pieceAt = (offset: number) => base64FromFile(file.slice(offset, offset + pieceBytes));
    let next = pieceAt(0);
    for (let offset = 0; offset < file.size; offset += pieceBytes) {
      const base64 = await next;
      refuseAborted(signal);
      // The next piece is read while the core writes this one.
      next = pieceAt(offset + pieceBytes);
      next.catch(() => undefined);
      const { writtenBytes } = await client.call('uploads.write', { id, offset, base64 });
      onBytes(writtenBytes);
    }
    await next;
    refuseAborted(signal);
    return { id, ...(await client.call('uploads.finish', { id })) };
  } catch (thrown) {
    await discardUpload(client, id);
    if (thrown instanceof WatchfloorError) throw thrown;
    throw new WatchfloorError(
      'bad-input',
      'The file cannot be read, or changed while it was read. Choose it again.',
      String(thrown),
    );
  }
}

/** Takes an upload away. Where that fails the core does so itself, at its next start at the latest. */
export async function discardUpload(client: Pick<Client, 'call'>, id: string): Promise<void> {
  await client.call('uploads.discard', { id }).catch(() => undefined);
}
