import { Worker } from 'node:worker_threads';
import type { EvidencePlace } from '../../db/store.ts';
import { workerFile } from '../../worker-file.ts';

/** Of a file: its SHA-256 (hex), the checksum of a ZIP archive, and how many bytes it has. */
export interface FileSums {
  readonly sha256: string;
  readonly crc32: number;
  readonly sizeBytes: number;
}

/** What the thread says: bytes that it read, or the sums of a file. */
export type SumsWord = { readonly bytes: number } | { readonly path: string; readonly sums: FileSums };

/** Less evidence than this is read before a thread would have begun. */
const leastBytes = 64 * 1024 * 1024;
/** The thread needs next to nothing: pieces of files lie outside its heap. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** Sums that are made on another thread, which reads evidence while this one reads the database. */
export interface EarlySums {
  /** By path. What could not be read is not among them: whoever reads it next finds out why. */
  readonly done: Promise<ReadonlyMap<string, FileSums>>;
  stop(): Promise<unknown>;
}

/** @param onBytes told bytes that were read; what it throws ends the reading */
export function startSums(places: readonly EvidencePlace[], onBytes: (bytes: number) => void): EarlySums {
  const found = new Map<string, FileSums>();
  const bytes = places.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes < leastBytes) return { done: Promise.resolve(found), stop: () => Promise.resolve() };
  const worker = new Worker(workerFile(import.meta.dirname, 'evidence-sums-worker'), {
    workerData: places,
    resourceLimits,
  });
  const stop = () => worker.terminate();
  worker.on('message', (word: SumsWord) => {
    if ('path' in word) {
      found.set(word.path, word.sums);
      return;
    }
    try {
      onBytes(word.bytes);
    } catch {
      // It throws at whoever waits for the sums, too.
      void stop();
    }
  });
  worker.on('error', () => undefined);
  const done = new Promise<ReadonlyMap<string, FileSums>>((resolve) => {
    worker.on('exit', () => resolve(found));
  });
  return { done, stop };
}
