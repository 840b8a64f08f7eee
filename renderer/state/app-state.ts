import type { StateCreator } from 'zustand/vanilla';
import type { BrushSlice } from './brush.ts';
import type { ConnectionSlice } from './connection.ts';
import type { MessagesSlice } from './messages.ts';
import type { ScreenSlice } from './screen.ts';
import type { SessionSlice } from './session.ts';

/** Everything the page knows beside what it asked the core for: one slice a file, put together at the root. */
export type AppState = ConnectionSlice & SessionSlice & ScreenSlice & BrushSlice & MessagesSlice;

/** Makes one slice; it can read and set the whole state. */
export type SliceCreator<Slice> = StateCreator<AppState, [], [], Slice>;
