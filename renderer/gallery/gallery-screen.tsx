import { type ReactNode, useMemo, useState } from 'react';
import { alertStatuses, lanes, severities } from '../../shared/domain/alert.ts';
import { caseStatuses, paps, tlps } from '../../shared/domain/case.ts';
import { mitigationStates } from '../../shared/domain/mitigation.ts';
import { pointsFromWindow } from '../../shared/domain/series.ts';
import { fakeFinding } from '../testing/fake-findings.ts';
import { fakeWindow } from '../testing/fake-signals.ts';
import {
  BarChart,
  Button,
  CaseStatusBadge,
  CheckboxField,
  CodeBlock,
  ConfirmDialog,
  CopyButton,
  DataTable,
  EmptyState,
  ErrorNote,
  ErrorState,
  Facts,
  FormDialog,
  FormErrors,
  HealthBadge,
  HistoryChart,
  Icon,
  IconButton,
  iconNames,
  Kbd,
  LaneBadge,
  LoadingState,
  Markdown,
  MenuButton,
  MitigatedBadge,
  MitigationStateBadge,
  Notice,
  NumberField,
  PapBadge,
  ProgressBar,
  RadioField,
  Row,
  SafeText,
  Screen,
  SecretField,
  SelectField,
  SeriesChart,
  SeverityBadge,
  SimulatedMark,
  SplitPane,
  Stack,
  StatusBadge,
  Tabs,
  TextAreaField,
  TextField,
  Time,
  TlpBadge,
  Tooltip,
  useApp,
  useAppStore,
  VirtualTable,
} from '../ui/index.ts';
import './gallery.css';

const healthStates = ['starting', 'ok', 'lagging', 'failing', 'stopped', 'back-filling'] as const;
const mitigatedStates = ['no', 'partly', 'yes', 'not-known'] as const;
const themes = ['dark', 'light', 'high-contrast'] as const;
const densities = ['compact', 'regular', 'comfortable'] as const;

const hostileText =
  '<img src=x onerror=alert(1)> \u202egnp.exe\u202c \u0000 \u001b[31mred\u001b[0m a\u200bb \u2066isolate\u2069';
const failure = {
  code: 'storage',
  message: 'The disk is full. What was stored is safe; free some space and try again.',
  details: 'SQLITE_FULL: database or disk is full',
} as const;

/** Every shared component in every state: to look at, to compare themes, to test by eye. */
export default function GalleryScreen() {
  const store = useAppStore();
  const settings = useApp((state) => state.settings);
  return (
    <Screen
      label="Gallery"
      bar={
        <>
          <strong>Gallery</strong>
          <span className="grow" />
          <Tabs
            label="Theme"
            look="segmented"
            tabs={themes.map((id) => ({ id, label: id.replace('-', ' ') }))}
            active={settings.theme === 'system' ? 'dark' : settings.theme}
            onChange={(theme) => store.getState().setSettings({ ...settings, theme })}
          />
          <Tabs
            label="Density"
            look="segmented"
            tabs={densities.map((id) => ({ id, label: id }))}
            active={settings.density}
            onChange={(density) => store.getState().setSettings({ ...settings, density })}
          />
        </>
      }
    >
      <div className="gallery">
        <Buttons />
        <Badges />
        <Fields />
        <Lists />
        <States />
        <Overlays />
        <Texts />
        <Charts />
      </div>
    </Screen>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="gallery-group" aria-label={title}>
      <h2>{title}</h2>
      <div className="gallery-items">{children}</div>
    </section>
  );
}

function Buttons() {
  return (
    <Group title="Buttons, keys and icons">
      <Row>
        <Button variant="primary" keys="Ctrl+Enter">
          Approve block for 30 min
        </Button>
        <Button keys="a">Acknowledge</Button>
        <Button variant="danger">Remove source</Button>
        <Button variant="quiet">Dismiss</Button>
        <Button busy>Testing</Button>
        <Button disabled>Not now</Button>
        <Button variant="quiet" icon="cases" keys="c" aria-pressed>
          Whole case
        </Button>
        <Button small icon="undo" keys="u">
          Undo
        </Button>
      </Row>
      <Row>
        {iconNames.map((name) => (
          <IconButton key={name} icon={name} label={name} />
        ))}
        <IconButton icon="star" label="Pressed" pressed />
        <IconButton icon="trash" label="Disabled" disabled />
      </Row>
      <Row>
        {['j', 'Shift+j', 'g w', 'Ctrl+K', 'Escape', 'Enter', '?'].map((keys) => (
          <Kbd key={keys} keys={keys} />
        ))}
      </Row>
    </Group>
  );
}

