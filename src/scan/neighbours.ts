// hot: for the few levels that pass the cheaper tests; allocates nothing.
// What is typical around a level, and is its price round?
import type { Levels } from '../book/levels.ts';

/** Levels on each side that a level or a run is compared with. */
export const NEIGHBOURS = 5;

const sorted = new Float64Array(2 * NEIGHBOURS);

/** Sorts the notionals of up to 5 levels before `a` and 5 behind `b` into `sorted`; returns how many there are. */
function gather({ units, from: touch, end }: Levels, a: number, b: number): number {
  const from = a - NEIGHBOURS < touch ? touch : a - NEIGHBOURS;
  const to = b + NEIGHBOURS < end ? b + NEIGHBOURS : end - 1;
  let size = 0;
  for (let i = from; i < a; i++) insert(size++, units[i] as number);
  for (let i = b + 1; i <= to; i++) insert(size++, units[i] as number);
  return size;
}

function insert(size: number, value: number): void {
  let place = size;
  for (; place > 0 && (sorted[place - 1] as number) > value; place--) sorted[place] = sorted[place - 1] as number;
  sorted[place] = value;
}

/**
 * Writes the median notional of the levels around [a..b] (the mean of the middle two where they are even) into `out[0]`;
 * false below two of them.
 */
export function typicalAround(levels: Levels, a: number, b: number, out: Float64Array): boolean {
  const size = gather(levels, a, b);
  if (size < 2) return false;
  const half = size >> 1;
  out[0] = size & 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  return true;
}

/**
 * Can the typical level around [a..b] be at most `bound[0]`? Counting is a third of the price of sorting and settles most
 * runs: the lower middle neighbour must be at most the bound.
 */
export function mayBeTypical(levels: Levels, a: number, b: number, bound: Float64Array): boolean {
  const { units, from: touch, end } = levels;
  const most = bound[0] as number;
  const from = a - NEIGHBOURS < touch ? touch : a - NEIGHBOURS;
  const to = b + NEIGHBOURS < end ? b + NEIGHBOURS : end - 1;
  let below = 0;
  for (let i = from; i < a; i++) if ((units[i] as number) <= most) below++;
  for (let i = b + 1; i <= to; i++) if ((units[i] as number) <= most) below++;
  return below * 2 >= a - from + to - b;
}

/** Has the price at least two more trailing zeros than the median of its neighbours' prices? */
export function isRound({ ticks, from: touch, end }: Levels, i: number): boolean {
  const own = trailingZeros(ticks[i] as number);
  if (own < 2) return false;
  const from = i - NEIGHBOURS < touch ? touch : i - NEIGHBOURS;
  const to = i + NEIGHBOURS < end ? i + NEIGHBOURS : end - 1;
  let size = 0;
  for (let j = from; j <= to; j++) {
    if (j === i) continue;
    insert(size++, trailingZeros(ticks[j] as number));
  }
  if (size === 0) return false;
  const half = size >> 1;
  const median = size & 1 ? (sorted[half] as number) : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  return own >= 2 + median;
}

function trailingZeros(tick: number): number {
  let zeros = 0;
  for (let rest = tick; rest > 0 && rest % 10 === 0; rest /= 10) zeros++;
  return zeros;
}
