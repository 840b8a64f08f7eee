import type { handoverMethods } from '../../../shared/api/contract/handovers.ts';
import type { TopicHandlers } from '../../../shared/api/server.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import { absolute, callersOf, done, type HandlerDeps } from './common.ts';

/** Reports and shift handovers. */
export function handoverHandlers(deps: HandlerDeps): TopicHandlers<typeof handoverMethods> {
  const { analysts } = deps;
  const { writerFor, readerFor } = callersOf(analysts);

  return {
    'reports.build': async ({ caseId, format }) => {
      const file = await deps.reports.build(caseId, format);
      return {
        name: file.name,
        mediaType: file.mediaType,
        base64: Buffer.from(file.bytes).toString('base64'),
      };
    },

    'handovers.list': () => deps.handovers.list(),
    'handovers.get': async ({ id }, context) => deps.handovers.get(id, await readerFor(context)),
    'handovers.make': async ({ nextShiftHours }, context) =>
      deps.handovers.make(await writerFor(context), nextShiftHours),
    'handovers.edit': async ({ id, edit }, context) =>
      deps.handovers.edit(await writerFor(context), id, edit),
    'handovers.discard': ({ id }) => {
      deps.handovers.discard(id);
      return done;
    },
    'handovers.sign': async ({ id, revision }, context) =>
      deps.handovers.sign(await writerFor(context), id, revision),
    'handovers.answer': async ({ id, answer }, context) =>
      deps.handovers.answer(await writerFor(context), id, answer),
    'handovers.countersign': async ({ id, ...options }, context) =>
      deps.handovers.countersign(await writerFor(context), id, options),
    'handovers.read': ({ id }) => deps.handovers.text(id),
    'handovers.export': ({ id, path, replaces }, context) => {
      if (context.caller !== 'command-line' && !path.endsWith('.wfhandover')) {
        throw new WatchfloorError('bad-input', 'The name of a handover’s file ends with .wfhandover.');
      }
      return deps.handovers.export(id, { path: absolute(path), replaces });
    },
    'handovers.import': async (input, context) =>
      deps.handovers.import(
        await writerFor(context),
        'path' in input ? { path: absolute(input.path) } : input,
      ),
    'handovers.build': async ({ id, format }, context) => {
      const { bytes, ...file } = await deps.handovers.build(id, format, await readerFor(context));
      return { ...file, base64: Buffer.from(bytes).toString('base64') };
    },
  };
}
