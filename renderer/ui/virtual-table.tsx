// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid has few of its rows, a real table cannot say so
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, aria-activedescendant names the row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: every click has its key on the grid

import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { useCommands } from '../state/keys.ts';
import { useApp } from '../state/store.ts';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import { useRowWindow } from './row-window.ts';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  /** The header is there for screen readers alone, e.g. above signs that speak for themselves. */
  readonly hideHeader?: boolean;
  /** A CSS grid track, e.g. `96px` or `minmax(120px, 1fr)`. */
  readonly width: string;
  readonly align?: 'start' | 'end';
  /** Mono face and tabular figures. */
  readonly data?: boolean;
  readonly render: (row: Row, state: RowState) => ReactNode;
  /** Pressing its header sorts by it. */
  readonly onSort?: (() => void) | undefined;
  /** It is what the rows are sorted by, and which way its values run down the list. */
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

export interface RowState {
  readonly index: number;
  readonly active: boolean;
  readonly selected: boolean;
}

/** Lets the screen move the list. */
export interface VirtualTableHandle {
  focus(): void;
  scrollTo(index: number): void;
}

export interface VirtualTableProps<Row> {
  /** What the rows are, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** How many rows there are in all; a million is fine. */
  readonly count: number;
  /** The row at a place; undefined while it is being fetched. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly keyOf: (row: Row) => string;
  /** The row that keys act on; -1 for none. */
  readonly activeIndex: number;
  readonly onActiveChange: (index: number) => void;
  readonly isSelected?: (row: Row) => boolean;
  /** `x` or a click on the box: one row; with Shift, or dragged from box to box, everything from the last one to here. */
  readonly onToggle?: (index: number, extend: boolean) => void;
  /** Enter or a double click. */
  readonly onOpen?: (index: number) => void;
  /** Which rows are in sight, so that they can be fetched. */
  readonly onRangeShown?: (fromIndex: number, toIndex: number) => void;
  /** True: j, k, x, Enter work anywhere on the screen, not only with the focus in the list. */
  readonly screenKeys?: boolean;
  /** Prefix of its command ids and their heading in the help sheet. */
  readonly keysGroup?: string;
  readonly rowClass?: (row: Row) => string | null;
  readonly rowLabel?: (row: Row) => string;
  readonly handle?: Ref<VirtualTableHandle>;
  /** Shown instead of rows when there are none. */
  readonly empty?: ReactNode;
  /** The number of the columns that stay on narrow panes is the screen's business; hidden headers stay readable. */
  readonly hideHeader?: boolean;
  /** Given: the edges of the headers can be dragged. Keys do the same elsewhere, e.g. in a dialog of the screen. */
  readonly onResize?: (key: string, widthPx: number) => void;
}

/** As the style sheet has it. */
const headerPx = 26;
const rowHeights = { compact: 26, regular: 30, comfortable: 36 } as const;

/**
 * A table of any length of which only the rows in sight exist. Keyboard: j/k or arrows move, Shift with them extends
 * the selection, Home, End, PageUp, PageDown, x selects, Enter opens.
 */
