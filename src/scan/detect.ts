// hot: up to twice per scan; about 3 ns a level where nothing is dense; allocates nothing.
// Which levels of a side, alone or as a run of neighbours, are densities now? (strategy 2)
import type { BookView } from '../book/read.ts';
import { isGridLevel } from './grid-levels.ts';
import { isRound, mayBeTypical, typicalAround } from './neighbours.ts';
import {
  P_ABS_UNITS,
  P_BAND_PERCENT,
  P_CLUSTER_LEVELS,
  P_CLUSTER_PERCENT,
  P_GRID_LEVELS,
  P_RELATIVE,
  P_ROUND_MULTIPLIER,
  P_SHARE_PERCENT,
} from './params.ts';

export const FOUND_MAX = 64;
/** Passing runs of one side before the overlapping ones are sorted out. */
const RUNS_MAX = 256;
const CLUSTER_TICKS_MIN = 2;

/** The densities of one side of one book; arrays are made once and reused for every book. */
export interface Detection {
  count: number;
  /** Densities and runs that found no place; grows for ever. */
  dropped: number;
  /** Levels within the band; levels stay in order, so they are the first ones. */
  within: number;
  readonly first: Int32Array; // index of the level nearest the touch
  readonly last: Int32Array;
  readonly price: Int32Array; // tick of the largest level
  readonly sum: Float64Array; // notional units
  readonly typical: Float64Array; // median of the neighbours
  readonly round: Uint8Array;
  /** [total within the band, notional that the share test asks for] */
  readonly band: Float64Array;
  /** Which scan this is: marks of earlier ones need not be wiped. */
  scan: number;
  readonly alone: Int32Array; // per level: the scan in which it was a density by itself
  readonly rung: Int32Array; // per level: twice the scan in which it was asked, 1 more where it is a rung
  readonly starts: Int32Array; // levels from which on there is notional enough for a density
  runs: number;
  readonly runFirst: Int32Array;
  readonly runLast: Int32Array;
  readonly runTypical: Float64Array;
}

export function createDetection(levelsMax: number): Detection {
  return {
    count: 0,
    dropped: 0,
    within: 0,
    first: new Int32Array(FOUND_MAX),
    last: new Int32Array(FOUND_MAX),
    price: new Int32Array(FOUND_MAX),
    sum: new Float64Array(FOUND_MAX),
    typical: new Float64Array(FOUND_MAX),
    round: new Uint8Array(FOUND_MAX),
    band: new Float64Array(2),
    scan: 0,
    alone: new Int32Array(levelsMax),
    rung: new Int32Array(levelsMax),
    starts: new Int32Array(levelsMax),
    runs: 0,
    runFirst: new Int32Array(RUNS_MAX),
    runLast: new Int32Array(RUNS_MAX),
    runTypical: new Float64Array(RUNS_MAX),
  };
}

/** Measures the band of a side. `middle` is twice the mid in ticks, 0 where there is none: then the share is of the whole side. */
export function measureBand(
  view: BookView,
  side: 0 | 1,
  middle: number,
  params: Float64Array,
  at: number,
  out: Detection,
): void {
  const count = view.counts[side] as number;
  out.within = middle === 0 ? count : countWithin(view.ticks[side], count, middle, params, at + P_BAND_PERCENT);
  out.band[0] = view.prefix[side][out.within] as number;
  out.band[1] = ((params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number)) / 100;
}

/** How many of a side's levels are at most `params[at]` percent of the mid away from it? Mostly all; where not, halving finds the end. */
export function countWithin(
  ticks: Int32Array,
  count: number,
  middle: number,
  params: Float64Array,
  at: number,
): number {
  const percent = params[at] as number;
  if (count === 0 || isWithin(ticks[count - 1] as number, middle, percent)) return count;
  let low = 0;
  let high = count;
  while (low < high) {
    const half = (low + high) >> 1;
    if (isWithin(ticks[half] as number, middle, percent)) low = half + 1;
    else high = half;
  }
  return low;
}

/** Is a price at most `percent` of the mid away from it? `middle` is twice the mid. */
function isWithin(tick: number, middle: number, percent: number): boolean {
  return Math.abs(2 * tick - middle) * 100 <= percent * middle;
}

