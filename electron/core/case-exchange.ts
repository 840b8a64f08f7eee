import { createHash } from 'node:crypto';
import { type EntryPayload, type Tlp, tlps } from '../../shared/domain/case.ts';
import { defang } from '../../shared/domain/observables.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import {
  type CaseExportFormat,
  caseExportNames,
  type ExportedCase,
} from '../../shared/exchange/case-export-format.ts';
import { exportCaseAs } from '../../shared/exchange/export-case.ts';
import type { Sha1 } from '../../shared/exchange/name-uuid.ts';
import { type ImportedObservable, readStixBundle } from '../../shared/exchange/stix-import.ts';
import { type LeftOut, leftOutLines } from '../../shared/exchange/stix-left-out.ts';
import { escapeMarkdown } from '../../shared/report/render-markdown.ts';
import type { Store, Writer } from '../db/index.ts';
import type { Analysts } from './analysts.ts';
import type { Cases } from './cases.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import type { Reports } from './reports.ts';
import { techniqueById } from './techniques.ts';

export interface StixImported {
  readonly added: number;
  readonly known: number;
  readonly techniques: number;
  readonly leftOut: LeftOut[];
}

export interface CaseExchange {
  exportAs(writer: Writer, caseId: string, format: CaseExportFormat): ExportedCase;
  importStix(caseId: string, text: string): StixImported;
}

export interface CaseExchangeDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, 'cases'>;
  readonly cases: Pick<Cases, 'get'>;
  readonly reports: Pick<Reports, 'gather'>;
  readonly analysts: Analysts;
  readonly newId: (prefix: string) => string;
}

/** Lines of a note about an import, of each kind; the rest is counted. */
const mostNoteLines = 300;

const sha1: Sha1 = (prefixHex, text) =>
  createHash('sha1').update(Buffer.from(prefixHex, 'hex')).update(text, 'utf8').digest('hex');

function listed(lines: readonly string[]): string {
  const rest = lines.length - mostNoteLines;
  const shown = lines.slice(0, mostNoteLines).map((line) => `- ${escapeMarkdown(line, 300)}`);
  return [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n');
}

/** What a bundle says of an observable beyond that there is one; null where it says nothing. */
function saidOf({ kind, value, verdict, sightings }: ImportedObservable): string | null {
  if (verdict === 'unknown' && sightings === null) return null;
  const seen =
    sightings === null
      ? ''
      : `, seen ${sightings.count} times from ${formatUtc(sightings.firstSeenMs)} to ${formatUtc(sightings.lastSeenMs)}`;
  return `${defang(kind, value)} (${kind}): ${verdict}${seen}`;
}

/** Cases out to, and observables in from, the formats of others. Each leaves a row in the audit log. */
export function createCaseExchange(deps: CaseExchangeDeps): CaseExchange {
  const { store, hub, cases, reports, analysts, newId } = deps;

  /** Entries of observables with one marking, and a note with the same marking of what was said of them. */
  function payloadsOf(observables: readonly ImportedObservable[], notes: readonly string[]): EntryPayload[] {
    const said = observables.flatMap((each) => saidOf(each) ?? []);
    const parts = [...notes, ...(said.length > 0 ? [`The bundle says of them:\n\n${listed(said)}`] : [])];
    return [
      ...observables.map(
        ({ kind, value }): EntryPayload => ({
          kind: 'observable-added',
          observableId: newId('ob'),
          entityKind: kind,
          value,
          from: 'analyst',
        }),
      ),
      ...(parts.length === 0
        ? []
        : [{ kind: 'note-added' as const, noteId: newId('no'), markdown: parts.join('\n\n') }]),
    ];
  }

  return {
    exportAs(writer, caseId, format) {
      const { case: state, ...context } = reports.gather(caseId);
      const exported = exportCaseAs(state, format, { ...context, sha1 });
      // Nothing leaves that is not in the audit log.
      store.transaction(() =>
        store.audit.append(writer, {
          action: 'case.exported',
          sentence: `${writer.name} exported the case ${state.title} as ${caseExportNames[format]}.`,
          details: { caseId, format, tlp: state.tlp },
        }),
      );
      return exported;
    },
    importStix(caseId, text) {
      const before = cases.get(caseId);
      const read = readStixBundle(text);
      if (!read.ok) throw new WatchfloorError('bad-input', `Nothing was imported. ${read.reason}`);
      const known = new Set(before.observables.map(({ kind, value }) => `${kind} ${value}`));
      const fresh = read.observables.filter(({ kind, value }) => !known.has(`${kind} ${value}`));
      const techniques = read.techniques.filter(
        (id) => techniqueById(id) !== null && !before.techniques.includes(id),
      );
      const result = {
        added: fresh.length,
        known: read.observables.length - fresh.length,
        techniques: techniques.length,
        leftOut: [...read.leftOut],
      };
      const summary = `Imported a STIX bundle. Observables: ${result.added} added, ${result.known} here already. Techniques tagged: ${result.techniques}.`;
      const leftOut = leftOutLines(read.leftOut);
      const notes = [summary, ...(leftOut.length > 0 ? [`Left out:\n\n${listed(leftOut)}`] : [])];
      const writer = analysts.writer();
      const markings: readonly (Tlp | null)[] = [null, ...tlps];
      store.transaction(() => {
        for (const tlp of markings) {
          const marked = fresh.filter((each) => each.tlp === tlp);
          const payloads = payloadsOf(marked, tlp === null ? notes : []);
          if (tlp === null) {
            payloads.push(
              ...techniques.map((techniqueId): EntryPayload => ({ kind: 'technique-tagged', techniqueId })),
            );
          }
          if (payloads.length > 0) store.cases.append(caseId, writer, payloads, tlp);
        }
        store.audit.append(writer, {
          action: 'case.imported',
          sentence: `${writer.name} imported a STIX bundle into the case ${before.title}. Observables added: ${result.added}.`,
          details: { caseId, added: result.added, known: result.known, techniques: result.techniques },
        });
        faultPoint('case:before-commit');
      });
      hub.cases([caseId]);
      return result;
    },
  };
}
