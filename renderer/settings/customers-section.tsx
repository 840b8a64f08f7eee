import { useState } from 'react';
import { type Tlp, tlps } from '../../shared/domain/case.ts';
import { type Customer, defaultNoiseBudget, type Service } from '../../shared/domain/customer.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import {
  Button,
  CallView,
  DataTable,
  EmptyState,
  FormDialog,
  NumberField,
  SafeText,
  SelectField,
  SimulatedMark,
  TextAreaField,
  TextField,
  TlpBadge,
  useAction,
  useApp,
  useAppStore,
  useCall,
  useCommands,
} from '../ui/index.ts';

type OpenDialog =
  | { readonly kind: 'customer'; readonly customer: Customer | null }
  | { readonly kind: 'service'; readonly service: Service | null; readonly customerId: string };

/** Whom we defend: their own networks, which are never blocked, and their services. */
export function CustomersSection() {
  const store = useAppStore();
  const notify = useApp((state) => state.notify);
  const keepCustomer = useKeepCustomer();
  const catalog = useCall('customers.list', {}, { events: ['signals.changed'] });
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  useCommands([
    {
      id: 'settings.customer.new',
      title: 'New customer',
      group: 'Settings',
      keys: ['n'],
      run: () => setDialog({ kind: 'customer', customer: null }),
    },
  ]);
  const saved = (said: string) => {
    setDialog(null);
    notify({ text: said, tone: 'good' });
    catalog.refetch();
  };
  return (
    <div className="settings-list">
      <div className="settings-bar">
        <p className="quiet grow">Their own networks are never blocked, whatever a plan says.</p>
        <Button icon="plus" keys="n" onClick={() => setDialog({ kind: 'customer', customer: null })}>
          New customer
        </Button>
      </div>
      <CallView call={catalog} label="Reading the customers">
        {({ customers, services }) => (
          <DataTable<Customer>
            label="Customers"
            rows={customers}
            keyOf={(customer) => customer.id}
            onOpen={(customer) => setDialog({ kind: 'customer', customer })}
            empty={
              <EmptyState
                title="No customer yet"
                action={
                  <Button variant="primary" onClick={() => setDialog({ kind: 'customer', customer: null })}>
                    Add a customer
                  </Button>
                }
              >
                Signals, alerts, cases and plans belong to one.
              </EmptyState>
            }
            columns={[
              {
                key: 'name',
                header: 'Customer',
                render: (customer) => (
                  <span>
                    <SafeText text={customer.name} plain /> {customer.simulated ? <SimulatedMark /> : null}
                  </span>
                ),
              },
              {
                key: 'ranges',
                header: 'Own networks',
                data: true,
                render: (customer) => (
                  <SafeText
                    text={customer.ownRanges.length === 0 ? 'none given' : customer.ownRanges.join('  ')}
                    limit={200}
                    plain
                  />
                ),
              },
              {
                key: 'services',
                header: 'Services',
                render: (customer) => (
                  <span className="service-list">
                    {services
                      .filter((service) => service.customerId === customer.id)
                      .map((service) => (
                        <Button
                          key={service.id}
                          small
                          variant="quiet"
                          aria-label={`Change the service ${service.name}`}
                          onClick={(event) => {
                            event.stopPropagation();
                            setDialog({ kind: 'service', service, customerId: customer.id });
                          }}
                        >
                          {service.name}
                        </Button>
                      ))}
                    <Button
                      small
                      variant="quiet"
                      icon="plus"
                      aria-label={`Add a service of ${customer.name}`}
                      onClick={(event) => {
                        event.stopPropagation();
                        setDialog({ kind: 'service', service: null, customerId: customer.id });
                      }}
                    >
                      Service
                    </Button>
                  </span>
                ),
              },
              {
                key: 'tlp',
                header: 'Cases begin as',
                render: (customer) => <TlpBadge tlp={customer.defaultTlp} />,
              },
              {
                key: 'budget',
                header: 'Noise budget',
                render: (customer) => `${customer.noiseBudget.toLocaleString('en')} a day`,
              },
            ]}
          />
        )}
      </CallView>
      {dialog?.kind === 'customer' ? (
        <CustomerDialog
          customer={dialog.customer}
          onClose={() => setDialog(null)}
          onSaved={(customer) => {
            keepCustomer(customer);
            saved(`Saved ${customer.name}`);
          }}
        />
      ) : null}
      {dialog?.kind === 'service' ? (
        <ServiceDialog
          service={dialog.service}
          customerId={dialog.customerId}
          onClose={() => setDialog(null)}
          onSaved={(service) => {
            const { customers, services, signals } = store.getState();
            store.getState().setCatalog({
              customers,
              services: [...services.filter((each) => each.id !== service.id), service],
              signals,
            });
            saved(`Saved the service ${service.name}`);
          }}
        />
      ) : null}
    </div>
  );
}

