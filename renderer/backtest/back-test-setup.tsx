import { useId } from 'react';
import { mostBackTestSignals } from '../../shared/domain/back-test.ts';
import type { ScenarioName } from '../../shared/domain/range.ts';
import {
  Button,
  CheckboxField,
  FormErrors,
  NumberField,
  SafeText,
  Section,
  SelectField,
  useApp,
} from '../ui/index.ts';
import { choiceFields, type TypedChoices } from './back-test-choices.ts';

/** What is chosen to be replayed, as the form holds it. */
export interface BackTestForm {
  readonly serviceId: string | null;
  readonly signalIds: readonly string[];
  readonly days: number;
  readonly a: TypedChoices;
  readonly compare: boolean;
  readonly b: TypedChoices;
  readonly scenario: ScenarioName | 'none';
  readonly seed: number | null;
}

const ranges = [
  { value: '1', label: 'Last 24 hours' },
  { value: '3', label: 'Last 3 days' },
  { value: '7', label: 'Last 7 days' },
  { value: '14', label: 'Last 14 days' },
  { value: '30', label: 'Last 30 days' },
] as const;

/** Signals, range, settings: everything that one back-test needs. */
export function BackTestSetup({
  form,
  onChange,
  problems,
  running,
  onRun,
  onCancel,
}: {
  readonly form: BackTestForm;
  readonly onChange: (change: Partial<BackTestForm>) => void;
  readonly problems: readonly string[];
  readonly running: boolean;
  readonly onRun: () => void;
  readonly onCancel: () => void;
}) {
  const signals = useApp((state) => state.signals);
  const services = useApp((state) => state.services);
  const customers = useApp((state) => state.customers);
  const range = useApp((state) => state.range);
  const headings = useId();
  const watched = services.filter((service) => signals.some((signal) => signal.serviceId === service.id));
  const own = signals.filter((signal) => signal.serviceId === form.serviceId);
  const chosen = new Set(form.signalIds);
  const chosenHere = own.filter((signal) => chosen.has(signal.id)).length;
  const serviceLabel = (serviceId: string) => {
    const service = services.find((each) => each.id === serviceId);
    const customer = customers.find((each) => each.id === service?.customerId);
    return `${customer?.name ?? 'Customer'}: ${service?.name ?? 'service'}`;
  };
  return (
    <div className="backtest-setup">
      <Section title="What is replayed">
        <SelectField
          label="Service"
          value={form.serviceId ?? ''}
          options={watched.map((service) => ({ value: service.id, label: serviceLabel(service.id) }))}
          onChange={(serviceId) =>
            onChange({
              serviceId,
              signalIds: signals
                .filter((signal) => signal.serviceId === serviceId)
                .slice(0, mostBackTestSignals)
                .map((signal) => signal.id),
            })
          }
        />
        <fieldset className="backtest-signals">
          <legend className="visually-hidden">Signals</legend>
          <CheckboxField
            label={`${chosenHere} of ${own.length} signals`}
            checked={own.length > 0 && chosenHere === own.length}
            indeterminate={chosenHere > 0 && chosenHere < own.length}
            onChange={(all) =>
              onChange({ signalIds: all ? own.slice(0, mostBackTestSignals).map(({ id }) => id) : [] })
            }
          />
          <div className="backtest-signal-list">
            {own.map((signal) => (
              <CheckboxField
                key={signal.id}
                label={<SafeText text={signal.name} limit={80} plain />}
                checked={chosen.has(signal.id)}
                onChange={(isChosen) =>
                  onChange({
                    signalIds: isChosen
                      ? [...form.signalIds, signal.id]
                      : form.signalIds.filter((id) => id !== signal.id),
                  })
                }
              />
            ))}
          </div>
        </fieldset>
        <SelectField
          label="Range"
          value={String(form.days)}
          options={ranges}
          onChange={(days) => onChange({ days: Number(days) })}
          help="Up to 14 days before it warm the baselines up."
        />
        {range?.running ? (
          <div className="field-pair">
            <SelectField
              label="Play a scenario into its end"
              value={form.scenario}
              options={[
                { value: 'none' as const, label: 'None' },
                ...range.scenarios.map((each) => ({ value: each.name, label: each.label })),
              ]}
              onChange={(scenario) => onChange({ scenario })}
            />
            <NumberField
              label="Seed"
              value={form.seed}
              min={0}
              max={1_000_000}
              step={1}
              disabled={form.scenario === 'none'}
              onChange={(seed) => onChange({ seed })}
            />
          </div>
        ) : null}
      </Section>
      <Section title="Settings of the engine">
        <CheckboxField
          label="Compare with a setting B"
          checked={form.compare}
          onChange={(compare) => onChange({ compare })}
        />
        <table className="backtest-choices">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Choice</span>
              </th>
              <th scope="col" id={`${headings}-a`}>
                A
              </th>
              {form.compare ? (
                <th scope="col" id={`${headings}-b`}>
                  B
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {choiceFields.map((field) => (
              <tr key={field.key}>
                <th scope="row">
                  {field.label}
                  {field.unit === '' ? null : <span className="quiet">, {field.unit}</span>}
                  <span className="backtest-help">{field.help}</span>
                </th>
                {(form.compare ? (['a', 'b'] as const) : (['a'] as const)).map((which) => (
                  <td key={which}>
                    <NumberField
                      hideLabel
                      label={`${field.label}, ${which.toUpperCase()}`}
                      value={form[which][field.key]}
                      min={field.min}
                      max={field.max}
                      onChange={(value) => onChange({ [which]: { ...form[which], [field.key]: value } })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <p className="quiet">Nothing here changes how signals are watched: a back-test only reads.</p>
      </Section>
      <FormErrors errors={problems} />
      <div className="row row-end">
        {running ? (
          <Button keys="Escape" onClick={onCancel}>
            Stop
          </Button>
        ) : null}
        <Button variant="primary" keys="Ctrl+Enter" disabled={running || problems.length > 0} onClick={onRun}>
          Replay {form.signalIds.length} {form.signalIds.length === 1 ? 'signal' : 'signals'}
        </Button>
      </div>
    </div>
  );
}
