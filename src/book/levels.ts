// hot: once per changed level in a scanning thread; a change costs its distance from the nearer end; allocates nothing.
// How does a thread keep one side of a book in order without copying it anew for every message?
//
// Levels lie from the touch outward in the places [from, end) of arrays with room at both ends: a level that comes or goes
// shifts those between it and the nearer end, most often the few between it and the touch.
import { assert } from '../lib/assert.ts';

export interface Levels {
  /** Most levels that a copy takes over. */
  readonly max: number;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  /** Notional units: tick × lots. */
  readonly units: Float64Array;
  /** Place of the touch. */
  from: number;
  /** Place behind the farthest level. */
  end: number;
}

export function createLevels(max: number, capacity: number): Levels {
  return {
    max,
    ticks: new Int32Array(capacity),
    lots: new Float64Array(capacity),
    units: new Float64Array(capacity),
    from: 0,
    end: 0,
  };
}

/**
 * The first place from `start` on that is at or beyond `tick`, seen from the touch. Halves without a branch: which half it is
 * nobody can foretell, and a wrong guess costs the processor more than all the loads.
 */
export function placeOf({ ticks, end }: Levels, side: number, tick: number, start: number): number {
  // Negative where the price of a place is nearer the touch than `key`, on either side.
  const flip = side === 0 ? 0 : -1;
  const key = (side === 0 ? tick : tick - 1) | 0;
  let low = start | 0;
  let left = (end - start) | 0;
  if (left <= 0) return end;
  while (left > 1) {
    const half = left >> 1;
    low = (low + (half & (((key - (ticks[low + half - 1] as number)) ^ flip) >> 31))) | 0;
    left = (left - half) | 0;
  }
  return (low - (((key - (ticks[low] as number)) ^ flip) >> 31)) | 0;
}

export function isNearer(tick: number, other: number, side: number): boolean {
  return side === 0 ? tick > other : tick < other;
}

/** The side has no room for another level: it must be copied anew. */
export const FULL = -1;
/** Beyond so many levels the machine's own copying is faster than a loop. */
const LOOP_MAX = 24;

/**
 * Takes over one change, [side, tick, old lots, new lots] at `entry` of `entries`. Returns the place of the level, that of the
 * next one outward where it is gone, or FULL.
 */
export function takeChange(levels: Levels, entries: Float64Array, entry: number): number {
  const side = entries[entry] as number;
  const tick = (entries[entry + 1] as number) | 0;
  const lot = entries[entry + 3] as number;
  const place = placeOf(levels, side, tick, levels.from);
  const isThere = place < levels.end && levels.ticks[place] === tick;
  assert(
    entries[entry + 2] === (isThere ? levels.lots[place] : 0),
    'a change begins with the size that the level had before',
  );
  if (lot === 0) return remove(levels, place);
  if (isThere) {
    levels.lots[place] = lot;
    levels.units[place] = tick * lot;
    return place;
  }
  const made = makeRoom(levels, place);
  if (made === FULL) return FULL;
  levels.ticks[made] = tick;
  levels.lots[made] = lot;
  levels.units[made] = tick * lot;
  return made;
}

function remove(levels: Levels, place: number): number {
  const { from, end } = levels;
  if (place - from < end - place) {
    shift(levels, from, place, 1);
    levels.from = from + 1;
    return place + 1;
  }
  shift(levels, place + 1, end, -1);
  levels.end = end - 1;
  return place;
}

/** A free place between the levels nearer than `place` and those from it on. */
function makeRoom(levels: Levels, place: number): number {
  let to = place;
  if (levels.from === 0 || levels.end === levels.ticks.length) {
    const moved = center(levels);
    if (moved === 0) return FULL;
    to += moved;
  }
  const { from, end } = levels;
  if (to - from <= end - to) {
    shift(levels, from, to, -1);
    levels.from = from - 1;
    return to - 1;
  }
  shift(levels, to, end, 1);
  levels.end = end + 1;
  return to;
}

/** Moves the levels of [first, last) by one place, `by` = 1 outward or −1 toward the touch. */
function shift({ ticks, lots, units }: Levels, first: number, last: number, by: number): void {
  if (last - first > LOOP_MAX) {
    ticks.copyWithin(first + by, first, last);
    lots.copyWithin(first + by, first, last);
    units.copyWithin(first + by, first, last);
  } else if (by < 0) {
    for (let i = first; i < last; i++) {
      ticks[i - 1] = ticks[i] as number;
      lots[i - 1] = lots[i] as number;
      units[i - 1] = units[i] as number;
    }
  } else {
    for (let i = last; i > first; i--) {
      ticks[i] = ticks[i - 1] as number;
      lots[i] = lots[i - 1] as number;
      units[i] = units[i - 1] as number;
    }
  }
}

/** Seldom: moves all levels to the middle of the arrays. By how many places; 0 where they fill them. */
function center(levels: Levels): number {
  const { ticks, lots, units, from, end } = levels;
  const to = (ticks.length - (end - from)) >> 1;
  if (to === 0) return 0;
  ticks.copyWithin(to, from, end);
  lots.copyWithin(to, from, end);
  units.copyWithin(to, from, end);
  levels.from = to;
  levels.end = to + end - from;
  return to - from;
}
