/** Lets a few at once do something; the others wait in the order in which they came. */
export interface Turns {
  /**
   * Resolves when it is one's turn, with what ends it; calling that again does nothing. When the signal aborts meanwhile
   * it resolves too, and nobody's turn is taken.
   */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** @param most how many have their turn at once */
export function createTurns(most: number): Turns {
  let free = most;
  const waiting = new Set<() => void>();

  function begin(): () => void {
    free -= 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      free += 1;
      const [next] = waiting;
      if (next === undefined) return;
      waiting.delete(next);
      next();
    };
  }

  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(() => undefined);
      if (free > 0 && waiting.size === 0) return Promise.resolve(begin());
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.delete(next);
          resolve(() => undefined);
        };
        const next = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(begin());
        };
        waiting.add(next);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
