import { networkInterfaces } from 'node:os';
import { computeImpact, runGuards } from '../../shared/domain/guard.ts';
import type { ActionPlan, GuardResult, Mitigation, Preview } from '../../shared/domain/mitigation.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { hourMs, minuteMs, secondMs } from '../../shared/domain/time.ts';
import type { Store, StoredConnection } from '../db/index.ts';
import type { ConnectionIo } from '../sources/source.ts';
import type { BlockAction, Target, TargetKind } from '../targets/target.ts';
import type { Log } from './log.ts';
import { connectionIo } from './poller.ts';
import type { SecretStore } from './secrets.ts';

/** A target answers within this or is said to be out of reach. */
const targetTimeoutMs = 15 * secondMs;
/** How far back a preview looks for what would have been hit. */
const impactWindowMs = 5 * minuteMs;

/** Where targets are asked: which one a plan means, what the guards say, what an action would do. */
export interface TargetDesk {
  /** @throws WatchfloorError `unavailable` when the target is no longer set up */
  connectionOf(targetId: string): StoredConnection;
  /** @throws WatchfloorError `unavailable` when it is gone or switched off, `bad-input` when its settings are not usable */
  targetOf(targetId: string): { readonly target: Target; readonly connection: StoredConnection };
  /** Bounded access for one question. */
  io(connectionId: string): ConnectionIo;
  actionOf(mitigation: Mitigation, expiresMs: number): BlockAction;
  guardsFor(plan: ActionPlan, planHash: string, entries: readonly string[], ttlMs: number): GuardResult[];
  previewFor(
    mitigation: Pick<Mitigation, 'id' | 'targetId' | 'customerId' | 'entries' | 'ttlMs'>,
  ): Promise<Preview>;
}

export interface TargetDeskDeps {
  readonly store: Store;
  readonly secrets: SecretStore;
  readonly log: Log;
  readonly kinds: ReadonlyMap<string, TargetKind>;
  readonly nowMs: () => number;
  /** Aborts when the core closes. */
  readonly closing: AbortSignal;
}

/** The exact addresses of this machine. */
function workstationAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map((address) => address.address.split('%')[0] ?? address.address),
  );
}

export function createTargetDesk(deps: TargetDeskDeps): TargetDesk {
  const { store } = deps;

  function connectionOf(targetId: string): StoredConnection {
    const connection = store.connections.get(targetId);
    if (connection?.role !== 'target') {
      throw new WatchfloorError('unavailable', 'The target of this plan is no longer set up here.');
    }
    return connection;
  }

  function targetOf(targetId: string): { target: Target; connection: StoredConnection } {
    const connection = connectionOf(targetId);
    const kind = deps.kinds.get(connection.kind);
    if (!kind)
      throw new WatchfloorError('unavailable', `This version has no target of the kind ${connection.kind}.`);
    if (!connection.enabled)
      throw new WatchfloorError('unavailable', `The target ${connection.name} is switched off.`);
    return { target: kind.create(connection.settings), connection };
  }

  function io(connectionId: string): ConnectionIo {
    return connectionIo(
      connectionId,
      deps,
      AbortSignal.any([deps.closing, AbortSignal.timeout(targetTimeoutMs)]),
    );
  }

  function actionOf(mitigation: Mitigation, expiresMs: number): BlockAction {
    return {
      mitigationId: mitigation.id,
      entries: mitigation.entries.map((entry) => ({ entry, expiresMs })),
    };
  }

  function guardsFor(
    plan: ActionPlan,
    planHash: string,
    entries: readonly string[],
    ttlMs: number,
  ): GuardResult[] {
    let managementAddresses: readonly string[] = [];
    try {
      managementAddresses = targetOf(plan.targetId).target.managementAddresses();
    } catch {
      // A target that is gone fails at its own step, with its own sentence.
    }
    return runGuards({
      plan,
      planHash,
      entries,
      ttlMs,
      ownRanges: store.customers.get(plan.customerId)?.ownRanges ?? [],
      analystAddresses: workstationAddresses(),
      managementAddresses,
      entriesInLastHour: store.mitigations.entriesApprovedSince(plan.id, deps.nowMs() - hourMs),
    });
  }

  async function previewFor(
    mitigation: Pick<Mitigation, 'id' | 'targetId' | 'customerId' | 'entries' | 'ttlMs'>,
  ): Promise<Preview> {
    const { target, connection } = targetOf(mitigation.targetId);
    const expiresMs = Math.ceil((deps.nowMs() + mitigation.ttlMs) / secondMs) * secondMs;
    const told = await target.preview(
      { mitigationId: mitigation.id, entries: mitigation.entries.map((entry) => ({ entry, expiresMs })) },
      io(connection.id),
    );
    let impact: Preview['impact'] = null;
    let unknownReason = `${connection.name} cannot tell requests per client address, and no source does either.`;
    try {
      const probe = await target.impact(io(connection.id));
      if (probe) impact = computeImpact(mitigation.entries, { ...probe, sourceName: connection.name });
    } catch (thrown) {
      unknownReason = `${connection.name} could not be asked: ${toErrorData(thrown).message}`;
    }
    impact ??= impactFromSources(mitigation);
    return {
      ...told,
      diff: [...told.diff],
      impact,
      impactUnknownReason: impact ? null : unknownReason,
      madeMs: deps.nowMs(),
    };
  }

  /** What sources saw of client addresses lately; an estimate, since they keep the largest clients alone. */
  function impactFromSources(mitigation: Pick<Mitigation, 'customerId' | 'entries'>): Preview['impact'] {
    const toMs = deps.nowMs();
    const seen = store.breakdowns.query({
      customerId: mitigation.customerId,
      serviceId: null,
      dimension: 'source.ip',
      fromMs: toMs - impactWindowMs,
      toMs,
    });
    if (!seen.known || seen.total <= 0) return null;
    return computeImpact(mitigation.entries, {
      windowMs: seen.toMs - seen.fromMs,
      sourceName: store.connections.get(seen.sourceId)?.name ?? seen.sourceId,
      totalRequests: seen.total,
      estimated: true,
      clients: seen.rows.map((row) => ({
        address: row.value,
        requests: row.count,
        usual: row.usualShare === null || seen.usualTotal === null ? null : row.usualShare * seen.usualTotal,
      })),
    });
  }

  return { connectionOf, targetOf, io, actionOf, guardsFor, previewFor };
}
