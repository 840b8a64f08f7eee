import type { Alert, Severity } from '../domain/alert.ts';
import type { CasePhase, CaseState, CaseStatus, Pap, Tlp, Verdict } from '../domain/case.ts';
import type { EntityKind } from '../domain/entity.ts';
import type { LedgerRow, Mitigation } from '../domain/mitigation.ts';
import type { Finding, SignalWindow } from '../domain/signal.ts';

/** Everything a retrospective is made from. Gathered by the core; nothing here is trusted to be harmless text. */
export interface RetrospectiveInput {
  readonly case: CaseState;
  readonly customerName: string | null;
  readonly serviceNames: readonly string[];
  /** The linked alerts as they are now; those that are gone are told from the case's own copy. */
  readonly alerts: readonly Alert[];
  /** Findings of the alerts' signals; those saved with the case's slices are added by themselves. */
  readonly findings: readonly Finding[];
  readonly mitigations: readonly { readonly mitigation: Mitigation; readonly ledger: readonly LedgerRow[] }[];
  /** Names of the techniques tagged; an id without one stands alone. */
  readonly techniques: readonly { readonly id: string; readonly name: string }[];
  /** When a person first acknowledged or took one of the alerts; null where nobody did or it is not known. */
  readonly firstAcknowledgedMs: number | null;
  /** What verifying the case's entry chains gave; null where it was not done. */
  readonly chain: { readonly ok: boolean; readonly sentence: string } | null;
  /** The line that MITRE's terms ask for, shown when techniques are. */
  readonly attackNotice: string;
  readonly generatedMs: number;
  readonly analystName: string | null;
  readonly appVersion: string;
}

/** One signal's part of the impact. Numbers are in the signal's unit. */
export interface ImpactRow {
  readonly signalId: string;
  readonly name: string;
  readonly unit: string;
  readonly stage: string;
  readonly direction: 'up' | 'down';
  readonly peak: number;
  readonly peakMs: number;
  readonly usual: number;
  readonly usualLow: number;
  readonly usualHigh: number;
  /** peak / usual; null where the usual is 0 or the signal is a ratio or a time in which a factor says little. */
  readonly factor: number | null;
  readonly fromMs: number;
  /** null while the finding is open. */
  readonly toMs: number | null;
  /** -log10 of the tail probability at the peak. */
  readonly surprise: number;
  /** Time within findings, ms; null while one is open and nothing was saved with the case. */
  readonly deviatedMs: number | null;
  /** Integral of value minus expected over the findings, for rates only: `{amount: 40871, unit: 'requests'}`. */
  readonly excess: { readonly amount: number; readonly unit: string } | null;
  /** Time within the findings without samples, ms. */
  readonly missingMs: number;
}

export interface ReportChart {
  readonly title: string;
  readonly unit: string;
  readonly stage: string;
  readonly window: SignalWindow;
  readonly fromMs: number;
  readonly toMs: number;
  /** When countermeasures came into force and ended. */
  readonly marks: readonly { readonly timeMs: number; readonly label: string }[];
}

export interface ReportAction {
  readonly id: string;
  readonly title: string;
  readonly targetName: string;
  readonly planName: string;
  readonly entries: readonly string[];
  readonly entriesLeftOut: number;
  readonly reason: string;
  readonly state: string;
  readonly sentence: string;
  readonly askedBy: string;
  readonly askedMs: number;
  readonly approvedBy: string | null;
  readonly approvedMs: number | null;
  readonly appliedMs: number | null;
  readonly verifiedMs: number | null;
  readonly expiresMs: number | null;
  readonly endedMs: number | null;
  readonly endedHow: string | null;
  /** What the preview said it would have hit, in words. */
  readonly impact: string;
  readonly simulated: boolean;
}

export interface TimelineRow {
  readonly timeMs: number;
  readonly kind: 'observed' | 'alert' | 'event' | 'analyst' | 'mitigation';
  readonly actor: string | null;
  readonly text: string;
}

/** How quickly things went, ms; null is "not known", never 0. */
export interface ResponseTimes {
  readonly detectMs: number | null;
  readonly acknowledgeMs: number | null;
  readonly mitigateMs: number | null;
}

export interface Recommendation {
  readonly text: string;
  /** The fact it rests on. */
  readonly because: string;
}

export interface SourceRow {
  readonly kind: EntityKind;
  /** Defanged. */
  readonly value: string;
  readonly role: string;
  readonly alerts: number;
}

/** An incident retrospective: facts and sentences, texts from outside still as they came. Renderers make them safe. */
export interface RetrospectiveModel {
  readonly caseId: string;
  readonly title: string;
  readonly customerName: string | null;
  readonly serviceNames: readonly string[];
  readonly severity: Severity;
  readonly status: CaseStatus;
  readonly phase: CasePhase;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly assignee: string | null;
  readonly simulated: boolean;
  readonly generatedMs: number;
  readonly analystName: string | null;
  readonly appVersion: string;
  readonly startMs: number | null;
  /** null while it goes on, or where nothing tells. */
  readonly endMs: number | null;
  readonly ongoing: boolean;
  readonly summary: string;
  readonly times: ResponseTimes;
  readonly impact: readonly ImpactRow[];
  /** Signals saved with the case that stayed within what is usual. */
  readonly steadySignals: readonly string[];
  readonly charts: readonly ReportChart[];
  readonly alerts: readonly {
    readonly title: string;
    readonly why: string;
    readonly severity: Severity;
    readonly firstSeenMs: number;
    readonly lastSeenMs: number;
    readonly count: number;
  }[];
  readonly alertsLeftOut: number;
  readonly techniques: readonly { readonly id: string; readonly name: string | null }[];
  readonly sources: readonly SourceRow[];
  readonly sourcesLeftOut: number;
  readonly actions: readonly ReportAction[];
  readonly timeline: readonly TimelineRow[];
  readonly timelineLeftOut: number;
  readonly notes: readonly {
    readonly markdown: string;
    readonly writerName: string;
    readonly addedMs: number;
    readonly revisedMs: number | null;
  }[];
  readonly notesLeftOut: number;
  readonly tasks: readonly {
    readonly title: string;
    readonly done: boolean;
    readonly assignee: string | null;
    readonly dueMs: number | null;
    /** Points ticked off, of all. */
    readonly checklist: { readonly done: number; readonly all: number };
  }[];
  /** Custom fields by name. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly evidence: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly addedMs: number;
    readonly writerName: string;
  }[];
  /** What happened to evidence outside the app, a sentence each. */
  readonly custody: readonly {
    readonly timeMs: number;
    readonly text: string;
    readonly writerName: string;
  }[];
  readonly recommendations: readonly Recommendation[];
  readonly observables: readonly {
    readonly kind: EntityKind;
    readonly value: string;
    readonly addedMs: number;
    readonly verdict: Verdict | null;
  }[];
  readonly observablesLeftOut: number;
  readonly chain: { readonly ok: boolean; readonly sentence: string } | null;
  readonly attackNotice: string | null;
}

/** How much of each list a report holds; the rest is counted. */
export const reportLimits = {
  timeline: 500,
  alerts: 100,
  sources: 60,
  actions: 60,
  actionEntries: 50,
  ledgerRows: 200,
  notes: 100,
  noteLength: 20_000,
  /** Length of one text in a table, a list, a fact or a heading. */
  cellLength: 600,
  tasks: 200,
  evidence: 200,
  custody: 200,
  fields: 100,
  observables: 500,
  charts: 12,
} as const;
