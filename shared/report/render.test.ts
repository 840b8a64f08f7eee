import { createHash } from 'node:crypto';
import { micromark } from 'micromark';
import { describe, expect, test } from 'vitest';
import { tlps } from '../domain/case.ts';
import { notAssessed, plainTask } from '../testing/case-entry.ts';
import { hostileTexts, hugeText } from '../testing/hostile-text.ts';
import { renderHtml } from './render-html.ts';
import { escapeMarkdown, renderMarkdown } from './render-markdown.ts';
import { reportStyle, reportStyleHash } from './report-style.ts';
import { buildRetrospective } from './retrospective.ts';
import {
  entriesOf,
  floodAlert,
  floodHourMs,
  floodInput,
  floodMitigation,
  floodState,
} from './testing/flood-case.ts';

/** A case in which every text that could come from outside is one text. */
function inputOf(text: string) {
  const [slice] = floodState.slices;
  const [signal] = slice?.signals ?? [];
  if (slice === undefined || signal === undefined) throw new Error('The flood has saved signals.');
  const findings = signal.window.findings.map((finding) => ({ ...finding, sentence: text }));
  return floodInput({
    customerName: text,
    serviceNames: [text],
    analystName: text,
    chain: { ok: false, sentence: text },
    techniques: [{ id: 'T1499.002', name: text }],
    alerts: [
      { ...floodAlert, title: text, why: text, entities: [{ kind: 'url', value: text, role: 'source' }] },
    ],
    mitigations: [
      {
        mitigation: { ...floodMitigation, planName: text, targetName: text, reason: text, sentence: text },
        ledger: [
          {
            sequence: 1,
            mitigationId: 'mi_block',
            timeMs: floodHourMs,
            actor: text,
            state: 'proposed',
            sentence: text,
          },
        ],
      },
    ],
    case: {
      ...floodState,
      title: text,
      assignee: text,
      notes: [{ id: 'no', markdown: text, writerName: text, addedMs: floodHourMs, revisedMs: null }],
      tasks: [{ id: 'ta', title: text, done: false, assignee: text, addedMs: floodHourMs, ...plainTask }],
      observables: [
        { id: 'ob', kind: 'url', value: text, from: 'note', addedMs: floodHourMs, ...notAssessed },
      ],
      evidence: [
        {
          id: 'ev',
          name: text,
          mediaType: text,
          sizeBytes: 1,
          sha256: 'c'.repeat(64),
          addedMs: floodHourMs,
          writerName: text,
          custody: [],
        },
      ],
      alerts: floodState.alerts.map((alert) => ({ ...alert, title: text, why: text })),
      slices: [
        {
          ...slice,
          title: text,
          signals: [{ name: text, unit: text, stage: text, window: { ...signal.window, findings } }],
        },
      ],
      timeline: entriesOf([
        { timeMs: floodHourMs, payload: { kind: 'note-added', noteId: 'no', markdown: text } },
        { timeMs: floodHourMs, payload: { kind: 'task-added', taskId: 'ta', title: text } },
      ]),
    },
  });
}

/** Every element and attribute name in a document of ours; enough of a parser because our own markup is regular. */
function elementsOf(markup: string): Set<string> {
  const found = new Set<string>();
  for (const [tag, name] of markup.matchAll(/<([a-z][a-z0-9]*)\b[^>]*>/gi)) {
    found.add(String(name).toLowerCase());
    const attributes = tag.replace(/"[^"]*"/g, '""').matchAll(/\s([a-z-]+)=/gi);
    for (const [, attribute] of attributes) found.add(`@${String(attribute).toLowerCase()}`);
  }
  return found;
}

const ordinary = elementsOf(renderHtml(buildRetrospective(floodInput())));
const hiddenSigns = /[\p{Bidi_Control}\u200b\ufeff\u{e0041}]|[^\P{Cc}\n]/u;