// What travels between the functions below: as an argument a number that is no small integer is garbage.
const least = new Float64Array(1); // notional of a density
const size = new Float64Array(1); // notional of the one in hand
const typical = new Float64Array(1); // around it

/** Fills `out`, from the touch outward, with the densities of a side whose band has been measured. */
export function detect(view: BookView, side: 0 | 1, params: Float64Array, at: number, out: Detection): void {
  out.count = 0;
  out.scan = (out.scan + 1) & 0x3fffffff;
  const prefix = view.prefix[side];
  const { within } = out;
  const asked = Math.max(params[at + P_ABS_UNITS] as number, (out.band[1] as number) * (1 - 1e-12));
  least[0] = asked;
  const runMax = (params[at + P_CLUSTER_LEVELS] as number) | 0;
  let starts = 0;
  // Neither a level nor a run can pass that begins in a window of less than `asked`: one subtraction settles most levels.
  for (let i = 0; i < within; i++) {
    const end = i + runMax < within ? i + runMax : within;
    if ((prefix[end] as number) - (prefix[i] as number) < asked) continue;
    out.starts[starts++] = i;
    if ((prefix[i + 1] as number) - (prefix[i] as number) >= asked) judgeLevel(view, side, i, params, at, out);
  }
  if (starts === 0 || runMax < 2) return;
  findRuns(view, side, starts, params, at, out);
  if (out.runs > 0) keepLargest(view.ticks[side], prefix, out);
}

/** The farthest level of a side that shows all its topic can: what lies behind it nobody sees. */
function edgeOf(view: BookView, side: 0 | 1): number {
  const count = view.counts[side] as number;
  return count === view.depth ? count - 1 : count;
}

function judgeLevel(view: BookView, side: 0 | 1, i: number, params: Float64Array, at: number, out: Detection): void {
  const ticks = view.ticks[side];
  const prefix = view.prefix[side];
  const count = view.counts[side] as number;
  const notional = (prefix[i + 1] as number) - (prefix[i] as number);
  if (i === edgeOf(view, side) || !passesShare(notional, params, at, out)) return;
  const relative = params[at + P_RELATIVE] as number;
  typical[0] = notional / relative;
  if (!mayBeTypical(prefix, count, i, i, typical) || !typicalAround(prefix, count, i, i, typical)) return;
  const round = isRound(ticks, count, i);
  if (notional < relative * (round ? (params[at + P_ROUND_MULTIPLIER] as number) : 1) * (typical[0] as number)) return;
  if (isRung(view, side, i, params, at, out)) return;
  out.alone[i] = out.scan;
  size[0] = notional;
  push(out, i, i, ticks[i] as number, round);
}

/** Every run that passes and begins at one of the first `starts` of `out.starts`, by rising first and then rising last level. */
function findRuns(view: BookView, side: 0 | 1, starts: number, params: Float64Array, at: number, out: Detection): void {
  out.runs = 0;
  const { alone, within, scan } = out;
  const ticks = view.ticks[side];
  const prefix = view.prefix[side];
  const count = view.counts[side] as number;
  const edge = edgeOf(view, side);
  const asked = least[0] as number;
  const relative = params[at + P_RELATIVE] as number;
  const runMax = (params[at + P_CLUSTER_LEVELS] as number) | 0;
  const range = (params[at + P_CLUSTER_PERCENT] as number) / 100;
  for (let start = 0; start < starts; start++) {
    const a = out.starts[start] as number;
    if (alone[a] === scan) continue;
    const end = a + runMax < within ? a + runMax : within;
    const nearest = ticks[a] as number;
    const first = (prefix[a + 1] as number) - (prefix[a] as number);
    const span = Math.max(CLUSTER_TICKS_MIN, range * nearest);
    for (let b = a + 1; b < end; b++) {
      if (alone[b] === scan || b === edge || Math.abs((ticks[b] as number) - nearest) > span) break;
      const sum = (prefix[b + 1] as number) - (prefix[a] as number);
      if (sum < asked || !passesShare(sum, params, at, out)) continue;
      const mean = sum / (b - a + 1);
      const last = (prefix[b + 1] as number) - (prefix[b] as number);
      const lesser = first < last ? first : last;
      // What is typical must be below both ends, and far below the mean.
      const bound = mean / relative;
      typical[0] = lesser < bound ? lesser : bound;
      if (!mayBeTypical(prefix, count, a, b, typical) || !typicalAround(prefix, count, a, b, typical)) continue;
      if (mean < relative * (typical[0] as number) || lesser <= (typical[0] as number)) continue;
      if (holdsRung(view, side, a, b, params, at, out)) continue;
      if (out.runs === RUNS_MAX) {
        out.dropped++;
        return;
      }
      out.runFirst[out.runs] = a;
      out.runLast[out.runs] = b;
      out.runTypical[out.runs] = typical[0] as number;
      out.runs++;
    }
  }
}

