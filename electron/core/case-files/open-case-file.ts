import { fileChunks } from '../../db/file-chunks.ts';
import { type AgeSecrets, ageDecrypt, isAge } from './age.ts';

async function* continued(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, void>,
): AsyncGenerator<Buffer, void, void> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/**
 * The bytes of a case file, decrypted where they are encrypted.
 * @throws WatchfloorError `not-found`, `bad-input`; what `ageDecrypt` throws comes with the first bytes
 */
export async function openCaseFile(
  path: string,
  secrets: AgeSecrets,
): Promise<{ readonly chunks: AsyncGenerator<Buffer, void, void>; readonly isEncrypted: boolean }> {
  const chunks = fileChunks(path);
  const first = await chunks.next();
  const bytes = first.done === true ? Buffer.alloc(0) : first.value;
  const whole = continued(bytes, chunks);
  const isEncrypted = isAge(bytes);
  return { chunks: isEncrypted ? ageDecrypt(whole, secrets) : whole, isEncrypted };
}
