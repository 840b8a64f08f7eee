import { type ReactNode, useId } from 'react';

/** A short word on hover and on focus, tied to what it explains. For icon buttons the label is enough. */
export function Tooltip({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <span className="tooltip-host">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard */}
      <span aria-describedby={id} tabIndex={0} className="tooltip-target">
        {children}
      </span>
      <span role="tooltip" id={id} className="tooltip">
        {text}
      </span>
    </span>
  );
}
