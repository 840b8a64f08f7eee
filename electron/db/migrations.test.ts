import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, findDamage } from './connect.ts';
import { migrate, migrations, newestVersion, schemaVersion } from './migrations.ts';
import { type Sql, SqlDatabase, sql } from './sql.ts';
import { occurrence, openTestStore, startMs, temporaryDirectory, testSource } from './testing.ts';

/**
 * Rows as each version wrote them, by version: what the next step has to carry over. A step that is added brings
 * the rows of the version before it.
 */
const rowsOf: Readonly<Record<number, Sql>> = {
  0: sql`SELECT 1`,
};

describe('migrations', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let database: SqlDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
  });
  afterEach(() => {
    database.connection.close();
    directory.remove();
  });

  it.each(Array.from({ length: newestVersion }, (_, index) => index))(
    'carries the rows of version %i over and keeps the file whole',
    (version) => {
      migrate(database, migrations.slice(0, version));
      expect(schemaVersion(database)).toBe(version);
      const rows = rowsOf[version];
      expect(rows, 'a step needs rows to be tested with').toBeDefined();
      database.script(rows ?? sql``);
      migrate(database);
      expect(schemaVersion(database)).toBe(newestVersion);
      expect(findDamage(database.connection)).toBeNull();
      expect(database.connection.pragma('foreign_key_check')).toEqual([]);
    },
  );

  it('leaves the version and rows before a step that fails', () => {
    const steps = [sql`CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1)`];
    migrate(database, steps);
    const failing = [...steps, sql`ALTER TABLE one ADD COLUMN b TEXT; INSERT INTO missing VALUES (1)`];
    expect(() => migrate(database, failing)).toThrow();
    expect(schemaVersion(database)).toBe(1);
    expect(database.all(sql`SELECT * FROM one`)).toEqual([{ a: 1 }]);
    migrate(database, [...steps, sql`ALTER TABLE one ADD COLUMN b TEXT`]);
    expect(database.all(sql`SELECT * FROM one`)).toEqual([{ a: 1, b: null }]);
  });

  it('is done once: opening again changes nothing of the schema', () => {
    const open = () => openTestStore(directory.path);
    database.connection.close();
    const first = open();
    first.alerts.ingest(testSource, [occurrence()], startMs);
    first.close();
    database = new SqlDatabase(connect(`${directory.path}/watchfloor.db`, false));
    const schema = () => database.all(sql`SELECT type, name, sql FROM sqlite_schema ORDER BY type, name`);
    const before = schema();
    migrate(database);
    expect(schema()).toEqual(before);
    expect(database.all(sql`SELECT count(*) AS n FROM alert`)).toEqual([{ n: 1 }]);
  });
});
