import { networkInterfaces } from 'node:os';
import type { EntryPayload } from '../../shared/domain/case.ts';
import { computeImpact, needsTypedTarget, parseEntries, runGuards } from '../../shared/domain/guard.ts';
import type {
  ActionPlan,
  GuardResult,
  Mitigation,
  MitigationState,
  Orphan,
  Preview,
} from '../../shared/domain/mitigation.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatDuration, formatUtc, hourMs, secondMs } from '../../shared/domain/time.ts';
import type { Store, StoredConnection, Writer } from '../db/index.ts';
import type { ConnectionIo } from '../sources/source.ts';
import type { BlockAction, Target, TargetKind } from '../targets/target.ts';
import type { Analysts } from './analysts.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import type { Log } from './log.ts';
import { connectionIo } from './poller.ts';
import type { SecretStore } from './secrets.ts';

/** States in which entries are, or may be, in force on the target. */
const mayBeInForce: readonly MitigationState[] = [
  'applying',
  'applied',
  'verified',
  'unknown',
  'lost',
  'ending',
];
const verifyEveryMs = 30 * secondMs;
const tickMs = secondMs;
/** A target answers within this or is said to be out of reach. */
const targetTimeoutMs = 15 * secondMs;

export interface Mitigations {
  propose(input: {
    readonly planId: string;
    readonly caseId: string | null;
    readonly alertId: string | null;
    readonly entries: readonly string[];
    readonly ttlMs: number;
    readonly reason: string;
  }): Promise<Mitigation>;
  preview(id: string): Promise<Mitigation>;
  approve(input: {
    readonly id: string;
    readonly hash: string;
    readonly reason: string;
    readonly typedTarget: string | null;
  }): Promise<Mitigation>;
  reject(id: string, reason: string): Mitigation;
  apply(id: string): Promise<Mitigation>;
  verify(id: string): Promise<Mitigation>;
  undo(id: string, reason: string): Promise<Mitigation>;
  orphans(): Promise<Orphan[]>;
  removeOrphan(targetId: string, entry: string): Promise<void>;
  /** Settles what a crash left between two steps; then keeps ends and verifications going. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface MitigationsDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly analysts: Analysts;
  readonly secrets: SecretStore;
  readonly log: Log;
  readonly kinds: ReadonlyMap<string, TargetKind>;
  readonly nowMs: () => number;
  readonly noteInCase: (caseId: string, writer: Writer, payload: EntryPayload) => void;
}

/** The exact addresses of this machine. */
function workstationAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map((address) => address.address.split('%')[0] ?? address.address),
  );
}

