import type { ParsedQuery, QueryNode, QueryProblem } from './query-node.ts';
import { combine, termNode } from './query-terms.ts';
import { type Token, tokenize } from './query-tokens.ts';

/*
 * The grammar of the query bar.
 *
 *   query      = any
 *   any        = all { "OR" all }
 *   all        = unary { [ "AND" ] unary }          terms side by side all have to hold
 *   unary      = ( "-" | "NOT" ) unary | "(" any ")" | term
 *   term       = field operator value { "," value } | value
 *   operator   = ":" | [ ":" ] ( "=" | ">" | ">=" | "<" | "<=" )
 *   value      = word | '"' anything '"'            \" and \\ inside quotes
 *
 * Where a field has an order, a value may be a range of two, `low..high`, both included. In unquoted text * stands for
 * any run of characters and ? for any one; * alone is everything. Words are compared without regard to case.
 */

/** Deeper than any person nests; keeps a hostile query from exhausting the stack. */
const mostNesting = 50;

/**
 * Parses the text of the query bar. Never throws: what cannot be understood becomes a problem with its
 * position, and the node holds the rest.
 */
export function parseAlertQuery(text: string): ParsedQuery {
  const problems: QueryProblem[] = [];
  const tokens = tokenize(text, problems);
  let at = 0;

  function any(depth: number): QueryNode | null {
    const nodes: QueryNode[] = [];
    let orAt: Token | null = null;
    for (;;) {
      const node = all(depth);
      if (node !== null) nodes.push(node);
      const token = tokens[at];
      if (token?.kind !== 'or') break;
      orAt = token;
      at += 1;
    }
    const previous = tokens[at - 1];
    if (orAt !== null && previous === orAt) {
      problems.push({ position: orAt.from, length: 2, message: 'OR needs a term on both sides.' });
    }
    return combine('any', nodes);
  }

  function all(depth: number): QueryNode | null {
    const nodes: QueryNode[] = [];
    for (;;) {
      const token = tokens[at];
      if (token === undefined || token.kind === 'or') break;
      if (token.kind === 'close') {
        if (depth > 0) break;
        problems.push({ position: token.from, length: 1, message: 'This ) closes nothing.' });
        at += 1;
        continue;
      }
      if (token.kind === 'and') {
        at += 1;
        continue;
      }
      const node = unary(depth);
      if (node !== null) nodes.push(node);
    }
    return combine('all', nodes);
  }

  function unary(depth: number): QueryNode | null {
    let negated = false;
    let token = tokens[at];
    while (token?.kind === 'not') {
      negated = !negated;
      at += 1;
      token = tokens[at];
    }
    let node: QueryNode | null = null;
    if (token?.kind === 'open') {
      at += 1;
      if (depth >= mostNesting) {
        problems.push({ position: token.from, length: 1, message: 'Brackets are nested too deep.' });
        at = tokens.length;
        return null;
      }
      node = any(depth + 1);
      if (tokens[at]?.kind === 'close') at += 1;
      else problems.push({ position: token.from, length: 1, message: 'This ( is never closed.' });
    } else if (token?.kind === 'term') {
      at += 1;
      node = termNode(token, problems);
    }
    return node !== null && negated ? { type: 'not', node } : node;
  }

  const node = any(0);
  return { node, problems: problems.sort((left, right) => left.position - right.position) };
}

/** The problems of a query as one sentence for the contract's `problem`, or null. Positions count from 1. */
export function describeProblems(problems: readonly QueryProblem[]): string | null {
  if (problems.length === 0) return null;
  return problems.map((problem) => `At ${problem.position + 1}: ${problem.message}`).join(' ');
}
