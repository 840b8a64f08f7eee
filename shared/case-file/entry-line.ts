import { z } from 'zod';
import { entryPayloadSchema, tlpSchema } from '../domain/case.ts';
import { isUnderstood } from '../domain/case-entry.ts';
import { headerText, type SignedEntry } from '../domain/entry-chain.ts';
import { parseJson } from './json.ts';

const base64 = (bytes: number) => {
  const padding = (3 - (bytes % 3)) % 3;
  return `[A-Za-z0-9+/]{${Math.ceil((bytes * 4) / 3)}}={${padding}}`;
};
/** Ids are names, never shown without their entry and never used as paths. */
const id = '[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}';
const hash = '[0-9a-f]{64}';
const count = '0|[1-9]\\d{0,14}';

const whole = (pattern: string) => z.string().regex(new RegExp(`^${pattern}$`));
export const idSchema = whole(id);
export const fingerprintSchema = whole('[0-9a-f]{32}');
export const publicKeySchema = whole(base64(32));
export const signatureSchema = whole(base64(64));

const mostReplaced = 1_000;
const longestName = 200;

/*
 * An entry has exactly one text, so one expression reads it: nothing else is an entry. Free text is in the writer's
 * name alone; the payload, whatever it is, stands at the end.
 */
const member = (name: string, pattern: string) => `"${name}":"(?<${name}>${pattern})"`;
const number = (name: string) => `"${name}":(?<${name}>${count})`;
const name = '"writerName":(?<writerName>"(?:[^"\\\\\\x00-\\x1f]|\\\\.)*")';
const first = [
  member('caseId', id),
  member('clock', '\\d{15}:\\d{6}'),
  member('commitment', hash),
  member('id', id),
];
const last = [number('timeMs'), member('writerId', id), name];
const covered: Readonly<Record<1 | 2, readonly string[]>> = {
  1: [...first, member('previousHash', hash), number('sequence'), ...last],
  2: [
    ...first,
    member('keyFingerprint', '[0-9a-f]{32}'),
    member('kind', '[a-z][a-z0-9-]{0,63}'),
    member('previousHash', hash),
    `"replaces":\\[(?<replaces>(?:"${hash}"(?:,"${hash}")*)?)\\]`,
    `"schema":(?<schema>[1-9]\\d{0,5})`,
    number('sequence'),
    number('timeMs'),
    `"tlp":(?:null|"(?<tlp>${tlpSchema.options.map((tlp) => tlp.replace('+', '\\+')).join('|')})")`,
    member('writerId', id),
    name,
  ],
};
const beside = [
  member('hash', hash),
  `"signature":(?:null|"(?<signature>${base64(64)})")`,
  `"salt":(?:null|"(?<salt>[0-9a-f]{32})")`,
  '"payload":',
];
const lineOf = (version: 1 | 2) =>
  new RegExp(`^\\{"version":${version},(?<covered>${covered[version].join(',')}),${beside.join(',')}`);
const lines = [lineOf(2), lineOf(1)];

/** One line of `entries.jsonl`, without its newline: an entry has exactly one. */
export function entryLine(entry: SignedEntry): string {
  const { version, hash: own, signature, salt, payload } = entry;
  const text = JSON.stringify;
  return `{"version":${version},${headerText(entry)},"hash":${text(own)},"signature":${text(signature)},"salt":${text(salt)},"payload":${payload ?? 'null'}}`;
}

export type ReadEntry =
  | {
      readonly entry: SignedEntry;
      /** What the entry's hash covers: its `headerText`. */
      readonly covered: string;
      readonly payload: unknown;
      readonly problem: string | null;
    }
  | { readonly entry: null; readonly problem: string };

/** Whether a payload is what its kind says; of kinds and shapes that came later nothing is known. */
function payloadProblem(entry: SignedEntry, payload: unknown): string | null {
  const said =
    typeof payload === 'object' && payload !== null && 'kind' in payload ? payload.kind : undefined;
  const kind = entry.version === 1 ? said : entry.kind;
  if (said !== kind || typeof kind !== 'string') return 'Its payload is of another kind.';
  if (!isUnderstood(kind, entry.schema)) return null;
  return entryPayloadSchema.safeParse(payload).success ? null : 'Its payload is not what its kind says.';
}

/** A name as JSON text; null where that is not the one text that the name has. */
function nameIn(text: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  return typeof parsed === 'string' && parsed.length <= longestName && JSON.stringify(parsed) === text
    ? parsed
    : null;
}

const noEntry = { entry: null, problem: 'It is not written as an entry is.' } as const;

/**
 * Reads a line of `entries.jsonl`. What is not exactly the line that `entryLine` would write is no entry.
 * @returns the entry with its payload's value (null where withheld), and what is wrong with the payload
 */
export function readEntryLine(line: string): ReadEntry {
  const match = lines[0]?.exec(line) ?? lines[1]?.exec(line);
  const found = match?.groups;
  if (!match || found === undefined || !line.endsWith('}')) return noEntry;
  const writerName = nameIn(found.writerName ?? '');
  const replaces = found.replaces ? found.replaces.slice(1, -1).split('","') : [];
  if (writerName === null || replaces.length > mostReplaced) return noEntry;
  const body = line.slice(match[0].length, -1);
  const isWithheld = body === 'null';
  const salt = found.salt ?? null;
  const { caseId = '', clock = '', commitment = '', previousHash = '', writerId = '' } = found;
  const entry: SignedEntry = {
    version: found.kind === undefined ? 1 : 2,
    id: found.id ?? '',
    caseId,
    writerId,
    writerName,
    keyFingerprint: found.keyFingerprint ?? null,
    sequence: Number(found.sequence),
    clock,
    timeMs: Number(found.timeMs),
    previousHash,
    kind: found.kind ?? '',
    schema: Number(found.schema ?? 1),
    tlp: tlpSchema.options.find((tlp) => tlp === found.tlp) ?? null,
    replaces,
    commitment,
    hash: found.hash ?? '',
    signature: found.signature ?? null,
    salt,
    payload: isWithheld ? null : body,
  };
  if (isWithheld !== (salt === null)) {
    return { entry: null, problem: 'It has a payload or a salt without the other.' };
  }
  const covers = found.covered ?? '';
  if (isWithheld) return { entry, covered: covers, payload: null, problem: null };
  const payload = parseJson(body);
  if (payload.problem !== null) return { entry: null, problem: payload.problem };
  return { entry, covered: covers, payload: payload.value, problem: payloadProblem(entry, payload.value) };
}
