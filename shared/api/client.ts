import { WatchfloorError } from '../domain/result.ts';
import type { EventName, EventPayload, MethodInput, MethodName, MethodOutput } from './contract.ts';
import { type Port, type Progress, serverMessageSchema } from './envelope.ts';

export interface CallOptions {
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: Progress) => void;
}

/** The part of AbortSignal that is used; `shared/` has no DOM or Node types. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Client {
  /** Calls a method; rejects with a WatchfloorError. Fails with `unavailable` when the port closes first. */
  call<M extends MethodName>(
    method: M,
    input: MethodInput<M>,
    options?: CallOptions,
  ): Promise<MethodOutput<M>>;
  /** Listens to an event; returns how to stop. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Calls back when events were lost in between: ask for one snapshot of what is shown. */
  onGap(listener: () => void): () => void;
  close(): void;
}

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** A typed client over a port. One client a connection: after a reconnect make a new one. */
export function createClient(port: Port): Client {
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const gapListeners = new Set<() => void>();
  let nextId = 1;
  let lastSequence: number | null = null;
  let closed = false;

  port.onMessage((raw) => {
    const parsed = serverMessageSchema.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    switch (message.kind) {
      case 'response': {
        const waiting = pending.get(message.id);
        pending.delete(message.id);
        waiting?.resolve(message.output);
        return;
      }
      case 'error': {
        const waiting = pending.get(message.id);
        pending.delete(message.id);
        waiting?.reject(
          new WatchfloorError(message.error.code, message.error.message, message.error.details),
        );
        return;
      }
      case 'progress':
        pending.get(message.id)?.onProgress?.(message.progress);
        return;
      case 'event': {
        const lost = lastSequence !== null && message.sequence !== lastSequence + 1;
        lastSequence = message.sequence;
        if (lost) for (const listener of gapListeners) listener();
        for (const listener of listeners.get(message.name) ?? []) listener(message.payload);
      }
    }
  });

  port.onClose(() => {
    closed = true;
    for (const waiting of pending.values()) {
      waiting.reject(
        new WatchfloorError('unavailable', 'The connection to the core closed before it answered.'),
      );
    }
    pending.clear();
  });

  return {
    call<M extends MethodName>(method: M, input: MethodInput<M>, options: CallOptions = {}) {
      if (closed) {
        return Promise.reject(new WatchfloorError('unavailable', 'The core is not connected.'));
      }
      const id = nextId++;
      return new Promise<MethodOutput<M>>((resolve, reject) => {
        const cancel = () => {
          port.send({ kind: 'cancel', id });
        };
        const finish = () => options.signal?.removeEventListener('abort', cancel);
        pending.set(id, {
          // The core sends what its own types promise; outputs are checked against the contract by its tests.
          resolve: (output) => {
            finish();
            resolve(output as MethodOutput<M>);
          },
          reject: (error) => {
            finish();
            reject(error);
          },
          onProgress: options.onProgress,
        });
        options.signal?.addEventListener('abort', cancel);
        port.send({ kind: 'request', id, method, input });
        if (options.signal?.aborted) cancel();
      });
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      const wrapped = listener as (payload: unknown) => void;
      set.add(wrapped);
      return () => set.delete(wrapped);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    close() {
      closed = true;
      port.close();
    },
  };
}