export function VirtualTable<Row>({
  label,
  columns,
  count,
  rowAt,
  keyOf,
  activeIndex,
  onActiveChange,
  isSelected,
  onToggle,
  onOpen,
  onRangeShown,
  screenKeys = false,
  keysGroup = 'List',
  rowClass,
  rowLabel,
  handle,
  empty,
  hideHeader = false,
  onResize,
}: VirtualTableProps<Row>) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const id = useId();
  const rowHeight = useApp((state) => rowHeights[state.settings.density]);
  const { bodyPx, first, last, offsetPx, scrollTo } = useRowWindow(scrollRef, {
    count,
    rowPx: rowHeight,
    headerPx: hideHeader ? 0 : headerPx,
  });
  const onRangeRef = useRef(onRangeShown);
  onRangeRef.current = onRangeShown;
  useEffect(() => {
    if (count > 0) onRangeRef.current?.(first, last);
  }, [first, last, count]);

  useImperativeHandle(
    handle,
    () => ({
      focus: () => scrollRef.current?.focus({ preventScroll: true }),
      scrollTo,
    }),
    [scrollTo],
  );

  // Coming back to a list, or with other heights of rows, the row at hand is in sight as it was.
  const isFilled = count > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: these set it off, not where the analyst goes
  useLayoutEffect(() => {
    if (isFilled && activeIndex > 0) scrollTo(activeIndex);
  }, [isFilled, rowHeight]);

  const extend = (fromIndex: number, toIndex: number) => {
    const from = rowAt(fromIndex);
    if (from && isSelected && !isSelected(from)) onToggle?.(fromIndex, false);
    onToggle?.(toIndex, true);
    onActiveChange(toIndex);
    scrollTo(toIndex);
  };
  const moveTo = (index: number, isExtended: boolean) => {
    if (count === 0) return;
    // Wherever the keys were pressed: a screen reader says the row that the list, having the focus, names.
    scrollRef.current?.focus({ preventScroll: true });
    const next = Math.max(0, Math.min(count - 1, index));
    if (isExtended && onToggle) extend(activeIndex, next);
    else {
      onActiveChange(next);
      scrollTo(next);
    }
  };
  const pageRows = () => Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 300) / rowHeight) - 2);

  useCommands(
    screenKeys
      ? [
          {
            id: `${id}.down`,
            title: 'Next row',
            group: keysGroup,
            keys: ['j', 'ArrowDown'],
            hidden: true,
            run: () => moveTo(activeIndex + 1, false),
          },
          {
            id: `${id}.up`,
            title: 'Previous row',
            group: keysGroup,
            keys: ['k', 'ArrowUp'],
            hidden: true,
            run: () => moveTo(activeIndex - 1, false),
          },
          {
            id: `${id}.page-down`,
            title: 'Next page',
            group: keysGroup,
            keys: ['PageDown'],
            hidden: true,
            run: () => moveTo(activeIndex + pageRows(), false),
          },
          {
            id: `${id}.page-up`,
            title: 'Previous page',
            group: keysGroup,
            keys: ['PageUp'],
            hidden: true,
            run: () => moveTo(activeIndex - pageRows(), false),
          },
          {
            id: `${id}.first`,
            title: 'First row',
            group: keysGroup,
            keys: ['Home'],
            hidden: true,
            run: () => moveTo(0, false),
          },
          {
            id: `${id}.last`,
            title: 'Last row',
            group: keysGroup,
            keys: ['End'],
            hidden: true,
            run: () => moveTo(count - 1, false),
          },
          ...(onToggle
            ? [
                {
                  id: `${id}.extend-down`,
                  title: 'Select down',
                  group: keysGroup,
                  keys: ['Shift+j', 'Shift+ArrowDown'],
                  hidden: true,
                  run: () => moveTo(activeIndex + 1, true),
                },
                {
                  id: `${id}.extend-up`,
                  title: 'Select up',
                  group: keysGroup,
                  keys: ['Shift+k', 'Shift+ArrowUp'],
                  hidden: true,
                  run: () => moveTo(activeIndex - 1, true),
                },
                {
                  id: `${id}.toggle`,
                  title: 'Select row',
                  group: keysGroup,
                  keys: ['x'],
                  hidden: true,
                  run: () => {
                    if (activeIndex >= 0) onToggle(activeIndex, false);
                  },
                },
              ]
            : []),
          ...(onOpen
            ? [
                {
                  id: `${id}.open`,
                  title: 'Open row',
                  group: keysGroup,
                  keys: ['Enter'],
                  hidden: true,
                  run: () => {
                    if (activeIndex >= 0) onOpen(activeIndex);
                  },
                },
              ]
            : []),
        ]
      : [],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'ArrowDown':
      case 'j':
      case 'J':
        moveTo(activeIndex + 1, event.shiftKey);
        break;
      case 'ArrowUp':
      case 'k':
      case 'K':
        moveTo(activeIndex - 1, event.shiftKey);
        break;
      case 'PageDown':
        moveTo(activeIndex + pageRows(), event.shiftKey);
        break;
      case 'PageUp':
        moveTo(activeIndex - pageRows(), event.shiftKey);
        break;
      case 'Home':
        moveTo(0, event.shiftKey);
        break;
      case 'End':
        moveTo(count - 1, event.shiftKey);
        break;
      case 'x':
        if (!onToggle || activeIndex < 0) return;
        onToggle(activeIndex, false);
        break;
      case 'Enter':
        if (!onOpen || activeIndex < 0) return;
        onOpen(activeIndex);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  // The same object for the life of the table, so that rows are drawn again only when they change.
  const dragFrom = useRef<number | null>(null);
  const latest = useRef({ onActiveChange, onToggle, onOpen, extend });
  latest.current = { onActiveChange, onToggle, onOpen, extend };
  const [on] = useState<RowEvents>(() => ({
    press: (index, { extend, toggle }) => {
      latest.current.onActiveChange(index);
      if (extend || toggle) latest.current.onToggle?.(index, extend);
    },
    open: (index) => latest.current.onOpen?.(index),
    dragFrom: (index) => {
      dragFrom.current = index;
      addEventListener('pointerup', () => (dragFrom.current = null), { once: true });
    },
    dragTo: (index) => {
      const from = dragFrom.current;
      if (from === null || from === index) return;
      latest.current.extend(from, index);
    },
  }));
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);

  const template = `${onToggle ? '28px ' : ''}${columns.map((column) => column.width).join(' ')}`;
  const headerOffset = onToggle ? 2 : 1;
  return (
    <div className="vtable">
      <div
        ref={scrollRef}
        className={classNames('vtable-scroll', count === 0 && 'is-empty')}
        role="grid"
        aria-label={label}
        aria-rowcount={count + 1}
        aria-colcount={columns.length + (onToggle ? 1 : 0)}
        aria-multiselectable={onToggle ? true : undefined}
        aria-activedescendant={
          activeIndex >= first && activeIndex <= last && count > 0 ? `${id}-${activeIndex}` : undefined
        }
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div
          className={classNames('vtable-header', hideHeader && 'visually-hidden')}
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template }}
        >
          {onToggle ? (
            <div role="columnheader" aria-colindex={1}>
              <span className="visually-hidden">Selected</span>
            </div>
          ) : null}
          {columns.map((column, index) => (
            <div
              key={column.key}
              role="columnheader"
              aria-colindex={index + headerOffset}
              aria-sort={column.sorted ?? (column.onSort ? 'none' : undefined)}
              className={column.align === 'end' ? 'align-end' : undefined}
            >
              <HeaderLabel column={column} />
              {onResize ? <ResizeEdge onResize={(widthPx) => onResize(column.key, widthPx)} /> : null}
            </div>
          ))}
        </div>
        {count === 0 ? null : (
          <div className="vtable-body" role="presentation" style={{ height: bodyPx }}>
            {/* Stays in sight and moves its rows by itself: a row far down stands at no place too great to be exact. */}
            <div
              className="vtable-window"
              role="presentation"
              style={{ top: hideHeader ? 0 : headerPx, transform: `translateY(${offsetPx}px)` }}
            >
              {indexes.map((index) => {
                const row = rowAt(index);
                return (
                  <TableRow
                    key={row === undefined ? `pending-${index}` : keyOf(row)}
                    id={`${id}-${index}`}
                    index={index}
                    row={row}
                    columns={columns}
                    template={template}
                    heightPx={rowHeight}
                    active={index === activeIndex}
                    selected={row !== undefined && (isSelected?.(row) ?? false)}
                    selectable={onToggle !== undefined}
                    rowClass={rowClass}
                    rowLabel={rowLabel}
                    on={on}
                  />
                );
              })}
            </div>
          </div>
        )}
      </div>
      {/* Outside of the grid, in which only rows may stand. */}
      {count === 0 ? <div className="vtable-nothing">{empty}</div> : null}
    </div>
  );
}

