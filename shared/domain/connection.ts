import { z } from 'zod';
import { wordMapSchema } from './word-map.ts';

/** One field of a settings form, as a source or target describes it; the form draws itself from these. */
export const fieldSchema = z.object({
  key: z.string(),
  label: z.string(),
  help: z.string(),
  type: z.enum(['text', 'url', 'number', 'boolean', 'select', 'secret', 'path', 'lines', 'json', 'mapping']),
  required: z.boolean(),
  default: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  /** Of a mapping, whose setting is a text of lines `word = meaning`. */
  mapping: wordMapSchema.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  placeholder: z.string().optional(),
  /** Drawn only while the named field has one of these values. */
  showWhen: z.object({ key: z.string(), in: z.array(z.string()) }).optional(),
  /** Fields with the same group are drawn together under it. */
  group: z.string().optional(),
});
export type Field = z.infer<typeof fieldSchema>;

export const descriptorSchema = z.object({
  kind: z.string(),
  role: z.enum(['source', 'target']),
  name: z.string(),
  summary: z.string(),
  mode: z.enum(['poll', 'listen', 'target']),
  /** False for kinds that only a simulated range has. */
  userAddable: z.boolean(),
  fields: z.array(fieldSchema),
  /** Ready-made configuration lines for the other side, with what they are for; settings may stand as {{key}}. */
  setup: z.array(z.object({ title: z.string(), language: z.string(), text: z.string() })),
});
/** What a kind of source or target is and which settings it takes. */
export type Descriptor = z.infer<typeof descriptorSchema>;

export const settingValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const settingsSchema = z.record(z.string(), settingValueSchema);
/** Settings by field key; never holds a secret's text. */
export type Settings = z.infer<typeof settingsSchema>;

export const unmappedWordSchema = z.object({ key: z.string(), word: z.string() });
/** A word that a source used and that the mapping of a field does not name. */
export type UnmappedWord = z.infer<typeof unmappedWordSchema>;

export const healthSchema = z.object({
  state: z.enum(['starting', 'ok', 'lagging', 'failing', 'stopped', 'back-filling']),
  /** In words, with what to do where something is wrong. */
  sentence: z.string(),
  lastSuccessMs: z.number().nullable(),
  lastAttemptMs: z.number().nullable(),
  nextAttemptMs: z.number().nullable(),
  /** How far behind now the newest record is, ms; null where nothing came yet. */
  lagMs: z.number().nullable(),
  consecutiveFailures: z.number().int(),
  eventsReceived: z.number().int(),
  recordsRejected: z.number().int(),
  /** The most recent reason for a rejected record. */
  lastRejection: z.string().nullable(),
  gaps: z.array(z.object({ fromMs: z.number(), toMs: z.number(), reason: z.string() })),
  /** Words that came and that no mapping names, by the key of the field that could. */
  unmapped: z.array(unmappedWordSchema),
  progress: z.object({ done: z.number(), total: z.number().nullable(), text: z.string() }).nullable(),
});
/** How a source does. */
export type Health = z.infer<typeof healthSchema>;

export const rejectedRowSchema = z.object({
  id: z.number().int(),
  timeMs: z.number(),
  reason: z.string(),
  /** Of the record as it came. */
  bytes: z.number().int(),
  /** Its beginning. */
  excerpt: z.string(),
  /** False where it was so long that it cannot be read anew. */
  isWhole: z.boolean(),
});
/** A record that was not understood. */
export type RejectedRow = z.infer<typeof rejectedRowSchema>;

export const connectionSchema = z.object({
  id: z.string(),
  role: z.enum(['source', 'target']),
  kind: z.string(),
  name: z.string().min(1).max(120),
  customerId: z.string().nullable(),
  enabled: z.boolean(),
  settings: settingsSchema,
  /** Which secret fields have a value; the values themselves never leave the core. */
  secretsSet: z.array(z.string()),
  health: healthSchema,
  simulated: z.boolean(),
});
/** A source or target as the analyst set it up. */
export type Connection = z.infer<typeof connectionSchema>;

export const testResultSchema = z.object({
  ok: z.boolean(),
  lines: z.array(z.object({ level: z.enum(['ok', 'warning', 'error', 'info']), text: z.string() })),
});
/** What "test this source" or "test this target" saw, in order. */
export type TestResult = z.infer<typeof testResultSchema>;
