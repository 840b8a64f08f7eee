import { z } from 'zod';
import {
  caseDigestSchema,
  exportDraftSchema,
  exportedSchema,
  importPreviewSchema,
} from '../case-file/report.ts';
import { reviewSchema } from '../case-file/review.ts';
import {
  alertActionSchema,
  alertGroupingSchema,
  alertSchema,
  laneSchema,
  occurrenceHistogramSchema,
  occurrenceSchema,
  severitySchema,
} from '../domain/alert.ts';
import { exportFormatSchema } from '../domain/alert-export.ts';
import { splitBySchema } from '../domain/alert-split.ts';
import { backTestRequestSchema, backTestResultSchema } from '../domain/back-test.ts';
import {
  analystEntrySchema,
  caseEntrySchema,
  caseListRowSchema,
  caseStateSchema,
  caseStatusSchema,
  caseSummarySchema,
  tlpSchema,
} from '../domain/case.ts';
import { clockSchema, clockSummarySchema, clockTargetSchema, clockTargetsSchema } from '../domain/clock.ts';
import {
  connectionSchema,
  descriptorSchema,
  healthSchema,
  rejectedRowSchema,
  settingsSchema,
  testResultSchema,
} from '../domain/connection.ts';
import { analystSchema, customerSchema, serviceSchema } from '../domain/customer.ts';
import { addressOriginSchema } from '../domain/enrichment.ts';
import { entityKindSchema } from '../domain/entity.ts';
import { evidenceProtectionSchema } from '../domain/evidence-protection.ts';
import {
  handoverAnswerSchema,
  handoverEditSchema,
  handoverRowSchema,
  handoverViewSchema,
} from '../domain/handover.ts';
import { incidentSchema } from '../domain/incident.ts';
import { lessonInForceSchema } from '../domain/lesson.ts';
import { actionPlanSchema, ledgerRowSchema, mitigationSchema, orphanSchema } from '../domain/mitigation.ts';
import { noiseSchema } from '../domain/noise.ts';
import { notificationSchema, notificationSettingsSchema } from '../domain/notification.ts';
import { rangeStatusSchema, scenarioNameSchema } from '../domain/range.ts';
import { replayFactsSchema } from '../domain/replay-facts.ts';
import {
  breakdownSchema,
  dimensionSchema,
  findingSchema,
  layerSchema,
  liveSampleSchema,
  measureSchema,
  signalSchema,
  signalWindowSchema,
  stageSchema,
} from '../domain/signal.ts';
import { newSuppressionSchema, suppressionEffectSchema, suppressionSchema } from '../domain/suppression.ts';
import { techniqueSchema } from '../domain/technique.ts';
import { caseExportFormatSchema, exportedCaseSchema } from '../exchange/case-export-format.ts';
import { leftOutSchema, stixLimits } from '../exchange/stix-left-out.ts';

const id = z.string().min(1).max(200);
const timeMs = z.number().finite();
/** Absolute; told by a file dialog or typed at the command line. */
const filePath = z.string().min(1).max(4096);
const caseFileInput = z.object({
  path: filePath,
  /** age identities (`AGE-SECRET-KEY-1...`) and the passphrase to try on an encrypted file. */
  identities: z.array(z.string().max(200)).max(100).default([]),
  passphrase: z.string().max(1000).nullable().default(null),
});
/** A `.wfhandover` file on this machine, or its bytes as a page has them. */
const handoverFileInput = z.union([
  z.object({ path: filePath }),
  z.object({ base64: z.string().max(6_000_000) }),
]);
const none = z.object({});
const done = z.object({ done: z.literal(true) });

export const workspaceSchema = z.enum(['live', 'range']);
/** Which data directory is open: the analyst's own, or the range's. */
export type Workspace = z.infer<typeof workspaceSchema>;
const shownWorkspaceSchema = z.enum([...workspaceSchema.options, 'review']);
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

/** What a queue can be sorted by. */
export const alertSortSchema = z.enum([
  'received',
  'last-seen',
  'first-seen',
  'severity',
  'count',
  'title',
  'status',
  'assignee',
  'customer',
  'service',
  'source',
  'lane',
  'disposition',
  'mitigated',
  'entity',
  'technique',
]);
export type AlertSort = z.infer<typeof alertSortSchema>;

