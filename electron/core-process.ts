/**
 * The core as a process of its own: Electron's utility process, or a plain Node child where the shell is told so.
 * It gets its settings and its ports from the shell and asks the shell for what only Electron can do.
 */
import type { Port } from '../shared/api/envelope.ts';
import { toErrorData, WatchfloorError } from '../shared/domain/result.ts';
import { assertRuntime } from './core/runtime.ts';
import type { SecretProtection } from './core/secrets.ts';
import type { CoreToShell, ShellMethod, ShellServices, ShellToCore } from './shell-protocol.ts';

/** The parts of Electron's MessagePortMain that are used. */
interface TransferredPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: TransferredPort[] }) => void): void;
}

const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;

function sendToShell(message: CoreToShell): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}

const waitingCalls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let nextCallId = 1;

function callShell<M extends ShellMethod>(
  method: M,
  args: ShellServices[M]['args'],
): Promise<ShellServices[M]['value']> {
  const id = nextCallId++;
  return new Promise((resolve, reject) => {
    // The shell answers with the value its protocol names for this method.
    waitingCalls.set(id, { resolve: (value) => resolve(value as ShellServices[M]['value']), reject });
    sendToShell({ type: 'shell-call', id, method, args } as CoreToShell);
  });
}

/** A page's port over the child's IPC channel, one of several. */
interface RelayedPort {
  deliver(message: unknown): void;
  closed(): void;
  readonly port: Port;
}

function listenerSets() {
  const messages = new Set<(message: unknown) => void>();
  const closes = new Set<() => void>();
  return {
    messages,
    closes,
    onMessage(listener: (message: unknown) => void) {
      messages.add(listener);
      return () => messages.delete(listener);
    },
    onClose(listener: () => void) {
      closes.add(listener);
      return () => closes.delete(listener);
    },
  };
}

const relayed = new Map<number, RelayedPort>();

function relayedPort(id: number): RelayedPort {
  const sets = listenerSets();
  return {
    deliver(message) {
      for (const listener of sets.messages) listener(message);
    },
    closed() {
      for (const listener of sets.closes) listener();
    },
    port: {
      send: (data) => sendToShell({ type: 'port-message', id, data }),
      onMessage: sets.onMessage,
      onClose: sets.onClose,
      close() {
        relayed.delete(id);
        sendToShell({ type: 'port-close', id });
      },
    },
  };
}

function transferredPort(port: TransferredPort): Port {
  const sets = listenerSets();
  port.on('message', (event) => {
    for (const listener of sets.messages) listener(event.data);
  });
  port.on('close', () => {
    for (const listener of sets.closes) listener();
  });
  port.start();
  return {
    send: (message) => port.postMessage(message),
    onMessage: sets.onMessage,
    onClose: sets.onClose,
    close: () => port.close(),
  };
}

async function secretProtection(): Promise<SecretProtection | null> {
  const answer = await callShell('shell.secretProtection', {});
  if (answer.protection !== 'os') return null;
  return {
    encrypt: (text) => callShell('shell.encryptSecret', { text }),
    decrypt: (bytes) => callShell('shell.decryptSecret', { bytes }),
  };
}

type OpenWorkspaces = Awaited<ReturnType<typeof import('./core/workspace.ts').openWorkspaces>>;
let workspaces: OpenWorkspaces | null = null;
/** Ports that came before the core was open. */
const early: Port[] = [];

function attach(port: Port): void {
  if (workspaces) workspaces.attach(port);
  else early.push(port);
}

async function start(message: Extract<ShellToCore, { type: 'start' }>): Promise<void> {
  try {
    assertRuntime();
    const { openWorkspaces } = await import('./core/workspace.ts');
    workspaces = await openWorkspaces({
      dataDirectory: message.dataDir,
      appVersion: message.appVersion,
      workspace: message.workspace,
      ...(message.reviewFile === null
        ? {}
        : { review: { path: message.reviewFile, secrets: { identities: [], passphrase: null } } }),
      nowMs: Date.now,
      protection: await secretProtection(),
      printPdf: (html) => callShell('shell.printPdf', { html }),
      desktop: {
        notify: (words) => callShell('shell.notify', words),
        setBadge: async (count) => {
          await callShell('shell.setBadge', { count });
        },
        chooseSavePath: (suggestedPath) => callShell('shell.chooseSavePath', { suggestedPath }),
      },
    });
    for (const port of early.splice(0)) workspaces.attach(port);
    sendToShell({ type: 'ready' });
  } catch (thrown) {
    const error = toErrorData(thrown);
    sendToShell({
      type: 'fatal',
      message: error.message,
      ...(error.details === null ? {} : { detail: error.details }),
    });
    // Gives the message time to leave before the process does.
    setTimeout(() => process.exit(1), 200);
  }
}

async function stop(): Promise<void> {
  await workspaces?.close();
  process.exit(0);
}

function receive(message: ShellToCore, ports: readonly TransferredPort[]): void {
  switch (message.type) {
    case 'start':
      void start(message);
      return;
    case 'port': {
      const [transferred] = ports;
      if (transferred) attach(transferredPort(transferred));
      else {
        const made = relayedPort(message.id);
        relayed.set(message.id, made);
        attach(made.port);
      }
      return;
    }
    case 'port-message':
      relayed.get(message.id)?.deliver(message.data);
      return;
    case 'port-close':
      relayed.get(message.id)?.closed();
      relayed.delete(message.id);
      return;
    case 'shell-result': {
      const waiting = waitingCalls.get(message.id);
      waitingCalls.delete(message.id);
      if (message.ok) waiting?.resolve(message.value);
      else {
        const code = message.error.code === 'unavailable' ? 'unavailable' : 'internal';
        waiting?.reject(new WatchfloorError(code, message.error.message));
      }
      return;
    }
    case 'open-file':
      workspaces?.requestReview(message.path);
      return;
    case 'stop':
      void stop();
  }
}

// Both channels belong to the shell that started this process; nobody else can write to them.
if (parentPort) parentPort.on('message', (event) => receive(event.data as ShellToCore, event.ports));
else {
  process.on('message', (message) => receive(message as ShellToCore, []));
  process.on('disconnect', () => void stop());
}
