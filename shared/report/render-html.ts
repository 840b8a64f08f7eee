import type { Tlp } from '../domain/case.ts';
import { assertNever } from '../domain/result.ts';
import { formatUtc } from '../domain/time.ts';
import { chartSvg } from './chart-svg.ts';
import { escapeHtml, type Html, html, noHtml } from './html.ts';
import { noteHtml } from './note-html.ts';
import { type Block, type ColumnKind, reportDocument, reportHeadline } from './report-document.ts';
import { reportStyle, reportStyleHash } from './report-style.ts';
import { type RetrospectiveModel, reportLimits } from './retrospective-model.ts';

const tlpClasses = {
  'TLP:RED': 'tlp-red',
  'TLP:AMBER+STRICT': 'tlp-amber',
  'TLP:AMBER': 'tlp-amber',
  'TLP:GREEN': 'tlp-green',
  'TLP:CLEAR': 'tlp-clear',
} as const satisfies Record<Tlp, string>;

/** One document: what stands in the bands of every page, and its blocks. */
export interface ReportPage {
  readonly title: string;
  readonly headline: string;
  readonly footer: string;
  readonly tlp: Tlp;
  readonly simulated: boolean;
  readonly appVersion: string;
  readonly blocks: readonly Block[];
}

function pageBand(place: 'head' | 'foot', page: ReportPage): Html {
  const words = place === 'head' ? page.headline : page.footer;
  const simulated = page.simulated ? html`<span class="simulated">SIMULATED</span>` : noHtml;
  const label = html`<span class="tlp ${tlpClasses[page.tlp]}">${page.tlp}</span>`;
  const inside = html`<span class="what">${words}</span>${simulated}${label}`;
  return place === 'head'
    ? html`<header class="band band-head">${inside}</header>\n`
    : html`<footer class="band band-foot">${inside}</footer>\n`;
}

const columnClasses = {
  text: '',
  number: 'number',
  time: 'time',
  kind: 'kind',
  mono: 'mono',
  actor: 'actor',
} as const satisfies Record<ColumnKind, string>;

/** A text from outside within the bound of a cell. */
function brief(text: string): Html {
  return { markup: escapeHtml(text, reportLimits.cellLength) };
}

function cell(text: string, kind: ColumnKind): Html {
  return kind === 'text'
    ? html`<td>${brief(text)}</td>`
    : html`<td class="${columnClasses[kind]}">${brief(text)}</td>`;
}

function tableHtml(block: Extract<Block, { kind: 'table' }>): Html {
  const head = block.columns.map(({ label, kind }) =>
    kind === 'text'
      ? html`<th scope="col">${label}</th>`
      : html`<th scope="col" class="${columnClasses[kind]}">${label}</th>`,
  );
  const rows = block.rows.map(
    (row) => html`<tr>${row.map((text, index) => cell(text, block.columns[index]?.kind ?? 'text'))}</tr>\n`,
  );
  return html`<table class="data"><thead><tr>${head}</tr></thead><tbody>\n${rows}</tbody></table>\n`;
}

function factsHtml(block: Extract<Block, { kind: 'facts' }>): Html {
  const rows = block.rows.map(({ label, value, big, footnote }) => {
    const mark = footnote === null ? noHtml : html`<sup>${footnote}</sup>`;
    const shown = big ? html`<dd class="big">${brief(value)}</dd>` : html`<dd>${brief(value)}</dd>`;
    return html`<div><dt>${label}${mark}</dt>${shown}</div>`;
  });
  return html`<dl class="facts">${rows}</dl>\n`;
}

function listHtml(block: Extract<Block, { kind: 'list' }>): Html {
  const items = block.items.map(({ lead, text }) =>
    lead === null
      ? html`<li>${brief(text)}</li>\n`
      : html`<li><span class="suggestion">${brief(lead)}</span> <span class="quiet">${brief(text)}</span></li>\n`,
  );
  return block.ordered ? html`<ol>\n${items}</ol>\n` : html`<ul>\n${items}</ul>\n`;
}

function paragraphHtml(block: Extract<Block, { kind: 'paragraph' }>): Html {
  switch (block.tone) {
    case 'lead':
      return html`<p class="lead">${block.text}</p>\n`;
    case 'quiet':
      return html`<p class="quiet small">${block.text}</p>\n`;
    case 'plain':
      return html`<p>${block.text}</p>\n`;
    default:
      return assertNever(block.tone);
  }
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return block.level === 2
        ? html`<h2>${brief(block.text)}</h2>\n`
        : html`<h3>${brief(block.text)}</h3>\n`;
    case 'paragraph':
      return paragraphHtml(block);
    case 'notice':
      return html`<p class="simulated-note">${block.text}</p>\n`;
    case 'facts':
      return factsHtml(block);
    case 'table':
      return tableHtml(block);
    case 'list':
      return listHtml(block);
    case 'chart':
      return chartSvg(block.chart);
    case 'note':
      return html`<p class="quiet small">${block.byline}</p><div class="note">${noteHtml(block.markdown, reportLimits.noteLength)}</div>\n`;
    default:
      return assertNever(block);
  }
}

/**
 * The report as one self-contained HTML document: nothing is loaded, nothing runs, and its own content policy allows
 * exactly its one style sheet. Every printed page carries the TLP label in head and foot (by fixed bands, with room
 * kept for them by a table's repeated head and foot: the way that every Chromium prints alike).
 */
export function renderPage(page: ReportPage): string {
  const style: Html = { markup: reportStyle };
  const policy = `default-src 'none'; style-src '${reportStyleHash}'; base-uri 'none'; form-action 'none'`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: policy }}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Watchfloor ${page.appVersion}">
<title>${page.tlp} ${page.headline}</title>
<style>${style}</style>
</head>
<body>
${pageBand('head', page)}<table class="page" role="presentation">
<thead><tr><td><div class="head-room"></div></td></tr></thead>
<tfoot><tr><td><div class="foot-room"></div></td></tr></tfoot>
<tbody><tr><td><main>
<h1>${brief(page.title)}</h1>
${page.blocks.map(blockHtml)}</main></td></tr></tbody>
</table>
${pageBand('foot', page)}</body>
</html>
`;
  return document.markup;
}

/** The retrospective of a case as such a document. */
export function renderHtml(model: RetrospectiveModel): string {
  return renderPage({
    title: model.title,
    headline: reportHeadline(model),
    footer: `Case ${model.caseId}, made ${formatUtc(model.generatedMs)} with Watchfloor ${model.appVersion}`,
    tlp: model.tlp,
    simulated: model.simulated,
    appVersion: model.appVersion,
    blocks: reportDocument(model),
  });
}
