import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CaseState } from '../domain/case.ts';
import {
  floodAlert,
  floodEndMs,
  floodInput,
  floodStartMs,
  floodState,
} from '../report/testing/flood-case.ts';
import { caseEntry, notAssessed } from '../testing/case-entry.ts';
import { hostileTexts } from '../testing/hostile-text.ts';
import { caseExportFormats } from './case-export-format.ts';
import type { ExchangeContext } from './exchange-facts.ts';
import { exportCaseAs } from './export-case.ts';
import { mispEvent } from './misp.ts';
import { ocsfIncident } from './ocsf.ts';
import { stixBundle } from './stix-export.ts';
import { tlpMarkingId } from './stix-objects.ts';

const { case: _, ...floodContext } = floodInput();
const context: ExchangeContext = {
  ...floodContext,
  sha1: (prefixHex, text) =>
    createHash('sha1').update(Buffer.from(prefixHex, 'hex')).update(text, 'utf8').digest('hex'),
};

function caseWith(
  ...observables: readonly Pick<CaseState['observables'][number], 'kind' | 'value'>[]
): CaseState {
  return {
    ...floodState,
    observables: observables.map((each, index) => ({
      ...each,
      id: `${index}`,
      from: 'note',
      addedMs: floodStartMs,
      ...notAssessed,
    })),
  };
}

describe('exportCaseAs', () => {
  it('names a file after the case and the format', () => {
    expect(
      caseExportFormats.map((format) => {
        const { fileName, mediaType } = exportCaseAs(floodState, format, context);
        return [fileName.replace('http-flood-on-login-at-acme-2026-03-03.', ''), mediaType];
      }),
    ).toEqual([
      ['stix.json', 'application/stix+json;version=2.1'],
      ['misp.json', 'application/json'],
      ['ocsf.json', 'application/json'],
      ['csv', 'text/csv;charset=utf-8'],
      ['jsonl', 'application/jsonl'],
      ['md', 'text/markdown;charset=utf-8'],
      ['html', 'text/html;charset=utf-8'],
    ]);
  });

  it('survives hostile texts everywhere, and runs none of them', () => {
    for (const text of Object.values(hostileTexts)) {
      const state: CaseState = {
        ...caseWith({ kind: 'user-agent', value: text }, { kind: 'asn', value: text }),
        title: text,
        assignee: text,
        alerts: floodState.alerts.map((alert) => ({ ...alert, title: text, why: text })),
      };
      const files = caseExportFormats.map((format) =>
        exportCaseAs(state, format, { ...context, customerName: text }),
      );
      expect(files.map(({ fileName }) => fileName).filter((name) => !/^[a-z0-9.-]+$/.test(name))).toEqual([]);
      expect(files.at(-1)?.text).not.toMatch(/<script>globalThis|<img src=x/);
    }
  });
});

describe('what is marked more strictly than its case', () => {
  const secret: CaseState = {
    ...caseWith({ kind: 'ip', value: '203.0.113.9' }, { kind: 'ip', value: '203.0.113.10' }),
    tlp: 'TLP:GREEN',
    timeline: [
      caseEntry({
        id: 'en_1',
        timeMs: floodStartMs,
        tlp: 'TLP:RED',
        payload: {
          kind: 'observable-added',
          observableId: '0',
          entityKind: 'ip',
          value: '203.0.113.9',
          from: 'analyst',
        },
      }),
      caseEntry({
        id: 'en_2',
        timeMs: floodStartMs,
        tlp: 'TLP:AMBER',
        payload: { kind: 'note-added', noteId: 'no_1', markdown: 'A secret' },
      }),
    ],
  };

  it('stays so in every format', () => {
    expect(mispEvent(secret, context).Event).toMatchObject({
      Tag: [{ name: 'tlp:green' }, {}, {}],
      Attribute: [{ Tag: [{ name: 'tlp:red' }] }, {}],
    });
    const marked = stixBundle(secret, context).objects.map((each) => [
      each.type,
      String(each.object_marking_refs),
    ]);
    expect(marked).toEqual(
      expect.arrayContaining([
        ['incident', tlpMarkingId('TLP:GREEN')],
        ['ipv4-addr', tlpMarkingId('TLP:RED')],
        ['ipv4-addr', tlpMarkingId('TLP:GREEN')],
        ['note', tlpMarkingId('TLP:AMBER')],
      ]),
    );
    for (const format of ['ocsf', 'timesketch-csv', 'timesketch-jsonl', 'markdown', 'html'] as const) {
      const { text } = exportCaseAs(secret, format, context);
      expect(text).toContain('TLP:RED');
      expect(text).not.toContain('TLP:GREEN');
    }
  });
});

