import { severities } from '../../shared/domain/alert.ts';
import { Icon, SafeText, SeverityBadge } from '../ui/index.ts';
import { countAlerts } from './queue-words.ts';
import type { Scope } from './use-queue-selection.ts';

/** How many of each severity, as far as it is known; from the mildest to the worst. */
function countsOf({ bySeverity, rows, count }: Scope): readonly number[] | null {
  if (bySeverity !== null) return bySeverity;
  if (rows.length < count) return null;
  return severities.map((severity) => rows.filter((row) => row.severity === severity).length);
}

/** What a dialog is about: how many alerts, how bad, what was searched for, and that it stays these. */
export function ScopeNote({ scope }: { readonly scope: Scope }) {
  const counts = countsOf(scope);
  return (
    <div className="scope-note">
      <strong className="tabular">{countAlerts(scope.count)}</strong>
      {severities.toReversed().map((severity) => {
        const count = counts?.[severities.indexOf(severity)] ?? 0;
        return count === 0 ? null : (
          <span key={severity} className="scope-part">
            <span className="tabular">{count.toLocaleString('en')}</span>
            <SeverityBadge severity={severity} />
          </span>
        );
      })}
      {scope.mergedCount > 0 ? (
        <span className="scope-part">
          with {countAlerts(scope.mergedCount)} merged under {scope.count === 1 ? 'it' : 'them'}
        </span>
      ) : null}
      {scope.search ? (
        <span className="mono scope-words">
          <SafeText text={scope.search} limit={200} plain />
        </span>
      ) : null}
      {scope.problem ? (
        <span className="scope-words scope-problem">
          <Icon name="warning" size={12} /> What the rest of the search finds.{' '}
          <SafeText text={scope.problem} limit={300} plain />
        </span>
      ) : null}
      {scope.count > 1 ? (
        <span className="quiet scope-words">
          Exactly these: what comes or goes meanwhile changes nothing.
        </span>
      ) : null}
    </div>
  );
}
