import type { Review } from '../../shared/case-file/review.ts';
import { Badge, Button, Icon, SafeText, Time, useAction } from '../ui/index.ts';
import { leftOutSentence, signerSentence } from './review-words.ts';

/** Says on every screen of a review that it is one: of which file, who vouches for it, what is not in it. */
export function ReviewBanner({ review }: { readonly review: Review }) {
  const close = useAction('review.close');
  const { preview } = review;
  const leftOut = preview === null ? null : leftOutSentence(preview);
  return (
    <section className="review-banner" aria-label="Review">
      <Icon name="lock" size={14} />
      <strong>Read only</strong>
      <span className="mono truncate review-file" title={review.path}>
        <SafeText text={review.name} limit={120} plain />
      </span>
      {preview === null ? null : (
        <>
          {review.caseId === null ? null : (
            <Badge tone="good" title="Every sum, signature and chain in the file is right.">
              Verified
            </Badge>
          )}
          {preview.exporter === null ? null : (
            <Badge tone={preview.exporter.isKnown ? 'neutral' : 'warning'}>
              {preview.exporter.isKnown ? 'Known key' : 'Unknown key'}
            </Badge>
          )}
          <span className="secondary truncate review-signer" title={signerSentence(preview)}>
            <SafeText text={signerSentence(preview)} limit={200} plain />
            {preview.exporter === null ? null : (
              <>
                {' '}
                Exported <Time timeMs={preview.exporter.exportedMs} age={false} />.
              </>
            )}
          </span>
          {leftOut === null ? null : (
            <span className="review-left-out truncate" title={leftOut}>
              {leftOut}
            </span>
          )}
        </>
      )}
      <span className="grow" />
      {review.canClose ? (
        <Button
          small
          icon="chevron-left"
          keys="Ctrl+b"
          busy={close.running}
          onClick={() => void close.run({})}
        >
          Back
        </Button>
      ) : null}
    </section>
  );
}
