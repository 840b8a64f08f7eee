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
  /** A state below the title, e.g. "learning: 40 min of history". */
  readonly note?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Title with unit, legend and controls around any chart. */
export function ChartFrame({ title, unit, legend, controls, note, children, className }: ChartFrameProps) {
  return (
    <figure className={classNames('chart-frame', className)}>
      <figcaption className="chart-caption">
        <span className="chart-title">{typeof title === 'string' ? toSafeExcerpt(title, 300) : title}</span>
        {unit ? <span className="chart-unit">{unit}</span> : null}
        <span className="chart-legend">{legend}</span>
        {note ? <span className="chart-note">{note}</span> : null}
        {controls ? <span className="chart-controls">{controls}</span> : null}
      </figcaption>
      {children}
    </figure>
  );
}
