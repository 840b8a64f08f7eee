import { hourMs } from '../../shared/domain/time.ts';
import type { Brush } from '../state/brush.ts';
import { CheckboxField, Icon, IconButton, SelectField, Tabs, useApp, type useShowTime } from '../ui/index.ts';
import { QueryBar } from './query-bar.tsx';
import { sorts, sortWords } from './queue-columns.tsx';
import { SavedViews } from './saved-views.tsx';
import type { QueueDesk } from './use-queue-desk.ts';
import type { LaneChoice } from './use-queue-search.ts';

/** The bar above the list: lane, search, filters that came from elsewhere, order, views. */
export function QueueFilters({ desk }: { readonly desk: QueueDesk }) {
  const { search } = desk;
  const actionableOpen = useApp((state) => state.status?.actionableOpen ?? null);
  const informationalOpen = useApp((state) => state.status?.informationalOpen ?? null);
  return (
    <>
      <Tabs<LaneChoice>
        label="Lane"
        look="segmented"
        active={search.lane}
        onChange={search.setLane}
        tabs={[
          { id: 'actionable', label: 'Actionable', count: actionableOpen, keys: '1' },
          { id: 'informational', label: 'Informational', count: informationalOpen, keys: '2' },
          { id: 'all', label: 'Both', keys: '3' },
        ]}
      />
      <QueryBar
        value={search.text}
        onChange={search.typeText}
        onDone={() => {
          // Asked for before typing has rested: the next key may be about what it finds.
          search.setText(search.text);
          desk.tableRef.current?.focus();
        }}
        inputRef={desk.searchRef}
      />
      {search.brush ? (
        <Chip label="Time" onRemove={() => search.setBrush(null)}>
          {brushWords(search.brush, desk.showTime)}
        </Chip>
      ) : null}
      {search.focusNames.length === 0 ? null : (
        <Chip label="Watched" onRemove={search.clearFocus}>
          {search.focusNames.join(' · ').slice(0, 60)}
        </Chip>
      )}
      <SelectField
        label="Order"
        hideLabel
        value={search.sort}
        onChange={search.setSort}
        options={sorts.map((value) => ({
          value,
          label: `${sortWords[value]}${value === search.sort && search.reversed ? ', turned round' : ''}`,
        }))}
      />
      <IconButton
        icon="columns"
        label="Columns"
        keys="Shift+c"
        onClick={() => desk.openDialog({ kind: 'columns' })}
      />
      <CheckboxField label="Closed too" checked={search.includeDone} onChange={search.setIncludeDone} />
      <SavedViews query={search.ownQuery} onOpen={search.openView} />
    </>
  );
}

/** A range of hours by the clock; of days by their dates, as charts write them: the bar is narrow. */
function brushWords({ fromMs, toMs }: Brush, showTime: ReturnType<typeof useShowTime>): string {
  const end = (timeMs: number) =>
    toMs - fromMs < 20 * hourMs ? showTime(timeMs, 'clock') : showTime(timeMs).slice(5, 10);
  return end(fromMs) === end(toMs) ? end(fromMs) : `${end(fromMs)}–${end(toMs)}`;
}

/** A filter that came from elsewhere, with its remove button. */
function Chip({
  label,
  children,
  onRemove,
}: {
  readonly label: string;
  readonly children: string;
  readonly onRemove: () => void;
}) {
  return (
    <span className="chip">
      <span className="chip-label">{label}</span>
      <span className="tabular">{children}</span>
      <button
        type="button"
        className="chip-remove"
        aria-label={`Remove the filter ${label}`}
        onClick={onRemove}
      >
        <Icon name="close" size={10} />
      </button>
    </span>
  );
}
