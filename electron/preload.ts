import { type IpcRendererEvent, ipcRenderer } from 'electron';
import type { CoreState, PageMessage } from './shell-protocol.ts';

/** The few things of the page that are used here; this project's Node side has no types of the DOM. */
declare const window: {
  readonly location: { readonly origin: string };
  addEventListener(type: 'load', listener: () => void, options: { once: boolean }): void;
  postMessage(message: unknown, targetOrigin: string, transfer?: readonly unknown[]): void;
};

/**
 * The whole bridge: the page gets ports to the core, and is told how the core is. It gets no function of ours, so
 * there is nothing here for it to misuse. The port itself is handed over, because structured data through wrapped
 * functions costs twice as much.
 */
ipcRenderer.on('watchfloor:core-port', (event: IpcRendererEvent) => {
  const message: PageMessage = { type: 'watchfloor:core-port' };
  window.postMessage(message, window.location.origin, event.ports);
});
ipcRenderer.on('watchfloor:core-state', (_event: IpcRendererEvent, state: CoreState) => {
  const message: PageMessage = { type: 'watchfloor:core-state', state };
  window.postMessage(message, window.location.origin);
});
window.addEventListener('load', () => ipcRenderer.send('watchfloor:page-ready'), { once: true });
