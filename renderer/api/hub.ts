import type { CallOptions, Client } from '../../shared/api/client.ts';
import type {
  EventName,
  EventPayload,
  MethodInput,
  MethodName,
  MethodOutput,
} from '../../shared/api/contract.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

/**
 * A client that outlives connections: after each reconnect the new client is attached, listeners stay, and
 * everything that shows data is told to ask again (`onGap`), because events were missed in between.
 */
export interface Hub extends Client {
  /** Uses this client from now on; null while there is no connection. */
  attach(client: Client | null): void;
  isAttached(): boolean;
}

/** Makes a hub without a connection. Calls are refused with `unavailable` until a client is attached. */
export function createHub(): Hub {
  let current: Client | null = null;
  let detach: (() => void)[] = [];
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const gapListeners = new Set<() => void>();

  function subscribe<E extends EventName>(client: Client, event: E): void {
    detach.push(
      client.on(event, (payload: EventPayload<E>) => {
        // The set is keyed by the event's name, so what lies in it takes this payload.
        for (const listener of listeners.get(event) ?? [])
          (listener as (payload: EventPayload<E>) => void)(payload);
      }),
    );
  }

  function announceGap(): void {
    for (const listener of [...gapListeners]) listener();
  }

  return {
    attach(client) {
      for (const stop of detach) stop();
      detach = [];
      current = client;
      if (!client) return;
      for (const event of listeners.keys()) subscribe(client, event);
      detach.push(client.onGap(announceGap));
      announceGap();
    },
    isAttached: () => current !== null,
    call<M extends MethodName>(
      method: M,
      input: MethodInput<M>,
      options?: CallOptions,
    ): Promise<MethodOutput<M>> {
      if (!current) {
        return Promise.reject(
          new WatchfloorError(
            'unavailable',
            'The core is not connected. Nothing was changed; try again in a moment.',
          ),
        );
      }
      return current.call(method, input, options);
    },
    on(event, listener) {
      let set = listeners.get(event);
      if (!set) {
        set = new Set();
        listeners.set(event, set);
        if (current) subscribe(current, event);
      }
      const entry = listener as (payload: never) => void;
      set.add(entry);
      return () => {
        set.delete(entry);
      };
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => {
        gapListeners.delete(listener);
      };
    },
    close() {
      current?.close();
      current = null;
    },
  };
}