function Badges() {
  return (
    <Group title="Badges">
      <Row>
        {severities.map((severity) => (
          <SeverityBadge key={severity} severity={severity} />
        ))}
      </Row>
      <Row>
        {severities.map((severity) => (
          <SeverityBadge key={severity} severity={severity} hollow />
        ))}
        <span className="faint">acknowledged</span>
      </Row>
      <Row>
        {alertStatuses.map((status) => (
          <StatusBadge key={status} status={status} />
        ))}
        {lanes.map((lane) => (
          <LaneBadge key={lane} lane={lane} />
        ))}
        {caseStatuses.map((status) => (
          <CaseStatusBadge key={status} status={status} />
        ))}
      </Row>
      <Row>
        {mitigatedStates.map((mitigated) => (
          <MitigatedBadge key={mitigated} mitigated={mitigated} />
        ))}
      </Row>
      <Row>
        {tlps.map((tlp) => (
          <TlpBadge key={tlp} tlp={tlp} />
        ))}
        {paps.map((pap) => (
          <PapBadge key={pap} pap={pap} />
        ))}
      </Row>
      <Row>
        {healthStates.map((state) => (
          <HealthBadge key={state} state={state} />
        ))}
        <SimulatedMark />
      </Row>
      <Row>
        {mitigationStates.map((state) => (
          <MitigationStateBadge key={state} state={state} />
        ))}
      </Row>
    </Group>
  );
}

function Fields() {
  const [text, setText] = useState('edge-haproxy');
  const [number, setNumber] = useState<number | null>(30);
  const [choice, setChoice] = useState<'bearer' | 'none'>('none');
  const [checked, setChecked] = useState(true);
  const [leader, setLeader] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null | undefined>(undefined);
  return (
    <Group title="Fields">
      <div className="gallery-fields">
        <TextField label="Name" value={text} onChange={setText} required help="Shown in lists and reports." />
        <TextField
          label="Address"
          value="host name"
          onChange={() => undefined}
          mono
          error="This is not an address or network. Host names are not taken."
        />
        <TextField label="Disabled" value="kept by the range" onChange={() => undefined} disabled />
        <NumberField label="Ends after" value={number} onChange={setNumber} unit="min" min={1} max={240} />
        <SelectField
          label="Authentication"
          value={choice}
          options={[
            { value: 'none', label: 'None' },
            { value: 'bearer', label: 'Bearer token' },
          ]}
          onChange={setChoice}
        />
        <SecretField label="Token (set)" isSet value={secret} onChange={setSecret} />
        <SecretField label="Token (not set)" isSet={false} value={undefined} onChange={() => undefined} />
        <CheckboxField
          label="HAProxy exporter"
          checked={checked}
          onChange={setChecked}
          help="Rates by frontend."
        />
        <CheckboxField label="Some of them" checked={false} indeterminate onChange={() => undefined} />
        <TextAreaField
          label="Reason"
          value=""
          onChange={() => undefined}
          rows={2}
          placeholder="What was seen"
        />
        <RadioField
          label="Which one leads?"
          value={leader}
          onChange={setLeader}
          options={[
            { value: null, label: 'The most urgent of all' },
            {
              value: 'marked',
              label: (
                <>
                  <SeverityBadge severity="high" compact />
                  <SafeText
                    text="Credential stuffing on /api/session and whatever else its title says"
                    plain
                  />
                  <span className="tabular quiet">×3,343</span>
                </>
              ),
            },
            { value: 'facts', label: 'Closed as duplicate', facts: '10,000 alerts, Kim Analyst, 23 min ago' },
          ]}
          help="4 more of these could lead by themselves."
        />
      </div>
      <FormErrors errors={['The address is missing.', 'The end is longer than the plan allows (4 h).']} />
    </Group>
  );
}

interface GalleryRow {
  readonly id: string;
  readonly name: string;
  readonly amount: number;
}

