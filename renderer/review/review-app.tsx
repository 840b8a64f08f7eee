import { useState } from 'react';
import type { Review } from '../../shared/case-file/review.ts';
import { CasePage } from '../cases/case-page.tsx';
import { BottomBar } from '../frame/bottom-bar.tsx';
import { ConnectionCover } from '../frame/connection-cover.tsx';
import { HelpSheet } from '../frame/help-sheet.tsx';
import { Palette } from '../frame/palette.tsx';
import { ErrorBoundary, useAction, useCommands, useCoreEvent } from '../ui/index.ts';
import { OpenReview, OpenReviewButton } from './open-review.tsx';
import { OpenReviewDialog } from './open-review-dialog.tsx';
import { ReplayView } from './replay-view.tsx';
import { ReviewBanner } from './review-banner.tsx';
import './review.css';

type Overlay =
  | { readonly kind: 'palette' }
  | { readonly kind: 'help' }
  | { readonly kind: 'open'; readonly path: string | null };

/** The frame around a case file that is looked at: no screens of a workspace, nothing that writes. */
export function ReviewApp({
  review,
  onReconnect,
}: {
  readonly review: Review;
  readonly onReconnect: (options: { take: boolean }) => void;
}) {
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  // A file is opened to see what was known when; the case as it came out is one key away.
  const [isReplay, setReplay] = useState(true);
  const save = useAction('app.saveSettings');
  const close = useAction('review.close');
  const shut = () => setOverlay(null);
  useCoreEvent('review.requested', ({ path }) => setOverlay({ kind: 'open', path }));
  useCommands(
    [
      {
        id: 'app.palette',
        title: 'Find a command',
        group: 'Everywhere',
        keys: ['Ctrl+K'],
        whileTyping: true,
        run: () => setOverlay({ kind: 'palette' }),
      },
      {
        id: 'app.help',
        title: 'Show all keys',
        group: 'Everywhere',
        keys: ['?'],
        run: () => setOverlay({ kind: 'help' }),
      },
      {
        id: 'review.open',
        title: 'Open a case file for review',
        group: 'Review',
        run: () => setOverlay({ kind: 'open', path: null }),
      },
      {
        id: 'review.close',
        title: 'Back to the workspace',
        group: 'Review',
        keys: ['Ctrl+b'],
        enabled: review.canClose,
        run: () => void close.run({}),
      },
      ...(['dark', 'light', 'high-contrast', 'system'] as const).map((theme) => ({
        id: `theme.${theme}`,
        title: `Use the ${theme === 'system' ? "system's" : theme} theme`,
        group: 'Appearance',
        run: () => void save.run({ theme }),
      })),
    ],
    'app',
  );
  return (
    <div className="frame is-review">
      <div className="frame-main">
        <ReviewBanner review={review} />
        <main className="frame-content">
          <ErrorBoundary key={review.path}>
            {review.caseId === null ? (
              <NotOpened review={review} />
            ) : isReplay ? (
              <ReplayView key={review.caseId} caseId={review.caseId} onBack={() => setReplay(false)} />
            ) : (
              <CasePage caseId={review.caseId} onBack={null} onReplay={() => setReplay(true)} readOnly />
            )}
          </ErrorBoundary>
        </main>
        <BottomBar />
      </div>
      <ConnectionCover onReconnect={onReconnect} />
      {overlay?.kind === 'palette' ? <Palette onClose={shut} /> : null}
      {overlay?.kind === 'help' ? <HelpSheet onClose={shut} /> : null}
      {overlay?.kind === 'open' ? <OpenReviewDialog path={overlay.path} onClose={shut} /> : null}
    </div>
  );
}

/** The file could not be opened: why, and what may open it. */
function NotOpened({ review }: { readonly review: Review }) {
  return (
    <section className="review-not-opened" aria-label="Case file">
      <h1>This case file is not open</h1>
      <OpenReview
        formId="open-again"
        initialPath={review.path}
        isPathFixed
        atOnce={false}
        before={review}
        onOpened={() => undefined}
      />
      <div className="row row-end">
        <OpenReviewButton formId="open-again" label="Try again" />
      </div>
    </section>
  );
}
