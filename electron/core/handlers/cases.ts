import type { caseMethods } from '../../../shared/api/contract/cases.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { readReplayFacts } from '../replay-facts.ts';
import { searchTechniques, techniqueMatrix } from '../techniques.ts';
import { callersOf, type HandlerDeps } from './common.ts';

/** Cases that a case is said to be related to. */
const mostRelated = 20;
const mostMentions = 50;

/** Cases and ATT&CK techniques. */
export function caseHandlers(deps: HandlerDeps): TopicHandlers<typeof caseMethods> {
  const { store, analysts, cases } = deps;
  const { writerFor } = callersOf(analysts);

  return {
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

    'techniques.matrix': ({ techniqueIds }) => techniqueMatrix(techniqueIds),
    'techniques.search': ({ text }) =>
      searchTechniques(text).map((each) => ({ ...each, tactics: [...each.tactics] })),
  };
}
