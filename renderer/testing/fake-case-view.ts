import type { Handlers } from '../../shared/api/server.ts';
import type { AnalystEntry, CaseState } from '../../shared/domain/case.ts';
import { fakeTechniques } from './fake-techniques.ts';

type CaseViewMethod =
  | 'cases.appendAll'
  | 'cases.since'
  | 'cases.observablesSeen'
  | 'cases.related'
  | 'cases.mentions'
  | 'techniques.matrix';

/** What the case view of the made-up core asks beside the case itself. */
export function fakeCaseView(deps: {
  readonly cases: ReadonlyMap<string, CaseState>;
  readonly caseOf: (id: string) => CaseState;
  readonly saveCase: (state: CaseState) => CaseState;
  readonly append: (state: CaseState, entry: AnalystEntry) => CaseState;
}): Pick<Handlers, CaseViewMethod> {
  const { cases, caseOf, saveCase, append } = deps;
  return {
    'cases.appendAll': ({ caseId, entries }) => {
      const { timeline } = saveCase(entries.reduce(append, caseOf(caseId)));
      return { entryIds: timeline.slice(-entries.length).map(({ id }) => id) };
    },
    'cases.since': ({ id, known }) => {
      const { timeline } = caseOf(id);
      // What a file brought may stand anywhere, so every change is another log.
      const log = `${id} ${timeline.length}`;
      const from = known?.log === log ? timeline.length : 0;
      return { log, from, entries: timeline.slice(from), simulated: true };
    },
    'cases.observablesSeen': ({ caseId }) => {
      const { observables, alerts, id } = caseOf(caseId);
      return observables.map((observable) => ({
        observableId: observable.id,
        alerts: observable.from === 'alert' ? alerts.length : 0,
        cases: [...cases.values()].filter(
          (other) => other.id !== id && other.observables.some(({ value }) => value === observable.value),
        ).length,
        firstSeenMs: observable.from === 'alert' ? (alerts[0]?.firstSeenMs ?? null) : null,
        lastSeenMs: observable.from === 'alert' ? (alerts[0]?.lastSeenMs ?? null) : null,
      }));
    },
    'cases.related': ({ caseId }) => {
      const own = caseOf(caseId);
      return [...cases.values()].flatMap((other) => {
        const shared = own.observables.filter(
          ({ value }) => other.id !== own.id && other.observables.some((each) => each.value === value),
        );
        return shared.length === 0
          ? []
          : [
              {
                case: other,
                shared: shared.map(({ kind, value }) => ({ kind, value })),
                sharedCount: shared.length,
              },
            ];
      });
    },
    'cases.mentions': () =>
      [...cases.values()].flatMap((state) =>
        state.comments
          .filter(({ mentions }) => mentions.length > 0)
          .map(({ text, writerName, addedMs }) => ({ case: state, text, writerName, timeMs: addedMs })),
      ),
    'techniques.matrix': ({ techniqueIds }) => {
      const found = fakeTechniques.filter(({ id }) => techniqueIds.includes(id));
      return [...new Set(fakeTechniques.flatMap(({ tactics }) => tactics))].map((name, index) => ({
        id: `TA000${index + 1}`,
        name,
        techniques: found.filter(({ tactics }) => tactics.includes(name)),
      }));
    },
  };
}
