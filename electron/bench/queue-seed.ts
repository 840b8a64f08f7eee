import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Entity } from '../../shared/domain/entity.ts';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import { dayMs } from '../../shared/domain/time.ts';
import { uniform } from '../../shared/testing/random.ts';
import { type AlertState, AlertStates, freshState } from '../db/alert-states.ts';
import { roleBit } from '../db/enums.ts';
import { openStore } from '../db/index.ts';
import { SqlDatabase } from '../db/sql.ts';
import { say } from './bench.ts';

/** Any number does; another one gives other alerts of the same kind. */
const seed = 20_261_126;
const days = 30;
const rowsATransaction = 20_000;
/** Of one seeded alert. */
const mostEntities = 7;
const pairs = 2 ** 32;

/** The end of the seeded month; the store's clock stands here. */
export const seededNowMs = Date.UTC(2026, 9, 31);

const customers = [
  'Acme Retail',
  'Borealis Bank',
  'Cobalt Media',
  'Delta Airways',
  'Elm Health',
  'Fjord Energy',
] as const;
const services = ['shop', 'api', 'login', 'mail', 'vpn'] as const;
const attacks = [
  'SQL injection attempt',
  'Cross-site scripting attempt',
  'Credential stuffing against login',
  'HTTP flood above the usual rate',
  'DNS amplification answer',
  'TLS handshake anomaly',
  'Port scan',
  'Known scanner user agent',
  'Path traversal attempt',
  'Log4j lookup in a header',
] as const;
const families = ['ET WEB_SERVER', 'ET SCAN', 'ET DOS', 'GPL ATTACK', 'CRS', 'LOCAL'] as const;
const categories = [
  'Web Application Attack',
  'Attempted Administrator Privilege Gain',
  'Detection of a Network Scan',
  'Potentially Bad Traffic',
  'Denial of Service',
] as const;
const sources = [
  { id: 'source-1', kind: 'suricata-eve' },
  { id: 'source-2', kind: 'alertmanager' },
  { id: 'source-3', kind: 'haproxy' },
  { id: 'detection', kind: 'detection' },
] as const;
const paths = ['/', '/login', '/cart', '/api/v1/items', '/wp-login.php', '/search', '/admin'] as const;
const countries = ['DE', 'US', 'CN', 'BR', 'NL', 'RU', 'IN', 'FR'] as const;
const dispositions = ['true-positive', 'benign-positive', 'false-positive', 'unknown'] as const;
const analysts = ['Ada', 'Bob', 'Chidi'] as const;

const draw = (index: number, salt: number) => uniform(seed, index, salt);
/** Powers lean on the low places: a few of anything make most of the noise. */
const pick = <T>(list: readonly T[], index: number, salt: number, lean = 1): T => {
  const found = list[Math.floor(draw(index, salt) ** lean * list.length)];
  if (found === undefined) throw new RangeError('A list to pick from is empty.');
  return found;
};

interface SeededAlert {
  readonly title: string;
  readonly why: string;
  readonly entities: readonly Entity[];
  readonly state: AlertState;
  readonly receivedMs: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
}

function seededAlert(index: number, rows: number): SeededAlert {
  const rule = Math.floor(draw(index, 1) ** 3 * 600);
  const attack = pick(attacks, rule, 100);
  const client = Math.floor(draw(index, 2) ** 3 * 40_000);
  const receivedMs =
    seededNowMs - days * dayMs + Math.floor(((index + draw(index, 3)) / rows) * days * dayMs);
  const lengthMs = Math.floor(draw(index, 4) ** 4 * 3 * 3_600_000);
  const isV6 = client % 23 === 0;
  const source = isV6
    ? `2001:db8:${(client >> 8).toString(16)}::${((client & 255) + 1).toString(16)}`
    : client % 3 === 0
      ? `10.${(client >> 12) & 15}.${(client >> 4) & 255}.${(client & 15) + 1}`
      : `203.${client >> 13}.${(client >> 5) & 255}.${(client & 31) + 1}`;
  const target = `192.0.2.${10 + Math.floor(draw(index, 5) ** 2 * 60)}`;
  const entities: Entity[] = [
    { kind: 'ip', value: source, role: 'source' },
    { kind: 'country', value: pick(countries, client, 101), role: 'source' },
    { kind: 'ip', value: target, role: 'destination' },
    { kind: 'port', value: draw(index, 6) < 0.8 ? '443' : '80', role: 'destination' },
    { kind: 'path', value: pick(paths, index, 7, 2), role: 'related' },
    { kind: 'signature', value: String(2_000_000 + rule), role: 'related' },
  ];
  if (rule % 9 === 0) {
    entities.push({ kind: 'user', value: `user${Math.floor(draw(index, 8) ** 2 * 900)}`, role: 'related' });
  }
  const state = draw(index, 9);
  const isClosed = state < 0.45;
  const isTaken = state >= 0.45 && state < 0.49;
  return {
    title: `${pick(families, rule, 102)} ${attack} (${2_000_000 + rule})`,
    why: whyOf(pick(sources, index, 17, 3).kind, rule, draw(index, 10)),
    entities,
    state: {
      ...freshState(draw(index, 11) < 0.25 ? 0 : 1, pick([0, 1, 1, 1, 2, 2, 2, 3, 3, 4], rule, 103)),
      status: isClosed ? 3 : isTaken ? 2 : state < 0.54 ? 1 : 0,
      disposition: isClosed ? pick(dispositions, index, 12) : null,
      assignee: isTaken || (isClosed && state < 0.3) ? pick(analysts, index, 13) : null,
      snoozedUntilMs: !isClosed && draw(index, 14) < 0.03 ? seededNowMs + dayMs : null,
    },
    receivedMs,
    firstSeenMs: receivedMs - Math.floor(draw(index, 15) * 5_000),
    lastSeenMs: receivedMs + lengthMs,
    count: 1 + Math.floor(draw(index, 16) ** 6 * 4_000),
  };
}

