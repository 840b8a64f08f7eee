import { z } from 'zod';
import { dayMs, hourMs } from '../domain/time.ts';

/** Half-hour slots of a day. */
export const slotsADay = 48;
export const slotMs = dayMs / slotsADay;
/** A day type is believed once nearly all its slots have been seen, so that no half-known day bends the shape. */
const slotsToBelieve = 47;
/** Bins of five minutes a slot remembers: two weeks of weekdays. */
const memory = 60;

/** After this many five-minute bins in a row beyond belief a slot moves twice as far at once: one day's worth. */
const binsToDoubt = 6;

/** For how long after a day type begins its shape is less sure, and by how much at first. */
const turnMs = 4 * hourMs;
const turnAheadMs = hourMs / 2;
const turnRoughness = 1.5;

/** Levels of 48 half-hours, for weekdays and for weekends; JSON-safe. */
export interface SeasonState {
  /** 96 levels: weekdays, then weekends. */
  level: number[];
  /** How many five-minute bins each level rests on, up to its memory. */
  count: number[];
  /** How much rougher than usual each half-hour is, 1 is the usual. */
  roughness: number[];
  /** How many bins in a row each half-hour lay further from its level than is believed. */
  doubt: number[];
}

const slots = z.array(z.number()).length(slotsADay * 2);
export const seasonSchema = z.object({ level: slots, count: slots, roughness: slots, doubt: slots });

/** A season that knows nothing yet. */
export function emptySeason(): SeasonState {
  return {
    level: new Array<number>(slotsADay * 2).fill(0),
    count: new Array<number>(slotsADay * 2).fill(0),
    roughness: new Array<number>(slotsADay * 2).fill(1),
    doubt: new Array<number>(slotsADay * 2).fill(0),
  };
}

/** 0 is a weekday, 1 one of a weekend. */
export type DayType = 0 | 1;

