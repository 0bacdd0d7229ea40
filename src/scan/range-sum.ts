// hot: once per changed level, and once per scan; allocates nothing.
// What is the notional of the levels within some distance of the mid? Kept while levels come and go; sums are whole numbers,
// so that what is kept is exactly what adding it all up would give.
import { isNearer, placeOf, type Levels } from '../book/levels.ts';

/** End of a range that holds no level: every price lies farther from the touch. */
const BEYOND_ALL_BIDS = 0x40000000;
const BEYOND_ALL_ASKS = 0;

export interface RangeSum {
  /** Farthest tick of the range; levels at it and nearer the touch are in the sum. */
  last: number;
  /** [notional units] */
  readonly sum: Float64Array;
}

export function createRangeSum(): RangeSum {
  return { last: 0, sum: new Float64Array(1) };
}

/** Adds the levels before the place `within` up. */
export function addUp(range: RangeSum, levels: Levels, side: number, within: number): void {
  range.sum[0] = notionalOf(levels, levels.from, within);
  setEnd(range, levels, side, within);
}

/** A level has changed, [side, tick, old lots, new lots] at `entry` of `entries`. Is it in the range? */
export function adjust(range: RangeSum, entries: Float64Array, entry: number): boolean {
  const tick = entries[entry + 1] as number;
  if (isNearer(range.last, tick, entries[entry] as number)) return false;
  range.sum[0] = (range.sum[0] as number) + ((entries[entry + 3] as number) - (entries[entry + 2] as number)) * tick;
  return true;
}

/** The range ends before the place `within` now. Returns the place before which it ended until now. */
export function moveEnd(range: RangeSum, levels: Levels, side: number, within: number): number {
  const { ticks, from, end } = levels;
  // Mostly the last level of the range is still the last one.
  if (within > from && ticks[within - 1] === range.last) return within;
  let was = placeOf(levels, side, range.last, from);
  if (was < end && ticks[was] === range.last) was++;
  if (was < within) range.sum[0] = (range.sum[0] as number) + notionalOf(levels, was, within);
  else range.sum[0] = (range.sum[0] as number) - notionalOf(levels, within, was);
  setEnd(range, levels, side, within);
  return was;
}

function setEnd(range: RangeSum, { ticks, from }: Levels, side: number, within: number): void {
  if (within > from) range.last = ticks[within - 1] as number;
  else range.last = side === 0 ? BEYOND_ALL_BIDS : BEYOND_ALL_ASKS;
}

/** Notional units of the levels in [first, last). */
export function notionalOf({ units }: Levels, first: number, last: number): number {
  let sum = 0;
  for (let i = first; i < last; i++) sum += units[i] as number;
  return sum;
}
