import type { ReactNode } from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { classNames } from './class-names.ts';

export interface ChartFrameProps {
  readonly title: ReactNode;
  /** Stands after the title, e.g. `requests/s`. */
  readonly unit?: string;
  /** What the legend reads out. */
  readonly legend?: ReactNode;
  readonly controls?: ReactNode;
  /** A word on what the chart rests on, e.g. `learning`. */
  readonly note?: string | null;
  /** The same as a sentence, on pointing at it. */
  readonly noteTitle?: string | null;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Title with unit, legend and controls around any chart. */
export function ChartFrame({
  title,
  unit,
  legend,
  controls,
  note,
  noteTitle,
  children,
  className,
}: ChartFrameProps) {
  return (
    <figure className={classNames('chart-frame', className)}>
      <figcaption className="chart-caption">
        <span className="chart-title">{typeof title === 'string' ? toSafeExcerpt(title, 300) : title}</span>
        {unit ? <span className="chart-unit">{unit}</span> : null}
        {note ? (
          <span className="chart-note" title={noteTitle ?? undefined}>
            {note}
          </span>
        ) : null}
        <span className="chart-legend">{legend}</span>
        {controls ? <span className="chart-controls">{controls}</span> : null}
      </figcaption>
      {children}
    </figure>
  );
}
