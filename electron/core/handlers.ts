import { isAbsolute } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ShownWorkspace,
  type UiSettings,
  uiSettingsSchema,
  type Workspace,
} from '../../shared/api/contract.ts';
import type { CallContext, Handlers } from '../../shared/api/server.ts';
import { firedBefore, wouldHaveMoved } from '../../shared/detection/lessons.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { defaultNotificationSettings } from '../../shared/domain/notification.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { cutText } from '../../shared/domain/safe-text.ts';
import { dayMs, formatDuration } from '../../shared/domain/time.ts';
import type { Store, Writer } from '../db/index.ts';
import type { RangeWorld } from '../range/range-world.ts';
import type { AlertScopes } from './alert-scopes.ts';
import { type Analysts, commandLineName } from './analysts.ts';
import type { BackTests } from './back-test.ts';
import type { CaseExchange } from './case-exchange.ts';
import type { CaseFiles } from './case-files/case-files.ts';
import type { Cases } from './cases.ts';
import type { Clocks } from './clocks.ts';
import type { Connections } from './connections.ts';
import { proposeGroupsFor } from './correlation.ts';
import type { EveIntake } from './eve-intake.ts';
import type { EvidenceKeeper } from './evidence-keeper.ts';
import type { EvidenceReadings } from './evidence-readings.ts';
import { faultPoint } from './fault-points.ts';
import type { Handovers } from './handovers.ts';
import type { Hub } from './hub.ts';
import { incidentOf } from './incidents.ts';
import { listLessons } from './lessons.ts';
import type { Mitigations } from './mitigations.ts';
import { readNoise, type WatchLog } from './noise.ts';
import type { Rejected } from './rejected.ts';
import { readReplayFacts } from './replay-facts.ts';
import type { Reports } from './reports.ts';
import type { ReviewDoor } from './review.ts';
import type { SecretStore } from './secrets.ts';
import type { StatusView } from './status.ts';
import type { Suppressions } from './suppressions.ts';
import { searchTechniques, techniqueById, techniqueMatrix } from './techniques.ts';
import type { Uploads } from './uploads.ts';
import { type WebhookOut, webhookSecret } from './webhook-out.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly scopes: AlertScopes;
  readonly hub: Hub;
  readonly analysts: Analysts;
  readonly cases: Cases;
  readonly caseFiles: CaseFiles;
  readonly caseExchange: CaseExchange;
  readonly uploads: Uploads;
  readonly evidenceReadings: EvidenceReadings;
  readonly connections: Connections;
  readonly mitigations: Mitigations;
  readonly reports: Reports;
  readonly handovers: Handovers;
  readonly secrets: SecretStore;
  readonly evidenceKeeper: EvidenceKeeper;
  readonly status: StatusView;
  readonly eveIntake: EveIntake;
  readonly rejected: Rejected;
  readonly backTests: BackTests;
  readonly watchLog: WatchLog;
  readonly webhookOut: WebhookOut;
  readonly suppressions: Suppressions;
  readonly clocks: Clocks;
  /** null outside the range. */
  readonly world: RangeWorld | null;
  readonly workspace: ShownWorkspace;
  readonly appVersion: string;
  readonly nowMs: () => number;
  /** Asks in the desktop's dialog where to save; null where there is no desktop. */
  readonly chooseSavePath: ((suggested: string) => Promise<string | null>) | null;
  readonly openWorkspace: (workspace: Workspace) => Promise<void>;
  readonly review: ReviewDoor;
  readonly isLiveConfigured: () => boolean;
}

/** Cases that a case is said to be related to. */
const mostRelated = 20;
const mostMentions = 50;

const settingsKey = 'ui';
const defaultSettings: UiSettings = {
  theme: 'dark',
  density: 'regular',
  zone: 'utc',
  sound: true,
  notifications: defaultNotificationSettings,
  contextBudgetBytes: 512 * 1024 * 1024,
  sampleRetentionMs: 60 * dayMs,
  shiftEndsMs: null,
};

