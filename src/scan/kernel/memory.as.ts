// wasm: see side.as.ts; compiled as one text with it.
// What is remembered of one side of a book, so that a scan costs what has changed and not what is there?
//
// Of each block of places: what its levels come to, and its heaviest window. A window is `length` levels from a place
// outward; a density begins only where one is heavy enough. Sums are whole numbers: in whatever order, they come to the same.

/** The places [first, last] have changed. A window that begins nearer the touch reaches into them. */
function forget(side: usize, first: i32, last: i32): void {
  const known = load<usize>(side, S_KNOWN * 4);
  const nearest = known + (max(first - load<i32>(side, S_LENGTH * 4) + 1, 0) >> BLOCK_BITS);
  const farthest = known + (last >> BLOCK_BITS);
  store<u8>(nearest, 0);
  store<u8>(farthest, 0);
  for (let p = nearest + 1; p < farthest; p++) store<u8>(p, 0);
}

export function forgetAll(side: usize): void {
  forget(side, 0, load<i32>(side, S_PLACES * 4) - 1);
}

/** Notional units of the levels in [first, last). */
function notionalOf(side: usize, first: i32, last: i32): f64 {
  const units = load<usize>(side, S_UNITS * 4);
  let sum: f64 = 0;
  for (let i = first; i < last; i++) sum += numberAt(units, i);
  return sum;
}

/** Notional units of the levels before the place `within`. */
export function notionalBefore(side: usize, within: i32): f64 {
  const totals = load<usize>(side, S_TOTALS * 4);
  const from = load<i32>(side, S_FROM * 4);
  const last = within >> BLOCK_BITS;
  let block = from >> BLOCK_BITS;
  if (block === last) return notionalOf(side, from, within);
  let sum: f64 = 0;
  for (; block < last; block++) {
    know(side, block);
    sum += numberAt(totals, block);
  }
  return sum + notionalOf(side, last << BLOCK_BITS, within);
}

/** How much more the levels from the price `near` on, before `behind` and before the place `within`, would hold if each held `typical`. */
export function lacking(side: usize, near: i32, behind: i32, within: i32, typical: f64): f64 {
  const first = placeOf(side, near, load<i32>(side, S_FROM * 4));
  const last = min(within, placeOf(side, behind, first));
  return last > first ? <f64>(last - first) * typical - notionalOf(side, first, last) : 0;
}

function know(side: usize, block: i32): void {
  if (load<u8>(load<usize>(side, S_KNOWN * 4) + block) === 0) look(side, block);
}

/** What the windows from `place` and from the next one on hold. */
function twoWindows(units: usize, place: i32, length: i32): v128 {
  let p = units + ((<usize>place) << 3);
  const end = p + ((<usize>length) << 3);
  let sum = v128.load(p);
  // By fours, for a loop costs as much as what it does.
  for (p += 8; p + 24 < end; p += 32) {
    const near = f64x2.add(v128.load(p), v128.load(p, 8));
    sum = f64x2.add(sum, f64x2.add(near, f64x2.add(v128.load(p, 16), v128.load(p, 24))));
  }
  for (; p < end; p += 8) sum = f64x2.add(sum, v128.load(p));
  return sum;
}

/** From now on a window is so long. */
function setLength(side: usize, length: i32): void {
  if (length === load<i32>(side, S_LENGTH * 4)) return;
  store<i32>(side, length, S_LENGTH * 4);
  forgetAll(side);
}

/** Adds a block up, and finds its heaviest window, or a heavier one that begins just behind it. */
function look(side: usize, block: i32): void {
  const units = load<usize>(side, S_UNITS * 4);
  const length = load<i32>(side, S_LENGTH * 4);
  const first = max(load<i32>(side, S_FROM * 4), block << BLOCK_BITS);
  const end = load<i32>(side, S_END * 4);
  const last = min(end, (block << BLOCK_BITS) + BLOCK_PLACES);
  let total = f64x2.splat(0);
  let heaviest = f64x2.splat(0);
  let i = first;
  // Two at a time, as long as the farther window ends within the side.
  for (const close = min(last, end - length) - 1; i < close; i += 2) {
    total = f64x2.add(total, v128.load(units + ((<usize>i) << 3)));
    heaviest = f64x2.pmax(heaviest, twoWindows(units, i, length));
  }
  // Windows that end with the side are parts of the first of them: of what is left two are enough.
  const next = notionalOf(side, i, min(i + length, end));
  const second = notionalOf(side, i + 1, min(i + 1 + length, end));
  heaviest = f64x2.pmax(heaviest, f64x2.replace_lane(f64x2.splat(next), 1, second));
  const most = f64x2.pmax(heaviest, f64x2.splat(f64x2.extract_lane(heaviest, 1)));
  const sum = f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1) + notionalOf(side, i, last);
  store<f64>(load<usize>(side, S_TOTALS * 4) + ((<usize>block) << 3), sum);
  store<f64>(load<usize>(side, S_HEAVIEST * 4) + ((<usize>block) << 3), f64x2.extract_lane(most, 0));
  store<u8>(load<usize>(side, S_KNOWN * 4) + block, 1);
}

/** Writes the places before `within` from which on `length` levels within it hold `least` notional units. How many there are. */
function findStarts(side: usize, within: i32, length: i32, least: f64): i32 {
  const units = load<usize>(side, S_UNITS * 4);
  const heaviest = load<usize>(side, S_HEAVIEST * 4);
  const from = load<i32>(side, S_FROM * 4);
  let end: usize = STARTS_AT;
  for (let block = from >> BLOCK_BITS; block << BLOCK_BITS < within; block++) {
    know(side, block);
    if (numberAt(heaviest, block) < least) continue;
    const last = min(within, (block << BLOCK_BITS) + BLOCK_PLACES);
    let i = max(from, block << BLOCK_BITS);
    // Places are written in any case: whether they stay is no branch to be guessed.
    for (const close = min(last, within - length) - 1; i < close; i += 2) {
      const heavy = i64x2.bitmask(f64x2.ge(twoWindows(units, i, length), f64x2.splat(least)));
      store<i32>(end, i);
      end += (heavy & 1) << 2;
      store<i32>(end, i + 1);
      end += (heavy & 2) << 1;
    }
    for (; i < last; i++) {
      if (notionalOf(side, i, min(i + length, within)) >= least) {
        store<i32>(end, i);
        end += 4;
      } else if (i + length >= within) break; // those behind it are parts of it
    }
  }
  return <i32>((end - STARTS_AT) >> 2);
}

/** Places nearest the touch that most scans look at. */
const WARM_PLACES: i32 = 64;

/** Brings what a scan looks at into the caches, see warm.ts. The sum means nothing. */
export function warm(side: usize): f64 {
  const from = load<i32>(side, S_FROM * 4);
  const end = min(load<i32>(side, S_END * 4), from + WARM_PLACES);
  // An empty side may stand behind its last place, where no block is.
  if (from >= end) return 0;
  const ticks = load<usize>(side, S_TICKS * 4);
  const units = load<usize>(side, S_UNITS * 4);
  const block = from >> BLOCK_BITS;
  let sum = numberAt(load<usize>(side, S_TOTALS * 4), block) + numberAt(load<usize>(side, S_HEAVIEST * 4), block);
  sum += <f64>load<u8>(load<usize>(side, S_KNOWN * 4) + block);
  for (let i = from; i < end; i += 8) sum += numberAt(units, i);
  for (let i = from; i < end; i += 16) sum += <f64>tickAt(ticks, i);
  return sum;
}
