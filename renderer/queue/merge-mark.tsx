import { type Alert, severityRank } from '../../shared/domain/alert.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { SafeText, SeverityShape, severityWords } from '../ui/index.ts';

/** How a row stands to others, in a few signs before its title; nothing where it stands for itself. */
export function MergeMark({ alert }: { readonly alert: Alert }) {
  const { merged, parentId, partOf, split } = alert;
  return (
    <>
      {merged === null ? null : (
        <span className="merge-mark is-leader tabular" title={standsFor(merged.alerts)}>
          {severityRank(merged.severity) > severityRank(alert.severity) ? (
            <span title={`The worst of these is ${severityWords[merged.severity].toLowerCase()}`}>
              <SeverityShape severity={merged.severity} size={10} />
            </span>
          ) : null}
          +{merged.alerts.toLocaleString('en')}
          <span className="visually-hidden"> merged under it</span>
        </span>
      )}
      {parentId === null ? null : <span className="merge-mark">Merged</span>}
      {partOf === null ? null : (
        <span className="merge-mark">
          <span className="visually-hidden">Part </span>
          <SafeText text={partOf.label} limit={40} plain />
        </span>
      )}
      {split === null ? null : (
        <span className="merge-mark tabular">
          {split.since === 0 ? 'Split' : `${split.since.toLocaleString('en')} since split`}
        </span>
      )}
    </>
  );
}

const standsFor = (alerts: number): string =>
  `Stands for ${alerts.toLocaleString('en')} more ${alerts === 1 ? 'alert' : 'alerts'}`;

/** The same in words, for who hears the row; empty where it stands for itself. */
export function mergeWords({ merged, parentId, partOf, split }: Alert): string {
  return [
    merged === null ? '' : `, ${standsFor(merged.alerts).toLowerCase()}`,
    parentId === null ? '' : ', merged',
    partOf === null ? '' : `, part ${toSafeExcerpt(partOf.label, 100)}`,
    split === null ? '' : `, split, ${split.since.toLocaleString('en')} came since`,
  ].join('');
}
