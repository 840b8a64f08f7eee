import { createContext, useContext, useLayoutEffect, useRef } from 'react';
import { createStore, type StoreApi } from 'zustand/vanilla';

/** Where a command belongs; while a dialog is open only the dialog's commands answer to keys. */
export type CommandLayer = 'app' | 'screen' | 'dialog';

/**
 * One thing that can be done: it stands in the palette, in the help sheet and answers to its keys.
 * Keys are written as `a`, `Shift+j`, `Ctrl+K`, `Enter`, `Escape`, `/`, `?`, or as a sequence `g w`.
 */
export interface Command {
  /** Unique, e.g. `queue.acknowledge`. */
  readonly id: string;
  /** A verb: what happens, e.g. `Acknowledge`. */
  readonly title: string;
  /** Heading in the help sheet, e.g. `Queue`. */
  readonly group: string;
  readonly keys?: readonly string[];
  /** Absent or true: it can be done now. */
  readonly enabled?: boolean;
  /** Not shown in the palette, e.g. moving by a row. */
  readonly hidden?: boolean;
  /** Answers to its keys while a text field has the focus, too. */
  readonly whileTyping?: boolean;
  readonly run: () => void;
}

export interface RegisteredCommand extends Command {
  readonly layer: CommandLayer;
}

export interface KeysState {
  readonly commands: readonly RegisteredCommand[];
  /** The first key of a sequence, while the second is awaited. */
  readonly pendingKey: string | null;
  readonly openDialogs: number;
  /** How much that keys are about is on its way: they wait for it. */
  readonly waiting: number;
}

export type KeysStore = StoreApi<KeysState>;

export function createKeysStore(): KeysStore {
  return createStore<KeysState>()(() => ({
    commands: [],
    pendingKey: null,
    openDialogs: 0,
    waiting: 0,
  }));
}

export const KeysContext = createContext<KeysStore | null>(null);

export function useKeysStore(): KeysStore {
  const store = useContext(KeysContext);
  if (!store) throw new Error('useKeysStore is used outside of AppProvider.');
  return store;
}

/**
 * Registers commands while the component is shown. Call it on every render with fresh closures: the newest run,
 * without a registration in between unless ids, titles, keys or enabled changed.
 */
export function useCommands(commands: readonly Command[], layer: CommandLayer = 'screen'): void {
  const store = useKeysStore();
  const latest = useRef(commands);
  latest.current = commands;
  const shape = JSON.stringify(
    commands.map(({ id, title, group, keys, enabled, hidden, whileTyping }) => [
      id,
      title,
      group,
      keys,
      enabled,
      hidden,
      whileTyping,
    ]),
  );
  // With the rendering and not some time after it: a key that answers what was just drawn must find its command.
  // biome-ignore lint/correctness/useExhaustiveDependencies: closures are read through the ref, so the shape decides
  useLayoutEffect(() => {
    const mine: RegisteredCommand[] = latest.current.map((command) => ({
      ...command,
      layer,
      run: () => latest.current.find((each) => each.id === command.id)?.run(),
    }));
    store.setState((state) => ({ commands: [...state.commands, ...mine] }));
    return () => {
      store.setState((state) => ({ commands: state.commands.filter((each) => !mine.includes(each)) }));
    };
  }, [store, layer, shape]);
}

/** The name of a key press as commands write it: `Shift+J` is `Shift+j`, `?` stays `?`, Meta counts as Ctrl. */
export function keyName(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}): string {
  const isLetter = /^[a-z]$/i.test(event.key);
  const isNamed = event.key.length > 1;
  const base = isLetter ? event.key.toLowerCase() : event.key === ' ' ? 'Space' : event.key;
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  // A shifted sign such as `?` is its own name; for letters and named keys Shift is part of it.
  if (event.shiftKey && (isLetter || isNamed)) parts.push('Shift');
  parts.push(base);
  return parts.join('+');
}

