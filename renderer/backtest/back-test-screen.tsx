import './back-test.css';
import { useEffect } from 'react';
import { shippedChoices } from '../../shared/detection/back-test.ts';
import { mostBackTestSignals } from '../../shared/domain/back-test.ts';
import { dayMs, minuteMs } from '../../shared/domain/time.ts';
import {
  Button,
  EmptyState,
  ErrorState,
  LoadingState,
  Pane,
  Screen,
  SplitPane,
  useApp,
  useArrival,
  useCommands,
  useCoreNow,
  useKeptState,
} from '../ui/index.ts';
import { choicesFrom, typedFrom } from './back-test-choices.ts';
import { BackTestResultView } from './back-test-result.tsx';
import { type BackTestForm, BackTestSetup } from './back-test-setup.tsx';
import { useBackTest } from './use-back-test.ts';

const shipped = typedFrom(shippedChoices);
const firstForm: BackTestForm = {
  serviceId: null,
  signalIds: [],
  days: 7,
  a: shipped,
  compare: false,
  // A first guess of the other side: half as many.
  b: { ...shipped, probability: (shipped.probability ?? 1) * 4 },
  scenario: 'none',
  seed: 1,
};

/** Back-tests: what the engine would have raised over stored history, with one setting or two side by side. */
export function BackTestScreen() {
  const signals = useApp((state) => state.signals);
  const coreNow = useCoreNow();
  const [form, setForm] = useKeptState<BackTestForm>('backtest.form', firstForm);
  const { state, run } = useBackTest();
  const running = state.kind === 'running';
  useArrival('backtest', ({ signalIds }) => {
    if (signalIds === undefined || signalIds.length === 0) return;
    const first = signals.find(({ id }) => id === signalIds[0]);
    const serviceId = first?.serviceId ?? null;
    const own = new Set(signals.filter((signal) => signal.serviceId === serviceId).map(({ id }) => id));
    setForm((before) => ({ ...before, serviceId, signalIds: signalIds.filter((id) => own.has(id)) }));
  });
  // The first service is chosen as soon as signals are known.
  useEffect(() => {
    const [first] = signals;
    if (form.serviceId !== null || first === undefined) return;
    setForm((before) => ({
      ...before,
      serviceId: first.serviceId,
      signalIds: signals
        .filter(({ serviceId }) => serviceId === first.serviceId)
        .slice(0, mostBackTestSignals)
        .map(({ id }) => id),
    }));
  }, [signals, form.serviceId, setForm]);

  const a = choicesFrom(form.a);
  const b = form.compare ? choicesFrom(form.b) : null;
  const problems = [
    ...(form.signalIds.length === 0 && signals.length > 0 ? ['Choose at least one signal.'] : []),
    ...(a.ok ? [] : a.problems),
    ...(b === null || b.ok ? [] : b.problems.map((problem) => `B: ${problem}`)),
    ...(form.scenario !== 'none' && form.seed === null ? ['Seed: a number is missing.'] : []),
  ];
  const start = () => {
    if (running || problems.length > 0 || !a.ok || (b !== null && !b.ok)) return;
    const toMs = Math.floor(coreNow() / minuteMs) * minuteMs;
    void run({
      signalIds: [...form.signalIds],
      fromMs: toMs - form.days * dayMs,
      toMs,
      a: a.choices,
      b: b === null ? null : b.choices,
      scenario: form.scenario === 'none' ? null : { name: form.scenario, seed: Math.round(form.seed ?? 0) },
    });
  };
  useCommands([
    {
      id: 'backtest.run',
      title: 'Run the back-test',
      group: 'Back-test',
      keys: ['Ctrl+Enter'],
      whileTyping: true,
      enabled: !running && problems.length === 0 && signals.length > 0,
      run: start,
    },
    {
      id: 'backtest.stop',
      title: 'Stop the back-test',
      group: 'Back-test',
      keys: ['Escape'],
      enabled: running,
      run: () => {
        if (state.kind === 'running') state.cancel();
      },
    },
    {
      id: 'backtest.shipped',
      title: 'Set both settings as shipped',
      group: 'Back-test',
      run: () => setForm((before) => ({ ...before, a: shipped, b: shipped })),
    },
  ]);

  return (
    <Screen label="Back-test">
      {signals.length === 0 ? (
        <EmptyState title="No signals yet">
          A back-test replays stored samples. They come with a source that brings signals, and the range has
          some.
        </EmptyState>
      ) : (
        <SplitPane
          id="backtest.result"
          paneLabel="What it would have raised"
          initialSize={920}
          minSize={480}
          minMain={360}
          main={
            <Pane title="Back-test">
              <BackTestSetup
                form={form}
                onChange={(change) => setForm((before) => ({ ...before, ...change }))}
                problems={problems}
                running={running}
                onRun={start}
                onCancel={() => {
                  if (state.kind === 'running') state.cancel();
                }}
              />
            </Pane>
          }
          pane={
            <Pane title="What it would have raised">
              <Outcome state={state} onRun={start} />
            </Pane>
          }
        />
      )}
    </Screen>
  );
}

function Outcome({
  state,
  onRun,
}: {
  readonly state: ReturnType<typeof useBackTest>['state'];
  readonly onRun: () => void;
}) {
  switch (state.kind) {
    case 'none':
      return (
        <EmptyState title="What the engine would have raised appears here">
          Findings and incidents of the range, counted by day and lane, each on its signal’s chart. With a
          setting B: what only one of the two raises.
        </EmptyState>
      );
    case 'running':
      return <LoadingState label="Replaying" progress={state.progress} onCancel={state.cancel} />;
    case 'stopped':
      return (
        <EmptyState
          title="Stopped before its end"
          action={
            <Button icon="refresh" onClick={onRun}>
              Replay again
            </Button>
          }
        >
          Nothing of it was kept, and nothing was changed.
        </EmptyState>
      );
    case 'failed':
      return <ErrorState title="The back-test did not come to its end" error={state.error} onRetry={onRun} />;
    case 'done':
      return <BackTestResultView key={state.result.toMs} result={state.result} />;
  }
}
