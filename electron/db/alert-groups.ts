import { WatchfloorError } from '../../shared/domain/result.ts';
import { partsInUse } from './alert-parts.ts';
import { type AlertStates, isRejoined, isTold, laneOf, severityOf, splitStates } from './alert-states.ts';
import { type SqlDatabase, sql } from './sql.ts';

/** What an alert stands for together with those merged under it, at any depth. */
export interface Standing {
  /** How many are merged under it. */
  readonly alerts: number;
  /** Occurrences of all together; those of a split alert are counted with its parts. */
  readonly count: number;
  /** The worst severity of all, as its rank. */
  readonly severity: number;
}

/** Deeper than any person merges groups into groups. */
export const mostDepth = 32;

/**
 * Which alerts are merged under which, from their states. Links make a forest: an alert is merged under one other at
 * most, and that one may be merged under a third. A link to a part that went back to its alert counts as none.
 */
export class AlertGroups {
  readonly #database: SqlDatabase;
  readonly #states: AlertStates;
  #revision = -1;
  #parents = new Map<number, number>();
  #children = new Map<number, number[]>();
  /** Sums of occurrences by leader, as far as somebody asked. */
  readonly #sums = new Map<number, number>();

  constructor(database: SqlDatabase, states: AlertStates) {
    this.#database = database;
    this.#states = states;
    database.attach({ save: () => {}, forget: () => this.#sums.clear() });
  }

  /** The number of the alert that each merged one is under. Not to be kept. */
  get parents(): ReadonlyMap<number, number> {
    this.#refresh();
    return this.#parents;
  }

  /** Those merged under an alert itself, rising. */
  childrenOf(sequence: number): readonly number[] {
    this.#refresh();
    return this.#children.get(sequence) ?? [];
  }

  parentOf(sequence: number): number | null {
    return this.parents.get(sequence) ?? null;
  }

  /** What an alert is merged under, the nearest first. */
  *leadersOf(sequence: number): Generator<number, void, void> {
    let at = this.parents.get(sequence);
    // A damaged database might have made a ring.
    for (let depth = 0; at !== undefined && depth <= this.#parents.size; depth += 1) {
      yield at;
      at = this.#parents.get(at);
    }
  }

  /** The alert that stands for this one: itself where it is not merged. */
  leaderOf(sequence: number): number {
    let leader = sequence;
    for (const each of this.leadersOf(sequence)) leader = each;
    return leader;
  }

  /** All that are merged under an alert, at any depth: those nearer to it first. */
  membersOf(sequence: number): number[] {
    this.#refresh();
    const members: number[] = [];
    const seen = new Set([sequence]);
    let level: readonly number[] = [sequence];
    while (level.length > 0) {
      const next: number[] = [];
      for (const each of level) {
        for (const child of this.#children.get(each) ?? []) {
          if (seen.has(child)) continue;
          seen.add(child);
          next.push(child);
        }
      }
      for (const each of next) members.push(each);
      level = next;
    }
    return members;
  }

  /** How many levels there are under an alert. */
  depthOf(sequence: number): number {
    this.#refresh();
    let depth = 0;
    let level: readonly number[] = this.childrenOf(sequence);
    while (level.length > 0 && depth <= this.#parents.size) {
      depth += 1;
      level = level.flatMap((each) => this.#children.get(each) ?? []);
    }
    return depth;
  }

  /** Alerts with all that they stand for, rising. */
  withMembers(sequences: Uint32Array): Uint32Array {
    if (this.parents.size === 0) return sequences;
    const all = new Set(sequences);
    for (const sequence of sequences) {
      if (!this.#children.has(sequence)) continue;
      for (const member of this.membersOf(sequence)) all.add(member);
    }
    return all.size === sequences.length ? sequences : Uint32Array.from(all).sort();
  }

  /** How many are merged under the rows of a list and are none themselves. */
  membersBeside(isRow: (sequence: number) => boolean): number {
    let count = 0;
    for (const sequence of this.parents.keys()) {
      if (isRow(sequence)) continue;
      for (const leader of this.leadersOf(sequence)) {
        if (!isRow(leader)) continue;
        count += 1;
        break;
      }
    }
    return count;
  }

  /** Null where it stands for itself alone. */
  standingOf(sequence: number): Standing | null {
    if (this.childrenOf(sequence).length === 0) return null;
    const members = this.membersOf(sequence);
    let alerts = 0;
    let severity = severityOf(this.#states.get(sequence));
    for (const member of members) {
      const state = this.#states.get(member);
      if (!isTold(state)) continue;
      alerts += 1;
      severity = Math.max(severity, severityOf(state));
    }
    return { alerts, count: this.#sumOf(sequence, members), severity };
  }

  /** More of an alert came, or less of it is known: sums that it is in move. Within the transaction that wrote it. */
  counted(sequence: number, more: number): void {
    if (this.#sums.size === 0 || more === 0 || !isTold(this.#states.get(sequence))) return;
    this.#refresh();
    for (const each of [sequence, ...this.leadersOf(sequence)]) {
      const sum = this.#sums.get(each);
      if (sum !== undefined) this.#sums.set(each, sum + more);
    }
  }

  /**
   * The merged alerts for which another stands that is shown.
   * @param isShown whether the alert with that number is a row of the list, or of one that is looked at before it
   */
  mergedUnder(isShown: (sequence: number) => boolean): Set<number> {
    const hidden = new Set<number>();
    for (const sequence of this.parents.keys()) {
      for (const leader of this.leadersOf(sequence)) {
        // What needs a person now is not hidden in the other lane.
        if (laneOf(this.#states.get(leader)) > laneOf(this.#states.get(sequence))) continue;
        if (!isShown(leader)) continue;
        hidden.add(sequence);
        break;
      }
    }
    return hidden;
  }

  /** @throws WatchfloorError `conflict` where an alert would be merged under itself, through others */
  refuseRings(): void {
    const known = new Set<number>();
    for (const start of this.parents.keys()) {
      const path = new Set<number>();
      for (
        let at: number | undefined = start;
        at !== undefined && !known.has(at);
        at = this.#parents.get(at)
      ) {
        if (path.has(at)) {
          throw new WatchfloorError(
            'conflict',
            'What it was merged under is merged under it now. Undo that first.',
          );
        }
        path.add(at);
      }
      for (const each of path) known.add(each);
    }
  }

  #sumOf(sequence: number, members: readonly number[]): number {
    const known = this.#sums.get(sequence);
    if (known !== undefined) return known;
    const told = [sequence, ...members].filter((each) => isTold(this.#states.get(each)));
    const grown = told.filter((each) => this.#states.get(each).split === splitStates.grown);
    const sum =
      this.#countOf(told) -
      this.#countOf(grown.flatMap((each) => partsInUse(this.#database, this.#states, each)));
    this.#sums.set(sequence, sum);
    return sum;
  }

  #countOf(sequences: readonly number[]): number {
    if (sequences.length === 0) return 0;
    return (
      this.#database.get<{ readonly n: number | null }>(
        sql`SELECT sum(count) AS n FROM alert
            WHERE sequence IN (SELECT value FROM json_each(${JSON.stringify(sequences)}))`,
      )?.n ?? 0
    );
  }

  #refresh(): void {
    const { linkRevision } = this.#states;
    if (linkRevision === this.#revision) return;
    this.#parents = new Map();
    this.#children = new Map();
    this.#sums.clear();
    const merged = this.#states.which((state) => state.parent !== null && !isRejoined(state));
    if (merged.includes(1)) {
      const { ids } = this.#states;
      for (let sequence = 0; sequence < ids.length; sequence += 1) {
        const id = ids[sequence] ?? 0;
        if (merged[id] !== 1) continue;
        const { parent } = this.#states.stateAt(id);
        if (parent === null || (ids[parent] ?? 0) === 0 || isRejoined(this.#states.get(parent))) continue;
        this.#parents.set(sequence, parent);
        const children = this.#children.get(parent);
        if (children === undefined) this.#children.set(parent, [sequence]);
        else children.push(sequence);
      }
    }
    this.#revision = linkRevision;
  }
}