/** Brings `Ctrl+K`, `shift+J` and the like to the form that keyName gives. */
export function normalizeKeys(keys: string): string {
  return keys
    .split(' ')
    .map((chord) => {
      const parts = chord === '+' ? ['+'] : chord.split('+');
      const base = parts.pop() ?? '';
      const modifiers = ['Ctrl', 'Alt', 'Shift'].filter((name) =>
        parts.some((part) => part.toLowerCase() === name.toLowerCase()),
      );
      return [...modifiers, /^[a-z]$/i.test(base) ? base.toLowerCase() : base].join('+');
    })
    .join(' ');
}

const layerRank: Readonly<Record<CommandLayer, number>> = { app: 0, screen: 1, dialog: 2 };

export type KeyOutcome =
  | { readonly kind: 'run'; readonly command: RegisteredCommand }
  | { readonly kind: 'wait'; readonly pendingKey: string }
  | { readonly kind: 'none' };

/**
 * Decides what a key press means. Pure: the newest command of the topmost layer wins; the first key of a sequence
 * waits for the second; in a text field only commands that say so answer.
 */
export function decideKey(
  state: Pick<KeysState, 'commands' | 'pendingKey' | 'openDialogs'>,
  name: string,
  isTyping: boolean,
): KeyOutcome {
  const candidates = state.commands
    .filter((command) => command.enabled !== false)
    .filter((command) => !isTyping || command.whileTyping === true)
    .filter((command) => state.openDialogs === 0 || command.layer === 'dialog');
  const wanted = state.pendingKey === null ? name : `${state.pendingKey} ${name}`;
  const find = (keys: string) =>
    candidates
      .filter((command) => command.keys?.some((each) => normalizeKeys(each) === keys))
      .sort((a, b) => layerRank[a.layer] - layerRank[b.layer])
      .at(-1);
  const match = find(wanted) ?? (state.pendingKey === null ? undefined : find(name));
  if (match) return { kind: 'run', command: match };
  const starts = candidates.some((command) =>
    command.keys?.some((each) => normalizeKeys(each).startsWith(`${name} `)),
  );
  return starts ? { kind: 'wait', pendingKey: name } : { kind: 'none' };
}

/** Whether the focus is where typing belongs to the field, not to commands. */
export function isTypingTarget(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
  );
}

/** Keys that mean nothing alone. */
export const modifierKeys: readonly string[] = ['Shift', 'Control', 'Alt', 'Meta'];

const sequenceWaitMs = 1_200;

/** Listens to the window's keys and runs commands; returns how to stop. */
export function listenToKeys(store: KeysStore, target: Window): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const clearPending = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (store.getState().pendingKey !== null) store.setState({ pendingKey: null });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (modifierKeys.includes(event.key)) return;
    const name = keyName(event);
    // Enter and Space on a button or link press it; commands of the same key stay out of the way.
    const onControl =
      event.target instanceof HTMLElement &&
      event.target.closest('button, a[href], summary, [role="menuitem"], input[type="checkbox"]') !== null;
    if (onControl && (name === 'Enter' || name === 'Space')) return;
    const isTyping = isTypingTarget(event.target);
    const outcome = decideKey(store.getState(), name, isTyping);
    clearPending();
    if (outcome.kind === 'none') {
      // Esc leaves a field, so that the screen's keys answer again. A list that is open is closed by it first.
      const field = event.target;
      if (isTyping && name === 'Escape' && field instanceof HTMLElement) queueMicrotask(() => field.blur());
      return;
    }
    event.preventDefault();
    if (outcome.kind === 'run') {
      outcome.command.run();
      return;
    }
    store.setState({ pendingKey: outcome.pendingKey });
    timer = setTimeout(clearPending, sequenceWaitMs);
  };
  target.addEventListener('keydown', onKey);
  return () => {
    clearPending();
    target.removeEventListener('keydown', onKey);
  };
}
