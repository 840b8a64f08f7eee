import { toErrorData, WatchfloorError } from '../domain/result.ts';
import {
  type EventName,
  type EventPayload,
  type MethodName,
  type MethodOutput,
  type MethodParsedInput,
  methods,
} from './contract.ts';
import { clientMessageSchema, type Port, type Progress, type ServerMessage } from './envelope.ts';

/** Who asks: a renderer, which is not trusted, or a command of the same account. */
export type Caller = 'screen' | 'command-line';

/** What a handler gets beside its input. */
export interface CallContext {
  /** A screen, where it is not told. */
  readonly caller?: Caller;
  /** True once the caller cancelled or went away; long work looks at it between steps. */
  isCancelled(): boolean;
  progress(progress: Progress): void;
}

export type Handlers = {
  readonly [M in MethodName]: (
    input: MethodParsedInput<M>,
    context: CallContext,
  ) => Promise<MethodOutput<M>> | MethodOutput<M>;
};

/** The handlers of one topic of the contract. */
export type TopicHandlers<Topic> = Pick<Handlers, keyof Topic & MethodName>;

export interface Connection {
  /** Sends an event, numbered on this connection. */
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
  close(): void;
}

/**
 * Serves the contract on one port. Every input is validated; whatever a handler throws becomes plain error data.
 * @param onError told of what became `internal`, for the log
 */
export function serve(
  port: Port,
  handlers: Handlers,
  onError: (method: string, thrown: unknown) => void = () => undefined,
  caller: Caller = 'screen',
): Connection {
  const running = new Map<number, { cancelled: boolean }>();
  let sequence = 0;
  let open = true;
  const send = (message: ServerMessage) => {
    if (open) port.send(message);
  };

  async function answer(id: number, method: string, input: unknown): Promise<void> {
    const call = { cancelled: false };
    running.set(id, call);
    try {
      if (!Object.hasOwn(methods, method))
        throw new WatchfloorError('bad-input', `There is no method ${method}.`);
      const name = method as MethodName;
      const parsed = methods[name].input.safeParse(input);
      if (!parsed.success) {
        const first = parsed.error.issues[0];
        throw new WatchfloorError(
          'bad-input',
          `The input of ${method} is not valid${first ? `: ${first.path.join('.') || 'input'}: ${first.message}` : ''}.`,
        );
      }
      // One cast where the table of handlers is entered by a name known only at run time.
      const handler = handlers[name] as (input: unknown, context: CallContext) => unknown;
      const output = await handler(parsed.data, {
        caller,
        isCancelled: () => call.cancelled || !open,
        progress: (progress) => send({ kind: 'progress', id, progress }),
      });
      send({ kind: 'response', id, output });
    } catch (thrown) {
      const error = toErrorData(thrown);
      if (error.code === 'internal') onError(method, thrown);
      send({ kind: 'error', id, error });
    } finally {
      running.delete(id);
    }
  }

  port.onMessage((raw) => {
    const parsed = clientMessageSchema.safeParse(raw);
    if (!parsed.success) return;
    if (parsed.data.kind === 'cancel') {
      const call = running.get(parsed.data.id);
      if (call) call.cancelled = true;
      return;
    }
    void answer(parsed.data.id, parsed.data.method, parsed.data.input);
  });
  port.onClose(() => {
    open = false;
  });

  return {
    emit(event, payload) {
      sequence += 1;
      send({ kind: 'event', name: event, sequence, payload });
    },
    close() {
      open = false;
      port.close();
    },
  };
}
