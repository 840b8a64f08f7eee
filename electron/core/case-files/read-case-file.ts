import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  type ArrivalLine,
  createArrivalReader,
  type Workstation,
} from '../../../shared/case-file/arrivals.ts';
import { mayBeSeenBy } from '../../../shared/case-file/audience.ts';
import {
  directoryEntry,
  endOfContainer,
  localHeader,
  localHeaderLength,
  type Member,
} from '../../../shared/case-file/container.ts';
import { readEntryLine } from '../../../shared/case-file/entry-line.ts';
import { parseJson } from '../../../shared/case-file/json.ts';
import {
  arrivalsPath,
  evidencePath,
  type Manifest,
  manifestPath,
  manifestSchema,
  manifestText,
  type RecordPath,
  recordPaths,
  type SignatureBlock,
  signatureBlockSchema,
  signatureBlockText,
  signaturePath,
  signedBlockText,
  writerLineSchema,
} from '../../../shared/case-file/manifest.ts';
import { type Snapshot, snapshotSchema } from '../../../shared/case-file/snapshot.ts';
import { type EntryPayload, entryPayloadSchema } from '../../../shared/domain/case.ts';
import {
  auditHash,
  canonicalJson,
  createChainCheck,
  inChainOrder,
  type SignedEntry,
  signedText,
} from '../../../shared/domain/entry-chain.ts';
import { toErrorData, WatchfloorError } from '../../../shared/domain/result.ts';
import { sha256Hex } from '../../db/ids.ts';
import { isSignedBy, isSignedByLater, keyFingerprint } from '../../db/signatures.ts';
import type { WriterKey } from '../../db/store.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';

/** One thing that is wrong with a file, and where: a member, a line of it, or a byte of the file. */
export interface FileProblem {
  readonly at: string;
  readonly sentence: string;
}

/** Where what is in a case file goes while it is read; whether it may stay is known at the end alone. */
export interface CaseFileSink {
  writers(keys: readonly WriterKey[]): void;
  entries(entries: readonly SignedEntry[]): void;
  /** After the last of them. */
  allEntries(): void;
  snapshots(snapshots: readonly { readonly sha256: string; readonly body: string }[]): void;
  workstations(workstations: readonly Workstation[]): void;
  arrivals(arrivals: readonly ArrivalLine[]): void;
  /** How to take the bytes of one piece of evidence; null where they are not wanted. */
  evidence(sha256: string): Promise<((chunk: Buffer) => Promise<void>) | null>;
}

/** What a case file is found to be. */
export interface CaseFileReport {
  /** The first of them; `problemCount` says how many there are. */
  readonly problems: readonly FileProblem[];
  readonly problemCount: number;
  /** SHA-256 over manifest.json and signature.json: of a file without problems they determine every other byte. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly manifest: Manifest | null;
  readonly signature: SignatureBlock | null;
  readonly counts: {
    readonly cases: number;
    readonly entries: number;
    readonly chains: number;
    readonly forks: number;
    readonly withheld: number;
    readonly writers: number;
    readonly alerts: number;
    readonly mitigations: number;
    readonly evidence: number;
    readonly evidenceBytes: number;
  };
  /** Who wrote entries, by writer id. */
  readonly writers: readonly {
    readonly writerId: string;
    readonly name: string;
    readonly keyFingerprint: string;
    readonly entries: number;
  }[];
  /** The title that each case was given last; none where it is withheld. */
  readonly titles: ReadonlyMap<string, string>;
  /** The greatest clock of any entry. */
  readonly newestClock: string;
}

const mostProblems = 10_000;
const mostManifestBytes = 32 * 1024 * 1024;
const mostSignatureBytes = 16 * 1024;
const mostArrivalBytes = 1024 * 1024 * 1024;
/** Signals that were saved with a case and snapshots of alerts are the longest lines. */
const mostLineBytes = 16 * 1024 * 1024;
const entriesAtOnce = 200;
/** Signatures that are looked at on other threads at one time. */
const signaturesAtOnce = 256;

/** The container is not what it must be: nothing after this place can be understood. */
class BrokenContainer extends Error {}

/**
 * Reads a case file from its first byte to its last and checks all of it: that no other bytes could stand for what is
 * in it, sums, signatures, chains, and that what entries speak of is there. Memory is bounded whatever the size.
 *
 * @param onBytes told bytes that were read; what it throws ends the reading
 * @throws WatchfloorError what the source, the sink or `onBytes` throw, but for `bad-input`, which is a problem
 */
