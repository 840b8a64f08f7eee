import { z } from 'zod';
import { reviewSchema } from '../../case-file/review.ts';
import { healthSchema, testResultSchema } from '../../domain/connection.ts';
import { analystSchema } from '../../domain/customer.ts';
import { evidenceProtectionSchema } from '../../domain/evidence-protection.ts';
import { notificationSettingsSchema } from '../../domain/notification.ts';
import { rangeStatusSchema, scenarioNameSchema } from '../../domain/range.ts';
import { findingSchema } from '../../domain/signal.ts';
import { done, id, none, type TopicMethods } from './common.ts';

export const workspaceSchema = z.enum(['live', 'range']);
/** Which data directory is open: the analyst's own, or the range's. */
export type Workspace = z.infer<typeof workspaceSchema>;
export const shownWorkspaceSchema = z.enum([...workspaceSchema.options, 'review']);
/** What is shown: a workspace, or in its place a case file that is looked at. */
export type ShownWorkspace = z.infer<typeof shownWorkspaceSchema>;

export const noticeSchema = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  timeMs: z.number(),
  title: z.string(),
  /** What happened, what was kept, what to do next. */
  text: z.string(),
  details: z.string().nullable(),
});
/** Something the analyst must know that belongs to no one screen, e.g. a restored database. */
export type Notice = z.infer<typeof noticeSchema>;

export const uiSettingsSchema = z.object({
  theme: z.enum(['dark', 'light', 'high-contrast', 'system']),
  density: z.enum(['compact', 'regular', 'comfortable']),
  zone: z.enum(['utc', 'local']),
  /** Off silences every sound, whatever is set below. */
  sound: z.boolean(),
  notifications: notificationSettingsSchema,
  contextBudgetBytes: z.number().int().min(1_000_000),
  sampleRetentionMs: z.number().int().min(86_400_000),
  shiftEndsMs: z.number().nullable(),
});
export type UiSettings = z.infer<typeof uiSettingsSchema>;

export const statusSchema = z.object({
  workspace: shownWorkspaceSchema,
  simulated: z.boolean(),
  nowMs: z.number(),
  actionableOpen: z.number().int(),
  informationalOpen: z.number().int(),
  approvalsWaiting: z.number().int(),
  mitigationsActive: z.number().int(),
  mitigationsUnknown: z.number().int(),
  sources: z.array(z.object({ id: z.string(), name: z.string(), health: healthSchema })),
  openFindings: z.array(findingSchema),
  notices: z.array(noticeSchema),
});
/** What the strip at the top shows. */
export type Status = z.infer<typeof statusSchema>;

/** The app itself: who works in which workspace, what is shown of it, settings, notifications, the range, the audit log. */
export const appMethods = {
  'app.hello': {
    input: none,
    output: z.object({
      appVersion: z.string(),
      analyst: analystSchema.nullable(),
      workspace: shownWorkspaceSchema,
      /** The case file that is looked at; null in a workspace. */
      review: reviewSchema.nullable(),
      simulated: z.boolean(),
      dataDirectory: z.string(),
      /** Where secrets lie, in words, and whether that is protected. */
      secretStore: z.object({ protected: z.boolean(), sentence: z.string() }),
      settings: uiSettingsSchema,
      /** Whether a live workspace has any source yet. */
      liveConfigured: z.boolean(),
    }),
  },
  /** How evidence lies on the disk of this workstation. */
  'app.evidenceProtection': { input: none, output: evidenceProtectionSchema },
  'app.setAnalyst': { input: z.object({ name: z.string().trim().min(1).max(120) }), output: analystSchema },
  'app.status': { input: none, output: statusSchema },
  'app.saveSettings': { input: uiSettingsSchema.partial(), output: uiSettingsSchema },

  /** How pushes of notifications to a server stand; the address is a setting, the secret never comes back. */
  'notifications.webhook': {
    input: none,
    output: z.object({ hasSecret: z.boolean(), problem: z.string().nullable() }),
  },
  'notifications.setSecret': {
    input: z.object({ secret: z.string().min(16).max(1_000).nullable() }),
    output: done,
  },
  /** Pushes a test to the stored address. */
  'notifications.test': { input: none, output: testResultSchema },

  /** Closes this workspace and opens the other; the renderer is told by `workspace.changed` and starts anew. */
  'app.openWorkspace': { input: z.object({ workspace: workspaceSchema }), output: done },
  'app.dismissNotice': { input: z.object({ id }), output: done },

  'range.status': { input: none, output: rangeStatusSchema },
  'range.start': {
    input: z.object({ scenario: scenarioNameSchema, customerId: id.nullable() }),
    output: rangeStatusSchema,
  },
  'range.stop': { input: none, output: rangeStatusSchema },
  'range.setSpeed': { input: z.object({ speed: z.number().min(1).max(600) }), output: rangeStatusSchema },

  'audit.list': {
    input: z.object({ limit: z.number().int().min(1).max(5000) }),
    output: z.array(
      z.object({
        sequence: z.number().int(),
        timeMs: z.number(),
        actor: z.string(),
        action: z.string(),
        sentence: z.string(),
        hash: z.string(),
      }),
    ),
  },
  'audit.verify': { input: none, output: z.object({ ok: z.boolean(), sentence: z.string() }) },
} as const satisfies TopicMethods;
