import { shortEntry } from './proposal.ts';

/** The entries in one line, the first few in full. */
export function Entries({ entries }: { readonly entries: readonly string[] }) {
  return (
    <span className="mono mitigation-entries">
      {entries.slice(0, 4).map(shortEntry).join('  ')}
      {entries.length > 4 ? <span className="quiet"> +{entries.length - 4} more</span> : null}
    </span>
  );
}
