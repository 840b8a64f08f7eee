import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { CaseConflict } from '../../shared/domain/case.ts';
import { settlingEntry } from '../../shared/domain/case-conflict.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type CaseExportFormat, caseExportNames } from '../../shared/exchange/case-export-format.ts';
import { writing } from './case.ts';
import { line, type StoreCommand, shown } from './reading.ts';

/** All of a text at its place, or none of it. */
function writeText(path: string, text: string): void {
  const partial = `${path}.${process.pid}.part`;
  try {
    writeFileSync(partial, text, { mode: 0o600, flush: true });
    renameSync(partial, path);
  } catch (thrown) {
    rmSync(partial, { force: true });
    throw new WatchfloorError(
      'storage',
      `${path} cannot be written. Nothing was left there.`,
      String(thrown),
    );
  }
}

/** `case export --format F`: the case in the format of others, into a file or (`-`) to standard output. */
export function exportCaseAs(
  command: StoreCommand,
  { id, to, format }: { readonly id: string; readonly to: string; readonly format: CaseExportFormat },
): Promise<number> {
  return writing(command, async (call) => {
    const { text } = await call('cases.exportAs', { caseId: id, format });
    if (to === '-') {
      process.stdout.write(text);
      return;
    }
    writeText(to, text);
    const sizeBytes = Buffer.byteLength(text);
    if (command.json) line(JSON.stringify({ path: to, format, sizeBytes }));
    else line(`${to}  ${sizeBytes} bytes, ${caseExportNames[format]}`);
  });
}

/** `case merge` and `case unmerge`: makes the other case's entries count in this one, and takes that back. */
export function mergeCases(
  command: StoreCommand,
  {
    action,
    ...input
  }: {
    readonly action: 'merge' | 'unmerge';
    readonly caseId: string;
    readonly otherCaseId: string;
    readonly reason: string;
  },
): Promise<number> {
  return writing(command, async (call) => {
    const state = await call(action === 'merge' ? 'cases.merge' : 'cases.unmerge', input);
    const { id, mergedCases, timeline, conflicts } = state;
    if (command.json) {
      line(JSON.stringify({ id, mergedCases, entries: timeline.length, conflicts: conflicts.length }));
    } else {
      line(
        `${id}  ${timeline.length} entries, of ${mergedCases.length + 1} cases, ${conflicts.length} conflicts`,
      );
    }
  });
}

/** The conflict in which an entry gave one of the values. */
function conflictWith(
  conflicts: readonly CaseConflict[],
  field: string,
  entryId: string,
): { readonly conflict: CaseConflict; readonly value: CaseConflict['values'][number]['value'] } {
  for (const conflict of conflicts) {
    if (conflict.field !== field) continue;
    const given = conflict.values.find((each) => each.entryId === entryId);
    if (given !== undefined) return { conflict, value: given.value };
  }
  throw new WatchfloorError(
    'not-found',
    'There is no conflict of this field with this entry. `watchfloor case show` lists them. Nothing was changed.',
    conflicts
      .flatMap((each) => each.values.map((value) => `--field ${each.field} --entry ${value.entryId}`))
      .join('\n') || null,
  );
}

/** `case settle`: what one of several entries says of a field holds from now on. */
export function settleConflict(
  command: StoreCommand,
  { id, field, entryId }: { readonly id: string; readonly field: string; readonly entryId: string },
): Promise<number> {
  return writing(command, async (call) => {
    const { conflicts } = await call('cases.get', { id });
    const { conflict, value } = conflictWith(conflicts, field, entryId);
    const entry = settlingEntry(conflict, value);
    if (entry === null) {
      throw new WatchfloorError('refused', `${field} cannot be set anew. Nothing was changed.`);
    }
    const state = await call('cases.append', { caseId: id, entry });
    const left = state.conflicts.length;
    if (command.json) line(JSON.stringify({ id, field, value, conflicts: left }));
    else
      line(
        `${shown(field)} is ${shown(String(value))}; ${left} ${left === 1 ? 'conflict' : 'conflicts'} left`,
      );
  });
}
