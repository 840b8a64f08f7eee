import type { connectionMethods } from '../../../shared/api/contract/connections.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { cutText } from '../../../shared/domain/safe-text.ts';
import { checkRanges, done, type HandlerDeps } from './common.ts';

/** Characters of a rejected record that are sent for display. */
const mostExcerpt = 4_096;

/** Customers, services, sources and targets, and records that were rejected. */
export function connectionHandlers(deps: HandlerDeps): TopicHandlers<typeof connectionMethods> {
  const { store, connections } = deps;

  return {
    'customers.list': () => ({ customers: store.customers.list(), services: store.services.list() }),
    'customers.save': (input) => store.customers.save({ ...input, ownRanges: checkRanges(input.ownRanges) }),

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

    'ingest.lines': (input) => deps.eveIntake.take(input),
  };
}
