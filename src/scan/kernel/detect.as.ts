// wasm: up to twice per scan; see side.as.ts; compiled as one text with it.
// Which levels of a side, alone or as a run of neighbours, are densities now? (strategy 2)

const CLUSTER_TICKS_MIN: f64 = 2;

/** Twice this and one more is still a mark. */
const SCAN_MAX: i32 = 0x3fffffff;
/** Which detection this is: marks of earlier ones need not be wiped, until it is counted from the beginning again. */
export let scan: i32 = 0;
// The side in hand.
let side: usize = 0;
let ticks: usize = 0;
let units: usize = 0;
let from: i32 = 0;
let end: i32 = 0;
let edge: i32 = 0; // the farthest level of a side that shows all its topic can: what lies behind it nobody sees
let within: i32 = 0; // place behind the last level within the band
let found: usize = 0;
let band: f64 = 0; // notional within it
let least: f64 = 0; // notional of a density
let runs: i32 = 0;
let typical: f64 = 0; // around the one in hand

function asked(which: usize): f64 {
  return load<f64>(ASKED_AT + (which << 3));
}

/**
 * Finds, from the touch outward, the densities of a side of a book of `depth` levels. `middle` is twice the mid in ticks, 0
 * where there is none: then the share is of the whole side.
 */
export function detect(at: usize, depth: i32, middle: f64): void {
  side = at;
  ticks = load<usize>(at, S_TICKS * 4);
  units = load<usize>(at, S_UNITS * 4);
  from = load<i32>(at, S_FROM * 4);
  end = load<i32>(at, S_END * 4);
  edge = end - from === depth ? end - 1 : end;
  within = middle === 0 ? end : endWithin(at, middle, asked(P_BAND_PERCENT));
  found = FOUND_AT + load<i32>(at, S_SIDE * 4) * FOUND_BYTES;
  const runMax = <i32>asked(P_CLUSTER_LEVELS);
  setLength(at, runMax);
  band = notionalBefore(at, within);
  const share = (asked(P_SHARE_PERCENT) * band) / 100;
  store<i32>(found, 0, F_COUNT * 4);
  store<f64>(found, band, F_BAND * 8);
  store<f64>(found, share, F_BAND * 8 + 8);
  if (scan === SCAN_MAX) {
    memory.fill(ALONE_AT, 0, SIDES_AT - ALONE_AT);
    scan = 0;
  }
  scan++;
  least = max(asked(P_ABS_UNITS), share * (1 - 1e-12));
  // Neither a level nor a run can pass that begins in a window of less.
  const starts = findStarts(at, within, runMax, least);
  for (let k = 0; k < starts; k++) {
    const i = load<i32>(STARTS_AT + ((<usize>k) << 2));
    if (numberAt(units, i) >= least) judgeLevel(i);
  }
  if (starts === 0 || runMax < 2) return;
  findRuns(starts, runMax);
  if (runs > 0) keepLargest();
}

/** Place behind the last level that is at most `percent` of the mid away from it. Mostly that is the end. */
export function endWithin(side: usize, middle: f64, percent: f64): i32 {
  const ticks = load<usize>(side, S_TICKS * 4);
  const end = load<i32>(side, S_END * 4);
  const from = load<i32>(side, S_FROM * 4);
  if (from === end || isWithin(tickAt(ticks, end - 1), middle, percent)) return end;
  const away = (percent / 200) * middle;
  let place = placeOf(side, <i32>(middle / 2 + (load<i32>(side, S_SIDE * 4) === 0 ? -away : away)), from);
  // Where rounding has moved the price that was looked for.
  while (place < end && isWithin(tickAt(ticks, place), middle, percent)) place++;
  while (place > from && !isWithin(tickAt(ticks, place - 1), middle, percent)) place--;
  return place;
}

/** Is a price at most `percent` of the mid away from it? `middle` is twice the mid. */
function isWithin(tick: i32, middle: f64, percent: f64): bool {
  return abs<f64>(2 * <f64>tick - middle) * 100 <= percent * middle;
}

function judgeLevel(i: i32): void {
  const notional = numberAt(units, i);
  if (i === edge || !passesShare(notional)) return;
  if (!mayBeTypical(i, i, notional / asked(P_RELATIVE)) || !typicalAround(i, i)) return;
  const round = isRound(i);
  if (!standsOut(notional, round) || isRung(i)) return;
  store<i32>(ALONE_AT + ((<usize>i) << 2), scan);
  push(i, i, tickAt(ticks, i), notional, round);
}

/** Is it far larger than what is `typical` around it? At a round price more is asked. */
function standsOut(notional: f64, round: bool): bool {
  return notional >= asked(P_RELATIVE) * (round ? asked(P_ROUND_MULTIPLIER) : 1) * typical;
}

function passesShare(notional: f64): bool {
  return notional * 100 >= asked(P_SHARE_PERCENT) * band;
}

function isAlone(i: i32): bool {
  return load<i32>(ALONE_AT + ((<usize>i) << 2)) === scan;
}

/**
 * Every run that may pass and begins at one of the first `starts` places in STARTS_AT, by rising first and then rising last
 * level. The dear tests are left to those that would be kept.
 */
