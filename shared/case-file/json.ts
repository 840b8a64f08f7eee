/** Deeper than anything that a case file holds; a payload of a later kind may be deeper than ours. */
const mostDepth = 32;
/** Keys that mean something to JavaScript's objects. */
const ownWords = new Set(['__proto__', 'constructor', 'prototype']);

/** What is wrong with a parsed value from outside, whatever it means; null where nothing is. */
export function jsonProblem(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth === mostDepth) return 'It is nested too deeply.';
  if (Array.isArray(value)) {
    for (const one of value) {
      const problem = jsonProblem(one, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    if (ownWords.has(key)) return `It has a member called ${key}.`;
    const problem = jsonProblem(Reflect.get(value, key), depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

/** JSON text as its value, or why it is none that may be looked at. */
export function parseJson(
  text: string,
): { readonly value: unknown; readonly problem: null } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'It is not JSON.' };
  }
  const problem = jsonProblem(value);
  return problem === null ? { value, problem } : { problem };
}
