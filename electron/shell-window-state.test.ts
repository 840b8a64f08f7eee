import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { firstWindowState, onScreen, readWindowState, writeWindowState } from './shell-window-state.ts';

const bounds = { x: 40, y: 30, width: 1200, height: 800 };
const screen = { x: 0, y: 0, width: 1920, height: 1080 };

it('remembers what was written and forgets what is broken', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watchfloor-window-'));
  const path = join(folder, 'window.json');
  expect(readWindowState(path)).toEqual(firstWindowState);
  writeWindowState(path, { bounds, maximized: true, fullScreen: false });
  expect(readWindowState(path)).toEqual({ bounds, maximized: true, fullScreen: false });
  writeFileSync(path, '{"bounds":{"x":"left"}}');
  expect(readWindowState(path)).toEqual(firstWindowState);
  rmSync(folder, { recursive: true });
});

it('leaves out bounds on a screen that is no longer there', () => {
  const state = { bounds, maximized: false, fullScreen: false };
  expect(onScreen(state, [screen])).toEqual(state);
  expect(onScreen(state, [{ ...screen, x: 1920 }])).toEqual(firstWindowState);
  expect(onScreen({ ...state, bounds: { ...bounds, y: -500 } }, [screen])).toEqual(firstWindowState);
});