export function createMitigations(deps: MitigationsDeps): Mitigations {
  const { store, hub, analysts } = deps;
  const closing = new AbortController();
  /** One thing at a time happens to a mitigation: a second caller waits for the first. */
  const queues = new Map<string, Promise<unknown>>();
  let timer: NodeJS.Timeout | null = null;
  let ticking: Promise<void> | null = null;
  const lastVerifiedMs = new Map<string, number>();

  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(id) ?? Promise.resolve();
    const next = before.then(work, work);
    const settled = next.catch(() => undefined);
    queues.set(id, settled);
    void settled.then(() => {
      if (queues.get(id) === settled) queues.delete(id);
    });
    return next;
  }

  function get(id: string): Mitigation {
    const mitigation = store.mitigations.get(id);
    if (!mitigation) throw new WatchfloorError('not-found', 'There is no such mitigation.');
    return mitigation;
  }

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
      AbortSignal.any([closing.signal, AbortSignal.timeout(targetTimeoutMs)]),
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

  async function previewFor(mitigation: {
    readonly id: string;
    readonly targetId: string;
    readonly entries: readonly string[];
    readonly ttlMs: number;
  }): Promise<Preview | null> {
    const { target, connection } = targetOf(mitigation.targetId);
    const expiresMs = Math.ceil((deps.nowMs() + mitigation.ttlMs) / secondMs) * secondMs;
    const told = await target.preview(
      { mitigationId: mitigation.id, entries: mitigation.entries.map((entry) => ({ entry, expiresMs })) },
      io(connection.id),
    );
    let probe: Awaited<ReturnType<Target['impact']>> = null;
    let unknownReason = `${connection.name} cannot tell requests per client address, and no other source does.`;
    try {
      probe = await target.impact(io(connection.id));
    } catch (thrown) {
      unknownReason = `${connection.name} could not be asked: ${toErrorData(thrown).message}`;
    }
    return {
      ...told,
      diff: [...told.diff],
      impact: probe ? computeImpact(mitigation.entries, { ...probe, sourceName: connection.name }) : null,
      impactUnknownReason: probe ? null : unknownReason,
      madeMs: deps.nowMs(),
    };
  }

  function tell(mitigation: Mitigation): Mitigation {
    hub.mitigations([mitigation]);
    return mitigation;
  }

  /** One step with its ledger row, its audit row and its line in the case, in one transaction. */
  function step(
    mitigation: Mitigation,
    from: readonly MitigationState[],
    to: MitigationState,
    patch: Parameters<Store['mitigations']['transition']>[3],
    writer: Writer,
    sentence: string,
  ): Mitigation {
    const next = store.transaction(() => {
      const changed = store.mitigations.transition(mitigation.id, from, to, patch, writer.name, sentence);
      store.audit.append(writer, {
        action: `mitigation.${to}`,
        sentence,
        details: { mitigationId: mitigation.id, entries: mitigation.entries, target: mitigation.targetName },
      });
      if (mitigation.caseId !== null) {
        deps.noteInCase(mitigation.caseId, writer, {
          kind: 'mitigation-noted',
          mitigationId: mitigation.id,
          state: to,
          sentence,
          entries: mitigation.entries,
          targetName: mitigation.targetName,
        });
      }
      return changed;
    });
    return tell(next);
  }

  const list = (entries: readonly string[]) =>
    entries.length <= 3
      ? entries.join(', ')
      : `${entries.slice(0, 3).join(', ')} and ${entries.length - 3} more`;

  async function verifyNow(mitigation: Mitigation, writer: Writer): Promise<Mitigation> {
    const { target, connection } = targetOf(mitigation.targetId);
    const expiresMs = mitigation.expiresMs ?? deps.nowMs();
    const status = await target.verify(actionOf(mitigation, expiresMs), io(connection.id));
    lastVerifiedMs.set(mitigation.id, deps.nowMs());
    const isMissing = status.missing.length > 0;
    if (isMissing && mitigation.state === 'lost') return mitigation;
    if (isMissing) {
      return step(
        mitigation,
        ['applying', 'applied', 'verified', 'unknown'],
        'lost',
        {},
        writer,
        `${connection.name} no longer has ${list(status.missing)}, although it should until ${formatUtc(expiresMs)}. Apply again, or undo.`,
      );
    }
    if (mitigation.state === 'verified') return mitigation;
    return step(
      mitigation,
      ['applying', 'applied', 'unknown', 'lost'],
      'verified',
      { verifiedMs: deps.nowMs(), ...(mitigation.appliedMs === null ? { appliedMs: deps.nowMs() } : {}) },
      writer,
      `Read back from ${connection.name}: ${list(mitigation.entries)} blocked until ${formatUtc(expiresMs)}.`,
    );
  }

  async function applyNow(id: string, writer: Writer): Promise<Mitigation> {
    let mitigation = get(id);
    const { target, connection } = targetOf(mitigation.targetId);
    const nowMs = deps.nowMs();
    // A lost block gets only the time it had left: nobody approved more.
    const expiresMs =
      mitigation.state === 'lost' && mitigation.expiresMs !== null
        ? mitigation.expiresMs
        : Math.ceil((nowMs + mitigation.ttlMs) / secondMs) * secondMs;
    if (expiresMs <= nowMs)
      throw new WatchfloorError('refused', 'Its time has already passed; propose a new one.');
    mitigation = step(
      mitigation,
      ['approved', 'lost'],
      'applying',
      { expiresMs },
      writer,
      `Applying ${list(mitigation.entries)} on ${connection.name} until ${formatUtc(expiresMs)}.`,
    );
    faultPoint('mitigation:after-applying');
    try {
      await target.apply(actionOf(mitigation, expiresMs), io(connection.id));
    } catch (thrown) {
      const error = toErrorData(thrown);
      if (error.code === 'refused' || error.code === 'bad-input') {
        return step(
          mitigation,
          ['applying'],
          'failed',
          { expiresMs: null },
          writer,
          `${connection.name} refused it: ${error.message} Nothing of it is in force.`,
        );
      }
      return step(
        mitigation,
        ['applying'],
        'unknown',
        {},
        writer,
        `Nobody knows whether ${connection.name} has it: ${error.message} It is asked again every few seconds.`,
      );
    }
    faultPoint('mitigation:after-apply');
    mitigation = step(
      mitigation,
      ['applying'],
      'applied',
      { appliedMs: deps.nowMs() },
      writer,
      `${connection.name} took ${list(mitigation.entries)}.`,
    );
    faultPoint('mitigation:after-applied');
    try {
      const verified = await verifyNow(mitigation, writer);
      faultPoint('mitigation:after-verify');
      return verified;
    } catch (thrown) {
      deps.log.write('warning', connection.id, toErrorData(thrown).message);
      return mitigation;
    }
  }

  /** Takes the entries away and looks that they are gone. The decision is in the ledger before the target is asked. */
  async function endNow(
    mitigation: Mitigation,
    writer: Writer,
    how: 'undone' | 'tidied',
  ): Promise<Mitigation> {
    const { target, connection } = targetOf(mitigation.targetId);
    const action = actionOf(mitigation, mitigation.expiresMs ?? deps.nowMs());
    try {
      await target.revert(action, io(connection.id));
      faultPoint('mitigation:after-revert');
      const status = await target.verify(action, io(connection.id));
      if (status.present.length > 0) {
        throw new WatchfloorError(
          'refused',
          `${list(status.present.map((each) => each.entry))} is still there.`,
        );
      }
    } catch (thrown) {
      const error = toErrorData(thrown);
      return step(
        mitigation,
        ['ending'],
        'unknown',
        {},
        writer,
        `The undo could not be confirmed: ${error.message} It is tried again.`,
      );
    }
    return step(
      mitigation,
      ['ending'],
      'ended',
      { endedMs: deps.nowMs(), endedHow: how },
      writer,
      `Taken away from ${connection.name} and looked for: gone.`,
    );
  }

  /** At its time a block has ended on the target; the core says so and sweeps the inert entries away. */
  async function expire(mitigation: Mitigation, writer: Writer): Promise<void> {
    const expiresMs = mitigation.expiresMs ?? deps.nowMs();
    let words = `Ended by itself at ${formatUtc(expiresMs)}.`;
    try {
      const { target, connection } = targetOf(mitigation.targetId);
      await target.revert(actionOf(mitigation, expiresMs), io(connection.id));
      words += ` Its entries were swept from ${connection.name}.`;
    } catch (thrown) {
      if (mitigation.preview?.endKeptByTarget !== true) {
        if (mitigation.state !== 'unknown') {
          step(
            mitigation,
            ['applied', 'verified', 'lost', 'applying', 'ending'],
            'unknown',
            {},
            writer,
            `Its time is over, but the target cannot be reached to end it: ${toErrorData(thrown).message}`,
          );
        }
        return;
      }
      words += ` The target keeps the end itself; it could not be asked just now (${toErrorData(thrown).message}).`;
    }
    step(
      mitigation,
      mayBeInForce,
      'ended',
      { endedMs: expiresMs, endedHow: mitigation.state === 'lost' ? 'lost' : 'by-itself' },
      writer,
      words,
    );
  }

  /** Finds out what became of something between two steps. */
  async function settle(mitigation: Mitigation): Promise<void> {
    const writer = analysts.systemWriter();
    const expiresMs = mitigation.expiresMs;
    if (expiresMs !== null && expiresMs <= deps.nowMs()) {
      await expire(mitigation, writer);
      return;
    }
    try {
      const { target, connection } = targetOf(mitigation.targetId);
      const action = actionOf(mitigation, expiresMs ?? deps.nowMs());
      const wasEnding =
        mitigation.state === 'ending' ||
        store.mitigations.ledger(mitigation.id, 50).some((row) => row.state === 'ending');
      const status = await target.verify(action, io(connection.id));
      lastVerifiedMs.set(mitigation.id, deps.nowMs());
      if (wasEnding) {
        const ending =
          mitigation.state === 'ending'
            ? mitigation
            : step(mitigation, ['unknown'], 'ending', {}, writer, 'Trying the undo again.');
        await endNow(ending, writer, 'undone');
        return;
      }
      if (status.missing.length === 0) {
        step(
          mitigation,
          ['applying', 'applied', 'unknown', 'lost'],
          'verified',
          { verifiedMs: deps.nowMs(), ...(mitigation.appliedMs === null ? { appliedMs: deps.nowMs() } : {}) },
          writer,
          `Found on ${connection.name} and adopted: ${list(mitigation.entries)} blocked until ${formatUtc(expiresMs ?? 0)}.`,
        );
        return;
      }
      if (mitigation.state === 'applied') {
        await verifyNow(mitigation, writer);
        return;
      }
      // Half of a mitigation is none: what is there is taken away, and a person decides again.
      if (status.present.length > 0) await target.revert(action, io(connection.id));
      step(
        mitigation,
        ['applying', 'unknown'],
        'approved',
        { expiresMs: null },
        writer,
        `Not on ${connection.name}: nothing is in force. It is approved still; press Apply to try again.`,
      );
    } catch (thrown) {
      if (mitigation.state === 'unknown') return;
      if (mitigation.state === 'verified' || mitigation.state === 'applied' || mitigation.state === 'lost')
        return;
      step(
        mitigation,
        ['applying', 'ending'],
        'unknown',
        {},
        writer,
        `Nobody knows whether it is in force: ${toErrorData(thrown).message} It is asked again every few seconds.`,
      );
    }
  }

  async function tick(): Promise<void> {
    const nowMs = deps.nowMs();
    for (const { id } of store.mitigations.inStates(mayBeInForce)) {
      if (closing.signal.aborted) return;
      // What a person is doing right now is waited for and then looked at afresh.
      if (queues.has(id)) continue;
      await inTurn(id, async () => {
        const mitigation = get(id);
        if (!mayBeInForce.includes(mitigation.state)) return;
        if (mitigation.expiresMs !== null && mitigation.expiresMs <= nowMs) {
          await expire(mitigation, analysts.systemWriter());
          return;
        }
        const dueMs =
          (lastVerifiedMs.get(id) ?? 0) + (mitigation.state === 'unknown' ? 5 * secondMs : verifyEveryMs);
        if (nowMs < dueMs) return;
        lastVerifiedMs.set(id, nowMs);
        if (['applying', 'ending', 'unknown', 'applied'].includes(mitigation.state)) await settle(mitigation);
        else await verifyNow(mitigation, analysts.systemWriter());
      }).catch((thrown: unknown) => {
        deps.log.write('warning', id, toErrorData(thrown).message);
      });
    }
  }

  function refuseFailed(guards: readonly GuardResult[]): void {
    const failed = guards.filter((guard) => !guard.passed);
    if (failed.length > 0) {
      throw new WatchfloorError(
        'refused',
        `${failed.map((guard) => guard.sentence).join(' ')} Nothing was changed on the target.`,
      );
    }
  }

  return {
    async propose(input) {
      const writer = analysts.writer();
      const plan = store.plans.get(input.planId);
      if (!plan) throw new WatchfloorError('not-found', 'There is no such action plan.');
      if (plan.retired) throw new WatchfloorError('refused', 'This action plan was retired.');
      const { networks, problem } = parseEntries(input.entries);
      if (problem !== null) throw new WatchfloorError('bad-input', problem);
      const entries = networks.map((network) => network.cidr);
      const connection = connectionOf(plan.targetId);
      const guards = guardsFor(plan, plan.hash, entries, input.ttlMs);
      const sentence = `Block ${list(entries)} on ${connection.name} for ${formatDuration(input.ttlMs)}: ${input.reason}`;
      const proposed = store.transaction(() => {
        const mitigation = store.mitigations.propose(
          {
            planId: plan.id,
            planName: plan.name,
            planHash: plan.hash,
            customerId: plan.customerId,
            targetId: plan.targetId,
            targetName: connection.name,
            caseId: input.caseId,
            alertId: input.alertId,
            action: 'block',
            entries,
            ttlMs: input.ttlMs,
            reason: input.reason,
            sentence,
            guards,
            preview: null,
            proposedBy: writer.name,
            proposedMs: deps.nowMs(),
            approvedBy: null,
            approvedMs: null,
            approvalReason: null,
            appliedMs: null,
            verifiedMs: null,
            expiresMs: null,
            endedMs: null,
            endedHow: null,
            simulated: connection.simulated,
          },
          writer.name,
        );
        store.audit.append(writer, {
          action: 'mitigation.proposed',
          sentence,
          details: { mitigationId: mitigation.id },
        });
        if (input.caseId !== null) {
          deps.noteInCase(input.caseId, writer, {
            kind: 'mitigation-noted',
            mitigationId: mitigation.id,
            state: 'proposed',
            sentence,
            entries,
            targetName: connection.name,
          });
        }
        return mitigation;
      });
      tell(proposed);
      try {
        const preview = await previewFor(proposed);
        return tell(store.mitigations.amend(proposed.id, { preview }));
      } catch (thrown) {
        deps.log.write('warning', proposed.targetId, toErrorData(thrown).message);
        return proposed;
      }
    },

    async preview(id) {
      const mitigation = get(id);
      if (mitigation.state !== 'proposed') return mitigation;
      const plan = store.plans.get(mitigation.planId);
      if (!plan) throw new WatchfloorError('not-found', 'The action plan is gone.');
      const guards = guardsFor(plan, mitigation.planHash, mitigation.entries, mitigation.ttlMs);
      const preview = await previewFor(mitigation);
      return tell(store.mitigations.amend(id, { guards, preview }));
    },

    approve(input) {
      return inTurn(input.id, async () => {
        const writer = analysts.writer();
        const mitigation = get(input.id);
        if (mitigation.state !== 'proposed') {
          throw new WatchfloorError('conflict', `This was decided already: it is ${mitigation.state}.`);
        }
        if (mitigation.hash !== input.hash) {
          throw new WatchfloorError(
            'conflict',
            'What would be approved is no longer what was shown. Look at it again.',
          );
        }
        const plan = store.plans.get(mitigation.planId);
        if (!plan) throw new WatchfloorError('not-found', 'The action plan is gone.');
        if (!plan.samePersonMayApprove && mitigation.proposedBy === writer.name) {
          throw new WatchfloorError(
            'not-allowed',
            `The plan asks for two people: ${mitigation.proposedBy} proposed this, somebody else approves it.`,
          );
        }
        if (needsTypedTarget(mitigation.entries) && input.typedTarget !== mitigation.targetName) {
          throw new WatchfloorError(
            'refused',
            `Type the target's name, ${mitigation.targetName}, to approve this.`,
          );
        }
        refuseFailed(guardsFor(plan, mitigation.planHash, mitigation.entries, mitigation.ttlMs));
        faultPoint('mitigation:before-approved');
        step(
          mitigation,
          ['proposed'],
          'approved',
          { approvedBy: writer.name, approvedMs: deps.nowMs(), approvalReason: input.reason },
          writer,
          `${writer.name} approved blocking ${list(mitigation.entries)} for ${formatDuration(mitigation.ttlMs)}${input.reason === '' ? '.' : `: ${input.reason}`}`,
        );
        faultPoint('mitigation:after-approved');
        return applyNow(mitigation.id, writer);
      });
    },

    reject(id, reason) {
      const writer = analysts.writer();
      return step(
        get(id),
        ['proposed', 'approved', 'failed'],
        'rejected',
        { endedMs: deps.nowMs(), endedHow: 'rejected' },
        writer,
        `${writer.name} rejected it: ${reason}`,
      );
    },

    apply(id) {
      return inTurn(id, async () => {
        const mitigation = get(id);
        const plan = store.plans.get(mitigation.planId);
        if (!plan) throw new WatchfloorError('not-found', 'The action plan is gone.');
        // Its own entries were counted when it was approved; the other guards hold as on the first day.
        refuseFailed(
          guardsFor(plan, mitigation.planHash, mitigation.entries, mitigation.ttlMs).filter(
            (guard) => guard.guard !== 'rate',
          ),
        );
        return applyNow(id, analysts.writer());
      });
    },

    verify(id) {
      return inTurn(id, async () => {
        const mitigation = get(id);
        if (!mayBeInForce.includes(mitigation.state)) return mitigation;
        if (['applying', 'ending', 'unknown'].includes(mitigation.state)) {
          await settle(mitigation);
          return get(id);
        }
        return verifyNow(mitigation, analysts.writer());
      });
    },

    undo(id, reason) {
      return inTurn(id, async () => {
        const writer = analysts.writer();
        const ending = step(
          get(id),
          ['applied', 'verified', 'unknown', 'lost'],
          'ending',
          {},
          writer,
          `${writer.name} undoes it: ${reason}`,
        );
        faultPoint('mitigation:after-ending');
        return endNow(ending, writer, 'undone');
      });
    },

    async orphans() {
      const found: Orphan[] = [];
      const nowMs = deps.nowMs();
      const known = new Set(
        store.mitigations
          .inStates([...mayBeInForce, 'approved'])
          .flatMap((mitigation) => mitigation.entries.map((entry) => `${mitigation.targetId} ${entry}`)),
      );
      for (const connection of store.connections.list('target')) {
        if (!connection.enabled) continue;
        try {
          const { target } = targetOf(connection.id);
          for (const entry of await target.list(io(connection.id))) {
            if (entry.expiresMs <= nowMs || known.has(`${connection.id} ${entry.entry}`)) continue;
            found.push({
              targetId: connection.id,
              targetName: connection.name,
              entry: entry.entry,
              expiresMs: entry.expiresMs,
            });
          }
        } catch (thrown) {
          deps.log.write('warning', connection.id, toErrorData(thrown).message);
        }
      }
      return found;
    },

    async removeOrphan(targetId, entry) {
      const writer = analysts.writer();
      const { target, connection } = targetOf(targetId);
      const { networks, problem } = parseEntries([entry]);
      const [network] = networks;
      if (problem !== null || !network) throw new WatchfloorError('bad-input', problem ?? 'No entry.');
      store.audit.append(writer, {
        action: 'mitigation.orphan-removed',
        sentence: `${writer.name} removes ${network.cidr}, which the ledger does not know, from ${connection.name}.`,
      });
      await target.revert(
        { mitigationId: 'orphan', entries: [{ entry: network.cidr, expiresMs: deps.nowMs() }] },
        io(connection.id),
      );
    },

    async start() {
      for (const mitigation of store.mitigations.inStates(mayBeInForce)) {
        if (mitigation.state === 'lost' || mitigation.state === 'verified') continue;
        await inTurn(mitigation.id, () => settle(get(mitigation.id))).catch((thrown: unknown) => {
          deps.log.write('error', mitigation.id, toErrorData(thrown).message);
        });
      }
      timer = setInterval(() => {
        ticking ??= tick().finally(() => {
          ticking = null;
        });
      }, tickMs);
    },

    async close() {
      if (timer) clearInterval(timer);
      closing.abort();
      await ticking;
      await Promise.all(queues.values());
    },
  };
}
