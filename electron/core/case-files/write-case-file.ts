import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { mayBeSeenBy, stricterTlp } from '../../../shared/case-file/audience.ts';
import {
  directoryEntry,
  endOfContainer,
  localHeader,
  localHeaderLength,
  type Member,
} from '../../../shared/case-file/container.ts';
import { entryLine } from '../../../shared/case-file/entry-line.ts';
import {
  arrivalsPath,
  caseFileVersion,
  evidencePath,
  type Manifest,
  manifestPath,
  manifestText,
  type RecordPath,
  signaturePath,
  type WriterLine,
} from '../../../shared/case-file/manifest.ts';
import { type EntryPayload, entryPayloadSchema, type Tlp } from '../../../shared/domain/case.ts';
import { canonicalJson, type SignedEntry } from '../../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { fileChunks, release, writeAll } from '../../db/file-chunks.ts';
import { keyFingerprint } from '../../db/signatures.ts';
import { toStorageError } from '../../db/storage-error.ts';
import type { CaseOutline, Store } from '../../db/store.ts';
import { type EarlySums, startSums } from './evidence-sums.ts';
import { aboutMarkedObservables } from './marked-observables.ts';

/** A member and how its bytes are made, as often as they are asked for. */
interface Part extends Member {
  readonly sha256: string;
  chunks(): AsyncIterable<Buffer>;
}

/** What a case file will hold, measured: everything but who exports it and when. */
export interface CaseFilePlan {
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly counts: { readonly alerts: number; readonly mitigations: number; readonly evidence: number };
  readonly parts: readonly Part[];
  /** Of the exporter's own block; the manifest does not list it. */
  readonly arrivals: Part;
}

export interface PlanOptions {
  readonly state: CaseOutline;
  /** Payloads that these people may not see are left out; null keeps all. */
  readonly audience: Tlp | null;
  /** An empty folder for records on their way, which are read from the database once; the parts need it. */
  readonly folder: string;
  /** Told bytes that were read. @throws to give up */
  readonly onBytes: (bytes: number) => void;
}

/** Characters of lines that are put together: of longer texts V8 lets dozens of megabytes lie around. */
const textAtOnce = 64 * 1024;

async function measured(
  path: string,
  chunks: () => AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): Promise<Part> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let crc = 0;
  for await (const chunk of chunks()) {
    hash.update(chunk);
    crc = crc32(chunk, crc);
    sizeBytes += chunk.length;
    onBytes(chunk.length);
  }
  return { path, sizeBytes, crc32: crc, sha256: hash.digest('hex'), chunks };
}

/** Records into a file of their own, measured on the way. */
async function kept(
  folder: string,
  path: string,
  chunks: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): Promise<Part> {
  const place = join(folder, path);
  async function* written(): AsyncGenerator<Buffer> {
    const file = openSync(place, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        writeAll(file, chunk);
        yield chunk;
        release(chunk);
      }
    } finally {
      closeSync(file);
    }
  }
  try {
    return { ...(await measured(path, written, onBytes)), chunks: () => fileChunks(place) };
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

async function* oneChunk(text: string): AsyncGenerator<Buffer> {
  if (text !== '') yield Buffer.from(text);
}

/** The evidence and snapshots that a payload speaks of. */
function namedIn(entry: SignedEntry): EntryPayload | null {
  const { payload } = entry;
  if (payload === null) return null;
  const kinds = ['evidence-added', 'snapshots-taken'];
  // Of version 1 the header does not say the kind.
  if (!kinds.some((kind) => (entry.version === 1 ? payload.includes(`"${kind}"`) : entry.kind === kind))) {
    return null;
  }
  const parsed = entryPayloadSchema.safeParse(JSON.parse(payload));
  return parsed.success ? parsed.data : null;
}

/**
 * The case and those merged into it, each with the marking by which its entries go that have none: its own, or that of
 * the case it is merged into where that is stricter.
 */
function caseMarkings(store: Store, state: CaseOutline): Map<string, Tlp> {
  const markings = new Map([[state.id, state.tlp]]);
  for (const id of state.mergedCases) {
    markings.set(id, stricterTlp(state.tlp, store.cases.outline(id)?.tlp ?? 'TLP:RED'));
  }
  return markings;
}

/** Whether an entry's payload may go to an audience; null takes all. */
async function passFor(
  store: Store,
  state: CaseOutline,
  markings: ReadonlyMap<string, Tlp>,
  audience: Tlp | null,
): Promise<(entry: SignedEntry) => boolean> {
  const isAboutMarked = await aboutMarkedObservables(store, state, [...markings.keys()], audience);
  return (entry) =>
    audience === null ||
    (mayBeSeenBy(audience, { tlp: entry.tlp }, markings.get(entry.caseId) ?? 'TLP:RED') &&
      !isAboutMarked(entry));
}

const byKind = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => ({ kind, count }));

