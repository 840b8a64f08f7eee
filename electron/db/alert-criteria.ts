import { assertNever } from '../../shared/domain/result.ts';
import type { Scope } from './alert-scope.ts';
import type { Criterion } from './alert-terms.ts';
import { type Sql, sql } from './sql.ts';

/*
 * The statements that ask tables which alerts meet a criterion: which of a few, or which at all.
 */

/** Alerts whose own texts are looked at before all texts are looked through. */
const mostByThemselves = 1_024;

/** Numbers as JSON, for `json_each`. */
export const asList = (numbers: readonly number[]): string => `[${numbers.join(',')}]`;

/** The numbers of all alerts that meet a criterion; null where they are more than so many, or its texts are. */
export function numbersMeeting(criterion: Exclude<Criterion, { by: 'set' }>, most: number): Sql | null {
  switch (criterion.by) {
    case 'row':
      return sql`SELECT alert.sequence FROM alert WHERE ${criterion.condition} LIMIT ${most}`;
    case 'numbers':
      return sql`SELECT * FROM (${criterion.statement}) LIMIT ${most}`;
    default: {
      const ids = criterion.ids();
      if (ids.length > most) return null;
      const asked = sql`json_each(${asList(ids)}) AS asked`;
      if (criterion.by === 'entity') {
        const inPart = criterion.roles === null ? sql`` : sql`WHERE roles & ${criterion.roles}`;
        return sql`SELECT alert_sequence FROM ${asked}
          CROSS JOIN alert_entity ON entity_id = asked.value ${inPart} LIMIT ${most}`;
      }
      return sql`SELECT alert.sequence FROM ${asked}
        CROSS JOIN alert ON ${criterion.by === 'title' ? sql`title_id` : sql`why_id`} = asked.value LIMIT ${most}`;
    }
  }
}

/**
 * The numbers of the few that meet a criterion. While its texts have not been looked through, and they are many, those
 * of a few alerts are looked at by themselves.
 * @returns null where none can
 */
export function fewMeeting(
  few: NonNullable<Scope['few']>,
  criterion: Exclude<Criterion, { by: 'set' }>,
): Sql | null {
  const ids =
    'ids' in criterion && (few.numbers.length > mostByThemselves || criterion.isLookedUp())
      ? criterion.ids()
      : null;
  if (ids?.length === 0) return null;
  const asked = sql`json_each(${few.json}) AS asked`;
  switch (criterion.by) {
    case 'row':
      return sql`SELECT alert.sequence FROM ${asked} CROSS JOIN alert ON alert.sequence = asked.value
        WHERE ${criterion.condition}`;
    case 'title':
    case 'why': {
      const column = criterion.by === 'title' ? sql`title_id` : sql`why_id`;
      const table = criterion.by === 'title' ? sql`alert_title` : sql`alert_why`;
      const alerts = sql`SELECT alert.sequence FROM ${asked} CROSS JOIN alert ON alert.sequence = asked.value`;
      return ids === null
        ? sql`${alerts} CROSS JOIN ${table} ON ${table}.id = ${column} WHERE ${criterion.condition}`
        : // The plus keeps SQLite from trying every text for every alert.
          sql`${alerts} WHERE +${column} IN (SELECT value FROM json_each(${asList(ids)}))`;
    }
    case 'entity': {
      const inPart = criterion.roles === null ? sql`` : sql`AND roles & ${criterion.roles}`;
      const links = sql`SELECT alert_sequence FROM ${asked}
        CROSS JOIN alert_entity INDEXED BY alert_entity_by_alert ON alert_sequence = asked.value ${inPart}`;
      return ids === null
        ? sql`${links} CROSS JOIN entity ON entity.id = entity_id WHERE ${criterion.condition}`
        : sql`${links} WHERE +entity_id IN (SELECT value FROM json_each(${asList(ids)}))`;
    }
    case 'numbers':
      return criterion.statement;
    default:
      return assertNever(criterion);
  }
}
