import { expect, it } from 'vitest';
import { z } from 'zod';
import { handoverFileSchema, handoverFileVersion } from './handover-file.ts';

it('is what resources/handover/schema.json says (write it anew with vitest -u)', async () => {
  const { $schema: _, ...file } = z.toJSONSchema(handoverFileSchema);
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Watchfloor shift handover, version ${handoverFileVersion}`,
    description:
      'A .wfhandover file. README.md beside this file says what its members mean and how it is verified.',
    ...file,
  };
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../resources/handover/schema.json',
  );
});
