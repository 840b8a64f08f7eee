import { useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { SplitBy } from '../../shared/domain/alert-split.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import {
  DataTable,
  ErrorNote,
  FormDialog,
  LoadingState,
  Notice,
  SafeText,
  SelectField,
  Tabs,
  useCall,
  useShowTime,
} from '../ui/index.ts';

type Part = MethodOutput<'alerts.previewSplit'>['parts'][number];

const gaps = [
  { value: '60000', label: '1 min', ms: minuteMs },
  { value: '300000', label: '5 min', ms: 5 * minuteMs },
  { value: '900000', label: '15 min', ms: 15 * minuteMs },
  { value: '3600000', label: '1 h', ms: hourMs },
  { value: '21600000', label: '6 h', ms: 6 * hourMs },
] as const;
const usualGap = gaps[1];

/** So many parts are listed; their number is always told. */
const mostShown = 12;

interface EntityChoice {
  readonly value: string;
  readonly label: string;
  readonly kind: Entity['kind'];
  readonly role: Entity['role'];
  readonly values: number;
}

/** By which entities an alert can be told apart, those with the most values first. */
function entityChoices(alert: Alert): EntityChoice[] {
  const choices = new Map<string, EntityChoice>();
  for (const { kind, role } of alert.entities) {
    const value = `${role} ${kind}`;
    const known = choices.get(value);
    const words = `${role} ${kind === 'ip' ? 'address' : kind}`;
    choices.set(value, {
      value,
      label: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
      kind,
      role,
      values: (known?.values ?? 0) + 1,
    });
  }
  return [...choices.values()].sort((left, right) => right.values - left.values);
}

/** Chooses by what an alert is split, and shows the parts with their counts before. */
export function SplitDialog({
  alert,
  onClose,
  onConfirm,
}: {
  readonly alert: Alert;
  readonly onClose: () => void;
  readonly onConfirm: (by: SplitBy) => void;
}) {
  const showTime = useShowTime();
  const choices = entityChoices(alert);
  const [first] = choices;
  const [kind, setKind] = useState<SplitBy['kind']>(
    first !== undefined && first.values > 1 ? 'entity' : 'gap',
  );
  const [gap, setGap] = useState<string>(usualGap.value);
  const [entity, setEntity] = useState(first?.value ?? '');
  const chosen = choices.find(({ value }) => value === entity);
  const by: SplitBy =
    kind === 'entity' && chosen !== undefined
      ? { kind, entity: chosen.kind, role: chosen.role }
      : { kind: 'gap', gapMs: gaps.find(({ value }) => value === gap)?.ms ?? usualGap.ms };
  const preview = useCall('alerts.previewSplit', { id: alert.id, by });
  const { data } = preview;
  const parts = data?.parts ?? [];
  const canSplit = data !== null && data.problem === null && parts.length > 1 && !preview.loading;
  const most = Math.max(...parts.map(({ count }) => count), 1);
  return (
    <FormDialog
      title="Split an alert"
      onClose={onClose}
      confirmLabel={canSplit ? `Split into ${parts.length.toLocaleString('en')} parts` : 'Split'}
      ready={canSplit}
      onConfirm={() => onConfirm(by)}
    >
      <p className="alert-why">
        <SafeText text={alert.title} limit={200} plain />
      </p>
      <Tabs<SplitBy['kind']>
        label="Split by"
        look="segmented"
        active={kind}
        onChange={setKind}
        tabs={[
          ...(choices.length === 0 ? [] : [{ id: 'entity' as const, label: 'By whom or what' }]),
          { id: 'gap', label: 'By silence' },
        ]}
      />
      {kind === 'entity' && chosen !== undefined ? (
        <SelectField
          label="A part for each"
          value={entity}
          onChange={setEntity}
          options={choices.map(({ value, label }) => ({ value, label }))}
        />
      ) : (
        <SelectField
          label="A part ends where nothing came for longer than"
          value={gap}
          onChange={setGap}
          options={gaps.map(({ value, label }) => ({ value, label }))}
        />
      )}
      {preview.error ? <ErrorNote error={preview.error} /> : null}
      {data === null ? (
        preview.error ? null : (
          <LoadingState label="Looking at its occurrences" />
        )
      ) : data.problem !== null ? (
        <Notice tone="warning">{data.problem}</Notice>
      ) : parts.length === 0 ? (
        <Notice>
          No record of it is kept here: an alert of detection has findings, and cannot be split.
        </Notice>
      ) : parts.length === 1 ? (
        <Notice>This does not tell its occurrences apart: there is one part alone.</Notice>
      ) : (
        <div className="part-table">
          <DataTable<Part>
            label="Parts"
            rows={parts.slice(0, mostShown)}
            keyOf={(part) => `${parts.indexOf(part)}`}
            columns={[
              {
                key: 'label',
                header: 'What came',
                render: ({ label }) => <SafeText text={label} limit={80} plain />,
              },
              {
                key: 'time',
                header: 'From and until',
                width: '150px',
                data: true,
                render: ({ firstMs, lastMs }) => `${showTime(firstMs, 'clock')}–${showTime(lastMs, 'clock')}`,
              },
              {
                key: 'count',
                header: 'Occurrences',
                width: '128px',
                align: 'end',
                data: true,
                render: ({ count }) => (
                  <span className="part-count">
                    <span className="part-bar" style={{ width: `${(count / most) * 48}px` }} />
                    {count.toLocaleString('en')}
                  </span>
                ),
              },
            ]}
          />
          {parts.length > mostShown ? (
            <p className="quiet">{(parts.length - mostShown).toLocaleString('en')} smaller parts more</p>
          ) : null}
        </div>
      )}
      <p className="quiet">
        Each part is worked by itself, over records that stay where they are. What comes later falls to this
        alert, which is then back in the queue. Its parts can be put together again.
      </p>
    </FormDialog>
  );
}