/** How many entries a case file for an audience would have, and of which kinds payloads would not be in it. */
export async function leftOutFor(
  store: Store,
  state: CaseOutline,
  audience: Tlp | null,
): Promise<{ readonly entries: number; readonly withheld: { kind: string; count: number }[] }> {
  const markings = caseMarkings(store, state);
  const mayGo = await passFor(store, state, markings, audience);
  const withheld = new Map<string, number>();
  let entries = 0;
  for (const page of store.cases.signedEntries([...markings.keys()], store.cases.newestPosition())) {
    entries += page.length;
    for (const entry of page) {
      if (entry.payload !== null && mayGo(entry)) continue;
      withheld.set(entry.kind, (withheld.get(entry.kind) ?? 0) + 1);
    }
    await nextTurn();
  }
  return { entries, withheld: byKind(withheld) };
}

/**
 * Reads everything that belongs to a case, and measures it: records once, evidence on another thread meanwhile where
 * there is much. Evidence is checked against its hash.
 * @throws WatchfloorError `not-found`, `storage` for damaged evidence
 */
export async function planCaseFile(store: Store, options: PlanOptions): Promise<CaseFilePlan> {
  const { state, audience, onBytes } = options;
  // An audience may not get all of it.
  const evidence = audience === null ? store.cases.evidenceIn([state.id, ...state.mergedCases]) : [];
  const places = evidence.flatMap((sha256) => store.evidence.open(sha256)?.place ?? []);
  const early = startSums(places, onBytes);
  try {
    return await planWith(early.done, store, options);
  } finally {
    await early.stop();
  }
}

