import { z } from 'zod';

export const techniqueSchema = z.object({
  /** E.g. `T1110.004`. */
  id: z.string(),
  /** With its parent's, e.g. `Brute Force: Credential Stuffing`. */
  name: z.string(),
  /** By their names. */
  tactics: z.array(z.string()),
});
/** One ATT&CK technique as the screens show it. */
export type Technique = z.infer<typeof techniqueSchema>;
