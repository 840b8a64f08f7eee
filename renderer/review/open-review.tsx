import { type FormEvent, useEffect, useRef, useState } from 'react';
import { sealedDetails } from '../../shared/case-file/report.ts';
import type { Review } from '../../shared/case-file/review.ts';
import { IdentityField, MaskedField } from '../cases/case-file-secrets.tsx';
import { Button, ErrorNote, LoadingState, Notice, SafeText, TextField, useAction } from '../ui/index.ts';
import { signerSentence } from './review-words.ts';

const mostShownProblems = 20;

/**
 * Asks for what opens a case file, shows how far its verifying is, and what is wrong with it.
 * @param atOnce tries to open it without being asked
 */
export function OpenReview({
  initialPath,
  isPathFixed,
  atOnce,
  before,
  formId,
  onOpened,
}: {
  readonly initialPath: string;
  readonly isPathFixed: boolean;
  readonly atOnce: boolean;
  /** What an earlier try found. */
  readonly before: Review | null;
  readonly formId: string;
  readonly onOpened: () => void;
}) {
  const [path, setPath] = useState(initialPath);
  const [passphrase, setPassphrase] = useState('');
  const [identities, setIdentities] = useState('');
  const [found, setFound] = useState<Review | null>(before);
  const opening = useAction('review.open');
  const tried = useRef(false);
  const formRef = useRef<HTMLFormElement>(null);

  const open = async () => {
    setFound(null);
    const review = await opening.run({
      path: path.trim(),
      passphrase: passphrase === '' ? null : passphrase,
      identities: identities.split(/\s+/).filter((word) => word !== ''),
    });
    if (review === null) return;
    setFound(review);
    if (review.caseId !== null) onOpened();
  };
  useEffect(() => {
    if (!atOnce || tried.current) return;
    tried.current = true;
    void open();
  });

  // Outside of a dialog nobody else puts the focus where something is asked for.
  const asks = found?.error?.details ?? null;
  useEffect(() => {
    if (asks !== null) formRef.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [asks]);

  if (opening.running) {
    return (
      <LoadingState
        label="Verifying the case file"
        progress={opening.progress}
        onCancel={() => opening.cancel()}
      />
    );
  }
  return (
    <form
      ref={formRef}
      id={formId}
      className="stack"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (path.trim() !== '') void open();
      }}
    >
      {found === null ? null : <WhatIsWrong review={found} />}
      {opening.error ? <ErrorNote error={opening.error} /> : null}
      {isPathFixed ? null : (
        <TextField
          label="Case file"
          value={path}
          onChange={setPath}
          maxLength={4096}
          mono
          required
          autoFocus
          placeholder="/path/to/case.wfcase"
          help="The whole path of a .wfcase file on this machine. It is looked at and not imported."
        />
      )}
      {asks === sealedDetails.passphrase ? (
        <MaskedField label="Passphrase" value={passphrase} onChange={setPassphrase} autoFocus />
      ) : null}
      {asks === sealedDetails.keys ? (
        <IdentityField value={identities} onChange={setIdentities} error={null} />
      ) : null}
    </form>
  );
}

/** Why a file was not opened, with where its problems are. */
export function WhatIsWrong({ review }: { readonly review: Review }) {
  const { preview, error } = review;
  if (error !== null) {
    const isSealed = Object.values<string | null>(sealedDetails).includes(error.details);
    return isSealed ? <Notice>{error.message}</Notice> : <ErrorNote error={error} />;
  }
  if (preview === null || preview.problemCount === 0) return null;
  const shown = preview.problems.slice(0, mostShownProblems);
  return (
    <>
      <Notice tone="error">
        <strong>
          <SafeText text={review.name} limit={120} plain /> does not verify and was not opened.
        </strong>{' '}
        It has {preview.problemCount.toLocaleString('en')}{' '}
        {preview.problemCount === 1 ? 'problem' : 'problems'}. The file was left as it is; ask whoever sent it
        for another copy. {signerSentence(preview)}
      </Notice>
      <ol className="review-problems" aria-label="Problems of the file">
        {shown.map(({ at, sentence }) => (
          <li key={`${at} ${sentence}`}>
            <span className="mono">
              <SafeText text={at} limit={120} plain />
            </span>{' '}
            <SafeText text={sentence} limit={400} plain />
          </li>
        ))}
      </ol>
      {preview.problemCount > shown.length ? (
        <p className="secondary">
          and {(preview.problemCount - shown.length).toLocaleString('en')} more; `watchfloor case verify`
          names all of them.
        </p>
      ) : null}
    </>
  );
}

/** The buttons that belong to the form above. */
export function OpenReviewButton({
  formId,
  label = 'Open read only',
}: {
  readonly formId: string;
  readonly label?: string;
}) {
  return (
    <Button variant="primary" type="submit" form={formId} keys="Enter">
      {label}
    </Button>
  );
}
