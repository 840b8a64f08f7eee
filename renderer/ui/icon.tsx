import type { ReactNode } from 'react';

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.4,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

/** Our own line icons on a 16 px grid. */
const shapes = {
  watch: <path d="M1.5 9h2.6l1.7-5 2.6 9 2.2-6.5L12 9h2.5" />,
  queue: <path d="M2 3.5h12M2 8h12M2 12.5h7" />,
  cases: <path d="M1.8 5h12.4v8.2H1.8zM5.6 5V2.8h4.8V5M1.8 8.6h12.4" />,
  mitigate: (
    <path d="M8 1.6l5.4 2v4.1c0 3.2-2.2 5.5-5.4 6.7-3.2-1.2-5.4-3.5-5.4-6.7V3.6zM5.5 8l1.8 1.8 3.3-3.5" />
  ),
  reports: <path d="M3.5 1.8h6l3 3v9.4h-9zM9.3 1.8v3.2h3.2M5.6 8h4.8M5.6 10.8h4.8" />,
  settings: <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.7v3.6M6 9.7v3.6" />,
  close: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
  check: <path d="M2.8 8.4l3.4 3.4 7-7.6" />,
  plus: <path d="M8 2.8v10.4M2.8 8h10.4" />,
  minus: <path d="M2.8 8h10.4" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  search: <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.7 3.7" />,
  'chevron-right': <path d="M6 3l5 5-5 5" />,
  'chevron-down': <path d="M3 6l5 5 5-5" />,
  'chevron-up': <path d="M3 10l5-5 5 5" />,
  'chevron-left': <path d="M10 3L5 8l5 5" />,
  more: <path d="M3 8h.01M8 8h.01M13 8h.01" strokeWidth={2.2} />,
  refresh: <path d="M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 1.8v3h-3" />,
  undo: <path d="M5.5 2.5L2.5 5.5l3 3M2.5 5.5h7a4 4 0 0 1 0 8h-4" />,
  warning: <path d="M8 2.2l6.2 11.3H1.8zM8 6.5v3.2M8 11.5v.100" />,
  info: <path d="M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 0 0 0-12.4zM8 7.3v3.7M8 5v.100" />,
  lock: <path d="M3.5 7.3h9v6.4h-9zM5.3 7.3V5a2.7 2.7 0 0 1 5.4 0v2.3" />,
  clock: <path d="M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 0 0 0-12.4zM8 4.5V8l2.5 1.7" />,
  person: (
    <path d="M8 2.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.7c.600-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2" />
  ),
  download: <path d="M8 2v8.5M4.5 7.3L8 10.8l3.5-3.5M2.5 13.8h11" />,
  upload: <path d="M8 10.8V2.3M4.5 5.7L8 2.2l3.5 3.5M2.5 13.8h11" />,
  edit: <path d="M2.5 13.5l.700-3 7.6-7.6 2.3 2.3-7.6 7.6zM9.3 4.4l2.3 2.3" />,
  trash: <path d="M2.5 4.3h11M6 4.3V2.5h4v1.8M4 4.3l.700 9.4h6.6l.700-9.4" />,
  link: (
    <path d="M6.7 9.3l2.6-2.6M7.3 4.7l1.5-1.5a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.7 11.3l-1.5 1.5a2.8 2.8 0 0 1-4-4l1.5-1.5" />
  ),
  play: <path d="M4.5 2.8l8.5 5.2-8.5 5.2z" />,
  stop: <path d="M3.8 3.8h8.4v8.4H3.8z" />,
  star: <path d="M8 2l1.9 3.9 4.3.600-3.1 3 .700 4.3L8 11.8l-3.8 2 .700-4.3-3.1-3 4.3-.600z" />,
  filter: <path d="M2 3.5h12L9.5 8.5v4.3l-3-1.5V8.5z" />,
  merge: <path d="M4 2.5v3.2C4 8 12 8 12 10.3v3.2M12 2.5v3.2c0 1-1.5 1.5-3 2M9.5 11l2.5 2.5 2.5-2.5" />,
  message: <path d="M2.3 3h11.4v8H7.5L4.5 13.8V11H2.3z" />,
  columns: <path d="M2 2.8h12v10.4H2zM6 2.8v10.4M10 2.8v10.4" />,
  sleep: <path d="M13 9.8A5.7 5.7 0 0 1 6.2 3 5.7 5.7 0 1 0 13 9.8z" />,
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;
export const iconNames = Object.keys(shapes) as readonly IconName[];

/** A line icon, 16 px unless told. It says nothing to a screen reader: put the words beside it or on the button. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      {...stroke}
    >
      {shapes[name]}
    </svg>
  );
}
