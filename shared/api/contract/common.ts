import { z } from 'zod';

/** What the methods of all topics are made of. */
export const id = z.string().min(1).max(200);
export const timeMs = z.number().finite();
/** Absolute; told by a file dialog or typed at the command line. */
export const filePath = z.string().min(1).max(4096);
export const none = z.object({});
export const done = z.object({ done: z.literal(true) });

/** The methods of one topic, by their names. */
export type TopicMethods = Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>;
