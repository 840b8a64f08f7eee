/** What one run of a benchmark found. Units stand in the figures' names. */
export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  /** By the name of a figure: the least or the most it may be. */
  readonly goals: Readonly<Record<string, { readonly min: number } | { readonly max: number }>>;
}

/** What the command line may ask of a benchmark beside its name. */
export interface BenchOptions {
  /** How much is measured, where a benchmark can be made smaller or larger; null for its own measure. */
  readonly rows: number | null;
}

export interface Bench {
  readonly summary: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** The middle of some numbers; the mean of the two middle ones for an even count. NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** Names of the goals that a result misses. A figure that is not there, or no number, misses its goal. */
export function missedGoals({ figures, goals }: BenchResult): string[] {
  return Object.entries(goals)
    .filter(([name, goal]) => {
      const figure = figures[name] ?? Number.NaN;
      return 'min' in goal ? !(figure >= goal.min) : !(figure <= goal.max);
    })
    .map(([name]) => name);
}

/** Three significant digits are more than a measurement on a shared machine is worth. */
export function rounded(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4)),
    ]),
  );
}

/** Lets a word through to whoever waits: standard output is for the result alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
