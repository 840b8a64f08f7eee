import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaseState, tlps } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { templateEntries } from '../../shared/domain/case-template.ts';
import { caseTemplates } from '../../shared/domain/case-templates.ts';
import { entityKinds } from '../../shared/domain/entity.ts';
import type { ExchangeContext } from '../../shared/exchange/exchange-facts.ts';
import { stixBundle } from '../../shared/exchange/stix-export.ts';
import { floodAlert, floodInput, floodState } from '../../shared/report/testing/flood-case.ts';
import { caseEntry, notAssessed } from '../../shared/testing/case-entry.ts';
import { hostileTexts } from '../../shared/testing/hostile-text.ts';
import { fixturePath, missingFixture } from '../testing/fixtures.ts';

const folder = fixturePath('schemas', 'stix2.1', 'schemas');

const { case: _, ...floodContext } = floodInput();
const context: ExchangeContext = {
  ...floodContext,
  sha1: (prefixHex, text) =>
    createHash('sha1').update(Buffer.from(prefixHex, 'hex')).update(text, 'utf8').digest('hex'),
};

function caseWith(
  observables: readonly Pick<CaseState['observables'][number], 'kind' | 'value'>[],
  more: Partial<CaseState> = {},
): CaseState {
  return {
    ...floodState,
    observables: observables.map((each, index) => ({
      ...each,
      id: `${index}`,
      from: 'note',
      addedMs: 0,
      ...notAssessed,
    })),
    mitigations: [
      {
        id: 'mi_noted',
        state: 'verified',
        sentence: 'In force.',
        entries: ['203.0.113.0/24'],
        targetName: 'edge',
        timeMs: 0,
      },
    ],
    ...more,
  };
}

/**
 * Types of STIX 2.1 that the schema of a bundle does not name. It takes them for two of its alternatives at once and so
 * refuses every one of them; they are checked by their own schemas, and the bundle by all others.
 */
const unknownToBundle = ['extension-definition', 'grouping', 'incident', 'location', 'note', 'opinion'];

/** Validates a bundle, and each object of it by the schema of its type; gives what is wrong. */
function createValidation(schemas: string): (bundle: unknown) => string[] {
  const ajv = new Ajv2020({
    strict: false,
    // Some of the patterns escape what the newer syntax does not let be escaped.
    unicodeRegExp: false,
    allErrors: true,
    formats: {
      uri: (text: string) => URL.canParse(text) && /^[!-~]+$/.test(text),
      email: /^[^\s@]+@[^\s@]+$/,
      'idn-hostname': /^[^\s/]+$/,
    },
  });
  const typeIds = new Map<string, string>();
  for (const part of ['common', 'sdos', 'sros', 'observables']) {
    for (const name of readdirSync(join(schemas, part))) {
      const schema: { readonly $id: string } = JSON.parse(readFileSync(join(schemas, part, name), 'utf8'));
      ajv.addSchema(schema);
      typeIds.set(name.replace('.json', ''), schema.$id);
    }
  }
  const check = (type: string, value: unknown): string[] => {
    const validate = ajv.getSchema(typeIds.get(type) ?? '');
    if (validate === undefined) return [`no schema of ${type}`];
    if (validate(value) === true) return [];
    return [`${ajv.errorsText(validate.errors)} ${JSON.stringify(value)}`.slice(0, 2000)];
  };
  return (value) => {
    const bundle: { readonly objects: readonly { readonly type: string }[] } = JSON.parse(
      JSON.stringify(value),
    );
    const wrong = bundle.objects.flatMap((object) =>
      check(object.type.startsWith('x-') ? 'cyber-observable-core' : object.type, object),
    );
    const known = bundle.objects.filter(({ type }) => !unknownToBundle.includes(type));
    return wrong.length > 0 ? wrong : check('bundle', { ...bundle, objects: known });
  };
}

const leftOut = folder === null ? ` (${missingFixture('schemas', 'stix2.1', 'schemas')})` : '';

describe.skipIf(folder === null)(`STIX 2.1 by the schemas of OASIS${leftOut}`, () => {
  const problems = folder === null ? () => [] : createValidation(folder);

  it('a flood passes, under each marking', () => {
    const bundles = tlps.map((tlp) => stixBundle({ ...floodState, tlp }, context));
    expect(bundles.flatMap(problems)).toEqual([]);
  });

  it('an empty case passes', () => {
    const empty: CaseState = {
      ...caseWith([]),
      mitigations: [],
      notes: [],
      alerts: [],
      techniques: [],
      evidence: [],
    };
    expect(
      problems(stixBundle(empty, { ...context, alerts: [], mitigations: [], customerName: null })),
    ).toEqual([]);
  });

  it('a case of each playbook passes', () => {
    const bundles = caseTemplates.map((template) => {
      let made = 0;
      const entries = templateEntries(template, { tasks: [], notes: [] }, (prefix) => `${prefix}-${++made}`);
      const opening = {
        kind: 'case-opened',
        title: template.name,
        customerId: null,
        severity: 'high',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
      } as const;
      const tags = template.techniques.map((techniqueId) => ({
        kind: 'technique-tagged' as const,
        techniqueId,
      }));
      const log = [opening, ...entries, ...tags].map((payload, index) =>
        caseEntry({ id: `en_${index}`, timeMs: index, sequence: index, payload }),
      );
      const bundle = stixBundle(foldCase('ca_1', log, false), context);
      expect(bundle.objects.filter(({ type }) => type === 'attack-pattern')).toHaveLength(
        template.techniques.length,
      );
      return bundle;
    });
    expect(bundles.flatMap(problems)).toEqual([]);
  });

  it('hostile texts pass in every place', () => {
    for (const text of Object.values(hostileTexts)) {
      const state = caseWith(
        entityKinds.map((kind) => ({ kind, value: text })),
        {
          title: text,
          notes: [{ id: text, markdown: text, writerName: text, addedMs: Number.NaN, revisedMs: null }],
          evidence: floodState.evidence.map((each) => ({ ...each, name: text })),
          openedMs: Number.NaN,
        },
      );
      expect(problems(stixBundle(state, { ...context, customerName: text }))).toEqual([]);
    }
  });

  it('every observable passes, as an attacker too', () => {
    const value = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(130)).map((parts) => parts.join('/')),
      fc.domain(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.emailAddress(),
      fc.constantFrom(
        'AS64496',
        'AS64496 Example',
        'DE',
        'CVE-2024-3094',
        '443',
        'https://[',
        'a://b:c',
        'http://a/%zz',
      ),
      fc.constantFrom(32, 40, 64, 128).map((length) => 'aF'.repeat(length / 2)),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    );
    const observables = fc.array(fc.record({ kind: fc.constantFrom(...entityKinds), value }), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(observables, (all) => {
        const alerts = [
          { ...floodAlert, entities: all.map((each) => ({ ...each, role: 'source' as const })) },
        ];
        expect(problems(stixBundle(caseWith(all), { ...context, alerts }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
