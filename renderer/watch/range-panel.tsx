import { useRef, useState } from 'react';
import type { RangeStatus } from '../../shared/domain/range.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  ErrorNote,
  Icon,
  Popover,
  SelectField,
  SimulatedMark,
  useAction,
  useApp,
  useNow,
} from '../ui/index.ts';

const speeds = [1, 5, 20, 60, 300].map((speed) => ({
  value: String(speed),
  label: speed === 1 ? 'Attacks in real time' : `Attacks ${speed} times as fast`,
}));

/** What can be set off in the simulated network, in a panel that hangs from one button. */
export function RangePanel({ customerId }: { readonly customerId: string | null }) {
  const range = useApp((state) => state.range);
  const customers = useApp((state) => state.customers);
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  if (!range?.running) return null;
  const running = range.active[0];
  const label = range.scenarios.find((scenario) => scenario.name === running?.name)?.label;
  return (
    <>
      <Button
        ref={anchor}
        icon="play"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen((value) => !value)}
      >
        {label ? `Range: ${label}` : 'Range'}
        <Icon name="chevron-down" size={10} />
      </Button>
      {open ? (
        <Popover label="Range" anchor={anchor.current} align="end" onClose={() => setOpen(false)}>
          <RangeControls
            range={range}
            customerId={customerId ?? customers[0]?.id ?? null}
            customerName={customers.find((each) => each.id === (customerId ?? customers[0]?.id))?.name ?? ''}
          />
        </Popover>
      ) : null}
    </>
  );
}

function RangeControls({
  range,
  customerId,
  customerName,
}: {
  readonly range: RangeStatus;
  readonly customerId: string | null;
  readonly customerName: string;
}) {
  const start = useAction('range.start');
  const stop = useAction('range.stop');
  const speed = useAction('range.setSpeed');
  const nowMs = useNow();
  const error = start.error ?? stop.error ?? speed.error;
  return (
    <div className="range-panel">
      <p className="range-head">
        <SimulatedMark />
        <span className="secondary small">
          {range.nextByItselfMs === null
            ? 'Nothing comes by itself now.'
            : range.nextByItselfMs > nowMs
              ? `Something comes by itself in ${formatDuration(range.nextByItselfMs - nowMs)}.`
              : 'Something comes by itself now and then.'}
        </span>
      </p>
      <div className="range-scenarios">
        {range.scenarios.map((scenario) => {
          const active = range.active.find((each) => each.name === scenario.name);
          return (
            <button
              key={scenario.name}
              type="button"
              className="range-scenario"
              aria-pressed={active !== undefined}
              disabled={start.running}
              onClick={() => void start.run({ scenario: scenario.name, customerId })}
            >
              <span className="range-label">
                {scenario.label}
                <span className="faint small">{scenario.isAttack ? 'attack' : 'no attack'}</span>
              </span>
              <span className="small secondary">{scenario.summary}</span>
              {active ? (
                <span className="small range-running">
                  Running, {formatDuration(Math.max(0, active.endsMs - nowMs))} left
                </span>
              ) : null}
            </button>
          );
        })}
      </div>
      {error ? <ErrorNote error={error} /> : null}
      <div className="range-foot">
        <span className="faint small grow">
          On {customerName === '' ? 'the first customer' : customerName}
        </span>
        <SelectField
          label="Speed"
          hideLabel
          value={speeds.some((each) => each.value === String(range.speed)) ? String(range.speed) : '1'}
          options={speeds}
          onChange={(value) => void speed.run({ speed: Number(value) })}
        />
        <Button
          small
          icon="stop"
          disabled={range.active.length === 0 || stop.running}
          onClick={() => void stop.run({})}
        >
          Stop all
        </Button>
      </div>
    </div>
  );
}
