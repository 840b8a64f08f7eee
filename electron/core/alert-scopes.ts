import type { MethodOutput, MethodParsedInput } from '../../shared/api/contract.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { ExportFormat } from '../../shared/domain/alert-export.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import type { Store, Writer } from '../db/index.ts';
import type { AlertSelection } from '../db/store.ts';

type AskedSelection = MethodParsedInput<'alerts.freeze'>['selection'];

/** So many scopes are kept, four bytes an alert each; the one not used for the longest goes first. */
const mostScopes = 16;

interface Scope {
  /** Numbers of its alerts, rising. */
  readonly sequences: Uint32Array;
  /** What was asked for, in words. */
  readonly words: string;
}

/** Selections that stay what they were when they were frozen. */
export interface AlertScopes {
  /** Keeps the alerts that were selected. */
  keep(selection: AskedSelection, sequences: Uint32Array): MethodOutput<'alerts.freeze'>;
  /**
   * The selection as the store takes it.
   * @throws WatchfloorError `not-found` for a scope that is not kept any more
   */
  resolve(selection: AskedSelection): AlertSelection;
  /** A page as its alerts are now, newest first. */
  read(scopeId: string, offset: number, limit: number): Alert[];
  /** Writes who exported what, how many of them, and how, into the audit log. */
  recordExport(writer: Writer, scopeId: string, format: ExportFormat, written: number): void;
}

/** What was selected, for the audit log. */
function wordsOf(selection: AskedSelection): string {
  if (selection.by !== 'query') return 'chosen one by one';
  const { text, lane, includeDone } = selection.query;
  return [
    text.trim() === '' ? 'everything' : `all that match ${JSON.stringify(toSafeExcerpt(text.trim(), 300))}`,
    lane === null ? '' : `of the ${lane} lane`,
    includeDone ? 'closed ones too' : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

export function createAlertScopes(
  store: Pick<Store, 'alerts' | 'audit'>,
  newId: (prefix: string) => string,
): AlertScopes {
  /** The one used last stands last. */
  const scopes = new Map<string, Scope>();

  function get(scopeId: string): Scope {
    const scope = scopes.get(scopeId);
    if (scope === undefined) {
      throw new WatchfloorError(
        'not-found',
        'This selection is not known any more. Nothing was changed; select the alerts again.',
      );
    }
    scopes.delete(scopeId);
    scopes.set(scopeId, scope);
    return scope;
  }

  return {
    keep(selection, sequences) {
      const scopeId = newId('sc');
      const words = selection.by === 'frozen' ? get(selection.scopeId).words : wordsOf(selection);
      scopes.set(scopeId, { sequences, words });
      const [oldest] = scopes.keys();
      if (scopes.size > mostScopes && oldest !== undefined) scopes.delete(oldest);
      return { scopeId, count: sequences.length, bySeverity: store.alerts.severityCounts(sequences) };
    },
    resolve: (selection) =>
      selection.by === 'frozen'
        ? { by: 'sequences', sequences: get(selection.scopeId).sequences }
        : selection,
    read(scopeId, offset, limit) {
      const { sequences } = get(scopeId);
      const end = Math.max(0, sequences.length - offset);
      const page = sequences.subarray(Math.max(0, end - limit), end);
      return store.alerts.getBySequence([...page].reverse());
    },
    recordExport(writer, scopeId, format, written) {
      const { sequences, words } = get(scopeId);
      store.audit.append(writer, {
        action: 'alerts.exported',
        sentence: `${writer.name} exported ${written.toLocaleString('en')} ${written === 1 ? 'alert' : 'alerts'} as ${format === 'csv' ? 'CSV' : 'JSON Lines'}: ${words}.`,
        details: {
          format,
          written,
          selected: sequences.length,
          firstSequence: sequences[0] ?? null,
          lastSequence: sequences.at(-1) ?? null,
        },
      });
    },
  };
}
