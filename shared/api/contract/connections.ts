import { z } from 'zod';
import {
  connectionSchema,
  descriptorSchema,
  rejectedRowSchema,
  settingsSchema,
  testResultSchema,
} from '../../domain/connection.ts';
import { customerSchema, serviceSchema } from '../../domain/customer.ts';
import { done, id, none, type TopicMethods } from './common.ts';

/** Customers and their services, and what is connected to them: sources, targets, and records that came to nothing. */
export const connectionMethods = {
  'customers.list': {
    input: none,
    output: z.object({ customers: z.array(customerSchema), services: z.array(serviceSchema) }),
  },
  'customers.save': {
    input: customerSchema.omit({ simulated: true, id: true }).extend({ id: id.nullable() }),
    output: customerSchema,
  },

  'services.save': {
    input: serviceSchema.omit({ id: true }).extend({ id: id.nullable() }),
    output: serviceSchema,
  },

  'connections.kinds': { input: none, output: z.array(descriptorSchema) },
  'connections.list': { input: none, output: z.array(connectionSchema) },
  'connections.save': {
    input: z.object({
      id: id.nullable(),
      role: z.enum(['source', 'target']),
      kind: z.string(),
      name: z.string().trim().min(1).max(120),
      customerId: id.nullable(),
      enabled: z.boolean(),
      settings: settingsSchema,
      /** A text sets a secret, null removes it, a missing key leaves it. */
      secrets: z.record(z.string(), z.string().max(20_000).nullable()),
    }),
    output: connectionSchema,
  },
  'connections.remove': { input: z.object({ id }), output: done },
  'connections.setEnabled': { input: z.object({ id, enabled: z.boolean() }), output: connectionSchema },
  'connections.test': {
    input: z.object({
      id: id.nullable(),
      role: z.enum(['source', 'target']),
      kind: z.string(),
      customerId: id.nullable(),
      settings: settingsSchema,
      secrets: z.record(z.string(), z.string().max(20_000).nullable()),
    }),
    output: testResultSchema,
  },

  /** Records of a source that were not understood, newest first, and what became of others. */
  'rejected.list': {
    input: z.object({ connectionId: id, limit: z.number().int().min(1).max(200) }),
    output: z.object({
      rows: z.array(rejectedRowSchema),
      kept: z.number().int(),
      keptBytes: z.number(),
      /** For want of room, or by hand. */
      dropped: z.number().int(),
      /** Understood when they were read anew. */
      replayed: z.number().int(),
      canReplay: z.boolean(),
    }),
  },
  /** Reads what is kept of one source, or of all, anew with its settings of now; what still fails stays. */
  'rejected.replay': {
    input: z.object({ connectionId: id.nullable() }),
    output: z.object({
      read: z.number().int(),
      taken: z.number().int(),
      new: z.number().int(),
      stays: z.number().int(),
    }),
  },
  'rejected.discard': {
    input: z.object({ connectionId: id }),
    output: z.object({ discarded: z.number().int() }),
  },

  /** For the command line: takes the lines of a file through the running core. */
  'ingest.lines': {
    input: z.object({
      kind: z.literal('suricata-eve'),
      /** Names one reading of a file: repetitions of a line are counted within it. */
      stream: z.string().min(1).max(1000),
      text: z.string().max(24_000_000),
      last: z.boolean(),
    }),
    output: z.object({
      events: z.number().int(),
      /** Distinct alerts that the occurrences of these lines belong to. */
      alertIds: z.array(z.string()),
      occurrences: z.number().int(),
      context: z.number().int(),
      rejected: z.number().int(),
      new: z.number().int(),
      /** The last line breaks off in the middle of a record, which was left for when the file is whole. */
      cut: z.boolean(),
    }),
  },
} as const satisfies TopicMethods;
