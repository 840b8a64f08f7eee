import { createClient } from '../../shared/api/client.ts';
import type { Status, UiSettings } from '../../shared/api/contract.ts';
import { type Handlers, type Connection as ServedConnection, serve } from '../../shared/api/server.ts';
import type { CaseState } from '../../shared/domain/case.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { createPortPair } from '../api/ports.ts';
import type { AppRoot } from '../state/provider.tsx';
import { defaultSettings } from '../state/session.ts';
import { createFakeAlerts } from './fake-alerts.ts';
import { fakeCaseFiles } from './fake-case-files.ts';
import { fakeCaseView } from './fake-case-view.ts';
import { createFakeCases } from './fake-cases.ts';
import { createFakeConnections } from './fake-connections.ts';
import { createFakeDetection } from './fake-detection.ts';
import { fakeEvidence } from './fake-evidence.ts';
import { createFakeHandovers } from './fake-handovers.ts';
import { createFakeMitigations } from './fake-mitigations.ts';
import { createFakeQueue } from './fake-queue.ts';
import { createFakeRange } from './fake-range.ts';
import { createFakeRejected } from './fake-rejected.ts';
import { fakeReview } from './fake-review.ts';
import { sampleAt } from './fake-signals.ts';
import { createFakeUploads } from './fake-uploads.ts';
import { createFakeWorld, type FakeSituation, fakeSituations } from './fake-world.ts';
import { noise } from './seeded-noise.ts';

function toSituation(name: string): FakeSituation {
  return fakeSituations.find((each) => each === name) ?? 'busy';
}

/**
 * A core in the page, with made-up data and no memory beyond it: for the gallery, for screenshots of rare states and
 * for component tests. Everything it says is marked SIMULATED.
 */
export function connectFakeCore(root: AppRoot, situationName: string): () => void {
  const situation = toSituation(situationName);
  const [pageSide, coreSide] = createPortPair();
  const core = createFakeHandlers(situation, () => served);
  const served: ServedConnection = serve(coreSide, core.handlers);
  root.store.getState().setConnection({ kind: 'connected' });
  root.hub.attach(createClient(pageSide));
  const timer = setInterval(core.tick, 1_000);
  return () => {
    clearInterval(timer);
    served.close();
  };
}

interface FakeCore {
  readonly handlers: Handlers;
  /** A second went by: samples are sent. */
  readonly tick: () => void;
}

