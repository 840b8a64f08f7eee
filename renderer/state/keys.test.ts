import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createKeysStore,
  decideKey,
  type KeyOutcome,
  keyName,
  listenToKeys,
  normalizeKeys,
  type RegisteredCommand,
} from './keys.ts';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

const command = (id: string, keys: string[], change: Partial<RegisteredCommand> = {}): RegisteredCommand => ({
  id,
  title: id,
  group: 'Test',
  keys,
  layer: 'screen',
  run: () => undefined,
  ...change,
});

const commands = [
  command('go-queue', ['g q'], { layer: 'app' }),
  command('go-watch', ['g w'], { layer: 'app' }),
  command('palette', ['Ctrl+K'], { layer: 'app', whileTyping: true }),
  command('escalate', ['e']),
  command('extend', ['Shift+j']),
  command('off', ['o'], { enabled: false }),
  command('approve', ['Ctrl+Enter'], { layer: 'dialog', whileTyping: true }),
  command('w-of-screen', ['w']),
];

const decide = (name: string, change: { pendingKey?: string; openDialogs?: number; typing?: boolean } = {}) =>
  short(
    decideKey(
      { commands, pendingKey: change.pendingKey ?? null, openDialogs: change.openDialogs ?? 0 },
      name,
      change.typing ?? false,
    ),
  );

function short(outcome: KeyOutcome): string {
  return outcome.kind === 'run'
    ? outcome.command.id
    : outcome.kind === 'wait'
      ? `wait ${outcome.pendingKey}`
      : 'none';
}

describe('key names', () => {
  it('are the same however a key is pressed', () => {
    expect([
      press('J', { shiftKey: true }),
      press('k', { ctrlKey: true }),
      press('K', { metaKey: true, shiftKey: true }),
      press('?', { shiftKey: true }),
      press('Enter', { ctrlKey: true }),
      press(' '),
    ]).toEqual(['Shift+j', 'Ctrl+k', 'Ctrl+Shift+k', '?', 'Ctrl+Enter', 'Space']);
  });

  it('are read from how commands write them', () => {
    expect(['Ctrl+K', 'shift+J', 'g W', '?', '+', 'Ctrl+Enter'].map(normalizeKeys)).toEqual([
      'Ctrl+k',
      'Shift+j',
      'g w',
      '?',
      '+',
      'Ctrl+Enter',
    ]);
  });
});

describe('what a key press means', () => {
  it('runs a command, waits for the second key of a sequence, or does nothing', () => {
    expect([decide('e'), decide('g'), decide('q', { pendingKey: 'g' }), decide('z'), decide('o')]).toEqual([
      'escalate',
      'wait g',
      'go-queue',
      'none',
      'none',
    ]);
  });

  it('prefers the sequence to the single key, and takes the single key when no sequence fits', () => {
    expect([decide('w', { pendingKey: 'g' }), decide('e', { pendingKey: 'g' })]).toEqual([
      'go-watch',
      'escalate',
    ]);
  });

  it('leaves letters to text fields', () => {
    expect([decide('e', { typing: true }), decide('Ctrl+k', { typing: true })]).toEqual(['none', 'palette']);
  });

  it('lets only the dialog answer while one is open', () => {
    expect([decide('e', { openDialogs: 1 }), decide('Ctrl+Enter', { openDialogs: 1 })]).toEqual([
      'none',
      'approve',
    ]);
  });

  it('gives the newest command of the topmost layer the key', () => {
    const state = {
      ...createKeysStore().getState(),
      commands: [command('app', ['x'], { layer: 'app' }), command('old', ['x']), command('new', ['x'])],
    };
    expect(short(decideKey(state, 'x', false))).toBe('new');
  });
});

describe('Esc in a field', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('leaves it before the next key is pressed', async () => {
    class Field {
      readonly isContentEditable = true;
      hasFocus = true;
      closest = () => null;
      blur = () => {
        this.hasFocus = false;
      };
    }
    // No timer runs out: on a busy machine keys come before that.
    vi.useFakeTimers();
    vi.stubGlobal('HTMLElement', Field);
    let press: (event: unknown) => void = () => undefined;
    const target = {
      addEventListener: (_: string, listener: (event: unknown) => void) => {
        press = listener;
      },
      removeEventListener: () => undefined,
    };
    const stop = listenToKeys(createKeysStore(), target as unknown as Window);
    const field = new Field();
    const held = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    press({ key: 'Escape', target: field, ...held });
    await Promise.resolve();
    expect(field.hasFocus).toBe(false);
    stop();
  });
});