function findRuns(starts: i32, runMax: i32): void {
  runs = 0;
  const relative = asked(P_RELATIVE);
  const range = asked(P_CLUSTER_PERCENT) / 100;
  for (let start = 0; start < starts; start++) {
    const a = load<i32>(STARTS_AT + ((<usize>start) << 2));
    if (isAlone(a)) continue;
    const close = min(a + runMax, within);
    const nearest = tickAt(ticks, a);
    const first = numberAt(units, a);
    let sum = first;
    const span = max(CLUSTER_TICKS_MIN, range * <f64>nearest);
    for (let b = a + 1; b < close; b++) {
      if (isAlone(b) || b === edge || <f64>abs<i32>(tickAt(ticks, b) - nearest) > span) break;
      const last = numberAt(units, b);
      sum += last;
      if (sum < least || !passesShare(sum)) continue;
      // What is typical must be at most what the lesser end and the mean allow.
      const bound = sum / <f64>(b - a + 1) / relative;
      if (!mayBeTypical(a, b, min(min(first, last), bound))) continue;
      if (runs === RUNS_MAX) return;
      store<i32>(RUN_FIRST_AT + ((<usize>runs) << 2), a);
      store<i32>(RUN_LAST_AT + ((<usize>runs) << 2), b);
      store<f64>(RUN_SUM_AT + ((<usize>runs) << 3), sum);
      runs++;
    }
  }
}

/** Overlapping runs ask the same of the same levels, and it is the dearest question: the answer is kept for this scan. */
function isRung(i: i32): bool {
  const known = load<i32>(RUNG_AT + ((<usize>i) << 2));
  if (known >> 1 === scan) return (known & 1) === 1;
  const rung = isGridLevel(i, asked(P_GRID_LEVELS));
  store<i32>(RUNG_AT + ((<usize>i) << 2), 2 * scan + (rung ? 1 : 0));
  return rung;
}

/** Do its mean and its ends stand out of what is typical around it, and is none of its levels a rung? `typical` is that afterwards. */
function passes(a: i32, b: i32, mean: f64, round: bool): bool {
  if (!typicalAround(a, b) || !standsOut(mean, round)) return false;
  if (numberAt(units, a) <= typical || numberAt(units, b) <= typical) return false;
  for (let i = a; i <= b; i++) if (isRung(i)) return false;
  return true;
}

/** Of overlapping runs that pass the one with the largest sum, ties to the one nearer the touch, then to the shorter. */
function keepLargest(): void {
  while (true) {
    let best = -1;
    let sum: f64 = 0;
    for (let run = 0; run < runs; run++) {
      const its = numberAt(RUN_SUM_AT, run);
      if (its <= sum) continue;
      best = run;
      sum = its;
    }
    if (best < 0) return;
    const a = load<i32>(RUN_FIRST_AT + ((<usize>best) << 2));
    const b = load<i32>(RUN_LAST_AT + ((<usize>best) << 2));
    let largest = a;
    for (let i = a + 1; i <= b; i++) if (numberAt(units, i) > numberAt(units, largest)) largest = i;
    const round = isRound(largest);
    if (!passes(a, b, sum / <f64>(b - a + 1), round)) {
      store<f64>(RUN_SUM_AT + ((<usize>best) << 3), 0);
      continue;
    }
    push(a, b, tickAt(ticks, largest), sum, round);
    for (let run: usize = 0; run < <usize>runs; run++) {
      if (load<i32>(RUN_FIRST_AT + (run << 2)) <= b && load<i32>(RUN_LAST_AT + (run << 2)) >= a)
        store<f64>(RUN_SUM_AT + (run << 3), 0);
    }
  }
}

/** Puts a density into its place: they are found alone ones first, then the largest runs first. */
function push(a: i32, b: i32, price: i32, sum: f64, round: bool): void {
  const count = load<i32>(found, F_COUNT * 4);
  if (count >= FOUND_MAX) return;
  store<i32>(found, count + 1, F_COUNT * 4);
  let at = found + ((<usize>count) << 2);
  let on = found + ((<usize>count) << 3);
  for (; at > found && load<i32>(at, F_FIRST_AT - 4) > a; at -= 4, on -= 8) {
    store<i32>(at, load<i32>(at, F_FIRST_AT - 4), F_FIRST_AT);
    store<i32>(at, load<i32>(at, F_LAST_AT - 4), F_LAST_AT);
    store<i32>(at, load<i32>(at, F_PRICE_AT - 4), F_PRICE_AT);
    store<i32>(at, load<i32>(at, F_ROUND_AT - 4), F_ROUND_AT);
    store<f64>(on, load<f64>(on, F_SUM_AT - 8), F_SUM_AT);
    store<f64>(on, load<f64>(on, F_TYPICAL_AT - 8), F_TYPICAL_AT);
  }
  store<i32>(at, a, F_FIRST_AT);
  store<i32>(at, b, F_LAST_AT);
  store<i32>(at, price, F_PRICE_AT);
  store<i32>(at, round ? 1 : 0, F_ROUND_AT);
  store<f64>(on, sum, F_SUM_AT);
  store<f64>(on, typical, F_TYPICAL_AT);
}
