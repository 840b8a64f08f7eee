import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

export interface DataColumn<Row> {
  readonly key: string;
  readonly header: string;
  /** The header is there for screen readers alone, e.g. above buttons that speak for themselves. */
  readonly hideHeader?: boolean;
  readonly align?: 'start' | 'end';
  /** Mono face and tabular figures. */
  readonly data?: boolean;
  readonly width?: string;
  readonly render: (row: Row) => ReactNode;
}

/** A short table that is there as a whole (ledger, signals, sources). For long lists take VirtualTable. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  empty,
  onOpen,
  isActive,
}: {
  readonly label: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty?: ReactNode;
  /** Given: rows can be chosen by click and Enter. */
  readonly onOpen?: (row: Row) => void;
  readonly isActive?: (row: Row) => boolean;
}) {
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <div className="data-table-scroll">
      <table className="data-table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.align === 'end' ? 'align-end' : undefined}
                style={column.width ? { width: column.width } : undefined}
              >
                {column.hideHeader ? <span className="visually-hidden">{column.header}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              className={classNames(onOpen && 'is-clickable', isActive?.(row) && 'is-active')}
              tabIndex={onOpen ? 0 : undefined}
              aria-selected={isActive ? isActive(row) : undefined}
              onClick={onOpen ? () => onOpen(row) : undefined}
              onKeyDown={
                onOpen
                  ? (event) => {
                      if (event.target !== event.currentTarget) return;
                      if (event.key === 'Enter') {
                        event.preventDefault();
                        onOpen(row);
                      }
                    }
                  : undefined
              }
            >
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={classNames(column.align === 'end' && 'align-end', column.data && 'mono tabular')}
                >
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Names and values in two columns, e.g. an alert's facts. */
export function Facts({
  items,
}: {
  readonly items: readonly { readonly name: string; readonly value: ReactNode }[];
}) {
  return (
    <dl className="facts">
      {items.map((item) => (
        <div key={item.name} className="fact">
          <dt>{item.name}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