function passesShare(notional: number, params: Float64Array, at: number, out: Detection): boolean {
  return notional * 100 >= (params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number);
}

function holdsRung(
  view: BookView,
  side: 0 | 1,
  a: number,
  b: number,
  params: Float64Array,
  at: number,
  out: Detection,
): boolean {
  for (let i = a; i <= b; i++) if (isRung(view, side, i, params, at, out)) return true;
  return false;
}

/** Overlapping runs ask the same of the same levels, and it is the dearest question: the answer is kept for this scan. */
function isRung(view: BookView, side: 0 | 1, i: number, params: Float64Array, at: number, out: Detection): boolean {
  const known = out.rung[i] as number;
  if (known >> 1 === out.scan) return (known & 1) === 1;
  const rungsMin = params[at + P_GRID_LEVELS] as number;
  const rung = isGridLevel(view.ticks[side], view.lots[side], view.counts[side] as number, i, rungsMin);
  out.rung[i] = 2 * out.scan + (rung ? 1 : 0);
  return rung;
}

/** Of overlapping runs the one with the largest sum, ties to the one nearer the touch, then to the shorter. */
function keepLargest(ticks: Int32Array, prefix: Float64Array, out: Detection): void {
  const { runFirst, runLast } = out;
  for (;;) {
    let best = -1;
    let bestSum = 0;
    for (let run = 0; run < out.runs; run++) {
      if ((runFirst[run] as number) < 0) continue;
      const sum = (prefix[(runLast[run] as number) + 1] as number) - (prefix[runFirst[run] as number] as number);
      if (sum <= bestSum) continue;
      best = run;
      bestSum = sum;
    }
    if (best < 0) return;
    const a = runFirst[best] as number;
    const b = runLast[best] as number;
    let largest = a;
    for (let i = a + 1; i <= b; i++) if (notionalAt(prefix, i) > notionalAt(prefix, largest)) largest = i;
    size[0] = bestSum;
    typical[0] = out.runTypical[best] as number;
    push(out, a, b, ticks[largest] as number, false);
    for (let run = 0; run < out.runs; run++) {
      if ((runFirst[run] as number) <= b && (runLast[run] as number) >= a) runFirst[run] = -1;
    }
  }
}

function notionalAt(prefix: Float64Array, i: number): number {
  return (prefix[i + 1] as number) - (prefix[i] as number);
}

/** Puts a density of `size` and `typical` into its place: they are found alone ones first, then the largest runs first. */
function push(out: Detection, a: number, b: number, price: number, round: boolean): void {
  if (out.count >= FOUND_MAX) {
    out.dropped++;
    return;
  }
  let i = out.count++;
  for (; i > 0 && (out.first[i - 1] as number) > a; i--) {
    out.first[i] = out.first[i - 1] as number;
    out.last[i] = out.last[i - 1] as number;
    out.price[i] = out.price[i - 1] as number;
    out.sum[i] = out.sum[i - 1] as number;
    out.typical[i] = out.typical[i - 1] as number;
    out.round[i] = out.round[i - 1] as number;
  }
  out.first[i] = a;
  out.last[i] = b;
  out.price[i] = price;
  out.sum[i] = size[0] as number;
  out.typical[i] = typical[0] as number;
  out.round[i] = round ? 1 : 0;
}
