import { z } from 'zod';

export const actionPlanSchema = z.object({
  id: z.string(),
  customerId: z.string(),
  name: z.string().min(1).max(120),
  /** Rises with every change; an approval names the version it was given for, through the hash. */
  version: z.number().int(),
  /** SHA-256 over the plan's agreed content, hex. */
  hash: z.string(),
  targetId: z.string(),
  /** Who at the customer agreed, and when. */
  agreedBy: z.string().min(1).max(200),
  agreedMs: z.number(),
  maxTtlMs: z.number().int().positive(),
  defaultTtlMs: z.number().int().positive(),
  /** The widest networks that may be blocked: 24 allows /24 to /32. */
  widestPrefixV4: z.number().int().min(0).max(32),
  widestPrefixV6: z.number().int().min(0).max(128),
  maxEntriesPerHour: z.number().int().positive(),
  /** Whether who asks may also approve. */
  samePersonMayApprove: z.boolean(),
  /** Loopback may be blocked: only for tests and single-machine set-ups. */
  loopbackAllowed: z.boolean(),
  /** Never blocked, CIDR: resolvers, monitoring, partners. */
  allowList: z.array(z.string()).max(1000),
  retired: z.boolean(),
});
/** What a customer agreed beforehand: what may be done, on which target, for how long at most. */
export type ActionPlan = z.infer<typeof actionPlanSchema>;

export const guardResultSchema = z.object({
  guard: z.enum([
    'address-syntax',
    'own-ranges',
    'analyst-address',
    'loopback',
    'management-address',
    'allow-list',
    'width',
    'duration',
    'rate',
    'plan-current',
    'special-purpose',
  ]),
  passed: z.boolean(),
  /** In words: what was checked and what was found. */
  sentence: z.string(),
});
/** One check that stands between a proposal and the outside world. */
export type GuardResult = z.infer<typeof guardResultSchema>;

export const previewSchema = z.object({
  /** The target's own words for the change, one line an entry, `+` added, `=` already there. */
  diff: z.array(z.object({ sign: z.enum(['+', '=', '-']), text: z.string() })),
  /** What the entries would have hit lately; null where no source can tell, which is then said. */
  impact: z
    .object({
      windowMs: z.number(),
      sourceName: z.string(),
      totalRequests: z.number(),
      hitRequests: z.number(),
      /** Of those hit, how many are above what these addresses ordinarily send. */
      excessRequests: z.number(),
      ordinaryRequests: z.number(),
      hitClients: z.number(),
      estimated: z.boolean(),
    })
    .nullable(),
  impactUnknownReason: z.string().nullable(),
  /** Whether the target itself ends the block with nobody connected, and how. */
  endKeptByTarget: z.boolean(),
  endSentence: z.string(),
  undoSentence: z.string(),
  /** Whether entries survive a reload or restart of the target. */
  survivesReload: z.enum(['yes', 'no', 'not-known']),
  madeMs: z.number(),
});
export type Preview = z.infer<typeof previewSchema>;

export const mitigationStates = [
  'proposed',
  'rejected',
  'approved',
  'applying',
  'applied',
  'verified',
  'unknown',
  'lost',
  'failed',
  'ending',
  'ended',
] as const;
/**
 * `unknown`: the target could not be asked, so nobody knows. `lost`: the target no longer has it although it
 * should. `ended`: gone from the target, by its time or by undo.
 */
export const mitigationStateSchema = z.enum(mitigationStates);
export type MitigationState = z.infer<typeof mitigationStateSchema>;

export const mitigationSchema = z.object({
  id: z.string(),
  planId: z.string(),
  planName: z.string(),
  planHash: z.string(),
  customerId: z.string(),
  targetId: z.string(),
  targetName: z.string(),
  caseId: z.string().nullable(),
  alertId: z.string().nullable(),
  action: z.literal('block'),
  /** Canonical CIDR, e.g. `198.51.100.7/32`. */
  entries: z.array(z.string()).min(1).max(200),
  ttlMs: z.number().int().positive(),
  reason: z.string(),
  /** SHA-256 over what is approved: plan hash, target, entries, ttl. */
  hash: z.string(),
  state: mitigationStateSchema,
  /** In words: what is so now and why. */
  sentence: z.string(),
  guards: z.array(guardResultSchema),
  preview: previewSchema.nullable(),
  proposedBy: z.string(),
  proposedMs: z.number(),
  approvedBy: z.string().nullable(),
  approvedMs: z.number().nullable(),
  approvalReason: z.string().nullable(),
  appliedMs: z.number().nullable(),
  verifiedMs: z.number().nullable(),
  /** When the block ends by itself. */
  expiresMs: z.number().nullable(),
  endedMs: z.number().nullable(),
  endedHow: z.enum(['by-itself', 'undone', 'tidied', 'lost', 'rejected']).nullable(),
  simulated: z.boolean(),
});
/** One countermeasure on a target, from its proposal to its end. */
export type Mitigation = z.infer<typeof mitigationSchema>;

export const ledgerRowSchema = z.object({
  sequence: z.number().int(),
  mitigationId: z.string(),
  timeMs: z.number(),
  actor: z.string(),
  state: mitigationStateSchema,
  sentence: z.string(),
});
/** One step in the life of a mitigation; rows are only ever added. */
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export const orphanSchema = z.object({
  targetId: z.string(),
  targetName: z.string(),
  entry: z.string(),
  expiresMs: z.number().nullable(),
});
/** A mark of ours on a target that the ledger does not know. */
export type Orphan = z.infer<typeof orphanSchema>;
