import type { Client } from '../../shared/api/client.ts';
import type { ActionPlan, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';

/** What a target itself says that it blocks: canonical CIDR and the end of it, UTC epoch ms. */
export interface TargetEntry {
  readonly entry: string;
  readonly expiresMs: number;
}

/** States in which the ledger says that a block is in force. */
const inForce: readonly MitigationState[] = ['applied', 'verified'];
/** States that only a step in progress may have: a start must have settled them. */
const betweenSteps: readonly MitigationState[] = ['applying', 'ending', 'unknown'];

/** Asks for a block and approves it. */
export async function block(
  client: Client,
  plan: ActionPlan,
  entries: readonly string[],
): Promise<Mitigation> {
  const proposed = await client.call('mitigations.propose', {
    planId: plan.id,
    caseId: null,
    alertId: null,
    entries: [...entries],
    ttlMs: 600_000,
    reason: 'Dies on the way',
  });
  return client.call('mitigations.approve', {
    id: proposed.id,
    hash: proposed.hash,
    reason: '',
    typedTarget: proposed.targetName,
  });
}

/** Waits until nothing is between two steps any more. */
export async function settled(client: Client): Promise<readonly Mitigation[]> {
  const endMs = performance.now() + 20_000;
  for (;;) {
    const mitigations = await client.call('mitigations.list', {});
    const open = mitigations.filter(({ state }) => betweenSteps.includes(state));
    if (open.length === 0) return mitigations;
    if (performance.now() > endMs) {
      throw new Error(
        `Not settled: ${open.map(({ id, state, sentence }) => `${id} ${state} ${sentence}`).join('; ')}`,
      );
    }
    await Promise.all(open.map(({ id }) => client.call('mitigations.verify', { id })));
  }
}

/**
 * Compares the ledger with the target's own state: what each says of blocks in force must be the same, entry for
 * entry and to the second. A block applied twice would have a later end on the target than in the ledger; a
 * forgotten one would be on the target alone.
 *
 * @returns every difference in words; none when they agree
 */
export function differences(
  mitigations: readonly Mitigation[],
  target: readonly TargetEntry[],
  nowMs: number,
): string[] {
  const found: string[] = [];
  const expected = new Map<string, number>();
  for (const mitigation of mitigations) {
    if (!inForce.includes(mitigation.state)) continue;
    for (const entry of mitigation.entries) {
      if (expected.has(entry)) found.push(`${entry} is in the ledger twice`);
      expected.set(entry, mitigation.expiresMs ?? Number.NaN);
    }
  }
  const seen = new Set<string>();
  for (const { entry, expiresMs } of target) {
    if (expiresMs <= nowMs) continue;
    if (seen.has(entry)) found.push(`${entry} is on the target twice`);
    seen.add(entry);
    const ledgerMs = expected.get(entry);
    if (ledgerMs === undefined) found.push(`${entry} is on the target, and the ledger does not say so`);
    else if (ledgerMs !== expiresMs)
      found.push(`${entry} ends at ${expiresMs} on the target and at ${ledgerMs} in the ledger`);
  }
  for (const entry of expected.keys()) {
    if (!seen.has(entry)) found.push(`${entry} is in force by the ledger, and not on the target`);
  }
  return found;
}

/**
 * Mitigations that were sent to their target more often than they were approved. A start that finds nothing of one on
 * its target gives it back as approved, and a person sends it again: that is no second time.
 */
export async function appliedTwice(client: Client, mitigations: readonly Mitigation[]): Promise<string[]> {
  const twice: string[] = [];
  for (const { id } of mitigations) {
    const rows = await client.call('mitigations.ledger', { mitigationId: id, limit: 100 });
    const count = (wanted: MitigationState) => rows.filter(({ state }) => state === wanted).length;
    if (count('applying') > count('approved')) twice.push(id);
  }
  return twice;
}
