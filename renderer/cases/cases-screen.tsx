import './cases.css';
import { useLayoutEffect, useRef, useState } from 'react';
import type { CaseListRow } from '../../shared/domain/case.ts';
import { OpenReviewDialog } from '../review/open-review-dialog.tsx';
import { ReplayView } from '../review/replay-view.tsx';
import {
  Button,
  CaseStatusBadge,
  casePhaseWords,
  EmptyState,
  ErrorState,
  FormDialog,
  LoadingState,
  SafeText,
  Screen,
  SeverityBadge,
  SimulatedMark,
  severityWords,
  Tabs,
  TextField,
  Time,
  TlpBadge,
  useAction,
  useApp,
  useArrival,
  useCall,
  useCommands,
  useDebounced,
  useKeptState,
  useKeysWait,
  VirtualTable,
} from '../ui/index.ts';
import { ConflictBadge } from './case-conflicts.tsx';
import { FileDrop } from './case-file-drop.tsx';
import { CaseFileImport } from './case-file-import.tsx';
import { CasePage } from './case-page.tsx';
import { Mentions } from './mentions.tsx';
import { type NewCase, NewCaseFields } from './new-case-fields.tsx';

type Filter = 'active' | 'closed' | 'all';

/** Investigations: the list, and the case that is open. */
export function CasesScreen() {
  const [openId, setOpenId] = useKeptState<string | null>('cases.open', null);
  useArrival('cases', (destination) => {
    if (destination.caseId !== undefined && destination.caseId !== '') setOpenId(destination.caseId);
  });
  const [, setActiveId] = useKeptState<string | null>('cases.active', null);
  const [replayedId, setReplayedId] = useKeptState<string | null>('cases.replayed', null);
  if (openId === null) return <CaseList onOpen={setOpenId} />;
  if (openId === replayedId) {
    return <ReplayView key={openId} caseId={openId} onBack={() => setReplayedId(null)} />;
  }
  return (
    <CasePage
      key={openId}
      caseId={openId}
      onBack={() => {
        setActiveId(openId);
        setOpenId(null);
      }}
      onReplay={() => setReplayedId(openId)}
    />
  );
}

