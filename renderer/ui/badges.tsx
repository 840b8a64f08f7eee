import type { ReactNode } from 'react';
import type {
  AlertStatus,
  Disposition,
  Lane,
  Mitigated,
  Severity,
  SourceState,
} from '../../shared/domain/alert.ts';
import type { CasePhase, CaseStatus, Pap, Tlp, Verdict } from '../../shared/domain/case.ts';
import type { Health } from '../../shared/domain/connection.ts';
import type { MitigationState } from '../../shared/domain/mitigation.ts';
import { classNames } from './class-names.ts';

export type Tone = 'neutral' | 'good' | 'warning' | 'bad' | 'accent';

/** A small label. Colour alone never says it: the word does. */
export function Badge({
  tone = 'neutral',
  children,
  title,
  outline = false,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly title?: string;
  readonly outline?: boolean;
}) {
  return (
    <span className={classNames('badge', `tone-${tone}`, outline && 'badge-outline')} title={title}>
      {children}
    </span>
  );
}

export const severityWords = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  informational: 'Informational',
} as const satisfies Record<Severity, string>;

/** Outline of a severity's shape inside the box (-size..size): ▲ ◆ ● ■ ○, the same on charts and in lists. */
export function severityShapePath(severity: Severity, size: number): string {
  const s = size;
  switch (severity) {
    case 'critical':
      return `M0 ${-s}L${s * 1.05} ${s * 0.85}H${-s * 1.05}Z`;
    case 'high':
      return `M0 ${-s * 1.1}L${s * 1.1} 0L0 ${s * 1.1}L${-s * 1.1} 0Z`;
    case 'low':
      return `M${-s * 0.85} ${-s * 0.85}H${s * 0.85}V${s * 0.85}H${-s * 0.85}Z`;
    case 'medium':
    case 'informational':
      return `M${-s} 0a${s} ${s} 0 1 0 ${2 * s} 0a${s} ${s} 0 1 0 ${-2 * s} 0Z`;
  }
}

