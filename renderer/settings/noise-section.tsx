import { useState } from 'react';
import type { Customer } from '../../shared/domain/customer.ts';
import {
  type Noise,
  type NoiseGroup,
  type NoiseKind,
  noiseKinds,
  watchedHow,
} from '../../shared/domain/noise.ts';
import { dayMs, formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  CallView,
  classNames,
  type DataColumn,
  DataTable,
  EmptyState,
  SafeText,
  Section,
  SeverityShape,
  useApp,
  useAppStore,
  useCall,
  useCommands,
  useKeptState,
} from '../ui/index.ts';
import { CustomerDialog, useKeepCustomer } from './customers-section.tsx';
import { customerQuery, groupName, groupQuery, judgedWords, type NoiseNames } from './noise-words.ts';
import { ResponseTimes } from './response-times.tsx';

const kindWords = {
  source: 'Sources',
  service: 'Services',
  signal: 'Signals',
  rule: 'Rules and titles',
} as const satisfies Record<NoiseKind, string>;

type Day = Noise['days'][number];

interface Row {
  /** Of the customer, or one of the two words. */
  readonly id: string;
  readonly name: string;
  /** null where there is none. */
  readonly budget: number | null;
  readonly counts: readonly number[];
  /** What gives its alerts in the queue; null where no query can. */
  readonly query: string | null;
}
const everybodyId = 'everybody';
const nobodyId = 'nobody';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** `Wed 26`, by UTC as the days are. */
function dayWords(timeMs: number): string {
  const date = new Date(timeMs);
  return `${weekdays[date.getUTCDay()]} ${date.getUTCDate()}`;
}

