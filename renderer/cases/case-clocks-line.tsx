import { useMemo } from 'react';
import { type CasePhase, type CaseState, casePhases } from '../../shared/domain/case.ts';
import { caseClocks, caseDurations } from '../../shared/domain/case-clocks.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import { casePhaseWords, useNow } from '../ui/index.ts';

/** The phases of NIST SP 800-61 as steps, and how long detecting, acknowledging, containing and closing took. */
export function CaseClocksLine({ state }: { readonly state: CaseState }) {
  return (
    <div className="case-clocks">
      <PhaseSteps phase={state.phase} />
      <Clocks state={state} />
    </div>
  );
}

function PhaseSteps({ phase }: { readonly phase: CasePhase }) {
  const at = casePhases.indexOf(phase);
  return (
    <ol className="phase-steps" aria-label="Phases of NIST SP 800-61">
      {casePhases.map((each, index) => (
        <li
          key={each}
          className={index === at ? 'phase-step is-now' : index < at ? 'phase-step is-past' : 'phase-step'}
          aria-current={index === at ? 'step' : undefined}
        >
          {index < at ? '✓ ' : ''}
          {casePhaseWords[each]}
        </li>
      ))}
    </ol>
  );
}

function Clocks({ state }: { readonly state: CaseState }) {
  const nowMs = useNow();
  // Drawn anew every second; read from ten thousand entries only when there are other ones.
  const clocks = useMemo(() => caseClocks(state), [state]);
  const { detectMs, acknowledgeMs, containMs, closeMs } = caseDurations(clocks);
  const runs = (isRunning: boolean) =>
    isRunning && clocks.detectedMs !== null && nowMs > clocks.detectedMs ? nowMs - clocks.detectedMs : null;
  return (
    <dl className="case-durations">
      <Clock
        label="To detect"
        durationMs={detectMs}
        title="From the first occurrence to the first detection that the case tells"
      />
      <Clock
        label="To acknowledge"
        durationMs={acknowledgeMs}
        title="From the detection until this case was opened"
      />
      <Clock
        label="To contain"
        durationMs={containMs}
        runningMs={runs(state.status === 'open')}
        title="From the detection until the case was first called contained"
      />
      <Clock
        label="To close"
        durationMs={closeMs}
        runningMs={runs(state.status !== 'closed')}
        title="From the detection until the case was closed"
      />
    </dl>
  );
}

function Clock({
  label,
  durationMs,
  runningMs = null,
  title,
}: {
  readonly label: string;
  readonly durationMs: number | null;
  /** How long it runs already. */
  readonly runningMs?: number | null;
  readonly title: string;
}) {
  return (
    <div title={title}>
      <dt>{label}</dt>
      <dd className="tabular">
        {durationMs !== null ? (
          formatDuration(durationMs)
        ) : runningMs !== null ? (
          <>
            <span className="quiet">runs</span> {formatDuration(runningMs)}
          </>
        ) : (
          <span className="quiet">not known</span>
        )}
      </dd>
    </div>
  );
}
