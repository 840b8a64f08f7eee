import { useState } from 'react';
import {
  type ClockName,
  type ClockSummaryRow,
  type ClockTarget,
  clockedDays,
  clockNames,
  clockTargetSchema,
} from '../../shared/domain/clock.ts';
import { formatShare } from '../../shared/domain/quantity.ts';
import { dayMs, formatDuration, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { parseDuration } from '../../shared/query/query-values.ts';
import { clockWords } from '../queue/clock-mark.tsx';
import {
  Button,
  CallView,
  type DataColumn,
  DataTable,
  FormDialog,
  Section,
  SeverityBadge,
  severityWords,
  TextField,
  useAction,
  useApp,
  useCall,
} from '../ui/index.ts';

/** How fast people answered what called, against what was agreed with a customer; null is everybody. */
export function ResponseTimes({ customerId }: { readonly customerId: string | null }) {
  const call = useCall('clocks.summary', { customerId }, { everyMs: 30_000 });
  const name = useApp((state) => state.customers.find(({ id }) => id === customerId)?.name);
  const notify = useApp((state) => state.notify);
  const [changing, setChanging] = useState<ClockSummaryRow | null>(null);
  return (
    <Section
      title={
        call.data === null || call.data.isExact
          ? `Response times of ${clockedDays} days`
          : `Response times, from the newest ${call.data.alerts.toLocaleString('en')} alerts`
      }
    >
      <CallView call={call} label="Reading the response times">
        {({ rows }) => (
          <DataTable<ClockSummaryRow>
            label="Response times by severity"
            rows={rows}
            keyOf={({ severity }) => severity}
            onOpen={setChanging}
            columns={[
              {
                key: 'severity',
                header: 'Severity',
                render: ({ severity }) => <SeverityBadge severity={severity} />,
              },
              {
                key: 'alerts',
                header: 'Alerts',
                align: 'end',
                data: true,
                render: ({ alerts }) => alerts.toLocaleString('en'),
              },
              ...clockNames.map(
                (clock): DataColumn<ClockSummaryRow> => ({
                  key: clock,
                  header: `${clockWords[clock]}: median, within`,
                  align: 'end',
                  render: (row) => <ClockCell row={row} name={clock} />,
                }),
              ),
              {
                key: 'change',
                header: 'Targets',
                hideHeader: true,
                align: 'end',
                render: (row) => (
                  <Button
                    small
                    variant="quiet"
                    aria-label={`Change the targets for ${severityWords[row.severity].toLowerCase()} alerts`}
                    onClick={(event) => {
                      event.stopPropagation();
                      setChanging(row);
                    }}
                  >
                    Targets
                  </Button>
                ),
              },
            ]}
          />
        )}
      </CallView>
      {changing ? (
        <TargetsDialog
          row={changing}
          customerId={customerId}
          customerName={name ?? 'all customers'}
          onClose={() => setChanging(null)}
          onDone={() => {
            setChanging(null);
            call.refetch();
            notify({ text: 'Saved the targets', tone: 'good' });
          }}
        />
      ) : null}
    </Section>
  );
}

/** The median, the share within the target, and the target; how many run over it now. */
function ClockCell({ row, name }: { readonly row: ClockSummaryRow; readonly name: ClockName }) {
  const clock = row.clocks.find((each) => each.name === name);
  if (!clock) return null;
  const judged = clock.done + clock.over;
  const target = formatDuration(row.target[name]);
  const over = clock.over === 0 ? '' : `, ${clock.over.toLocaleString('en')} over it now`;
  return (
    <span
      className="response-cell tabular"
      title={`${clock.within.toLocaleString('en')} of ${judged.toLocaleString('en')} within ${target}${over}`}
    >
      {judged === 0 ? (
        <span className="quiet">none yet</span>
      ) : (
        <span>
          {clock.medianMs === null ? 'open' : formatDuration(clock.medianMs)},{' '}
          <strong>{formatShare(clock.within / judged)}</strong>
        </span>
      )}
      <span className="quiet">≤ {target}</span>
    </span>
  );
}

/** A length of time in the largest unit that holds it: what the field takes, too. */
function typed(durationMs: number): string {
  for (const [unit, unitMs] of [
    ['d', dayMs],
    ['h', hourMs],
  ] as const) {
    if (durationMs % unitMs === 0) return `${durationMs / unitMs}${unit}`;
  }
  return `${Math.round(durationMs / minuteMs)}m`;
}

function TargetsDialog({
  row,
  customerId,
  customerName,
  onClose,
  onDone,
}: {
  readonly row: ClockSummaryRow;
  readonly customerId: string | null;
  readonly customerName: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [texts, setTexts] = useState<Readonly<Record<ClockName, string>>>({
    detect: typed(row.target.detect),
    acknowledge: typed(row.target.acknowledge),
    mitigate: typed(row.target.mitigate),
    close: typed(row.target.close),
  });
  const save = useAction('clocks.setTarget');
  const of = (name: ClockName) => parseDuration(texts[name]) ?? 0;
  const wanted: ClockTarget = {
    detect: of('detect'),
    acknowledge: of('acknowledge'),
    mitigate: of('mitigate'),
    close: of('close'),
  };
  const problems = clockTargetSchema.safeParse(wanted).success
    ? []
    : ['Each is a length of time from 1m to 90d, like 15m, 4h or 3d.'];
  const set = async (target: ClockTarget | null) => {
    if (save.running) return;
    const done = await save.run({ customerId, severity: row.severity, target });
    if (done) onDone();
  };
  return (
    <FormDialog
      title={`Targets: ${severityWords[row.severity].toLowerCase()} alerts of ${customerName}`}
      width="small"
      onClose={onClose}
      confirmLabel="Save targets"
      busy={save.running}
      problems={problems}
      error={save.error}
      onConfirm={() => void set(wanted)}
    >
      <p className="quiet">
        Detection runs from the first occurrence to its receipt, the others from the moment at which the alert
        called.
      </p>
      <div className="field-pair">
        {clockNames.map((name) => (
          <TextField
            key={name}
            label={clockWords[name]}
            value={texts[name]}
            onChange={(text) => setTexts((before) => ({ ...before, [name]: text }))}
            mono
            required
            maxLength={12}
            autoFocus={name === 'acknowledge'}
          />
        ))}
      </div>
      <p>
        <button type="button" className="link-button" onClick={() => void set(null)}>
          {customerId === null ? 'Use the defaults again' : 'Use those of all customers again'}
        </button>
      </p>
    </FormDialog>
  );
}
