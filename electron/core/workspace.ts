import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MethodName, ShownWorkspace, Workspace } from '../../shared/api/contract.ts';
import { methods } from '../../shared/api/contract.ts';
import type { Port } from '../../shared/api/envelope.ts';
import { type CallContext, type Connection, type Handlers, serve } from '../../shared/api/server.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { openStore, type Store } from '../db/index.ts';
import { keyFingerprint } from '../db/signatures.ts';
import { type Core, createCore } from './core.ts';
import type { Desktop } from './notifier.ts';
import { type ReviewDoor, type ReviewedFile, type ReviewFile, reviewFile } from './review.ts';
import { removeLeftReviewFolders } from './review-folder.ts';
import type { SecretProtection } from './secrets.ts';

export interface WorkspaceOptions {
  /** The root: the live database lies in it, the range's in `range/` below it. */
  readonly dataDirectory: string;
  readonly appVersion: string;
  /** Which one to open; null: the one open last, else live when it has a database, else the range. */
  readonly workspace: Workspace | null;
  /** A case file to look at before, or instead of, anything else. Nothing is made in the data directory for it. */
  readonly review?: ReviewFile;
  /** The workspaces stay closed: there is only the file. */
  readonly isReviewOnly?: boolean;
  readonly nowMs: () => number;
  readonly protection: SecretProtection | null;
  readonly printPdf: (html: string) => Promise<Uint8Array>;
  /** null where there is no desktop to speak through, as in a browser. */
  readonly desktop: Desktop | null;
}

export interface Workspaces {
  /** Serves the contract on a port until it closes, whatever is shown. */
  attach(port: Port): void;
  /** Shows a case file that was opened from outside the window. */
  requestReview(path: string): void;
  close(): Promise<void>;
}

const databaseName = 'watchfloor.db';

function directoryOf(root: string, workspace: Workspace): string {
  return workspace === 'live' ? root : join(root, 'range');
}

function remembered(root: string): Workspace | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(root, 'workspace.json'), 'utf8'));
    if (typeof value === 'object' && value !== null && 'workspace' in value) {
      return value.workspace === 'live' || value.workspace === 'range' ? value.workspace : null;
    }
  } catch {
    // Never chosen, or damaged: the default applies.
  }
  return null;
}

