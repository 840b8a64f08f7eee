import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ShownWorkspace, Workspace } from '../../shared/api/contract.ts';
import type { Handlers } from '../../shared/api/server.ts';
import { serve } from '../../shared/api/server.ts';
import { dayMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import { openStore, type Store } from '../db/index.ts';
import { sourceKinds } from '../sources/index.ts';
import { targetKinds } from '../targets/index.ts';
import { createAlertScopes } from './alert-scopes.ts';
import { openAnalysts } from './analysts.ts';
import { createBackTests } from './back-test.ts';
import { createCaseExchange } from './case-exchange.ts';
import { createCaseFiles } from './case-files/case-files.ts';
import { createCases } from './cases.ts';
import { createClocks } from './clocks.ts';
import { createConnections } from './connections.ts';
import { createDetection } from './detection.ts';
import { createEnrichment } from './enrichment.ts';
import { createEveIntake } from './eve-intake.ts';
import { noteUnreadableEvidence, openEvidenceKeeper } from './evidence-keeper.ts';
import { createEvidenceReadings } from './evidence-readings.ts';
import { createHandlers } from './handlers.ts';
import { createHandovers } from './handovers.ts';
import { createHub, type Hub } from './hub.ts';
import { createInbox } from './inbox.ts';
import { createIncidents } from './incidents.ts';
import { createIngest } from './ingest.ts';
import { listenLocally } from './local-socket.ts';
import { createLog, type Log } from './log.ts';
import { createMitigations } from './mitigations.ts';
import { createWatchLog } from './noise.ts';
import { createNotifier, type Desktop } from './notifier.ts';
import { createPoller } from './poller.ts';
import { openRange } from './range.ts';
import { createRejected } from './rejected.ts';
import { createReports } from './reports.ts';
import type { ReviewDoor } from './review.ts';
import { openSecretStore, type SecretProtection } from './secrets.ts';
import { readSettings } from './settings.ts';
import { createStatus, recoveryNotice } from './status.ts';
import { createSuppressionJudge } from './suppression-judge.ts';
import { createSuppressions } from './suppressions.ts';
import { createUploads } from './uploads.ts';
import { startWatchdog } from './watchdog.ts';
import { createWebhookOut } from './webhook-out.ts';

export interface CoreDeps {
  readonly dataDirectory: string;
  readonly workspace: ShownWorkspace;
  readonly appVersion: string;
  readonly nowMs: () => number;
  readonly protection: SecretProtection | null;
  readonly printPdf: (html: string) => Promise<Uint8Array>;
  readonly desktop: Desktop | null;
  readonly openWorkspace: (workspace: Workspace) => Promise<void>;
  readonly review: ReviewDoor;
  readonly isLiveConfigured: () => boolean;
  /** `quiet`: storage and handlers alone, for one command; nothing is polled and no end is kept. */
  readonly activity?: 'full' | 'quiet';
}

export interface Core {
  readonly workspace: ShownWorkspace;
  readonly handlers: Handlers;
  readonly hub: Hub;
  readonly store: Store;
  readonly log: Log;
  /** Stops sources, waits for what is being written, closes the database. */
  close(): Promise<void>;
}

const housekeepingEveryMs = minuteMs;
const statusEveryMs = 5 * secondMs;
const breakdownRetentionMs = 2 * dayMs;

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(10).toString('base64url')}`;
}

/**
 * Puts the core of one workspace together and starts it.
 * @throws WatchfloorError when the data directory is locked, newer, or cannot be used; nothing is left open then
 */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { nowMs } = deps;
  // 1. Storage: takes the directory's lock, migrates, repairs.
  const store = openStore(deps.dataDirectory, {
    nowMs,
    appVersion: deps.appVersion,
    simulated: deps.workspace === 'range',
    enrichment: createEnrichment(),
  });
  const log = createLog(deps.dataDirectory, nowMs);
  try {
    // 2. Who writes, and their secrets.
    const secrets = await openSecretStore(deps.dataDirectory, deps.protection, {
      forSession: deps.activity !== 'quiet',
    });
    const evidenceKeeper = await openEvidenceKeeper({ store, secrets, log });
    const analysts = await openAnalysts(store, secrets, newId);

    // 3. What is told to renderers; it asks back for status and connections when it sends.
    const hub = createHub({
      status: () => {
        const current = status.read();
        notifier.badge(current.actionableOpen);
        return current;
      },
      connections: () => ({ connections: connections.list() }),
    });

    // 4. From records to alerts.
    const detection = createDetection(store);
    const judge = createSuppressionJudge(store, nowMs);
    const incidents = createIncidents(store, judge);
    const webhookOut = createWebhookOut({
      url: () => readSettings(store).notifications.webhook?.url ?? null,
      secrets,
      log,
      nowMs,
    });
    const notifier = createNotifier({
      store,
      hub,
      log,
      settings: () => readSettings(store),
      desktop: deps.desktop,
      webhook: webhookOut,
      nowMs,
    });
    const ingest = createIngest({ store, hub, detection, incidents, judge, notifier, nowMs });
    const sources = new Map(sourceKinds.map((kind) => [kind.descriptor.kind, kind]));
    const targets = new Map(targetKinds.map((kind) => [kind.descriptor.kind, kind]));
    const inbox = createInbox({ store, ingest, kinds: sources, hub, log });
    const poller = createPoller({
      store,
      hub,
      ingest,
      inbox,
      secrets,
      log,
      kinds: sources,
      nowMs,
      random: Math.random,
    });

    // 5. What people do with them.
    const status = createStatus({ store, poller, workspace: deps.workspace, nowMs, newId });
    const cases = createCases({ store, hub, newId, nowMs });
    const caseFiles = createCaseFiles({ store, hub, appVersion: deps.appVersion, newId, nowMs });
    const evidenceReadings = createEvidenceReadings({ store, newId, nowMs });
    const uploads = createUploads({ dataDirectory: deps.dataDirectory, newId, nowMs });
    const mitigations = createMitigations({
      store,
      hub,
      analysts,
      secrets,
      log,
      kinds: targets,
      nowMs,
      noteInCase: cases.note,
    });
    const connections = createConnections({
      store,
      hub,
      poller,
      inbox,
      secrets,
      analysts,
      log,
      sourceKinds: sources,
      targetKinds: targets,
      nowMs,
      newId,
    });
    const reports = createReports({
      store,
      cases,
      analysts,
      printPdf: deps.printPdf,
      appVersion: deps.appVersion,
      nowMs,
    });
    const handovers = createHandovers({
      store,
      hub,
      newId,
      nowMs,
      appVersion: deps.appVersion,
      printPdf: deps.printPdf,
      shiftEndsMs: () => readSettings(store).shiftEndsMs,
      sourceHealth: deps.activity === 'quiet' ? null : poller.health,
    });
    const backTests = createBackTests({ store, appVersion: deps.appVersion, nowMs });
    const eveIntake = createEveIntake({ store, ingest });
    const rejected = createRejected({ store, ingest, analysts, hub, kinds: sources });
    const suppressions = createSuppressions({ store, judge, hub, notifier, analysts, log, nowMs });
    const watchLog = createWatchLog(store, nowMs);

    // 6. In the range: the simulated network behind its source and target.
    const world =
      deps.workspace === 'range' ? openRange({ store, dataDirectory: deps.dataDirectory, nowMs }) : null;

    const handlers = createHandlers({
      store,
      scopes: createAlertScopes(store, newId),
      hub,
      analysts,
      cases,
      caseFiles,
      caseExchange: createCaseExchange({ store, hub, cases, reports, analysts, newId }),
      uploads,
      evidenceReadings,
      connections,
      mitigations,
      reports,
      handovers,
      secrets,
      evidenceKeeper,
      status,
      eveIntake,
      rejected,
      backTests,
      watchLog,
      webhookOut,
      suppressions,
      clocks: createClocks({ store, analysts, nowMs }),
      world,
      workspace: deps.workspace,
      appVersion: deps.appVersion,
      nowMs,
      chooseSavePath: deps.desktop?.chooseSavePath ?? null,
      openWorkspace: deps.openWorkspace,
      review: deps.review,
      isLiveConfigured: deps.isLiveConfigured,
    });
    if (store.recovery) status.addNotice(recoveryNotice(store.recovery));

    if (deps.activity === 'quiet') {
      return {
        workspace: deps.workspace,
        handlers,
        hub,
        store,
        log,
        async close() {
          await backTests.close();
          await uploads.close();
          await evidenceReadings.close();
          notifier.close();
          hub.close();
          store.close();
        },
      };
    }

    // 7. Start: settle what a crash left, then poll; keep house in quiet moments.
    const stopWorld = world?.onChange(() => hub.emit('range.changed', world.status()));
    const local = await listenLocally(deps.dataDirectory, (port) => {
      serve(port, handlers, undefined, 'command-line');
    });
    void mitigations.start().catch((thrown: unknown) => log.write('error', 'mitigations', String(thrown)));
    inbox.start();
    for (const connection of store.connections.list('source')) poller.start(connection);
    const watchdog = startWatchdog({ store, hub, poller, detection, incidents, notifier, log, nowMs });
    notifier.start();
    const beat = setInterval(() => {
      hub.statusChanged();
      void suppressions.keepTime();
    }, statusEveryMs);
    void suppressions.keepTime();
    let isClosing = false;
    noteUnreadableEvidence(evidenceKeeper, status);
    const encrypted = evidenceKeeper.encryptPlain(() => isClosing);
    const located = inTurns('enrichment', store.locateEntities());
    const housekeeping = setInterval(() => keepHouse(), housekeepingEveryMs);
    log.write('info', 'core', `Open: ${deps.dataDirectory} (${deps.workspace}), version ${deps.appVersion}.`);

    /** Work in the background, in steps that let everything else in between. */
    async function inTurns(name: string, steps: Iterable<unknown>): Promise<void> {
      try {
        for (const _ of steps) {
          await nextTurn();
          if (isClosing) return;
        }
      } catch (thrown) {
        log.write('error', name, String(thrown));
      }
    }

    let isIndexing = false;
    async function indexRecords(): Promise<void> {
      if (isIndexing) return;
      isIndexing = true;
      await inTurns('record-index', store.alerts.indexRecordsInSteps());
      isIndexing = false;
    }

    function keepHouse(): void {
      try {
        watchLog.beat();
        const settings = readSettings(store);
        const woken = store.alerts.wakeDue();
        if (woken.length > 0) hub.manyAlerts(store.alerts.latestSequence());
        store.maintain();
        store.samples.prune(nowMs() - settings.sampleRetentionMs);
        store.breakdowns.prune(nowMs() - breakdownRetentionMs);
        store.context.prune(settings.contextBudgetBytes);
        void uploads.dropIdle();
        store.backupIfDue().catch((thrown: unknown) => {
          log.write('error', 'backup', String(thrown));
        });
      } catch (thrown) {
        log.write('error', 'housekeeping', String(thrown));
      }
      void indexRecords();
    }

    store.startCheckpoints();
    return {
      workspace: deps.workspace,
      handlers,
      hub,
      store,
      log,
      async close() {
        isClosing = true;
        await located;
        await encrypted;
        watchdog.close();
        notifier.close();
        webhookOut.close();
        watchLog.beat();
        clearInterval(beat);
        clearInterval(housekeeping);
        suppressions.close();
        stopWorld?.();
        await backTests.close();
        await uploads.close();
        await evidenceReadings.close();
        await local.close();
        await poller.close();
        await inbox.close();
        await mitigations.close();
        hub.close();
        world?.close();
        await store.endCheckpoints();
        store.close();
      },
    };
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}
