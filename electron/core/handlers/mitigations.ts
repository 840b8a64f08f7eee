import type { mitigationMethods } from '../../../shared/api/contract/mitigations.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { formatDuration } from '../../../shared/domain/time.ts';
import { checkRanges, done, type HandlerDeps } from './common.ts';

/** Action plans and mitigations. */
export function mitigationHandlers(deps: HandlerDeps): TopicHandlers<typeof mitigationMethods> {
  const { store, analysts, mitigations } = deps;

  return {
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
  };
}
