import type { AnalystEntry, CasePhase, CaseState } from './case.ts';

/**
 * Where a step leads in the app. In a query `{case}` and `{customer}` stand for those of the case; a term about the
 * customer falls away where there is none.
 */
export type StepTarget =
  | { readonly screen: 'queue'; readonly query: string }
  | { readonly screen: 'watch' | 'mitigate' | 'reports' | 'backtest' }
  | { readonly screen: 'settings'; readonly section: string };

export interface TemplateStep {
  readonly text: string;
  /** null where it is done outside the app, e.g. a call. */
  readonly opens: StepTarget | null;
}

export interface TemplateTask {
  /** Of NIST SP 800-61. */
  readonly phase: CasePhase;
  readonly title: string;
  readonly steps: readonly TemplateStep[];
}

/** Something that a case of this kind should say in the end. */
export interface TemplateField {
  readonly key: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'time' | 'yes-no' | 'choice';
  /** Of a number. */
  readonly unit: string | null;
  /** Of a choice. */
  readonly options: readonly string[];
}

/** A playbook for one kind of incident: what to do, phase by phase, and what to find out. */
export interface CaseTemplate {
  readonly id: string;
  readonly name: string;
  /** When to take it, in one sentence. */
  readonly about: string;
  /** ATT&CK technique ids that such an incident may show. */
  readonly techniques: readonly string[];
  readonly fields: readonly TemplateField[];
  readonly tasks: readonly TemplateTask[];
}

/** Where a step leads for one case: a screen with its query or section. */
export interface StepDestination {
  readonly screen: StepTarget['screen'];
  readonly query?: string;
  readonly section?: string;
}

export function stepDestination(
  target: StepTarget,
  { id, customerId }: Pick<CaseState, 'id' | 'customerId'>,
): StepDestination {
  if (target.screen === 'settings') return { screen: target.screen, section: target.section };
  if (target.screen !== 'queue') return { screen: target.screen };
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const terms = target.query
    .split(' ')
    .filter((term) => customerId !== null || !term.includes('{customer}'))
    // A function, so that no sign in an id is taken for a reference to a match.
    .map((term) =>
      term.replace('{case}', () => quoted(id)).replace('{customer}', () => quoted(customerId ?? '')),
    );
  return { screen: 'queue', query: terms.join(' ') };
}

function fieldLine({ label, type, unit, options }: TemplateField): string {
  const hint = type === 'choice' ? options.join(' / ') : type === 'yes-no' ? 'yes / no' : (unit ?? type);
  return `- ${label} (${hint}): `;
}

/** The playbook as a note: the fields to fill in, and techniques to look for. */
export function templateNote(template: CaseTemplate): string {
  return [
    `## Playbook: ${template.name}`,
    template.about,
    '### To find out',
    template.fields.map(fieldLine).join('\n'),
    ...(template.techniques.length === 0
      ? []
      : ['### ATT&CK techniques to look for', template.techniques.map((id) => `- [ ] ${id}`).join('\n')]),
  ].join('\n\n');
}

/**
 * What a playbook adds to a case: its tasks with their steps as checklists, and one note with what to find out.
 * Techniques stand in the note alone: which of them were used has to be found out. What the case has already is not
 * added again, so taking a playbook twice changes nothing.
 */
export function templateEntries(
  template: CaseTemplate,
  state: Pick<CaseState, 'tasks' | 'notes'>,
  newId: (prefix: string) => string,
): AnalystEntry[] {
  const markdown = templateNote(template);
  const titles = new Set(state.tasks.map(({ title }) => title));
  const heading = markdown.slice(0, markdown.indexOf('\n'));
  return [
    ...(state.notes.some((note) => note.markdown.startsWith(`${heading}\n`))
      ? []
      : [{ kind: 'note-added' as const, noteId: newId('note'), markdown }]),
    ...template.tasks
      .filter(({ title }) => !titles.has(title))
      .flatMap(({ title, steps }): AnalystEntry[] => {
        const taskId = newId('task');
        return [
          { kind: 'task-added', taskId, title },
          ...steps.map(
            ({ text }): AnalystEntry => ({
              kind: 'checklist-item-added',
              taskId,
              itemId: newId('item'),
              text,
            }),
          ),
        ];
      }),
  ];
}

/** Templates in the order in which they fit a case: by how many of its techniques each names. */
export function templatesFor(
  templates: readonly CaseTemplate[],
  techniques: readonly string[],
): readonly CaseTemplate[] {
  const shared = (template: CaseTemplate) =>
    template.techniques.filter((id) => techniques.includes(id)).length;
  return templates.toSorted((a, b) => shared(b) - shared(a));
}
