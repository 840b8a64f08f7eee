import type { Connection, Descriptor, Health, Settings, TestResult } from '../../shared/domain/connection.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { cutText } from '../../shared/domain/safe-text.ts';
import { secondMs } from '../../shared/domain/time.ts';
import type { Store, StoredConnection } from '../db/index.ts';
import type { SourceKind } from '../sources/source.ts';
import type { TargetKind } from '../targets/target.ts';
import type { Analysts } from './analysts.ts';
import type { Hub } from './hub.ts';
import type { Inbox } from './inbox.ts';
import type { Log } from './log.ts';
import { connectionIo, type Poller } from './poller.ts';
import type { SecretStore } from './secrets.ts';

const testTimeoutMs = 30 * secondMs;
/** Characters of a setting that the audit log holds. */
const mostAudited = 2_000;

type Role = 'source' | 'target';

export interface ConnectionInput {
  readonly id: string | null;
  readonly role: Role;
  readonly kind: string;
  readonly customerId: string | null;
  readonly settings: Settings;
  readonly secrets: Readonly<Record<string, string | null>>;
}

/** The sources and targets that the analyst set up: saving, testing, switching. */
export interface Connections {
  kinds(): Descriptor[];
  list(): Connection[];
  save(input: ConnectionInput & { readonly name: string; readonly enabled: boolean }): Promise<Connection>;
  remove(id: string): Promise<void>;
  setEnabled(id: string, enabled: boolean): Promise<Connection>;
  test(input: ConnectionInput): Promise<TestResult>;
}

export interface ConnectionsDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly poller: Poller;
  readonly inbox: Pick<Inbox, 'empty'>;
  readonly secrets: SecretStore;
  readonly analysts: Analysts;
  readonly log: Log;
  readonly sourceKinds: ReadonlyMap<string, SourceKind>;
  readonly targetKinds: ReadonlyMap<string, TargetKind>;
  readonly nowMs: () => number;
  readonly newId: (prefix: string) => string;
}

const targetHealth: Health = {
  state: 'ok',
  sentence: 'Asked when a mitigation needs it.',
  lastSuccessMs: null,
  lastAttemptMs: null,
  nextAttemptMs: null,
  lagMs: null,
  consecutiveFailures: 0,
  eventsReceived: 0,
  recordsRejected: 0,
  lastRejection: null,
  gaps: [],
  unmapped: [],
  progress: null,
};

/** A changed setting in a sentence; how words are read decides who is called, so that stands there as it was and is. */
function changeWords(change: {
  readonly label: string;
  readonly isMapping: boolean;
  readonly before: Settings[string];
  readonly after: Settings[string];
}): string {
  if (!change.isMapping) return change.label;
  const said = (value: Settings[string]) =>
    value === null || value === '' ? 'the defaults' : cutText(String(value).replaceAll('\n', '; '), 200).text;
  return `${change.label} from ${said(change.before)} to ${said(change.after)}`;
}

