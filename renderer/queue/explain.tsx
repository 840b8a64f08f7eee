import { useState } from 'react';
import type { Incident, Vector } from '../../shared/domain/incident.ts';
import { formatShare } from '../../shared/domain/quantity.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import type { Finding, Signal } from '../../shared/domain/signal.ts';
import { Button, dimensionWords, Facts, MitigatedBadge, SafeText, stageWords, Time } from '../ui/index.ts';
import { leadSentence, mixGroups, notKnownSentence, orderSteps, stoppedLines } from './explain-words.ts';

/** So many values of a dimension stand there at first: the largest ones tell what it is. */
const shownValues = 2;

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** How an incident works, as far as what was measured tells: what it is, where it began, what was stopped. */
export function Explain({
  incident,
  findings,
  signalOf,
}: {
  readonly incident: Incident;
  readonly findings: readonly Finding[];
  readonly signalOf: (signalId: string) => Signal | undefined;
}) {
  const { vector, firstAlarm } = incident;
  const stopped = stoppedLines(findings, signalOf);
  return (
    <section className="explain" aria-label="How it works">
      <Facts
        items={[
          ...(vector === null
            ? []
            : [
                {
                  name: 'Vector',
                  value: (
                    <>
                      <strong>
                        <SafeText text={vector.name} limit={120} plain />
                      </strong>
                      {vector.sentence === null ? null : (
                        <span className="explain-line">
                          <SafeText text={capitalized(vector.sentence)} limit={300} />
                        </span>
                      )}
                    </>
                  ),
                },
              ]),
          { name: 'Deviated in order', value: <StageOrder incident={incident} /> },
          {
            name: 'First alarm',
            value: (
              <>
                {leadSentence(incident)}
                {firstAlarm === null ? null : (
                  <span className="quiet">
                    , <Time timeMs={firstAlarm.atMs} format="clock" age={false} />
                  </span>
                )}
              </>
            ),
          },
          {
            name: 'Stopped',
            value: (
              <>
                <MitigatedBadge mitigated={incident.mitigated} short />
                {stopped.map((line) => (
                  <span key={line} className="explain-line">
                    {line}
                  </span>
                ))}
              </>
            ),
          },
        ]}
      />
      {vector === null ? null : <Mix vector={vector} />}
    </section>
  );
}

/** The life of a request, as it went wrong: the first stage marked, the others with how long after it. */
function StageOrder({ incident }: { readonly incident: Incident }) {
  return (
    <ol className="stage-order" aria-label="Stages in the order in which they deviated">
      {orderSteps(incident.stageOrder).map(({ stages, after }) => (
        <li key={stages.join(' ')} className={after === null ? 'is-first' : undefined}>
          {stages.map((stage) => stageWords[stage]).join(', ')}{' '}
          <span className="tabular stage-after">{after ?? 'first'}</span>
        </li>
      ))}
    </ol>
  );
}

/** What came on top of the usual, beside what is usual, on one scale. What no source tells is said, never drawn. */
function Mix({ vector }: { readonly vector: Vector }) {
  const [all, setAll] = useState(false);
  const groups = mixGroups(vector.parts);
  const hidden = groups.reduce((sum, { parts }) => sum + Math.max(0, parts.length - shownValues), 0);
  const notKnown = notKnownSentence(vector);
  return (
    <>
      {groups.length === 0 ? null : (
        <table className="mix" aria-label="What the excess is made of">
          <thead>
            <tr>
              <th scope="col">Made up of</th>
              <th scope="col">
                <span className="visually-hidden">Value</span>
              </th>
              <th scope="col" className="align-end">
                <span className="mix-mark mix-excess" aria-hidden="true" /> Excess
              </th>
              <th scope="col" className="align-end">
                <span className="mix-mark mix-usual" aria-hidden="true" /> Usual
              </th>
            </tr>
          </thead>
          {groups.map(({ dimension, parts }) => {
            const shown = all ? parts : parts.slice(0, shownValues);
            return (
              <tbody key={dimension}>
                {shown.map(({ value, share, usualShare }, index) => (
                  <tr key={value}>
                    {index === 0 ? (
                      <th scope="rowgroup" rowSpan={shown.length}>
                        {dimensionWords[dimension]}
                      </th>
                    ) : null}
                    <td>
                      <span className="mix-value mono" title={toSafeExcerpt(value, 200)}>
                        <SafeText text={value} plain limit={200} />
                      </span>
                      <span className="mix-bars" aria-hidden="true">
                        <span className="mix-excess" style={{ width: `${Math.min(1, share) * 100}%` }} />
                        <span className="mix-usual" style={{ width: `${Math.min(1, usualShare) * 100}%` }} />
                      </span>
                    </td>
                    <td className="align-end mono tabular">{formatShare(share)}</td>
                    <td className="align-end mono tabular quiet">{formatShare(usualShare)}</td>
                  </tr>
                ))}
              </tbody>
            );
          })}
        </table>
      )}
      {hidden > 0 && !all ? (
        <div className="row">
          <Button small variant="quiet" onClick={() => setAll(true)}>
            Show {hidden} more {hidden === 1 ? 'value' : 'values'}
          </Button>
        </div>
      ) : null}
      {notKnown === null ? null : <p className="quiet small">{notKnown}</p>}
    </>
  );
}
