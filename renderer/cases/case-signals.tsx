import type { CaseState } from '../../shared/domain/case.ts';
import { pointsFromWindow } from '../../shared/domain/series.ts';
import { Button, EmptyState, SafeText, Section, SeriesChart, Time } from '../ui/index.ts';

/** The stretches of signals that were saved with the case: they are drawn from the case alone, without any source. */
export function CaseSignals({
  state,
  busy,
  onSave,
}: {
  readonly state: CaseState;
  readonly busy: boolean;
  /** null where nothing is saved with the case. */
  readonly onSave: (() => void) | null;
}) {
  const save =
    onSave === null ? null : (
      <Button icon="watch" keys="w" busy={busy} disabled={state.alerts.length === 0} onClick={onSave}>
        Save signals until now
      </Button>
    );
  if (state.slices.length === 0) {
    return (
      <EmptyState title="No signals saved yet" action={save}>
        {state.alerts.length === 0
          ? 'Link an alert first: its service says which signals belong to the case.'
          : 'Saves the service’s signals around the alerts with the case, so that its charts live on without their source.'}
      </EmptyState>
    );
  }
  return (
    <div className="case-signals">
      <div className="row row-end">{save}</div>
      {state.slices.toReversed().map((slice) => (
        <Section
          key={slice.id}
          title={<SafeText text={slice.title === '' ? 'Saved signals' : slice.title} limit={120} plain />}
          aside={
            <span className="quiet">
              <Time timeMs={slice.fromMs} age={false} /> to{' '}
              <Time timeMs={slice.toMs} age={false} format="clock" />
            </span>
          }
        >
          <div className="slice-charts">
            {slice.signals.map((signal) => (
              <SeriesChart
                key={`${slice.id} ${signal.window.signalId}`}
                title={signal.name}
                unit={signal.unit}
                fromMs={slice.fromMs}
                toMs={slice.toMs}
                series={[
                  { id: signal.window.signalId, name: signal.name, points: pointsFromWindow(signal.window) },
                ]}
                findings={signal.window.findings}
                gaps={signal.window.gaps}
              />
            ))}
          </div>
        </Section>
      ))}
    </div>
  );
}
