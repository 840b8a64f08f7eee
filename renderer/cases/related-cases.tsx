import type { CaseState } from '../../shared/domain/case.ts';
import { defang } from '../../shared/domain/observables.ts';
import { SafeText, Section, SeverityBadge, useApp, useCall } from '../ui/index.ts';
import { useCaseDesk } from './case-desk.tsx';

/** So many of the shared observables are named. */
const namedShared = 3;

/** Other cases with the same observables, and which these are. */
export function RelatedCases({ state }: { readonly state: CaseState }) {
  const goTo = useApp((app) => app.goTo);
  const { edit, isStored } = useCaseDesk();
  // In a file that is looked at there is no other case.
  const canAsk = isStored && edit !== null;
  const related = useCall('cases.related', canAsk ? { caseId: state.id } : null, {
    events: ['cases.changed'],
  });
  if (!canAsk) return null;
  const rows = related.data ?? [];
  return (
    <Section title={`Related cases (${rows.length})`}>
      {rows.length === 0 ? (
        <p className="quiet">No other case shares an observable with this one.</p>
      ) : (
        <ul className="panel-list" aria-label="Related cases">
          {rows.map(({ case: other, shared, sharedCount }) => (
            <li key={other.id} className="panel-row">
              <button
                type="button"
                className="panel-link is-stacked"
                onClick={() => goTo('cases', { caseId: other.id })}
              >
                <span className="panel-line">
                  <SeverityBadge severity={other.severity} compact />
                  <span className="panel-text">
                    <SafeText text={other.title} limit={120} plain />
                  </span>
                  <span className="quiet">{other.status}</span>
                </span>
                <span className="quiet panel-text">
                  shares{' '}
                  <SafeText
                    text={shared
                      .slice(0, namedShared)
                      .map(({ kind, value }) => defang(kind, value))
                      .join(', ')}
                    limit={160}
                    plain
                  />
                  {sharedCount > namedShared
                    ? ` and ${(sharedCount - namedShared).toLocaleString('en')} more`
                    : ''}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
