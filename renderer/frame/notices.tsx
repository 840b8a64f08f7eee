import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton, Notice, SafeText, Time, useAction, useApp } from '../ui/index.ts';

/** What the analyst must know that belongs to no one screen: a restored database, a refused newer one. */
export function Notices() {
  const notices = useApp((state) => state.status?.notices ?? null);
  const dismiss = useAction('app.dismissNotice');
  if (!notices || notices.length === 0) return null;
  return (
    <section className="notices" aria-label="Notices">
      {notices.map((notice) => (
        <Notice
          key={notice.id}
          tone={notice.level}
          action={
            <>
              {notice.details ? <CopyButton small text={notice.details} label="Copy details" /> : null}
              <Button small onClick={() => void dismiss.run({ id: notice.id })}>
                Understood
              </Button>
            </>
          }
        >
          <strong>{toSafeExcerpt(notice.title, 300)}</strong> <SafeText text={notice.text} limit={600} />{' '}
          <span className="faint small">
            <Time timeMs={notice.timeMs} />
          </span>
        </Notice>
      ))}
    </section>
  );
}
