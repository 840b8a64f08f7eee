/** The thread that reads evidence for its sums, one file after the other, and ends by itself. */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { evidenceChunks } from '../../db/evidence-seal.ts';
import type { EvidencePlace } from '../../db/store.ts';
import type { SumsWord } from './evidence-sums.ts';

const say = (word: SumsWord) => parentPort?.postMessage(word);

async function run(places: readonly EvidencePlace[]): Promise<void> {
  for (const place of places) {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let crc = 0;
    for await (const chunk of evidenceChunks(place)) {
      hash.update(chunk);
      crc = crc32(chunk, crc);
      sizeBytes += chunk.length;
      say({ bytes: chunk.length });
    }
    say({ path: place.path, sums: { sha256: hash.digest('hex'), crc32: crc, sizeBytes } });
  }
}

void run(workerData as readonly EvidencePlace[]);
