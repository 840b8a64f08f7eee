import { handoverLimits } from '../../shared/domain/handover.ts';
import { type HandoverReading, readHandover } from '../../shared/domain/handover-file.ts';
import { fileChunks } from '../db/file-chunks.ts';
import { sha256Hex } from '../db/ids.ts';
import { isSignedBy } from '../db/signatures.ts';

const checks = {
  sha256: sha256Hex,
  isSigned: (publicKey: string, text: string, signature: string) =>
    isSignedBy(publicKey, text, Buffer.from(signature, 'base64')),
};

/** Reads and verifies the bytes of a `.wfhandover` file, whatever they are. */
export function readHandoverBytes(bytes: Uint8Array): HandoverReading {
  if (bytes.length > handoverLimits.fileBytes) {
    return { file: null, problems: [{ at: 'file', sentence: 'It is larger than 4 MiB.' }] };
  }
  let text: string;
  try {
    // A byte order mark stays, and is refused as any other byte that does not belong there.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { file: null, problems: [{ at: 'file', sentence: 'It is not UTF-8.' }] };
  }
  return readHandover(text, checks);
}

/**
 * The same of a file on this machine, of which no more is read than a handover may have.
 * @throws WatchfloorError `not-found` or `bad-input` where it is no file that can be read
 */
export async function readHandoverFile(path: string): Promise<HandoverReading> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of fileChunks(path)) {
    // The reader uses its buffers again.
    pieces.push(Buffer.from(piece));
    size += piece.length;
    if (size > handoverLimits.fileBytes) break;
  }
  return readHandoverBytes(Buffer.concat(pieces));
}
