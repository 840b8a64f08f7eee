import type { appMethods } from '../../../shared/api/contract/app.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import type { RangeWorld } from '../../range/range-world.ts';
import { readSettings, saveSettings } from '../settings.ts';
import { webhookSecret } from '../webhook-out.ts';
import { done, type HandlerDeps } from './common.ts';

/** Who works here, settings, notifications, the range and the audit log. */
export function appHandlers(deps: HandlerDeps): TopicHandlers<typeof appMethods> {
  const { store, hub, analysts } = deps;

  function world(): RangeWorld {
    if (!deps.world)
      throw new WatchfloorError('refused', 'Scenarios run in the range alone. Open the range first.');
    return deps.world;
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
      const settings = saveSettings(store, input);
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
    'app.dismissNotice': ({ id }) => {
      deps.status.dismissNotice(id);
      hub.statusChanged();
      return done;
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
  };
}