function Lists() {
  const [active, setActive] = useState(2);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set([4, 5]));
  const rowAt = (index: number): GalleryRow | undefined =>
    index === 9 ? undefined : { id: `row-${index}`, name: `Row ${index}`, amount: (index * 7919) % 1000 };
  return (
    <Group title="Tables">
      <div className="gallery-box gallery-tall">
        <VirtualTable<GalleryRow>
          label="A million rows"
          columns={[
            { key: 'name', header: 'Name', width: 'minmax(0, 1fr)', render: (row) => row.name },
            {
              key: 'amount',
              header: 'Count',
              width: '80px',
              align: 'end',
              data: true,
              render: (row) => row.amount,
            },
          ]}
          count={1_000_000}
          rowAt={rowAt}
          keyOf={(row) => row.id}
          activeIndex={active}
          onActiveChange={setActive}
          isSelected={(row) => selected.has(Number(row.id.slice(4)))}
          onToggle={(index) =>
            setSelected((before) => {
              const next = new Set(before);
              if (!next.delete(index)) next.add(index);
              return next;
            })
          }
        />
      </div>
      <DataTable<GalleryRow>
        label="Short table"
        columns={[
          { key: 'name', header: 'Name', render: (row) => row.name },
          { key: 'amount', header: 'Count', align: 'end', data: true, render: (row) => row.amount },
        ]}
        rows={[
          { id: 'a', name: 'Simulated network', amount: 182_004 },
          { id: 'b', name: 'prom-eu', amount: 41 },
        ]}
        keyOf={(row) => row.id}
        onOpen={() => undefined}
        isActive={(row) => row.id === 'b'}
      />
      <Facts
        items={[
          { name: 'Received', value: <Time timeMs={Date.now() - 200_000} /> },
          { name: 'Customer', value: 'Acme Retail' },
          { name: 'Ends', value: <Time timeMs={null} /> },
        ]}
      />
      <div className="gallery-box gallery-split">
        <SplitPane
          id="gallery"
          main={<p className="gallery-note">Main pane</p>}
          pane={<p className="gallery-note">Drag the bar, or focus it and use the arrows</p>}
          paneLabel="Gallery detail"
          initialSize={200}
          minSize={120}
          minMain={120}
        />
      </div>
    </Group>
  );
}

function States() {
  const store = useAppStore();
  return (
    <Group title="States and messages">
      <div className="gallery-columns">
        <div className="gallery-box">
          <EmptyState title="No cases yet" action={<Button>Open a case</Button>}>
            A case begins with an alert: press e on one in the queue.
          </EmptyState>
        </div>
        <div className="gallery-box">
          <LoadingState label="Reading" progress={{ done: 37, total: 100, text: 'Reading 37 of 100 MB' }} />
        </div>
        <div className="gallery-box">
          <ErrorState error={failure} onRetry={() => undefined} />
        </div>
      </div>
      <ErrorNote error={failure} onDismiss={() => undefined} />
      <Notice>The target keeps the end itself.</Notice>
      <Notice tone="good">All 40 rows and their signatures verify.</Notice>
      <Notice tone="warning" action={<Button small>Look</Button>}>
        prom-eu is 4 min behind.
      </Notice>
      <Notice tone="error">The target did not answer: nobody knows whether the block is there.</Notice>
      <ProgressBar label="Known" done={40} total={100} />
      <ProgressBar label="Unknown" done={40} total={null} />
      <Row>
        <Button
          onClick={() => store.getState().notify({ text: 'Acknowledged 3 alerts.', undo: () => undefined })}
        >
          Say with undo
        </Button>
        <Button
          onClick={() =>
            store.getState().notify({ text: failure.message, tone: 'error', details: failure.details })
          }
        >
          Say an error
        </Button>
        <Button
          onClick={() => {
            const id = store.getState().startJob({
              label: 'Closing 48,211 alerts',
              total: 48_211,
              cancel: () => store.getState().endJob(id),
            });
            store.getState().updateJob(id, { done: 12_004 });
          }}
        >
          Start a job
        </Button>
      </Row>
    </Group>
  );
}

function Overlays() {
  const [open, setOpen] = useState<'dialog' | 'confirm' | null>(null);
  const [tab, setTab] = useState<'one' | 'two'>('one');
  return (
    <Group title="Dialogs, menus and tabs">
      <Row>
        <Button onClick={() => setOpen('dialog')}>Open a dialog</Button>
        <Button onClick={() => setOpen('confirm')}>Ask to type</Button>
        <MenuButton
          label="Snooze"
          items={[
            { id: '15', label: '15 min', keys: '1', onSelect: () => undefined },
            { id: '60', label: '1 h', keys: '2', hint: 'until 04:12 UTC', onSelect: () => undefined },
            { id: 'shift', label: 'Until the shift ends', disabled: true, onSelect: () => undefined },
          ]}
        />
        <MenuButton
          label="More"
          icon="more"
          items={[{ id: 'a', label: 'Remove', danger: true, onSelect: () => undefined }]}
        />
        <Tooltip text="-log10 of the tail probability at the peak">surprise</Tooltip>
      </Row>
      <div className="gallery-box">
        <Tabs
          label="Example"
          active={tab}
          onChange={setTab}
          tabs={[
            { id: 'one', label: 'Actionable', count: 2 },
            { id: 'two', label: 'Informational', count: 14 },
          ]}
        >
          <p className="gallery-note">{tab === 'one' ? 'The first panel' : 'The second panel'}</p>
        </Tabs>
      </div>
      {open === 'dialog' ? (
        <FormDialog
          title="Approve: block 3 prefixes on edge-haproxy"
          aside="plan ACME-DDoS v4"
          width="wide"
          confirmLabel="Approve block for 30 min"
          onConfirm={() => setOpen(null)}
          onClose={() => setOpen(null)}
        >
          <p>A dialog keeps the focus and gives it back.</p>
        </FormDialog>
      ) : null}
      {open === 'confirm' ? (
        <ConfirmDialog
          title="Remove prom-eu"
          confirmLabel="Remove source"
          danger
          typed="prom-eu"
          onConfirm={() => setOpen(null)}
          onClose={() => setOpen(null)}
        >
          <p>Its signals stay for 30 d; nothing new comes.</p>
        </ConfirmDialog>
      ) : null}
    </Group>
  );
}