/** Puts a saved customer into the catalog of the page. */
export function useKeepCustomer(): (customer: Customer) => void {
  const store = useAppStore();
  return (customer) => {
    const { customers, services, signals } = store.getState();
    const others = customers.filter((each) => each.id !== customer.id);
    store.getState().setCatalog({ customers: [...others, customer], services, signals });
  };
}

/** Makes or changes a customer. */
export function CustomerDialog({
  customer,
  focus = 'name',
  onClose,
  onSaved,
}: {
  readonly customer: Customer | null;
  /** Which field is the one to change. */
  readonly focus?: 'name' | 'budget';
  readonly onClose: () => void;
  readonly onSaved: (customer: Customer) => void;
}) {
  const [name, setName] = useState(customer?.name ?? '');
  const [ranges, setRanges] = useState((customer?.ownRanges ?? []).join('\n'));
  const [tlp, setTlp] = useState<Tlp>(customer?.defaultTlp ?? 'TLP:AMBER');
  const [budget, setBudget] = useState<number | null>(customer?.noiseBudget ?? defaultNoiseBudget);
  const save = useAction('customers.save');
  const list = ranges.split(/[\s,;]+/).filter((each) => each !== '');
  const problems = [
    ...(name.trim() === '' ? ['The customer needs a name.'] : []),
    ...(budget === null || !Number.isInteger(budget) || budget < 0 || budget > 1_000
      ? ['The noise budget is a whole number from 0 to 1,000.']
      : []),
    ...list.flatMap((each) => {
      const parsed = parseNetwork(each);
      return parsed.ok ? [] : [parsed.reason];
    }),
  ];
  const submit = async () => {
    if (budget === null) return;
    const done = await save.run({
      id: customer?.id ?? null,
      name: name.trim(),
      ownRanges: list,
      defaultTlp: tlp,
      noiseBudget: budget,
    });
    if (done) onSaved(done);
  };
  return (
    <FormDialog
      title={customer === null ? 'New customer' : customer.name}
      width="small"
      onClose={onClose}
      confirmLabel="Save customer"
      busy={save.running}
      problems={problems}
      error={save.error}
      onConfirm={() => void submit()}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        maxLength={120}
        required
        autoFocus={focus === 'name'}
      />
      <TextAreaField
        label="Own networks"
        value={ranges}
        onChange={setRanges}
        rows={4}
        mono
        placeholder={'192.0.2.0/24\n2001:db8::/32'}
        help="CIDR, one a line. Never blocked."
      />
      <SelectField
        label="Cases begin as"
        value={tlp}
        onChange={setTlp}
        options={tlps.map((value) => ({ value, label: value }))}
      />
      <NumberField
        label="Noise budget"
        value={budget}
        onChange={setBudget}
        min={0}
        max={1_000}
        step={1}
        unit="actionable alerts a day"
        autoFocus={focus === 'budget'}
        help="What the customer is willing to be called for. It is shown beside what calls, and holds nothing back."
      />
    </FormDialog>
  );
}

function ServiceDialog({
  service,
  customerId,
  onClose,
  onSaved,
}: {
  readonly service: Service | null;
  readonly customerId: string;
  readonly onClose: () => void;
  readonly onSaved: (service: Service) => void;
}) {
  const [name, setName] = useState(service?.name ?? '');
  const save = useAction('services.save');
  const submit = async () => {
    const done = await save.run({ id: service?.id ?? null, customerId, name: name.trim() });
    if (done) onSaved(done);
  };
  return (
    <FormDialog
      title={service === null ? 'New service' : 'Service'}
      width="small"
      onClose={onClose}
      confirmLabel="Save service"
      withEnter
      ready={name.trim() !== ''}
      busy={save.running}
      error={save.error}
      onConfirm={() => void submit()}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        maxLength={120}
        required
        autoFocus
        help="One thing of the customer’s that is watched, e.g. shop.example."
      />
    </FormDialog>
  );
}