describe('a MISP event', () => {
  it('has an attribute for each observable, marked for detection where it attacked', () => {
    const state = caseWith(
      { kind: 'ip', value: '198.51.100.7' },
      { kind: 'host', value: 'shop.example' },
      { kind: 'asn', value: 'AS64496' },
      { kind: 'file-hash', value: 'a'.repeat(64) },
      { kind: 'user', value: 'root' },
    );
    const { Event } = mispEvent(state, context);
    expect(
      Event.Attribute.map(({ type, category, value, to_ids }) => [type, category, value, to_ids]),
    ).toEqual([
      ['ip-src', 'Network activity', '198.51.100.7', true],
      ['hostname', 'Network activity', 'shop.example', false],
      ['AS', 'Network activity', '64496', true],
      ['sha256', 'Payload delivery', 'a'.repeat(64), false],
      ['target-user', 'Targeting data', 'root', false],
    ]);
    expect(new Set(Event.Attribute.map(({ uuid }) => uuid)).size).toBe(5);
  });

  it('carries marking, technique, threat level and time as MISP writes them', () => {
    const { Event } = mispEvent(floodState, context);
    expect(Event).toMatchObject({
      info: 'HTTP flood on /login at Acme',
      date: '2026-03-03',
      threat_level_id: '1',
      analysis: '1',
      distribution: '0',
      published: false,
      timestamp: String(floodEndMs / 1000),
      Tag: [
        { name: 'tlp:amber+strict' },
        { name: 'PAP:AMBER' },
        { name: 'misp-galaxy:mitre-attack-pattern="Service Exhaustion Flood - T1499.002"' },
      ],
    });
    expect(Event.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('an OCSF incident finding', () => {
  /** What the class Incident Finding and the base event ask for. */
  const required = [
    'activity_id',
    'category_uid',
    'class_uid',
    'finding_info_list',
    'metadata',
    'severity_id',
    'status_id',
    'time',
    'type_uid',
  ];

  it('has what its class requires, with the numbers that belong together', () => {
    for (const status of ['open', 'contained', 'closed'] as const) {
      for (const assignee of ['R. Okafor', null]) {
        const event = ocsfIncident({ ...floodState, status, assignee, alerts: [] }, context);
        expect(Object.keys(event)).toEqual(expect.arrayContaining(required));
        expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
        expect(event.finding_info_list).toMatchObject([{ uid: 'ca_flood' }]);
        expect('assignee' in event).toBe(assignee !== null);
        expect('assignee_group' in event).toBe(assignee === null);
        expect(event.metadata).toMatchObject({ version: '1.8.0', product: { name: 'Watchfloor' } });
      }
    }
  });

  it('says what the case says', () => {
    expect(ocsfIncident(floodState, context)).toMatchObject({
      class_uid: 2005,
      type_uid: 200_502,
      severity: 'Critical',
      status: 'Resolved',
      start_time: floodStartMs,
      end_time: floodEndMs,
      attacks: [
        {
          technique: { uid: 'T1499' },
          sub_technique: {
            uid: 'T1499.002',
            name: 'Endpoint Denial of Service: Service Exhaustion Flood',
          },
        },
      ],
      finding_info_list: [{ uid: 'al_flood', title: floodAlert.title }],
      observables: [
        { type_id: 2, value: '198.51.100.7', reputation: { score_id: 10, score: 'Malicious' } },
        { type_id: 6, value: 'https://evil.example/c2' },
      ],
    });
  });
});

describe('a timeline for Timesketch', () => {
  const lines = (format: 'timesketch-csv' | 'timesketch-jsonl', state = floodState) =>
    exportCaseAs(state, format, context).text.trimEnd().split(/\r?\n/);

  it('has its four fields in every row, in order of time, in microseconds', () => {
    const rows: { timestamp: number; datetime: string; message: string; timestamp_desc: string }[] = lines(
      'timesketch-jsonl',
    ).map((line) => JSON.parse(line));
    expect(rows[0]).toMatchObject({
      datetime: '2026-03-03T02:10:20.000+00:00',
      timestamp: (floodStartMs - 40_000) * 1000,
      timestamp_desc: 'Signal Deviated',
    });
    expect(rows.map(({ timestamp }) => timestamp)).toEqual(
      rows.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b),
    );
    expect(rows.filter(({ datetime, timestamp }) => Date.parse(datetime) * 1000 !== timestamp)).toEqual([]);
    const [head, ...cells] = lines('timesketch-csv');
    expect(head).toBe('message,datetime,timestamp,timestamp_desc,kind,actor,case_id,tlp,simulated');
    expect(cells).toHaveLength(rows.length);
  });

  it('holds every row, however many', () => {
    const timeline = Array.from({ length: 2_000 }, (_each, index) => ({
      ...(floodState.timeline[0] ?? expect.unreachable()),
      id: `en_${index}`,
    }));
    expect(lines('timesketch-jsonl', { ...floodState, timeline }).length).toBeGreaterThan(2_000);
  });

  it('is no program for a spreadsheet', () => {
    const alerts = floodState.alerts.map((alert) => ({ ...alert, title: 'x' }));
    const timeline = floodState.timeline.map((entry) => ({ ...entry, writerName: '=cmd|"/c calc"!A1' }));
    const csv = lines('timesketch-csv', { ...floodState, alerts, timeline }).join('\n');
    expect(csv).toContain(`"'=cmd|""/c calc""!A1"`);
    expect(csv).not.toMatch(/(?:^|,)"?[=+@]/m);
  });
});
