import type { CaseState } from '../../shared/domain/case.ts';
import { listWords } from '../../shared/report/entry-sentence.ts';
import { countWords } from './case-file-words.ts';

/** What another case would bring into this one. */
export interface WhatComes {
  readonly entries: number;
  /** `3 notes`, `4 observables, 2 of them here already`; what is none is left out. */
  readonly parts: readonly string[];
}

/** How many of the other's are here already, by what tells them apart. */
function shared<T>(here: readonly T[], there: readonly T[], keyOf: (each: T) => string): number {
  const known = new Set(here.map(keyOf));
  return there.filter((each) => known.has(keyOf(each))).length;
}

/** What merging a case into another brings; its header stays its own. */
export function whatComes(state: CaseState, other: CaseState): WhatComes {
  const parts: string[] = [];
  const add = (count: number, one: string, many: string, known = 0) => {
    if (count === 0) return;
    const words = countWords(count, one, many);
    const here =
      known === count ? (count === 1 ? 'here already' : 'all here already') : `${known} of them here already`;
    parts.push(known === 0 ? words : `${words} (${here})`);
  };
  const alerts = shared(state.alerts, other.alerts, ({ id }) => id);
  const observables = shared(state.observables, other.observables, ({ kind, value }) => `${kind} ${value}`);
  add(other.alerts.length, 'alert', 'alerts', alerts);
  add(other.notes.length, 'note', 'notes');
  add(other.events.length, 'dated event', 'dated events');
  add(other.tasks.length, 'task', 'tasks');
  add(other.observables.length, 'observable', 'observables', observables);
  add(other.evidence.length, 'piece of evidence', 'pieces of evidence');
  add(other.techniques.length, 'technique', 'techniques', shared(state.techniques, other.techniques, String));
  add(other.mitigations.length, 'mitigation', 'mitigations');
  add(other.slices.length, 'set of signals', 'sets of signals');
  return { entries: other.timeline.length, parts };
}

/** The parts as a sentence. */
export function comesSentence({ parts }: WhatComes): string {
  return parts.length === 0 ? 'Nothing but its history.' : `${listWords(parts)}.`;
}
