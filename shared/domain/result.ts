import { z } from 'zod';

/**
 * Every reason for which a method can refuse or fail, as one union. A code says what kind of trouble it is;
 * the message says to a person what happened, what was kept and what to do.
 */
export const errorCodes = [
  'bad-input',
  'not-found',
  'conflict',
  'refused',
  'not-allowed',
  'unavailable',
  'timed-out',
  'cancelled',
  'too-large',
  'storage',
  'locked',
  'newer-database',
  'internal',
] as const;
export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const errorDataSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  details: z.string().nullable(),
});
/** An error as plain data: what crosses a port. `details` can be copied by the analyst and holds no secret. */
export type ErrorData = z.infer<typeof errorDataSchema>;

/** The one error class of the project: a code from the union, a sentence, and copyable details. */
export class WatchfloorError extends Error {
  readonly code: ErrorCode;
  readonly details: string | null;

  constructor(code: ErrorCode, message: string, details: string | null = null) {
    super(message);
    this.name = 'WatchfloorError';
    this.code = code;
    this.details = details;
  }
}

/** Turns anything thrown into plain error data; what is not ours becomes `internal`, with its message as details. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof WatchfloorError) {
    return { code: thrown.code, message: thrown.message, details: thrown.details };
  }
  const details = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    message: 'Something inside Watchfloor failed. Nothing stored was changed.',
    details,
  };
}

/** Closes a union: a case that was forgotten does not compile. */
export function assertNever(value: never): never {
  throw new WatchfloorError('internal', 'A case was not handled.', JSON.stringify(value));
}
