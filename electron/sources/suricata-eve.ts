import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatAge, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { counted } from './alert-words.ts';
import {
  countEveLine,
  type EveRecords,
  mostLineBytes,
  parseEveLines,
  replayEveLine,
  tooLongEveLine,
} from './eve.ts';
import { type EveReading, eveReading, eveWordFields } from './eve-words.ts';
import { createRecentLines, type RecentLines } from './recent-lines.ts';
import { badSetting, checkSettings } from './settings-reader.ts';
import {
  type Batch,
  type ConnectionIo,
  type Cursor,
  emptyBatch,
  type RejectedInput,
  type Replayed,
  type Source,
  type SourceKind,
} from './source.ts';

const fields: readonly Field[] = [
  {
    key: 'path',
    label: 'EVE file',
    help: 'Suricata’s eve.json. It is followed through rotation (rename or copy and truncate).',
    type: 'path',
    required: true,
    default: '/var/log/suricata/eve.json',
  },
  {
    key: 'startAt',
    label: 'Begin',
    help: 'Where to begin at first contact.',
    type: 'select',
    required: true,
    default: 'beginning',
    options: [
      { value: 'beginning', label: 'With what is in the file' },
      { value: 'end', label: 'With what comes from now on' },
    ],
  },
  {
    key: 'intervalSeconds',
    label: 'Every (s)',
    help: 'How often the file is looked at.',
    type: 'number',
    required: true,
    default: 1,
    min: 1,
    max: 300,
  },
  ...eveWordFields,
];

const descriptor: Descriptor = {
  kind: 'suricata-eve',
  role: 'source',
  name: 'Suricata EVE',
  summary: 'Alerts from Suricata’s EVE file; its other events are kept for drill-down.',
  mode: 'poll',
  userAddable: true,
  fields: [...fields],
  setup: [
    {
      title: 'EVE output (suricata.yaml)',
      language: 'yaml',
      text: 'outputs:\n  - eve-log:\n      enabled: yes\n      filetype: regular\n      filename: eve.json\n      types:\n        - alert:\n            metadata: yes\n        - http\n        - dns\n        - tls\n        - flow',
    },
    {
      title: 'Let this account read it',
      language: 'sh',
      text: 'setfacl -m u:"$USER":r {{path}}',
    },
  ],
};

const headBytes = 1024;
const newline = 10;
const carriageReturn = 13;
/** A rotated file that nobody wrote to for so long is finished, also while its successor is still empty. */
const finishedAfterMs = minuteMs;
const mostSiblings = 1_000;

const cursorSchema = z.object({
  version: z.literal(1),
  device: z.string(),
  inode: z.string(),
  /** Of the first bytes of the file: recognises it under another name and as a copy. */
  headHash: z.string(),
  headLength: z.number(),
  offset: z.number(),
  /** In the middle of a line that is too long to be read. */
  skipping: z.boolean(),
  /** Where the generations of the line counter begin; see recent-lines.ts. */
  previousStart: z.number(),
  presentStart: z.number(),
  newestMs: z.number().nullable(),
});
type Position = Omit<z.infer<typeof cursorSchema>, 'version'>;

/** Where a reader stands within one file. */
interface Place {
  readonly offset: number;
  readonly skipping: boolean;
  readonly previousStart: number;
  readonly presentStart: number;
}

interface Block {
  readonly records: EveRecords;
  readonly place: Place;
  /** There was no more than this in the file. */
  readonly atEnd: boolean;
}

/** A line without its end; null when it is blank. */
function lineBody(block: Buffer, start: number, end: number): string | null {
  const last = end > start && block[end - 1] === carriageReturn ? end - 1 : end;
  return last === start ? null : block.toString('utf8', start, last);
}

