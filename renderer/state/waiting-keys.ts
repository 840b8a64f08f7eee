import { useLayoutEffect } from 'react';
import { flushSync } from 'react-dom';
import { isTypingTarget, type KeysStore, modifierKeys, useKeysStore } from './keys.ts';

/** So long keys wait at most; then they are let go of rather than given to something that was not meant. */
const mostWaitMs = 2_000;
/** Nobody types more than this ahead. */
const mostHeld = 100;

/** Keys wait while this is so, e.g. while the rows that are shown answer another search than the one asked. */
export function useKeysWait(isWaiting: boolean): void {
  const store = useKeysStore();
  useLayoutEffect(() => (isWaiting ? beginWait(store) : undefined), [store, isWaiting]);
}

/** Keys wait until the work is done, e.g. a dialog is open that needs an answer of the core first. */
export async function keysWaitFor(store: KeysStore, work: () => Promise<void>): Promise<void> {
  const end = beginWait(store);
  try {
    await work();
  } finally {
    end();
  }
}

function beginWait(store: KeysStore): () => void {
  const change = (by: number) => store.setState(({ waiting }) => ({ waiting: waiting + by }));
  change(1);
  return () => change(-1);
}

/**
 * Keeps keys that come faster than what they are about: they are given, in their order, once that is there. Listens
 * before anybody else does; a field that has the focus goes on taking what is typed. Returns how to stop.
 * @param give gives one key to what has the focus; false where that cannot be done: then those after it are let go of
 */
export function holdKeys(store: KeysStore, target: Window, give = giveKey): () => void {
  let held: KeyboardEvent[] = [];
  let isGiving = false;
  let hasGivenUp = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const letGo = () => {
    held = [];
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const onKey = (event: KeyboardEvent) => {
    if (isGiving || event.isComposing || modifierKeys.includes(event.key)) return;
    const isWaiting = store.getState().waiting > 0 && !hasGivenUp && !isTypingTarget(event.target);
    if (held.length === 0 && !isWaiting) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held.length < mostHeld) held.push(event);
    timer ??= setTimeout(() => {
      letGo();
      hasGivenUp = true;
    }, mostWaitMs);
  };
  const giveAll = () => {
    while (held.length > 0 && store.getState().waiting === 0) {
      const next = held.shift();
      isGiving = true;
      try {
        if (next && !give(next)) letGo();
      } finally {
        isGiving = false;
      }
    }
    if (held.length === 0) letGo();
  };
  const stop = store.subscribe(({ waiting }) => {
    if (waiting > 0) return;
    hasGivenUp = false;
    // Once what is being drawn is drawn.
    if (held.length > 0) queueMicrotask(giveAll);
  });
  target.addEventListener('keydown', onKey, true);
  return () => {
    stop();
    letGo();
    target.removeEventListener('keydown', onKey, true);
  };
}

/** Gives a key to what has the focus, with what a browser does where nobody takes it; false where that is not known. */
function giveKey(held: KeyboardEvent): boolean {
  const element = document.activeElement ?? document.body;
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = held;
  const event = new KeyboardEvent('keydown', {
    ...{ key, code, ctrlKey, metaKey, altKey, shiftKey },
    bubbles: true,
    cancelable: true,
  });
  // Drawn at once: the next key means what is there then.
  if (flushSync(() => !element.dispatchEvent(event))) return true;
  const isSign = key.length === 1 && !ctrlKey && !metaKey && !altKey;
  if (element instanceof HTMLSelectElement) return isSign && chooseByLetter(element, key);
  if (isTypingTarget(element)) {
    return key === 'Escape' || (isSign && document.execCommand('insertText', false, key));
  }
  const isPress = (key === 'Enter' || key === ' ') && element instanceof HTMLButtonElement;
  if (isPress) flushSync(() => element.click());
  return key !== 'Tab';
}

/** The next option that begins so, as a list that is closed takes a letter. */
function chooseByLetter(select: HTMLSelectElement, letter: string): boolean {
  const options = [...select.options];
  const after = [...options.slice(select.selectedIndex + 1), ...options.slice(0, select.selectedIndex + 1)];
  const next = after.find(({ text }) => text.toLowerCase().startsWith(letter.toLowerCase()));
  if (!next) return false;
  select.value = next.value;
  flushSync(() => select.dispatchEvent(new Event('change', { bubbles: true })));
  return true;
}
