import type { EntryPayload } from '../../shared/domain/case.ts';
import type { Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc, secondMs } from '../../shared/domain/time.ts';
import type { Store, Writer } from '../db/index.ts';
import type { Analysts } from './analysts.ts';
import { faultPoint } from './fault-points.ts';
import type { Hub } from './hub.ts';
import type { Log } from './log.ts';
import type { TargetDesk } from './target-desk.ts';

/** States in which entries are, or may be, in force on the target. */
export const mayBeInForce: readonly MitigationState[] = [
  'applying',
  'applied',
  'verified',
  'unknown',
  'lost',
  'ending',
];

/** The steps of a mitigation's life that touch its target. The ledger says what is about to happen before it does. */
export interface MitigationSteps {
  step(
    mitigation: Mitigation,
    from: readonly MitigationState[],
    to: MitigationState,
    patch: Parameters<Store['mitigations']['transition']>[3],
    writer: Writer,
    sentence: string,
  ): Mitigation;
  /** Asks the target whether it has what it should. */
  verifyNow(mitigation: Mitigation, writer: Writer): Promise<Mitigation>;
  applyNow(id: string, writer: Writer): Promise<Mitigation>;
  endNow(mitigation: Mitigation, writer: Writer): Promise<Mitigation>;
  expire(mitigation: Mitigation, writer: Writer): Promise<void>;
  settle(mitigation: Mitigation): Promise<void>;
  /** When the target was last asked, epoch ms; 0 for never. */
  lastAskedMs(id: string): number;
  noteAsked(id: string, timeMs: number): void;
}

export interface MitigationStepsDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly analysts: Analysts;
  readonly log: Log;
  readonly desk: TargetDesk;
  readonly nowMs: () => number;
  readonly noteInCase: (caseId: string, writer: Writer, payload: EntryPayload) => void;
}

/** The first few entries by name, the rest by number. */
export function listEntries(entries: readonly string[]): string {
  return entries.length <= 3
    ? entries.join(', ')
    : `${entries.slice(0, 3).join(', ')} and ${entries.length - 3} more`;
}

export function createMitigationSteps(deps: MitigationStepsDeps): MitigationSteps {
  const { store, analysts } = deps;
  const { actionOf, io, targetOf } = deps.desk;
  const lastVerifiedMs = new Map<string, number>();

  function get(id: string): Mitigation {
    const mitigation = store.mitigations.get(id);
    if (!mitigation) throw new WatchfloorError('not-found', 'There is no such mitigation.');
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
    deps.hub.mitigations([next]);
    return next;
  }

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
        `${connection.name} no longer has ${listEntries(status.missing)}, although it should until ${formatUtc(expiresMs)}. Apply again, or undo.`,
      );
    }
    if (mitigation.state === 'verified') return mitigation;
    return step(
      mitigation,
      ['applying', 'applied', 'unknown', 'lost'],
      'verified',
      { verifiedMs: deps.nowMs(), ...(mitigation.appliedMs === null ? { appliedMs: deps.nowMs() } : {}) },
      writer,
      `Read back from ${connection.name}: ${listEntries(mitigation.entries)} blocked until ${formatUtc(expiresMs)}.`,
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
      `Applying ${listEntries(mitigation.entries)} on ${connection.name} until ${formatUtc(expiresMs)}.`,
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
      `${connection.name} took ${listEntries(mitigation.entries)}.`,
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

  /** Its entries without those that another mitigation holds on the same target: that one's end is not this one's. */
  function entriesHeldAlone(mitigation: Mitigation): string[] {
    const nowMs = deps.nowMs();
    const others = store.mitigations
      .inStates(mayBeInForce)
      .filter(
        (other) =>
          other.id !== mitigation.id &&
          other.targetId === mitigation.targetId &&
          other.expiresMs !== null &&
          other.expiresMs > nowMs,
      );
    const held = new Set(others.flatMap((other) => other.entries));
    return mitigation.entries.filter((entry) => !held.has(entry));
  }

  /** Takes the entries away and looks that they are gone. The decision is in the ledger before the target is asked. */
  async function endNow(mitigation: Mitigation, writer: Writer): Promise<Mitigation> {
    const { target, connection } = targetOf(mitigation.targetId);
    const alone = entriesHeldAlone(mitigation);
    const action = actionOf({ ...mitigation, entries: alone }, mitigation.expiresMs ?? deps.nowMs());
    try {
      if (alone.length > 0) await target.revert(action, io(connection.id));
      faultPoint('mitigation:after-revert');
      const status = alone.length > 0 ? await target.verify(action, io(connection.id)) : null;
      if (status !== null && status.present.length > 0) {
        throw new WatchfloorError(
          'refused',
          `${listEntries(status.present.map((each) => each.entry))} is still there.`,
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
      { endedMs: deps.nowMs(), endedHow: 'undone' },
      writer,
      alone.length === mitigation.entries.length
        ? `Taken away from ${connection.name} and looked for: gone.`
        : `Ended on ${connection.name}; ${listEntries(mitigation.entries.filter((entry) => !alone.includes(entry)))} stays blocked, because another mitigation holds it.`,
    );
  }

  /** At its time a block has ended on the target; the core says so and sweeps the inert entries away. */
  async function expire(mitigation: Mitigation, writer: Writer): Promise<void> {
    const expiresMs = mitigation.expiresMs ?? deps.nowMs();
    let words = `Ended by itself at ${formatUtc(expiresMs)}.`;
    try {
      const { target, connection } = targetOf(mitigation.targetId);
      const alone = entriesHeldAlone(mitigation);
      if (alone.length > 0) {
        await target.revert(actionOf({ ...mitigation, entries: alone }, expiresMs), io(connection.id));
      }
      words +=
        alone.length === mitigation.entries.length
          ? ` Its entries were swept from ${connection.name}.`
          : ` What another mitigation holds on ${connection.name} stays.`;
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
        await endNow(ending, writer);
        return;
      }
      if (status.missing.length === 0) {
        step(
          mitigation,
          ['applying', 'applied', 'unknown', 'lost'],
          'verified',
          { verifiedMs: deps.nowMs(), ...(mitigation.appliedMs === null ? { appliedMs: deps.nowMs() } : {}) },
          writer,
          `Found on ${connection.name} and adopted: ${listEntries(mitigation.entries)} blocked until ${formatUtc(expiresMs ?? 0)}.`,
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

  return {
    step,
    verifyNow,
    applyNow,
    endNow,
    expire,
    settle,
    lastAskedMs: (id) => lastVerifiedMs.get(id) ?? 0,
    noteAsked: (id, timeMs) => lastVerifiedMs.set(id, timeMs),
  };
}
