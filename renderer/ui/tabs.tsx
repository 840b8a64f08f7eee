import { type ReactNode, useId, useRef } from 'react';
import { classNames } from './class-names.ts';
import { Kbd } from './kbd.tsx';

export interface TabDefinition<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  /** A number beside the label. */
  readonly count?: number | null;
  readonly keys?: string;
}

export interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly TabDefinition<Id>[];
  readonly active: Id;
  readonly onChange: (id: Id) => void;
  /** The active tab's content; given, it is wrapped as its panel. */
  readonly children?: ReactNode;
  /** `segmented` for a choice within a bar. */
  readonly look?: 'line' | 'segmented';
  /** Stands at the end of the row of tabs. */
  readonly aside?: ReactNode;
}

/** Tabs: arrows, Home and End move between them. */
export function Tabs<Id extends string>({
  label,
  tabs,
  active,
  onChange,
  children,
  look = 'line',
  aside,
}: TabsProps<Id>) {
  const baseId = useId();
  const listRef = useRef<HTMLDivElement>(null);
  const select = (index: number) => {
    const tab = tabs[(index + tabs.length) % tabs.length];
    if (!tab) return;
    onChange(tab.id);
    listRef.current?.querySelector<HTMLElement>(`[data-tab="${tab.id}"]`)?.focus();
  };
  const list = (
    <div ref={listRef} className={classNames('tabs', `tabs-${look}`)} role="tablist" aria-label={label}>
      {tabs.map((tab, index) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`${baseId}-${tab.id}`}
          data-tab={tab.id}
          aria-selected={tab.id === active}
          aria-controls={children === undefined ? undefined : `${baseId}-panel`}
          aria-keyshortcuts={tab.keys}
          tabIndex={tab.id === active ? 0 : -1}
          className="tab"
          onClick={() => onChange(tab.id)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') select(index + 1);
            else if (event.key === 'ArrowLeft') select(index - 1);
            else if (event.key === 'Home') select(0);
            else if (event.key === 'End') select(tabs.length - 1);
            else return;
            event.preventDefault();
          }}
        >
          {tab.label}
          {tab.count === undefined || tab.count === null ? null : (
            <span className="tab-count">{tab.count.toLocaleString('en')}</span>
          )}
          {tab.keys ? <Kbd keys={tab.keys} /> : null}
        </button>
      ))}
    </div>
  );
  if (children === undefined && aside === undefined) return list;
  return (
    <div className="tabbed">
      <div className="tabs-row">
        {list}
        {aside ? <div className="tabs-aside">{aside}</div> : null}
      </div>
      {children === undefined ? null : (
        <div
          className="tab-panel"
          role="tabpanel"
          id={`${baseId}-panel`}
          aria-labelledby={`${baseId}-${active}`}
        >
          {children}
        </div>
      )}
    </div>
  );
}
