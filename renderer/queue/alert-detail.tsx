import './alert-detail.css';
import { useRef, useState } from 'react';
import type { MethodOutput } from '../../shared/api/contract.ts';
import { specialRangeOf } from '../../shared/domain/address-range.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import {
  Badge,
  Button,
  CaseStatusBadge,
  CodeBlock,
  type CodeBlockHandle,
  dispositionWords,
  ErrorNote,
  Facts,
  IconButton,
  Kbd,
  LaneBadge,
  LoadingState,
  Menu,
  type MenuItem,
  MitigatedBadge,
  ObservableText,
  Pane,
  prettyRecord,
  SafeText,
  Section,
  SelectField,
  SeverityBadge,
  SimulatedMark,
  StatusBadge,
  sourceStateWords,
  Time,
  useApp,
  useCall,
  useCommands,
  useDebounced,
} from '../ui/index.ts';
import { AlertClocks } from './clock-mark.tsx';
import { AlertEvidence } from './evidence.tsx';
import { Grouping } from './grouping.tsx';
import { MergeNotes, MergeSection } from './merge-section.tsx';
import { entityQuery, originWords, pivotsOf } from './pivots.ts';
import { SuppressedMark } from './suppressed-mark.tsx';

type Detail = MethodOutput<'alerts.get'>;

export interface AlertDetailProps {
  readonly alertId: string;
  /** The row as the list has it, so that moving through the list shows something at once. */
  readonly row: Alert | undefined;
  readonly evidenceOpen: boolean;
  readonly onEvidence: (open: boolean) => void;
  readonly onClose: () => void;
  readonly onOpenAlert: (alertId: string) => void;
  readonly onSearch: (text: string) => void;
}

