import { assertNever } from '../domain/result.ts';
import { toSafeExcerpt } from '../domain/safe-text.ts';
import { formatUtc } from '../domain/time.ts';
import { sparkline } from './chart-svg.ts';
import { type Block, reportDocument, reportHeadline } from './report-document.ts';
import { type RetrospectiveModel, reportLimits } from './retrospective-model.ts';

/**
 * Any text as text in Markdown (CommonMark and GitHub's): what would begin emphasis, code, a link, an image, HTML, a
 * table cell, a list, a heading or an automatic link is escaped; hidden characters become visible escapes.
 */
export function escapeMarkdown(text: string, maxLength = 4_000): string {
  return toSafeExcerpt(text, maxLength)
    .replace(/[\\`*_[\]<>|~&#$@{}!]/g, '\\$&')
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www)\./gi, '$1\\.');
}

/** A text from outside within the bound of a cell. */
function brief(text: string): string {
  return escapeMarkdown(text, reportLimits.cellLength);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function tableMarkdown(block: Extract<Block, { kind: 'table' }>): string {
  const rule = block.columns.map(({ kind }) => (kind === 'number' ? '---:' : '---'));
  return [
    row(block.columns.map(({ label }) => escapeMarkdown(label))),
    row(rule),
    ...block.rows.map((cells) => row(cells.map((text) => brief(text) || ' '))),
  ].join('\n');
}

function listMarkdown(block: Extract<Block, { kind: 'list' }>): string {
  return block.items
    .map(({ lead, text }, index) => {
      const mark = block.ordered ? `${index + 1}.` : '-';
      const words = lead === null ? '' : `**${brief(lead)}** `;
      return `${mark} ${words}${brief(text)}`;
    })
    .join('\n');
}

/** A note keeps its lines and loses its markup: it could hold links and images of others. */
function noteMarkdown(block: Extract<Block, { kind: 'note' }>): string {
  const lines = toSafeExcerpt(block.markdown, reportLimits.noteLength, 'keep').split('\n');
  const quoted = lines.map((line) =>
    line.trim() === '' ? '>' : `> ${escapeMarkdown(line.trim(), line.length)}  `,
  );
  return `${escapeMarkdown(block.byline)}:\n\n${quoted.join('\n')}`;
}

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${brief(block.text)}`;
    case 'paragraph':
      return escapeMarkdown(block.text);
    case 'notice':
      return `> **${escapeMarkdown(block.text)}**`;
    case 'facts':
      return [
        '| | |',
        '| --- | --- |',
        ...block.rows.map(({ label, value, footnote }) =>
          row([
            `${escapeMarkdown(label)}${footnote === null ? '' : ` (${footnote})`}`,
            `**${brief(value)}**`,
          ]),
        ),
      ].join('\n');
    case 'table':
      return tableMarkdown(block);
    case 'list':
      return listMarkdown(block);
    case 'chart': {
      const { title, unit, stage, fromMs, toMs } = block.chart;
      const period = `${formatUtc(fromMs)} to ${formatUtc(toMs)}`;
      return `${escapeMarkdown(`${title} (${stage}${unit === '' ? '' : `, ${unit}`}), ${period}`)}  \n\`${sparkline(block.chart)}\``;
    }
    case 'note':
      return noteMarkdown(block);
    default:
      return assertNever(block);
  }
}

/** The report as Markdown, for tickets and wikis. Charts are one line of blocks each; the HTML and PDF draw them. */
export function renderMarkdown(model: RetrospectiveModel): string {
  const label = `**${escapeMarkdown(model.tlp)}**${model.simulated ? ' **SIMULATED**' : ''}`;
  return [
    label,
    `# ${escapeMarkdown(reportHeadline(model))}`,
    ...reportDocument(model).map(blockMarkdown),
    label,
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}
