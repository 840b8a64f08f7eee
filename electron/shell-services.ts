import { writeFile } from 'node:fs/promises';
import { app, type BrowserWindow, dialog, Notification, safeStorage } from 'electron';
import { z } from 'zod';
import { printToPdf } from './shell-pdf.ts';
import type { ShellCall, ShellError, ShellMethod, ShellResult, ShellServices } from './shell-protocol.ts';
import type { ShellTray } from './shell-tray.ts';

const longestHtmlCharacters = 64 * 1024 * 1024;

/** The core is ours, but the shell holds more rights than it does: what it asks is checked all the same. */
const argumentSchemas = {
  'shell.printPdf': z.object({
    html: z.string().max(longestHtmlCharacters),
    landscape: z.boolean().optional(),
  }),
  'shell.secretProtection': z.object({}),
  'shell.encryptSecret': z.object({ text: z.string().max(100_000) }),
  'shell.decryptSecret': z.object({ bytes: z.instanceof(Uint8Array) }),
  'shell.notify': z.object({ title: z.string().min(1).max(500), body: z.string().max(1_000) }),
  'shell.setBadge': z.object({ count: z.number().int().min(0).max(1_000_000_000) }),
  'shell.chooseSavePath': z.object({ suggestedPath: z.string().min(1).max(4_096) }),
  'shell.saveFile': z.object({
    suggestedName: z.string().min(1).max(200),
    bytes: z.instanceof(Uint8Array),
  }),
} satisfies Record<ShellMethod, z.ZodType>;

/** A failure that the core can act on. */
class ShellServiceError extends Error {
  readonly code: ShellError['code'];

  constructor(code: ShellError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

type Services = {
  readonly [Method in ShellMethod]: (
    args: z.infer<(typeof argumentSchemas)[Method]>,
  ) => Promise<ShellServices[Method]['value']>;
};

/**
 * Electron's secret store in the shape that fits every version: the asynchronous calls where they exist, the older
 * ones where not, each only if it is there.
 */
interface SecretStore {
  isEncryptionAvailable?(): boolean;
  isAsyncEncryptionAvailable?(): Promise<boolean>;
  getSelectedStorageBackend?(): string;
  encryptString?(text: string): Buffer;
  decryptString?(bytes: Buffer): string;
  encryptStringAsync?(text: string): Promise<Buffer>;
  decryptStringAsync?(bytes: Buffer): Promise<string | { readonly result: string }>;
}

/** Whether the store really protects: on Linux without a keyring Chromium falls back to a key that everybody knows. */
async function secretProtection(store: SecretStore): Promise<{ protection: 'os' | 'none'; backend: string }> {
  const systemStores: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
    darwin: 'keychain',
    win32: 'dpapi',
  };
  const backend = store.getSelectedStorageBackend?.() ?? systemStores[process.platform] ?? 'unknown';
  const available =
    store.isAsyncEncryptionAvailable === undefined
      ? (store.isEncryptionAvailable?.() ?? false)
      : await store.isAsyncEncryptionAvailable();
  return { protection: available && backend !== 'basic_text' ? 'os' : 'none', backend };
}

async function requireProtection(store: SecretStore): Promise<void> {
  const { protection, backend } = await secretProtection(store);
  if (protection === 'none') {
    throw new ShellServiceError(
      'unavailable',
      `This system has no store that would protect a secret (backend: ${backend}).`,
    );
  }
}

async function encrypt(store: SecretStore, text: string): Promise<Uint8Array> {
  await requireProtection(store);
  const encrypted = (await store.encryptStringAsync?.(text)) ?? store.encryptString?.(text);
  if (encrypted === undefined) throw new ShellServiceError('unavailable', 'This Electron cannot encrypt.');
  return new Uint8Array(encrypted);
}

async function decrypt(store: SecretStore, bytes: Uint8Array): Promise<string> {
  await requireProtection(store);
  const buffer = Buffer.from(bytes);
  const decrypted = (await store.decryptStringAsync?.(buffer)) ?? store.decryptString?.(buffer);
  if (decrypted === undefined) throw new ShellServiceError('unavailable', 'This Electron cannot decrypt.');
  return typeof decrypted === 'string' ? decrypted : decrypted.result;
}

const longestNotificationMs = 10 * 60_000;

/** Shows one message of the system. It makes no sound of its own: sounds are the page's, as they are set there. */
function notify({ title, body }: { title: string; body: string }, onClick: () => void): Promise<boolean> {
  if (!Notification.isSupported()) {
    throw new ShellServiceError('unavailable', 'This system shows no messages of apps.');
  }
  return new Promise((resolve) => {
    const notification = new Notification({ title, body, silent: true });
    const timer = setTimeout(() => resolve(false), longestNotificationMs);
    const end = (clicked: boolean) => {
      clearTimeout(timer);
      resolve(clicked);
    };
    notification.on('click', () => {
      onClick();
      end(true);
    });
    notification.on('close', () => end(false));
    notification.on('failed', () => end(false));
    notification.show();
  });
}

async function chooseSavePath(window: BrowserWindow | null, defaultPath: string): Promise<string | null> {
  const chosen = await (window === null
    ? dialog.showSaveDialog({ defaultPath })
    : dialog.showSaveDialog(window, { defaultPath }));
  return chosen.canceled || chosen.filePath === '' ? null : chosen.filePath;
}

/** Makes the answerer of everything that the core asks the shell. Failures come back as plain data. */
export function createShellServices(
  currentWindow: () => BrowserWindow | null,
  showWindow: () => void,
  currentTray: () => ShellTray | null,
): (call: ShellCall) => Promise<ShellResult> {
  const store: SecretStore = safeStorage;
  const services: Services = {
    'shell.printPdf': (args) => printToPdf(args.html, { landscape: args.landscape ?? false }),
    'shell.secretProtection': () => secretProtection(store),
    'shell.encryptSecret': (args) => encrypt(store, args.text),
    'shell.decryptSecret': (args) => decrypt(store, args.bytes),
    'shell.notify': (args) => notify(args, showWindow),
    'shell.setBadge': async ({ count }) => {
      app.setBadgeCount(count);
      currentTray()?.show(count);
      return null;
    },
    'shell.chooseSavePath': (args) => chooseSavePath(currentWindow(), args.suggestedPath),
    'shell.saveFile': async (args) => {
      const path = await chooseSavePath(currentWindow(), args.suggestedName);
      if (path !== null) await writeFile(path, args.bytes);
      return path;
    },
  };
  function run<Method extends ShellMethod>(method: Method, args: unknown): Promise<unknown> {
    const parsed = argumentSchemas[method].safeParse(args);
    if (!parsed.success) {
      throw new ShellServiceError('invalid', `${method}: ${z.prettifyError(parsed.error)}`);
    }
    // The schema of this very method has just checked them; the compiler cannot follow the lookup.
    return services[method](parsed.data as z.infer<(typeof argumentSchemas)[Method]>);
  }
  return async (call) => {
    try {
      if (!Object.hasOwn(services, call.method)) {
        throw new ShellServiceError('invalid', `The shell has no service ${String(call.method)}.`);
      }
      return { type: 'shell-result', id: call.id, ok: true, value: await run(call.method, call.args) };
    } catch (error) {
      const code = error instanceof ShellServiceError ? error.code : 'failed';
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'shell-result', id: call.id, ok: false, error: { code, message } };
    }
  };
}
