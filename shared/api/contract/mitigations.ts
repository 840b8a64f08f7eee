import { z } from 'zod';
import {
  actionPlanSchema,
  ledgerRowSchema,
  mitigationSchema,
  orphanSchema,
} from '../../domain/mitigation.ts';
import { done, id, none, type TopicMethods } from './common.ts';

/** Action plans and the mitigations that they allow. */
export const mitigationMethods = {
  'plans.list': { input: none, output: z.array(actionPlanSchema) },
  'plans.save': {
    input: actionPlanSchema
      .omit({ id: true, version: true, hash: true, agreedMs: true, retired: true })
      .extend({ id: id.nullable() }),
    output: actionPlanSchema,
  },
  'plans.retire': { input: z.object({ id }), output: actionPlanSchema },

  'mitigations.list': { input: none, output: z.array(mitigationSchema) },
  'mitigations.propose': {
    input: z.object({
      planId: id,
      caseId: id.nullable(),
      alertId: id.nullable(),
      /** As typed or taken from an alert; parsed strictly, host names are refused. */
      entries: z.array(z.string().max(100)).min(1).max(200),
      ttlMs: z.number().int().positive(),
      reason: z.string().trim().min(1).max(2000),
    }),
    output: mitigationSchema,
  },
  /** Asks guards and target anew; what is shown in the approval dialog is never older than its opening. */
  'mitigations.preview': { input: z.object({ id }), output: mitigationSchema },
  'mitigations.approve': {
    input: z.object({
      id,
      hash: z.string(),
      reason: z.string().trim().max(2000),
      typedTarget: z.string().nullable(),
    }),
    output: mitigationSchema,
  },
  'mitigations.reject': {
    input: z.object({ id, reason: z.string().trim().min(1).max(2000) }),
    output: mitigationSchema,
  },
  /** Applies what is approved but, after a crash or failure, not on the target. */
  'mitigations.apply': { input: z.object({ id }), output: mitigationSchema },
  'mitigations.verify': { input: z.object({ id }), output: mitigationSchema },
  'mitigations.undo': {
    input: z.object({ id, reason: z.string().trim().min(1).max(2000) }),
    output: mitigationSchema,
  },
  'mitigations.ledger': {
    input: z.object({ mitigationId: id.nullable(), limit: z.number().int().min(1).max(5000) }),
    output: z.array(ledgerRowSchema),
  },
  'mitigations.orphans': { input: none, output: z.array(orphanSchema) },
  'mitigations.removeOrphan': { input: z.object({ targetId: id, entry: z.string() }), output: done },
} as const satisfies TopicMethods;