export async function readCaseFile(
  chunks: AsyncIterable<Buffer>,
  sink: CaseFileSink | null,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<CaseFileReport> {
  const problems: FileProblem[] = [];
  let problemCount = 0;
  const problem = (at: string, sentence: string) => {
    problemCount += 1;
    if (problems.length < mostProblems) problems.push({ at, sentence });
  };
  const identity = createHash('sha256');
  let sizeBytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
  }
  const reader = createByteReader(counted());
  const counts = { alerts: 0, mitigations: 0, evidence: 0, evidenceBytes: 0 };
  const records = createRecordCheck(problem, sink, counts);
  let manifest: Manifest | null = null;
  let signature: SignatureBlock | null = null;
  try {
    const container = createContainerReader(reader);
    const manifestBytes = await container.small(manifestPath, mostManifestBytes);
    identity.update(manifestBytes);
    manifest = readManifest(manifestBytes.toString('utf8'));
    records.begin(manifest);
    for (const [index, file] of manifest.files.entries()) {
      const record = recordPaths[index];
      const found = await container.member(file.path, file.sizeBytes, async (pieces) => {
        if (record !== undefined) return records.read(record, pieces);
        return records.evidence(file.path.slice(evidencePath('').length), file.sizeBytes, pieces);
      });
      if (found.sha256 !== file.sha256)
        problem(file.path, 'Its bytes do not have the SHA-256 that the manifest gives.');
      if (found.crc32 !== found.headerCrc32)
        problem(file.path, 'Its bytes do not have the checksum in its header.');
    }
    await records.end();
    const arrivals = await container.unlisted(arrivalsPath, mostArrivalBytes, records.arrivals);
    const signatureBytes = await container.small(signaturePath, mostSignatureBytes);
    identity.update(signatureBytes);
    signature = readSignature(signatureBytes.toString('utf8'), sha256Hex(manifestBytes), problem);
    const { sha256, sizeBytes: arrivalBytes } = signature.arrivals;
    if (arrivals.sha256 !== sha256 || arrivals.sizeBytes !== arrivalBytes) {
      problem(arrivalsPath, 'Its bytes are not those that the exporter signed.');
    }
    if (!records.isWorkstation(signature.workstationId)) {
      problem(arrivalsPath, 'It says nothing of the workstation from which the file was exported.');
    }
    await container.end();
  } catch (thrown) {
    if (thrown instanceof BrokenContainer) problem(`byte ${reader.offset()}`, thrown.message);
    else if (toErrorData(thrown).code === 'bad-input')
      problem(`byte ${reader.offset()}`, toErrorData(thrown).message);
    else throw thrown;
  } finally {
    await records.settle();
    await reader.close();
  }
  return {
    problems,
    problemCount,
    sha256: identity.digest('hex'),
    sizeBytes,
    manifest,
    signature,
    ...records.found(),
  };
}

