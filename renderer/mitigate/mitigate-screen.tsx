import './mitigate.css';
import { Button, Screen, Tabs, useCommands } from '../ui/index.ts';
import { Ledger } from './ledger.tsx';
import { MitigateDialogs } from './mitigate-dialogs.tsx';
import { entryWords, mayAsk, mayUndo } from './mitigation-words.ts';
import { MitigationsNow } from './mitigations-now.tsx';
import { PlanTable } from './plan-table.tsx';
import { type TabId, useMitigateDesk } from './use-mitigate-desk.ts';

/** Blocks: what waits for a decision, what is in force and until when, what was agreed, what was done. */
export function MitigateScreen() {
  const desk = useMitigateDesk();
  const { tab, setTab, waiting, active } = desk;

  const group = 'Mitigate';
  useCommands([
    {
      id: 'mitigate.propose',
      title: 'Propose a mitigation',
      group,
      keys: ['p'],
      run: () => desk.propose(),
    },
    {
      id: 'mitigate.decide',
      title: 'Decide on the oldest proposal',
      group,
      keys: ['Enter'],
      enabled: waiting.length > 0 && tab === 'now',
      run: () => {
        const [oldest] = waiting;
        if (oldest) desk.openDialog({ kind: 'approve', id: oldest.id });
      },
    },
    {
      id: 'mitigate.new-plan',
      title: 'New action plan',
      group,
      keys: ['n'],
      run: () => desk.openDialog({ kind: 'plan', plan: null }),
    },
    ...active.slice(0, 20).flatMap((row) => [
      {
        id: `mitigate.verify.${row.id}`,
        title: `Ask ${row.targetName} about ${entryWords(row.entries)}`,
        group,
        enabled: mayAsk(row.state),
        run: () => desk.ask(row),
      },
      {
        id: `mitigate.undo.${row.id}`,
        title: `Undo the block of ${entryWords(row.entries)} on ${row.targetName}`,
        group,
        enabled: mayUndo(row.state),
        run: () => desk.openDialog({ kind: 'undo', mitigation: row }),
      },
    ]),
    { id: 'mitigate.tab-now', title: 'Waiting and active', group, keys: ['1'], run: () => setTab('now') },
    { id: 'mitigate.tab-plans', title: 'Plans', group, keys: ['2'], run: () => setTab('plans') },
    { id: 'mitigate.tab-ledger', title: 'Ledger', group, keys: ['3'], run: () => setTab('ledger') },
  ]);

  return (
    <Screen label="Mitigate">
      <Tabs<TabId>
        label="Mitigate"
        active={tab}
        onChange={setTab}
        tabs={[
          { id: 'now', label: 'Waiting and active', count: waiting.length + active.length, keys: '1' },
          {
            id: 'plans',
            label: 'Plans',
            count: (desk.plans.data ?? []).filter((plan) => !plan.retired).length,
            keys: '2',
          },
          { id: 'ledger', label: 'Ledger', keys: '3' },
        ]}
        aside={
          tab === 'plans' ? (
            <Button small icon="plus" keys="n" onClick={() => desk.openDialog({ kind: 'plan', plan: null })}>
              New plan
            </Button>
          ) : (
            <Button small keys="p" onClick={desk.propose}>
              Propose
            </Button>
          )
        }
      >
        {tab === 'now' ? <MitigationsNow desk={desk} /> : null}
        {tab === 'plans' ? <PlanTable desk={desk} /> : null}
        {tab === 'ledger' ? (
          <Ledger past={desk.past} onOpen={(id) => desk.openDialog({ kind: 'approve', id })} />
        ) : null}
      </Tabs>
      <MitigateDialogs desk={desk} />
    </Screen>
  );
}