describe('renderHtml', () => {
  test('carries a policy that allows its own style sheet and nothing else', () => {
    expect(reportStyleHash).toBe(`sha256-${createHash('sha256').update(reportStyle).digest('base64')}`);
    const html = renderHtml(buildRetrospective(floodInput()));
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${reportStyleHash}'; base-uri 'none'; form-action 'none'">`,
    );
    expect(html).toContain(`<style>${reportStyle}</style>`);
  });

  test('loads nothing, runs nothing and leads nowhere', () => {
    for (const name of [
      'script',
      'a',
      'img',
      'link',
      'iframe',
      'object',
      '@style',
      '@href',
      '@src',
      '@onload',
    ]) {
      expect([name, ordinary.has(name)]).toEqual([name, false]);
    }
  });

  test.each(tlps)('labels head and foot with %s', (tlp) => {
    const html = renderHtml(buildRetrospective(floodInput({ case: { ...floodState, tlp } })));
    expect(
      html.match(new RegExp(`<span class="tlp [a-z-]+">${tlp.replace('+', '\\+')}</span>`, 'g')),
    ).toHaveLength(2);
  });

  test('says SIMULATED in head, foot and body of a report from the range, and only there', () => {
    const simulated = renderHtml(
      buildRetrospective(floodInput({ case: { ...floodState, simulated: true } })),
    );
    expect(simulated.match(/<span class="simulated">SIMULATED<\/span>/g)).toHaveLength(2);
    expect(simulated).toContain('SIMULATED. Everything in this report comes from the range');
    expect(renderHtml(buildRetrospective(floodInput()))).not.toContain('SIMULATED');
  });

  test.each(Object.entries(hostileTexts))('keeps hostile text text: %s', (name, text) => {
    const html = renderHtml(buildRetrospective(inputOf(text)));
    expect(html).toContain(`hostile-${name}`);
    const added = [...elementsOf(html)].filter((each) => !ordinary.has(each));
    // What Markdown of a note may become: structure, never a link, an image or a style.
    const structure = [
      'h1',
      'h2',
      'h3',
      'ul',
      'ol',
      'li',
      'em',
      'strong',
      'code',
      'pre',
      'blockquote',
      'br',
      'hr',
    ];
    expect(added.filter((each) => !structure.includes(each))).toEqual([]);
    expect(hiddenSigns.test(html)).toBe(false);
  });

  test('brings no hidden character back by a reference in a note', () => {
    const html = renderHtml(buildRetrospective(inputOf('hostile &#8238; &#x202e; &lrm;')));
    expect(html).toContain('&amp;#8238;');
    expect(hiddenSigns.test(html)).toBe(false);
  });

  test('stays small however long the texts are', () => {
    expect(renderHtml(buildRetrospective(inputOf(hugeText()))).length).toBeLessThan(400_000);
  });

  test('is whole for a case that holds nothing', () => {
    const html = renderHtml(
      buildRetrospective(
        floodInput({
          case: {
            ...floodState,
            alerts: [],
            slices: [],
            notes: [],
            tasks: [],
            observables: [],
            evidence: [],
            techniques: [],
            timeline: [],
          },
          alerts: [],
          mitigations: [],
          firstAcknowledgedMs: null,
          chain: null,
          customerName: null,
          serviceNames: [],
        }),
      ),
    );
    expect(html.match(/not known/g)?.length).toBeGreaterThan(5);
    expect(html).not.toMatch(/undefined|NaN|null|Infinity/);
  });

  test('draws a chart for each saved signal, with band, line, gap and finding', () => {
    const html = renderHtml(buildRetrospective(floodInput()));
    expect(html.match(/<path class="chart-line" d="M[MLVh0-9. -]{100,}"/g)).toHaveLength(3);
    expect(html.match(/<path class="chart-band" d="M[MLZ0-9. -]{100,}"/g)).toHaveLength(3);
    expect(html.match(/<rect class="chart-gap"/g)).toHaveLength(3);
    expect(html.match(/<polygon class="chart-pin"/g)).toHaveLength(2);
    expect(html).not.toMatch(/NaN|undefined/);
  });
});

test('a chart of many samples is drawn to its end', () => {
  const [slice] = floodState.slices;
  const [signal] = slice?.signals ?? [];
  if (slice === undefined || signal === undefined) throw new Error('The flood has saved signals.');
  const timesMs = Array.from({ length: 3_600 }, (_, index) => floodHourMs + index * 1_000);
  const ones = timesMs.map((_, index) => 500 + (index % 7) * 10);
  const window = {
    ...signal.window,
    stepMs: 1_000,
    timesMs,
    values: ones,
    expected: ones,
    low: ones,
    high: ones,
    gaps: [],
  };
  const html = renderHtml(
    buildRetrospective(
      floodInput({ case: { ...floodState, slices: [{ ...slice, signals: [{ ...signal, window }] }] } }),
    ),
  );
  const path = /<path class="chart-line" d="([^"]*)"/.exec(html)?.[1] ?? '';
  const lastX = Number([...path.matchAll(/[ML]([\d.]+) /g)].at(-1)?.[1]);
  // The plot is 650 wide.
  expect([path.length > 4_000, /^[MLVh\d. ]+$/.test(path), lastX > 645]).toEqual([true, true, true]);
});

describe('renderMarkdown', () => {
  test('draws charts as a line of blocks', () => {
    const markdown = renderMarkdown(buildRetrospective(floodInput()));
    expect(markdown).toContain('`▁▁▁▁▁▁▁▁▁▁▁▁████████████████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  ▁▁▁▁▁▁▁▁`');
  });

  test.each(Object.entries(hostileTexts))('keeps hostile text text: %s', (name, text) => {
    const markdown = renderMarkdown(buildRetrospective(inputOf(text)));
    expect(markdown).toContain(`hostile-${name}`);
    expect(hiddenSigns.test(markdown)).toBe(false);
    // What a reader of Markdown makes of it, HTML allowed: no element but those of the report itself.
    const html = micromark(markdown, { allowDangerousHtml: true, allowDangerousProtocol: true });
    const ours = ['h1', 'h2', 'h3', 'p', 'ul', 'ol', 'li', 'strong', 'blockquote', 'code', 'br'];
    expect([...elementsOf(html)].filter((each) => !ours.includes(each))).toEqual([]);
  });

  test.each([
    ['- not a list', '\\- not a list'],
    ['1. not a list', '1\\. not a list'],
    ['8.2 k', '8.2 k'],
    ['# not a heading', '\\# not a heading'],
    ['see https://evil.example and www.evil.example', 'see https\\://evil.example and www\\.evil.example'],
    ['a|b', 'a\\|b'],
    ['user@example.com', 'user\\@example.com'],
    ['C:\\Windows', 'C:\\\\Windows'],
  ])('escapes %s', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });

  test('stays small however long the texts are', () => {
    expect(renderMarkdown(buildRetrospective(inputOf(hugeText()))).length).toBeLessThan(400_000);
  });
});
