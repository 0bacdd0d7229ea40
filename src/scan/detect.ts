// hot: up to twice per scan; about 3 ns a level where nothing is dense; allocates nothing.
// Which levels of a side, alone or as a run of neighbours, are densities now? (strategy 2)
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
const UNASKED = 0;
const RUNG = 1;
const NO_RUNG = 2;

/** The densities of one side of one book; arrays are made once and reused for every book. */
export interface Detection {
  count: number;
  /** Densities and runs that found no place; grows for ever. */
  dropped: number;
  readonly first: Int32Array; // index of the level nearest the touch
  readonly last: Int32Array;
  readonly price: Int32Array; // tick of the largest level
  readonly sum: Float64Array; // notional units
  readonly typical: Float64Array; // median of the neighbours
  readonly round: Uint8Array;
  /** [total within the band, levels within the band, notional that the share test asks for] */
  readonly band: Float64Array;
  /** prefix[i] = notional of levels 0..i-1 of the whole side. */
  readonly prefix: Float64Array;
  readonly alone: Uint8Array; // per level: 1 where it is a density by itself
  readonly rung: Uint8Array; // per level within the band: is it one rung of a ladder?
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
    first: new Int32Array(FOUND_MAX),
    last: new Int32Array(FOUND_MAX),
    price: new Int32Array(FOUND_MAX),
    sum: new Float64Array(FOUND_MAX),
    typical: new Float64Array(FOUND_MAX),
    round: new Uint8Array(FOUND_MAX),
    band: new Float64Array(3),
    prefix: new Float64Array(levelsMax + 1),
    alone: new Uint8Array(levelsMax),
    rung: new Uint8Array(levelsMax),
    starts: new Int32Array(levelsMax),
    runs: 0,
    runFirst: new Int32Array(RUNS_MAX),
    runLast: new Int32Array(RUNS_MAX),
    runTypical: new Float64Array(RUNS_MAX),
  };
}

/**
 * Sums a side from the touch outward. `middle` is twice the mid in ticks, 0 where there is none: then the share is of the
 * whole side. Levels stay in order, so those within the band are the first ones.
 */
export function sumSide(
  ticks: Int32Array,
  lots: Float64Array,
  count: number,
  middle: number,
  params: Float64Array,
  at: number,
  out: Detection,
): void {
  const prefix = out.prefix;
  const band = params[at + P_BAND_PERCENT] as number;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    prefix[i] = sum;
    sum += (ticks[i] as number) * (lots[i] as number);
  }
  prefix[count] = sum;
  let within = count;
  // Mostly the whole side lies within the band; where not, halving finds the first level that does not.
  if (middle !== 0 && count > 0 && !isWithin(ticks[count - 1] as number, middle, band)) {
    let low = 0;
    while (low < within) {
      const half = (low + within) >> 1;
      if (isWithin(ticks[half] as number, middle, band)) low = half + 1;
      else within = half;
    }
  }
  out.band[0] = prefix[within] as number;
  out.band[1] = within;
  out.band[2] = ((params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number)) / 100;
}

/** Is a price at most `percent` of the mid away from it? `middle` is twice the mid. */
export function isWithin(tick: number, middle: number, percent: number): boolean {
  return Math.abs(2 * tick - middle) * 100 <= percent * middle;
}

/** Fills `out`, from the touch outward, with the densities of a side that `sumSide` has summed; `depth` is what its topic shows. */
export function detect(
  ticks: Int32Array,
  lots: Float64Array,
  count: number,
  depth: number,
  params: Float64Array,
  at: number,
  out: Detection,
): void {
  out.count = 0;
  const { prefix, alone } = out;
  const within = out.band[1] as number;
  const asked = Math.max(params[at + P_ABS_UNITS] as number, (out.band[2] as number) * (1 - 1e-12));
  const runMax = params[at + P_CLUSTER_LEVELS] as number;
  const edge = count === depth ? count - 1 : count;
  let starts = 0;
  // Neither a level nor a run can pass that begins in a window of less than `asked`: one subtraction settles most levels.
  for (let i = 0; i < within; i++) {
    alone[i] = 0;
    out.rung[i] = UNASKED;
    const end = i + runMax < within ? i + runMax : within;
    if ((prefix[end] as number) - (prefix[i] as number) < asked) continue;
    out.starts[starts++] = i;
    const notional = (prefix[i + 1] as number) - (prefix[i] as number);
    if (notional < asked || !passesShare(notional, params, at, out)) continue;
    const relative = params[at + P_RELATIVE] as number;
    if (i === edge || !mayBeTypical(prefix, count, i, i, notional / relative)) continue;
    const typical = typicalAround(prefix, count, i, i);
    if (typical < 0) continue;
    const round = isRound(ticks, count, i);
    if (notional < relative * (round ? (params[at + P_ROUND_MULTIPLIER] as number) : 1) * typical) continue;
    if (isRung(ticks, lots, count, i, params[at + P_GRID_LEVELS] as number, out)) continue;
    alone[i] = 1;
    push(out, i, i, ticks[i] as number, notional, typical, round);
  }
  if (starts === 0 || runMax < 2) return;
  findRuns(ticks, lots, count, starts, edge, asked, params, at, out);
  if (out.runs > 0) keepLargest(ticks, out);
}

