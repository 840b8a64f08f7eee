import type { CaseEntry } from './case.ts';
import { type MitigationState, mitigationStateSchema } from './mitigation.ts';
import type { ReplayMitigation } from './replay-facts.ts';

interface Step {
  readonly timeMs: number;
  readonly state: MitigationState;
  readonly sentence: string;
  readonly actor: string;
}

/** A mitigation, ready to be asked how it stood at any moment. */
export interface DecisionTrack {
  readonly id: string;
  readonly targetName: string;
  readonly entries: readonly string[];
  readonly facts: ReplayMitigation | null;
  /** As it went, by the ledger. */
  readonly steps: readonly Step[];
  /** As it was known at the workstation. */
  readonly known: readonly Step[];
}

/** A mitigation as it stood at a moment. */
export interface DecisionThen {
  readonly id: string;
  readonly targetName: string;
  readonly entries: readonly string[];
  readonly state: MitigationState;
  readonly sentence: string;
  /** When it came to stand so. */
  readonly sinceMs: number;
  readonly proposedBy: string | null;
  readonly approvedBy: string | null;
  /** When it ends by itself, once it was applied. */
  readonly expiresMs: number | null;
}

/**
 * The mitigations of a case. A workstation whose own writers wrote of one had its ledger; elsewhere it was known by
 * what entries said of it, when they arrived.
 */
export function decisionTracks(
  mitigations: readonly ReplayMitigation[],
  entries: readonly CaseEntry[],
  arrivalOf: (entry: CaseEntry) => number,
  isLocal: (entry: CaseEntry) => boolean,
): DecisionTrack[] {
  const notes = new Map<string, { step: Step; entry: CaseEntry; targetName: string; blocked: string[] }[]>();
  for (const entry of entries) {
    const { payload } = entry;
    if (payload?.kind !== 'mitigation-noted') continue;
    const state = mitigationStateSchema.safeParse(payload.state);
    const step: Step = {
      timeMs: entry.timeMs,
      state: state.success ? state.data : 'unknown',
      sentence: payload.sentence,
      actor: entry.writerName,
    };
    const said = notes.get(payload.mitigationId) ?? [];
    said.push({ step, entry, targetName: payload.targetName, blocked: payload.entries });
    notes.set(payload.mitigationId, said);
  }
  const byTime = (left: Step, right: Step) => left.timeMs - right.timeMs;
  const facts = new Map(mitigations.map((each) => [each.id, each]));
  const ids = new Set([...facts.keys(), ...notes.keys()]);
  return [...ids].map((id) => {
    const fact = facts.get(id) ?? null;
    const said = notes.get(id) ?? [];
    const written = said.map(({ step }) => step);
    const steps = (fact?.ledger.length ? fact.ledger : written).toSorted(byTime);
    const isOwn = said.length === 0 || said.some(({ entry }) => isLocal(entry));
    const known = isOwn
      ? steps
      : said.map(({ step, entry }) => ({ ...step, timeMs: arrivalOf(entry) })).sort(byTime);
    return {
      id,
      targetName: fact?.targetName ?? said[0]?.targetName ?? '',
      entries: fact?.entries ?? said[0]?.blocked ?? [],
      facts: fact,
      steps,
      known,
    };
  });
}

function decisionAt(track: DecisionTrack, steps: readonly Step[], timeMs: number): DecisionThen | null {
  const step = steps.findLast((each) => each.timeMs <= timeMs);
  if (step === undefined) return null;
  const { id, targetName, entries, facts } = track;
  const isAppliedThen = ['applied', 'verified', 'ending'].includes(step.state);
  return {
    id,
    targetName,
    entries,
    state: step.state,
    sentence: step.sentence,
    sinceMs: step.timeMs,
    proposedBy: facts?.proposedBy ?? null,
    approvedBy: facts?.approvedMs != null && facts.approvedMs <= timeMs ? facts.approvedBy : null,
    expiresMs: isAppliedThen ? (facts?.expiresMs ?? null) : null,
  };
}

/** A mitigation as it was known at a moment, and as it was; null before it was there. */
export interface DecisionRow {
  readonly id: string;
  readonly known: DecisionThen | null;
  readonly actual: DecisionThen | null;
}

/** The mitigations at a moment, the newest step first. */
export function decisionsAt(tracks: readonly DecisionTrack[], timeMs: number): DecisionRow[] {
  return tracks
    .flatMap((track): DecisionRow[] => {
      const known = decisionAt(track, track.known, timeMs);
      const actual = decisionAt(track, track.steps, timeMs);
      return known === null && actual === null ? [] : [{ id: track.id, known, actual }];
    })
    .sort((left, right) => sinceOf(right) - sinceOf(left) || (left.id < right.id ? -1 : 1));
}

const sinceOf = ({ known, actual }: DecisionRow): number => (known ?? actual)?.sinceMs ?? 0;