async function planWith(
  earlySums: EarlySums['done'],
  store: Store,
  options: PlanOptions,
): Promise<CaseFilePlan> {
  const { audience, folder, onBytes } = options;
  const { id: caseId } = options.state;
  const upTo = store.cases.newestPosition();
  const markings = caseMarkings(store, options.state);
  const cases = [...markings.keys()].sort();
  const mayGo = await passFor(store, options.state, markings, audience);
  const shown = (entry: SignedEntry): SignedEntry =>
    mayGo(entry) ? entry : { ...entry, payload: null, salt: null };

  const entriesHash = createHash('sha256');
  const withheld = new Map<string, number>();
  const evidence = new Map<string, number>();
  const snapshots = { alert: new Set<string>(), mitigation: new Set<string>() };
  let entries = 0;
  function note(entry: SignedEntry): void {
    entries += 1;
    entriesHash.update(`${entry.hash}\n`);
    if (entry.payload === null) withheld.set(entry.kind, (withheld.get(entry.kind) ?? 0) + 1);
    const named = namedIn(entry);
    if (named?.kind === 'evidence-added') evidence.set(named.sha256, named.sizeBytes);
    if (named?.kind === 'snapshots-taken') {
      for (const { subject, sha256 } of named.snapshots) snapshots[subject].add(sha256);
    }
  }
  async function* entryChunks(): AsyncGenerator<Buffer> {
    for (const page of store.cases.signedEntries(cases, upTo)) {
      let text = '';
      for (const each of page) {
        const entry = shown(each);
        note(entry);
        text += `${entryLine(entry)}\n`;
        if (text.length < textAtOnce) continue;
        yield Buffer.from(text);
        text = '';
      }
      yield Buffer.from(text);
      await nextTurn();
    }
  }
  const writers = store.cases.writerKeys(cases, upTo).map(
    ({ writerId, publicKey }): WriterLine => ({
      keyFingerprint: keyFingerprint(publicKey),
      publicKey,
      writerId,
    }),
  );
  const writersText = writers.map((writer) => `${canonicalJson(writer)}\n`).join('');
  const missing: string[] = [];
  async function* snapshotLines(hashes: ReadonlySet<string>): AsyncGenerator<Buffer> {
    for (const sha256 of [...hashes].sort()) {
      const body = store.cases.snapshot(sha256);
      if (body === null) missing.push(sha256);
      else yield Buffer.from(`${body}\n`);
      await nextTurn();
    }
  }
  const records = (path: RecordPath | typeof arrivalsPath, chunks: AsyncIterable<Buffer>) =>
    kept(folder, path, chunks, onBytes);
  const parts = [
    await records('writers.jsonl', oneChunk(writersText)),
    await records('entries.jsonl', entryChunks()),
    await records('alerts.jsonl', snapshotLines(snapshots.alert)),
    await records('mitigations.jsonl', snapshotLines(snapshots.mitigation)),
  ];
  for (const sha256 of [...evidence.keys()].sort()) {
    const file = store.evidence.open(sha256);
    if (file === null) {
      missing.push(sha256);
      continue;
    }
    const chunks = () => file.chunks();
    const path = evidencePath(sha256);
    const sums = (await earlySums).get(file.place.path);
    const part = sums === undefined ? await measured(path, chunks, onBytes) : { path, chunks, ...sums };
    if (part.sha256 !== sha256) {
      throw new WatchfloorError(
        'storage',
        'The bytes of a piece of evidence were changed on the disk, so the case cannot be exported as it was. Nothing was written.',
        sha256,
      );
    }
    parts.push(part);
  }
  async function* arrivalChunks(): AsyncGenerator<Buffer> {
    const lines = store.arrivals.workstations(writers.map(({ writerId }) => writerId));
    yield Buffer.from(lines.map((each) => `${canonicalJson(each)}\n`).join(''));
    for (const line of store.arrivals.of(cases)) {
      yield Buffer.from(`${canonicalJson(line)}\n`);
      await nextTurn();
    }
  }
  const missingAlerts = [...snapshots.alert].filter((sha256) => missing.includes(sha256)).length;
  const missingMitigations = [...snapshots.mitigation].filter((sha256) => missing.includes(sha256)).length;
  const manifest: Manifest = {
    format: 'watchfloor-case',
    version: caseFileVersion,
    caseId,
    cases,
    audience,
    entries,
    entriesSha256: entriesHash.digest('hex'),
    withheld: byKind(withheld),
    missing: missing.sort(),
    files: parts.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })),
  };
  return {
    manifest,
    manifestText: manifestText(manifest),
    parts,
    arrivals: await records(arrivalsPath, arrivalChunks()),
    counts: {
      alerts: snapshots.alert.size - missingAlerts,
      mitigations: snapshots.mitigation.size - missingMitigations,
      evidence: parts.length - 4,
    },
  };
}

function textPart(path: string, text: string): Part {
  const bytes = Buffer.from(text);
  return {
    path,
    sizeBytes: bytes.length,
    crc32: crc32(bytes),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    chunks: () => oneChunk(text),
  };
}

/**
 * The bytes of a case file, in order.
 * @param signatureText the last member: what the exporter signed
 * @throws WatchfloorError `conflict` when something was changed since it was planned
 */
export async function* caseFileBytes(
  plan: CaseFilePlan,
  signatureText: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer, void, void> {
  const members = [
    textPart(manifestPath, plan.manifestText),
    ...plan.parts,
    plan.arrivals,
    textPart(signaturePath, signatureText),
  ];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const member of members) {
    directory.push(directoryEntry(member, offset));
    yield Buffer.from(localHeader(member));
    let left = member.sizeBytes;
    let crc = 0;
    for await (const chunk of member.chunks()) {
      left -= chunk.length;
      crc = crc32(chunk, crc);
      onBytes(chunk.length);
      yield chunk;
    }
    if (left !== 0 || crc !== member.crc32) {
      throw new WatchfloorError('conflict', 'The case was changed while it was exported. Try again.');
    }
    offset += localHeaderLength(member.path, member.sizeBytes) + member.sizeBytes;
  }
  const directoryBytes = Buffer.concat(directory);
  yield directoryBytes;
  yield Buffer.from(endOfContainer(members.length, offset, directoryBytes.length));
}