/** Every run that passes and begins at one of the first `starts` of `out.starts`, by rising first and then rising last level. */
function findRuns(
  ticks: Int32Array,
  lots: Float64Array,
  count: number,
  starts: number,
  edge: number,
  asked: number,
  params: Float64Array,
  at: number,
  out: Detection,
): void {
  out.runs = 0;
  const { prefix, alone } = out;
  const within = out.band[1] as number;
  const relative = params[at + P_RELATIVE] as number;
  const runMax = params[at + P_CLUSTER_LEVELS] as number;
  const range = (params[at + P_CLUSTER_PERCENT] as number) / 100;
  for (let start = 0; start < starts; start++) {
    const a = out.starts[start] as number;
    if (alone[a] === 1) continue;
    const end = a + runMax < within ? a + runMax : within;
    const nearest = ticks[a] as number;
    const first = (prefix[a + 1] as number) - (prefix[a] as number);
    const span = Math.max(CLUSTER_TICKS_MIN, range * nearest);
    for (let b = a + 1; b < end; b++) {
      if (alone[b] === 1 || b === edge || Math.abs((ticks[b] as number) - nearest) > span) break;
      const sum = (prefix[b + 1] as number) - (prefix[a] as number);
      if (sum < asked || !passesShare(sum, params, at, out)) continue;
      const mean = sum / (b - a + 1);
      const last = (prefix[b + 1] as number) - (prefix[b] as number);
      const least = first < last ? first : last;
      // What is typical must be below both ends, and far below the mean.
      const bound = mean / relative;
      if (!mayBeTypical(prefix, count, a, b, least < bound ? least : bound)) continue;
      const typical = typicalAround(prefix, count, a, b);
      if (typical < 0 || mean < relative * typical || least <= typical) continue;
      if (holdsRung(ticks, lots, count, a, b, params[at + P_GRID_LEVELS] as number, out)) continue;
      if (out.runs === RUNS_MAX) {
        out.dropped++;
        return;
      }
      out.runFirst[out.runs] = a;
      out.runLast[out.runs] = b;
      out.runTypical[out.runs] = typical;
      out.runs++;
    }
  }
}

function passesShare(notional: number, params: Float64Array, at: number, out: Detection): boolean {
  return notional * 100 >= (params[at + P_SHARE_PERCENT] as number) * (out.band[0] as number);
}

function holdsRung(
  ticks: Int32Array,
  lots: Float64Array,
  count: number,
  a: number,
  b: number,
  rungsMin: number,
  out: Detection,
): boolean {
  for (let i = a; i <= b; i++) if (isRung(ticks, lots, count, i, rungsMin, out)) return true;
  return false;
}

/** Overlapping runs ask the same of the same levels, and it is the dearest question: the answer is kept for this scan. */
function isRung(
  ticks: Int32Array,
  lots: Float64Array,
  count: number,
  i: number,
  rungsMin: number,
  out: Detection,
): boolean {
  if (out.rung[i] === UNASKED) out.rung[i] = isGridLevel(ticks, lots, count, i, rungsMin) ? RUNG : NO_RUNG;
  return out.rung[i] === RUNG;
}

/** Of overlapping runs the one with the largest sum, ties to the one nearer the touch, then to the shorter. */
function keepLargest(ticks: Int32Array, out: Detection): void {
  const { prefix, runFirst, runLast } = out;
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
    push(out, a, b, ticks[largest] as number, bestSum, out.runTypical[best] as number, false);
    for (let run = 0; run < out.runs; run++) {
      if ((runFirst[run] as number) <= b && (runLast[run] as number) >= a) runFirst[run] = -1;
    }
  }
}

function notionalAt(prefix: Float64Array, i: number): number {
  return (prefix[i + 1] as number) - (prefix[i] as number);
}

/** Puts a density into its place: they are found alone ones first, then the largest runs first. */
function push(out: Detection, a: number, b: number, price: number, sum: number, typical: number, round: boolean): void {
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
  out.sum[i] = sum;
  out.typical[i] = typical;
  out.round[i] = round ? 1 : 0;
}
