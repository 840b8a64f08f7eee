import type { Disposition } from '../../shared/domain/alert.ts';
import { hasPlace, packRowsBefore, unpackRowsBefore } from './alert-action-rows.ts';
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
}

export const laneOf = (state: AlertState): number => state.laneSet ?? state.laneSeen;
export const severityOf = (state: AlertState): number => state.severitySet ?? state.severitySeen;

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
  };
}

/** Of an alert whose state a damaged database lost: somebody has to look at it. */
const lostState = freshState(0, 2);

/** Alerts with following numbers that lie in one row: a part of the format, see the migration. */
const chunkBits = 11;
const chunkSize = 1 << chunkBits;
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
}

interface ChunkRow {
  readonly chunk: number;
  readonly states: Buffer;
  readonly actions: Buffer;
}

/** Numbers of alerts. */
type Numbers = Uint32Array | readonly number[];

const pairFactor = 4_294_967_296;

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
  ]);

/**
 * The states of all alerts, in memory by their numbers: 8 bytes an alert, so that a query over a million of them takes
 * milliseconds. Changes belong to the running transaction: they are written with it and forgotten with it.
 */
export class AlertStates {
  readonly #database: SqlDatabase;
  #isLoaded = false;
  #version = 0;
  #states: AlertState[] = [];
  #numbers = new Map<string, number>();
  #ids = new Uint32Array(0);
  #actions = new Uint32Array(0);
  #end = 0;
  readonly #changed = new Set<number>();