/** Everything about one alert, the reason first. */
export function AlertDetail({
  alertId,
  row,
  evidenceOpen,
  onEvidence,
  onClose,
  onOpenAlert,
  onSearch,
}: AlertDetailProps) {
  // While the analyst runs through the list with j and k, only the alert where they stop is asked for.
  const settledId = useDebounced(alertId, 90);
  const call = useCall(
    'alerts.get',
    { id: settledId },
    { events: ['alerts.changed', 'mitigations.changed'] },
  );
  const detail = call.data?.alert.id === alertId ? call.data : null;
  const alert = detail?.alert ?? row;
  const goTo = useApp((state) => state.goTo);
  const names = useAlertNames(alert);

  if (!alert) {
    return (
      <Pane
        title="Alert"
        aside={<IconButton icon="close" label="Close details" keys="Escape" onClick={onClose} />}
      >
        {call.error ? <ErrorNote error={call.error} /> : <LoadingState label="Loading the alert" />}
      </Pane>
    );
  }
  return (
    <Pane
      title={
        <span className="alert-detail-title">
          <SeverityBadge severity={alert.severity} hollow={alert.status !== 'new'} />
          <StatusBadge status={alert.status} />
          <LaneBadge lane={alert.lane} />
          {alert.simulated ? <SimulatedMark /> : null}
        </span>
      }
      aside={<IconButton icon="close" label="Close details" keys="Escape" onClick={onClose} />}
      className="alert-detail"
    >
      <h3 className="alert-title">
        <SafeText text={alert.title} limit={240} />
      </h3>
      <p className="alert-why">
        <SafeText text={alert.why} multiline limit={1_200} />
      </p>
      {call.error && detail === null ? <ErrorNote error={call.error} /> : null}
      <SuppressedMark alert={alert} />
      {detail === null ? null : <MergeNotes detail={detail} onOpenAlert={onOpenAlert} />}
      <div className="alert-marks">
        <MitigatedBadge mitigated={alert.mitigated} />
        {alert.sourceState ? (
          <Badge outline>{sourceStateWords[alert.sourceState]} at the source</Badge>
        ) : null}
        {alert.snoozedUntilMs === null ? null : (
          <Badge outline>
            Sleeps until <Time timeMs={alert.snoozedUntilMs} format="clock" />
          </Badge>
        )}
        {alert.caseId === null ? null : (
          <Button small icon="cases" onClick={() => goTo('cases', { caseId: alert.caseId ?? '' })}>
            Open its case
          </Button>
        )}
      </div>

      {detail === null ? null : (
        <MergeSection detail={detail} onOpenAlert={onOpenAlert} onSearch={onSearch} />
      )}

      {alert.signalIds.length === 0 ? (
        detail === null ? null : (
          <Grouping alert={alert} grouping={detail.grouping} histogram={detail.histogram} />
        )
      ) : (
        <Section
          title="Evidence"
          aside={
            <Button
              small
              variant="quiet"
              keys="v"
              aria-expanded={evidenceOpen}
              onClick={() => onEvidence(!evidenceOpen)}
            >
              {evidenceOpen ? 'Hide' : 'Show'}
            </Button>
          }
        >
          {evidenceOpen ? (
            <AlertEvidence
              key={alert.id}
              alert={alert}
              findings={detail?.findings ?? []}
              incident={detail?.incident ?? null}
            />
          ) : (
            <p className="quiet">
              Press <Kbd keys="v" /> for how it works, the baseline, and how often this would have fired.
            </p>
          )}
        </Section>
      )}

      <Section title="Facts">
        <Facts
          items={[
            { name: 'Received', value: <Time timeMs={alert.receivedMs} /> },
            { name: 'First seen', value: <Time timeMs={alert.firstSeenMs} /> },
            { name: 'Last seen', value: <Time timeMs={alert.lastSeenMs} /> },
            { name: 'Count', value: <span className="tabular">{alert.count.toLocaleString('en')}</span> },
            { name: 'Customer', value: <SafeText text={names.customer} plain /> },
            { name: 'Service', value: <SafeText text={names.service} plain /> },
            { name: 'Source', value: <SafeText text={names.source} plain /> },
            { name: 'Assignee', value: <SafeText text={alert.assignee ?? 'Nobody yet'} plain /> },
            ...(alert.disposition === null
              ? []
              : [{ name: 'Disposition', value: dispositionWords[alert.disposition] }]),
            ...(alert.techniques.length === 0
              ? []
              : [
                  {
                    name: 'ATT&CK',
                    value: <Techniques ids={alert.techniques} known={detail?.techniques ?? []} />,
                  },
                ]),
          ]}
        />
      </Section>

      <AlertClocks alert={alert} />
      <Pivots alert={alert} origins={detail?.origins.rows ?? []} onSearch={onSearch} />

      {alert.entities.length > 0 ? (
        <Entities alert={alert} origins={detail?.origins ?? null} onSearch={onSearch} />
      ) : null}

      {detail === null ? (
        <LoadingState label="Loading the records" />
      ) : (
        <DetailRecords key={detail.alert.id} detail={detail} onOpenAlert={onOpenAlert} />
      )}
    </Pane>
  );
}

/** What an alert is about, addresses with what is known of them in general, and searches from each. */
function Entities({
  alert,
  origins,
  onSearch,
}: {
  readonly alert: Alert;
  readonly origins: Detail['origins'] | null;
  readonly onSearch: (text: string) => void;
}) {
  const search = (id: string, label: string, query: string): MenuItem => ({
    id,
    label,
    icon: 'search',
    onSelect: () => onSearch(query),
  });
  return (
    <Section title={`Entities (${alert.entities.length})`}>
      <ul className="entity-list" aria-label="Entities">
        {alert.entities.slice(0, 60).map((entity) => {
          const isAddress = entity.kind === 'ip' || entity.kind === 'cidr';
          const origin =
            entity.kind === 'ip' ? origins?.rows.find(({ address }) => address === entity.value) : undefined;
          return (
            <li key={`${entity.kind} ${entity.role} ${entity.value}`}>
              <span className="entity-role">{entity.role}</span>
              <ObservableText
                kind={entity.kind}
                value={entity.value}
                note={isAddress ? specialRangeOf(entity.value) : null}
                actions={[
                  search('search', 'Search the queue for it', entityQuery(entity)),
                  ...(origin === undefined || origin.asn === null
                    ? []
                    : [search('asn', `Search for AS${origin.asn}`, `asn:${origin.asn}`)]),
                  ...(origin === undefined || origin.country === null
                    ? []
                    : [search('country', `Search for ${origin.country}`, `country:${origin.country}`)]),
                ]}
              />
              {origin === undefined ? null : <span className="entity-origin">{originWords(origin)}</span>}
            </li>
          );
        })}
      </ul>
      {alert.entities.length > 60 ? <p className="quiet">{alert.entities.length - 60} more</p> : null}
      {origins?.source ? (
        <p className="entity-source">
          Networks and countries of registration as of {origins.source.made}, from data of{' '}
          {origins.source.notice}.
        </p>
      ) : null}
    </Section>
  );
}