export function createConnections(deps: ConnectionsDeps): Connections {
  const { store, hub, poller, inbox, secrets } = deps;

  function kindOf(role: Role, kind: string): SourceKind | TargetKind {
    const found = role === 'source' ? deps.sourceKinds.get(kind) : deps.targetKinds.get(kind);
    if (!found) throw new WatchfloorError('bad-input', `There is no ${role} of the kind ${kind}.`);
    return found;
  }

  /** Only the descriptor's own plain fields are kept: a secret can never slip into the database as a setting. */
  function checkedSettings(descriptor: Descriptor, settings: Settings): Settings {
    const checked: Settings = {};
    for (const field of descriptor.fields) {
      if (field.type === 'secret') continue;
      checked[field.key] = settings[field.key] ?? field.default;
    }
    return checked;
  }

  /** What is different in plain settings, for the audit log: long texts by their beginning. */
  function changedSettings(descriptor: Descriptor, before: Settings, after: Settings) {
    const shown = (value: Settings[string] | undefined) =>
      typeof value === 'string' ? cutText(value, mostAudited).text : (value ?? null);
    return descriptor.fields
      .filter(({ key, type }) => type !== 'secret' && (before[key] ?? null) !== (after[key] ?? null))
      .map(({ key, label, type }) => ({
        key,
        label,
        isMapping: type === 'mapping',
        before: shown(before[key]),
        after: shown(after[key]),
      }));
  }

  function withHealth(connection: StoredConnection): Connection {
    return {
      ...connection,
      secretsSet: secrets.keysOf(connection.id),
      health: connection.role === 'source' ? poller.health(connection.id) : targetHealth,
    };
  }

  function get(id: string): StoredConnection {
    const connection = store.connections.get(id);
    if (!connection) throw new WatchfloorError('not-found', 'There is no such source or target.');
    return connection;
  }

  return {
    kinds: () => [...deps.sourceKinds.values(), ...deps.targetKinds.values()].map((kind) => kind.descriptor),
    list: () => store.connections.list().map(withHealth),
    async save(input) {
      const kind = kindOf(input.role, input.kind);
      if (!kind.descriptor.userAddable) {
        throw new WatchfloorError(
          'not-allowed',
          `${kind.descriptor.name} belongs to the range and cannot be added or changed.`,
        );
      }
      const existing = input.id === null ? null : get(input.id);
      if (existing && (existing.kind !== input.kind || existing.role !== input.role)) {
        throw new WatchfloorError(
          'bad-input',
          'The kind of a source or target cannot be changed; add a new one.',
        );
      }
      const settings = checkedSettings(kind.descriptor, input.settings);
      kind.create(settings);
      const id = existing?.id ?? deps.newId(input.role === 'source' ? 'so' : 'ta');
      const secretKeys = new Set(
        kind.descriptor.fields.filter((field) => field.type === 'secret').map((field) => field.key),
      );
      for (const [key, value] of Object.entries(input.secrets)) {
        if (!secretKeys.has(key))
          throw new WatchfloorError('bad-input', `${key} is not a secret of ${kind.descriptor.name}.`);
        await secrets.set(id, key, value === '' ? null : value);
      }
      if (existing) {
        await poller.stop(id);
        // What was accepted is read as it was to be then. Where that cannot be, the new settings may be the remedy.
        await inbox.empty(id).catch((thrown: unknown) => {
          deps.log.write('warning', id, `Pushes wait for the new settings: ${toErrorData(thrown).message}`);
        });
      }
      const writer = deps.analysts.writer();
      const changes = existing ? changedSettings(kind.descriptor, existing.settings, settings) : [];
      const saved = store.transaction(() => {
        store.audit.append(writer, {
          action: existing ? 'connection.changed' : 'connection.added',
          sentence: `${writer.name} ${existing ? 'changed' : 'added'} the ${input.role} ${input.name}${changes.length === 0 ? '' : ` (${changes.map(changeWords).join(', ')})`}.`,
          details: { id, kind: input.kind, ...(changes.length === 0 ? {} : { changes }) },
        });
        return store.connections.save({
          id,
          role: input.role,
          kind: input.kind,
          name: input.name,
          customerId: input.customerId,
          enabled: input.enabled,
          settings,
        });
      });
      if (saved.role === 'source') poller.start(saved);
      hub.statusChanged();
      return withHealth(saved);
    },
    async remove(id) {
      const connection = get(id);
      if (connection.simulated)
        throw new WatchfloorError('not-allowed', 'This belongs to the range and cannot be removed.');
      const writer = deps.analysts.writer();
      await poller.stop(id);
      await inbox.empty(id);
      store.transaction(() => {
        store.connections.remove(id);
        store.audit.append(writer, {
          action: 'connection.removed',
          sentence: `${writer.name} removed the ${connection.role} ${connection.name}. What it brought stays.`,
          details: { id },
        });
      });
      await secrets.removeOwner(id);
      hub.statusChanged();
    },
    async setEnabled(id, enabled) {
      get(id);
      await poller.stop(id);
      const saved = store.connections.setEnabled(id, enabled);
      if (enabled && saved.role === 'source') poller.start(saved);
      hub.statusChanged();
      return withHealth(saved);
    },
    async test(input) {
      try {
        const kind = kindOf(input.role, input.kind);
        const tested = kind.create(checkedSettings(kind.descriptor, input.settings));
        const io = connectionIo(input.id ?? 'test', deps, AbortSignal.timeout(testTimeoutMs), input.secrets);
        return await tested.test(io);
      } catch (thrown) {
        return { ok: false, lines: [{ level: 'error', text: toErrorData(thrown).message }] };
      }
    },
  };
}