  constructor(database: SqlDatabase) {
    this.#database = database;
    database.attach({ save: () => this.#save(), forget: () => this.#forget() });
  }

  /** The state numbers by alert number up to `end`; 0 where there is no alert. Not to be changed or kept. */
  get ids(): Uint32Array {
    this.#load();
    return this.#ids.subarray(0, this.#end);
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
  find(isOne: (state: AlertState) => boolean): number[] {
    const answers = this.which(isOne);
    const found: number[] = [];
    for (let sequence = 0; sequence < this.#end; sequence += 1) {
      if (answers[this.#ids[sequence] ?? 0] === 1) found.push(sequence);
    }
    return found;
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
    this.#ids[sequence] = this.#idOf(state);
    this.#changed.add(sequence >> chunkBits);
  }

  /**
   * Changes alerts under an action and remembers what they were. Within a transaction.
   * @param sequences rising, without repetition
   */
  act(sequences: Numbers, actionId: number, change: (state: AlertState) => AlertState): void {
    this.#load();
    const after = new Map<number, number>();
    for (let from = 0; from < sequences.length; ) {
      const chunk = (sequences[from] ?? 0) >> chunkBits;
      const places: number[] = [];
      let to = from;
      for (; to < sequences.length && (sequences[to] ?? 0) >> chunkBits === chunk; to += 1) {
        places.push((sequences[to] ?? 0) & chunkMask);
      }
      this.#remember(chunk, places, actionId);
      for (; from < to; from += 1) {
        const sequence = sequences[from] ?? 0;
        const id = this.#ids[sequence] ?? 0;
        let changed = after.get(id);
        if (changed === undefined) {
          changed = this.#idOf(change(this.stateAt(id)));
          after.set(id, changed);
        }
        this.#ids[sequence] = changed;
        this.#actions[sequence] = actionId;
      }
      this.#changed.add(chunk);
    }
  }

  /**
   * Puts back what alerts were before an action, where it still is their last one, and remembers under a new action
   * what they were until now. Within a transaction.
   * @param restore what becomes of a state now, given the one before the action
   * @returns numbers of the alerts put back, and of those that something was done to since; both rise
   */
  undo(
    actionId: number,
    newActionId: number,
    restore: (now: AlertState, before: AlertState) => AlertState,
  ): { readonly restored: number[]; readonly skipped: number[] } {
    this.#load();
    const restored: number[] = [];
    const skipped: number[] = [];
    const after = new Map<number, number>();
    const stateBefore = new Uint32Array(chunkSize);
    const actionBefore = new Uint32Array(chunkSize);
    const chunks = this.#database.all<{ readonly chunk: number; readonly rows: Buffer }>(
      sql`SELECT chunk, rows FROM alert_action_chunk WHERE action_id = ${actionId} ORDER BY chunk`,
    );
    for (const { chunk, rows } of chunks) {
      const first = chunk * chunkSize;
      const all: number[] = [];
      unpackRowsBefore(rows, (place, state, lastAction) => {
        all.push(place);
        stateBefore[place] = state;
        actionBefore[place] = lastAction;
      });
      all.sort((left, right) => left - right);
      const places = all.filter((place) => this.#actions[first + place] === actionId);
      if (places.length < all.length) {
        for (const place of all) if (this.#actions[first + place] !== actionId) skipped.push(first + place);
      }
      if (places.length === 0) continue;
      this.#remember(chunk, places, newActionId);
      for (const place of places) {
        const sequence = first + place;
        const now = this.#ids[sequence] ?? 0;
        const before = stateBefore[place] ?? 0;
        const key = now * pairFactor + before;
        let changed = after.get(key);
        if (changed === undefined) {
          changed = this.#idOf(restore(this.stateAt(now), this.stateAt(before)));
          after.set(key, changed);
        }
        this.#ids[sequence] = changed;
        this.#actions[sequence] = actionBefore[place] ?? 0;
        restored.push(sequence);
      }
      this.#changed.add(chunk);
    }
    return { restored, skipped };
  }

  /** Numbers of the actions on an alert, in the order they were done. */
  actionsOn(sequence: number): number[] {
    return this.#database
      .all<{ readonly action_id: number; readonly rows: Buffer }>(
        sql`SELECT action_id, rows FROM alert_action_chunk WHERE chunk = ${sequence >> chunkBits} ORDER BY action_id`,
      )
      .filter(({ rows }) => hasPlace(rows, sequence & chunkMask))
      .map((row) => row.action_id);
  }

  /** Gives alerts whose state a damaged database lost one that lets somebody look at them. Within a transaction. */
  mend(): void {
    for (const sequence of this.#database.numbers(sql`SELECT sequence FROM alert ORDER BY sequence`)) {
      if ((this.ids[sequence] ?? 0) === 0) this.set(sequence, lostState);
    }
  }

  #remember(chunk: number, places: readonly number[], actionId: number): void {
    const first = chunk * chunkSize;
    const rows = packRowsBefore(
      places,
      this.#ids.subarray(first, first + chunkSize),
      this.#actions.subarray(first, first + chunkSize),
    );
    this.#database.run(
      sql`INSERT INTO alert_action_chunk (chunk, action_id, rows) VALUES (${chunk}, ${actionId}, ${rows})`,
    );
  }

  #idOf(state: AlertState): number {
    const key = keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    this.#database.run(
      sql`INSERT INTO alert_state (id, status, disposition, assignee, snoozed_until_ms, lane_seen, lane_set,
            severity_seen, severity_set, case_id)
          VALUES (${id}, ${state.status}, ${state.disposition}, ${state.assignee}, ${state.snoozedUntilMs},
            ${state.laneSeen}, ${state.laneSet}, ${state.severitySeen}, ${state.severitySet}, ${state.caseId})`,
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
      sql`SELECT chunk, states, actions FROM alert_state_chunk ORDER BY chunk DESC`,
    );
    for (const { chunk, states, actions } of chunks) {
      const first = chunk * chunkSize;
      this.#room(first + chunkMask);
      this.#ids.set(numbersOf(states), first);
      this.#actions.set(numbersOf(actions), first);
    }
    while (this.#end > 0 && this.#ids[this.#end - 1] === 0) this.#end -= 1;
    this.#isLoaded = true;
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
      const first = chunk * chunkSize;
      this.#database.run(
        sql`INSERT INTO alert_state_chunk (chunk, states, actions)
            VALUES (${chunk}, ${bytesOf(this.#ids.subarray(first, first + chunkSize))},
              ${bytesOf(this.#actions.subarray(first, first + chunkSize))})
            ON CONFLICT (chunk) DO UPDATE SET states = excluded.states, actions = excluded.actions`,
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
  };
}

// Every platform that Node runs on keeps numbers little-endian, as the format does.
const bytesOf = (numbers: Uint32Array): Buffer =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);

function numbersOf(bytes: Buffer): Uint32Array {
  // Copied: a piece of a pool need not start where numbers may.
  const whole = new Uint8Array(chunkSize * 4);
  whole.set(bytes.subarray(0, whole.length));
  return new Uint32Array(whole.buffer);
}
