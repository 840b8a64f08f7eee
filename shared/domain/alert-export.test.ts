import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { csvCell, exportFields, exportHead, exportLine } from './alert-export.ts';

const alert: Alert = {
  id: 'al_1',
  sequence: 1,
  customerId: 'acme',
  serviceId: null,
  sourceId: 'eve',
  sourceKind: 'suricata-eve',
  title: '=HYPERLINK("http://evil.example","click")',
  why: 'One, "two"\nthree',
  severity: 'high',
  lane: 'actionable',
  status: 'new',
  disposition: null,
  mitigated: 'no',
  sourceState: null,
  firstSeenMs: Date.UTC(2026, 10, 26, 2, 14, 7),
  lastSeenMs: Date.UTC(2026, 10, 26, 2, 15),
  receivedMs: Date.UTC(2026, 10, 26, 2, 14, 8),
  count: 1_204,
  entities: [
    { kind: 'ip', value: '198.51.100.7', role: 'source' },
    { kind: 'asn', value: 'AS64496', role: 'source' },
    { kind: 'path', value: '/login', role: 'destination' },
  ],
  techniques: ['T1498', 'T1499'],
  signalIds: [],
  assignee: '-1+1',
  snoozedUntilMs: null,
  suppressed: null,
  suppressionIds: [],
  caseId: null,
  parentId: null,
  merged: null,
  split: null,
  partOf: null,
  simulated: true,
};
const names = {
  customer: (id: string) => (id === 'acme' ? '@Acme' : null),
  service: () => null,
  source: () => null,
};

/** Reads CSV as RFC 4180 says. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [, value = '', end] = cell.exec(text) ?? [];
    rows.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

describe('exportLine', () => {
  it('writes CSV whose formulas are harmless', () => {
    const [head, row] = readCsv(exportHead('csv') + exportLine(alert, 'csv', names));
    expect(head).toEqual(exportFields);
    expect(Object.fromEntries(exportFields.map((name, index) => [name, row?.[index]]))).toEqual({
      id: 'al_1',
      received: '2026-11-26T02:14:08Z',
      first_seen: '2026-11-26T02:14:07Z',
      last_seen: '2026-11-26T02:15:00Z',
      severity: 'high',
      lane: 'actionable',
      status: 'new',
      disposition: '',
      title: '\'=HYPERLINK("http://evil.example","click")',
      why: 'One, "two"\nthree',
      count: '1204',
      customer: "'@Acme",
      service: '',
      source: 'eve',
      source_kind: 'suricata-eve',
      mitigated: 'no',
      source_state: '',
      assignee: "'-1+1",
      snoozed_until: '',
      case_id: '',
      parent_id: '',
      techniques: 'T1498; T1499',
      source_entities: 'ip:198.51.100.7; asn:AS64496',
      destination_entities: 'path:/login',
      related_entities: '',
      simulated: 'true',
    });
  });

  it('writes one line of JSON with the same names', () => {
    const line = exportLine(alert, 'jsonl', names);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    const read: Record<string, unknown> = JSON.parse(line);
    expect(Object.keys(read)).toEqual(exportFields);
    expect(read).toMatchObject({
      title: alert.title,
      why: alert.why,
      count: 1_204,
      service: null,
      techniques: ['T1498', 'T1499'],
      source_entities: ['ip:198.51.100.7', 'asn:AS64496'],
    });
    expect(exportHead('jsonl')).toBe('');
  });

  it('gives every text back, and lets none begin as a formula', () => {
    for (const begin of ['=', '+', '-', '@', '\t', '\r']) {
      expect(readCsv(`${csvCell(`${begin}1`)}\r\n`)).toEqual([[`'${begin}1`]]);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const [[cell = ''] = []] = readCsv(`${csvCell(text)}\r\n`);
        expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        expect(cell.startsWith("'") && !text.startsWith("'") ? cell.slice(1) : cell).toBe(text);
      }),
    );
  });
});
