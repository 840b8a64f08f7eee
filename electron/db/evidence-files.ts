import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * How files of evidence are called: the SHA-256 (hex) of the evidence, and where it is encrypted, a point and the id of
 * the key. In folders of the first two digits.
 */

const fileName = /^([0-9a-f]{64})(?:\.([0-9a-f]{16}))?$/;

const folderOf = (dataDirectory: string) => join(dataDirectory, 'evidence');

/** Where evidence with this SHA-256 (hex) lies: plain, or encrypted with the key of this id. */
export const evidencePath = (dataDirectory: string, sha256: string, keyId?: string): string =>
  join(folderOf(dataDirectory), sha256.slice(0, 2), keyId === undefined ? sha256 : `${sha256}.${keyId}`);

export interface EvidenceFile {
  readonly path: string;
  readonly sha256: string;
  /** null where it is not encrypted. */
  readonly keyId: string | null;
}

function filesIn(folder: string): EvidenceFile[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    // No evidence yet, or none that begins so; or something of somebody else's.
    return [];
  }
  return names.flatMap((name) => {
    const [, sha256, keyId = null] = fileName.exec(name) ?? [];
    return sha256 === undefined ? [] : [{ path: join(folder, name), sha256, keyId }];
  });
}

/** Every file of one piece of evidence. */
export function filesOf(dataDirectory: string, sha256: string): EvidenceFile[] {
  const folder = join(folderOf(dataDirectory), sha256.slice(0, 2));
  return filesIn(folder).filter((file) => file.sha256 === sha256);
}

/** Every file of evidence, folder by folder. */
export function* allEvidenceFiles(dataDirectory: string): Generator<EvidenceFile, void, void> {
  for (let first = 0; first < 256; first += 1) {
    yield* filesIn(join(folderOf(dataDirectory), first.toString(16).padStart(2, '0')));
  }
}
