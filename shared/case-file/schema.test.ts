import { expect, it } from 'vitest';
import { z } from 'zod';
import { entryPayloadSchema } from '../domain/case.ts';
import { entryHeaderSchema } from './entry-line.ts';
import { caseFileVersion, manifestSchema, signatureBlockSchema, writerLineSchema } from './manifest.ts';
import { alertSnapshotSchema, mitigationSnapshotSchema } from './snapshot.ts';

/** Of a later kind nothing more is known. */
const payload = z.looseObject({ kind: z.string() }).nullable();
const [first, second] = entryHeaderSchema.options;

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
      entry: jsonSchema(z.union([first.extend({ payload }), second.extend({ payload })])),
      payload: jsonSchema(entryPayloadSchema),
      alert: jsonSchema(alertSnapshotSchema),
      mitigation: jsonSchema(mitigationSnapshotSchema),
      signature: jsonSchema(signatureBlockSchema),
    },
  };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../resources/case-file/schema.json',
  );
});
