import type { CaseState } from '../domain/case.ts';
import { formatUtc } from '../domain/time.ts';
import { renderHtml } from '../report/render-html.ts';
import { renderMarkdown } from '../report/render-markdown.ts';
import { buildRetrospective } from '../report/retrospective.ts';
import type { CaseExportFormat, ExportedCase } from './case-export-format.ts';
import type { ExchangeContext } from './exchange-facts.ts';
import { mispEvent } from './misp.ts';
import { ocsfIncident } from './ocsf.ts';
import { stixBundle, stixText } from './stix-export.ts';
import { strictestTlp } from './stix-objects.ts';
import { timesketchCsv, timesketchJsonl } from './timesketch.ts';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function contentOf(
  state: CaseState,
  format: CaseExportFormat,
  context: ExchangeContext,
): { readonly ending: string; readonly mediaType: string; readonly text: string } {
  switch (format) {
    case 'stix':
      return {
        ending: 'stix.json',
        mediaType: 'application/stix+json;version=2.1',
        text: stixText(stixBundle(state, context)),
      };
    case 'misp':
      return { ending: 'misp.json', mediaType: 'application/json', text: json(mispEvent(state, context)) };
    case 'ocsf':
      return { ending: 'ocsf.json', mediaType: 'application/json', text: json(ocsfIncident(state, context)) };
    case 'timesketch-csv':
      return { ending: 'csv', mediaType: 'text/csv;charset=utf-8', text: timesketchCsv(state, context) };
    case 'timesketch-jsonl':
      return { ending: 'jsonl', mediaType: 'application/jsonl', text: timesketchJsonl(state, context) };
    case 'markdown':
    case 'html': {
      const model = buildRetrospective({ ...context, case: state });
      return format === 'html'
        ? { ending: 'html', mediaType: 'text/html;charset=utf-8', text: renderHtml(model) }
        : { ending: 'md', mediaType: 'text/markdown;charset=utf-8', text: renderMarkdown(model) };
    }
  }
}

/** A file name from a title and a day: letters and digits only, whatever the title holds. */
export function caseFileName(title: string, timeMs: number, ending: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .toLowerCase();
  return `${words === '' ? 'case' : words}-${formatUtc(timeMs).slice(0, 10)}.${ending}`;
}

/** Formats in which each part has a marking of its own; the others have one for the whole file. */
const marksParts: ReadonlySet<CaseExportFormat> = new Set<CaseExportFormat>(['stix', 'misp']);

/** The case under the strictest marking of anything in it. */
function markedForAll(state: CaseState): CaseState {
  return { ...state, tlp: strictestTlp([state.tlp, ...state.timeline.map(({ tlp }) => tlp)]) ?? state.tlp };
}

/**
 * A case in one of the formats in which others read cases, with all that is known of it. Pure. What is marked more
 * strictly than the case carries its own marking where the format has a place for that, else the whole file does.
 */
export function exportCaseAs(
  state: CaseState,
  format: CaseExportFormat,
  context: ExchangeContext,
): ExportedCase {
  const marked = marksParts.has(format) ? state : markedForAll(state);
  const { ending, mediaType, text } = contentOf(marked, format, context);
  return { fileName: caseFileName(state.title, context.generatedMs, ending), mediaType, text };
}
