import { z } from 'zod';
import { errorDataSchema } from '../domain/result.ts';

/** The widest message a port takes, bytes of JSON: bundles are read as one text. Larger files come in pieces. */
export const maxMessageBytes = 48 * 1024 * 1024;

export const progressSchema = z.object({
  done: z.number(),
  /** null while the whole is not known. */
  total: z.number().nullable(),
  text: z.string(),
});
export type Progress = z.infer<typeof progressSchema>;

export const clientMessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    id: z.number().int(),
    method: z.string().max(80),
    input: z.unknown(),
  }),
  z.object({ kind: z.literal('cancel'), id: z.number().int() }),
]);
/** What a renderer sends. */
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export const serverMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('response'), id: z.number().int(), output: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.number().int(), error: errorDataSchema }),
  z.object({ kind: z.literal('progress'), id: z.number().int(), progress: progressSchema }),
  z.object({ kind: z.literal('event'), name: z.string(), sequence: z.number().int(), payload: z.unknown() }),
]);
/** What the core sends. Events are numbered from 1 on each connection; a jump means that some were dropped. */
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** The tiny port: three implementations (MessagePort, child IPC, WebSocket), everything above it is the same code. */
export interface Port {
  send(message: unknown): void;
  /** Calls back for every message; returns how to stop listening. */
  onMessage(listener: (message: unknown) => void): () => void;
  onClose(listener: () => void): () => void;
  close(): void;
}
