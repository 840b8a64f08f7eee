import type { AlertStatus, Disposition, Lane, Mitigated, Severity, SourceState } from '../domain/alert.ts';
import type { EntityKind } from '../domain/entity.ts';
import { assertNever } from '../domain/result.ts';

export const comparisons = ['=', '<', '<=', '>', '>='] as const;

export type Comparison = (typeof comparisons)[number];

/** Whether a comparison of two numbers holds. */
export function compare(left: number, comparison: Comparison, right: number): boolean {
  switch (comparison) {
    case '=':
      return left === right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return assertNever(comparison);
  }
}

/**
 * A parsed query. Texts are as typed, without quotes; text terms match without regard to case: `contains`
 * anywhere in the value, `equals` the whole value, `prefix` its beginning, `pattern` the whole value with * and ?.
 */
export type QueryNode =
  | { readonly type: 'all'; readonly nodes: readonly QueryNode[] }
  | { readonly type: 'any'; readonly nodes: readonly QueryNode[] }
  | { readonly type: 'not'; readonly node: QueryNode }
  | QueryTerm;

export type TextMatch = 'contains' | 'equals' | 'prefix' | 'pattern';

/** One condition on an alert. `values` are never empty and hold when one of them does. */
export type QueryTerm =
  | { readonly type: 'severity'; readonly values: readonly Severity[] }
  | { readonly type: 'status'; readonly values: readonly AlertStatus[] }
  | { readonly type: 'snoozed' }
  | { readonly type: 'lane'; readonly values: readonly Lane[] }
  /** null in `values` is "no disposition yet". */
  | { readonly type: 'disposition'; readonly values: readonly (Disposition | null)[] }
  | { readonly type: 'mitigated'; readonly values: readonly Mitigated[] }
  | { readonly type: 'source-state'; readonly values: readonly SourceState[] }
  /** `source` matches the source's id, kind or name; `customer`, `service` and `signal` their id or name. */
  | {
      readonly type: 'source' | 'customer' | 'service' | 'signal';
      readonly match: TextMatch;
      readonly text: string;
    }
  /** `who` null is "nobody", `{me: true}` the analyst who asks. */
  | { readonly type: 'assignee'; readonly who: null | { readonly me: true } | { readonly name: string } }
  | { readonly type: 'title' | 'why'; readonly match: TextMatch; readonly text: string }
  | {
      readonly type: 'entity';
      /** null is any kind. */
      readonly kind: EntityKind | null;
      readonly match: TextMatch;
      readonly text: string;
    }
  /** An entity that is, or comes from, an autonomous system, or a country by its code. */
  | { readonly type: 'asn'; readonly asn: number }
  | { readonly type: 'country'; readonly code: string }
  /** An address entity that lies in this network, or a network entity that equals it; canonical CIDR. */
  | { readonly type: 'network'; readonly cidr: string }
  /** An address of an end of the traffic: in a canonical network, or as text. */
  | {
      readonly type: 'end';
      readonly role: 'source' | 'destination';
      readonly address: { readonly cidr: string } | { readonly match: TextMatch; readonly text: string };
    }
  /** ATT&CK technique id, upper case; `T1498` also matches `T1498.001`. */
  | { readonly type: 'technique'; readonly id: string }
  | { readonly type: 'count'; readonly comparison: Comparison; readonly value: number }
  /** How long ago, ms: `age` since received, `first` and `seen` since first and last seen. */
  | {
      readonly type: 'age' | 'first' | 'seen';
      readonly comparison: Comparison;
      readonly durationMs: number;
    }
  /** When it was received, or first or last seen. */
  | {
      readonly type: 'time';
      readonly of: 'age' | 'first' | 'seen';
      readonly comparison: Comparison;
      readonly timeMs: number;
    }
  | { readonly type: 'case'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: suppressed now or not; an id: one that this suppression or maintenance window ever was for. */
  | { readonly type: 'suppressed'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: merged under another or not; an id: merged under that alert itself. */
  | { readonly type: 'merged'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** `some` and `none`: split into parts now or not; an id: a part of that alert. */
  | { readonly type: 'split'; readonly which: 'some' | 'none' | { readonly id: string } }
  /** Free text: in title, why, an entity's value, or the source's kind. */
  | { readonly type: 'text'; readonly match: 'contains' | 'pattern'; readonly text: string };

/** Where a query could not be understood; positions count UTF-16 units from 0. */
export interface QueryProblem {
  readonly position: number;
  readonly length: number;
  readonly message: string;
}

export interface ParsedQuery {
  /** null matches everything. What a problem names is left out of it. */
  readonly node: QueryNode | null;
  readonly problems: readonly QueryProblem[];
}
