import './case-view.css';
import { type ReactNode, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { ReportView } from '../reports/report-view.tsx';
import { Tabs, useCommands, useKeptState } from '../ui/index.ts';
import { AttackMatrix } from './attack-matrix.tsx';
import { LinkedAlerts } from './case-alerts.tsx';
import { CaseConflicts } from './case-conflicts.tsx';
import { type CaseDesk, CaseDeskProvider } from './case-desk.tsx';
import { CaseEvidence } from './case-evidence.tsx';
import { CaseFields } from './case-fields.tsx';
import { CaseHeader } from './case-header.tsx';
import { CaseMerges } from './case-merge.tsx';
import { CaseMitigations } from './case-mitigations.tsx';
import { CaseObservables } from './case-observables.tsx';
import { CaseSignals } from './case-signals.tsx';
import { CaseTasks } from './case-tasks.tsx';
import { CaseTechniques } from './case-techniques.tsx';
import { CaseTimeline } from './case-timeline.tsx';
import { ObservablesTable } from './observables-table.tsx';
import { RelatedCases } from './related-cases.tsx';
import type { AddEvidence, AskedFor } from './timeline-composer.tsx';
import { useSaveSignals } from './use-save-signals.ts';

type TabId = 'timeline' | 'signals' | 'report' | 'attack' | 'observables';

const tabTitles = [
  ['timeline', 'Timeline', '1'],
  ['signals', 'Signals', '2'],
  ['report', 'Preview the report', '3'],
  ['attack', 'ATT&CK matrix', '4'],
  ['observables', 'Table of observables', '5'],
] as const satisfies readonly (readonly [TabId, string, string])[];

/** From any tab these lead to the box on the timeline. */
const composeTitles = [
  ['note', 'Write a note', 'n'],
  ['comment', 'Write a comment', 'm'],
  ['event', 'Add a dated event', 'v'],
] as const satisfies readonly (readonly [AskedFor['what'], string, string])[];

export interface CaseViewProps {
  readonly state: CaseState;
  /** Where it is looked at; where nothing can be changed, nothing is shown that would. */
  readonly desk: CaseDesk;
  /** Files on their way into the case; both are of no use where nothing can be changed. */
  readonly isAddingEvidence?: boolean;
  readonly onAddEvidence?: AddEvidence;
  /** In the place of the report, e.g. for a moment of which there is none. */
  readonly report?: ReactNode;
}

const addNothing: AddEvidence = async () => [];

/** A case as it stands in a state: header, what happened on the left, what belongs to it on the right. */
export function CaseView({
  state,
  desk,
  isAddingEvidence = false,
  onAddEvidence = addNothing,
  report,
}: CaseViewProps) {
  const [tab, setTab] = useKeptState<TabId>(`cases.tab.${state.id}`, 'timeline');
  const [asked, setAsked] = useState<AskedFor | null>(null);
  const signals = useSaveSignals(state, desk.edit);
  useCommands([
    ...tabTitles.map(([id, title, keys]) => ({
      id: `case.tab-${id}`,
      title,
      group: 'Case',
      keys: [keys],
      run: () => setTab(id),
    })),
    ...(desk.edit === null
      ? []
      : [
          ...composeTitles.map(([what, title, keys]) => ({
            id: `case.${what}`,
            title,
            group: 'Case',
            keys: [keys],
            run: () => {
              setTab('timeline');
              setAsked({ what });
            },
          })),
          {
            id: 'case.save-signals',
            title: 'Save the signals with the case',
            group: 'Case',
            keys: ['w'],
            enabled: state.alerts.length > 0,
            run: () => {
              setTab('signals');
              void signals.save();
            },
          },
        ]),
  ]);
  return (
    <CaseDeskProvider value={desk}>
      <CaseHeader state={state} />
      <CaseMerges state={state} change={desk.edit?.change ?? null} />
      <CaseConflicts state={state} append={desk.edit?.append ?? null} />
      <div className="case-columns">
        <div className="case-main">
          <Tabs<TabId>
            label="Case"
            active={tab}
            onChange={setTab}
            tabs={[
              { id: 'timeline', label: 'Timeline', count: state.timeline.length, keys: '1' },
              { id: 'signals', label: 'Signals', count: state.slices.length, keys: '2' },
              { id: 'report', label: 'Report', keys: '3' },
              { id: 'attack', label: 'ATT&CK', count: state.techniques.length, keys: '4' },
              { id: 'observables', label: 'Observables', count: state.observables.length, keys: '5' },
            ]}
          >
            {tab === 'timeline' ? (
              <CaseTimeline
                state={state}
                asked={asked}
                onAnswered={() => setAsked(null)}
                onAddEvidence={onAddEvidence}
              />
            ) : null}
            {tab === 'signals' ? (
              <CaseSignals
                state={state}
                busy={signals.busy}
                onSave={desk.edit === null ? null : () => void signals.save()}
              />
            ) : null}
            {tab === 'report'
              ? (report ?? <ReportView caseId={state.id} version={state.timeline.length} />)
              : null}
            {tab === 'attack' ? <AttackMatrix state={state} /> : null}
            {tab === 'observables' ? <ObservablesTable state={state} /> : null}
          </Tabs>
        </div>
        <aside className="case-side" aria-label="What belongs to the case">
          <h2 className="visually-hidden">What belongs to the case</h2>
          <CaseMitigations state={state} />
          <LinkedAlerts state={state} />
          <CaseTasks state={state} />
          <CaseObservables state={state} onShowTable={() => setTab('observables')} />
          <CaseTechniques state={state} />
          <CaseFields state={state} />
          <CaseEvidence state={state} busy={isAddingEvidence} onAdd={(files) => void onAddEvidence(files)} />
          <RelatedCases state={state} />
        </aside>
      </div>
    </CaseDeskProvider>
  );
}
