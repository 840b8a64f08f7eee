import { useApp } from '../state/store.ts';
import { Button, Dialog } from '../ui/index.ts';
import { OpenReview, OpenReviewButton } from './open-review.tsx';

const formId = 'open-review';

/**
 * Asks which case file to look at. A workspace that is at work goes on behind it.
 * @param path of a file that was opened from outside the window; null lets it be typed
 */
export function OpenReviewDialog({
  path,
  onClose,
}: {
  readonly path: string | null;
  readonly onClose: () => void;
}) {
  const workspace = useApp((state) => state.hello?.workspace ?? 'live');
  return (
    <Dialog
      title="Open a case file for review"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Not now
          </Button>
          <OpenReviewButton formId={formId} />
        </>
      }
    >
      <OpenReview
        key={path ?? ''}
        formId={formId}
        initialPath={path ?? ''}
        isPathFixed={path !== null}
        atOnce={path !== null}
        before={null}
        onOpened={onClose}
      />
      {workspace === 'review' ? null : (
        <p className="secondary small">
          Sources are polled and alerts call while you look at it; Back brings you to where you were.
        </p>
      )}
    </Dialog>
  );
}
