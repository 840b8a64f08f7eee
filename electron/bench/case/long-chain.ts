import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { entryLine } from '../../../shared/case-file/entry-line.ts';
import {
  arrivalsPath,
  manifestSchema,
  manifestText,
  recordPaths,
  signatureBlockText,
  signedBlockText,
} from '../../../shared/case-file/manifest.ts';
import {
  canonicalJson,
  chainStart,
  commitmentOf,
  entryHash,
  formatClock,
  signedText,
} from '../../../shared/domain/entry-chain.ts';
import { caseFileBytes } from '../../core/case-files/write-case-file.ts';
import { fileChunks } from '../../db/file-chunks.ts';
import { sha256Hex } from '../../db/ids.ts';
import { keyFingerprint } from '../../db/signatures.ts';
import { benchKey, benchPayload, seededNowMs } from './seed.ts';

const linesAtOnce = 1_000;

/** A case file of one long chain as a stream; its entries lie in a file of the folder. */
export async function writtenCaseFile(
  folder: string,
  count: number,
  entriesATransaction: number,
): Promise<AsyncGenerator<Buffer, void, void>> {
  const key = benchKey();
  const fingerprint = keyFingerprint(key.publicKey);
  const writerId = 'wr_bench';
  const entriesHash = createHash('sha256');
  const bytesHash = createHash('sha256');
  let crc = 0;
  let sizeBytes = 0;

  function* lines(): Generator<Buffer> {
    let previousHash = chainStart;
    let held = '';
    for (let sequence = 0; sequence < count; sequence += 1) {
      const said = benchPayload(sequence);
      const payload = canonicalJson(said);
      const salt = sha256Hex(`salt ${sequence}`).slice(0, 32);
      const header = {
        version: 2,
        id: `en_${sequence}`,
        caseId: 'ca_bench',
        writerId,
        writerName: 'Bench',
        keyFingerprint: fingerprint,
        sequence,
        clock: formatClock(seededNowMs + sequence, 0),
        timeMs: seededNowMs + sequence,
        previousHash,
        kind: said.kind,
        schema: 1,
        tlp: null,
        replaces: [],
        commitment: commitmentOf(payload, salt, sha256Hex),
      } as const;
      const hash = entryHash(header, sha256Hex);
      const isEnd = (sequence + 1) % entriesATransaction === 0 || sequence + 1 === count;
      const signature = isEnd
        ? Buffer.from(key.sign(Buffer.from(signedText('entry', hash)))).toString('base64')
        : null;
      entriesHash.update(`${hash}\n`);
      held += `${entryLine({ ...header, hash, salt, payload, signature })}\n`;
      previousHash = hash;
      if (!isEnd && (sequence + 1) % linesAtOnce !== 0) continue;
      const bytes = Buffer.from(held);
      held = '';
      bytesHash.update(bytes);
      crc = crc32(bytes, crc);
      sizeBytes += bytes.length;
      yield bytes;
    }
  }

  const path = join(folder, `chain-${count}-${entriesATransaction}.jsonl`);
  await pipeline(lines, createWriteStream(path));
  const writers = Buffer.from(
    `${canonicalJson({ keyFingerprint: fingerprint, publicKey: key.publicKey, writerId })}\n`,
  );
  const small = (name: string, bytes: Buffer) => {
    async function* chunks(): AsyncGenerator<Buffer> {
      if (bytes.length > 0) yield bytes;
    }
    return { path: name, sizeBytes: bytes.length, crc32: crc32(bytes), sha256: sha256Hex(bytes), chunks };
  };
  const workstationId = 'ws_bench';
  const workstation = { name: 'Bench', workstationId, writers: [writerId] };
  const arrivals = small(arrivalsPath, Buffer.from(`${canonicalJson(workstation)}\n`));
  const parts = recordPaths.map((name) => {
    if (name === 'entries.jsonl') {
      return {
        path: name,
        sizeBytes,
        crc32: crc,
        sha256: bytesHash.copy().digest('hex'),
        chunks: () => fileChunks(path),
      };
    }
    return small(name, name === 'writers.jsonl' ? writers : Buffer.alloc(0));
  });
  const manifest = manifestSchema.parse({
    format: 'watchfloor-case',
    version: 1,
    caseId: 'ca_bench',
    cases: ['ca_bench'],
    audience: null,
    entries: count,
    entriesSha256: entriesHash.digest('hex'),
    withheld: [],
    missing: [],
    files: parts.map(({ path: name, sha256, sizeBytes: size }) => ({ path: name, sha256, sizeBytes: size })),
  });
  const text = manifestText(manifest);
  const block = {
    algorithm: 'Ed25519',
    arrivals: { sha256: arrivals.sha256, sizeBytes: arrivals.sizeBytes },
    exportedMs: seededNowMs,
    exporter: { keyFingerprint: fingerprint, name: 'Bench', publicKey: key.publicKey },
    manifestSha256: sha256Hex(text),
    workstationId,
    writtenBy: 'Watchfloor bench',
  } as const;
  const signature = Buffer.from(key.sign(Buffer.from(signedBlockText(block)))).toString('base64');
  const counts = { alerts: 0, mitigations: 0, evidence: 0 };
  const plan = { manifest, manifestText: text, parts, arrivals, counts };
  return caseFileBytes(plan, signatureBlockText({ ...block, signature }), () => undefined);
}
