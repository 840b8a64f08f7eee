import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Workspace } from '../../shared/api/contract.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { withCore } from './with-core.ts';

/** `report`: a case's retrospective into a file; without a case the list of cases. */
export async function writeReport(options: {
  readonly dataDirectory: string;
  readonly workspace: Workspace;
  readonly caseId: string | null;
  readonly format: 'html' | 'markdown' | 'pdf';
  readonly out: string | null;
  readonly json: boolean;
}): Promise<number> {
  const { caseId } = options;
  return withCore(options.dataDirectory, options.workspace, async (call) => {
    if (caseId === null) {
      for (const each of await call('cases.list', { status: null, text: '' })) {
        process.stdout.write(
          options.json
            ? `${JSON.stringify(each)}\n`
            : `${each.id}  ${formatUtc(each.openedMs)}  ${each.severity.padEnd(13)}  ${each.status.padEnd(9)}  ${toSafeExcerpt(each.title, 120)}\n`,
        );
      }
      return 0;
    }
    const file = await call('reports.build', { caseId, format: options.format });
    const path = resolve(options.out ?? join(process.cwd(), basename(file.name)));
    const bytes = Buffer.from(file.base64, 'base64');
    try {
      writeFileSync(path, bytes, { mode: 0o600 });
    } catch (thrown) {
      throw new WatchfloorError('storage', `The report cannot be written to ${path}.`, String(thrown));
    }
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ path, bytes: bytes.length, mediaType: file.mediaType })}\n`
        : `${path}\n`,
    );
    return 0;
  });
}
