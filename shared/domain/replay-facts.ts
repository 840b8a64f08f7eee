import { z } from 'zod';
import { alertSchema } from './alert.ts';
import { ledgerRowSchema, mitigationSchema } from './mitigation.ts';

const count = z.number().int().min(0);

export const replayAlertSchema = alertSchema
  .pick({
    id: true,
    customerId: true,
    serviceId: true,
    sourceId: true,
    title: true,
    why: true,
    severity: true,
    lane: true,
    status: true,
    disposition: true,
    mitigated: true,
    firstSeenMs: true,
    lastSeenMs: true,
    receivedMs: true,
    count: true,
    assignee: true,
    simulated: true,
  })
  .extend({
    /** Of the occurrences that are kept, the newest: when each occurred and was received, the same length. */
    occurredMs: z.array(z.number()),
    receivedMsOf: z.array(z.number()),
    /** Older occurrences of which only the number is known. */
    leftOut: count,
    /** What was done to it, oldest first. */
    history: z.array(z.object({ timeMs: z.number(), actor: z.string(), sentence: z.string() })),
  });
/** An alert of a case with what tells how it was at any moment. */
export type ReplayAlert = z.infer<typeof replayAlertSchema>;

export const replayMitigationSchema = mitigationSchema
  .pick({
    id: true,
    planName: true,
    targetName: true,
    entries: true,
    reason: true,
    state: true,
    sentence: true,
    proposedBy: true,
    proposedMs: true,
    approvedBy: true,
    approvedMs: true,
    expiresMs: true,
    endedMs: true,
  })
  .extend({ ledger: z.array(ledgerRowSchema.omit({ sequence: true, mitigationId: true })) });
/** A mitigation of a case with each step that it took. */
export type ReplayMitigation = z.infer<typeof replayMitigationSchema>;

export const replayWorkstationSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** What these wrote was there when they wrote it. */
  writers: z.array(z.string()),
  /** What came from elsewhere: names of entries, with `/payload` behind one whose payload came later. */
  arrivals: z.array(z.object({ timeMs: z.number(), refs: z.array(z.string()) })),
});
/** A data directory in which the case lay, and when what arrived there. */
export type ReplayWorkstation = z.infer<typeof replayWorkstationSchema>;

export const replayFactsSchema = z.object({
  alerts: z.array(replayAlertSchema),
  mitigations: z.array(replayMitigationSchema),
  workstations: z.array(replayWorkstationSchema),
  /** Where it is replayed; null in a review, which is no workstation. */
  ownWorkstationId: z.string().nullable(),
  /** Where the file that is reviewed was exported; null outside a review. */
  exporterWorkstationId: z.string().nullable(),
});
/** What a replay needs beside the state of the case. */
export type ReplayFacts = z.infer<typeof replayFactsSchema>;