/** Takes members out of the container one after the other, holding each header against the one that it must be. */
function createContainerReader(reader: ByteReader) {
  const directory: Uint8Array[] = [];
  let offset = 0;

  async function expect(bytes: Uint8Array, what: string): Promise<void> {
    const found = await reader.take(bytes.length);
    if (found.equals(bytes)) return;
    throw new BrokenContainer(
      found.length < bytes.length
        ? `The file ends within ${what}.`
        : `What stands here is not ${what}, as it must be.`,
    );
  }

  /** The header of a member whose size is known, or (null) of a small one whose size is read. */
  async function header(path: string, knownSize: number | null, mostBytes: number): Promise<Member> {
    const what = `the header of ${path}`;
    const length = localHeaderLength(path, knownSize ?? 0);
    const found = await reader.take(length);
    if (found.length < length) throw new BrokenContainer(`The file ends within ${what}.`);
    const sizeBytes = knownSize ?? found.readUInt32LE(22);
    const member = { path, sizeBytes, crc32: found.readUInt32LE(14) };
    if (!found.equals(localHeader(member))) {
      throw new BrokenContainer(`What stands here is not ${what}, as it must be.`);
    }
    if (sizeBytes > mostBytes)
      throw new BrokenContainer(`${path} is larger than it may be: ${sizeBytes} bytes.`);
    directory.push(directoryEntry(member, offset));
    offset += length + sizeBytes;
    return member;
  }

  /** The bytes of a member whose header was read, given on as they come. */
  async function contents(
    member: Member,
    take: (pieces: AsyncIterable<Buffer>) => Promise<void>,
  ): Promise<{ readonly sha256: string; readonly crc32: number; readonly headerCrc32: number }> {
    const hash = createHash('sha256');
    let crc = 0;
    let left = member.sizeBytes;
    async function* pieces(): AsyncGenerator<Buffer> {
      for await (const piece of reader.stream(member.sizeBytes)) {
        hash.update(piece);
        crc = crc32(piece, crc);
        left -= piece.length;
        yield piece;
      }
    }
    await take(pieces());
    if (left > 0) throw new BrokenContainer(`The file ends within ${member.path}.`);
    return { sha256: hash.digest('hex'), crc32: crc, headerCrc32: member.crc32 };
  }

  return {
    /** A member whose bytes fit into memory. */
    async small(path: string, mostBytes: number): Promise<Buffer> {
      const member = await header(path, null, mostBytes);
      const bytes = await reader.take(member.sizeBytes);
      if (bytes.length < member.sizeBytes) throw new BrokenContainer(`The file ends within ${path}.`);
      if (crc32(bytes) !== member.crc32) {
        throw new BrokenContainer(`The bytes of ${path} do not have the checksum in its header.`);
      }
      if (!isUtf8(bytes)) throw new BrokenContainer(`${path} is not UTF-8.`);
      return bytes;
    },
    /** A member of any size, its bytes given on as they come. */
    async member(path: string, sizeBytes: number, take: (pieces: AsyncIterable<Buffer>) => Promise<void>) {
      return contents(await header(path, sizeBytes, Number.MAX_SAFE_INTEGER), take);
    },
    /** A member whose size nothing but its header tells yet. */
    async unlisted(path: string, mostBytes: number, take: (pieces: AsyncIterable<Buffer>) => Promise<void>) {
      const member = await header(path, null, mostBytes);
      const found = await contents(member, take);
      if (found.crc32 !== found.headerCrc32) {
        throw new BrokenContainer(`The bytes of ${path} do not have the checksum in its header.`);
      }
      return { sha256: found.sha256, sizeBytes: member.sizeBytes };
    },
    async end(): Promise<void> {
      const entries = Buffer.concat(directory);
      await expect(entries, 'the directory of all members');
      await expect(endOfContainer(directory.length, offset, entries.length), 'the end of the directory');
      if ((await reader.take(1)).length > 0)
        throw new BrokenContainer('There is more after the end of the file.');
    },
  };
}

