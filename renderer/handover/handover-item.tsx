import { type ReactNode, useEffect, useRef } from 'react';
import type { HandoverItem } from '../../shared/domain/handover.ts';
import { Age, classNames, SafeText, SeverityBadge, useShowTime } from '../ui/index.ts';

/** One thing that the next shift must know; the active one shows what can be done with it. */
export function ItemRow({
  item,
  isActive,
  onActivate,
  mark,
  actions,
  below,
}: {
  readonly item: HandoverItem;
  readonly isActive: boolean;
  readonly onActivate: () => void;
  /** Before its title, e.g. the tick. */
  readonly mark?: ReactNode;
  readonly actions?: ReactNode;
  readonly below?: ReactNode;
}) {
  const ref = useRef<HTMLLIElement>(null);
  const showTime = useShowTime();
  useEffect(() => {
    if (!isActive || ref.current === null) return;
    ref.current.scrollIntoView({ block: 'nearest' });
    // Whoever listens hears where they are; a field or button that has the focus keeps it.
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.classList.contains('handover-item')) {
      ref.current.focus({ preventScroll: true });
    }
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k do the same for the keyboard
    <li
      ref={ref}
      tabIndex={-1}
      className={classNames('handover-item', isActive && 'is-active')}
      aria-current={isActive ? 'true' : undefined}
      onClick={onActivate}
    >
      <div className="handover-item-head">
        {mark}
        {item.severity === null ? null : <SeverityBadge severity={item.severity} compact />}
        <span className="handover-item-title">
          <SafeText text={item.title} limit={300} plain />
        </span>
        {item.dueMs === null ? null : (
          <span className="handover-item-due tabular">
            {showTime(item.dueMs, 'clock')} <Age timeMs={item.dueMs} />
          </span>
        )}
      </div>
      <div className="handover-item-body">
        {item.text === '' ? null : (
          <p className="handover-item-text">
            <SafeText text={item.text} limit={1_000} />
          </p>
        )}
        {item.details.length === 0 ? null : (
          <ul className="handover-item-details">
            {item.details.map((detail, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other identity
              <li key={index}>
                <SafeText text={detail} limit={300} plain />
              </li>
            ))}
          </ul>
        )}
        {item.remark === '' ? null : (
          <p className="handover-remark">
            <span className="handover-remark-by">Remark</span> <SafeText text={item.remark} limit={1_000} />
          </p>
        )}
        {below}
        {isActive && actions ? <div className="handover-item-actions">{actions}</div> : null}
      </div>
    </li>
  );
}
