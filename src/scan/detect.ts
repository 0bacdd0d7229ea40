// hot: up to twice per scan; costs what the levels that changed and the few heavy ones cost; allocates nothing.
// Which levels of a side, alone or as a run of neighbours, are densities now? (strategy 2)
import type { Levels } from '../book/levels.ts';
import type { Book } from '../book/read.ts';
import { isGridLevel } from './grid-levels.ts';
import { isRound, mayBeTypical, typicalAround } from './neighbours.ts';
import { createSideMemory, findHeavy, measure, type SideMemory } from './side-memory.ts';
import { notionalOf } from './range-sum.ts';
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
/** Runs of one side that may pass, before the overlapping ones are sorted out. */
const RUNS_MAX = 512;
const CLUSTER_TICKS_MIN = 2;

/** The densities of one side of one book; arrays are made once and reused for every book. Levels are known by their places. */
export interface Detection {
  count: number;
  /** Densities and runs that found no place; grows for ever. */
  dropped: number;
  /** Place behind the last level within the band. */
  within: number;
  readonly first: Int32Array; // the level nearest the touch
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
  readonly runSum: Float64Array;
  /** Stands in where nothing is remembered of a side. */
  readonly blank: SideMemory;
}

/** `places`: most that a side's arrays have. */
export function createDetection(places: number): Detection {
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
    alone: new Int32Array(places),
    rung: new Int32Array(places),
    starts: new Int32Array(places),
    runs: 0,
    runFirst: new Int32Array(RUNS_MAX),
    runLast: new Int32Array(RUNS_MAX),
    runSum: new Float64Array(RUNS_MAX),
    blank: createSideMemory(),
  };
}

/** Measures the band of a side. `middle` is twice the mid in ticks, 0 where there is none: then the share is of the whole side. */
export function measureBand(
  book: Book,
  side: 0 | 1,
  middle: number,
  params: Float64Array,
  at: number,
  out: Detection,
  memory: SideMemory = out.blank,
): void {
  const levels = book.sides[side];
  out.within = middle === 0 ? levels.end : endWithin(levels, middle, params, at + P_BAND_PERCENT);
  measure(memory, levels, side, out.within);
  out.band[0] = memory.band.sum[0] as number;
  out.band[1] = ((params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number)) / 100;
}

