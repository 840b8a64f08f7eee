import { setImmediate as nextTurn } from 'node:timers/promises';
import type { alertMethods } from '../../../shared/api/contract/alerts.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import type { Alert } from '../../../shared/domain/alert.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import type { Writer } from '../../db/index.ts';
import { proposeGroupsFor } from '../correlation.ts';
import { faultPoint } from '../fault-points.ts';
import { incidentOf } from '../incidents.ts';
import { techniqueById } from '../techniques.ts';
import { done, type HandlerDeps, inTurns } from './common.ts';

/** Of the alerts merged under one so many are listed with it. */
const mostMembersShown = 100;

/** The queue, suppressions, response times and saved views. */
export function alertHandlers(deps: HandlerDeps): TopicHandlers<typeof alertMethods> {
  const { store, scopes, hub, analysts } = deps;

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

  return {
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
    'alerts.undoable': ({ limit }) => store.alerts.undoable(limit),
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
  };
}
