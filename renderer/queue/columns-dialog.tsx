import type { Alert } from '../../shared/domain/alert.ts';
import { Button, CheckboxField, type Column, Dialog, IconButton, useConfirmKey } from '../ui/index.ts';
import { type ColumnLayout, titleKey, widthOf } from './queue-columns.tsx';

/**
 * Which columns the list has, in which order and how wide; every change shows at once behind the dialog.
 * @param columns every one there is
 * @param shown the keys that the list has now, in order
 */
export function ColumnsDialog({
  columns,
  shown,
  layout,
  onChange,
  onClose,
}: {
  readonly columns: readonly Column<Alert>[];
  readonly shown: readonly string[];
  readonly layout: ColumnLayout | null;
  readonly onChange: (layout: ColumnLayout | null) => void;
  readonly onClose: () => void;
}) {
  const chosen = layout?.shown ?? shown;
  const widths = layout?.widths ?? {};
  const change = (next: readonly string[]) => onChange({ shown: next, widths });
  const move = (key: string, by: number) => {
    const from = chosen.indexOf(key);
    const to = from + by;
    if (from < 0 || to < 0 || to >= chosen.length) return;
    change(chosen.toSpliced(from, 1).toSpliced(to, 0, key));
  };
  const ordered = [
    ...chosen.flatMap((key) => columns.find((column) => column.key === key) ?? []),
    ...columns.filter((column) => !chosen.includes(column.key)),
  ];
  const leftOut = chosen.filter((key) => !shown.includes(key)).length;
  useConfirmKey(onClose);
  return (
    <Dialog
      title="Columns"
      width="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={() => onChange(null)} disabled={layout === null}>
            Fit to the room
          </Button>
          <Button variant="primary" keys="Ctrl+Enter" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <p className="quiet">
        {layout === null
          ? 'Columns come and go with the room there is. A change here makes them yours.'
          : leftOut > 0
            ? `${leftOut} of ${chosen.length} do not fit now and are left out, from the end.`
            : 'Alt+↑ and Alt+↓ move a column.'}
      </p>
      <ul className="columns-list" aria-label="Columns">
        {ordered.map((column) => {
          const { key, header } = column;
          const place = chosen.indexOf(key);
          return (
            <li
              key={key}
              onKeyDown={(event) => {
                if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
                event.preventDefault();
                move(key, event.key === 'ArrowUp' ? -1 : 1);
              }}
            >
              <CheckboxField
                label={header}
                checked={place >= 0}
                disabled={key === titleKey}
                onChange={(checked) =>
                  change(checked ? [...chosen, key] : chosen.filter((each) => each !== key))
                }
              />
              <input
                type="number"
                className="input tabular"
                aria-label={`${header}: ${key === titleKey ? 'least width' : 'width'}, px`}
                min={40}
                max={800}
                step={4}
                disabled={place < 0}
                value={widthOf(column, layout)}
                onChange={(event) => {
                  const width = event.target.valueAsNumber;
                  if (width >= 24 && width <= 2_000) {
                    onChange({ shown: chosen, widths: { ...widths, [key]: width } });
                  }
                }}
              />
              <IconButton
                icon="chevron-up"
                label={`Move ${header} forward`}
                disabled={place <= 0}
                onClick={() => move(key, -1)}
              />
              <IconButton
                icon="chevron-down"
                label={`Move ${header} back`}
                disabled={place < 0 || place === chosen.length - 1}
                onClick={() => move(key, 1)}
              />
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
