import type { caseFileMethods } from '../../../shared/api/contract/case-files.ts';
import type { CallContext, TopicHandlers } from '../../../shared/api/server.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { absolute, callersOf, done, type HandlerDeps } from './common.ts';

/** Counts bytes of evidence for a caller who may watch, or give up. */
function copied(context: CallContext): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    if (context.isCancelled()) throw new WatchfloorError('cancelled', 'It was given up. Nothing was added.');
    done += bytes;
    context.progress({ done, total: null, text: 'Copying the evidence' });
  };
}

/** Uploads, evidence, case files, other formats and reviews. */
export function caseFileHandlers(deps: HandlerDeps): TopicHandlers<typeof caseFileMethods> {
  const { store, analysts, cases, uploads } = deps;
  const { writerFor, readerFor } = callersOf(analysts);

  return {
    'review.open': async ({ path, identities, passphrase, name }, context) => {
      const opened = await deps.review.open(
        { path: absolute(path), name, secrets: { identities, passphrase } },
        context,
      );
      // It was taken in whole; whoever brought it is behind the review now.
      if (opened.caseId !== null) await uploads.discardAt(absolute(path));
      // Of a review itself nothing stays; the workspace behind it says that somebody looked.
      const reader = deps.workspace === 'review' || opened.caseId === null ? null : analysts.current();
      if (reader !== null) {
        store.audit.append(analysts.writer(), {
          action: 'case.reviewed',
          sentence: `${reader.name} looked at the case file ${opened.name}, signed by ${opened.preview?.exporter?.name ?? 'nobody'}.`,
          details: { caseId: opened.caseId, sha256: opened.preview?.sha256 ?? null },
        });
      }
      return opened;
    },
    'review.close': async () => {
      await deps.review.close();
      return done;
    },

    'uploads.begin': ({ name, sizeBytes }) => uploads.begin(name, sizeBytes),
    'uploads.write': ({ id, offset, base64 }) => uploads.write(id, offset, Buffer.from(base64, 'base64')),
    'uploads.finish': ({ id }) => uploads.finish(id),
    'uploads.discard': async ({ id }) => {
      await uploads.discard(id);
      return done;
    },

    'cases.addEvidence': async ({ caseId, name, mediaType, uploadId }, context) => {
      const file = { path: uploads.path(uploadId), name, mediaType };
      const added = await cases.addEvidenceFile(await writerFor(context), caseId, file, copied(context));
      await uploads.discard(uploadId);
      return added;
    },
    'cases.addEvidenceFile': async ({ caseId, path }, context) => {
      if (context.caller !== 'command-line') {
        throw new WatchfloorError('not-allowed', 'Files are added by their path at the command line alone.');
      }
      const file = { path: absolute(path), name: path, mediaType: '' };
      return cases.addEvidenceFile(await writerFor(context), caseId, file, copied(context));
    },
    'cases.readEvidence': async ({ caseId, evidenceId, purpose }, context) => {
      // A file that is looked at has an audit log of others.
      const reader = deps.workspace === 'review' || purpose === 'note' ? null : await readerFor(context);
      const { bytes, ...rest } = cases.readEvidence(caseId, evidenceId);
      if (reader !== null && purpose !== 'note') cases.recordReading(reader, caseId, evidenceId, purpose);
      return { ...rest, base64: Buffer.from(bytes).toString('base64') };
    },

    'evidence.begin': async ({ caseId, evidenceId }, context) => {
      const found = cases.get(caseId).evidence.find((each) => each.id === evidenceId);
      if (!found) throw new WatchfloorError('not-found', 'There is no such evidence in this case.');
      const reading = await deps.evidenceReadings.begin(found.sha256);
      const reader = deps.workspace === 'review' ? null : await readerFor(context);
      if (reader !== null) cases.recordReading(reader, caseId, evidenceId, 'save');
      return reading;
    },
    'evidence.next': async ({ id }) => {
      const { bytes, isVerified } = await deps.evidenceReadings.next(id);
      return { base64: bytes.toString('base64'), isVerified };
    },
    'evidence.end': async ({ id }) => {
      await deps.evidenceReadings.end(id);
      return done;
    },

    'cases.draftExport': async ({ caseId, audience }) => ({
      ...(await deps.caseFiles.draft(caseId, audience)),
      canBrowse: deps.chooseSavePath !== null,
    }),
    'cases.browseExport': async ({ path }) => {
      if (deps.chooseSavePath === null) {
        throw new WatchfloorError('unavailable', 'There is no file dialog here. Type the path.');
      }
      return { path: await deps.chooseSavePath(absolute(path)) };
    },
    'cases.export': async ({ caseId, path, replaces, recipients, passphrase, audience }, context) => {
      if (context.caller !== 'command-line' && !path.endsWith('.wfcase')) {
        throw new WatchfloorError('bad-input', 'The name of a case file ends with .wfcase.');
      }
      if (recipients.length > 0 && passphrase !== null) {
        throw new WatchfloorError(
          'bad-input',
          'A file is encrypted for recipients or with a passphrase, not both.',
        );
      }
      const forKeys = recipients.length > 0 ? { recipients } : null;
      const encryption = passphrase === null ? forKeys : { passphrase };
      const input = { caseId, path: absolute(path), replaces, encryption, audience };
      return deps.caseFiles.export(input, await writerFor(context), context);
    },
    'cases.previewImport': ({ path, identities, passphrase }, context) =>
      deps.caseFiles.preview(absolute(path), { identities, passphrase }, context),
    'cases.import': async ({ path, identities, passphrase, expectedSha256 }, context) => {
      const input = { path: absolute(path), secrets: { identities, passphrase }, expectedSha256 };
      return deps.caseFiles.import(input, await writerFor(context), context);
    },
    'cases.exportAs': async ({ caseId, format }, context) =>
      deps.caseExchange.exportAs(await writerFor(context), caseId, format),
    'cases.importStix': ({ caseId, text }) => deps.caseExchange.importStix(caseId, text),
  };
}
