const letter = /[\p{L}\p{N}_]/u;

/**
 * Whom a text mentions by `@Name`, of the people given, each once, in their order. The longest name that fits counts:
 * `@Ada Lovelace` is not a mention of an Ada.
 */
export function mentionsIn(text: string, people: readonly string[]): string[] {
  const lower = text.toLowerCase();
  const longestFirst = people.toSorted((left, right) => right.length - left.length);
  const found = new Set<string>();
  for (let at = lower.indexOf('@'); at >= 0; at = lower.indexOf('@', at + 1)) {
    // Within a word it is an address.
    if (at > 0 && letter.test(lower[at - 1] ?? '')) continue;
    const name = longestFirst.find(
      (each) =>
        lower.startsWith(each.toLowerCase(), at + 1) && !letter.test(lower[at + 1 + each.length] ?? ''),
    );
    if (name !== undefined) found.add(name);
  }
  return people.filter((name) => found.has(name));
}

/** What is typed of a name at the end of a text, behind its `@`; null where none is being typed. */
export function mentionBeingTyped(text: string): string | null {
  return /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]*)?)$/u.exec(text)?.[1] ?? null;
}
