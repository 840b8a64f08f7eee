import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const rectangleSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(200).max(20_000),
  height: z.number().int().min(200).max(20_000),
});
/** Device-independent pixels. */
export type Rectangle = z.infer<typeof rectangleSchema>;

const windowStateSchema = z.object({
  bounds: rectangleSchema.nullable(),
  maximized: z.boolean(),
  fullScreen: z.boolean(),
});
/** How the window was when it was last closed; no bounds where the system places windows itself. */
export type WindowState = z.infer<typeof windowStateSchema>;

export const firstWindowState: WindowState = { bounds: null, maximized: false, fullScreen: false };

/** Reads what was remembered; anything unreadable counts as nothing remembered, because it is only comfort. */
export function readWindowState(path: string): WindowState {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return firstWindowState;
  }
}

/** Remembers; a failure to do so is no reason to trouble anybody on closing. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(path, `${JSON.stringify(state)}\n`);
  } catch {
    // A full disk says so where data is stored.
  }
}

/** Leaves out bounds of which no title bar could be reached on today's screens. */
export function onScreen(state: WindowState, workAreas: readonly Rectangle[]): WindowState {
  const { bounds } = state;
  if (bounds === null) return state;
  const reachable = workAreas.some(
    (area) =>
      bounds.x + bounds.width > area.x + 100 &&
      bounds.x < area.x + area.width - 100 &&
      bounds.y >= area.y - 10 &&
      bounds.y < area.y + area.height - 50,
  );
  return reachable ? state : { ...state, bounds: null };
}