export const alertQuerySchema = z.object({
  lane: laneSchema.nullable(),
  /** The query bar's text; see shared/domain/alert-query.ts for its grammar. */
  text: z.string().max(2000),
  fromMs: timeMs.nullable(),
  toMs: timeMs.nullable(),
  /** Include closed, snoozed and suppressed alerts even where the text does not ask for them. */
  includeDone: z.boolean(),
  sort: alertSortSchema,
  /** Turns the whole order round; in its own it starts with the newest, worst and most, and with A. */
  reversed: z.boolean().optional(),
});
export type AlertQuery = z.infer<typeof alertQuerySchema>;

const alertSelection = z.discriminatedUnion('by', [
  z.object({ by: z.literal('ids'), ids: z.array(id).min(1).max(10_000) }),
  z.object({ by: z.literal('query'), query: alertQuerySchema, upToSequence: z.number().int() }),
  /** What `alerts.freeze` froze, whatever matches by now. */
  z.object({ by: z.literal('frozen'), scopeId: id }),
]);

export type AlertSelection = z.infer<typeof alertSelection>;

/** Every method: its input and its output. The server validates inputs; the client is typed from both. */
export const methods = {
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
  /**
   * Verifies a case file and, when nothing is wrong with it, shows it in place of the workspace, which goes on behind
   * it; `workspace.changed` says so. The file is not imported and nothing is written beside it. Long, can be cancelled.
   */
  'review.open': {
    input: caseFileInput.extend({
      /** Of a file whose bytes came up from a window; null takes that of the path. */
      name: z.string().max(255).nullable().default(null),
    }),
    output: reviewSchema,
  },
  /** Puts the file away and shows the workspace again. */
  'review.close': { input: none, output: done },

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

  /** What called people in the last seven days against each customer's budget, and where it came from. */
  'noise.read': { input: z.object({ customerId: id.nullable() }), output: noiseSchema },

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

  'signals.list': { input: none, output: z.array(signalSchema) },
  'signals.update': {
    input: z.object({
      id,
      customerId: id,
      serviceId: id,
      stage: stageSchema,
      layer: layerSchema,
      measure: measureSchema,
      name: z.string().min(1).max(200),
      unit: z.string().max(40),
    }),
    output: signalSchema,
  },
  'signals.window': {
    input: z.object({
      signalIds: z.array(id).min(1).max(40),
      fromMs: timeMs,
      toMs: timeMs,
      maxPoints: z.number().int().min(10).max(20_000),
    }),
    output: z.array(signalWindowSchema),
  },
  'signals.breakdown': {
    input: z.object({
      customerId: id.nullable(),
      serviceId: id.nullable(),
      dimension: dimensionSchema,
      fromMs: timeMs,
      toMs: timeMs,
    }),
    output: breakdownSchema,
  },
  'findings.list': {
    input: z.object({ fromMs: timeMs, toMs: timeMs, signalId: id.nullable() }),
    output: z.array(findingSchema),
  },
  /** How often an alert would have fired for the same reason in the last 30 days, and what its verdict teaches. */
  'findings.history': {
    input: z.object({ alertId: id }),
    output: z.object({
      /** From here on: less than 30 days back where the signals are younger. */
      sinceMs: z.number(),
      /** Earlier findings at least as improbable, the newest first. */
      fired: z.array(findingSchema),
      /** How many earlier actionable findings a verdict on this one would have moved to the informational lane. */
      wouldMove: z.number().int(),
      /** False where there are more findings than were looked at. */
      isExact: z.boolean(),
    }),
  },

  /**
   * What verdicts taught and still teach, the newest first. `isWhole` is false where older ones are left out,
   * `isExact` where not all findings were counted.
   */
  'lessons.list': {
    input: none,
    output: z.object({ lessons: z.array(lessonInForceSchema), isWhole: z.boolean(), isExact: z.boolean() }),
  },

  /**
   * Replays the engine over stored samples in a worker and tells what it would have raised. Long: it reports signals
   * done of all, and can be cancelled. One at a time; a second one is refused with `conflict`.
   */
  'backtest.run': { input: backTestRequestSchema, output: backTestResultSchema },

  'alerts.query': {
    input: alertQuerySchema.extend({
      /** Rows received after this one are left out, so that nothing moves; null takes the newest. */
      upToSequence: z.number().int().nullable(),
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    output: z.object({
      rows: z.array(alertSchema),
      /** How many match; at least so many where `isExact` says no: then `alerts.count` knows. */
      total: z.number().int(),
      isExact: z.boolean(),
      upToSequence: z.number().int(),
      /** How many rows that match came after upToSequence. */
      newer: z.number().int(),
      /** How many alerts are merged under the rows of the whole list: actions are on these, too. */
      merged: z.number().int(),
      /** Where the text could not be understood: what and where; rows then match the rest. */
      problem: z.string().nullable(),
    }),
  },
  'alerts.get': {
    input: z.object({ id }),
    output: z.object({
      alert: alertSchema,
      /** Newest first, at most 50. */
      occurrences: z.array(occurrenceSchema),
      findings: z.array(findingSchema),
      /** What the findings together are; null for alerts that a source sent. */
      incident: incidentSchema.nullable(),
      /** Why its occurrences are one; null for alerts of detection, and where no record says so. */
      grouping: alertGroupingSchema.nullable(),
      /** How its occurrences lie in time; null where none is kept. */
      histogram: occurrenceHistogramSchema.nullable(),
      /** Where its addresses come from, of those of which anything is known. */
      origins: z.object({
        rows: z.array(addressOriginSchema.extend({ address: z.string() })),
        /** The day and the makers of the data; null where there are none. */
        source: z.object({ made: z.string(), notice: z.string() }).nullable(),
      }),
      /** Its ATT&CK techniques by their names; ids that ATT&CK does not have are left out. */
      techniques: z.array(techniqueSchema),
      related: z.array(alertSchema),
      /** The alert that it is merged under, or that it is a part of; null where there is none. */
      parent: alertSchema.nullable(),
      whole: alertSchema.nullable(),
      /** What is merged under it, at any depth, the nearest first; at most 100 of them, and how many there are. */
      members: z.array(alertSchema),
      memberCount: z.number().int(),
      /** Of a split alert its parts, of a part all parts of its alert. */
      parts: z.array(alertSchema),
      /** Other cases that have one of its telling entities among their observables, last changed first. */
      cases: z.array(z.object({ case: caseSummarySchema, shared: z.array(z.string()) })),
      history: z.array(z.object({ timeMs: z.number(), actor: z.string(), sentence: z.string() })),
      context: z.array(
        z.object({
          id: z.string(),
          timeMs: z.number(),
          type: z.string(),
          summary: z.string(),
          raw: z.string(),
        }),
      ),
    }),
  },
  /**
   * Keeps which alerts a selection is now, so that what is shown of it and what is done with it are the same alerts.
   * The core keeps the last few; after that, or a restart, a scope is `not-found`.
   */
  'alerts.freeze': {
    input: z.object({
      selection: alertSelection,
      /** Also the alerts merged under these. */
      withMerged: z.boolean().optional(),
    }),
    output: z.object({
      scopeId: z.string(),
      count: z.number().int(),
      /** How many of each severity, from the mildest to the worst. */
      bySeverity: z.array(z.number().int()).length(severitySchema.options.length),
    }),
  },
  /** How many alerts a selection is now, and how many more are merged under these: what is done is done to all. */
  'alerts.scope': {
    input: z.object({ selection: alertSelection }),
    output: z.object({ chosen: z.number().int(), merged: z.number().int() }),
  },
  /** A page of a scope as its alerts are now, newest first; those that are not there any more are left out. */
  'alerts.readFrozen': {
    input: z.object({
      scopeId: id,
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    output: z.array(alertSchema),
  },
  /** Writes into the audit log that alerts of a scope were exported, before the file is handed out. */
  'alerts.recordExport': {
    input: z.object({ scopeId: id, format: exportFormatSchema, written: z.number().int().min(0) }),
    output: done,
  },
  'alerts.act': {
    input: z.object({ selection: alertSelection, action: alertActionSchema }),
    output: z.object({ changed: z.number().int(), undoId: z.string().nullable() }),
  },
  'alerts.undo': {
    input: z.object({ undoId: id }),
    output: z.object({
      changed: z.number().int(),
      /** Alerts that somebody changed since: these stay as they are. */
      skipped: z.number().int(),
      /** At most the first thousand of them. */
      skippedIds: z.array(z.string()),
    }),
  },
  /** What splitting an alert would make; nothing is changed. `problem` says why it cannot be split. */
  'alerts.previewSplit': {
    input: z.object({ id, by: splitBySchema }),
    output: z.object({
      parts: z.array(
        z.object({ label: z.string(), count: z.number().int(), firstMs: z.number(), lastMs: z.number() }),
      ),
      problem: z.string().nullable(),
    }),
  },
  /**
   * Open alerts that belong together, with the reason: among the newest 2,000 open ones, or with an alert given those
   * received within two hours of it, and only what it belongs to.
   */
  'alerts.proposeGroups': {
    input: z.object({ alertId: id.nullable() }),
    output: z.array(
      z.object({
        reason: z.string(),
        alertIds: z.array(z.string()),
        /** The first ten of them. */
        sample: z.array(alertSchema),
      }),
    ),
  },
  /**
   * Looks for the free text of a query in the raw records of alerts, the newest first; queries with that text find these
   * alerts from then on. It takes seconds where records are many, and can be cancelled.
   */
  'alerts.searchRecords': {
    input: z.object({ text: z.string().max(2000) }),
    output: z.object({
      /** Alerts of which a record has one of the texts. */
      alerts: z.number().int(),
      /** Whether all records were looked through; else `backToMs` says how far. */
      isWhole: z.boolean(),
      backToMs: z.number().nullable(),
    }),
  },
  /** Exactly, however long it takes; it can be cancelled. */
  'alerts.count': {
    input: z.object({
      query: alertQuerySchema,
      /** Later ones are not counted; without it all are. */
      upToSequence: z.number().int().optional(),
    }),
    output: z.object({ count: z.number().int() }),
  },

  /** Suppressions and maintenance windows: what is in force or to come, then the newest 100 that ended. */
  'suppressions.list': { input: none, output: z.array(suppressionEffectSchema) },
  /** What a suppression by this search would hold now, and would have held in the last 30 days. */
  'suppressions.preview': {
    input: z.object({ text: z.string().max(2000), upTo: severitySchema }),
    output: z.object({
      /** Why it cannot be suppressed by; null where it can. */
      problem: z.string().nullable(),
      open: z.number().int(),
      /** Open ones of the search that are worse than `upTo` and stay. */
      worse: z.number().int(),
      lastMonth: z.number().int(),
      truePositives: z.number().int(),
    }),
  },
  /** Holds what is there in slices, with progress; what comes meanwhile is held as it comes. */
  'suppressions.add': { input: newSuppressionSchema, output: suppressionSchema },
  'suppressions.setEnd': { input: z.object({ id, endMs: timeMs }), output: suppressionSchema },
  /** Lets one alert into the queue; what held it does not take it again. */
  'suppressions.release': { input: z.object({ alertId: id }), output: done },
  /**
   * Ends it now. What goes on at its source comes into the queue; with `everything` all that it holds does, as if it
   * had never been.
   */
  'suppressions.end': { input: z.object({ id, everything: z.boolean() }), output: suppressionSchema },

  /** What was agreed beside the defaults. */
  'clocks.targets': { input: none, output: clockTargetsSchema },
  /** Null takes an agreement back, so that what is behind it counts again. */
  'clocks.setTarget': {
    input: z.object({
      customerId: id.nullable(),
      severity: severitySchema,
      target: clockTargetSchema.nullable(),
    }),
    output: clockTargetsSchema,
  },
  'clocks.of': { input: z.object({ alertId: id }), output: z.array(clockSchema) },
  /** How fast people answered in the last 30 days, by severity; of everybody where the customer is null. */
  'clocks.summary': { input: z.object({ customerId: id.nullable() }), output: clockSummarySchema },

  'views.list': {
    input: none,
    output: z.array(z.object({ id: z.string(), name: z.string(), query: alertQuerySchema })),
  },
  'views.save': {
    input: z.object({ id: id.nullable(), name: z.string().trim().min(1).max(80), query: alertQuerySchema }),
    output: z.object({ id: z.string(), name: z.string(), query: alertQuerySchema }),
  },
  'views.remove': { input: z.object({ id }), output: done },

  /**
   * Files that a screen has as bytes: announced, sent in pieces in order, finished, and taken away when they were used.
   * The core forgets them when it closes and at its next start.
   */
  'uploads.begin': {
    input: z.object({ name: z.string().max(1_000), sizeBytes: z.number().int().nonnegative() }),
    output: z.object({ id: z.string() }),
  },
  'uploads.write': {
    input: z.object({
      id,
      offset: z.number().int().nonnegative(),
      /** Of 1 MiB at most. */
      base64: z.base64().max(1_398_104),
    }),
    output: z.object({ writtenBytes: z.number().int() }),
  },
  'uploads.finish': { input: z.object({ id }), output: z.object({ path: z.string() }) },
  'uploads.discard': { input: z.object({ id }), output: done },

  'cases.list': {
    input: z.object({ status: caseStatusSchema.nullable(), text: z.string().max(500) }),
    output: z.array(caseListRowSchema),
  },
  'cases.open': {
    input: z.object({
      alertIds: z.array(id).max(10_000),
      title: z.string().trim().max(300).nullable(),
      severity: severitySchema.nullable(),
      customerId: id.nullable(),
    }),
    output: caseStateSchema,
  },
  'cases.get': { input: z.object({ id }), output: caseStateSchema },
  'cases.append': {
    input: z.object({
      caseId: id,
      entry: analystEntrySchema,
      /** Whom it may be shown to; null goes by the case's own marking. */
      tlp: tlpSchema.nullable().default(null),
    }),
    output: caseStateSchema,
  },
  /** Entries that belong together, in one transaction: all of them or none. */
  'cases.appendAll': {
    input: z.object({
      caseId: id,
      entries: z.array(analystEntrySchema).min(1).max(500),
      tlp: tlpSchema.nullable().default(null),
    }),
    output: z.object({ entryIds: z.array(z.string()) }),
  },
  /**
   * The case's entries, and those merged into it, in clock order, beyond what the asker has: the first `entries` of the
   * log by this name. Another name, e.g. after an import, means that it must begin anew: `from` is then 0.
   */
  'cases.since': {
    input: z.object({
      id,
      known: z.object({ log: z.string().max(200), entries: z.number().int().nonnegative() }).nullable(),
    }),
    output: z.object({
      log: z.string(),
      from: z.number().int(),
      entries: z.array(caseEntrySchema),
      /** Whether the workspace is the range's. */
      simulated: z.boolean(),
    }),
  },
  /** Where else the case's observables were seen: in stored alerts, and by people in other cases. */
  'cases.observablesSeen': {
    input: z.object({ caseId: id }),
    output: z.array(
      z.object({
        observableId: z.string(),
        /** In so many alerts; from a thousand on there may be more. */
        alerts: z.number().int(),
        /** In so many other cases; likewise. */
        cases: z.number().int(),
        firstSeenMs: z.number().nullable(),
        lastSeenMs: z.number().nullable(),
      }),
    ),
  },
  /** The twenty other cases that share most observables with it. */
  'cases.related': {
    input: z.object({ caseId: id }),
    output: z.array(
      z.object({
        case: caseSummarySchema,
        /** The first twenty of them. */
        shared: z.array(z.object({ kind: entityKindSchema, value: z.string() })),
        sharedCount: z.number().int(),
      }),
    ),
  },
  /** The newest fifty comments, in any case, that mention whoever asks. */
  'cases.mentions': {
    input: none,
    output: z.array(
      z.object({ case: caseSummarySchema, text: z.string(), writerName: z.string(), timeMs: z.number() }),
    ),
  },
  /** The other case's entries count here too; what both say of alerts and mitigations stays where it is. */
  'cases.merge': {
    input: z.object({ caseId: id, otherCaseId: id, reason: z.string().trim().max(2000) }),
    output: caseStateSchema,
  },
  'cases.unmerge': {
    input: z.object({ caseId: id, otherCaseId: id, reason: z.string().trim().max(2000) }),
    output: caseStateSchema,
  },
  /** What a replay of the case needs beside its state: what came when, and where. Can be cancelled. */
  'cases.replay': { input: z.object({ id }), output: replayFactsSchema },
  /** One hash of the folded state and one of the entries: equal wherever the same entries are. */
  'cases.digest': { input: z.object({ id }), output: caseDigestSchema },
  /** What an export for an audience would hold and leave out, and where to; nothing is written. */
  'cases.draftExport': {
    input: z.object({ caseId: id, audience: tlpSchema.nullable() }),
    output: exportDraftSchema.extend({
      /** Whether the desktop can ask for the place in its own dialog. */
      canBrowse: z.boolean(),
    }),
  },
  /** Asks in the desktop's own dialog where to export to; null when the analyst thought better of it. */
  'cases.browseExport': {
    input: z.object({ path: filePath }),
    output: z.object({ path: z.string().nullable() }),
  },
  /** Writes a `.wfcase` file on this machine; see resources/case-file. Long, and can be cancelled. */
  'cases.export': {
    input: z.object({
      caseId: id,
      path: filePath,
      /** False: a file that is there already stays, which is a `conflict`. */
      replaces: z.boolean().default(true),
      /** age recipients (`age1...`) or a passphrase encrypt it; neither leaves it readable. */
      recipients: z.array(z.string().max(200)).max(100).default([]),
      passphrase: z.string().min(1).max(1000).nullable().default(null),
      /** Payloads that these people may not see are left out. */
      audience: tlpSchema.nullable().default(null),
    }),
    output: exportedSchema,
  },
  /** Verifies a `.wfcase` file on this machine and says what importing it would change. Long, and can be cancelled. */
  'cases.previewImport': { input: caseFileInput, output: importPreviewSchema },
  /** Verifies it and merges it by union, in one transaction: any number of times, in any order with others. */
  'cases.import': {
    input: caseFileInput.extend({
      /** Of the file that was previewed; null takes whatever is there. */
      expectedSha256: z.string().max(64).nullable().default(null),
    }),
    output: importPreviewSchema,
  },
  /** Evidence of any size from a file. For the command line alone: a screen may not have files read. */
  'cases.addEvidenceFile': { input: z.object({ caseId: id, path: filePath }), output: caseStateSchema },
  'cases.linkAlerts': {
    input: z.object({ caseId: id, alertIds: z.array(id).min(1).max(10_000) }),
    output: caseStateSchema,
  },
  'cases.unlinkAlert': {
    input: z.object({ caseId: id, alertId: id, reason: z.string().max(2000) }),
    output: caseStateSchema,
  },
  /** Evidence of any size from an upload. Long, and can be cancelled. */
  'cases.addEvidence': {
    input: z.object({
      caseId: id,
      name: z.string().min(1).max(255),
      mediaType: z.string().max(120),
      /** Finished; taken away once it is in the case. */
      uploadId: id,
    }),
    output: caseStateSchema,
  },
  'cases.readEvidence': {
    input: z.object({
      caseId: id,
      evidenceId: id,
      /** Opening goes into the audit log; an image in a note is shown by itself. */
      purpose: z.enum(['note', 'view']),
    }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string(), verified: z.boolean() }),
  },
  /** Evidence of any size to be saved, in pieces; goes into the audit log. */
  'evidence.begin': {
    input: z.object({ caseId: id, evidenceId: id }),
    output: z.object({ id: z.string(), sizeBytes: z.number().int() }),
  },
  'evidence.next': {
    input: z.object({ id }),
    output: z.object({
      base64: z.string(),
      /** null until all was read: whether it has the hash that it was added with. */
      isVerified: z.boolean().nullable(),
    }),
  },
  /** Gives up what was begun. */
  'evidence.end': { input: z.object({ id }), output: done },
  /** Saves the service's signals around the case's alerts with the case. */
  'cases.saveSignals': {
    input: z.object({ caseId: id, fromMs: timeMs, toMs: timeMs, title: z.string().max(300) }),
    output: caseStateSchema,
  },
  /** Whether the case's entry chains verify, in words. */
  'cases.verify': { input: z.object({ id }), output: z.object({ ok: z.boolean(), sentence: z.string() }) },
  /** The case as text in a format in which others read cases; written into the audit log before it is handed out. */
  'cases.exportAs': {
    input: z.object({ caseId: id, format: caseExportFormatSchema }),
    output: exportedCaseSchema,
  },
  /** Adds the observables and techniques of a STIX 2.1 bundle from outside to a case. */
  'cases.importStix': {
    input: z.object({ caseId: id, text: z.string().max(stixLimits.characters) }),
    output: z.object({
      added: z.number().int(),
      /** Were in the case already. */
      known: z.number().int(),
      techniques: z.number().int(),
      leftOut: z.array(leftOutSchema),
    }),
  },
  /** The tactics of ATT&CK in their order, each with those of the techniques that belong to it. */
  'techniques.matrix': {
    input: z.object({ techniqueIds: z.array(z.string().max(20)).max(1_000) }),
    output: z.array(z.object({ id: z.string(), name: z.string(), techniques: z.array(techniqueSchema) })),
  },
  'techniques.search': {
    input: z.object({ text: z.string().max(100) }),
    output: z.array(techniqueSchema),
  },

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

  'reports.build': {
    input: z.object({ caseId: id, format: z.enum(['html', 'pdf', 'markdown']) }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string() }),
  },

  /** Shift handovers: a draft first, then the newest. See resources/handover for their files. */
  'handovers.list': { input: none, output: z.array(handoverRowSchema) },
  'handovers.get': { input: z.object({ id }), output: handoverViewSchema },
  /** Makes the draft, or reads the facts of the one that is there anew and keeps what was said in it. */
  'handovers.make': {
    input: z.object({ nextShiftHours: z.number().int().min(1).max(24).nullable().default(null) }),
    output: handoverViewSchema,
  },
  'handovers.edit': { input: z.object({ id, edit: handoverEditSchema }), output: handoverViewSchema },
  /** Of a draft: what is signed stays. */
  'handovers.discard': { input: z.object({ id }), output: done },
  /** Signs the draft as it was shown: another revision is refused with `conflict`. */
  'handovers.sign': {
    input: z.object({ id, revision: z.number().int() }),
    output: handoverViewSchema,
  },
  'handovers.answer': { input: z.object({ id, answer: handoverAnswerSchema }), output: handoverViewSchema },
  /** Refused while items are open, unless `withOpen`: then which ones were is part of what is signed. */
  'handovers.countersign': {
    input: z.object({ id, withOpen: z.boolean(), remark: z.string().trim().max(1_000).default('') }),
    output: handoverViewSchema,
  },
  /** The file's text, for saving in a browser, and a path where there is none yet. */
  'handovers.read': {
    input: z.object({ id }),
    output: z.object({ name: z.string(), text: z.string(), path: z.string() }),
  },
  /** Writes a `.wfhandover` file on this machine. */
  'handovers.export': {
    /** Without `replaces` a file that is there is left alone: `conflict`. */
    input: z.object({ id, path: filePath, replaces: z.boolean().default(true) }),
    output: z.object({ path: z.string(), sizeBytes: z.number().int() }),
  },
  /** Verifies a file and takes it in by union; the same one again changes nothing. */
  'handovers.import': {
    input: handoverFileInput,
    output: z.object({
      view: handoverViewSchema,
      isNew: z.boolean(),
      newCountersignatures: z.number().int(),
    }),
  },
  'handovers.build': {
    input: z.object({ id, format: z.enum(['html', 'pdf']) }),
    output: z.object({ name: z.string(), mediaType: z.string(), base64: z.string() }),
  },

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
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

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
