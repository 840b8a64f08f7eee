import './reports.css';
import {
  Badge,
  Button,
  CallView,
  CaseStatusBadge,
  ChoiceList,
  EmptyState,
  Pane,
  SafeText,
  Screen,
  SeverityBadge,
  SplitPane,
  Time,
  useApp,
  useArrival,
  useCall,
  useCommands,
  useKeptState,
} from '../ui/index.ts';
import { ReportView } from './report-view.tsx';

/** Reports: the retrospective of a case, previewed and saved. */
export function ReportsScreen() {
  const goTo = useApp((state) => state.goTo);
  const cases = useCall('cases.list', { status: null, text: '' }, { events: ['cases.changed'] });
  const [chosenId, setChosenId] = useKeptState<string | null>('reports.case', null);
  useArrival('reports', (destination) => {
    if (destination.caseId !== undefined) setChosenId(destination.caseId);
  });
  const rows = (cases.data ?? []).toSorted((left, right) => right.changedMs - left.changedMs);
  const index = Math.max(
    0,
    rows.findIndex((row) => row.id === chosenId),
  );
  const chosen = rows[index];
  const move = (by: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, index + by))];
    if (next) setChosenId(next.id);
  };
  useCommands([
    {
      id: 'reports.next',
      title: 'Next case',
      group: 'Report',
      keys: ['j', 'ArrowDown'],
      hidden: true,
      run: () => move(1),
    },
    {
      id: 'reports.previous',
      title: 'Previous case',
      group: 'Report',
      keys: ['k', 'ArrowUp'],
      hidden: true,
      run: () => move(-1),
    },
    {
      id: 'reports.open-case',
      title: 'Open the case',
      group: 'Report',
      keys: ['Enter'],
      enabled: chosen !== undefined,
      run: () => {
        if (chosen) goTo('cases', { caseId: chosen.id });
      },
    },
  ]);

  const list = (
    <Pane title="Incident retrospective" padded={false}>
      <CallView call={cases} label="Reading the cases">
        {() =>
          rows.length === 0 ? (
            <EmptyState
              title="No case to report on"
              action={<Button onClick={() => goTo('queue')}>Go to the queue</Button>}
            >
              A retrospective is written from a case: what happened, what was done and when, the impact in
              numbers.
            </EmptyState>
          ) : (
            <ChoiceList
              label="Cases"
              rows={rows}
              keyOf={(row) => row.id}
              chosen={chosen?.id ?? null}
              onChoose={setChosenId}
              head={(row) => (
                <>
                  <SeverityBadge severity={row.severity} compact />
                  <SafeText text={row.title} limit={120} plain />
                </>
              )}
              facts={(row) => (
                <>
                  <CaseStatusBadge status={row.status} />
                  <Time timeMs={row.changedMs} format="clock" />
                </>
              )}
            />
          )
        }
      </CallView>
      <div className="report-later">
        <p>
          Monthly report <Badge outline>Not there yet</Badge>
        </p>
        <p>
          Shift handover{' '}
          <Button small keys="g h" onClick={() => goTo('handover')}>
            Open
          </Button>
        </p>
      </div>
    </Pane>
  );

  return (
    <Screen label="Reports">
      <SplitPane
        id="reports.list"
        paneLabel="Report"
        initialSize={940}
        minSize={420}
        minMain={260}
        main={list}
        pane={
          chosen === undefined ? (
            <EmptyState title="The preview appears here">
              Open a case first: its report is made from it.
            </EmptyState>
          ) : (
            <ReportView key={chosen.id} caseId={chosen.id} version={chosen.changedMs} />
          )
        }
      />
    </Screen>
  );
}
