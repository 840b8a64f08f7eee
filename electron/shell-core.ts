import { spawn } from 'node:child_process';
import { MessageChannelMain, type MessagePortMain, utilityProcess, type WebContents } from 'electron';
import type {
  CoreStart,
  CoreState,
  CoreToShell,
  ShellCall,
  ShellResult,
  ShellToCore,
} from './shell-protocol.ts';
import { type CrashHistory, crashDelayMs, noCrashes, recordCrash } from './shell-restart.ts';

const stopTimeoutMs = 5_000;
const keptOutputCharacters = 4_000;

/** A running core process, in whichever way it runs. */
interface CoreProcess {
  send(message: ShellToCore): void;
  /** Connects a page: the core gets one end, the page's end is returned. */
  connect(portId: number): MessagePortMain;
  kill(): void;
}

interface CoreListeners {
  onMessage(message: CoreToShell): void;
  onExit(): void;
  onOutput(text: string): void;
}

export interface CoreOptions {
  /** Absolute path of the bundled core. */
  readonly entry: string;
  /** A Node program that runs the core instead of Electron's utility process, or null. */
  readonly nodeProgram: string | null;
  readonly start: CoreStart;
  serve(call: ShellCall): Promise<ShellResult>;
  onState(state: CoreState): void;
}

/** Starts the core, keeps it running, and gives each page its port. */
export interface CoreSupervisor {
  start(): void;
  /** Gives the page a new port as soon as the core is ready, now and after every restart. */
  attach(page: WebContents): void;
  openFile(path: string): void;
  /** Starts again after it had been given up. */
  startAgain(): void;
  /** Asks the core to finish, ends it after 5 s. Resolves when it has exited. */
  stop(): Promise<void>;
  /** The last of what the core said on its standard error. */
  lastOutput(): string;
}

/** Runs the core in a utility process: the way of every release. */
function startUtility(entry: string, listeners: CoreListeners): CoreProcess {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Watchfloor core', stdio: 'pipe' });
  child.on('message', (message: CoreToShell) => listeners.onMessage(message));
  child.on('exit', () => listeners.onExit());
  child.stderr?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')));
  child.stdout?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')));
  return {
    send: (message) => child.postMessage(message),
    connect: (portId) => {
      const { port1, port2 } = new MessageChannelMain();
      child.postMessage({ type: 'port', id: portId } satisfies ShellToCore, [port1]);
      return port2;
    },
    kill: () => {
      child.kill();
    },
  };
}

/** Runs the core as a child of a Node program and relays every port over the child's one channel. */
function startNodeChild(program: string, entry: string, listeners: CoreListeners): CoreProcess {
  const ports = new Map<number, MessagePortMain>();
  const environment = { ...process.env };
  // Set by Electron for programs that it starts; it would make a Node child believe that it is Electron.
  delete environment.ELECTRON_RUN_AS_NODE;
  const child = spawn(program, [entry], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: environment,
  });
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    for (const port of ports.values()) port.close();
    ports.clear();
    listeners.onExit();
  };
  const send = (message: ShellToCore) => {
    // Between the child's death and our hearing of it the channel is closed already.
    if (child.connected) child.send(message, () => undefined);
  };
  child.on('message', (message: CoreToShell) => {
    if (message.type === 'port-message') {
      ports.get(message.id)?.postMessage(message.data);
    } else if (message.type === 'port-close') {
      ports.get(message.id)?.close();
      ports.delete(message.id);
    } else {
      listeners.onMessage(message);
    }
  });
  child.on('error', (error) => {
    listeners.onOutput(error.message);
    end();
  });
  child.on('exit', end);
  child.stderr?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')));
  child.stdout?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')));
  return {
    send,
    connect: (portId) => {
      const { port1, port2 } = new MessageChannelMain();
      ports.set(portId, port1);
      send({ type: 'port', id: portId });
      port1.on('message', (event) => send({ type: 'port-message', id: portId, data: event.data }));
      port1.on('close', () => {
        if (ports.delete(portId)) send({ type: 'port-close', id: portId });
      });
      port1.start();
      return port2;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** Makes the supervisor; nothing runs before `start`. */
export function createCoreSupervisor(options: CoreOptions): CoreSupervisor {
  let core: CoreProcess | null = null;
  let ready = false;
  let stopping = false;
  let gaveUp = false;
  let crashes: CrashHistory = noCrashes;
  let output = '';
  let nextPortId = 1;
  let restartTimer: NodeJS.Timeout | null = null;
  let exited: (() => void) | null = null;
  let state: CoreState = { state: 'starting' };
  const pages = new Set<WebContents>();
  const waitingFiles: string[] = [];

  function publish(next: CoreState): void {
    state = next;
    for (const page of pages) page.send('watchfloor:core-state', state);
    options.onState(state);
  }

  function connect(page: WebContents): void {
    if (core === null || !ready || page.isDestroyed()) return;
    page.postMessage('watchfloor:core-port', null, [core.connect(nextPortId++)]);
  }

  function onMessage(message: CoreToShell): void {
    switch (message.type) {
      case 'ready':
        ready = true;
        publish({ state: 'ready' });
        for (const page of pages) connect(page);
        for (const path of waitingFiles.splice(0)) core?.send({ type: 'open-file', path });
        return;
      case 'fatal':
        gaveUp = true;
        output += `\n${message.detail ?? ''}`;
        publish({ state: 'failed', message: message.message });
        return;
      case 'shell-call': {
        const caller = core;
        void options.serve(message).then((result) => caller?.send(result));
        return;
      }
      case 'port-message':
      case 'port-close':
        // Only a Node child multiplexes its ports; they were taken off before.
        return;
    }
  }

  function onExit(): void {
    core = null;
    ready = false;
    exited?.();
    if (stopping || gaveUp) return;
    crashes = recordCrash(crashes, Date.now());
    const delayMs = crashDelayMs(crashes);
    if (delayMs === null) {
      gaveUp = true;
      publish({
        state: 'failed',
        message: `Watchfloor's core ended ${crashes.timesMs.length} times in a row. Everything that was stored is kept.`,
      });
      return;
    }
    publish({ state: 'restarting', attempt: crashes.timesMs.length, delayMs });
    restartTimer = setTimeout(start, delayMs);
  }

  function start(): void {
    restartTimer = null;
    const listeners: CoreListeners = {
      onMessage,
      onExit,
      onOutput: (text) => {
        process.stderr.write(text);
        output = (output + text).slice(-keptOutputCharacters);
      },
    };
    publish({ state: 'starting' });
    core =
      options.nodeProgram === null
        ? startUtility(options.entry, listeners)
        : startNodeChild(options.nodeProgram, options.entry, listeners);
    core.send(options.start);
  }

  return {
    start,
    attach: (page) => {
      if (!pages.has(page)) {
        pages.add(page);
        page.once('destroyed', () => pages.delete(page));
      }
      page.send('watchfloor:core-state', state);
      connect(page);
    },
    openFile: (path) => {
      if (core !== null && ready) core.send({ type: 'open-file', path });
      else waitingFiles.push(path);
    },
    startAgain: () => {
      if (core !== null || restartTimer !== null || stopping) return;
      gaveUp = false;
      crashes = noCrashes;
      start();
    },
    stop: async () => {
      stopping = true;
      if (restartTimer !== null) clearTimeout(restartTimer);
      const running = core;
      if (running === null) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => running.kill(), stopTimeoutMs);
        exited = () => {
          clearTimeout(timer);
          resolve();
        };
        running.send({ type: 'stop' });
      });
    },
    lastOutput: () => output,
  };
}
