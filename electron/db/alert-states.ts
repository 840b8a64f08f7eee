import type { Disposition } from '../../shared/domain/alert.ts';
import { chunkBits, chunkSize, hasPlace, packAlerts, unpackAlerts } from './alert-chunk.ts';
import { laneRank, suppressedRank } from './enums.ts';
import { type SqlDatabase, sql } from './sql.ts';

/** What of an alert changes by hand; ranks as stored. */
export interface AlertState {
  readonly status: number;
  readonly disposition: Disposition | null;
  readonly assignee: string | null;
  readonly snoozedUntilMs: number | null;
  /** What the occurrences say, and what a person set, which counts then. */
  readonly laneSeen: number;
  readonly laneSet: number | null;
  readonly severitySeen: number;
  readonly severitySet: number | null;
  readonly caseId: string | null;
  /** 0 by nothing, else as `suppressedRank` says. */
  readonly suppressed: number;
  /** The number of the alert that it is merged under. */
  readonly parent: number | null;
  /** One of `splitStates`. */
  readonly split: number;
}

/** How an alert stands to its parts; these numbers are part of the schema. */
export const splitStates = {
  /** It is neither split nor a part. */
  whole: 0,
  /** Its parts stand for it. */
  split: 1,
  /** The same, and more came since: it is in the queue beside its parts. */
  grown: 2,
  /** It is a part of another alert. */
  part: 3,
  /** It was a part; what it held is with its alert again. */
  rejoined: 4,
} as const;

const held = suppressedRank('held');
const lowered = suppressedRank('lowered');
const informational = laneRank('informational');

/** What a person set counts before a maintenance window, and that before what was seen. */
export const laneOf = (state: AlertState): number =>
  state.laneSet ?? (state.suppressed === lowered ? informational : state.laneSeen);
export const isHeld = (state: AlertState): boolean => state.suppressed === held;
/** What a window lowered and a person moved back is in nobody’s hold any more. */
export const isSuppressedNow = (state: AlertState): boolean =>
  isHeld(state) || (state.suppressed === lowered && laneOf(state) === informational);
export const severityOf = (state: AlertState): number => state.severitySet ?? state.severitySeen;
/** Whether what it holds is told by this alert, not by its parts or by the alert that it was a part of. */
export const isTold = (state: AlertState): boolean =>
  state.split !== splitStates.split && state.split !== splitStates.rejoined;
export const isRejoined = (state: AlertState): boolean => state.split === splitStates.rejoined;

/** An alert that nobody has touched. */
export function freshState(laneSeen: number, severitySeen: number): AlertState {
  return {
    status: 0,
    disposition: null,
    assignee: null,
    snoozedUntilMs: null,
    laneSeen,
    laneSet: null,
    severitySeen,
    severitySet: null,
    caseId: null,
    suppressed: 0,
    parent: null,
    split: splitStates.whole,
  };
}

/** Of an alert whose state a damaged database lost: somebody has to look at it. */
const lostState = freshState(0, 2);

const chunkMask = chunkSize - 1;

interface StateRow {
  readonly id: number;
  readonly status: number;
  readonly disposition: Disposition | null;
  readonly assignee: string | null;
  readonly snoozed_until_ms: number | null;
  readonly lane_seen: number;
  readonly lane_set: number | null;
  readonly severity_seen: number;
  readonly severity_set: number | null;
  readonly case_id: string | null;
  readonly suppressed: number;
  readonly parent: number | null;
  readonly split: number;
}

interface ChunkRow {
  readonly chunk: number;
  readonly alerts: Buffer;
}

/** Remembers what was made of each number: of a million states only some hundreds are different. */
function remembered(make: (id: number) => number): (id: number) => number {
  const known: (number | undefined)[] = [];
  return (id) => {
    const made = known[id] ?? make(id);
    known[id] = made;
    return made;
  };
}

const keyOf = (state: AlertState): string =>
  JSON.stringify([
    state.status,
    state.disposition,
    state.assignee,
    state.snoozedUntilMs,
    state.laneSeen,
    state.laneSet,
    state.severitySeen,
    state.severitySet,
    state.caseId,
    state.suppressed,
    state.parent,
    state.split,
  ]);

const isLinkedAlike = (one: AlertState, other: AlertState): boolean =>
  one.parent === other.parent && one.split === other.split;

const nobody: ReadonlySet<number> = new Set();

/**
 * The states of all alerts, in memory by their numbers: 8 bytes an alert, so that a query over a million of them takes
 * milliseconds. Changes belong to the running transaction: they are written with it and forgotten with it.
 */
