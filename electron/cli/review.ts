import { existsSync } from 'node:fs';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type SecretFiles, secretsIn } from './case.ts';
import { runHost } from './serve.ts';

/** `review`: one case file, read only, behind the loopback host until a signal ends it. */
export function runReview(options: {
  readonly dataDirectory: string;
  readonly port: number;
  /** Absolute. */
  readonly path: string;
  readonly secretFiles: SecretFiles;
}): Promise<number> {
  const { dataDirectory, port, path } = options;
  if (!existsSync(path)) throw new WatchfloorError('not-found', `${path} is not there.`);
  return runHost({
    dataDirectory,
    port,
    workspace: null,
    review: { path, secrets: secretsIn(options.secretFiles) },
  });
}
