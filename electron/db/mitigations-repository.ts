import { canonicalJson } from '../../shared/domain/entry-chain.ts';
import type { LedgerRow, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import { found, type RepositoryTools } from './repository.ts';
import { listSql, type Sql, sql } from './sql.ts';
import type { MitigationsRepository } from './store.ts';

/** SHA-256 over what is approved, and over nothing else: guards and previews may be asked anew. */
export function mitigationHash(
  mitigation: Pick<Mitigation, 'planHash' | 'targetId' | 'action' | 'entries' | 'ttlMs'>,
): string {
  const { planHash, targetId, action, entries, ttlMs } = mitigation;
  return sha256Hex(
    `watchfloor-mitigation-1\n${canonicalJson({ planHash, targetId, action, entries, ttlMs })}`,
  );
}

export function createMitigationsRepository({
  database,
  nowMs,
  newId,
}: RepositoryTools): MitigationsRepository {
  const many = (where: Sql): Mitigation[] =>
    database
      .all<{ readonly body: string }>(sql`SELECT body FROM mitigation ${where}`)
      .map((row) => JSON.parse(row.body));
  const get = (id: string): Mitigation | null => many(sql`WHERE id = ${id}`)[0] ?? null;

  function write(mitigation: Mitigation): void {
    database.run(
      sql`UPDATE mitigation SET state = ${mitigation.state}, approved_ms = ${mitigation.approvedMs},
            body = ${JSON.stringify(mitigation)}
          WHERE id = ${mitigation.id}`,
    );
  }

  function addLedgerRow(mitigationId: string, actor: string, state: MitigationState, sentence: string): void {
    database.run(
      sql`INSERT INTO ledger (mitigation_id, time_ms, actor, state, sentence)
          VALUES (${mitigationId}, ${nowMs()}, ${actor}, ${state}, ${sentence})`,
    );
  }

  return {
    list: () => many(sql`ORDER BY position DESC`),
    get,
    inStates: (states) => many(sql`WHERE state IN ${listSql(states)} ORDER BY position`),
    propose(proposal, actor) {
      return database.transaction(() => {
        const mitigation: Mitigation = {
          ...proposal,
          id: proposal.id ?? newId('mi'),
          state: 'proposed',
          hash: mitigationHash(proposal),
        };
        database.run(
          sql`INSERT INTO mitigation (id, plan_id, state, approved_ms, entry_count, idempotency_key, body)
              VALUES (${mitigation.id}, ${mitigation.planId}, ${mitigation.state}, ${mitigation.approvedMs},
                ${mitigation.entries.length}, ${newId('ik')}, ${JSON.stringify(mitigation)})`,
        );
        addLedgerRow(mitigation.id, actor, 'proposed', mitigation.sentence);
        return mitigation;
      });
    },
    amend(id, patch) {
      return database.transaction(() => {
        const mitigation = { ...found(get(id), 'mitigation', id), ...patch };
        write(mitigation);
        return mitigation;
      });
    },
    transition(id, from, to, patch, actor, sentence) {
      return database.transaction(() => {
        const before = found(get(id), 'mitigation', id);
        if (!from.includes(before.state)) {
          throw new WatchfloorError(
            'conflict',
            `This mitigation is ${before.state} by now; nothing was done.`,
            `${id}: ${from.join(' or ')} to ${to}`,
          );
        }
        const after: Mitigation = { ...before, ...patch, state: to, sentence };
        write(after);
        addLedgerRow(id, actor, to, sentence);
        return after;
      });
    },
    idempotencyKey(id) {
      const row = database.get<{ readonly idempotency_key: string }>(
        sql`SELECT idempotency_key FROM mitigation WHERE id = ${id}`,
      );
      return found(row, 'mitigation', id).idempotency_key;
    },
    ledger(mitigationId, limit) {
      const which = mitigationId === null ? sql`` : sql`WHERE mitigation_id = ${mitigationId}`;
      return database.all<LedgerRow>(
        sql`SELECT sequence, mitigation_id AS mitigationId, time_ms AS timeMs, actor, state, sentence
            FROM ledger ${which} ORDER BY sequence DESC LIMIT ${limit}`,
      );
    },
    entriesApprovedSince(planId, sinceMs) {
      const row = database.get<{ readonly entries: number | null }>(
        sql`SELECT sum(entry_count) AS entries FROM mitigation
            WHERE plan_id = ${planId} AND approved_ms >= ${sinceMs}`,
      );
      return row?.entries ?? 0;
    },
  };
}
