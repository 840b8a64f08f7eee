import { describe, expect, it } from 'vitest';
import { parseAlertQuery } from '../query/parse-query.ts';
import { caseEntry } from '../testing/case-entry.ts';
import { analystEntrySchema, casePhases } from './case.ts';
import { foldCase } from './case-fold.ts';
import { stepDestination, templateEntries, templatesFor } from './case-template.ts';
import { caseTemplates } from './case-templates.ts';

const counter = () => {
  let made = 0;
  return (prefix: string) => `${prefix}-${++made}`;
};
const nothing = { tasks: [], notes: [] };
const destinations = caseTemplates.flatMap(({ tasks }) =>
  tasks.flatMap(({ steps }) =>
    steps.flatMap(({ opens }) =>
      opens === null ? [] : [stepDestination(opens, { id: 'ca_1', customerId: 'cu_1' })],
    ),
  ),
);

describe.each(caseTemplates)('the playbook $name', (template) => {
  it('goes through the phases in order, each task with steps', () => {
    const order = template.tasks.map(({ phase }) => casePhases.indexOf(phase));
    expect(order).toEqual(order.toSorted());
    expect(new Set(order)).toEqual(new Set([1, 2, 3]));
    expect(template.tasks.filter(({ steps }) => steps.length === 0)).toEqual([]);
  });

  it('is told apart by its titles and keys', () => {
    const isOnce = (all: readonly string[]) => new Set(all).size === all.length;
    expect(isOnce(template.tasks.map(({ title }) => title))).toBe(true);
    expect(isOnce(template.fields.map(({ key }) => key))).toBe(true);
    expect(template.fields.filter(({ type, options }) => (type === 'choice') !== options.length > 1)).toEqual(
      [],
    );
    expect(template.fields.filter(({ type, unit }) => (type === 'number') !== (unit !== null))).toEqual([]);
  });

  it('adds what the contract takes, once', () => {
    const entries = templateEntries(template, nothing, counter());
    expect(entries.map((entry) => analystEntrySchema.parse(entry))).toEqual(entries);
    const state = foldCase(
      'ca_1',
      entries.map((payload, index) =>
        caseEntry({ id: `en_${index}`, timeMs: index, sequence: index, payload }),
      ),
      false,
    );
    expect(state.tasks.map(({ title, checklist }) => [title, checklist.map(({ text }) => text)])).toEqual(
      template.tasks.map(({ title, steps }) => [title, steps.map(({ text }) => text)]),
    );
    expect(state.techniques).toEqual([]);
    expect(templateEntries(template, state, counter())).toEqual([]);
  });
});

describe('playbooks', () => {
  it('open searches that are understood', () => {
    const queries = destinations.flatMap(({ query }) => (query === undefined ? [] : [query]));
    expect(queries.length).toBeGreaterThan(0);
    expect(
      queries.filter((query) => parseAlertQuery(query).problems.length > 0 || query.includes('{')),
    ).toEqual([]);
  });

  it('fill in the case, and leave out a customer that it has not', () => {
    const target = { screen: 'queue', query: 'customer:{customer} case:{case}' } as const;
    expect(stepDestination(target, { id: 'a"b', customerId: null }).query).toBe('case:"a\\"b"');
    expect(stepDestination(target, { id: 'ca', customerId: '$& c' }).query).toBe('customer:"$& c" case:"ca"');
  });

  it('come in the order in which they fit', () => {
    expect(templatesFor(caseTemplates, ['T1110.004'])[0]?.id).toBe('credential-abuse');
    expect(templatesFor(caseTemplates, []).map(({ id }) => id)).toEqual(caseTemplates.map(({ id }) => id));
  });

  it('write down what to find out', () => {
    const [note] = templateEntries(caseTemplates[0] ?? expect.unreachable(), nothing, counter());
    expect(note).toMatchObject({
      kind: 'note-added',
      markdown: expect.stringMatching(
        /^## Playbook: DDoS on layers 3 and 4\n[\s\S]*### To find out\n\n- Vector \(SYN flood[\s\S]*### ATT&CK/,
      ),
    });
  });
});
