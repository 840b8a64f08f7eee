import type { EntryPayload } from '../../shared/domain/case.ts';
import { needsTypedTarget, parseEntries } from '../../shared/domain/guard.ts';
import type { GuardResult, Mitigation, Orphan } from '../../shared/domain/mitigation.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatDuration, secondMs } from '../../shared/domain/time.ts';
import type { Store, Writer } from '../db/index.ts';
import type { TargetKind } from '../targets/target.ts';
import type { Analysts } from './analysts.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import type { Log } from './log.ts';
import { createMitigationSteps, listEntries, mayBeInForce } from './mitigation-steps.ts';
import type { SecretStore } from './secrets.ts';
import { createTargetDesk } from './target-desk.ts';

const verifyEveryMs = 30 * secondMs;
const tickMs = secondMs;
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

export function createMitigations(deps: MitigationsDeps): Mitigations {
  const { store, hub, analysts } = deps;
  const closing = new AbortController();
  const desk = createTargetDesk({ ...deps, closing: closing.signal });
  const steps = createMitigationSteps({ ...deps, desk });
  const { connectionOf, guardsFor, io, previewFor, targetOf } = desk;
  const { applyNow, endNow, expire, settle, step, verifyNow } = steps;
  /** One thing at a time happens to a mitigation: a second caller waits for the first. */
  const queues = new Map<string, Promise<unknown>>();
  let timer: NodeJS.Timeout | null = null;
  let ticking: Promise<void> | null = null;

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

  function tell(mitigation: Mitigation): Mitigation {
    hub.mitigations([mitigation]);
    return mitigation;
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
        const dueMs = steps.lastAskedMs(id) + (mitigation.state === 'unknown' ? 5 * secondMs : verifyEveryMs);
        if (nowMs < dueMs) return;
        steps.noteAsked(id, nowMs);
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
      const sentence = `Block ${listEntries(entries)} on ${connection.name} for ${formatDuration(input.ttlMs)}: ${input.reason}`;
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
          `${writer.name} approved blocking ${listEntries(mitigation.entries)} for ${formatDuration(mitigation.ttlMs)}${input.reason === '' ? '.' : `: ${input.reason}`}`,
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
        return endNow(ending, writer);
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