/** Which type of day a moment falls in, UTC. */
export function dayTypeAt(timeMs: number): DayType {
  // 1970-01-01 was a Thursday.
  const weekday = (((Math.floor(timeMs / dayMs) + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6 ? 1 : 0;
}

function slotAt(timeMs: number): number {
  return Math.floor((((timeMs % dayMs) + dayMs) % dayMs) / slotMs);
}

/** Stored numbers are cut to five decimals: the state stays small as text and still resumes exactly. */
function short(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

/** The season of one signal: what is usual at an hour of a weekday or of a weekend. */
export class Season {
  readonly state: SeasonState;
  private knownSlots: [number, number];

  constructor(state: SeasonState) {
    this.state = state;
    this.knownSlots = [0, 0];
    for (let slot = 0; slot < slotsADay; slot += 1) {
      if ((state.count[slot] ?? 0) >= 3) this.knownSlots[0] += 1;
      if ((state.count[slot + slotsADay] ?? 0) >= 3) this.knownSlots[1] += 1;
    }
  }

  /** Whether any day type is believed. */
  get known(): boolean {
    return this.knownSlots[0] >= slotsToBelieve || this.knownSlots[1] >= slotsToBelieve;
  }

  private typeToUse(wanted: DayType): DayType {
    const other = wanted === 0 ? 1 : 0;
    return this.knownSlots[wanted] >= slotsToBelieve || this.knownSlots[other] < slotsToBelieve
      ? wanted
      : other;
  }

  private indexAt(timeMs: number, type: DayType): number {
    return this.typeToUse(type) * slotsADay + slotAt(timeMs);
  }

  /**
   * The usual level at a moment, straight between the middles of half-hours; NaN while no day is known.
   * @param type as if the day were of this type
   */
  at(timeMs: number, type: DayType | null = null): number {
    if (!this.known) return Number.NaN;
    const before = timeMs - slotMs / 2;
    const left = this.indexAt(before, type ?? dayTypeAt(before));
    const right = this.indexAt(before + slotMs, type ?? dayTypeAt(before + slotMs));
    const share = (((before % slotMs) + slotMs) % slotMs) / slotMs;
    const leftLevel = this.believed(left);
    const rightLevel = this.believed(right);
    return leftLevel + (rightLevel - leftLevel) * share;
  }

  /** A slot's level; the one never seen of a believed day lies between its neighbours. */
  private believed(index: number): number {
    const { level, count } = this.state;
    if ((count[index] ?? 0) > 0) return level[index] ?? 0;
    const base = index >= slotsADay ? slotsADay : 0;
    const neighbour = (step: number): number => {
      for (let distance = 1; distance < slotsADay; distance += 1) {
        const other = base + ((index - base + step * distance + slotsADay * distance) % slotsADay);
        if ((count[other] ?? 0) > 0) return level[other] ?? 0;
      }
      return 0;
    };
    return (neighbour(1) + neighbour(-1)) / 2;
  }

  /** How rough this half-hour is beside the signal's usual, at least 1. */
  roughnessAt(timeMs: number): number {
    const own = Math.max(1, this.state.roughness[this.indexAt(timeMs, dayTypeAt(timeMs))] ?? 1);
    // The night into a weekend is neither the one before a weekday nor the one within the weekend.
    const type = dayTypeAt(timeMs);
    if (dayTypeAt(timeMs + turnAheadMs) !== type) return own * turnRoughness;
    if (dayTypeAt(timeMs - turnMs) === type) return own;
    const sinceMs = ((timeMs % dayMs) + dayMs) % dayMs;
    return own * (turnRoughness - (turnRoughness - 1) * (sinceMs / turnMs));
  }

  /**
   * Learns one bin.
   * @param offset how far the series was above its trend, transformed
   * @param believable largest step away from what the slot says that is believed
   * @param relativeDeviation its deviation over the signal's slow scale, already cut
   * @param weight the bin's length in five-minute bins, less where the bin is suspicious
   * @returns true when a day type became believed with it: levels before and after do not compare
   */
  learn(
    timeMs: number,
    offset: number,
    believable: number,
    relativeDeviation: number,
    weight: number,
  ): boolean {
    const type = dayTypeAt(timeMs);
    const index = type * slotsADay + slotAt(timeMs);
    const before = this.state.count[index] ?? 0;
    const after = Math.min(memory, before + weight);
    const share = Math.min(1, weight / after);
    const previous = this.state.level[index] ?? 0;
    const gap = offset - previous;
    // A slot that has seen only a day or two takes what comes; later a step must be repeated to be learned.
    // What a slot holds against all that comes is wrong, say from the first minutes of a new service: it gives way.
    const doubt = this.state.doubt[index] ?? 0;
    this.state.doubt[index] = Math.abs(gap) > believable ? short(doubt + weight) : short(doubt / 2);
    const reach = believable * (1 + doubt / binsToDoubt);
    const step = after < 12 ? gap : Math.min(Math.max(gap, -reach), reach);
    this.state.level[index] = short(before === 0 ? offset : previous + step * share);
    const roughness = this.state.roughness[index] ?? 1;
    const roughShare = Math.min(0.5, weight / Math.max(after, 12));
    this.state.roughness[index] = short(roughness + (relativeDeviation - roughness) * roughShare);
    this.state.count[index] = short(after);
    if (before >= 3 || after < 3) return false;
    this.knownSlots[type] += 1;
    return this.knownSlots[type] === slotsToBelieve;
  }

  /** Moves every level that was learned so that their mean is 0, and gives back what that mean was. */
  centre(): number {
    const { level, count } = this.state;
    let sum = 0;
    let seen = 0;
    for (const [index, value] of level.entries()) {
      if ((count[index] ?? 0) === 0) continue;
      sum += value;
      seen += 1;
    }
    const mean = seen === 0 ? 0 : sum / seen;
    for (const [index, value] of level.entries()) {
      if ((count[index] ?? 0) > 0) level[index] = short(value - mean);
    }
    return mean;
  }
}