/** Place behind the last level that is at most `params[at]` percent of the mid away from it. Mostly that is the end; where not, halving finds it. */
export function endWithin(levels: Levels, middle: number, params: Float64Array, at: number): number {
  const { ticks, from, end } = levels;
  const percent = params[at] as number;
  if (from === end || isWithin(ticks[end - 1] as number, middle, percent)) return end;
  let low = from;
  let high = end;
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

/** Fills `out`, from the touch outward, with the densities of a side whose band has been measured. `memory` is that of the side. */
export function detect(
  book: Book,
  side: 0 | 1,
  params: Float64Array,
  at: number,
  out: Detection,
  memory: SideMemory = out.blank,
): void {
  out.count = 0;
  out.scan = (out.scan + 1) & 0x3fffffff;
  const levels = book.sides[side];
  const { within } = out;
  const asked = Math.max(params[at + P_ABS_UNITS] as number, (out.band[1] as number) * (1 - 1e-12));
  least[0] = asked;
  const runMax = (params[at + P_CLUSTER_LEVELS] as number) | 0;
  // Neither a level nor a run can pass that begins in a window of less than `asked`.
  findHeavy(memory, levels, side, within, runMax, least);
  let starts = 0;
  for (let k = 0; k < memory.count; k++) {
    const i = memory.places[k] as number;
    if (notionalOf(levels, i, i + runMax < within ? i + runMax : within) < asked) continue;
    out.starts[starts++] = i;
    if (notionalAt(levels, i) >= asked) judgeLevel(book, side, i, params, at, out);
  }
  if (starts === 0 || runMax < 2) return;
  findRuns(book, side, starts, params, at, out);
  if (out.runs > 0) keepLargest(levels, params, at, out);
}

/** The farthest level of a side that shows all its topic can: what lies behind it nobody sees. */
function edgeOf(levels: Levels, depth: number): number {
  return levels.end - levels.from === depth ? levels.end - 1 : levels.end;
}

function judgeLevel(book: Book, side: 0 | 1, i: number, params: Float64Array, at: number, out: Detection): void {
  const levels = book.sides[side];
  const notional = notionalAt(levels, i);
  if (i === edgeOf(levels, book.depth) || !passesShare(notional, params, at, out)) return;
  const relative = params[at + P_RELATIVE] as number;
  typical[0] = notional / relative;
  if (!mayBeTypical(levels, i, i, typical) || !typicalAround(levels, i, i, typical)) return;
  const round = isRound(levels, i);
  if (notional < relative * (round ? (params[at + P_ROUND_MULTIPLIER] as number) : 1) * (typical[0] as number)) return;
  if (isRung(levels, i, params, at, out)) return;
  out.alone[i] = out.scan;
  size[0] = notional;
  push(out, i, i, levels.ticks[i] as number, round);
}

/**
 * Every run that may pass and begins at one of the first `starts` of `out.starts`, by rising first and then rising last level. The
 * dear tests are left to those that would be kept.
 */
function findRuns(book: Book, side: 0 | 1, starts: number, params: Float64Array, at: number, out: Detection): void {
  out.runs = 0;
  const { alone, within, scan } = out;
  const levels = book.sides[side];
  const { ticks } = levels;
  const edge = edgeOf(levels, book.depth);
  const asked = least[0] as number;
  const relative = params[at + P_RELATIVE] as number;
  const runMax = (params[at + P_CLUSTER_LEVELS] as number) | 0;
  const range = (params[at + P_CLUSTER_PERCENT] as number) / 100;
  for (let start = 0; start < starts; start++) {
    const a = out.starts[start] as number;
    if (alone[a] === scan) continue;
    const end = a + runMax < within ? a + runMax : within;
    const nearest = ticks[a] as number;
    const first = notionalAt(levels, a);
    let sum = first;
    const span = Math.max(CLUSTER_TICKS_MIN, range * nearest);
    for (let b = a + 1; b < end; b++) {
      if (alone[b] === scan || b === edge || Math.abs((ticks[b] as number) - nearest) > span) break;
      const last = notionalAt(levels, b);
      sum += last;
      if (sum < asked || !passesShare(sum, params, at, out)) continue;
      // What is typical must be at most what the lesser end and the mean allow.
      const bound = sum / (b - a + 1) / relative;
      const lesser = first < last ? first : last;
      typical[0] = lesser < bound ? lesser : bound;
      if (!mayBeTypical(levels, a, b, typical)) continue;
      if (out.runs === RUNS_MAX) {
        out.dropped++;
        return;
      }
      out.runFirst[out.runs] = a;
      out.runLast[out.runs] = b;
      out.runSum[out.runs] = sum;
      out.runs++;
    }
  }
}

function passesShare(notional: number, params: Float64Array, at: number, out: Detection): boolean {
  return notional * 100 >= (params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number);
}

/** Overlapping runs ask the same of the same levels, and it is the dearest question: the answer is kept for this scan. */
function isRung(levels: Levels, i: number, params: Float64Array, at: number, out: Detection): boolean {
  const known = out.rung[i] as number;
  if (known >> 1 === out.scan) return (known & 1) === 1;
  const rungsMin = params[at + P_GRID_LEVELS] as number;
  const rung = isGridLevel(levels, i, rungsMin);
  out.rung[i] = 2 * out.scan + (rung ? 1 : 0);
  return rung;
}

/** Do its mean and its ends stand out of what is typical around it, and is none of its levels a rung? `typical` is that afterwards. */
function passes(levels: Levels, run: number, params: Float64Array, at: number, out: Detection): boolean {
  const a = out.runFirst[run] as number;
  const b = out.runLast[run] as number;
  if (!typicalAround(levels, a, b, typical)) return false;
  const usual = typical[0] as number;
  const mean = (out.runSum[run] as number) / (b - a + 1);
  if (mean < (params[at + P_RELATIVE] as number) * usual) return false;
  if (notionalAt(levels, a) <= usual || notionalAt(levels, b) <= usual) return false;
  for (let i = a; i <= b; i++) if (isRung(levels, i, params, at, out)) return false;
  return true;
}

/** Of overlapping runs that pass the one with the largest sum, ties to the one nearer the touch, then to the shorter. */
function keepLargest(levels: Levels, params: Float64Array, at: number, out: Detection): void {
  const { runFirst, runLast } = out;
  for (;;) {
    let best = -1;
    let bestSum = 0;
    for (let run = 0; run < out.runs; run++) {
      if ((runFirst[run] as number) < 0) continue;
      const sum = out.runSum[run] as number;
      if (sum <= bestSum) continue;
      best = run;
      bestSum = sum;
    }
    if (best < 0) return;
    if (!passes(levels, best, params, at, out)) {
      runFirst[best] = -1;
      continue;
    }
    const a = runFirst[best] as number;
    const b = runLast[best] as number;
    let largest = a;
    for (let i = a + 1; i <= b; i++) if (notionalAt(levels, i) > notionalAt(levels, largest)) largest = i;
    size[0] = bestSum;
    push(out, a, b, levels.ticks[largest] as number, false);
    for (let run = 0; run < out.runs; run++) {
      if ((runFirst[run] as number) <= b && (runLast[run] as number) >= a) runFirst[run] = -1;
    }
  }
}

function notionalAt({ units }: Levels, i: number): number {
  return units[i] as number;
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
