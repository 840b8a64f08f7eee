/** A piece of a text: in both texts, or in this one alone. */
export interface DiffPart {
  readonly text: string;
  readonly isChanged: boolean;
}

/** Two texts, each cut into what both have and what only it has; the parts of each make it up whole. */
export interface WordDiff {
  readonly left: readonly DiffPart[];
  readonly right: readonly DiffPart[];
}

/** Pairs that are compared at most: some tens of milliseconds. Longer texts are compared by line, then not at all. */
const mostPairs = 4_000_000;

const wordsOf = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

/** For each token of either text whether the longest common run of tokens has it. */
function common(left: readonly string[], right: readonly string[]): { left: boolean[]; right: boolean[] } {
  const width = right.length + 1;
  // How long that run is from each pair on.
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        left[i] === right[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const found = {
    left: new Array<boolean>(left.length).fill(false),
    right: new Array<boolean>(right.length).fill(false),
  };
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) {
      found.left[i] = true;
      found.right[j] = true;
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return found;
}

/** Neighbours of one kind become one part. */
function joined(tokens: readonly string[], isCommon: (index: number) => boolean): DiffPart[] {
  const parts: { text: string; isChanged: boolean }[] = [];
  tokens.forEach((text, index) => {
    const isChanged = !isCommon(index);
    const last = parts.at(-1);
    if (last?.isChanged === isChanged) last.text += text;
    else parts.push({ text, isChanged });
  });
  return parts;
}

function diffTokens(left: readonly string[], right: readonly string[]): WordDiff | null {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (
    end < left.length - start &&
    end < right.length - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  ) {
    end += 1;
  }
  const inner = [left.slice(start, left.length - end), right.slice(start, right.length - end)] as const;
  if (inner[0].length * inner[1].length > mostPairs) return null;
  const found = common(...inner);
  const of = (tokens: readonly string[], flags: readonly boolean[]) =>
    joined(tokens, (index) => flags[index - start] ?? true);
  return { left: of(left, found.left), right: of(right, found.right) };
}

/** Compares two texts word by word. Very long ones are compared by line, and marked whole where that is too much too. */
export function diffWords(left: string, right: string): WordDiff {
  const whole = (text: string): DiffPart[] => (text === '' ? [] : [{ text, isChanged: true }]);
  return (
    diffTokens(wordsOf(left), wordsOf(right)) ??
    diffTokens(linesOf(left), linesOf(right)) ?? { left: whole(left), right: whole(right) }
  );
}
