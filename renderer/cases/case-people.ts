import type { CaseState } from '../../shared/domain/case.ts';

/** Everybody who wrote in the case or was given something in it. */
export function peopleOf(state: Pick<CaseState, 'timeline' | 'tasks' | 'assignee'>): readonly string[] {
  const names = new Set(state.timeline.map(({ writerName }) => writerName));
  for (const { assignee } of state.tasks) if (assignee !== null) names.add(assignee);
  if (state.assignee !== null) names.add(state.assignee);
  return [...names].sort();
}
