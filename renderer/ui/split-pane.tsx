import { type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import { readRemembered, remember } from './remembered.ts';

export interface SplitPaneProps {
  /** Names the place where its size is remembered, e.g. `queue.detail`. */
  readonly id: string;
  readonly main: ReactNode;
  /** null: closed, the main pane has it all. */
  readonly pane: ReactNode | null;
  readonly paneLabel: string;
  readonly side?: 'right' | 'bottom';
  readonly initialSize?: number;
  readonly minSize?: number;
  /** What the main pane keeps at least. */
  readonly minMain?: number;
}

function readSize(id: string, fallback: number): number {
  const stored = readRemembered(`split.${id}`);
  return typeof stored === 'number' && stored > 0 ? stored : fallback;
}

/** Two panes with a bar between them that mouse and arrow keys move; its place is remembered. */
export function SplitPane({
  id,
  main,
  pane,
  paneLabel,
  side = 'right',
  initialSize = 460,
  minSize = 280,
  minMain = 360,
}: SplitPaneProps) {
  const [size, setSize] = useState(() => readSize(id, initialSize));
  const ref = useRef<HTMLDivElement>(null);
  const isRight = side === 'right';

  const bound = (wanted: number) => {
    const box = ref.current?.getBoundingClientRect();
    const whole = box ? (isRight ? box.width : box.height) : 1200;
    return Math.max(minSize, Math.min(wanted, Math.max(minSize, whole - minMain)));
  };
  const change = (wanted: number) => {
    const next = bound(wanted);
    setSize(next);
    remember(`split.${id}`, Math.round(next));
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    change(isRight ? box.right - event.clientX : box.bottom - event.clientY);
  };

  return (
    <div ref={ref} className={classNames('split', `split-${side}`)}>
      <div className="split-main">{main}</div>
      {pane === null ? null : (
        <>
          {/* biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is this pattern, not a rule */}
          <div
            className="split-bar"
            role="separator"
            aria-label={`Size of ${paneLabel}`}
            aria-orientation={isRight ? 'vertical' : 'horizontal'}
            aria-valuenow={Math.round(size)}
            aria-valuemin={minSize}
            aria-valuemax={2000}
            tabIndex={0}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointerMove}
            onDoubleClick={() => change(initialSize)}
            onKeyDown={(event) => {
              const grow = isRight ? 'ArrowLeft' : 'ArrowUp';
              const shrink = isRight ? 'ArrowRight' : 'ArrowDown';
              if (event.key === grow) change(size + 16);
              else if (event.key === shrink) change(size - 16);
              else if (event.key === 'Enter') change(initialSize);
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
          <aside
            className="split-side"
            aria-label={paneLabel}
            style={
              isRight
                ? { width: `min(${size}px, calc(100% - ${minMain}px))` }
                : { height: `min(${size}px, calc(100% - ${minMain}px))` }
            }
          >
            {pane}
          </aside>
        </>
      )}
    </div>
  );
}
