import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaseState } from '../../shared/domain/case.ts';
import { caseExportFormats } from '../../shared/exchange/case-export-format.ts';
import { tlpMarkingId } from '../../shared/exchange/stix-objects.ts';
import type { Store, Writer } from '../db/index.ts';
import {
  occurrence,
  openTestStore,
  startMs,
  temporaryDirectory,
  testSource,
  testWriter,
} from '../db/testing.ts';
import { type CaseExchange, createCaseExchange } from './case-exchange.ts';
import { createReports } from './reports.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let writer: Writer;
let exchange: CaseExchange;
let caseId: string;
let told: string[];

beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  writer = testWriter(store);
  told = [];
  const analysts = {
    current: () => store.writers.currentAnalyst(),
    writer: () => writer,
    systemWriter: () => writer,
    namedWriter: async () => writer,
    setCurrent: async () => ({ id: writer.id, name: writer.name, publicKey: '' }),
  };
  const cases = { get: stateOf, withFreshSignals: (state: CaseState) => state };
  const reports = createReports({
    store,
    cases,
    analysts,
    printPdf: async () => new Uint8Array(),
    appVersion: 'test',
    nowMs: () => startMs,
  });
  let made = 0;
  exchange = createCaseExchange({
    store,
    hub: { cases: (ids) => told.push(...ids) },
    cases,
    reports,
    analysts,
    newId: (prefix) => `${prefix}_${++made}`,
  });
  const [alertId = ''] = store.alerts.ingest(testSource, [occurrence()], startMs).alertIds;
  caseId = store.cases.open(writer, [
    {
      kind: 'case-opened',
      title: 'Flood',
      customerId: null,
      severity: 'high',
      tlp: 'TLP:AMBER',
      pap: 'PAP:AMBER',
    },
    {
      kind: 'alert-linked',
      alertId,
      title: 'A title',
      why: 'A reason.',
      severity: 'high',
      firstSeenMs: startMs,
      lastSeenMs: startMs,
      count: 1,
    },
    {
      kind: 'observable-added',
      observableId: 'ob_a',
      entityKind: 'ip',
      value: '198.51.100.7',
      from: 'alert',
    },
    { kind: 'technique-tagged', techniqueId: 'T1498' },
  ]).id;
});

afterEach(() => {
  store.close();
  directory.remove();
});

function stateOf(id: string): CaseState {
  return store.cases.get(id) ?? expect.unreachable();
}

const id = (type: string, index: number) => `${type}--00000000-0000-4000-8000-00000000000${index}`;
const indicator = {
  type: 'indicator',
  id: id('indicator', 1),
  indicator_types: ['malicious-activity'],
  object_marking_refs: [tlpMarkingId('TLP:RED')],
  pattern: "[domain-name:value = 'evil.example']",
  pattern_type: 'stix',
};
const sighting = {
  type: 'sighting',
  id: id('sighting', 2),
  sighting_of_ref: indicator.id,
  first_seen: '2026-03-01T00:00:00Z',
  last_seen: '2026-03-02T00:00:00Z',
  count: 7,
};
const bundle = JSON.stringify({
  type: 'bundle',
  id: id('bundle', 0),
  objects: [
    { type: 'ipv4-addr', id: id('ipv4-addr', 3), value: '198.51.100.7' },
    { type: 'ipv4-addr', id: id('ipv4-addr', 4), value: '203.0.113.9' },
    indicator,
    sighting,
    {
      type: 'attack-pattern',
      id: id('attack-pattern', 5),
      external_references: [{ source_name: 'mitre-attack', external_id: 'T1110.004' }],
    },
    { type: 'report', id: id('report', 6) },
  ],
});

describe('exporting a case', () => {
  it('gives every format, each with a row in the audit log', () => {
    const files = caseExportFormats.map((format) => exchange.exportAs(writer, caseId, format));
    expect(files.filter(({ text }) => !text.includes('Flood'))).toEqual([]);
    const rows = store.audit.list(20).filter(({ action }) => action === 'case.exported');
    expect(rows.map(({ sentence }) => sentence).toReversed()).toEqual([
      'Ada exported the case Flood as STIX 2.1 bundle.',
      'Ada exported the case Flood as MISP event.',
      'Ada exported the case Flood as OCSF incident finding.',
      'Ada exported the case Flood as Timesketch timeline, CSV.',
      'Ada exported the case Flood as Timesketch timeline, JSON Lines.',
      'Ada exported the case Flood as Markdown report.',
      'Ada exported the case Flood as HTML report.',
    ]);
  });

  it('of which there is none leaves no trace', () => {
    expect(() => exchange.exportAs(writer, 'ca_none', 'stix')).toThrow();
    expect(store.audit.list(20)).toEqual([]);
  });

  it('into another case brings its observables over', () => {
    const other = store.cases.open(writer, [
      {
        kind: 'case-opened',
        title: 'Other',
        customerId: null,
        severity: 'low',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
      },
    ]).id;
    exchange.importStix(other, exchange.exportAs(writer, caseId, 'stix').text);
    const observables = (state: CaseState) => state.observables.map(({ kind, value }) => ({ kind, value }));
    expect(observables(stateOf(other))).toEqual(observables(stateOf(caseId)));
    expect(stateOf(other).techniques).toEqual(['T1498']);
  });
});

describe('importing a bundle', () => {
  it('adds what is new, under its own marking, and notes the rest', () => {
    expect(exchange.importStix(caseId, bundle)).toEqual({
      added: 2,
      known: 1,
      techniques: 1,
      leftOut: [{ type: 'report', reason: 'no-place', count: 1, ids: [id('report', 6)] }],
    });
    const state = stateOf(caseId);
    expect(state.observables.map(({ value }) => value)).toEqual([
      '198.51.100.7',
      '203.0.113.9',
      'evil.example',
    ]);
    expect(state.techniques).toEqual(['T1110.004', 'T1498']);
    const markings = state.timeline.map(({ payload, tlp }) => [payload?.kind, tlp]).slice(4);
    expect(markings).toEqual([
      ['observable-added', null],
      ['note-added', null],
      ['technique-tagged', null],
      ['observable-added', 'TLP:RED'],
      ['note-added', 'TLP:RED'],
    ]);
    expect(state.notes.map(({ markdown }) => markdown)).toEqual([
      'Imported a STIX bundle. Observables: 2 added, 1 here already. Techniques tagged: 1.\n\nLeft out:\n\n- 1 report: a case here has no place for it',
      'The bundle says of them:\n\n- evil\\[.\\]example (domain): malicious, seen 7 times from 2026-03-01T00:00:00Z to 2026-03-02T00:00:00Z',
    ]);
    expect(store.audit.list(1)).toMatchObject([
      {
        action: 'case.imported',
        sentence: 'Ada imported a STIX bundle into the case Flood. Observables added: 2.',
      },
    ]);
    expect(told).toEqual([caseId]);
    expect(store.cases.verify(caseId).ok).toBe(true);
  });

  it('a second time adds nothing', () => {
    exchange.importStix(caseId, bundle);
    const { observables } = stateOf(caseId);
    expect(exchange.importStix(caseId, bundle)).toMatchObject({ added: 0, known: 3, techniques: 0 });
    expect(stateOf(caseId).observables).toEqual(observables);
  });

  it('that is none changes nothing', () => {
    const before = stateOf(caseId);
    expect(() => exchange.importStix(caseId, '{"type":"report"}')).toThrow(/^Nothing was imported\./);
    expect(stateOf(caseId)).toEqual(before);
    expect(store.audit.list(20)).toEqual([]);
  });
});
