import { useMemo, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { createReplay, type Replay } from '../../shared/domain/replay.ts';
import type { ReplayFacts } from '../../shared/domain/replay-facts.ts';
import { minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { CaseDesk } from '../cases/case-desk.tsx';
import { CaseView } from '../cases/case-view.tsx';
import {
  Button,
  CallView,
  CaseStatusBadge,
  casePhaseWords,
  EmptyState,
  LoadingState,
  Notice,
  SafeText,
  Screen,
  SelectField,
  SeverityBadge,
  SimulatedMark,
  Tabs,
  type Ticker,
  TickerContext,
  TlpBadge,
  useApp,
  useCall,
  useCommands,
  useShowTime,
} from '../ui/index.ts';
import { ReplayCharts, ReplayDecisions, ReplayQueue, ReplayTimeline, type Sight } from './replay-panes.tsx';
import { laneWords, Scrubber } from './scrubber.tsx';
import { type ReplayClock, type Speed, speeds, useReplayClock } from './use-replay-clock.ts';
import './review.css';

/** A case as it was known at any second, on a workstation that had it. */
export function ReplayView({ caseId, onBack }: { readonly caseId: string; readonly onBack: () => void }) {
  const state = useCall('cases.get', { id: caseId }, { events: ['cases.changed'] });
  const facts = useCall('cases.replay', { id: caseId }, { events: ['cases.changed'] });
  useCommands([
    { id: 'replay.back', title: 'Back to the case', group: 'Replay', keys: ['Escape'], run: onBack },
  ]);
  return (
    <CallView call={state} label="Reading the case" errorTitle="The case could not be read">
      {(read) => (
        <CallView call={facts} label="Reading what came when" errorTitle="The replay could not be read">
          {(told) => <ReplayOf state={read} facts={told} onBack={onBack} />}
        </CallView>
      )}
    </CallView>
  );
}

/** The workstation whose log counts first: where the file was made, or the analyst's own. */
function firstWorkstation({ workstations, ownWorkstationId, exporterWorkstationId }: ReplayFacts): string {
  const wanted = exporterWorkstationId ?? ownWorkstationId;
  const found = workstations.find(({ id }) => id === wanted) ?? workstations[0];
  return found?.id ?? wanted ?? '';
}

/** Workstations by their names; those of one name told apart by their ids. */
function workstationOptions({ workstations, ownWorkstationId, exporterWorkstationId }: ReplayFacts) {
  return workstations.map(({ id, name }) => {
    const isAlone = workstations.filter((other) => other.name === name).length === 1;
    const place =
      id === ownWorkstationId ? ', this one' : id === exporterWorkstationId ? ', made the file' : '';
    return { value: id, label: `${name}${isAlone ? '' : ` ${id.slice(-4)}`}${place}` };
  });
}

function ReplayOf({
  state,
  facts,
  onBack,
}: {
  readonly state: CaseState;
  readonly facts: ReplayFacts;
  readonly onBack: () => void;
}) {
  const [workstationId, setWorkstation] = useState(() => firstWorkstation(facts));
  const [sight, setSight] = useState<Sight>('known');
  const [isCase, setCase] = useState(false);
  const replay = useMemo(() => createReplay({ state, facts, workstationId }), [state, facts, workstationId]);
  const clock = useReplayClock(replay.fromMs, replay.toMs, replay.toMs);
  const options = workstationOptions(facts);
  const nextWorkstation = () => {
    const place = options.findIndex(({ value }) => value === workstationId);
    const next = options[(place + 1) % Math.max(1, options.length)];
    if (next !== undefined) setWorkstation(next.value);
  };
  useReplayKeys(replay, clock, {
    toggleSight: () => setSight((value) => (value === 'known' ? 'actual' : 'known')),
    nextWorkstation: options.length > 1 ? nextWorkstation : null,
    toggleCase: () => setCase((value) => !value),
  });
  const moment = useMemo(() => replay.at(clock.timeMs), [replay, clock.timeMs]);
  const { header } = moment;
  return (
    <Screen
      label="Replay"
      ownHeading
      bar={
        <>
          <Button small variant="quiet" icon="chevron-left" keys="Escape" onClick={onBack}>
            Case
          </Button>
          {header === null ? (
            <h1 className="replay-title quiet">The case was not there yet</h1>
          ) : (
            <>
              <SeverityBadge severity={header.severity} compact />
              <h1 className="replay-title truncate">
                <SafeText text={header.title} limit={160} plain />
              </h1>
              <CaseStatusBadge status={header.status} />
              <span className="quiet truncate replay-phase">{casePhaseWords[header.phase]}</span>
              <TlpBadge tlp={header.tlp} />
              <span className="quiet truncate replay-assignee">
                <SafeText text={header.assignee ?? 'nobody has it'} limit={40} plain />
              </span>
            </>
          )}
          {state.simulated ? <SimulatedMark /> : null}
          <span className="grow" />
          {options.length > 1 ? (
            <SelectField
              label="Workstation whose knowledge is shown"
              hideLabel
              value={workstationId}
              onChange={setWorkstation}
              options={options}
            />
          ) : (
            <span className="quiet truncate replay-place">
              Workstation <SafeText text={options[0]?.label ?? 'not known'} limit={60} plain />
            </span>
          )}
          <Button
            small
            variant="quiet"
            icon="cases"
            keys="c"
            aria-pressed={isCase}
            onClick={() => setCase((value) => !value)}
          >
            Whole case
          </Button>
          <Tabs<Sight>
            label="What is shown"
            look="segmented"
            active={sight}
            onChange={setSight}
            tabs={[
              { id: 'known', label: 'Known then' },
              { id: 'actual', label: 'True now', keys: 't' },
            ]}
          />
        </>
      }
    >
      <ReplayControls replay={replay} clock={clock} />
      {facts.workstations.length === 0 ? (
        <Notice tone="warning">Nothing in this case tells on which workstation it was known when.</Notice>
      ) : null}
      {isCase ? <CaseThen replay={replay} timeMs={clock.timeMs} /> : null}
      <div className="replay-panes" hidden={isCase}>
        <div className="replay-column">
          <div className="replay-signals">
            <ReplayCharts
              charts={moment.charts[sight]}
              fromMs={replay.fromMs}
              toMs={replay.toMs}
              timeMs={clock.timeMs}
            />
          </div>
          <div className="replay-queue">
            <ReplayQueue rows={moment.queue} sight={sight} timeMs={clock.timeMs} />
          </div>
        </div>
        <div className="replay-column">
          <div className="replay-decided">
            <ReplayDecisions rows={moment.decisions} sight={sight} timeMs={clock.timeMs} />
          </div>
          <div className="replay-timeline">
            <ReplayTimeline
              timeline={moment.timeline[sight]}
              state={state}
              sight={sight}
              timeMs={clock.timeMs}
            />
          </div>
        </div>
      </div>
    </Screen>
  );
}

/** Nothing can be asked or changed of a moment that is over. */
const thenDesk: CaseDesk = { edit: null, readEvidence: null, saveEvidence: null, isStored: false };

/** The whole case as it stood, folded from what had arrived. */
function CaseThen({ replay, timeMs }: { readonly replay: Replay; readonly timeMs: number }) {
  const state = useMemo(() => replay.stateAt(timeMs), [replay, timeMs]);
  const { coreMs, machineMs } = useApp((app) => app.clock);
  // Ages and running clocks are those of the moment.
  const ticker = useMemo(
    (): Ticker => ({ subscribe: () => () => undefined, nowMs: () => timeMs - coreMs + machineMs }),
    [timeMs, coreMs, machineMs],
  );
  if (state.timeline.length === 0) {
    return <EmptyState title="The case was not there yet">Nothing of it had arrived.</EmptyState>;
  }
  return (
    <TickerContext value={ticker}>
      <CaseView
        state={state}
        desk={thenDesk}
        report={<EmptyState title="No report">A report is made of the case as it is now.</EmptyState>}
      />
    </TickerContext>
  );
}

/** Play, speed, the moment, and the incident from end to end. */
function ReplayControls({ replay, clock }: { readonly replay: Replay; readonly clock: ReplayClock }) {
  const show = useShowTime();
  if (replay.toMs === 0) return <LoadingState label="Nothing arrived there" />;
  return (
    <div className="replay-controls">
      <Button
        icon={clock.isPlaying ? 'stop' : 'play'}
        keys="Space"
        onClick={() => clock.setPlaying(!clock.isPlaying)}
      >
        {clock.isPlaying ? 'Pause' : 'Play'}
      </Button>
      <Tabs<`${Speed}`>
        label="Speed"
        look="segmented"
        active={`${clock.speed}`}
        onChange={(speed) => clock.setSpeed(speeds.find((each) => `${each}` === speed) ?? 1)}
        tabs={speeds.map((speed, index) => ({
          id: `${speed}` as const,
          label: `${speed}×`,
          keys: String(index + 1),
        }))}
      />
      <time className="mono tabular replay-time" dateTime={new Date(clock.timeMs).toISOString()}>
        {show(Math.floor(clock.timeMs / secondMs) * secondMs)}
      </time>
      <div className="replay-lanes" aria-hidden="true">
        {Object.values(laneWords).map((words) => (
          <span key={words}>{words}</span>
        ))}
      </div>
      <Scrubber
        marks={replay.marks}
        fromMs={replay.fromMs}
        toMs={replay.toMs}
        timeMs={clock.timeMs}
        onSeek={clock.seek}
      />
    </div>
  );
}

function useReplayKeys(
  replay: Replay,
  clock: ReplayClock,
  actions: {
    readonly toggleSight: () => void;
    readonly nextWorkstation: (() => void) | null;
    readonly toggleCase: () => void;
  },
): void {
  const group = 'Replay';
  const step = (id: string, title: string, keys: string, byMs: number) => ({
    id: `replay.${id}`,
    title,
    group,
    keys: [keys],
    hidden: true,
    run: () => clock.seek(clock.timeMs + byMs),
  });
  const jump = (timeMs: number | null) => {
    if (timeMs !== null) clock.seek(timeMs);
  };
  useCommands([
    {
      id: 'replay.play',
      title: clock.isPlaying ? 'Pause the replay' : 'Play the replay',
      group,
      keys: ['Space'],
      run: () => clock.setPlaying(!clock.isPlaying),
    },
    step('back-1', 'A second back', 'ArrowLeft', -secondMs),
    step('on-1', 'A second on', 'ArrowRight', secondMs),
    step('back-10', 'Ten seconds back', 'ArrowDown', -10 * secondMs),
    step('on-10', 'Ten seconds on', 'ArrowUp', 10 * secondMs),
    step('back-60', 'A minute back', 'Shift+ArrowLeft', -minuteMs),
    step('on-60', 'A minute on', 'Shift+ArrowRight', minuteMs),
    {
      id: 'replay.start',
      title: 'To the beginning',
      group,
      keys: ['Home'],
      run: () => clock.seek(replay.fromMs),
    },
    { id: 'replay.end', title: 'To the end', group, keys: ['End'], run: () => clock.seek(replay.toMs) },
    {
      id: 'replay.next',
      title: 'To the next entry',
      group,
      keys: ['.'],
      run: () => jump(replay.nextEntry(clock.timeMs)),
    },
    {
      id: 'replay.previous',
      title: 'To the previous entry',
      group,
      keys: [','],
      run: () => jump(replay.previousEntry(clock.timeMs)),
    },
    {
      id: 'replay.sight',
      title: 'Change between known then and true now',
      group,
      keys: ['t'],
      run: actions.toggleSight,
    },
    {
      id: 'replay.case',
      title: 'Show the whole case as it stood, or the panes again',
      group,
      keys: ['c'],
      run: actions.toggleCase,
    },
    {
      id: 'replay.workstation',
      title: 'Show what the next workstation knew',
      group,
      keys: ['w'],
      enabled: actions.nextWorkstation !== null,
      run: () => actions.nextWorkstation?.(),
    },
    ...speeds.map((speed, index) => ({
      id: `replay.speed-${speed}`,
      title: `Play at ${speed}×`,
      group,
      keys: [String(index + 1)],
      run: () => {
        clock.setSpeed(speed);
        clock.setPlaying(true);
      },
    })),
  ]);
}
