/**
 * What the shell (Electron's main process) and the core process say to each other. The page's own traffic does not
 * pass here: it goes through ports. In a utility process a port is a transferred MessagePort; in a plain Node child
 * ports are multiplexed over the child's IPC channel as `port-message` and `port-close`.
 *
 * Types only, no Electron and no Node in them, so that both sides may import this file.
 */

/** The core's settings, the first message it gets. */
export type CoreStart = {
  readonly type: 'start';
  /** Absolute path of the data directory; the core makes it when it is missing. */
  readonly dataDir: string;
  /** The workspace to open; null for the one open last. */
  readonly workspace: 'live' | 'range' | null;
  /** A case file to look at before anything else is opened: its absolute path, or null. */
  readonly reviewFile: string | null;
  readonly appVersion: string;
};

/** Shell -> core. */
export type ShellToCore =
  | CoreStart
  /** A page connected. In a utility process the message carries the MessagePort. */
  | { readonly type: 'port'; readonly id: number }
  | { readonly type: 'port-message'; readonly id: number; readonly data: unknown }
  | { readonly type: 'port-close'; readonly id: number }
  | ShellResult
  /** The user opened a case file with the app: its absolute path. Sent only after `ready`. */
  | { readonly type: 'open-file'; readonly path: string }
  /** Finish what is being written, close the database, exit with code 0. After 5 s the shell ends the process. */
  | { readonly type: 'stop' };

/** Core -> shell. */
export type CoreToShell =
  | { readonly type: 'ready' }
  /** The core cannot work and will exit: what to tell the user. The shell does not start it again. */
  | { readonly type: 'fatal'; readonly message: string; readonly detail?: string }
  | { readonly type: 'port-message'; readonly id: number; readonly data: unknown }
  | { readonly type: 'port-close'; readonly id: number }
  | ShellCall;

/** The core asks the shell for something that only Electron can do. */
export type ShellCall = {
  [Method in ShellMethod]: {
    readonly type: 'shell-call';
    /** Unique among this core process's calls. */
    readonly id: number;
    readonly method: Method;
    readonly args: ShellServices[Method]['args'];
  };
}[ShellMethod];

export type ShellResult =
  | { readonly type: 'shell-result'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly type: 'shell-result'; readonly id: number; readonly ok: false; readonly error: ShellError };

/** `Error` objects lose their code on the way, so failures cross as plain data. */
export type ShellError = {
  readonly code: 'unavailable' | 'failed' | 'invalid';
  readonly message: string;
};

/** Every service of the shell: what goes in, what comes out. Each may fail with a `ShellError`. */
export type ShellServices = {
  /** Prints a self-contained HTML document to PDF, scripts off, network off. A4. At most 64 MB of HTML. */
  readonly 'shell.printPdf': {
    readonly args: { readonly html: string; readonly landscape?: boolean };
    readonly value: Uint8Array;
  };
  /**
   * Whether the operating system keeps secrets for us. `os`: encrypted with a key in its store. `none`: there is no
   * store, or only one that protects nothing; then encrypt and decrypt fail with `unavailable`.
   */
  readonly 'shell.secretProtection': {
    readonly args: Record<string, never>;
    readonly value: { readonly protection: 'os' | 'none'; readonly backend: string };
  };
  readonly 'shell.encryptSecret': { readonly args: { readonly text: string }; readonly value: Uint8Array };
  readonly 'shell.decryptSecret': { readonly args: { readonly bytes: Uint8Array }; readonly value: string };
  /**
   * Shows a message of the operating system. Answers when it is clicked (true; the window comes to the front), when it
   * goes, and at the latest after ten minutes (false).
   */
  readonly 'shell.notify': {
    readonly args: { readonly title: string; readonly body: string };
    readonly value: boolean;
  };
  /** The number on the app's icon, where the system has one; 0 takes it away. */
  readonly 'shell.setBadge': { readonly args: { readonly count: number }; readonly value: null };
  /** Asks where to save, beginning at a path; the path, or null when the user thought better of it. Writes nothing. */
  readonly 'shell.chooseSavePath': {
    readonly args: { readonly suggestedPath: string };
    readonly value: string | null;
  };
  /** Asks where to save, writes the bytes there, gives the path; null when the user thought better of it. */
  readonly 'shell.saveFile': {
    readonly args: { readonly suggestedName: string; readonly bytes: Uint8Array };
    readonly value: string | null;
  };
};

export type ShellMethod = keyof ShellServices;

/** What the page is told about its core, beside the ports themselves. */
export type CoreState =
  | { readonly state: 'starting' }
  | { readonly state: 'ready' }
  /** The core ended by itself and is being started again. */
  | { readonly state: 'restarting'; readonly attempt: number; readonly delayMs: number }
  /** It will not be started again without the user: what happened, in words. */
  | { readonly state: 'failed'; readonly message: string };

/**
 * Preload -> page, by `window.postMessage` on the page's own origin. The port comes with `core-port` as the event's
 * only transferred port; a new one replaces the one before.
 */
export type PageMessage =
  | { readonly type: 'watchfloor:core-port' }
  | { readonly type: 'watchfloor:core-state'; readonly state: CoreState };