function Texts() {
  return (
    <Group title="Text from outside">
      <Stack>
        <SafeText text={hostileText} />
        <SafeText text={'long '.repeat(200)} />
        <CodeBlock
          label="Raw record"
          language="json"
          text={`{\n  "signature": ${JSON.stringify(hostileText)}\n}`}
        />
        <h3>A note</h3>
        <Markdown
          text={
            '# Heading\n\n**bold**, *soft*, `code`, [a link](https://example.org), ![image](x)\n\n- one\n- two\n\n> quoted\n\n<script>alert(1)</script>\n\n```\nlines\n```'
          }
        />
        <Row>
          <CopyButton text="copied" />
          <CopyButton text="copied" iconOnly label="Copy address" />
          <Time timeMs={Date.now() - 65_000} />
          <Icon name="clock" />
        </Row>
      </Stack>
    </Group>
  );
}

function Charts() {
  const data = useMemo(() => {
    const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
    const fromMs = nowMs - 3_600_000;
    const attackMs = nowMs - 540_000;
    const window = (id: string, attack: number | null) =>
      pointsFromWindow(fakeWindow(id, fromMs, nowMs, 3_700, nowMs, attack, []));
    return {
      nowMs,
      fromMs,
      calm: window('api.edge-rate', null),
      surge: window('shop.edge-rate', attackMs),
      latency: window('shop.origin-latency', attackMs),
      gap: window('shop.cache-rate', null),
      empty: pointsFromWindow({
        signalId: 'none',
        stepMs: 1_000,
        rolledUp: false,
        timesMs: [],
        values: [],
        expected: [],
        low: [],
        high: [],
        gaps: [],
        findings: [],
      }),
      findings: [
        fakeFinding('shop.edge-rate', attackMs, 'actionable', 31),
        fakeFinding('shop.edge-rate', attackMs - 900_000, 'informational', 7),
      ],
    };
  }, []);
  const [brush, setBrush] = useState<{ fromMs: number; toMs: number } | null>({
    fromMs: data.nowMs - 1_500_000,
    toMs: data.nowMs - 900_000,
  });
  const common = { fromMs: data.fromMs, toMs: data.nowMs } as const;
  return (
    <Group title="Charts">
      <div className="gallery-charts">
        <SeriesChart
          {...common}
          title="Calm"
          unit="requests/s"
          series={[{ id: 'a', name: 'a', points: data.calm }]}
        />
        <SeriesChart
          {...common}
          title="Surge, brushed"
          unit="requests/s"
          series={[{ id: 'b', name: 'b', points: data.surge }]}
          findings={data.findings}
          nowMs={data.nowMs}
          brush={brush}
          onBrush={setBrush}
        />
        <SeriesChart
          {...common}
          title="Surge"
          unit="requests/s"
          series={[{ id: 'b', name: 'b', points: data.surge }]}
          initialLog
        />
        <SeriesChart
          {...common}
          title="Gap"
          unit="requests/s"
          series={[{ id: 'c', name: 'c', points: data.gap }]}
          gaps={[{ fromMs: data.nowMs - 31 * 60_000, toMs: data.nowMs - 27 * 60_000 }]}
          note="learning"
          noteTitle="40 min of history so far"
        />
        <SeriesChart
          {...common}
          title="No data"
          unit="ms"
          series={[{ id: 'd', name: 'd', points: data.empty }]}
        />
        <SeriesChart
          {...common}
          title="Several"
          unit="requests/s"
          series={[
            { id: 'edge', name: 'edge', points: data.surge },
            { id: 'api', name: 'api', points: data.calm },
          ]}
        />
        <HistoryChart
          title="Findings by day"
          unit=""
          timesMs={Array.from({ length: 30 }, (_, day) => data.nowMs - (29 - day) * 86_400_000)}
          lines={[
            {
              name: 'findings',
              values: Array.from({ length: 30 }, (_, day) => (day === 12 ? null : (day * 7) % 9)),
            },
          ]}
          height={140}
        />
        <BarChart
          title="Requests by country"
          unit="requests"
          height={140}
          bars={[
            { name: 'NL', value: 65_000, marked: true },
            { name: 'US', value: 30_000 },
            { name: 'DE', value: 15_600 },
          ]}
        />
      </div>
    </Group>
  );
}
