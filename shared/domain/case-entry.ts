import { type CaseEntry, type EntryPayload, entryPayloadSchema, payloadSchemaVersion } from './case.ts';
import type { SignedEntry } from './entry-chain.ts';

const knownKinds: ReadonlySet<string> = new Set(
  entryPayloadSchema.options.map((each) => each.shape.kind.value),
);

/** Whether a payload's kind and the version of its shape are known here; others are kept and passed on. */
export function isUnderstood(kind: string, schema: number): boolean {
  return knownKinds.has(kind) && schema <= payloadSchemaVersion;
}

/** An entry as it is folded and shown, of one whose payload was checked when it was written or imported. */
export function toCaseEntry(signed: SignedEntry): CaseEntry {
  const { commitment: _, salt: __, signature: ___, payload: text, replaces, ...header } = signed;
  const payload: (EntryPayload & { readonly kind: string }) | null = text === null ? null : JSON.parse(text);
  const kind = header.version === 1 ? (payload?.kind ?? '') : header.kind;
  return {
    ...header,
    kind,
    replaces: [...replaces],
    withheld: payload === null,
    payload: isUnderstood(kind, header.schema) ? payload : null,
  };
}
