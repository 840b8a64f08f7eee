import { canonicalJson } from '../../shared/domain/entry-chain.ts';
import type { ActionPlan } from '../../shared/domain/mitigation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import { found, type RepositoryTools } from './repository.ts';
import { type Sql, sql } from './sql.ts';
import type { PlansRepository } from './store.ts';

/** SHA-256 over everything that was agreed, version and time included: what an approval is given for. */
function planHash(plan: Omit<ActionPlan, 'hash' | 'retired'>): string {
  return sha256Hex(`watchfloor-plan-1\n${canonicalJson(plan)}`);
}

export function createPlansRepository({ database, nowMs, newId }: RepositoryTools): PlansRepository {
  const many = (where: Sql): ActionPlan[] =>
    database
      .all<{ readonly body: string; readonly retired: number }>(sql`SELECT body, retired FROM plan ${where}`)
      .map((row) => ({ ...JSON.parse(row.body), retired: row.retired === 1 }));
  const get = (id: string): ActionPlan | null => many(sql`WHERE id = ${id} AND current = 1`)[0] ?? null;

  return {
    list: () => many(sql`WHERE current = 1 ORDER BY position`),
    get,
    save(draft) {
      return database.transaction(() => {
        const before = draft.id === null ? null : found(get(draft.id), 'plan', draft.id);
        if (before?.retired) {
          throw new WatchfloorError('conflict', 'This plan is retired. Make a new one from it.', before.id);
        }
        const { id: _, ...agreed } = draft;
        const content = {
          ...agreed,
          id: before?.id ?? newId('pl'),
          version: (before?.version ?? 0) + 1,
          agreedMs: nowMs(),
        };
        const plan: ActionPlan = { ...content, hash: planHash(content), retired: false };
        database.run(sql`UPDATE plan SET current = 0 WHERE id = ${plan.id}`);
        database.run(
          sql`INSERT INTO plan (id, version, hash, current, retired, body)
              VALUES (${plan.id}, ${plan.version}, ${plan.hash}, 1, 0, ${JSON.stringify(plan)})`,
        );
        return plan;
      });
    },
    retire(id) {
      database.run(sql`UPDATE plan SET retired = 1 WHERE id = ${id} AND current = 1`);
      return found(get(id), 'plan', id);
    },
    getByHash: (hash) => many(sql`WHERE hash = ${hash}`)[0] ?? null,
  };
}
