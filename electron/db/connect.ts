import Database from 'better-sqlite3';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import { liesInNetwork, matchesText } from '../../shared/query/match-query.ts';
import type { TextMatch } from '../../shared/query/query-node.ts';
import { movedPages } from './checkpoints.ts';

const ipv4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** An IPv4 address as a number; null for anything that is not surely one in its usual writing. */
function ipv4Number(text: string): number | null {
  const parts = ipv4.exec(text);
  if (parts === null) return null;
  let number = 0;
  for (let index = 1; index <= 4; index += 1) {
    const part = Number(parts[index]);
    if (part > 255) return null;
    number = number * 256 + part;
  }
  return number;
}

/** `liesInNetwork` for one network after another, a thousand times as often: IPv4 in its usual writing is plain. */
function networkTest(): (value: string, cidr: string) => boolean {
  let known = '';
  let first: number | null = null;
  let size = 0;
  return (value, cidr) => {
    if (cidr !== known) {
      known = cidr;
      const [address = '', length = ''] = cidr.split('/');
      first = ipv4Number(address);
      size = 2 ** (32 - Number(length));
    }
    const number = ipv4Number(value);
    if (number !== null) return first !== null && Math.floor(number / size) === Math.floor(first / size);
    return liesInNetwork(value, cidr);
  };
}

/** Functions of the query bar, and of a migration, that SQLite does not have by itself. */
function addFunctions(connection: Database.Database): void {
  const lies = networkTest();
  connection.function('lies_in_network', { deterministic: true }, (value: unknown, cidr: unknown) =>
    typeof value === 'string' && typeof cidr === 'string' && lies(value, cidr) ? 1 : 0,
  );
  connection.function(
    'text_matches',
    { deterministic: true },
    (value: unknown, match: unknown, text: unknown) => {
      if (typeof value !== 'string' || typeof text !== 'string') return 0;
      return matchesText(value, match as TextMatch, text) ? 1 : 0;
    },
  );
  connection.function('lead_order', { deterministic: true }, (entities: unknown) =>
    leadOrder(JSON.parse(String(entities))),
  );
}

/** Opens the database as the store needs it. Throws what SQLite throws. */
export function connect(
  path: string,
  readOnly: boolean,
  onStatement?: (text: string) => void,
): Database.Database {
  const verbose = onStatement === undefined ? {} : { verbose: (text: unknown) => onStatement(String(text)) };
  const connection = new Database(path, { readonly: readOnly, timeout: 5000, ...verbose });
  try {
    connection.pragma('foreign_keys = ON');
    connection.pragma('temp_store = MEMORY');
    connection.pragma('trusted_schema = OFF');
    // Cells are checked as they are read: damage is met where it lies and not three tables further.
    connection.pragma('cell_size_check = ON');
    // Negative: KiB. Twice as much was not faster with a million alerts: the system keeps pages, too, and takes them back.
    connection.pragma('cache_size = -32768');
    if (!readOnly) {
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
      connection.pragma(`wal_autocheckpoint = ${movedPages}`);
      connection.pragma('journal_size_limit = 67108864');
    }
    addFunctions(connection);
    return connection;
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

/** What SQLite finds wrong with a database, in its words; null when nothing. */
export function findDamage(connection: Database.Database, table?: string): string | null {
  // The name is one of our own tables.
  const rows = connection.pragma(table === undefined ? 'quick_check(20)' : `quick_check('${table}')`);
  const words = Array.isArray(rows)
    ? rows.flatMap((row: unknown) =>
        typeof row === 'object' && row !== null ? Object.values(row).map(String) : [],
      )
    : [];
  const bad = words.filter((word) => word !== 'ok');
  return bad.length === 0 ? null : bad.join('\n').slice(0, 2000);
}

/** The tables of a database's own schema that hold rows; not those in which SQLite keeps a full-text index. */
export function tableNames(connection: Database.Database): string[] {
  return connection
    .prepare<[], { readonly name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name NOT IN (SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow'))
       ORDER BY rowid`,
    )
    .all()
    .map((row) => row.name);
}