async function readUpTo(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * Reads the next block of whole lines.
 * @param options.final the file is finished: what stands after its last line end is a line, too
 * @param options.blockBytes also the longest line that is read
 */
async function readBlock(
  file: FileHandle,
  place: Place,
  recent: RecentLines,
  options: { readonly final: boolean; readonly blockBytes: number; readonly reading: EveReading },
): Promise<Block> {
  const block = await readUpTo(file, place.offset, options.blockBytes);
  const atEnd = block.length < options.blockBytes;
  let start = 0;
  let skipping = place.skipping;
  if (skipping) {
    const end = block.indexOf(newline);
    start = end < 0 ? block.length : end + 1;
    skipping = end < 0 && !(atEnd && options.final);
  }
  let { previousStart, presentStart } = place;
  let consumed = start;
  const beginLine = (at: number) => {
    if (!recent.atBoundary) return;
    previousStart = presentStart;
    presentStart = place.offset + at;
  };
  function* lines(): Generator<string> {
    for (let end = block.indexOf(newline, start); end >= 0; end = block.indexOf(newline, start)) {
      const body = lineBody(block, start, end);
      if (body !== null) {
        beginLine(start);
        yield body;
      }
      start = end + 1;
      consumed = start;
    }
    if (options.final && atEnd && start < block.length) {
      const body = lineBody(block, start, block.length);
      if (body !== null) {
        beginLine(start);
        yield body;
      }
      consumed = block.length;
    }
  }
  let records = parseEveLines(lines(), recent, options.reading);
  if (consumed === 0 && !atEnd) {
    const tooLong = tooLongEveLine(block.toString('utf8'));
    records = { ...records, events: records.events + 1, rejected: [...records.rejected, tooLong] };
    consumed = block.length;
    skipping = true;
  }
  return {
    records,
    place: { offset: place.offset + consumed, skipping, previousStart, presentStart },
    atEnd,
  };
}

/** Counts again what is remembered of a stream's lines, so that a reader can go on in its middle. */
async function rebuild(
  file: FileHandle,
  place: Place,
  options: {
    readonly blockBytes: number;
    readonly generationLines: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<RecentLines> {
  const recent = createRecentLines(options.generationLines);
  let offset = place.previousStart;
  let skipping = false;
  while (offset < place.offset) {
    if (options.signal.aborted) throw new WatchfloorError('cancelled', 'The reading was stopped.');
    const block = await readUpTo(file, offset, Math.min(options.blockBytes, place.offset - offset));
    if (block.length === 0) break;
    let start = 0;
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, start)) {
      const body = skipping ? null : lineBody(block, start, end);
      skipping = false;
      if (body !== null) countEveLine(body, recent);
      start = end + 1;
    }
    if (start === 0) {
      skipping = true;
      start = block.length;
    }
    offset += start;
  }
  return recent;
}

async function hashOfHead(file: FileHandle, length: number): Promise<string> {
  return createHash('sha256')
    .update(await readUpTo(file, 0, length))
    .digest('hex')
    .slice(0, 32);
}

function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function fileTrouble(path: string, thrown: unknown): WatchfloorError {
  if (thrown instanceof WatchfloorError) return thrown;
  const code = errorCode(thrown);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new WatchfloorError(
        'unavailable',
        `There is no file ${path}: is Suricata running, and is the path right?`,
        code,
      );
    case 'EACCES':
    case 'EPERM':
      return new WatchfloorError('not-allowed', `${path} may not be read by this account.`, code);
    case 'EISDIR':
      return new WatchfloorError('bad-input', `${path} is a folder; the EVE file itself is needed.`, code);
    default:
      return new WatchfloorError('unavailable', `${path} could not be read.`, code === '' ? null : code);
  }
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly stat: BigIntStats;
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r');
  try {
    const stat = await handle.stat({ bigint: true });
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    if (!stat.isFile()) {
      throw new WatchfloorError(
        'bad-input',
        `${path} is no regular file: a socket or pipe cannot be followed.`,
      );
    }
    return { path, handle, stat };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** The files beside an EVE file that rotation may have made of it, compressed ones left out. */
async function siblingsOf(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const name = basename(path);
  const stem = name.replace(/\.[^.]*$/, '');
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter(
      (entry) =>
        entry !== name &&
        (entry.startsWith(`${name}`) || entry.startsWith(`${stem}-`) || entry.startsWith(`${stem}.`)),
    )
    .filter((entry) => !/\.(gz|xz|zst|bz2|lz4)$/.test(entry))
    .slice(0, mostSiblings)
    .map((entry) => join(folder, entry));
}

/** Whether a file is the one that a cursor stands in, or a copy of it that reaches at least as far. */
async function holds(file: OpenFile, position: Position): Promise<boolean> {
  if (file.stat.size < BigInt(position.offset)) return false;
  if (position.headLength === 0) return isSameInode(file, position);
  return (await hashOfHead(file.handle, position.headLength)) === position.headHash;
}

function isSameInode(file: OpenFile, position: Position): boolean {
  return String(file.stat.ino) === position.inode && String(file.stat.dev) === position.device;
}

const emptyPlace: Place = { offset: 0, skipping: false, previousStart: 0, presentStart: 0 };

function toBatch(records: EveRecords): Batch {
  return {
    ...emptyBatch,
    events: records.events,
    occurrences: records.occurrences,
    context: records.context,
    rejected: records.rejected,
    unmapped: records.unmapped,
  };
}

/**
 * Reads one whole EVE file in blocks, the last line also without a line end. The batches have no cursor: reading
 * the file again gives the same identities.
 * @throws WatchfloorError `unavailable`, `not-allowed`, `bad-input`, `cancelled`
 */
export async function* readEveFile(path: string, signal: AbortSignal): AsyncGenerator<Batch> {
  const file = await openFile(path).catch((thrown: unknown) => {
    throw fileTrouble(path, thrown);
  });
  try {
    const recent = createRecentLines();
    const reading = eveReading({});
    let place = emptyPlace;
    for (;;) {
      if (signal.aborted) throw new WatchfloorError('cancelled', 'The reading was stopped.');
      const block = await readBlock(file.handle, place, recent, {
        final: true,
        blockBytes: mostLineBytes,
        reading,
      });
      place = block.place;
      const bytes = Number(file.stat.size);
      yield {
        ...toBatch(block.records),
        more: !block.atEnd,
        progress: { done: Math.min(place.offset, bytes), total: bytes, text: `Reading ${basename(path)}` },
      };
      if (block.atEnd) return;
    }
  } catch (thrown) {
    throw fileTrouble(path, thrown);
  } finally {
    await file.handle.close();
  }
}

/** Sizes that tests make small. */
export interface FollowLimits {
  readonly blockBytes: number;
  readonly generationLines?: number;
}

/**
 * Follows an EVE file.
 * @throws WatchfloorError `bad-input` naming the field
 */
export function createEveFollower(
  settings: Settings,
  limits: FollowLimits = { blockBytes: mostLineBytes },
): Source {
  const checked = checkSettings(fields, settings);
  const path = checked.text('path');
  if (!isAbsolute(path)) throw badSetting(fields, 'path', 'a path from the top (/…) is needed.');
  const startAtEnd = checked.text('startAt') === 'end';
  const { blockBytes } = limits;
  const reading = eveReading(settings);

  /** The counter of lines as it stood after the last poll, and where that was. */
  let kept: { readonly inode: string; readonly offset: number; readonly recent: RecentLines } | null = null;

  async function recentFor(file: OpenFile, place: Place, signal: AbortSignal): Promise<RecentLines> {
    const inode = String(file.stat.ino);
    const known = kept;
    // What was counted is spent: it is put back only when the block has been read.
    kept = null;
    if (known !== null && known.inode === inode && known.offset === place.offset) return known.recent;
    return rebuild(file.handle, place, { blockBytes, generationLines: limits.generationLines, signal });
  }

  async function positionAfter(
    file: OpenFile,
    place: Place,
    before: Position | null,
    newestMs: number | null,
  ): Promise<Position> {
    const headLength = Math.min(headBytes, place.offset);
    const sameHead = before !== null && isSameInode(file, before) && before.headLength === headLength;
    return {
      ...place,
      device: String(file.stat.dev),
      inode: String(file.stat.ino),
      headLength,
      headHash: sameHead ? before.headHash : await hashOfHead(file.handle, headLength),
      newestMs: newestMs ?? before?.newestMs ?? null,
    };
  }

  async function readFrom(
    file: OpenFile,
    position: Position | null,
    place: Place,
    final: boolean,
    io: ConnectionIo,
  ): Promise<{ readonly batch: Batch; readonly atEnd: boolean }> {
    const recent = await recentFor(file, place, io.signal);
    const block = await readBlock(file.handle, place, recent, { final, blockBytes, reading });
    kept = { inode: String(file.stat.ino), offset: block.place.offset, recent };
    const newestMs = maximum(position?.newestMs ?? null, block.records.newestMs);
    const next = await positionAfter(file, block.place, position, newestMs);
    return {
      batch: { ...toBatch(block.records), cursor: { version: 1, ...next }, more: !block.atEnd },
      atEnd: block.atEnd,
    };
  }

  /** Where reading goes on after a rotated file: with the next younger one, at the latest with the present one. */
  async function successorOf(finished: OpenFile, opened: OpenFile[]): Promise<OpenFile | null> {
    const candidates: OpenFile[] = [];
    for (const candidatePath of [path, ...(await siblingsOf(path))]) {
      const candidate = await openFile(candidatePath).catch(() => null);
      if (candidate === null) continue;
      opened.push(candidate);
      const isItself = candidate.stat.ino === finished.stat.ino && candidate.stat.dev === finished.stat.dev;
      if (!isItself && (candidate.path === path || candidate.stat.mtimeNs > finished.stat.mtimeNs)) {
        candidates.push(candidate);
      }
    }
    return (
      candidates.sort((a, b) =>
        a.path === path ? 1 : b.path === path ? -1 : a.stat.mtimeNs < b.stat.mtimeNs ? -1 : 1,
      )[0] ?? null
    );
  }

  async function find(position: Position, opened: OpenFile[]): Promise<OpenFile | null> {
    const copies: OpenFile[] = [];
    for (const candidatePath of [path, ...(await siblingsOf(path))]) {
      const candidate = await openFile(candidatePath).catch(() => null);
      if (candidate === null) continue;
      opened.push(candidate);
      if (!(await holds(candidate, position))) continue;
      if (isSameInode(candidate, position)) return candidate;
      copies.push(candidate);
    }
    return copies[0] ?? null;
  }

  async function pollOpen(cursor: Cursor | null, io: ConnectionIo, opened: OpenFile[]): Promise<Batch> {
    const parsed = cursorSchema.safeParse(cursor);
    const position = parsed.success ? parsed.data : null;
    const present = await openFile(path).catch((thrown: unknown) => {
      // Between two steps of a rotation there may be no file for a moment; before first contact it is a mistake.
      if (position !== null && errorCode(thrown) === 'ENOENT') return null;
      throw thrown;
    });
    if (present !== null) opened.push(present);

    if (position === null) {
      if (present === null) return { ...emptyBatch, cursor };
      const size = Number(present.stat.size);
      const lastByte = startAtEnd && size > 0 ? (await readUpTo(present.handle, size - 1, 1))[0] : newline;
      const place: Place = startAtEnd
        ? { offset: size, skipping: lastByte !== newline, previousStart: size, presentStart: size }
        : emptyPlace;
      return (await readFrom(present, null, place, false, io)).batch;
    }

    if (present !== null && isSameInode(present, position) && (await holds(present, position))) {
      return (await readFrom(present, position, position, false, io)).batch;
    }

    const old = await find(position, opened);
    if (old === null) {
      if (present === null) return { ...emptyBatch, cursor };
      const reason = isSameInode(present, position)
        ? 'The EVE file was cut, and no copy of what it held was found.'
        : 'The EVE file was rotated, and the old one was not found.';
      const { batch } = await readFrom(present, position, emptyPlace, false, io);
      return {
        ...batch,
        gaps: [
          {
            fromMs: position.newestMs ?? io.nowMs(),
            toMs: io.nowMs(),
            reason: `${reason} Lines in between may be missing.`,
          },
        ],
      };
    }
    if (old.path === path) return (await readFrom(old, position, position, false, io)).batch;

    const read = await readFrom(old, position, position, false, io);
    if (!read.atEnd || read.batch.events > 0) return { ...read.batch, more: true };
    const successor = await successorOf(old, opened);
    const quietMs = io.nowMs() - Number(old.stat.mtimeMs);
    if (successor === null || (successor.stat.size === 0n && quietMs < finishedAfterMs)) return read.batch;
    // The old file is finished: what stands after its last line end is its last line, or the writer's last breath.
    const { batch: last } = await readFrom(old, position, position, true, io);
    kept = null;
    return {
      ...last,
      cursor: { version: 1, ...(await positionAfter(successor, emptyPlace, null, position.newestMs)) },
      more: true,
    };
  }

  async function poll(cursor: Cursor | null, io: ConnectionIo): Promise<Batch> {
    if (io.signal.aborted) throw new WatchfloorError('cancelled', 'The reading was stopped.');
    const opened: OpenFile[] = [];
    try {
      return await pollOpen(cursor, io, opened);
    } catch (thrown) {
      throw fileTrouble(path, thrown);
    } finally {
      await Promise.all(opened.map((file) => file.handle.close()));
    }
  }

  async function test(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    try {
      const file = await openFile(path);
      try {
        const size = Number(file.stat.size);
        tell(
          'ok',
          `${path} can be read: ${(size / 1024 / 1024).toFixed(1)} MiB, last written ${formatAge(Number(file.stat.mtimeMs), io.nowMs())}.`,
        );
        const offset = Math.max(0, size - 256 * 1024);
        const place: Place = { offset, skipping: offset > 0, previousStart: offset, presentStart: offset };
        const { records } = await readBlock(file.handle, place, createRecentLines(1024), {
          final: false,
          blockBytes: 256 * 1024,
          reading,
        });
        if (records.events === 0) tell('info', 'There is no whole line in it yet.');
        else {
          tell(
            records.occurrences.length > 0 ? 'ok' : 'info',
            `Its last ${counted(records.events, 'event')}: ${counted(records.occurrences.length, 'alert')}, ${counted(records.context.length, 'other')}.`,
          );
        }
        if (records.rejected.length > 0) {
          tell(
            records.rejected.length === records.events ? 'error' : 'warning',
            `${counted(records.rejected.length, 'line')} not understood: ${records.rejected[0]?.reason ?? ''}`,
          );
        }
        const rotated = await siblingsOf(path);
        if (rotated.length > 0)
          tell(
            'info',
            `Rotated files beside it: ${rotated
              .map((sibling) => basename(sibling))
              .slice(0, 5)
              .join(', ')}.`,
          );
      } finally {
        await file.handle.close();
      }
    } catch (thrown) {
      tell('error', toErrorData(fileTrouble(path, thrown)).message);
    }
    return { ok: lines.every((line) => line.level !== 'error'), lines };
  }

  function replay(record: Pick<RejectedInput, 'raw' | 'place'>): Replayed {
    const { occurrences, context, rejected, unmapped } = replayEveLine(record, reading);
    const [still] = rejected;
    return still === undefined ? { occurrences, context, unmapped } : { reason: still.reason };
  }

  return { intervalMs: checked.number('intervalSeconds') * secondMs, poll, test, replay };
}

function maximum(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Alerts and context from Suricata's EVE JSON file. */
export const suricataEveSourceKind: SourceKind = {
  descriptor,
  create: (settings) => createEveFollower(settings),
};
