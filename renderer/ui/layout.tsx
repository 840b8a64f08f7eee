import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A whole screen: its bar on top, its panes below; only panes scroll. */
export function Screen({
  label,
  bar,
  ownHeading = false,
  children,
}: {
  readonly label: string;
  readonly bar?: ReactNode;
  /** Its content has, or will have, the heading of the first level; otherwise the label is one, for screen readers. */
  readonly ownHeading?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className="screen" aria-label={label}>
      {ownHeading ? null : <h1 className="visually-hidden">{label}</h1>}
      {bar ? <div className="screen-bar">{bar}</div> : null}
      <div className="screen-content">{children}</div>
    </section>
  );
}

/** A pane with a heading; its body scrolls on its own. */
export function Pane({
  title,
  aside,
  children,
  padded = true,
  className,
}: {
  readonly title?: ReactNode;
  /** Stands at the end of the heading: buttons, a count. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly padded?: boolean;
  readonly className?: string;
}) {
  return (
    <section className={classNames('pane', className)}>
      {title ? (
        <header className="pane-header">
          <h2 className="pane-title">{title}</h2>
          {aside ? <div className="pane-aside">{aside}</div> : null}
        </header>
      ) : null}
      <div className={classNames('pane-body', padded && 'is-padded')}>{children}</div>
    </section>
  );
}

/** A part of a pane with a small heading. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="section">
      <header className="section-header">
        <h3 className="section-title">{title}</h3>
        {aside ? <div className="section-aside">{aside}</div> : null}
      </header>
      {children}
    </section>
  );
}

/** Things side by side with the kit's distance, wrapping when there is no room. */
export function Row({ children, end = false }: { readonly children: ReactNode; readonly end?: boolean }) {
  return <div className={classNames('row', end && 'row-end')}>{children}</div>;
}

/** Things below each other with the kit's distance. */
export function Stack({ children }: { readonly children: ReactNode }) {
  return <div className="stack">{children}</div>;
}
