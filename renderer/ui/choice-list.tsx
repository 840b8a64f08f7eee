import type { ReactNode } from 'react';

export interface ChoiceListProps<Row> {
  /** Its name for screen readers. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Key of the row that is shown beside the list. */
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
  /** What tells the rows apart. */
  readonly head: (row: Row) => ReactNode;
  /** What else is known of it, in a second line. */
  readonly facts: (row: Row) => ReactNode;
}

/** A short list, two lines a row, of which the chosen one is shown beside it. Long lists are a `VirtualTable`. */
export function ChoiceList<Row>({ label, rows, keyOf, chosen, onChoose, head, facts }: ChoiceListProps<Row>) {
  return (
    <ul className="choice-list" aria-label={label}>
      {rows.map((row) => {
        const key = keyOf(row);
        return (
          <li key={key}>
            <button
              type="button"
              className="choice"
              aria-pressed={key === chosen}
              onClick={() => onChoose(key)}
            >
              <span className="choice-head">{head(row)}</span>
              <span className="choice-facts">{facts(row)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