/** As each source says it: a rule says the same of every match, a detector gives its figures. */
function whyOf(kind: string, rule: number, drawn: number): string {
  const category = pick(categories, rule, 104);
  switch (kind) {
    case 'suricata-eve':
      return `Suricata ${drawn < 0.6 ? 'blocked' : 'saw and let pass'} it: signature 1:${2_000_000 + rule}, ${category}.`;
    case 'alertmanager':
      return `Rule ${2_000_000 + rule} fires for instance web-${Math.floor(drawn * 400)}: ${category.toLowerCase()}.`;
    case 'haproxy':
      return `Rule ${2_000_000 + rule} denied requests at the edge: ${category.toLowerCase()}.`;
    default:
      return `${category}: ${Math.floor(drawn * 1e6)} requests a second where ${Math.floor(drawn * 1e5)} are usual at this hour.`;
  }
}

/**
 * Fills a new data directory with alerts as a month of a busy desk leaves them: written straight into the tables,
 * without occurrences, since the queue never reads those.
 */
export function seedQueue(dataDirectory: string, rows: number): void {
  const store = openStore(dataDirectory, { nowMs: () => seededNowMs, appVersion: 'bench' });
  const owners = customers.map((name) => {
    const customer = store.customers.findOrCreateByName(name);
    return {
      id: customer.id,
      services: services.map((service) => store.services.findOrCreateByName(customer.id, service).id),
    };
  });
  store.close();
  const database = new Database(join(dataDirectory, 'watchfloor.db'));
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -262144');
  const insertAlert = database.prepare(
    `INSERT INTO alert (sequence, id, source_id, source_kind, customer_id, service_id, mitigated_mask, first_seen_ms,
       last_seen_ms, received_ms, count, simulated, voice_ms, voice_identity, title_id, why_id, entities, lead, techniques, signal_ids)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', ?, ?, ?, ?, '["T1190"]', '[]')`,
  );
  const states: AlertState[] = [];
  const insertEntity = database.prepare('INSERT INTO entity (kind, value) VALUES (?, ?)');
  // Entity, role and alert in one number each: millions of pairs would be most of the memory.
  const links = new Float64Array(rows * mostEntities);
  let linkCount = 0;
  const insertLink = database.prepare('INSERT OR IGNORE INTO alert_entity VALUES (?, ?, ?)');
  const entityIds = new Map<string, number>();
  const idOf = ({ kind, value }: Entity): number => {
    const key = `${kind} ${value}`;
    const known = entityIds.get(key);
    if (known !== undefined) return known;
    const id = Number(insertEntity.run(kind, value).lastInsertRowid);
    entityIds.set(key, id);
    return id;
  };
  const textIds = (table: string) => {
    const insert = database.prepare(`INSERT INTO ${table} (text) VALUES (?)`);
    const known = new Map<string, number>();
    return {
      idOf(text: string): number {
        const id = known.get(text) ?? Number(insert.run(text).lastInsertRowid);
        known.set(text, id);
        return id;
      },
    };
  };
  const titleIds = textIds('alert_title');
  const whyIds = textIds('alert_why');
  const write = database.transaction((from: number, to: number) => {
    for (let index = from; index < to; index += 1) {
      const alert = seededAlert(index, rows);
      const source = pick(sources, index, 17, 3);
      const owner = pick(owners, index, 18, 2);
      const sequence = index + 1;
      insertAlert.run(
        sequence,
        `al_${sequence.toString(16).padStart(32, '0')}`,
        source.id,
        source.kind,
        owner.id,
        pick(owner.services, index, 19),
        draw(index, 20) < 0.6 ? 1 : 2,
        alert.firstSeenMs,
        alert.lastSeenMs,
        alert.receivedMs,
        alert.count,
        alert.lastSeenMs,
        titleIds.idOf(alert.title),
        whyIds.idOf(alert.why),
        JSON.stringify(alert.entities),
        leadOrder(alert.entities),
      );
      states.push(alert.state);
      for (const entity of alert.entities) {
        links[linkCount] = (idOf(entity) * 8 + roleBit(entity.role)) * pairs + sequence;
        linkCount += 1;
      }
    }
  });
  for (let from = 0; from < rows; from += rowsATransaction) {
    write(from, Math.min(rows, from + rowsATransaction));
    if (from > 0 && from % (rowsATransaction * 10) === 0) say(`seeded ${from} alerts`);
  }
  // In the order of their key: a tree that grows at its end grows ten times as fast.
  const inOrder = links.subarray(0, linkCount).sort();
  database.transaction(() => {
    for (const link of inOrder) {
      const entityAndRole = Math.floor(link / pairs);
      insertLink.run(entityAndRole >> 3, link % pairs, entityAndRole & 7);
    }
  })();
  database.exec(`
    INSERT INTO alert_why_index (rowid, text) SELECT id, text FROM alert_why;
    UPDATE alert_why_indexed SET up_to = (SELECT max(id) FROM alert_why);
    ANALYZE;
  `);
  const opened = new SqlDatabase(database);
  const kept = new AlertStates(opened);
  opened.transaction(() => {
    for (const [index, state] of states.entries()) kept.set(index + 1, state);
  });
  // On the disk as alerts of days ago are: else the first thing measured waits while all of them are written.
  database.pragma('synchronous = FULL');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