/** What a pointer does to rows. */
interface RowEvents {
  readonly press: (index: number, how: { readonly extend: boolean; readonly toggle: boolean }) => void;
  readonly open: (index: number) => void;
  /** The button went down on the box of a row, and then came over another row. */
  readonly dragFrom: (index: number) => void;
  readonly dragTo: (index: number) => void;
}

interface TableRowProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly row: Row | undefined;
  readonly columns: readonly Column<Row>[];
  readonly template: string;
  readonly heightPx: number;
  readonly active: boolean;
  readonly selected: boolean;
  readonly selectable: boolean;
  readonly rowClass: ((row: Row) => string | null) | undefined;
  readonly rowLabel: ((row: Row) => string) | undefined;
  readonly on: RowEvents;
}

/** One row. Drawn again only when something of it changed: moving through a list changes two rows of those in sight. */
const TableRow = memo(PlainTableRow) as typeof PlainTableRow;

function PlainTableRow<Row>({
  id,
  index,
  row,
  columns,
  template,
  heightPx,
  active,
  selected,
  selectable,
  rowClass,
  rowLabel,
  on,
}: TableRowProps<Row>) {
  const firstColumn = selectable ? 2 : 1;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : active}
      aria-label={row !== undefined && rowLabel ? toSafeExcerpt(rowLabel(row), 300) : undefined}
      className={classNames(
        'vtable-row',
        active && 'is-active',
        selected && 'is-selected',
        row === undefined && 'is-pending',
        row !== undefined && rowClass?.(row),
      )}
      style={{ gridTemplateColumns: template, height: heightPx }}
      onMouseDown={(event) => {
        if (event.shiftKey) event.preventDefault();
      }}
      onClick={(event) => on.press(index, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey })}
      onDoubleClick={() => on.open(index)}
      onPointerEnter={() => on.dragTo(index)}
    >
      {selectable ? (
        <div
          role="gridcell"
          aria-colindex={1}
          className="vtable-check"
          onPointerDown={(event) => {
            if (event.button === 0) on.dragFrom(index);
          }}
        >
          <input
            type="checkbox"
            className="checkbox"
            tabIndex={-1}
            checked={selected}
            aria-label="Select row"
            onChange={() => undefined}
            onClick={(event) => {
              event.stopPropagation();
              on.press(index, { extend: event.shiftKey, toggle: true });
            }}
          />
        </div>
      ) : null}
      {columns.map((column, place) => (
        <div
          key={column.key}
          role="gridcell"
          aria-colindex={place + firstColumn}
          className={classNames(
            'vtable-cell',
            column.align === 'end' && 'align-end',
            column.data && 'mono tabular',
          )}
        >
          {row === undefined ? (
            <span className="skeleton" />
          ) : (
            column.render(row, { index, active, selected })
          )}
        </div>
      ))}
    </div>
  );
}

