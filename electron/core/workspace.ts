import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MethodName, Workspace } from '../../shared/api/contract.ts';
import { methods } from '../../shared/api/contract.ts';
import type { Port } from '../../shared/api/envelope.ts';
import { type CallContext, type Connection, type Handlers, serve } from '../../shared/api/server.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type Core, createCore } from './core.ts';
import type { Desktop } from './notifier.ts';
import type { SecretProtection } from './secrets.ts';

export interface WorkspaceOptions {
  /** The root: the live database lies in it, the range's in `range/` below it. */
  readonly dataDirectory: string;
  readonly appVersion: string;
  /** Which one to open; null: the one open last, else live when it has a database, else the range. */
  readonly workspace: Workspace | null;
  readonly nowMs: () => number;
  readonly protection: SecretProtection | null;
  readonly printPdf: (html: string) => Promise<Uint8Array>;
  /** null where there is no desktop to speak through, as in a browser. */
  readonly desktop: Desktop | null;
}

export interface Workspaces {
  /** Serves the contract on a port until it closes, whichever workspace is open. */
  attach(port: Port): void;
  readonly current: () => Core;
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

/**
 * Opens the analyst's data directory and keeps exactly one of its two workspaces open. Switching closes the one,
 * opens the other and tells every connected renderer to start anew.
 * @throws WatchfloorError when the data directory cannot be used; nothing is left open then
 */
export async function openWorkspaces(options: WorkspaceOptions): Promise<Workspaces> {
  const root = options.dataDirectory;
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw new WatchfloorError(
      'storage',
      `The data directory ${root} cannot be made. Choose another with --data-dir, or give your account write permission.`,
      String(thrown),
    );
  }
  const connections = new Set<Connection>();

  const open = (workspace: Workspace): Promise<Core> =>
    createCore({
      dataDirectory: directoryOf(root, workspace),
      workspace,
      appVersion: options.appVersion,
      nowMs: options.nowMs,
      protection: options.protection,
      printPdf: options.printPdf,
      desktop: options.desktop,
      openWorkspace: change,
      isLiveConfigured: () => existsSync(join(root, databaseName)),
    });

  const first =
    options.workspace ?? remembered(root) ?? (existsSync(join(root, databaseName)) ? 'live' : 'range');
  let current = await open(first);
  /** Calls wait for this while the workspaces change places. */
  let settled: Promise<void> = Promise.resolve();
  let closing = false;

  async function change(workspace: Workspace): Promise<void> {
    await settled;
    if (closing || workspace === current.workspace) return;
    const before = current.workspace;
    let failure: unknown = null;
    settled = (async () => {
      await current.close();
      try {
        current = await open(workspace);
        remember(root, workspace);
      } catch (thrown) {
        failure = thrown;
        current = await open(before);
      }
      for (const connection of connections) current.hub.connect(connection);
    })();
    await settled;
    if (failure !== null) throw failure;
    for (const connection of connections) connection.emit('workspace.changed', { workspace });
  }

  const handlers = Object.fromEntries(
    Object.keys(methods).map((method) => [
      method,
      async (input: unknown, context: CallContext) => {
        // The switch itself must not wait for itself.
        if (method !== 'app.openWorkspace') await settled;
        const handler = current.handlers[method as MethodName] as (
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
        current.log.write(
          'error',
          method,
          thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
        ),
      );
      connections.add(connection);
      current.hub.connect(connection);
      port.onClose(() => {
        connections.delete(connection);
        current.hub.disconnect(connection);
      });
    },
    current: () => current,
    async close() {
      closing = true;
      await settled;
      await current.close();
      for (const connection of connections) connection.close();
    },
  };
}
