import type { CaseConflict } from '../../shared/domain/case.ts';
import { SafeText, Time } from '../ui/index.ts';
import { fingerprintGroups } from './case-file-words.ts';

/** Who gave a value, and when. */
export function ValueAuthor({ value }: { readonly value: CaseConflict['values'][number] }) {
  return (
    <>
      <SafeText text={value.writerName} limit={60} plain />{' '}
      {value.keyFingerprint === null ? null : (
        <span className="mono" title={fingerprintGroups(value.keyFingerprint)}>
          {fingerprintGroups(value.keyFingerprint.slice(0, 8))}…
        </span>
      )}{' '}
      <Time timeMs={value.timeMs} age={false} />
    </>
  );
}