function remember(root: string, workspace: Workspace): void {
  const path = join(root, 'workspace.json');
  writeFileSync(`${path}.new`, JSON.stringify({ workspace }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Fingerprints of the keys that are known in a data directory, open or not; none where there is none. */
function knownKeys(root: string, open: Store | null, options: WorkspaceOptions): ReadonlySet<string> {
  const read = (store: Store) => new Set(store.writers.knownKeys().map(keyFingerprint));
  if (open !== null) return read(open);
  if (!existsSync(join(root, databaseName))) return new Set();
  try {
    const { nowMs, appVersion } = options;
    const store = openStore(root, { nowMs, appVersion, readOnly: true });
    try {
      return read(store);
    } finally {
      store.close();
    }
  } catch {
    // Of another version, or damaged: then no key is known, which is what is said.
    return new Set();
  }
}

const nobody: CallContext = { isCancelled: () => false, progress: () => undefined };

/**
 * Opens the analyst's data directory and keeps exactly one of its two workspaces open. Switching closes the one,
 * opens the other and tells every connected renderer to start anew. A case file that is looked at is shown in front of
 * the workspace, which goes on polling and calling behind it.
 * @throws WatchfloorError when the data directory cannot be used; nothing is left open then
 */
export async function openWorkspaces(options: WorkspaceOptions): Promise<Workspaces> {
  const root = options.dataDirectory;
  const connections = new Set<Connection>();
  let main: Core | null = null;
  let review: ReviewedFile | null = null;
  /** Calls wait for this while what is shown changes. */
  let settled: Promise<void> = Promise.resolve();
  let closing = false;
  /** Asked for from outside while no window was there to hear it. */
  let requested: string | null = null;

  const coreOptions = {
    appVersion: options.appVersion,
    nowMs: options.nowMs,
    printPdf: options.printPdf,
    openWorkspace: change,
    isLiveConfigured: () => existsSync(join(root, databaseName)),
  };

  const door: ReviewDoor = {
    state: () => (review === null ? null : { ...review.found, canClose: options.isReviewOnly !== true }),
    async open(file, context) {
      const next = await reviewFile(file, makeReviewCore, isKnown, context);
      // In a workspace what cannot be opened is said, and nothing else changes.
      if (closing || (next.found.caseId === null && review === null)) {
        await next.close();
        return { ...next.found, canClose: true };
      }
      await show(async () => {
        await review?.close();
        review = next;
      });
      return { ...next.found, canClose: options.isReviewOnly !== true };
    },
    async close() {
      if (review === null) return;
      if (options.isReviewOnly === true) {
        throw new WatchfloorError('refused', 'This window shows one case file alone. Close it to be done.');
      }
      await change(main?.workspace === 'live' || main?.workspace === 'range' ? main.workspace : first());
    },
  };

  function isKnown(fingerprint: string): boolean {
    return knownKeys(root, main?.store ?? null, options).has(fingerprint);
  }

  const makeReviewCore = (dataDirectory: string): Promise<Core> =>
    createCore({
      ...coreOptions,
      dataDirectory,
      workspace: 'review',
      protection: null,
      desktop: null,
      review: door,
      activity: 'quiet',
    });

  const open = (workspace: Workspace): Promise<Core> => {
    try {
      mkdirSync(root, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw new WatchfloorError(
        'storage',
        `The data directory ${root} cannot be made. Choose another with --data-dir, or give your account write permission.`,
        String(thrown),
      );
    }
    return createCore({
      ...coreOptions,
      dataDirectory: directoryOf(root, workspace),
      workspace,
      protection: options.protection,
      desktop: options.desktop,
      review: door,
    });
  };

  const first = (): Workspace =>
    options.workspace ?? remembered(root) ?? (existsSync(join(root, databaseName)) ? 'live' : 'range');

  /** What renderers see. One of the two is always there. */
  function shown(): Core {
    const core = review?.core ?? main;
    if (core === null) throw new WatchfloorError('unavailable', 'Watchfloor is closing.');
    return core;
  }

  /** Changes what is shown while no call comes through, and tells every renderer to start anew. */
  async function show(work: () => Promise<void>): Promise<void> {
    await settled;
    if (closing) return;
    let failure: unknown = null;
    settled = (async () => {
      try {
        await work();
      } catch (thrown) {
        failure = thrown;
      }
      for (const connection of connections) {
        main?.hub.disconnect(connection);
        shown().hub.connect(connection);
      }
    })();
    await settled;
    if (failure !== null) throw failure;
    const workspace: ShownWorkspace = shown().workspace;
    for (const connection of connections) connection.emit('workspace.changed', { workspace });
  }

  async function change(workspace: Workspace): Promise<void> {
    if (options.isReviewOnly === true) {
      throw new WatchfloorError('refused', 'This window shows one case file alone.');
    }
    if (review === null && main?.workspace === workspace) return;
    await show(async () => {
      const before = main?.workspace === 'live' || main?.workspace === 'range' ? main.workspace : null;
      if (before !== workspace) {
        await main?.close();
        try {
          main = await open(workspace);
          remember(root, workspace);
        } catch (thrown) {
          main = before === null ? null : await open(before);
          throw thrown;
        }
      }
      await review?.close();
      review = null;
    });
  }

  removeLeftReviewFolders(options.nowMs());
  if (options.review !== undefined) {
    review = await reviewFile(options.review, makeReviewCore, isKnown, nobody);
  } else main = await open(first());

  const unsettling = new Set(['app.openWorkspace', 'review.open', 'review.close']);
  const handlers = Object.fromEntries(
    Object.keys(methods).map((method) => [
      method,
      async (input: unknown, context: CallContext) => {
        // What changes what is shown must not wait for itself.
        if (!unsettling.has(method)) await settled;
        const handler = shown().handlers[method as MethodName] as (
          input: unknown,
          context: CallContext,
        ) => unknown;
        return handler(input, context);
      },
    ]),
    // The table is made from the contract's own names, each delegating to the handler of that name.
  ) as unknown as Handlers;

  return {
    attach(port) {
      const connection = serve(port, handlers, (method, thrown) =>
        shown().log.write(
          'error',
          method,
          thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
        ),
      );
      connections.add(connection);
      shown().hub.connect(connection);
      port.onClose(() => {
        connections.delete(connection);
        main?.hub.disconnect(connection);
        review?.core.hub.disconnect(connection);
      });
      if (requested !== null) connection.emit('review.requested', { path: requested });
      requested = null;
    },
    requestReview(path) {
      if (connections.size === 0) requested = path;
      for (const connection of connections) connection.emit('review.requested', { path });
    },
    async close() {
      closing = true;
      await settled;
      await main?.close();
      await review?.close();
      for (const connection of connections) connection.close();
    },
  };
}
