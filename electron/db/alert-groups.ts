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
  /** Members by leader, and sums of their occurrences, as far as somebody asked. */
  readonly #members = new Map<number, readonly number[]>();
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

  /** Whether a link to an alert counts: it is there, and no part that went back to its alert. */
  canLead(sequence: number): boolean {
    return (this.#states.ids[sequence] ?? 0) !== 0 && !isRejoined(this.#states.get(sequence));
  }

  /** Those merged under an alert itself, rising. */
  childrenOf(sequence: number): readonly number[] {
    this.#refresh();
    return this.#children.get(sequence) ?? [];
  }

  parentOf(sequence: number): number | null {
    return this.parents.get(sequence) ?? null;
  }

  /** Whether one of the alerts that an alert is merged under is such a one; asked from the nearest on. */
  isLedBy(sequence: number, isOne: (leader: number) => boolean): boolean {
    let at = this.parents.get(sequence);
    // A damaged database might have made a ring.
    for (let depth = 0; at !== undefined && depth <= this.#parents.size; depth += 1) {
      if (isOne(at)) return true;
      at = this.#parents.get(at);
    }
    return false;
  }

  /** What an alert is merged under, the nearest first. */
  leadersOf(sequence: number): number[] {
    const leaders: number[] = [];
    this.isLedBy(sequence, (leader) => {
      leaders.push(leader);
      return false;
    });
    return leaders;
  }

  /** The alert that stands for this one: itself where it is not merged. */
  leaderOf(sequence: number): number {
    let last = sequence;
    this.isLedBy(sequence, (leader) => {
      last = leader;
      return false;
    });
    return last;
  }

  /** All that are merged under an alert, at any depth: those nearer to it first. */
  membersOf(sequence: number): readonly number[] {
    this.#refresh();
    const known = this.#members.get(sequence);
    if (known !== undefined) return known;
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
    this.#members.set(sequence, members);
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
    const among = new Uint8Array(this.#states.ids.length);
    for (const sequence of sequences) among[sequence] = 1;
    let more = 0;
    for (const leader of this.#children.keys()) {
      if (among[leader] !== 1) continue;
      for (const member of this.membersOf(leader)) {
        if (among[member] === 1) continue;
        among[member] = 1;
        more += 1;
      }
    }
    if (more === 0) return sequences;
    const all = new Uint32Array(sequences.length + more);
    let at = 0;
    for (let sequence = 0; sequence < among.length; sequence += 1) {
      if (among[sequence] !== 1) continue;
      all[at] = sequence;
      at += 1;
    }
    return all;
  }

  /** How many are merged under the rows of a list and are none themselves. */
  membersBeside(isRow: (sequence: number) => boolean): number {
    const isCovered = this.#alongLeaders(false, (leader, above) => above || isRow(leader));
    let count = 0;
    for (const [parent, children] of this.#children) {
      if (!isCovered(parent)) continue;
      for (const child of children) if (!isRow(child)) count += 1;
    }
    return count;
  }

  /** Null where it stands for itself alone. */
  standingOf(sequence: number): Standing | null {
    if (this.childrenOf(sequence).length === 0) return null;
    const members = this.membersOf(sequence);
    let alerts = 0;
    let severity = severityOf(this.#states.get(sequence));
    const { ids } = this.#states;
    const told = this.#states.which(isTold);
    for (const member of members) {
      const id = ids[member] ?? 0;
      if (told[id] !== 1) continue;
      alerts += 1;
      severity = Math.max(severity, severityOf(this.#states.stateAt(id)));
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
   * The merged alerts for which another row stands: one that they are merged under, of the same lane
   * or a more urgent one. What needs a person now is not hidden in the other lane.
   */
  mergedUnder(isShown: (sequence: number) => boolean): Set<number> {
    const hidden = new Set<number>();
    if (this.parents.size === 0) return hidden;
    const { ids } = this.#states;
    const informational = this.#states.which((state) => laneOf(state) > 0);
    const laneAt = (sequence: number) => informational[ids[sequence] ?? 0] ?? 0;
    const none = Number.POSITIVE_INFINITY;
    const mostUrgent = this.#alongLeaders(none, (leader, above) =>
      isShown(leader) ? Math.min(laneAt(leader), above) : above,
    );
    for (const [parent, children] of this.#children) {
      const urgent = mostUrgent(parent);
      if (urgent === none) continue;
      for (const child of children) if (urgent <= laneAt(child)) hidden.add(child);
    }
    return hidden;
  }

  /** What a leader and all that it is merged under give together; each is asked once. */
  #alongLeaders<T>(none: T, add: (leader: number, above: T) => T): (leader: number) => T {
    this.#refresh();
    const known = new Map<number, T>();
    return (leader) => {
      const path: number[] = [];
      let at: number | undefined = leader;
      while (at !== undefined && !known.has(at) && path.length <= this.#parents.size) {
        path.push(at);
        at = this.#parents.get(at);
      }
      let value = at === undefined ? none : (known.get(at) ?? none);
      for (const each of path.reverse()) {
        value = add(each, value);
        known.set(each, value);
      }
      return value;
    };
  }

  /** @throws WatchfloorError `conflict` where an alert would be merged under itself, through others */
  refuseRings(): void {
    if (this.inRings().length === 0) return;
    throw new WatchfloorError(
      'conflict',
      'What it was merged under is merged under it now. Undo that first.',
    );
  }

  /** Alerts that are merged under themselves, through others, or under such ones: rows that nobody would ever see. */
  inRings(): number[] {
    const { size } = this.parents;
    const free = new Set<number>();
    const inRing = new Set<number>();
    for (const start of this.#parents.keys()) {
      const path: number[] = [];
      let at: number | undefined = start;
      while (at !== undefined && !free.has(at) && !inRing.has(at) && path.length <= size) {
        path.push(at);
        at = this.#parents.get(at);
      }
      const ends = at === undefined || free.has(at);
      for (const each of path) (ends ? free : inRing).add(each);
    }
    return [...inRing];
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
    this.#members.clear();
    const merged = this.#states.which((state) => state.parent !== null && !isRejoined(state));
    if (merged.includes(1)) {
      const { ids } = this.#states;
      for (let sequence = 0; sequence < ids.length; sequence += 1) {
        const id = ids[sequence] ?? 0;
        if (merged[id] !== 1) continue;
        const { parent } = this.#states.stateAt(id);
        if (parent === null || !this.canLead(parent)) continue;
        this.#parents.set(sequence, parent);
        const children = this.#children.get(parent);
        if (children === undefined) this.#children.set(parent, [sequence]);
        else children.push(sequence);
      }
    }
    this.#revision = linkRevision;
  }
}