/** A column's name; a button where pressing it sorts. */
function HeaderLabel<Row>({ column }: { readonly column: Column<Row> }) {
  const name = column.hideHeader ? <span className="visually-hidden">{column.header}</span> : column.header;
  if (!column.onSort) return name;
  return (
    <button type="button" className="vtable-sort" onClick={column.onSort}>
      {name}
      {column.sorted ? (
        <Icon name={column.sorted === 'descending' ? 'chevron-down' : 'chevron-up'} size={10} />
      ) : null}
    </button>
  );
}

/** No column gets narrower than this by dragging. */
const leastWidthPx = 40;

/** The edge of a header that a pointer drags. */
function ResizeEdge({ onResize }: { readonly onResize: (widthPx: number) => void }) {
  const start = useRef<{ readonly x: number; readonly width: number } | null>(null);
  return (
    <span
      className="vtable-edge"
      aria-hidden="true"
      onPointerDown={(event) => {
        const width = event.currentTarget.parentElement?.getBoundingClientRect().width ?? 0;
        start.current = { x: event.clientX, width };
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (start.current === null) return;
        onResize(Math.max(leastWidthPx, Math.round(start.current.width + event.clientX - start.current.x)));
      }}
      onPointerUp={() => {
        start.current = null;
      }}
    />
  );
}
