import { basename } from 'node:path';
import { inReview } from '../../shared/api/in-review.ts';
import type { CallContext, Handlers } from '../../shared/api/server.ts';
import type { ImportPreview } from '../../shared/case-file/report.ts';
import type { Review } from '../../shared/case-file/review.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import type { AgeSecrets } from './case-files/age.ts';
import type { Core } from './core.ts';
import { makeReviewFolder } from './review-folder.ts';

/** A case file to look at. */
export interface ReviewFile {
  /** Absolute. */
  readonly path: string;
  /** As it is shown; null takes that of the path. */
  readonly name?: string | null;
  readonly secrets: AgeSecrets;
}

/** What handlers can do about looking at a file. */
export interface ReviewDoor {
  /** null where none is looked at. */
  state(): Review | null;
  open(file: ReviewFile, context: CallContext): Promise<Review>;
  /** @throws WatchfloorError `refused` where there is no workspace to go back to */
  close(): Promise<void>;
}

/** Where no file can be looked at, as at the command line. */
export const noReview: ReviewDoor = {
  state: () => null,
  open: () => Promise.reject(new WatchfloorError('refused', 'No case file can be looked at here.')),
  close: () => Promise.resolve(),
};

/** A core of its own for one case file, in a data directory of its own that goes with it. */
export interface ReviewedFile {
  /** Its handlers only read. */
  readonly core: Core;
  /** Without `canClose`, which whoever holds it knows. */
  readonly found: Omit<Review, 'canClose'>;
  close(): Promise<void>;
}

/** The handlers of a core of which only those answer that `in-review.ts` lets through. */
export function readOnly(handlers: Handlers): Handlers {
  const refuse = () => {
    throw new WatchfloorError(
      'refused',
      'A case file is open for review, read only. Go back to your workspace to change anything.',
    );
  };
  const entries = Object.entries(handlers).map(([method, handler]) => [
    method,
    Object.hasOwn(inReview, method) && Reflect.get(inReview, method) === 'answers' ? handler : refuse,
  ]);
  // The table has the names of the one that came in.
  return Object.fromEntries(entries) as unknown as Handlers;
}

/** @param isKnown whether a key's fingerprint is known in the analyst's own data directory */
function withKnown(preview: ImportPreview, isKnown: (fingerprint: string) => boolean): ImportPreview {
  const { exporter, writers } = preview;
  return {
    ...preview,
    exporter: exporter === null ? null : { ...exporter, isKnown: isKnown(exporter.keyFingerprint) },
    writers: writers.map((each) => ({ ...each, isKnown: isKnown(each.keyFingerprint) })),
  };
}

/**
 * Verifies a case file and takes it into a data directory of its own under the system's temporary folder. What is wrong
 * with the file is in `found`, and then no case is open; the core is there in any case.
 * @param makeCore makes a core that polls nothing on a data directory
 * @throws WatchfloorError `cancelled`, `storage`
 */
export async function reviewFile(
  file: ReviewFile,
  makeCore: (dataDirectory: string) => Promise<Core>,
  isKnown: (fingerprint: string) => boolean,
  context: CallContext,
): Promise<ReviewedFile> {
  const folder = makeReviewFolder();
  let core: Core | null = null;
  const { path, secrets } = file;
  const found: { -readonly [K in keyof ReviewedFile['found']]: ReviewedFile['found'][K] } = {
    path,
    name: file.name ?? basename(path),
    caseId: null,
    preview: null,
    error: null,
  };
  try {
    core = await makeCore(folder.path);
    // Whoever reviews writes nothing that could be signed by them: the import is the command line's.
    const asCommand: CallContext = { ...context, caller: 'command-line' };
    const input = { path, identities: [...secrets.identities], passphrase: secrets.passphrase };
    try {
      const preview = withKnown(await core.handlers['cases.previewImport'](input, asCommand), isKnown);
      found.preview = preview;
      if (preview.problemCount === 0) {
        await core.handlers['cases.import']({ ...input, expectedSha256: preview.sha256 }, asCommand);
        found.caseId = preview.caseId;
      }
    } catch (thrown) {
      found.error = toErrorData(thrown);
      if (found.error.code === 'cancelled') throw thrown;
    }
    const opened = core;
    return {
      core: { ...opened, handlers: readOnly(opened.handlers) },
      found,
      async close() {
        await opened.close();
        folder.remove();
      },
    };
  } catch (thrown) {
    await core?.close();
    folder.remove();
    throw thrown;
  }
}
