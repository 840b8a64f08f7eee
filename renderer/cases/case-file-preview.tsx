import type { ImportPreview } from '../../shared/case-file/report.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { Badge, CopyButton, Facts, Notice, SafeText, Time, TlpBadge } from '../ui/index.ts';
import { manifestFact } from './case-file-facts.tsx';
import {
  changeWords,
  contentWords,
  countWords,
  fingerprintGroups,
  missingWords,
  newsOf,
  withheldWords,
} from './case-file-words.ts';

/** What a case file is: who signed it, what is in it, what it would change here, and everything wrong with it. */
export function CaseFilePreview({ preview }: { readonly preview: ImportPreview }) {
  const { counts, exporter, withheld, missing, audience, problemCount } = preview;
  return (
    <div className="file-preview">
      {problemCount > 0 ? <Problems preview={preview} /> : null}
      <Facts
        items={[
          { name: 'Signed by', value: <Signer exporter={exporter} /> },
          {
            name: 'File',
            value: `${formatBytes(preview.sizeBytes)}, ${preview.isEncrypted ? 'encrypted' : 'not encrypted'}`,
          },
          ...(preview.manifestSha256 === null ? [] : [manifestFact(preview.manifestSha256)]),
          {
            name: 'In it',
            value: `${contentWords(counts)} (${formatBytes(counts.evidenceBytes)})`,
          },
          ...(audience === null ? [] : [{ name: 'Made for', value: <TlpBadge tlp={audience} /> }]),
          ...(withheld.length === 0 ? [] : [{ name: 'Withheld', value: withheldWords(withheld) }]),
          ...(missing === 0
            ? []
            : [{ name: 'Missing', value: `${missingWords(missing)} that the exporter did not have` }]),
        ]}
      />
      {problemCount > 0 ? null : (
        <>
          <Changes preview={preview} />
          <Writers preview={preview} />
        </>
      )}
    </div>
  );
}

function Known({ isKnown }: { readonly isKnown: boolean }) {
  return isKnown ? (
    <Badge tone="good">Key known here</Badge>
  ) : (
    <Badge tone="warning">Key not known here</Badge>
  );
}

function Signer({ exporter }: { readonly exporter: ImportPreview['exporter'] }) {
  if (exporter === null) return 'Nobody that could be read';
  return (
    <div className="file-signer">
      <span className="file-signer-line">
        <SafeText text={exporter.name} limit={80} plain /> <Known isKnown={exporter.isKnown} />
        <span className="quiet">
          <Time timeMs={exporter.exportedMs} />
        </span>
      </span>
      <span className="file-value mono quiet">
        <span>{fingerprintGroups(exporter.keyFingerprint)}</span>
        <CopyButton text={exporter.keyFingerprint} label="Copy the fingerprint" iconOnly />
      </span>
      {exporter.isKnown ? null : (
        <span className="quiet">
          The name is by their own word. Compare the fingerprint with them by another way before you rely on
          it.
        </span>
      )}
    </div>
  );
}

function Problems({ preview }: { readonly preview: ImportPreview }) {
  const { problems, problemCount } = preview;
  return (
    <Notice tone="error">
      <p>
        {countWords(problemCount, 'thing is', 'things are')} wrong with this file. Nothing of it can be
        imported, and nothing was changed. Ask whoever made it for a new copy.
      </p>
      <ul className="file-problems" aria-label="Problems">
        {problems.map(({ at, sentence }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same problem may be there twice, and the list never changes
          <li key={index}>
            <span className="mono">
              <SafeText text={at} limit={120} plain />
            </span>{' '}
            <SafeText text={sentence} limit={300} />
          </li>
        ))}
      </ul>
      {problemCount > problems.length ? <p>and {problemCount - problems.length} more</p> : null}
    </Notice>
  );
}

/** As many cases are listed; a case file holds one and those merged into it. */
const mostCases = 50;

function Changes({ preview }: { readonly preview: ImportPreview }) {
  return (
    <section className="file-part" aria-label="What would change here">
      <h3>What would change here</h3>
      {newsOf(preview).all === 0 ? (
        <p>Nothing new: all of it is here already.</p>
      ) : (
        <ul className="file-cases">
          {preview.cases.slice(0, mostCases).map((each) => (
            <li key={each.id}>
              <Badge tone={each.isNew ? 'accent' : 'neutral'}>
                {each.isNew ? 'New case' : 'Here already'}
              </Badge>
              <span className="file-case-title">
                <SafeText text={each.title ?? 'Title withheld'} limit={160} plain />
              </span>
              <span className="tabular">{changeWords(each)}</span>
            </li>
          ))}
        </ul>
      )}
      {preview.cases.length > mostCases ? (
        <p className="quiet">and {(preview.cases.length - mostCases).toLocaleString('en')} more cases</p>
      ) : null}
    </section>
  );
}

/** As many writers are listed; a case has a handful. */
const mostWriters = 50;

function Writers({ preview }: { readonly preview: ImportPreview }) {
  const { writers } = preview;
  return (
    <section className="file-part" aria-label="Who wrote in it">
      <h3>Who wrote in it</h3>
      <ul className="file-writers">
        {writers.slice(0, mostWriters).map((writer) => (
          <li key={writer.writerId}>
            <SafeText text={writer.name} limit={60} plain />
            <span className="mono quiet">{fingerprintGroups(writer.keyFingerprint)}</span>
            <Known isKnown={writer.isKnown} />
            <span className="tabular file-count">{countWords(writer.entries, 'entry', 'entries')}</span>
          </li>
        ))}
      </ul>
      {writers.length > mostWriters ? <p className="quiet">and {writers.length - mostWriters} more</p> : null}
    </section>
  );
}
