import type { RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import type { SavedView, SettingsRepository, ViewsRepository } from './store.ts';

export function createSettingsRepository({ database }: RepositoryTools): SettingsRepository {
  return {
    get(key) {
      const row = database.get<{ readonly value: string }>(sql`SELECT value FROM setting WHERE key = ${key}`);
      return row === undefined ? null : JSON.parse(row.value);
    },
    set(key, value) {
      const text = JSON.stringify(value ?? null);
      database.run(
        sql`INSERT INTO setting (key, value) VALUES (${key}, ${text})
            ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      );
    },
    remove(key) {
      database.run(sql`DELETE FROM setting WHERE key = ${key}`);
    },
  };
}

export function createViewsRepository({ database, newId }: RepositoryTools): ViewsRepository {
  return {
    list() {
      return database
        .all<{ readonly id: string; readonly name: string; readonly query: string }>(
          sql`SELECT id, name, query FROM view ORDER BY position`,
        )
        .map((row): SavedView => ({ id: row.id, name: row.name, query: JSON.parse(row.query) }));
    },
    save(view) {
      const id = view.id ?? newId('vi');
      database.run(
        sql`INSERT INTO view (id, name, query) VALUES (${id}, ${view.name}, ${JSON.stringify(view.query)})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query`,
      );
      return { id, name: view.name, query: view.query };
    },
    remove(id) {
      database.run(sql`DELETE FROM view WHERE id = ${id}`);
    },
  };
}