function readManifest(text: string): Manifest {
  const parsed = parseJson(text);
  if (parsed.problem !== null) throw new BrokenContainer(`manifest.json: ${parsed.problem}`);
  const { value } = parsed;
  if (typeof value === 'object' && value !== null && 'version' in value && 'format' in value) {
    if (value.format === 'watchfloor-case' && typeof value.version === 'number' && value.version > 1) {
      throw new BrokenContainer('A newer Watchfloor wrote this file. Open it with that version.');
    }
  }
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success) {
    const [issue] = manifest.error.issues;
    throw new BrokenContainer(
      `manifest.json is none: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }
  const { files, cases, missing, caseId, withheld } = manifest.data;
  if (manifestText(manifest.data) !== text) {
    throw new BrokenContainer('manifest.json is not written as a manifest is.');
  }
  const isSorted = (texts: readonly string[]) =>
    texts.every((each, index) => index === 0 || (texts[index - 1] ?? '') < each);
  const paths = files.map(({ path }) => path);
  const evidence = files.slice(recordPaths.length);
  const areRecords = recordPaths.every((path, index) => paths[index] === path);
  const areEvidence = evidence.every(({ path, sha256 }) => path === evidencePath(sha256));
  if (!areRecords || !areEvidence || !isSorted(paths.slice(recordPaths.length))) {
    throw new BrokenContainer(
      'manifest.json does not list the members that a case file has, in their order.',
    );
  }
  if (!isSorted(cases) || !cases.includes(caseId) || !isSorted(missing)) {
    throw new BrokenContainer('manifest.json lists cases or missing bytes out of order.');
  }
  if (!isSorted(withheld.map(({ kind }) => kind))) {
    throw new BrokenContainer('manifest.json lists what is withheld out of order.');
  }
  return manifest.data;
}

const isBase64Of = (text: string, bytes: number): boolean => {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
};

function readSignature(
  text: string,
  manifestSha256: string,
  problem: (at: string, sentence: string) => void,
): SignatureBlock {
  const parsed = parseJson(text);
  if (parsed.problem !== null) throw new BrokenContainer(`signature.json: ${parsed.problem}`);
  const block = signatureBlockSchema.safeParse(parsed.value);
  if (!block.success || signatureBlockText(block.data) !== text) {
    throw new BrokenContainer('signature.json is not written as a signature is.');
  }
  const { exporter, signature } = block.data;
  if (block.data.manifestSha256 !== manifestSha256) problem(signaturePath, 'It is of another manifest.');
  if (keyFingerprint(exporter.publicKey) !== exporter.keyFingerprint) {
    problem(signaturePath, "The exporter's fingerprint is not that of their key.");
  }
  const isValid =
    isBase64Of(exporter.publicKey, 32) &&
    isBase64Of(signature, 64) &&
    isSignedBy(exporter.publicKey, signedBlockText(block.data), Buffer.from(signature, 'base64'));
  if (!isValid) problem(signaturePath, 'The signature of the exporter is not valid.');
  return block.data;
}

/** Lines of a member, each without its newline. */
async function* linesOf(pieces: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  function refuseLong(length: number): void {
    if (length > mostLineBytes) throw new BrokenContainer(`A line of ${path} is longer than it may be.`);
  }
  for await (const piece of pieces) {
    let rest = piece;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const last = rest.subarray(0, end);
      refuseLong(heldBytes + last.length);
      yield held.length === 0 ? last : Buffer.concat([...held, last]);
      held = [];
      heldBytes = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length === 0) continue;
    held.push(Buffer.from(rest));
    heldBytes += rest.length;
    refuseLong(heldBytes);
  }
  if (heldBytes > 0) throw new BrokenContainer(`The last line of ${path} has no end.`);
}

interface WriterFound {
  readonly publicKey: string;
  readonly keyFingerprint: string;
  name: string;
  entries: number;
}

/** Checks the members that hold records, and that what they speak of is there. */
function createRecordCheck(
  problem: (at: string, sentence: string) => void,
  sink: CaseFileSink | null,
  counts: { alerts: number; mitigations: number; evidence: number; evidenceBytes: number },
) {
  let manifest: Manifest | null = null;
  let cases: ReadonlySet<string> = new Set();
  const writers = new Map<string, WriterFound>();
  const chain = createChainCheck(sha256Hex);
  const arrivals = createArrivalReader();
  const entriesHash = createHash('sha256');
  const withheld = new Map<string, number>();
  const titles = new Map<string, { readonly clock: string; readonly title: string }>();
  /** Named by entries: evidence with its size, snapshots with their subject. */
  const named = {
    evidence: new Map<string, number>(),
    alert: new Set<string>(),
    mitigation: new Set<string>(),
  };
  const there = new Set<string>();
  let verdict = { entries: 0, chains: 0, forks: 0, withheld: 0 };
  let entries = 0;
  let newestClock = '';
  let lastWriter = '';
  const lastSnapshot = { alert: '', mitigation: '' };
  let previous: SignedEntry | null = null;
  let waiting: SignedEntry[] = [];
  let signatures: Promise<void>[] = [];

  async function settle(): Promise<void> {
    const running = signatures;
    signatures = [];
    await Promise.all(running);
  }

  function takeWriter(text: string, at: string): void {
    const parsed = parseJson(text);
    const line = parsed.problem === null ? writerLineSchema.safeParse(parsed.value) : null;
    if (!line?.success || canonicalJson(line.data) !== text) {
      problem(at, parsed.problem ?? 'It is not written as a writer is.');
      return;
    }
    const { writerId, publicKey, keyFingerprint: fingerprint } = line.data;
    if (!isBase64Of(publicKey, 32) || keyFingerprint(publicKey) !== fingerprint) {
      problem(at, 'The fingerprint is not that of the key.');
    }
    if (writerId <= lastWriter) problem(at, 'It is out of order, or there twice.');
    lastWriter = writerId;
    writers.set(writerId, { publicKey, keyFingerprint: fingerprint, name: '', entries: 0 });
    sink?.writers([{ writerId, publicKey }]);
  }

  function takeNamed(payload: EntryPayload, entry: SignedEntry): void {
    if (payload.kind === 'evidence-added') named.evidence.set(payload.sha256, payload.sizeBytes);
    if (payload.kind === 'snapshots-taken') {
      for (const { subject, sha256 } of payload.snapshots) named[subject].add(sha256);
    }
    const title =
      payload.kind === 'case-opened' || payload.kind === 'header-changed' ? payload.title : undefined;
    if (title !== undefined && entry.clock > (titles.get(entry.caseId)?.clock ?? '')) {
      titles.set(entry.caseId, { clock: entry.clock, title });
    }
  }

  const telling = new Set(['evidence-added', 'snapshots-taken', 'case-opened', 'header-changed']);

  function checkSignature(entry: SignedEntry, publicKey: string, at: string): void {
    const { signature, hash } = entry;
    if (signature === null) return;
    if (!isBase64Of(signature, 64)) {
      problem(at, 'Its signature is not valid.');
      return;
    }
    signatures.push(
      isSignedByLater(publicKey, signedText('entry', hash), Buffer.from(signature, 'base64')).then(
        (isValid) => {
          if (!isValid) problem(at, 'Its signature is not valid.');
        },
      ),
    );
  }

  async function takeEntry(line: Buffer, at: string): Promise<void> {
    const read = readEntryLine(line.toString('utf8'));
    if (read.entry === null) {
      problem(at, read.problem);
      return;
    }
    const { entry, payload } = read;
    if (read.problem !== null) problem(at, read.problem);
    entries += 1;
    entriesHash.update(`${entry.hash}\n`);
    if (previous !== null && inChainOrder(previous, entry) >= 0)
      problem(at, 'It is out of order, or there twice.');
    previous = entry;
    if (!cases.has(entry.caseId)) problem(at, 'It is of a case that is not in this file.');
    if (entry.clock > newestClock) newestClock = entry.clock;
    if (entry.payload === null) withheld.set(entry.kind, (withheld.get(entry.kind) ?? 0) + 1);
    else {
      const audience = manifest?.audience ?? null;
      if (audience !== null && entry.tlp !== null && !mayBeSeenBy(audience, { tlp: entry.tlp }, 'TLP:RED')) {
        problem(at, `Its payload is marked ${entry.tlp} and the file is for ${audience}.`);
      }
      const known =
        typeof payload === 'object' && payload !== null && 'kind' in payload ? payload.kind : null;
      if (typeof known === 'string' && telling.has(known) && read.problem === null) {
        const parsed = entryPayloadSchema.safeParse(payload);
        if (parsed.success) takeNamed(parsed.data, entry);
      }
    }
    const writer = writers.get(entry.writerId);
    if (writer === undefined) problem(at, 'The file has no key of its writer.');
    else {
      writer.entries += 1;
      writer.name = entry.writerName;
      if (entry.keyFingerprint !== null && entry.keyFingerprint !== writer.keyFingerprint) {
        problem(at, "Its fingerprint is not that of its writer's key.");
      }
      checkSignature(entry, writer.publicKey, at);
    }
    chain.take(entry, () => entry.signature !== null, read.covered);
    waiting.push(entry);
    if (waiting.length >= entriesAtOnce) flush();
    if (signatures.length >= signaturesAtOnce) await settle();
  }

  function flush(): void {
    if (waiting.length > 0) sink?.entries(waiting);
    waiting = [];
  }

  function takeSnapshot(line: Buffer, subject: Snapshot['subject'], at: string): void {
    const sha256 = sha256Hex(line);
    if (sha256 <= lastSnapshot[subject]) problem(at, 'It is out of order, or there twice.');
    lastSnapshot[subject] = sha256;
    there.add(sha256);
    counts[`${subject}s`] += 1;
    if (!named[subject].has(sha256)) problem(at, 'No entry speaks of it.');
    const body = line.toString('utf8');
    const parsed = parseJson(body);
    const snapshot = parsed.problem === null ? snapshotSchema.safeParse(parsed.value) : null;
    if (!snapshot?.success || snapshot.data.subject !== subject) {
      problem(at, parsed.problem ?? `It is not the snapshot of an ${subject}.`);
      return;
    }
    if (snapshot.data.subject === 'mitigation') {
      for (const row of snapshot.data.audit) {
        const isValid =
          auditHash(row, sha256Hex) === row.hash &&
          isSignedBy(row.publicKey, signedText('audit', row.hash), Buffer.from(row.signature, 'base64'));
        if (!isValid)
          problem(at, `Row ${row.writerSequence} of the audit log of ${row.actor} does not verify.`);
      }
    }
    sink?.snapshots([{ sha256, body }]);
  }

  function endOfEntries(): void {
    flush();
    const { problems, ...found } = chain.verdict();
    verdict = found;
    for (const { at, sentence } of problems) problem(`entry ${at}`, sentence);
    if (manifest === null) return;
    if (manifest.entries !== entries || manifest.entriesSha256 !== entriesHash.digest('hex')) {
      problem('entries.jsonl', 'It does not hold the entries that the manifest counts.');
    }
    const told = new Map(manifest.withheld.map(({ kind, count }) => [kind, count]));
    const isTold =
      told.size === withheld.size && [...withheld].every(([kind, count]) => told.get(kind) === count);
    if (!isTold) problem('manifest.json', 'It does not tell what is withheld as it is.');
    for (const [writerId, { entries: written }] of writers) {
      if (written === 0) problem('writers.jsonl', `${writerId} wrote nothing here.`);
    }
  }

  return {
    begin(read: Manifest): void {
      manifest = read;
      cases = new Set(read.cases);
    },
    async read(path: RecordPath, pieces: AsyncIterable<Buffer>): Promise<void> {
      let number = 0;
      for await (const line of linesOf(pieces, path)) {
        number += 1;
        const at = `${path} line ${number}`;
        if (!isUtf8(line)) problem(at, 'It is not UTF-8.');
        else if (path === 'writers.jsonl') takeWriter(line.toString('utf8'), at);
        else if (path === 'entries.jsonl') await takeEntry(line, at);
        else takeSnapshot(line, path === 'alerts.jsonl' ? 'alert' : 'mitigation', at);
      }
      if (path !== 'entries.jsonl') return;
      endOfEntries();
      sink?.allEntries();
    },
    async evidence(sha256: string, sizeBytes: number, pieces: AsyncIterable<Buffer>): Promise<void> {
      const path = evidencePath(sha256);
      there.add(sha256);
      counts.evidence += 1;
      counts.evidenceBytes += sizeBytes;
      const size = named.evidence.get(sha256);
      if (size === undefined) problem(path, 'No entry speaks of it.');
      else if (size !== sizeBytes) problem(path, 'It has not the size that its entry gives.');
      const take = (await sink?.evidence(sha256)) ?? null;
      for await (const piece of pieces) await take?.(piece);
    },
    async arrivals(pieces: AsyncIterable<Buffer>): Promise<void> {
      let number = 0;
      for await (const line of linesOf(pieces, arrivalsPath)) {
        number += 1;
        const read = isUtf8(line) ? arrivals.take(line.toString('utf8')) : { problem: 'It is not UTF-8.' };
        if (read.problem !== null) problem(`${arrivalsPath} line ${number}`, read.problem);
        else if ('workstation' in read) sink?.workstations([read.workstation]);
        else if (cases.has(read.arrival.caseId)) sink?.arrivals([read.arrival]);
        else problem(`${arrivalsPath} line ${number}`, 'It is of a case that is not in this file.');
      }
    },
    isWorkstation: (id: string) => arrivals.known.has(id),
    /** What entries speak of is there, or said to be missing, and not both. */
    async end(): Promise<void> {
      await settle();
      const missing = new Set(manifest?.missing);
      for (const sha256 of [...named.evidence.keys(), ...named.alert, ...named.mitigation]) {
        if (there.has(sha256) === missing.has(sha256)) {
          problem(
            'manifest.json',
            `${sha256}, of which an entry speaks, is ${missing.has(sha256) ? 'both there and' : 'neither there nor'} said to be missing.`,
          );
        }
        missing.delete(sha256);
      }
      for (const sha256 of missing)
        problem('manifest.json', `${sha256} is said to be missing; no entry speaks of it.`);
    },
    settle,
    found() {
      return {
        counts: {
          cases: manifest?.cases.length ?? 0,
          entries: verdict.entries,
          chains: verdict.chains,
          forks: verdict.forks,
          withheld: verdict.withheld,
          writers: writers.size,
          ...counts,
        },
        writers: [...writers].map(([writerId, { name, keyFingerprint: fingerprint, entries: written }]) => ({
          writerId,
          name,
          keyFingerprint: fingerprint,
          entries: written,
        })),
        titles: new Map([...titles].map(([caseId, { title }]) => [caseId, title])),
        newestClock,
      };
    },
  };
}

/** A file with problems, as one error. */
export function refuseProblems(report: CaseFileReport): void {
  const [first] = report.problems;
  if (first === undefined) return;
  const more = report.problemCount > 1 ? ` ${report.problemCount - 1} more problems.` : '';
  throw new WatchfloorError(
    'refused',
    `This case file does not verify. At ${first.at}: ${first.sentence}${more} Nothing was changed.`,
    report.problems
      .slice(0, 100)
      .map(({ at, sentence }) => `${at}: ${sentence}`)
      .join('\n'),
  );
}
