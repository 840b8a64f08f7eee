import { z } from 'zod';
import { errorDataSchema } from '../domain/result.ts';
import { importPreviewSchema } from './report.ts';

export const reviewSchema = z.object({
  /** Where the file lies; shown as text. */
  path: z.string(),
  /** What the analyst calls it: its own name, also where its bytes came up from a window. */
  name: z.string(),
  /** The case that is open; null where the file was not opened, and then `preview` or `error` says why. */
  caseId: z.string().nullable(),
  /** What was found in the file; null where it could not be read. */
  preview: importPreviewSchema.nullable(),
  error: errorDataSchema.nullable(),
  /** Whether there is a workspace to go back to. */
  canClose: z.boolean(),
});
/** A case file that is looked at, or that somebody tried to look at: read only, without sources. */
export type Review = z.infer<typeof reviewSchema>;
