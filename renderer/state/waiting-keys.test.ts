import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { promised } from '../../shared/testing/promised.ts';
import { createKeysStore } from './keys.ts';
import { holdKeys, keysWaitFor } from './waiting-keys.ts';

class Field {
  readonly isContentEditable = true;
}

function start(give: (key: string) => boolean = () => true) {
  const store = createKeysStore();
  const given: string[] = [];
  let listener: ((event: never) => void) | null = null;
  const target = {
    addEventListener: (_: string, added: (event: never) => void) => {
      listener = added;
    },
    removeEventListener: () => {
      listener = null;
    },
  };
  const stop = holdKeys(store, target as unknown as Window, ({ key }) => {
    given.push(key);
    return give(key);
  });
  /** @returns whether the key was kept from everybody else */
  const press = (key: string, on: unknown = null): boolean => {
    let isStopped = false;
    const event = {
      ...{ key, target: on, isComposing: false, preventDefault: () => undefined },
      stopImmediatePropagation: () => {
        isStopped = true;
      },
    };
    listener?.(event as never);
    return isStopped;
  };
  return { store, given, press, stop };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('HTMLElement', Field);
  for (const name of ['HTMLTextAreaElement', 'HTMLSelectElement', 'HTMLInputElement']) {
    vi.stubGlobal(name, class {});
  }
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('keys that come before what they are about', () => {
  it('are given once it is there, in their order', async () => {
    const { store, given, press } = start();
    const opened = promised<void>();
    const waited = keysWaitFor(store, () => opened.promise);
    expect(['s', 'Shift', 'c', 'Control'].map((key) => press(key))).toEqual([true, false, true, false]);
    expect(given).toEqual([]);
    opened.resolve();
    await waited;
    await Promise.resolve();
    expect(given).toEqual(['s', 'c']);
    expect(press('a')).toBe(false);
  });

  it('wait as well where the work failed, and no longer than it', async () => {
    const { store, given, press } = start();
    const waited = keysWaitFor(store, () => Promise.reject(new Error('No answer.')));
    press('j');
    await expect(waited).rejects.toThrow('No answer.');
    await Promise.resolve();
    expect([given, store.getState().waiting]).toEqual([['j'], 0]);
  });

  it('wait for what one of them asks for, before those after it are given', async () => {
    const second = promised<void>();
    const { store, given, press } = start((key) => {
      if (key === 'c') void keysWaitFor(store, () => second.promise);
      return true;
    });
    const first = keysWaitFor(store, async () => undefined);
    for (const key of ['c', 'b', 'Enter']) press(key);
    await first;
    await Promise.resolve();
    expect(given).toEqual(['c']);
    // What comes meanwhile stands behind them.
    expect(press('x')).toBe(true);
    second.resolve();
    await vi.waitFor(() => expect(given).toEqual(['c', 'b', 'Enter', 'x']));
  });

  it('are let go of, with those after it, where one cannot be given', async () => {
    const { store, given, press } = start((key) => key !== 'Tab');
    const waited = keysWaitFor(store, async () => undefined);
    for (const key of ['s', 'Tab', 'Enter']) press(key);
    await waited;
    await Promise.resolve();
    expect(given).toEqual(['s', 'Tab']);
    expect(press('j')).toBe(false);
  });

  it('are let go of when it takes too long, and later ones go where they went before', async () => {
    const { store, given, press } = start();
    const opened = promised<void>();
    const waited = keysWaitFor(store, () => opened.promise);
    press('Enter');
    vi.advanceTimersByTime(2_000);
    expect(press('j')).toBe(false);
    opened.resolve();
    await waited;
    await Promise.resolve();
    expect(given).toEqual([]);
    // The next wait is one of its own.
    const again = keysWaitFor(store, async () => undefined);
    expect(press('k')).toBe(true);
    await again;
  });

  it('go on into a field that has the focus', async () => {
    const { store, press } = start();
    const opened = promised<void>();
    void keysWaitFor(store, () => opened.promise);
    expect([press('a', new Field()), press('a', null)]).toEqual([false, true]);
    opened.resolve();
  });
});