/** The shape of a severity alone; informational and acknowledged are hollow. */
export function SeverityShape({
  severity,
  size = 10,
  hollow = false,
}: {
  readonly severity: Severity;
  readonly size?: number;
  readonly hollow?: boolean;
}) {
  const isHollow = hollow || severity === 'informational';
  return (
    <svg
      className={classNames('severity-shape', `severity-${severity}`)}
      width={size + 2}
      height={size + 2}
      viewBox="-6 -6 12 12"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={severityShapePath(severity, isHollow ? 4 : 4.6)}
        fill={isHollow ? 'none' : 'currentColor'}
        stroke="currentColor"
        strokeWidth={isHollow ? 1.6 : 0.6}
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Severity as shape, word and colour. `compact` keeps the word for screen readers and the tooltip only. */
export function SeverityBadge({
  severity,
  compact = false,
  hollow = false,
}: {
  readonly severity: Severity;
  readonly compact?: boolean;
  /** Acknowledged alerts are drawn hollow. */
  readonly hollow?: boolean;
}) {
  return (
    <span
      className={classNames('severity-badge', `severity-${severity}`, compact && 'is-compact')}
      title={severityWords[severity]}
    >
      <SeverityShape severity={severity} hollow={hollow} />
      <span className={compact ? 'visually-hidden' : undefined}>{severityWords[severity]}</span>
    </span>
  );
}

export const statusWords = {
  new: 'New',
  acknowledged: 'Acknowledged',
  'in-progress': 'In progress',
  closed: 'Closed',
} as const satisfies Record<AlertStatus, string>;

export function StatusBadge({ status }: { readonly status: AlertStatus }) {
  const tone: Tone = status === 'new' ? 'accent' : 'neutral';
  return (
    <Badge tone={tone} outline={status === 'acknowledged' || status === 'closed'}>
      {statusWords[status]}
    </Badge>
  );
}

export const laneWords = {
  actionable: 'Actionable',
  informational: 'Informational',
} as const satisfies Record<Lane, string>;

export function LaneBadge({ lane }: { readonly lane: Lane }) {
  return (
    <Badge tone={lane === 'actionable' ? 'warning' : 'neutral'} outline>
      {laneWords[lane]}
    </Badge>
  );
}

export const mitigatedWords = {
  no: 'Not mitigated',
  partly: 'Partly mitigated',
  yes: 'Mitigated',
  'not-known': 'Mitigation not known',
} as const satisfies Record<Mitigated, string>;

/** Whether what was seen was stopped. Stopped is hatched, as everywhere. `short` leaves one word. */
export function MitigatedBadge({
  mitigated,
  short = false,
}: {
  readonly mitigated: Mitigated;
  readonly short?: boolean;
}) {
  const shortWords = { no: 'No', partly: 'Partly', yes: 'Yes', 'not-known': 'Not known' } as const;
  return (
    <span className={classNames('mitigated', `mitigated-${mitigated}`)} title={mitigatedWords[mitigated]}>
      <span className="mitigated-mark" aria-hidden="true" />
      {short ? (
        <>
          <span aria-hidden="true">{shortWords[mitigated]}</span>
          <span className="visually-hidden">{mitigatedWords[mitigated]}</span>
        </>
      ) : (
        mitigatedWords[mitigated]
      )}
    </span>
  );
}

export const dispositionWords = {
  'true-positive': 'True positive',
  'benign-positive': 'Benign positive',
  'false-positive': 'False positive',
  duplicate: 'Duplicate',
  unknown: 'Unknown',
} as const satisfies Record<Disposition, string>;

export const sourceStateWords = {
  firing: 'Firing',
  resolved: 'Resolved',
  silenced: 'Silenced',
  inhibited: 'Inhibited',
} as const satisfies Record<SourceState, string>;

/** Traffic Light Protocol 2.0 in its own colours on black, as FIRST prescribes. */
export function TlpBadge({ tlp }: { readonly tlp: Tlp }) {
  const colour =
    tlp === 'TLP:RED' ? 'red' : tlp === 'TLP:GREEN' ? 'green' : tlp === 'TLP:CLEAR' ? 'clear' : 'amber';
  return <span className={classNames('tlp', `tlp-${colour}`)}>{tlp}</span>;
}

export function PapBadge({ pap }: { readonly pap: Pap }) {
  const colour =
    pap === 'PAP:RED' ? 'red' : pap === 'PAP:GREEN' ? 'green' : pap === 'PAP:CLEAR' ? 'clear' : 'amber';
  return <span className={classNames('tlp', `tlp-${colour}`)}>{pap}</span>;
}

export const caseStatusWords = {
  open: 'Open',
  contained: 'Contained',
  closed: 'Closed',
} as const satisfies Record<CaseStatus, string>;

export function CaseStatusBadge({ status }: { readonly status: CaseStatus }) {
  const tone: Tone = status === 'open' ? 'accent' : status === 'contained' ? 'good' : 'neutral';
  return (
    <Badge tone={tone} outline={status === 'closed'}>
      {caseStatusWords[status]}
    </Badge>
  );
}

export const casePhaseWords = {
  preparation: 'Preparation',
  'detection-and-analysis': 'Detection and analysis',
  'containment-eradication-recovery': 'Containment, eradication and recovery',
  'post-incident': 'Post-incident',
} as const satisfies Record<CasePhase, string>;

export const healthWords = {
  starting: 'Starting',
  ok: 'OK',
  lagging: 'Behind',
  failing: 'Failing',
  stopped: 'Stopped',
  'back-filling': 'Loading history',
} as const satisfies Record<Health['state'], string>;

export function healthTone(state: Health['state']): Tone {
  if (state === 'ok') return 'good';
  if (state === 'failing') return 'bad';
  if (state === 'lagging') return 'warning';
  return 'neutral';
}

export function HealthBadge({ state }: { readonly state: Health['state'] }) {
  return <Badge tone={healthTone(state)}>{healthWords[state]}</Badge>;
}

export const mitigationStateWords = {
  proposed: 'Waiting for approval',
  rejected: 'Rejected',
  approved: 'Approved, not applied',
  applying: 'Applying',
  applied: 'Applied, not verified yet',
  verified: 'Active, verified',
  unknown: 'Not known',
  lost: 'Lost on the target',
  failed: 'Failed',
  ending: 'Ending',
  ended: 'Ended',
} as const satisfies Record<MitigationState, string>;

export function mitigationTone(state: MitigationState): Tone {
  switch (state) {
    case 'verified':
      return 'good';
    case 'unknown':
    case 'lost':
    case 'failed':
      return 'bad';
    case 'approved':
    case 'applied':
    case 'applying':
    case 'ending':
      return 'warning';
    case 'proposed':
      return 'accent';
    case 'rejected':
    case 'ended':
      return 'neutral';
  }
}

export function MitigationStateBadge({ state }: { readonly state: MitigationState }) {
  return (
    <Badge tone={mitigationTone(state)} outline={state === 'ended' || state === 'rejected'}>
      {mitigationStateWords[state]}
    </Badge>
  );
}

/** Says that a thing comes from the range. */
export function SimulatedMark() {
  return <span className="simulated-mark">SIMULATED</span>;
}

const verdictTones = {
  malicious: 'bad',
  suspicious: 'warning',
  benign: 'good',
  unknown: 'neutral',
} as const satisfies Record<Verdict, Tone>;

/** What an analyst holds an observable to be; null where nobody judged it. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict | null }) {
  if (verdict === null) return <span className="quiet">not judged</span>;
  return <Badge tone={verdictTones[verdict]}>{verdict}</Badge>;
}