/** Characters of a rejected record that are sent for display. */
const mostExcerpt = 4_096;

/** How far back "would have fired" looks. */
const historyMs = 30 * dayMs;

/** Of the alerts merged under one so many are listed with it. */
const mostMembersShown = 100;

export function readSettings(store: Store): UiSettings {
  const parsed = uiSettingsSchema.partial().safeParse(store.settings.get(settingsKey) ?? {});
  return uiSettingsSchema.parse({ ...defaultSettings, ...(parsed.success ? parsed.data : {}) });
}

/** Does the steps of a search with turns for others between them; whoever asked for something else ends it. */
async function inTurns<T>(steps: Generator<void, T, void>, context: CallContext): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
    if (context.isCancelled()) throw new WatchfloorError('cancelled', 'The search was given up.');
  }
}

export function createHandlers(deps: HandlerDeps): Handlers {
  const { store, scopes, hub, analysts, cases, connections, mitigations, uploads } = deps;
  const done = { done: true } as const;

  function world(): RangeWorld {
    if (!deps.world)
      throw new WatchfloorError('refused', 'Scenarios run in the range alone. Open the range first.');
    return deps.world;
  }

  /** Who writes for a caller: the command line as itself. */
  const writerFor = async ({ caller }: CallContext) =>
    caller === 'command-line' ? analysts.namedWriter(commandLineName()) : analysts.writer();

  /** Whoever looks; null before anybody said their name. */
  const readerFor = (context: CallContext) =>
    context.caller !== 'command-line' && analysts.current() === null ? null : writerFor(context);

  function absolute(path: string): string {
    if (isAbsolute(path) && !path.includes('\0')) return path;
    throw new WatchfloorError('bad-input', 'Give the whole path of the file.', path);
  }

  /** Counts bytes of evidence for a caller who may watch, or give up. */
  function copied(context: CallContext): (bytes: number) => void {
    let done = 0;
    return (bytes) => {
      if (context.isCancelled())
        throw new WatchfloorError('cancelled', 'It was given up. Nothing was added.');
      done += bytes;
      context.progress({ done, total: null, text: 'Copying the evidence' });
    };
  }

  /** A change of alerts, with the moments around its commit at which tests end the process. */
  function inOneCommit<T>(change: () => T): T {
    const result = store.transaction(() => {
      const changed = change();
      faultPoint('alerts:before-commit');
      return changed;
    });
    faultPoint('alerts:after-commit');
    return result;
  }

  /** `areGrouped`: alerts came into lists or left them: whoever shows some asks again */
  function announceAlerts(ids: readonly string[], { areGrouped }: { readonly areGrouped: boolean }): void {
    const latest = store.alerts.latestSequence();
    if (ids.length > 200 || areGrouped) hub.manyAlerts(latest);
    else hub.alerts(store.alerts.getMany(store.alerts.withLeaders(ids)), latest);
  }

  /** Merging and splitting change what everybody sees: they are in the audit log, with their undo. */
  function auditGroup(writer: Writer, sentence: string | null, alertIds: readonly string[]): void {
    if (sentence === null) return;
    store.audit.append(writer, {
      action: 'alerts.grouped',
      sentence: `${writer.name}: ${sentence}`,
      details: { alertIds: alertIds.slice(0, 100) },
    });
  }

  function membersOf(alert: Alert) {
    if (alert.merged === null) return { members: [], memberCount: 0 };
    const { rows, total } = store.alerts.members(alert.id, mostMembersShown);
    return { members: rows, memberCount: total };
  }

  /** Where the addresses of an alert come from. */
  function originsOf({ entities }: Alert) {
    const addresses = new Set(entities.filter(({ kind }) => kind === 'ip').map(({ value }) => value));
    const rows = [...addresses].flatMap((address) => {
      const origin = store.enrichment.originOf(address);
      return origin === null ? [] : [{ address, ...origin }];
    });
    return { rows, source: rows.length === 0 ? null : store.enrichment.source() };
  }

  function checkRanges(ranges: readonly string[]): string[] {
    return ranges.map((range) => {
      const parsed = parseNetwork(range);
      if (!parsed.ok) throw new WatchfloorError('bad-input', parsed.reason);
      return parsed.network.cidr;
    });
  }

  return {
    'app.hello': () => ({
      appVersion: deps.appVersion,
      analyst: analysts.current(),
      workspace: deps.workspace,
      review: deps.workspace === 'review' ? deps.review.state() : null,
      simulated: store.simulated,
      dataDirectory: store.dataDirectory,
      secretStore: { protected: deps.secrets.protected, sentence: deps.secrets.sentence },
      settings: readSettings(store),
      liveConfigured: deps.isLiveConfigured(),
    }),
    'app.evidenceProtection': () => deps.evidenceKeeper.state(),
    'app.setAnalyst': async ({ name }) => {
      const analyst = await analysts.setCurrent(name);
      store.audit.append(analysts.writer(), { action: 'analyst.set', sentence: `${name} is at work here.` });
      return analyst;
    },
    'app.status': () => deps.status.read(),
    'app.saveSettings': (input) => {
      const settings = uiSettingsSchema.parse({ ...readSettings(store), ...input });
      store.settings.set(settingsKey, settings);
      hub.emit('settings.changed', settings);
      return settings;
    },
    'notifications.webhook': () => ({
      hasSecret: deps.secrets.get(webhookSecret.owner, webhookSecret.key) !== null,
      problem: deps.webhookOut.problem,
    }),
    'notifications.setSecret': async ({ secret }) => {
      await deps.secrets.set(webhookSecret.owner, webhookSecret.key, secret);
      store.audit.append(analysts.writer(), {
        action: 'notifications.secret',
        sentence: `${secret === null ? 'Removed' : 'Set'} the signing secret of notifications.`,
      });
      return done;
    },
    'notifications.test': () => deps.webhookOut.test(),
    'app.openWorkspace': async ({ workspace }) => {
      await deps.openWorkspace(workspace);
      return done;
    },
    'review.open': async ({ path, identities, passphrase, name }, context) => {
      const opened = await deps.review.open(
        { path: absolute(path), name, secrets: { identities, passphrase } },
        context,
      );
      // It was taken in whole; whoever brought it is behind the review now.
      if (opened.caseId !== null) await uploads.discardAt(absolute(path));
      // Of a review itself nothing stays; the workspace behind it says that somebody looked.
      const reader = deps.workspace === 'review' || opened.caseId === null ? null : analysts.current();
      if (reader !== null) {
        store.audit.append(analysts.writer(), {
          action: 'case.reviewed',
          sentence: `${reader.name} looked at the case file ${opened.name}, signed by ${opened.preview?.exporter?.name ?? 'nobody'}.`,
          details: { caseId: opened.caseId, sha256: opened.preview?.sha256 ?? null },
        });
      }
      return opened;
    },
    'review.close': async () => {
      await deps.review.close();
      return done;
    },
    'app.dismissNotice': ({ id }) => {
      deps.status.dismissNotice(id);
      hub.statusChanged();
      return done;
    },

    'customers.list': () => ({ customers: store.customers.list(), services: store.services.list() }),
    'customers.save': (input) => store.customers.save({ ...input, ownRanges: checkRanges(input.ownRanges) }),
    'noise.read': ({ customerId }) => {
      // The last minute counts too.
      deps.watchLog.beat();
      return readNoise(store, customerId, deps.nowMs());
    },
    'services.save': (input) => store.services.save(input),

    'connections.kinds': () => connections.kinds(),
    'connections.list': () => connections.list(),
    'connections.save': (input) => connections.save(input),
    'connections.remove': async ({ id }) => {
      await connections.remove(id);
      return done;
    },
    'connections.setEnabled': ({ id, enabled }) => connections.setEnabled(id, enabled),
    'connections.test': (input) => connections.test(input),

    'rejected.list': ({ connectionId, limit }) => ({
      ...store.rejected.summary(connectionId),
      canReplay: deps.rejected.canReplay(connectionId),
      rows: store.rejected
        .list(connectionId, limit)
        .map(({ id, receivedMs, reason, bytes, raw, isWhole }) => ({
          id,
          timeMs: receivedMs,
          reason,
          bytes,
          excerpt: cutText(raw, mostExcerpt).text,
          isWhole,
        })),
    }),
    'rejected.replay': ({ connectionId }, context) =>
      deps.rejected.replay(connectionId, (done) =>
        context.progress({ done, total: null, text: 'Reading records anew' }),
      ),
    'rejected.discard': ({ connectionId }) => ({ discarded: deps.rejected.discard(connectionId) }),

    'signals.list': () => store.signals.list(),
    'signals.update': (input) => {
      const signal = store.signals.update(input);
      hub.signalsChanged();
      return signal;
    },
    'signals.window': ({ signalIds, fromMs, toMs, maxPoints }) => {
      if (!(toMs > fromMs)) throw new WatchfloorError('bad-input', 'A range ends after it starts.');
      return signalIds.map((id) => store.samples.window(id, fromMs, toMs, maxPoints));
    },
    'signals.breakdown': (input) => store.breakdowns.query(input),
    'findings.list': (input) => store.findings.list(input),
    'findings.history': ({ alertId }) => {
      const own = store.findings.forAlert(alertId);
      const known = Math.max(0, ...own.map((finding) => finding.historyMs));
      const sinceMs = deps.nowMs() - Math.min(historyMs, known);
      const signalIds = [...new Set(own.map(({ signalId }) => signalId))];
      if (signalIds.length === 0) return { sinceMs, fired: [], wouldMove: 0, isExact: true };
      const { count, findings } = store.findings.history(signalIds, sinceMs);
      return {
        sinceMs,
        fired: [...firedBefore(findings, own)],
        wouldMove: wouldHaveMoved(findings, own).length,
        isExact: count === findings.length,
      };
    },

    'lessons.list': () => listLessons(store, deps.nowMs()),

    'backtest.run': (input, context) => deps.backTests.run(input, context),

    'alerts.query': ({ upToSequence, offset, limit, ...query }, context) =>
      inTurns(store.alerts.queryInSteps(query, { upToSequence, offset, limit }), context),
    'alerts.get': ({ id }) => {
      const alert = store.alerts.get(id);
      if (!alert) throw new WatchfloorError('not-found', 'There is no such alert.');
      return {
        alert,
        occurrences: store.alerts.occurrences(id, 50),
        findings: store.findings.forAlert(id),
        incident: incidentOf(store.incidents.forAlert(id)?.state),
        grouping: store.alerts.grouping(id),
        histogram: store.alerts.histogram(id),
        origins: originsOf(alert),
        techniques: alert.techniques.flatMap((each) => techniqueById(each) ?? []),
        related: store.alerts.related(id, 20),
        parent: alert.parentId === null ? null : store.alerts.get(alert.parentId),
        whole: alert.partOf === null ? null : store.alerts.get(alert.partOf.id),
        ...membersOf(alert),
        parts: alert.split === null && alert.partOf === null ? [] : store.alerts.parts(id),
        cases: store.cases.sharing(alert.entities, alert.caseId, 10),
        history: [...store.alerts.history(id), ...store.suppressions.history(id)].sort(
          (left, right) => left.timeMs - right.timeMs,
        ),
        context: store.context.forAlert(id, 50),
      };
    },
    'alerts.freeze': async ({ selection, withMerged }, context) => {
      const chosen = await inTurns(store.alerts.selectInSteps(scopes.resolve(selection)), context);
      return scopes.keep(selection, withMerged === true ? store.alerts.withMembers(chosen) : chosen);
    },
    'alerts.readFrozen': ({ scopeId, offset, limit }) => scopes.read(scopeId, offset, limit),
    'alerts.recordExport': ({ scopeId, format, written }) => {
      scopes.recordExport(analysts.writer(), scopeId, format, written);
      return done;
    },
    'alerts.scope': async ({ selection }, context) => {
      const chosen = await inTurns(store.alerts.selectInSteps(scopes.resolve(selection)), context);
      return { chosen: chosen.length, merged: store.alerts.withMembers(chosen).length - chosen.length };
    },
    'alerts.act': async ({ selection, action }, context) => {
      // The whole is one transaction, some hundred milliseconds for a million; it is let in after what waits.
      context.progress({ done: 0, total: null, text: 'Changing alerts' });
      await nextTurn();
      if (context.isCancelled()) throw new WatchfloorError('cancelled', 'Nothing was changed.');
      const writer = analysts.writer();
      const result = inOneCommit(() => {
        const acted = store.alerts.act(scopes.resolve(selection), action, writer.name);
        auditGroup(writer, acted.sentence, acted.changedIds);
        return acted;
      });
      announceAlerts(result.changedIds, { areGrouped: result.sentence !== null });
      if (action.type === 'take') deps.suppressions.takenInHand();
      return { changed: result.changed, undoId: result.undoId };
    },
    'alerts.undo': ({ undoId }) => {
      const writer = analysts.writer();
      const result = inOneCommit(() => {
        const undone = store.alerts.undo(undoId, writer.name);
        auditGroup(writer, undone.sentence, undone.changedIds);
        return undone;
      });
      announceAlerts(result.changedIds, { areGrouped: result.sentence !== null });
      return { changed: result.changed, skipped: result.skipped, skippedIds: [...result.skippedIds] };
    },
    'alerts.previewSplit': ({ id, by }) => {
      const { parts, problem } = store.alerts.previewSplit(id, by);
      return { parts: [...parts], problem };
    },
    'alerts.proposeGroups': ({ alertId }, context) => proposeGroupsFor(store, alertId, context.isCancelled),
    'alerts.searchRecords': ({ text }, context) => inTurns(store.alerts.searchRecordsInSteps(text), context),
    'alerts.count': async ({ query, upToSequence }, context) => ({
      count: await inTurns(store.alerts.countInSteps(query, upToSequence), context),
    }),

    'suppressions.list': () => deps.suppressions.list(),
    'suppressions.preview': ({ text, upTo }, context) =>
      deps.suppressions.preview(text, upTo, context.isCancelled),
    'suppressions.add': (input, context) =>
      deps.suppressions.add(input, (held) =>
        context.progress({ done: held, total: null, text: 'Holding alerts' }),
      ),
    'suppressions.setEnd': ({ id, endMs }) => deps.suppressions.setEnd(id, endMs),
    'suppressions.release': ({ alertId }) => {
      deps.suppressions.release(alertId);
      return done;
    },
    'suppressions.end': ({ id, everything }) => deps.suppressions.end(id, { everything }),

    'clocks.targets': () => deps.clocks.targets(),
    'clocks.setTarget': ({ customerId, severity, target }) =>
      deps.clocks.setTarget(customerId, severity, target),
    'clocks.of': ({ alertId }) => deps.clocks.of(alertId),
    'clocks.summary': ({ customerId }) => deps.clocks.summary(customerId),

    'views.list': () => store.views.list(),
    'views.save': (input) => store.views.save(input),
    'views.remove': ({ id }) => {
      store.views.remove(id);
      return done;
    },

    'cases.list': (input) => store.cases.list(input),
    'cases.open': async (input, context) => {
      const opened = cases.open(await writerFor(context), input);
      deps.suppressions.takenInHand();
      return opened;
    },
    'cases.get': ({ id }) => cases.get(id),
    'cases.append': async ({ caseId, entry, tlp }, context) =>
      cases.append(await writerFor(context), caseId, entry, tlp),
    'cases.appendAll': async ({ caseId, entries, tlp }, context) => ({
      entryIds: cases.appendAll(await writerFor(context), caseId, entries, tlp),
    }),
    'cases.since': ({ id, known }) => ({ ...store.cases.since(id, known), simulated: store.simulated }),
    'cases.observablesSeen': ({ caseId }) => store.cases.seen(caseId),
    'cases.related': ({ caseId }) => store.cases.related(caseId, mostRelated),
    'cases.mentions': () => {
      const analyst = analysts.current();
      return analyst === null ? [] : store.cases.mentions(analyst.name, mostMentions);
    },
    'cases.linkAlerts': async ({ caseId, alertIds }, context) => {
      const linked = cases.linkAlerts(await writerFor(context), caseId, alertIds);
      deps.suppressions.takenInHand();
      return linked;
    },
    'cases.unlinkAlert': async ({ caseId, alertId, reason }, context) =>
      cases.unlinkAlert(await writerFor(context), caseId, alertId, reason),
    'uploads.begin': ({ name, sizeBytes }) => uploads.begin(name, sizeBytes),
    'uploads.write': ({ id, offset, base64 }) => uploads.write(id, offset, Buffer.from(base64, 'base64')),
    'uploads.finish': ({ id }) => uploads.finish(id),
    'uploads.discard': async ({ id }) => {
      await uploads.discard(id);
      return done;
    },
    'cases.addEvidence': async ({ caseId, name, mediaType, uploadId }, context) => {
      const file = { path: uploads.path(uploadId), name, mediaType };
      const added = await cases.addEvidenceFile(await writerFor(context), caseId, file, copied(context));
      await uploads.discard(uploadId);
      return added;
    },
    'cases.addEvidenceFile': async ({ caseId, path }, context) => {
      if (context.caller !== 'command-line') {
        throw new WatchfloorError('not-allowed', 'Files are added by their path at the command line alone.');
      }
      const file = { path: absolute(path), name: path, mediaType: '' };
      return cases.addEvidenceFile(await writerFor(context), caseId, file, copied(context));
    },
    'cases.readEvidence': async ({ caseId, evidenceId, purpose }, context) => {
      // A file that is looked at has an audit log of others.
      const reader = deps.workspace === 'review' || purpose === 'note' ? null : await readerFor(context);
      const { bytes, ...rest } = cases.readEvidence(caseId, evidenceId);
      if (reader !== null && purpose !== 'note') cases.recordReading(reader, caseId, evidenceId, purpose);
      return { ...rest, base64: Buffer.from(bytes).toString('base64') };
    },
    'evidence.begin': async ({ caseId, evidenceId }, context) => {
      const found = cases.get(caseId).evidence.find((each) => each.id === evidenceId);
      if (!found) throw new WatchfloorError('not-found', 'There is no such evidence in this case.');
      const reading = await deps.evidenceReadings.begin(found.sha256);
      const reader = deps.workspace === 'review' ? null : await readerFor(context);
      if (reader !== null) cases.recordReading(reader, caseId, evidenceId, 'save');
      return reading;
    },
    'evidence.next': async ({ id }) => {
      const { bytes, isVerified } = await deps.evidenceReadings.next(id);
      return { base64: bytes.toString('base64'), isVerified };
    },
    'evidence.end': async ({ id }) => {
      await deps.evidenceReadings.end(id);
      return done;
    },
    'cases.saveSignals': async ({ caseId, fromMs, toMs, title }, context) =>
      cases.saveSignals(await writerFor(context), caseId, fromMs, toMs, title),
    'cases.verify': ({ id }) => store.cases.verify(id),
    'cases.merge': async ({ caseId, otherCaseId, reason }, context) =>
      cases.merge(await writerFor(context), caseId, otherCaseId, reason),
    'cases.unmerge': async ({ caseId, otherCaseId, reason }, context) =>
      cases.unmerge(await writerFor(context), caseId, otherCaseId, reason),
    'cases.replay': ({ id }, context) => {
      const isReview = deps.workspace === 'review';
      const exporter = isReview ? deps.review.state()?.preview?.exporter : undefined;
      const exporterWorkstationId = exporter?.workstationId ?? null;
      return readReplayFacts(store, cases.get(id), { isReview, exporterWorkstationId }, () => {
        if (context.isCancelled()) throw new WatchfloorError('cancelled', 'The replay was given up.');
      });
    },
    'cases.digest': ({ id }) => store.cases.digest(id),
    'cases.draftExport': async ({ caseId, audience }) => ({
      ...(await deps.caseFiles.draft(caseId, audience)),
      canBrowse: deps.chooseSavePath !== null,
    }),
    'cases.browseExport': async ({ path }) => {
      if (deps.chooseSavePath === null) {
        throw new WatchfloorError('unavailable', 'There is no file dialog here. Type the path.');
      }
      return { path: await deps.chooseSavePath(absolute(path)) };
    },
    'cases.export': async ({ caseId, path, replaces, recipients, passphrase, audience }, context) => {
      if (context.caller !== 'command-line' && !path.endsWith('.wfcase')) {
        throw new WatchfloorError('bad-input', 'The name of a case file ends with .wfcase.');
      }
      if (recipients.length > 0 && passphrase !== null) {
        throw new WatchfloorError(
          'bad-input',
          'A file is encrypted for recipients or with a passphrase, not both.',
        );
      }
      const forKeys = recipients.length > 0 ? { recipients } : null;
      const encryption = passphrase === null ? forKeys : { passphrase };
      const input = { caseId, path: absolute(path), replaces, encryption, audience };
      return deps.caseFiles.export(input, await writerFor(context), context);
    },
    'cases.previewImport': ({ path, identities, passphrase }, context) =>
      deps.caseFiles.preview(absolute(path), { identities, passphrase }, context),
    'cases.import': async ({ path, identities, passphrase, expectedSha256 }, context) => {
      const input = { path: absolute(path), secrets: { identities, passphrase }, expectedSha256 };
      return deps.caseFiles.import(input, await writerFor(context), context);
    },
    'cases.exportAs': async ({ caseId, format }, context) =>
      deps.caseExchange.exportAs(await writerFor(context), caseId, format),
    'cases.importStix': ({ caseId, text }) => deps.caseExchange.importStix(caseId, text),
    'techniques.matrix': ({ techniqueIds }) => techniqueMatrix(techniqueIds),
    'techniques.search': ({ text }) =>
      searchTechniques(text).map((each) => ({ ...each, tactics: [...each.tactics] })),

    'plans.list': () => store.plans.list(),
    'plans.save': (input) => {
      const writer = analysts.writer();
      if (input.defaultTtlMs > input.maxTtlMs) {
        throw new WatchfloorError(
          'bad-input',
          `The usual duration, ${formatDuration(input.defaultTtlMs)}, is longer than the longest.`,
        );
      }
      const target = store.connections.get(input.targetId);
      if (target?.role !== 'target')
        throw new WatchfloorError('bad-input', 'Choose a target that is set up here.');
      return store.transaction(() => {
        const plan = store.plans.save({ ...input, allowList: checkRanges(input.allowList) });
        store.audit.append(writer, {
          action: 'plan.saved',
          sentence: `${writer.name} recorded the action plan ${plan.name} v${plan.version}, agreed by ${plan.agreedBy}.`,
          details: { planId: plan.id, hash: plan.hash },
        });
        return plan;
      });
    },
    'plans.retire': ({ id }) => {
      const writer = analysts.writer();
      return store.transaction(() => {
        const plan = store.plans.retire(id);
        store.audit.append(writer, {
          action: 'plan.retired',
          sentence: `${writer.name} retired the action plan ${plan.name}.`,
        });
        return plan;
      });
    },
    'mitigations.list': () => store.mitigations.list(),
    'mitigations.propose': (input) => mitigations.propose(input),
    'mitigations.preview': ({ id }) => mitigations.preview(id),
    'mitigations.approve': (input) => mitigations.approve(input),
    'mitigations.reject': ({ id, reason }) => mitigations.reject(id, reason),
    'mitigations.apply': ({ id }) => mitigations.apply(id),
    'mitigations.verify': ({ id }) => mitigations.verify(id),
    'mitigations.undo': ({ id, reason }) => mitigations.undo(id, reason),
    'mitigations.ledger': ({ mitigationId, limit }) => store.mitigations.ledger(mitigationId, limit),
    'mitigations.orphans': () => mitigations.orphans(),
    'mitigations.removeOrphan': async ({ targetId, entry }) => {
      await mitigations.removeOrphan(targetId, entry);
      return done;
    },

    'reports.build': async ({ caseId, format }) => {
      const file = await deps.reports.build(caseId, format);
      return {
        name: file.name,
        mediaType: file.mediaType,
        base64: Buffer.from(file.bytes).toString('base64'),
      };
    },

    'handovers.list': () => deps.handovers.list(),
    'handovers.get': async ({ id }, context) => deps.handovers.get(id, await readerFor(context)),
    'handovers.make': async ({ nextShiftHours }, context) =>
      deps.handovers.make(await writerFor(context), nextShiftHours),
    'handovers.edit': async ({ id, edit }, context) =>
      deps.handovers.edit(await writerFor(context), id, edit),
    'handovers.discard': ({ id }) => {
      deps.handovers.discard(id);
      return done;
    },
    'handovers.sign': async ({ id, revision }, context) =>
      deps.handovers.sign(await writerFor(context), id, revision),
    'handovers.answer': async ({ id, answer }, context) =>
      deps.handovers.answer(await writerFor(context), id, answer),
    'handovers.countersign': async ({ id, ...options }, context) =>
      deps.handovers.countersign(await writerFor(context), id, options),
    'handovers.read': ({ id }) => deps.handovers.text(id),
    'handovers.export': ({ id, path, replaces }, context) => {
      if (context.caller !== 'command-line' && !path.endsWith('.wfhandover')) {
        throw new WatchfloorError('bad-input', 'The name of a handover’s file ends with .wfhandover.');
      }
      return deps.handovers.export(id, { path: absolute(path), replaces });
    },
    'handovers.import': async (input, context) =>
      deps.handovers.import(
        await writerFor(context),
        'path' in input ? { path: absolute(input.path) } : input,
      ),
    'handovers.build': async ({ id, format }, context) => {
      const { bytes, ...file } = await deps.handovers.build(id, format, await readerFor(context));
      return { ...file, base64: Buffer.from(bytes).toString('base64') };
    },

    'range.status': () =>
      deps.world?.status() ?? {
        running: false,
        speed: 1,
        historyProgress: 1,
        scenarios: [],
        active: [],
        nextByItselfMs: null,
      },
    'range.start': ({ scenario, customerId }) => {
      world().start(scenario, customerId);
      return world().status();
    },
    'range.stop': () => {
      world().stop();
      return world().status();
    },
    'range.setSpeed': ({ speed }) => {
      world().setSpeed(speed);
      return world().status();
    },

    'audit.list': ({ limit }) => store.audit.list(limit),
    'audit.verify': () => store.audit.verify(),

    'ingest.lines': (input) => deps.eveIntake.take(input),
  };
}
