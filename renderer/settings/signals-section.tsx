import { useMemo, useState } from 'react';
import {
  type Layer,
  layerSchema,
  type Measure,
  measures,
  type Signal,
  type Stage,
  stages,
} from '../../shared/domain/signal.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  baselineWords,
  EmptyState,
  ErrorNote,
  FormDialog,
  SafeText,
  SelectField,
  TextField,
  Time,
  useAction,
  useApp,
  useCall,
  VirtualTable,
} from '../ui/index.ts';

const stageWords = {
  client: 'Client',
  network: 'Network',
  edge: 'Edge',
  waf: 'WAF/DDoS',
  cache: 'Cache',
  origin: 'Origin',
} as const satisfies Record<Stage, string>;

const measureWords = {
  rate: 'Rate',
  latency: 'Latency',
  errors: 'Errors',
  reachability: 'Reachability',
  availability: 'Availability',
  resolution: 'Name resolution',
  certificate: 'Certificate',
  packets: 'Packets',
  bits: 'Bits',
  connections: 'Connections',
  mitigated: 'Mitigated',
  saturation: 'Saturation',
  other: 'Other',
} as const satisfies Record<Measure, string>;

/** Which signal belongs to which customer, service and stage: proposed by ready-made sets, corrected here. */
export function SignalsSection() {
  const call = useCall('signals.list', {}, { events: ['signals.changed'] });
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const sources = useApp((state) => state.status?.sources);
  const notify = useApp((state) => state.notify);
  const [text, setText] = useState('');
  const [activeIndex, setActiveIndex] = useState(0);
  const [editing, setEditing] = useState<Signal | null>(null);
  const rows = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (call.data ?? []).filter((signal) => {
      const all = `${signal.name} ${signal.key} ${signal.stage} ${signal.measure} ${
        services.find((each) => each.id === signal.serviceId)?.name ?? ''
      } ${customers.find((each) => each.id === signal.customerId)?.name ?? ''}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [call.data, text, services, customers]);
  const find = (list: readonly { readonly id: string; readonly name: string }[], id: string) =>
    list.find((each) => each.id === id)?.name ?? id;

  return (
    <div className="settings-list is-filling">
      <div className="settings-bar">
        <TextField
          label="Search signals"
          hideLabel
          className="grow"
          type="search"
          placeholder="Name, service, stage, measure"
          value={text}
          onChange={setText}
        />
      </div>
      {call.error ? <ErrorNote error={call.error} /> : null}
      <VirtualTable<Signal>
        label="Signals"
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(signal) => signal.id}
        activeIndex={rows.length === 0 ? -1 : Math.min(activeIndex, rows.length - 1)}
        onActiveChange={setActiveIndex}
        onOpen={(index) => setEditing(rows[index] ?? null)}
        screenKeys
        keysGroup="Signals"
        rowLabel={(signal) => signal.name}
        empty={
          <EmptyState title={text === '' ? 'No signals yet' : 'No signal matches'}>
            {text === ''
              ? 'Sources bring them: each belongs to a customer, a service and a stage on the life of a request.'
              : 'Try fewer words.'}
          </EmptyState>
        }
        columns={[
          {
            key: 'name',
            header: 'Signal',
            width: 'minmax(160px, 1.4fr)',
            render: (signal) => <SafeText text={signal.name} limit={120} plain />,
          },
          {
            key: 'customer',
            header: 'Customer',
            width: 'minmax(80px, 1fr)',
            render: (signal) => <SafeText text={find(customers, signal.customerId)} limit={60} plain />,
          },
          {
            key: 'service',
            header: 'Service',
            width: 'minmax(100px, 1fr)',
            render: (signal) => <SafeText text={find(services, signal.serviceId)} limit={60} plain />,
          },
          { key: 'stage', header: 'Stage', width: '88px', render: (signal) => stageWords[signal.stage] },
          { key: 'layer', header: 'Layer', width: '48px', data: true, render: (signal) => signal.layer },
          {
            key: 'measure',
            header: 'Measure',
            width: '100px',
            render: (signal) => measureWords[signal.measure],
          },
          {
            key: 'unit',
            header: 'Unit',
            width: '90px',
            render: (signal) => <span className="quiet">{signal.unit}</span>,
          },
          {
            key: 'baseline',
            header: 'Baseline',
            width: '150px',
            render: (signal) => (
              <span>
                {baselineWords[signal.baselineState]}{' '}
                <span className="quiet">{formatDuration(signal.historyMs)}</span>
              </span>
            ),
          },
          {
            key: 'source',
            header: 'Source',
            width: 'minmax(80px, 120px)',
            render: (signal) => (
              <span className="quiet">
                <SafeText text={find(sources ?? [], signal.sourceId)} limit={60} plain />
              </span>
            ),
          },
          {
            key: 'last',
            header: 'Last sample',
            width: '150px',
            render: (signal) => <Time timeMs={signal.lastSampleMs} format="clock" />,
          },
        ]}
      />
      {editing ? (
        <SignalDialog
          signal={editing}
          onClose={() => setEditing(null)}
          onSaved={(signal) => {
            setEditing(null);
            call.refetch();
            notify({ text: `Saved ${signal.name}`, tone: 'good' });
          }}
        />
      ) : null}
    </div>
  );
}

function SignalDialog({
  signal,
  onClose,
  onSaved,
}: {
  readonly signal: Signal;
  readonly onClose: () => void;
  readonly onSaved: (signal: Signal) => void;
}) {
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const [name, setName] = useState(signal.name);
  const [unit, setUnit] = useState(signal.unit);
  const [customerId, setCustomerId] = useState(signal.customerId);
  const [serviceId, setServiceId] = useState(signal.serviceId);
  const [stage, setStage] = useState<Stage>(signal.stage);
  const [layer, setLayer] = useState<Layer>(signal.layer);
  const [measure, setMeasure] = useState<Measure>(signal.measure);
  const save = useAction('signals.update');
  const ofCustomer = services.filter((service) => service.customerId === customerId);
  const hasService = ofCustomer.some((service) => service.id === serviceId);
  const submit = async () => {
    const done = await save.run({
      id: signal.id,
      customerId,
      serviceId,
      stage,
      layer,
      measure,
      name: name.trim(),
      unit: unit.trim(),
    });
    if (done) onSaved(done);
  };
  return (
    <FormDialog
      title="Where this signal belongs"
      onClose={onClose}
      confirmLabel="Save signal"
      ready={name.trim() !== '' && hasService}
      busy={save.running}
      error={save.error}
      onConfirm={() => void submit()}
    >
      <p className="quiet mono">
        <SafeText text={signal.key} limit={300} />
      </p>
      <div className="field-pair">
        <TextField label="Name" value={name} onChange={setName} maxLength={200} required autoFocus />
        <TextField label="Unit" value={unit} onChange={setUnit} maxLength={40} />
      </div>
      <div className="field-pair">
        <SelectField
          label="Customer"
          value={customerId}
          onChange={(next) => {
            setCustomerId(next);
            setServiceId(services.find((service) => service.customerId === next)?.id ?? '');
          }}
          options={customers.map((each) => ({ value: each.id, label: each.name }))}
        />
        <SelectField
          label="Service"
          value={serviceId}
          onChange={setServiceId}
          options={[
            ...(hasService ? [] : [{ value: serviceId, label: 'Choose…' }]),
            ...ofCustomer.map((each) => ({ value: each.id, label: each.name })),
          ]}
          error={hasService ? null : 'This customer needs a service first.'}
        />
      </div>
      <div className="field-pair">
        <SelectField
          label="Stage"
          value={stage}
          onChange={setStage}
          options={stages.map((value) => ({ value, label: stageWords[value] }))}
        />
        <SelectField
          label="Layer"
          value={layer}
          onChange={setLayer}
          options={layerSchema.options.map((value) => ({ value, label: value }))}
        />
        <SelectField
          label="Measure"
          value={measure}
          onChange={setMeasure}
          options={measures.map((value) => ({ value, label: measureWords[value] }))}
        />
      </div>
    </FormDialog>
  );
}
