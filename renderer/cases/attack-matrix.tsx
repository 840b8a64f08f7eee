import type { CaseState } from '../../shared/domain/case.ts';
import { EmptyState, ErrorState, LoadingState, useCall } from '../ui/index.ts';

/** The case's techniques under the tactics of ATT&CK, in the order of an attack; tactics without one stay narrow. */
export function AttackMatrix({ state }: { readonly state: CaseState }) {
  const matrix = useCall(
    'techniques.matrix',
    state.techniques.length === 0 ? null : { techniqueIds: state.techniques },
  );
  if (state.techniques.length === 0) {
    return (
      <EmptyState title="No technique is tagged">
        Tag what was seen by its id or words (h); alerts bring theirs along.
      </EmptyState>
    );
  }
  if (matrix.error !== null) {
    return <ErrorState error={matrix.error} title="The matrix could not be read" onRetry={matrix.refetch} />;
  }
  if (matrix.data === null) return <LoadingState label="Reading ATT&CK" />;
  const placed = new Set(matrix.data.flatMap(({ techniques }) => techniques.map(({ id }) => id)));
  const unknown = state.techniques.filter((id) => !placed.has(id));
  return (
    <div className="attack-matrix-pane">
      <ul className="attack-matrix" aria-label="ATT&CK matrix of the case">
        {matrix.data.map(({ id, name, techniques }) => (
          <li key={id} className={techniques.length === 0 ? 'tactic is-empty' : 'tactic'}>
            <h2 className="tactic-name">
              {name}
              {techniques.length === 0 ? null : <span className="quiet tabular"> {techniques.length}</span>}
            </h2>
            {techniques.length === 0 ? (
              <p className="quiet">none</p>
            ) : (
              <ul>
                {techniques.map((technique) => (
                  <li key={technique.id} className="tactic-technique">
                    <span className="mono">{technique.id}</span> {technique.name}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      {unknown.length === 0 ? null : (
        <p className="quiet">Not in this version of ATT&CK: {unknown.join(', ')}</p>
      )}
    </div>
  );
}