export class AlertStates {
  readonly #database: SqlDatabase;
  #isLoaded = false;
  #version = 0;
  #linkRevision = 0;
  #states: AlertState[] = [];
  #numbers = new Map<string, number>();
  #ids = new Uint32Array(0);
  #actions = new Uint32Array(0);
  #end = 0;
  readonly #changed = new Set<number>();
  /** Room for the places of one chunk. */
  readonly #places = new Uint16Array(chunkSize);

  constructor(database: SqlDatabase) {
    this.#database = database;
    database.attach({ save: () => this.#save(), forget: () => this.#forget() });
  }

  /** The state numbers by alert number up to `end`; 0 where there is no alert. Not to be changed or kept. */
  get ids(): Uint32Array {
    this.#load();
    return this.#ids.subarray(0, this.#end);
  }

  /** How many different states there are, number 0, no alert, included. */
  get stateCount(): number {
    this.#load();
    return this.#states.length;
  }

  /** Rises when alerts were merged, split or the reverse; never stays when that was rolled back. */
  get linkRevision(): number {
    this.#load();
    return this.#linkRevision;
  }

  stateAt(id: number): AlertState {
    return this.#states[id] ?? lostState;
  }

  get(sequence: number): AlertState {
    this.#load();
    return this.stateAt(this.#ids[sequence] ?? 0);
  }

  /** For each state whether it is one of those, by its number; number 0, no alert, never is. */
  which(isOne: (state: AlertState) => boolean): Uint8Array {
    this.#load();
    const answers = new Uint8Array(this.#states.length);
    for (const [id, state] of this.#states.entries()) if (id > 0 && isOne(state)) answers[id] = 1;
    return answers;
  }

  /** Numbers of the alerts in one of those states, rising. */
  find(isOne: (state: AlertState) => boolean): Uint32Array {
    const answers = this.which(isOne);
    const found: number[] = [];
    for (let sequence = 0; sequence < this.#end; sequence += 1) {
      if (answers[this.#ids[sequence] ?? 0] === 1) found.push(sequence);
    }
    return Uint32Array.from(found);
  }

  /** How many alerts are in each state, by its number. */
  counts(): Uint32Array {
    this.#load();
    const counts = new Uint32Array(this.#states.length);
    for (let sequence = 0; sequence < this.#end; sequence += 1) {
      const id = this.#ids[sequence] ?? 0;
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  }

  /** Sets the state of an alert, new or not. Within a transaction. */
  set(sequence: number, state: AlertState): void {
    this.#load();
    this.#room(sequence);
    if (!isLinkedAlike(state, this.stateAt(this.#ids[sequence] ?? 0))) this.#linkRevision += 1;
    this.#ids[sequence] = this.#idOf(state);
    this.#changed.add(sequence >> chunkBits);
  }

  /**
   * Changes alerts under an action and remembers what they were. Within a transaction.
   * @param sequences rising, without repetition
   * @param witnesses those of them that the action is about but does not change
   */
  act(
    sequences: ArrayLike<number>,
    actionId: number,
    change: (state: AlertState) => AlertState,
    witnesses: ReadonlySet<number> = nobody,
  ): void {
    this.#load();
    const ids = this.#ids;
    const actions = this.#actions;
    const changed = remembered((id) => {
      const before = this.stateAt(id);
      const after = change(before);
      if (!isLinkedAlike(before, after)) this.#linkRevision += 1;
      return this.#idOf(after);
    });
    for (let from = 0; from < sequences.length; ) {
      const chunk = (sequences[from] ?? 0) >> chunkBits;
      let to = from + 1;
      while (to < sequences.length && (sequences[to] ?? 0) >> chunkBits === chunk) to += 1;
      const places = new Uint16Array(to - from);
      for (let index = from; index < to; index += 1)
        places[index - from] = (sequences[index] ?? 0) & chunkMask;
      this.#remember(chunk, places, actionId);
      for (; from < to; from += 1) {
        const sequence = sequences[from] ?? 0;
        if (!witnesses.has(sequence)) ids[sequence] = changed(ids[sequence] ?? 0);
        actions[sequence] = actionId;
      }
    }
  }

  /**
   * Puts back what alerts were before an action, where it still is their last one, and remembers under a new action
   * what they were until now. Within a transaction.
   * @param how.restore what becomes of a state now, given the one before the action
   * @param how.isMissed whether one that something was done to since is worth naming
   * @returns numbers of the alerts put back, and of those that something was done to since
   */
  undo(
    actionId: number,
    newActionId: number,
    how: {
      readonly restore: (now: AlertState, before: AlertState) => AlertState;
      readonly isMissed: (now: AlertState, before: AlertState) => boolean;
    },
  ): { readonly restored: Uint32Array; readonly skipped: readonly number[] } {
    this.#load();
    const ids = this.#ids;
    const actions = this.#actions;
    const restored = new Uint32Array(this.#end);
    let restoredCount = 0;
    const skipped: number[] = [];
    const byBefore: (((now: number) => number) | undefined)[] = [];
    const restoredTo = (before: number): ((now: number) => number) => {
      const made =
        byBefore[before] ??
        remembered((now) => {
          const after = how.restore(this.stateAt(now), this.stateAt(before));
          if (!isLinkedAlike(this.stateAt(now), after)) this.#linkRevision += 1;
          return this.#idOf(after);
        });
      byBefore[before] = made;
      return made;
    };
    const isRestored = new Uint8Array(chunkSize);
    const statesAfter = new Uint32Array(chunkSize);
    const actionsAfter = new Uint32Array(chunkSize);
    const places = new Uint16Array(chunkSize);
    const chunks = this.#database.all<ChunkRow>(
      sql`SELECT chunk, alerts FROM alert_action_chunk WHERE action_id = ${actionId} ORDER BY chunk`,
    );
    for (const { chunk, alerts } of chunks) {
      const first = chunk * chunkSize;
      isRestored.fill(0);
      unpackAlerts(alerts, (before, lastAction, group) => {
        const after = restoredTo(before);
        for (let index = 0; index < group.length; index += 1) {
          const place = group[index] ?? 0;
          if (actions[first + place] !== actionId) {
            if (how.isMissed(this.stateAt(ids[first + place] ?? 0), this.stateAt(before))) {
              skipped.push(first + place);
            }
            continue;
          }
          isRestored[place] = 1;
          statesAfter[place] = after(ids[first + place] ?? 0);
          actionsAfter[place] = lastAction;
        }
      });
      let count = 0;
      for (let place = 0; place < chunkSize; place += 1) {
        places[count] = place;
        count += isRestored[place] ?? 0;
      }
      if (count === 0) continue;
      this.#remember(chunk, places.subarray(0, count), newActionId);
      for (let index = 0; index < count; index += 1) {
        const place = places[index] ?? 0;
        ids[first + place] = statesAfter[place] ?? 0;
        actions[first + place] = actionsAfter[place] ?? 0;
        restored[restoredCount] = first + place;
        restoredCount += 1;
      }
    }
    return { restored: restored.subarray(0, restoredCount), skipped };
  }

  /** Numbers of the alerts of an action that something was done to since. */
  changedSince(actionId: number): number[] {
    this.#load();
    const changed: number[] = [];
    const chunks = this.#database.all<ChunkRow>(
      sql`SELECT chunk, alerts FROM alert_action_chunk WHERE action_id = ${actionId} ORDER BY chunk`,
    );
    for (const { chunk, alerts } of chunks) {
      unpackAlerts(alerts, (_state, _action, places) => {
        for (const place of places) {
          if (this.#actions[chunk * chunkSize + place] !== actionId) changed.push(chunk * chunkSize + place);
        }
      });
    }
    return changed;
  }

  /** How many alerts an action changed. */
  countChangedBy(actionId: number): number {
    let count = 0;
    for (const { alerts } of this.#database.all<ChunkRow>(
      sql`SELECT chunk, alerts FROM alert_action_chunk WHERE action_id = ${actionId}`,
    )) {
      unpackAlerts(alerts, (_state, _action, places) => {
        count += places.length;
      });
    }
    return count;
  }

  /** Numbers of the actions on an alert, in the order they were done. */
  actionsOn(sequence: number): number[] {
    return this.#database
      .all<{ readonly action_id: number; readonly alerts: Buffer }>(
        sql`SELECT action_id, alerts FROM alert_action_chunk WHERE chunk = ${sequence >> chunkBits} ORDER BY action_id`,
      )
      .filter(({ alerts }) => hasPlace(alerts, sequence & chunkMask))
      .map((row) => row.action_id);
  }

  /** Gives alerts whose state a damaged database lost one that lets somebody look at them. Within a transaction. */
  mend(): void {
    for (const sequence of this.#database.numbers(sql`SELECT sequence FROM alert ORDER BY sequence`)) {
      if ((this.ids[sequence] ?? 0) === 0) this.set(sequence, lostState);
    }
  }

  /** Keeps what alerts of a chunk are, before an action changes them. */
  #remember(chunk: number, places: Uint16Array, actionId: number): void {
    // A whole chunk as it is stored needs no packing.
    if (!this.#changed.has(chunk) && places.length === this.#placesOf(chunk).length) {
      this.#database.run(
        sql`INSERT INTO alert_action_chunk (chunk, action_id, alerts)
            SELECT chunk, ${actionId}, alerts FROM alert_state_chunk WHERE chunk = ${chunk}`,
      );
      this.#changed.add(chunk);
      return;
    }
    this.#database.run(
      sql`INSERT INTO alert_action_chunk (chunk, action_id, alerts)
          VALUES (${chunk}, ${actionId}, ${this.#pack(chunk, places)})`,
    );
    this.#changed.add(chunk);
  }

  /** Places of all alerts of a chunk, rising; good until it is asked again. */
  #placesOf(chunk: number): Uint16Array {
    const ids = this.#ids;
    const places = this.#places;
    const first = chunk * chunkSize;
    const length = Math.min(chunkSize, ids.length - first);
    let count = 0;
    for (let place = 0; place < length; place += 1) {
      places[count] = place;
      if ((ids[first + place] ?? 0) > 0) count += 1;
    }
    return places.subarray(0, count);
  }

  #pack(chunk: number, places: Uint16Array): Buffer {
    const first = chunk * chunkSize;
    return packAlerts(
      places,
      this.#ids.subarray(first, first + chunkSize),
      this.#actions.subarray(first, first + chunkSize),
    );
  }

  #idOf(state: AlertState): number {
    const key = keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    this.#database.run(
      sql`INSERT INTO alert_state (id, status, disposition, assignee, snoozed_until_ms, lane_seen, lane_set,
            severity_seen, severity_set, case_id, suppressed, parent, split)
          VALUES (${id}, ${state.status}, ${state.disposition}, ${state.assignee}, ${state.snoozedUntilMs},
            ${state.laneSeen}, ${state.laneSet}, ${state.severitySeen}, ${state.severitySet}, ${state.caseId},
            ${state.suppressed}, ${state.parent}, ${state.split})`,
    );
    this.#states.push(state);
    this.#numbers.set(key, id);
    return id;
  }

  /** Makes room for an alert and the rest of its chunk. */
  #room(sequence: number): void {
    if (sequence < this.#end) return;
    this.#end = sequence + 1;
    if (sequence < this.#ids.length) return;
    const chunks = Math.ceil((sequence + 1 + (sequence >> 2)) / chunkSize);
    const ids = new Uint32Array(chunks * chunkSize);
    const actions = new Uint32Array(chunks * chunkSize);
    ids.set(this.#ids);
    actions.set(this.#actions);
    this.#ids = ids;
    this.#actions = actions;
  }

  #load(): void {
    if (this.#isLoaded && !this.#isWrittenElsewhere()) return;
    this.#states = [lostState];
    this.#numbers = new Map();
    for (const row of this.#database.all<StateRow>(sql`SELECT * FROM alert_state ORDER BY id`)) {
      const state = toState(row);
      this.#states[row.id] = state;
      this.#numbers.set(keyOf(state), row.id);
    }
    // A number that a damaged database lost stands for the state that lets somebody look.
    for (let id = 0; id < this.#states.length; id += 1) this.#states[id] ??= lostState;
    this.#ids = new Uint32Array(0);
    this.#actions = new Uint32Array(0);
    this.#end = 0;
    const chunks = this.#database.all<ChunkRow>(
      sql`SELECT chunk, alerts FROM alert_state_chunk ORDER BY chunk DESC`,
    );
    for (const { chunk, alerts } of chunks) {
      const first = chunk * chunkSize;
      this.#room(first + chunkMask);
      unpackAlerts(alerts, (state, action, places) => {
        for (const place of places) {
          this.#ids[first + place] = state;
          this.#actions[first + place] = action;
        }
      });
    }
    while (this.#end > 0 && this.#ids[this.#end - 1] === 0) this.#end -= 1;
    this.#isLoaded = true;
    this.#linkRevision += 1;
  }

  /** Beside a running app somebody else writes: what is in memory holds until they did. */
  #isWrittenElsewhere(): boolean {
    if (!this.#database.connection.readonly) return false;
    const version = Number(this.#database.connection.pragma('data_version', { simple: true }));
    if (version === this.#version) return false;
    this.#version = version;
    return true;
  }

  #save(): void {
    if (this.#changed.size === 0) return;
    for (const chunk of this.#changed) {
      const alerts = this.#pack(chunk, this.#placesOf(chunk));
      this.#database.run(
        sql`INSERT INTO alert_state_chunk (chunk, alerts) VALUES (${chunk}, ${alerts})
            ON CONFLICT (chunk) DO UPDATE SET alerts = excluded.alerts`,
      );
    }
    this.#changed.clear();
  }

  #forget(): void {
    this.#isLoaded = false;
    this.#changed.clear();
  }
}

function toState(row: StateRow): AlertState {
  return {
    status: row.status,
    disposition: row.disposition,
    assignee: row.assignee,
    snoozedUntilMs: row.snoozed_until_ms,
    laneSeen: row.lane_seen,
    laneSet: row.lane_set,
    severitySeen: row.severity_seen,
    severitySet: row.severity_set,
    caseId: row.case_id,
    suppressed: row.suppressed,
    parent: row.parent,
    split: row.split,
  };
}