/** The handlers alone, so that tests can call them. */
export function createFakeHandlers(
  situation: FakeSituation,
  connection: () => Pick<ServedConnection, 'emit'>,
  readClock: () => number = Date.now,
): FakeCore {
  const world = createFakeWorld(situation, connection, readClock, () => status());
  const { startMs, hasData, attackStartMs, alertCount, customers, signals, findings, connections, nextId } =
    world;
  let settings: UiSettings = { ...defaultSettings, shiftEndsMs: startMs + 3.76 * 3_600_000 };
  const cases = new Map<string, CaseState>();
  const uploads = createFakeUploads(nextId);
  const alerts = createFakeAlerts(world);
  const caseLogs = createFakeCases(world, cases, alerts);
  const mitigations = createFakeMitigations(world);
  const { caseOf, saveCase, append } = caseLogs;

  function status(): Status {
    const nowMs = readClock();
    const waiting = mitigations.list();
    return {
      workspace: hasData ? 'range' : 'live',
      simulated: hasData,
      nowMs,
      actionableOpen: alerts.countOf('actionable'),
      informationalOpen: alerts.countOf('informational'),
      approvalsWaiting: waiting.filter((each) => each.state === 'proposed').length,
      mitigationsActive: waiting.filter((each) => each.state === 'verified').length,
      mitigationsUnknown: waiting.filter((each) => each.state === 'unknown').length,
      sources: connections
        .filter((each) => each.role === 'source')
        .map((each) => ({ id: each.id, name: each.name, health: each.health })),
      openFindings: findings,
      notices:
        situation === 'error'
          ? [
              {
                id: 'restored',
                level: 'warning',
                timeMs: startMs,
                title: 'The database was damaged and has been restored.',
                text: 'The backup of 02:00 was put in place and 1,204 readable rows of after it were saved. Missing: 3 min of samples of prom-eu. Nothing of any case is missing.',
                details: 'SQLITE_CORRUPT in page 4711; quarantined as watchfloor.db.broken-1',
              },
            ]
          : [],
    };
  }

  if (situation !== 'empty' && situation !== 'first') {
    world.quietly(() => {
      caseLogs.seed();
      mitigations.seed();
    });
  }

  const handlers: Handlers = {
    'app.hello': () => ({
      appVersion: '0.1.0',
      analyst:
        world.analyst.name === null
          ? null
          : { id: 'analyst-1', name: world.analyst.name, publicKey: 'A'.repeat(43) },
      workspace: hasData ? 'range' : 'live',
      review: null,
      simulated: hasData,
      dataDirectory: '/home/analyst/.local/share/watchfloor/range',
      secretStore: {
        protected: false,
        sentence: 'Secrets lie in a file that only you can read; it is not encrypted.',
      },
      settings,
      liveConfigured: false,
    }),
    ...fakeEvidence(),
    'app.setAnalyst': ({ name }) => {
      world.analyst.name = name;
      return { id: 'analyst-1', name, publicKey: 'A'.repeat(43) };
    },
    'app.status': status,
    'notifications.webhook': () => ({ hasSecret: false, problem: null }),
    'notifications.setSecret': () => ({ done: true }),
    'notifications.test': () => ({
      ok: true,
      lines: [{ level: 'ok', text: 'hooks.example took the test.' }],
    }),
    'app.saveSettings': (change) => {
      settings = {
        ...settings,
        ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
      };
      world.emit('settings.changed', settings);
      return settings;
    },
    ...fakeReview({ caseOf, alertOf: alerts.alertById, mitigations: mitigations.list }),
    'app.openWorkspace': () => {
      throw new WatchfloorError(
        'refused',
        'This is a demonstration in the page: there is no other workspace.',
      );
    },
    'app.dismissNotice': () => ({ done: true }),
    ...createFakeRejected(readClock),
    ...fakeCaseView({ cases, caseOf, saveCase, append }),
    ...fakeCaseFiles({ cases, caseOf, saveCase, append, nextId, bytesOf: uploads.bytesOf, readClock }),
    ...uploads.handlers,
    'reports.build': ({ caseId, format }) => {
      const title = caseOf(caseId).title;
      const text =
        format === 'markdown'
          ? `# ${title}\n\nSIMULATED\n`
          : `<!doctype html><meta charset="utf-8"><h1>${title.replaceAll('<', '&lt;')}</h1><p>SIMULATED</p>`;
      return {
        name: `report.${format === 'markdown' ? 'md' : format}`,
        mediaType: format === 'markdown' ? 'text/markdown' : 'text/html',
        base64: btoa(text),
      };
    },
    ...createFakeHandovers({
      readClock,
      analyst: () => world.analyst.name ?? 'Watchfloor',
      alerts: () => Array.from({ length: Math.min(alertCount, 60) }, (_, place) => alerts.alertAt(place)),
      cases: () => [...cases.values()],
      mitigations: mitigations.list,
      suppressions: () => alerts.suppressions.list([]),
      customerNames: new Map(customers.map(({ id, name }) => [id, name])),
      shiftEndsMs: () => settings.shiftEndsMs,
      hasPast: situation === 'busy',
      changed: (id) => world.emit('handovers.changed', { ids: [id] }),
    }),
    'audit.list': ({ limit }) =>
      Array.from({ length: Math.min(limit, 40) }, (_, index) => ({
        sequence: 40 - index,
        timeMs: startMs - index * 61_000,
        actor: index % 3 === 0 ? 'Robin Keller' : 'Watchfloor',
        action: index % 3 === 0 ? 'alert.acknowledge' : 'source.poll',
        sentence: index % 3 === 0 ? 'Acknowledged 1 alert.' : 'Range delivered 36 samples.',
        hash: noise('hash', index).toString(16).slice(2).padEnd(64, '0'),
      })),
    'audit.verify': () => ({ ok: true, sentence: 'All 40 rows and their signatures verify.' }),
    'ingest.lines': () => {
      throw new WatchfloorError('refused', 'The demonstration takes no lines.');
    },
    ...createFakeConnections(world),
    ...createFakeDetection(world, alerts.changes),
    ...createFakeQueue(world, alerts, cases),
    ...caseLogs.handlers,
    ...mitigations.handlers,
    ...createFakeRange(world),
  };

  return {
    handlers,
    tick() {
      if (!hasData) return;
      const nowMs = Math.floor(readClock() / 1_000) * 1_000;
      world.emit('signals.samples', {
        rows: signals.map((signal) => sampleAt(signal.id, nowMs, nowMs, attackStartMs)),
      });
    },
  };
}