/** Techniques with their names; one that ATT&CK does not have by its id alone. */
function Techniques({
  ids,
  known,
}: {
  readonly ids: readonly string[];
  readonly known: Detail['techniques'];
}) {
  return (
    <ul className="technique-names" aria-label="ATT&CK techniques">
      {ids.map((id) => {
        const technique = known.find((each) => each.id === id.toUpperCase());
        return (
          <li key={id}>
            <span className="mono">{id}</span>{' '}
            {technique === undefined ? null : (
              <span className="quiet">{`${technique.name} (${technique.tactics.join(', ')})`}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Where to go from here: each is a search of the queue, by button, by `r` and its menu, and in the palette. */
function Pivots({
  alert,
  origins,
  onSearch,
}: {
  readonly alert: Alert;
  readonly origins: Detail['origins']['rows'];
  readonly onSearch: (text: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const pivots = pivotsOf(alert, origins);
  useCommands([
    {
      id: 'queue.pivot',
      title: 'Search from this alert',
      group: 'Queue',
      keys: ['r'],
      run: () => setOpen(true),
    },
  ]);
  return (
    <Section title="Search from here" aside={<Kbd keys="r" />}>
      <div className="pivots" ref={anchor}>
        {pivots.map((pivot) => (
          <Button
            key={pivot.id}
            small
            title={toSafeExcerpt(pivot.by, 200)}
            onClick={() => onSearch(pivot.query)}
          >
            {pivot.label}
          </Button>
        ))}
      </div>
      {open ? (
        <Menu
          label="Search from this alert"
          anchor={anchor.current}
          onClose={() => setOpen(false)}
          items={pivots.map((pivot) => ({
            id: pivot.id,
            label: pivot.label,
            hint: toSafeExcerpt(pivot.by, 80),
            onSelect: () => onSearch(pivot.query),
          }))}
        />
      ) : null}
    </Section>
  );
}

/** Names of what an alert refers to by id. */
function useAlertNames(alert: Alert | undefined): { customer: string; service: string; source: string } {
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const sources = useApp((state) => state.status?.sources);
  const find = <Row extends { readonly id: string; readonly name: string }>(
    rows: readonly Row[],
    id: string | null | undefined,
    none: string,
  ) => (id === null || id === undefined ? none : (rows.find((each) => each.id === id)?.name ?? id));
  // Records that came from a file by the command line have a source that no list holds: its kind says it.
  const sourceName = sources?.find((each) => each.id === alert?.sourceId)?.name;
  return {
    customer: find(customers, alert?.customerId, 'Not known'),
    service: find(services, alert?.serviceId, 'Not known'),
    source:
      alert?.sourceId === 'detection'
        ? 'Watchfloor’s own detection'
        : sourceName === undefined
          ? (alert?.sourceKind ?? 'Not known')
          : `${sourceName} (${alert?.sourceKind ?? ''})`,
  };
}

function DetailRecords({
  detail,
  onOpenAlert,
}: {
  readonly detail: Detail;
  readonly onOpenAlert: (alertId: string) => void;
}) {
  const [occurrenceId, setOccurrenceId] = useState('');
  const [contextId, setContextId] = useState<string | null>(null);
  const occurrence = detail.occurrences.find((each) => each.id === occurrenceId) ?? detail.occurrences[0];
  const context = detail.context.find((each) => each.id === contextId);
  const { count } = detail.alert;
  const goTo = useApp((state) => state.goTo);
  const recordRef = useRef<CodeBlockHandle>(null);
  useCommands([
    {
      id: 'queue.find',
      title: 'Find in the raw record',
      group: 'Queue',
      keys: ['Ctrl+f'],
      enabled: occurrence !== undefined,
      run: () => recordRef.current?.find(),
    },
  ]);
  const zoneTime = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
  return (
    <>
      {occurrence ? (
        <Section title={count === 1 ? 'Raw record' : `Raw records (${count.toLocaleString('en')})`}>
          {detail.occurrences.length > 1 ? (
            <SelectField
              label="Occurrence"
              hideLabel
              value={occurrence.id}
              onChange={setOccurrenceId}
              options={detail.occurrences.map((each, index) => ({
                value: each.id,
                label: `${index + 1} of ${count.toLocaleString('en')} · ${zoneTime(each.occurredMs)}Z`,
              }))}
            />
          ) : null}
          <CodeBlock
            key={occurrence.id}
            label="Raw record"
            text={prettyRecord(occurrence.raw)}
            searchable
            handle={recordRef}
          />
        </Section>
      ) : null}

      {detail.context.length > 0 ? (
        <Section title={`Around it (${detail.context.length})`}>
          <ul className="context-list" aria-label="Context events">
            {detail.context.slice(0, 40).map((event) => (
              <li key={event.id}>
                <button
                  type="button"
                  className="context-row"
                  aria-expanded={contextId === event.id}
                  onClick={() => setContextId(contextId === event.id ? null : event.id)}
                >
                  <Time timeMs={event.timeMs} format="clock" age={false} />
                  <span className="mono">{event.type}</span>
                  <SafeText text={event.summary} limit={160} plain />
                </button>
                {context?.id === event.id ? (
                  <CodeBlock label={`${event.type} record`} text={prettyRecord(context.raw)} />
                ) : null}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}

      {detail.related.length > 0 ? (
        <Section title={`Related (${detail.related.length})`}>
          <ul className="related-list" aria-label="Related alerts">
            {detail.related.slice(0, 20).map((related) => (
              <li key={related.id}>
                <button type="button" className="related-row" onClick={() => onOpenAlert(related.id)}>
                  <SeverityBadge severity={related.severity} compact hollow={related.status !== 'new'} />
                  <Time timeMs={related.receivedMs} format="clock" age={false} />
                  <SafeText text={related.title} limit={160} plain />
                  <span className="tabular quiet">×{related.count.toLocaleString('en')}</span>
                </button>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}

      {detail.cases.length > 0 ? (
        <Section title={`Cases that share an entity (${detail.cases.length})`}>
          <ul className="related-list" aria-label="Cases that share an entity">
            {detail.cases.map((each) => (
              <li key={each.case.id}>
                <button
                  type="button"
                  className="related-row"
                  onClick={() => goTo('cases', { caseId: each.case.id })}
                >
                  <CaseStatusBadge status={each.case.status} />
                  <SafeText text={each.case.title} limit={160} plain />
                  <span className="quiet mono">
                    <SafeText text={sharedWords(each.shared)} limit={60} plain />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}

      <Section title="History">
        {detail.history.length === 0 ? (
          <p className="quiet">Nobody has acted on this alert yet.</p>
        ) : (
          <ol className="history-list" aria-label="History">
            {detail.history.map((step) => (
              <li key={`${step.timeMs} ${step.sentence}`}>
                <Time timeMs={step.timeMs} format="clock" age={false} />
                <span>
                  <SafeText text={step.sentence} limit={400} />{' '}
                  <span className="quiet">
                    <SafeText text={step.actor} limit={60} plain />
                  </span>
                </span>
              </li>
            ))}
          </ol>
        )}
      </Section>
    </>
  );
}

/** What a case has in common with the alert: the first of it, and how many more. */
function sharedWords(values: readonly string[]): string {
  const [first = ''] = values;
  return values.length > 1 ? `${first} +${values.length - 1}` : first;
}