/** How many actionable alerts customers were called for against what they are willing to be, and what called. */
export function NoiseSection() {
  const store = useAppStore();
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const signals = useApp((state) => state.signals);
  const sources = useApp((state) => state.status?.sources);
  const notify = useApp((state) => state.notify);
  const keepCustomer = useKeepCustomer();
  const [chosenId, setChosenId] = useKeptState<string | null>('settings.noise.customer', null);
  const [changing, setChanging] = useState<Customer | null>(null);
  const chosen = customers.find(({ id }) => id === chosenId);
  const customerId = chosen?.id ?? null;
  const call = useCall('noise.read', { customerId }, { everyMs: 30_000 });

  const names: NoiseNames = {
    customer: (id) => customers.find((each) => each.id === id)?.name,
    service: (id) => services.find((each) => each.id === id)?.name,
    source: (id) => sources?.find((each) => each.id === id)?.name,
    signal: (id) => signals.find((each) => each.id === id)?.name,
  };
  const serviceOf = (signalId: string) =>
    names.service(signals.find(({ id }) => id === signalId)?.serviceId ?? '') ?? null;
  const move = (by: number) => {
    const choices = rowsOf(call.data?.customers ?? [], customers, names).map(({ id }) => id);
    const place = choices.indexOf(customerId ?? everybodyId) + by;
    setChosenId(choices[Math.max(0, Math.min(choices.length - 1, place))] ?? null);
  };
  const showInQueue = (query: string, fromMs: number, toMs: number) => {
    const state = store.getState();
    state.setFocus({ customerId: null, serviceId: null });
    state.setBrush({ fromMs, toMs });
    state.goTo('queue', { query, includeDone: true });
  };
  useCommands([
    {
      id: 'settings.noise.next',
      title: 'Next customer',
      group: 'Noise',
      keys: ['j', 'ArrowDown'],
      hidden: true,
      run: () => move(1),
    },
    {
      id: 'settings.noise.previous',
      title: 'Previous customer',
      group: 'Noise',
      keys: ['k', 'ArrowUp'],
      hidden: true,
      run: () => move(-1),
    },
    {
      id: 'settings.noise.budget',
      title: 'Change the noise budget of the customer',
      group: 'Noise',
      keys: ['b'],
      enabled: chosen !== undefined,
      run: () => setChanging(chosen ?? null),
    },
  ]);

  return (
    <div className="settings-list is-filling noise">
      <div className="settings-bar">
        <h2 className="settings-heading">Noise</h2>
        <p className="quiet grow">
          Actionable alerts by the day they were received (UTC) and by the lane they are in now. A budget is
          only shown: nothing is ever held back because of it.
        </p>
        <Button keys="b" disabled={chosen === undefined} onClick={() => setChanging(chosen ?? null)}>
          Change budget
        </Button>
      </div>
      <CallView call={call} label="Counting the alerts of the last 7 days">
        {(noise) => {
          const fromMs = noise.days[0]?.dayMs ?? 0;
          const toMs = (noise.days.at(-1)?.dayMs ?? 0) + dayMs - 1;
          return (
            <div className="noise-body">
              <DataTable<Row>
                label="Actionable alerts a day by customer"
                rows={rowsOf(noise.customers, customers, names)}
                keyOf={(row) => row.id}
                onOpen={(row) => setChosenId(row.id)}
                isActive={(row) => row.id === (customerId ?? everybodyId)}
                empty={
                  <EmptyState title="No customer yet">
                    What calls, and how often, is shown here by customer and day.
                  </EmptyState>
                }
                columns={[
                  {
                    key: 'customer',
                    header: 'Customer',
                    render: (row) => <SafeText text={row.name} limit={80} plain />,
                  },
                  {
                    key: 'budget',
                    header: 'Budget',
                    align: 'end',
                    data: true,
                    render: (row) => row.budget?.toLocaleString('en') ?? '',
                  },
                  ...noise.days.map(
                    (day, index): DataColumn<Row> => ({
                      key: String(day.dayMs),
                      header: index === noise.days.length - 1 ? 'Today' : dayWords(day.dayMs),
                      align: 'end',
                      width: '86px',
                      render: ({ budget, counts, query }) => (
                        <DayCell
                          day={day}
                          count={counts[index] ?? 0}
                          budget={budget}
                          most={Math.max(...counts)}
                          onShow={
                            query === null ? null : () => showInQueue(query, day.dayMs, day.dayMs + dayMs - 1)
                          }
                        />
                      ),
                    }),
                  ),
                ]}
              />
              <Section
                title={
                  <>
                    What called for <SafeText text={chosen?.name ?? 'all customers'} limit={80} plain />
                    {noise.isExact ? '' : `, from the newest ${noise.alerts.toLocaleString('en')} alerts`}
                  </>
                }
              >
                {noise.alerts === 0 ? (
                  <EmptyState title="Nothing called in these days">
                    Days on which Watchfloor did not run are hatched: nothing is known of them.
                  </EmptyState>
                ) : (
                  <div className="noise-groups">
                    {noiseKinds.map((kind) => (
                      <Groups
                        key={kind}
                        kind={kind}
                        groups={noise.groups[kind]}
                        nameOf={(group) => groupName(kind, group.key, names)}
                        placeOf={(group) => (kind === 'signal' ? serviceOf(group.key) : null)}
                        onShow={(group) =>
                          showInQueue(groupQuery(kind, group, customerId, names), fromMs, toMs)
                        }
                      />
                    ))}
                  </div>
                )}
              </Section>
              <ResponseTimes customerId={customerId} />
            </div>
          );
        }}
      </CallView>
      {changing ? (
        <CustomerDialog
          customer={changing}
          focus="budget"
          onClose={() => setChanging(null)}
          onSaved={(customer) => {
            setChanging(null);
            keepCustomer(customer);
            notify({ text: `Saved ${customer.name}`, tone: 'good' });
          }}
        />
      ) : null}
    </div>
  );
}

/** All customers together, then each, then what belongs to none that is known. */
function rowsOf(
  counted: Noise['customers'],
  customers: readonly Customer[],
  names: NoiseNames,
): readonly Row[] {
  const [first] = counted;
  if (first === undefined) return [];
  return [
    {
      id: everybodyId,
      name: 'All customers',
      budget: null,
      counts: first.counts.map((_, day) => counted.reduce((sum, { counts }) => sum + (counts[day] ?? 0), 0)),
      query: customerQuery(null, names),
    },
    ...counted.map(({ customerId, counts }): Row => {
      if (customerId === null) {
        return { id: nobodyId, name: 'Of no known customer', budget: null, counts, query: null };
      }
      return {
        id: customerId,
        name: names.customer(customerId) ?? customerId,
        budget: customers.find(({ id }) => id === customerId)?.noiseBudget ?? null,
        counts,
        query: customerQuery(customerId, names),
      };
    }),
  ];
}

