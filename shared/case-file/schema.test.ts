import { expect, it } from 'vitest';
import { z } from 'zod';
import { entryPayloadSchema, tlpSchema } from '../domain/case.ts';
import { arrivalLineSchema, workstationLineSchema } from './arrivals.ts';
import { entryLine, fingerprintSchema, idSchema, readEntryLine, signatureSchema } from './entry-line.ts';
import { caseFileVersion, manifestSchema, signatureBlockSchema, writerLineSchema } from './manifest.ts';
import { alertSnapshotSchema, mitigationSnapshotSchema } from './snapshot.ts';

/** Of a later kind nothing more is known. */
const payload = z.looseObject({ kind: z.string() }).nullable();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0).max(999_999_999_999_999);
const first = z.strictObject({
  version: z.literal(1),
  caseId: idSchema,
  clock: z.string().regex(/^\d{15}:\d{6}$/),
  commitment: hash,
  id: idSchema,
  previousHash: hash,
  sequence: count,
  timeMs: count,
  writerId: idSchema,
  writerName: z.string().max(200),
  hash,
  signature: signatureSchema.nullable(),
  salt: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  payload,
});
const second = first.extend({
  version: z.literal(2),
  keyFingerprint: fingerprintSchema,
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  replaces: z.array(hash).max(1_000),
  schema: z.number().int().min(1).max(999_999),
  tlp: tlpSchema.nullable(),
});

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}

it('is what resources/case-file/schema.json says (write it anew with vitest -u)', async () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Watchfloor case file, version ${caseFileVersion}`,
    description:
      'The members of a .wfcase file: manifest.json and signature.json as they are, the others a line each. README.md beside this file says what they mean.',
    $defs: {
      manifest: jsonSchema(manifestSchema),
      writer: jsonSchema(writerLineSchema),
      entry: jsonSchema(z.union([first, second])),
      payload: jsonSchema(entryPayloadSchema),
      alert: jsonSchema(alertSnapshotSchema),
      mitigation: jsonSchema(mitigationSnapshotSchema),
      workstation: jsonSchema(workstationLineSchema),
      arrival: jsonSchema(arrivalLineSchema),
      signature: jsonSchema(signatureBlockSchema),
    },
  };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../resources/case-file/schema.json',
  );
});

it('takes what is read as an entry', () => {
  const line = entryLine({
    version: 2,
    id: 'en_1',
    caseId: 'ca_1',
    writerId: 'wr_1',
    writerName: 'Ada',
    keyFingerprint: '0'.repeat(32),
    sequence: 0,
    clock: '001772582400000:000000',
    timeMs: 0,
    previousHash: '0'.repeat(64),
    kind: 'note-added',
    schema: 1,
    tlp: 'TLP:AMBER+STRICT',
    replaces: ['1'.repeat(64)],
    commitment: '2'.repeat(64),
    hash: '3'.repeat(64),
    signature: `${'A'.repeat(86)}==`,
    salt: '4'.repeat(32),
    payload: '{"kind":"note-added","markdown":"One","noteId":"n1"}',
  });
  expect(readEntryLine(line).problem).toBeNull();
  expect(z.union([first, second]).safeParse(JSON.parse(line)).success).toBe(true);
});