function CaseList({ onOpen }: { readonly onOpen: (caseId: string) => void }) {
  const customers = useApp((state) => state.customers);
  const [filter, setFilter] = useKeptState<Filter>('cases.filter', 'active');
  const [text, setText] = useKeptState('cases.text', '');
  const [activeId, setActiveId] = useKeptState<string | null>('cases.active', null);
  const [creating, setCreating] = useState(false);
  const [isReviewing, setReviewing] = useState(false);
  const [importing, setImporting] = useState<{ readonly file: File | null } | null>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const asked = useDebounced(text, 180);
  const cases = useCall(
    'cases.list',
    { status: filter === 'closed' ? 'closed' : null, text: asked.trim() },
    { events: ['cases.changed'] },
  );
  const rows = (cases.data ?? []).filter((row) => filter !== 'active' || row.status !== 'closed');
  const activeIndex = Math.max(
    0,
    rows.findIndex((row) => row.id === activeId),
  );
  // The row that is shown as the active one stays it when others come before it.
  const shownId = rows[activeIndex]?.id ?? null;
  useLayoutEffect(() => {
    if (shownId !== null) setActiveId(shownId);
  }, [shownId, setActiveId]);
  useKeysWait(asked !== text || cases.stale);
  useCommands([
    {
      id: 'cases.search',
      title: 'Search cases',
      group: 'Cases',
      keys: ['/'],
      run: () => searchRef.current?.focus(),
    },
    { id: 'cases.new', title: 'New case', group: 'Cases', keys: ['n'], run: () => setCreating(true) },
    {
      id: 'cases.import',
      title: 'Import a case file',
      group: 'Cases',
      keys: ['Shift+i'],
      run: () => setImporting({ file: null }),
    },
    {
      id: 'cases.review',
      title: 'Review a case file without importing it',
      group: 'Cases',
      keys: ['Shift+r'],
      run: () => setReviewing(true),
    },
    {
      id: 'cases.filter-active',
      title: 'Active cases',
      group: 'Cases',
      keys: ['1'],
      run: () => setFilter('active'),
    },
    {
      id: 'cases.filter-closed',
      title: 'Closed cases',
      group: 'Cases',
      keys: ['2'],
      run: () => setFilter('closed'),
    },
    { id: 'cases.filter-all', title: 'All cases', group: 'Cases', keys: ['3'], run: () => setFilter('all') },
  ]);
  const customerName = (id: string | null) =>
    id === null ? '–' : (customers.find((each) => each.id === id)?.name ?? id);

  return (
    <Screen
      label="Cases"
      bar={
        <>
          <Tabs<Filter>
            label="Which cases"
            look="segmented"
            active={filter}
            onChange={setFilter}
            tabs={[
              { id: 'active', label: 'Active', keys: '1' },
              { id: 'closed', label: 'Closed', keys: '2' },
              { id: 'all', label: 'All', keys: '3' },
            ]}
          />
          <TextField
            label="Search cases"
            hideLabel
            className="grow"
            type="search"
            placeholder="Title, customer, assignee or id"
            value={text}
            onChange={setText}
            inputRef={searchRef}
            onKeyDown={(event) => {
              if (event.key === 'Escape' || event.key === 'Enter') {
                event.preventDefault();
                event.stopPropagation();
                event.currentTarget.blur();
              }
            }}
          />
          <Mentions keys="m" />
          <Button icon="upload" keys="Shift+i" onClick={() => setImporting({ file: null })}>
            Import
          </Button>
          <Button icon="lock" keys="Shift+r" onClick={() => setReviewing(true)}>
            Review file
          </Button>
          <Button icon="plus" keys="n" onClick={() => setCreating(true)}>
            New case
          </Button>
        </>
      }
    >
      {cases.error && cases.data === null ? (
        <ErrorState error={cases.error} title="The cases could not be read" onRetry={cases.refetch} />
      ) : (
        <VirtualTable<CaseListRow>
          label="Cases"
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.id}
          activeIndex={rows.length === 0 ? -1 : activeIndex}
          onActiveChange={(index) => setActiveId(rows[index]?.id ?? null)}
          onOpen={(index) => {
            const row = rows[index];
            if (row) onOpen(row.id);
          }}
          screenKeys
          keysGroup="Cases list"
          rowLabel={(row) => `${severityWords[row.severity]}: ${row.title.slice(0, 200)}`}
          rowClass={(row) => (row.status === 'closed' ? 'case-closed' : null)}
          empty={
            cases.loading ? (
              <LoadingState label="Reading the cases" />
            ) : text.trim() !== '' ? (
              <EmptyState
                title="No case matches"
                action={<Button onClick={() => setText('')}>Clear the search</Button>}
              />
            ) : (
              <EmptyState title={filter === 'closed' ? 'No closed case' : 'No open case'}>
                Escalate an alert from the queue with <kbd className="kbd">e</kbd>, or open an empty case with{' '}
                <kbd className="kbd">n</kbd>.
              </EmptyState>
            )
          }
          columns={[
            {
              key: 'severity',
              header: 'Severity',
              width: '120px',
              render: (row) => <SeverityBadge severity={row.severity} />,
            },
            {
              key: 'title',
              header: 'Title',
              width: 'minmax(220px, 1.6fr)',
              render: (row) => (
                <span className="case-title-cell">
                  <SafeText text={row.title} limit={160} plain /> <ConflictBadge count={row.conflictCount} />
                  {row.simulated ? <SimulatedMark /> : null}
                </span>
              ),
            },
            {
              key: 'status',
              header: 'Status',
              width: '96px',
              render: (row) => <CaseStatusBadge status={row.status} />,
            },
            {
              key: 'phase',
              header: 'Phase',
              width: 'minmax(150px, 1fr)',
              render: (row) => <span className="quiet">{casePhaseWords[row.phase]}</span>,
            },
            {
              key: 'customer',
              header: 'Customer',
              width: 'minmax(90px, 140px)',
              render: (row) => <SafeText text={customerName(row.customerId)} limit={60} plain />,
            },
            { key: 'tlp', header: 'TLP', width: '124px', render: (row) => <TlpBadge tlp={row.tlp} /> },
            {
              key: 'alerts',
              header: 'Alerts',
              width: '56px',
              align: 'end',
              data: true,
              render: (row) => row.alertCount.toLocaleString('en'),
            },
            {
              key: 'tasks',
              header: 'To do',
              width: '52px',
              align: 'end',
              data: true,
              render: (row) => row.openTaskCount.toLocaleString('en'),
            },
            {
              key: 'assignee',
              header: 'Assignee',
              width: 'minmax(70px, 110px)',
              render: (row) => <SafeText text={row.assignee ?? '–'} limit={40} plain />,
            },
            {
              key: 'changed',
              header: 'Changed',
              width: '164px',
              render: (row) => <Time timeMs={row.changedMs} format="clock" />,
            },
          ]}
        />
      )}
      <FileDrop
        label="Drop a case file here to look into it"
        onFiles={([file]) => setImporting({ file: file ?? null })}
      />
      {importing ? (
        <CaseFileImport initial={importing.file} onClose={() => setImporting(null)} onMerged={onOpen} />
      ) : null}
      {isReviewing ? <OpenReviewDialog path={null} onClose={() => setReviewing(false)} /> : null}
      {creating ? <NewCaseDialog onClose={() => setCreating(false)} onOpened={onOpen} /> : null}
    </Screen>
  );
}

function NewCaseDialog({
  onClose,
  onOpened,
}: {
  readonly onClose: () => void;
  readonly onOpened: (caseId: string) => void;
}) {
  const [fields, setFields] = useState<NewCase>({ title: '', severity: 'medium', customerId: null });
  const open = useAction('cases.open');
  const confirm = async () => {
    const made = await open.run({ alertIds: [], ...fields, title: fields.title.trim() });
    if (made) onOpened(made.id);
  };
  return (
    <FormDialog
      title="New case"
      width="small"
      onClose={onClose}
      confirmLabel="Open case"
      withEnter
      ready={fields.title.trim() !== ''}
      busy={open.running}
      error={open.error}
      onConfirm={() => void confirm()}
    >
      <NewCaseFields value={fields} onChange={setFields} />
    </FormDialog>
  );
}
