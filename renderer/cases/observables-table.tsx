import { useMemo, useRef, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { defang } from '../../shared/domain/observables.ts';
import {
  Button,
  type Column,
  copyText,
  EmptyState,
  SafeText,
  TextField,
  Time,
  TlpBadge,
  useApp,
  useCall,
  useCommands,
  VerdictBadge,
  VirtualTable,
  type VirtualTableHandle,
} from '../ui/index.ts';
import { useWidth } from '../ui/use-size.ts';
import { useCaseDesk } from './case-desk.tsx';
import { ObservableDialog } from './observable-dialog.tsx';
import { type ObservableRow, observableRow } from './observable-row.ts';

const fromWords = { alert: 'alert', note: 'note', analyst: 'by hand' } as const;

const notKnown = <span className="quiet">–</span>;
const time = (timeMs: number | null) => (timeMs === null ? notKnown : <Time timeMs={timeMs} age={false} />);

/** The columns, each with the width of the table from which on it is shown: what tells least goes first. */
const columns: readonly (Column<ObservableRow> & { readonly fromPx: number })[] = [
  { key: 'kind', header: 'Kind', width: '92px', fromPx: 0, render: ({ kind }) => kind },
  {
    key: 'value',
    header: 'Value, defanged',
    width: 'minmax(150px, 2fr)',
    fromPx: 0,
    data: true,
    render: ({ kind, value }) => <SafeText text={defang(kind, value)} mono limit={160} plain />,
  },
  {
    key: 'verdict',
    header: 'Verdict',
    width: '88px',
    fromPx: 0,
    render: ({ verdict }) => <VerdictBadge verdict={verdict} />,
  },
  {
    key: 'tlp',
    header: 'TLP',
    width: '124px',
    fromPx: 890,
    render: ({ tlp }) => (tlp === null ? <span className="quiet">as the case</span> : <TlpBadge tlp={tlp} />),
  },
  {
    key: 'first',
    header: 'First seen',
    width: '150px',
    fromPx: 1_150,
    data: true,
    render: ({ firstMs }) => time(firstMs),
  },
  {
    key: 'last',
    header: 'Last seen',
    width: '150px',
    fromPx: 760,
    data: true,
    render: ({ lastMs }) => time(lastMs),
  },
  {
    key: 'sightings',
    header: 'Sightings',
    width: '66px',
    fromPx: 0,
    align: 'end',
    data: true,
    render: ({ sightingCount }) => sightingCount.toLocaleString('en'),
  },
  {
    key: 'alerts',
    header: 'Alerts',
    width: '52px',
    fromPx: 0,
    align: 'end',
    data: true,
    render: ({ seen }) => (seen === null ? '–' : seen.alerts.toLocaleString('en')),
  },
  {
    key: 'cases',
    header: 'Other cases',
    width: '80px',
    fromPx: 0,
    align: 'end',
    data: true,
    render: ({ seen }) => (seen === null ? '–' : seen.cases.toLocaleString('en')),
  },
  { key: 'from', header: 'From', width: '68px', fromPx: 1_240, render: ({ from }) => fromWords[from] },
  {
    key: 'tags',
    header: 'Tags',
    width: 'minmax(64px, 1fr)',
    fromPx: 980,
    render: ({ tags }) => <SafeText text={tags.join(', ')} limit={120} plain />,
  },
];

/** All observables with verdict, marking and when they were seen, here and in everything else that is stored. */
export function ObservablesTable({ state }: { readonly state: CaseState }) {
  const { isStored } = useCaseDesk();
  const notify = useApp((app) => app.notify);
  const seen = useCall('cases.observablesSeen', isStored ? { caseId: state.id } : null, {
    events: ['cases.changed'],
  });
  const [wanted, setWanted] = useState('');
  const [active, setActive] = useState(0);
  const [paneRef, width] = useWidth<HTMLDivElement>();
  const tableRef = useRef<VirtualTableHandle>(null);
  const [open, setOpen] = useState<string | null>(null);
  const rows = useMemo(() => {
    const byId = new Map((seen.data ?? []).map((each) => [each.observableId, each]));
    const words = wanted.trim().toLowerCase();
    return state.observables
      .filter(({ kind, value, tags, verdict, note }) =>
        [kind, value, defang(kind, value), verdict ?? '', note, ...tags].some((text) =>
          text.toLowerCase().includes(words),
        ),
      )
      .map((each) => observableRow(each, byId.get(each.id) ?? null));
  }, [state.observables, seen.data, wanted]);
  const opened = rows.find(({ id }) => id === open);
  const at = Math.min(active, rows.length - 1);
  const copyAll = async (isDefanged: boolean) => {
    const text = rows.map(({ kind, value }) => (isDefanged ? defang(kind, value) : value)).join('\n');
    const copied = await copyText(text);
    notify(
      copied
        ? {
            text: `Copied ${rows.length.toLocaleString('en')} values${isDefanged ? ' defanged' : ' as they are'}`,
          }
        : { text: 'Copying is not allowed here.', tone: 'warning' },
    );
  };
  useCommands([
    {
      id: 'case.observables-copy',
      title: 'Copy the observables shown, defanged',
      group: 'Case',
      keys: ['y'],
      enabled: rows.length > 0,
      run: () => void copyAll(true),
    },
    {
      id: 'case.observables-copy-plain',
      title: 'Copy the observables shown as they are',
      group: 'Case',
      enabled: rows.length > 0,
      run: () => void copyAll(false),
    },
  ]);
  if (state.observables.length === 0) {
    return (
      <EmptyState title="No observables yet">
        They are taken from alerts and notes, out of a text that you paste, or typed one by one.
      </EmptyState>
    );
  }
  return (
    <div ref={paneRef} className="observables-pane">
      <div className="row observables-bar">
        <TextField
          label="Find among the observables"
          hideLabel
          value={wanted}
          onChange={setWanted}
          placeholder="Kind, value, tag or verdict"
          maxLength={200}
          type="search"
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === 'ArrowDown') tableRef.current?.focus();
            else if (event.key === 'Escape') {
              setWanted('');
              event.currentTarget.blur();
            } else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
        <span className="quiet tabular" role="status">
          {rows.length.toLocaleString('en')} of {state.observables.length.toLocaleString('en')}
        </span>
        <span className="grow" />
        <Button small icon="copy" keys="y" disabled={rows.length === 0} onClick={() => void copyAll(true)}>
          Copy defanged
        </Button>
        <Button small variant="quiet" disabled={rows.length === 0} onClick={() => void copyAll(false)}>
          Copy as they are
        </Button>
      </div>
      <VirtualTable<ObservableRow>
        label="Observables"
        columns={columns.filter(({ fromPx }) => width >= fromPx)}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={({ id }) => id}
        activeIndex={at}
        onActiveChange={setActive}
        handle={tableRef}
        onOpen={(index) => setOpen(rows[index]?.id ?? null)}
        screenKeys
        keysGroup="Observables"
        rowLabel={({ kind, value, verdict }) => `${kind} ${defang(kind, value)}, ${verdict ?? 'not judged'}`}
        empty={<EmptyState title="No observable matches" />}
      />
      {opened === undefined ? null : (
        <ObservableDialog key={opened.id} row={opened} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}
