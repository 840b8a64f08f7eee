import { z } from 'zod';
import { alertSchema } from '../domain/alert.ts';
import { connectionSchema } from '../domain/connection.ts';
import { mitigationSchema } from '../domain/mitigation.ts';
import { notificationSchema } from '../domain/notification.ts';
import { rangeStatusSchema } from '../domain/range.ts';
import { findingSchema, liveSampleSchema } from '../domain/signal.ts';
import { alertMethods } from './contract/alerts.ts';
import { appMethods, shownWorkspaceSchema, statusSchema, uiSettingsSchema } from './contract/app.ts';
import { caseFileMethods } from './contract/case-files.ts';
import { caseMethods } from './contract/cases.ts';
import { none, type TopicMethods } from './contract/common.ts';
import { connectionMethods } from './contract/connections.ts';
import { detectionMethods } from './contract/detection.ts';
import { handoverMethods } from './contract/handovers.ts';
import { mitigationMethods } from './contract/mitigations.ts';

export {
  type AlertQuery,
  type AlertSelection,
  type AlertSort,
  alertQuerySchema,
  alertSortSchema,
} from './contract/alerts.ts';
export {
  type Notice,
  noticeSchema,
  type ShownWorkspace,
  type Status,
  statusSchema,
  type UiSettings,
  uiSettingsSchema,
  type Workspace,
  workspaceSchema,
} from './contract/app.ts';

/** Every method: its input and its output. The server validates inputs; the client is typed from both. */
export const methods = {
  ...appMethods,
  ...connectionMethods,
  ...detectionMethods,
  ...alertMethods,
  ...caseMethods,
  ...caseFileMethods,
  ...mitigationMethods,
  ...handoverMethods,
} as const satisfies TopicMethods;

/** Every event that the core sends by itself. */
export const events = {
  status: statusSchema,
  /** New points of all signals since the last message, at most a few a second a signal. */
  'signals.samples': z.object({ rows: z.array(liveSampleSchema) }),
  /** Signals were added or changed (mapping, baseline state): ask again. */
  'signals.changed': none,
  'findings.changed': z.object({ findings: z.array(findingSchema) }),
  /** Rows changed or came; at most 200 rows, more sets `many` and the list asks again. */
  'alerts.changed': z.object({
    rows: z.array(alertSchema),
    many: z.boolean(),
    latestSequence: z.number().int(),
  }),
  /** Somebody is told of alerts: by a sound, by a message of the desktop, or, when nobody acknowledges, on the screen. */
  notification: notificationSchema,
  /** The analyst wants to see this alert, by a click outside the window. */
  'alert.open': z.object({ alertId: z.string() }),
  'connections.changed': z.object({ connections: z.array(connectionSchema) }),
  'cases.changed': z.object({ caseIds: z.array(z.string()) }),
  'handovers.changed': z.object({ ids: z.array(z.string()) }),
  'mitigations.changed': z.object({ rows: z.array(mitigationSchema) }),
  'range.changed': rangeStatusSchema,
  'settings.changed': uiSettingsSchema,
  /** Everything known is of another data directory now: start anew. */
  'workspace.changed': z.object({ workspace: shownWorkspaceSchema }),
  /** Somebody opened a case file with the app, from outside the window. */
  'review.requested': z.object({ path: z.string() }),
} as const satisfies Record<string, z.ZodType>;

export type Methods = typeof methods;
export type MethodName = keyof Methods;
export type MethodInput<M extends MethodName> = z.input<Methods[M]['input']>;
/** What a handler is given: the input after validation. */
export type MethodParsedInput<M extends MethodName> = z.output<Methods[M]['input']>;
export type MethodOutput<M extends MethodName> = z.output<Methods[M]['output']>;
export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>;