/** One day of a customer: its count, a bar beside the budget, and what of the day nobody watched. */
function DayCell({
  day,
  count,
  budget,
  most,
  onShow,
}: {
  readonly day: Day;
  readonly count: number;
  readonly budget: number | null;
  readonly most: number;
  readonly onShow: (() => void) | null;
}) {
  const how = watchedHow(day);
  const isOver = budget !== null && count > budget;
  // The budget stands in the middle at the furthest, so that a quiet day looks quiet.
  const scale = Math.max(most, (budget ?? 0) * 2, 1);
  const shown = `${how === 'not' ? '≥ ' : ''}${count.toLocaleString('en')}`;
  const ran =
    how === 'not'
      ? 'Watchfloor did not run: not known'
      : `Watchfloor ran ${formatDuration(day.watchedMs)} of ${formatDuration(day.lengthMs)}`;
  return (
    <span
      className={classNames('noise-day', isOver && 'is-over', `is-watched-${how}`)}
      title={how === 'whole' ? undefined : ran}
    >
      <span className="noise-count">
        {isOver ? (
          <>
            <SeverityShape severity="high" size={8} />
            <span className="visually-hidden">Over the budget of {budget}: </span>
          </>
        ) : null}
        {how === 'not' && count === 0 ? (
          <span className="quiet">not known</span>
        ) : count === 0 || onShow === null ? (
          <span className="mono tabular">{shown}</span>
        ) : (
          <button
            type="button"
            className="link-button mono tabular"
            onClick={(event) => {
              event.stopPropagation();
              onShow();
            }}
          >
            {shown}
          </button>
        )}
        {how === 'partly' ? <span className="quiet small">in {formatDuration(day.watchedMs)}</span> : null}
      </span>
      <span className="noise-bar" aria-hidden="true">
        <span className="noise-fill" style={{ width: `${(count / scale) * 100}%` }} />
        {budget === null ? null : (
          <span className="noise-limit" style={{ insetInlineStart: `${(budget / scale) * 100}%` }} />
        )}
      </span>
    </span>
  );
}

function Groups({
  kind,
  groups,
  nameOf,
  placeOf,
  onShow,
}: {
  readonly kind: NoiseKind;
  readonly groups: readonly NoiseGroup[];
  readonly nameOf: (group: NoiseGroup) => string;
  /** Where it belongs, for names that several bear. */
  readonly placeOf: (group: NoiseGroup) => string | null;
  readonly onShow: (group: NoiseGroup) => void;
}) {
  return (
    <DataTable<NoiseGroup>
      label={`What called, by ${kindWords[kind].toLowerCase()}`}
      rows={groups}
      keyOf={(group) => group.key}
      empty={<p className="quiet noise-none">{kindWords[kind]}: none</p>}
      columns={[
        {
          key: 'name',
          header: kindWords[kind],
          render: (group) => (
            <>
              <button type="button" className="link-button" onClick={() => onShow(group)}>
                <SafeText text={nameOf(group)} limit={120} plain />
              </button>{' '}
              <span className="quiet">
                <SafeText text={placeOf(group) ?? ''} limit={80} plain />
              </span>
            </>
          ),
        },
        {
          key: 'count',
          header: 'Alerts',
          width: '64px',
          align: 'end',
          data: true,
          render: (group) => group.count.toLocaleString('en'),
        },
        {
          key: 'nothing',
          header: 'False or benign',
          width: '132px',
          align: 'end',
          render: (group) => (
            <span className={classNames('tabular', group.judged === 0 && 'quiet')}>{judgedWords(group)}</span>
          ),
        },
      ]}
    />
  );
}
