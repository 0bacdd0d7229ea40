// wasm: once per changed level in a scanning thread; compiled by `npm run kernel` with the constants of layout.ts; allocates nothing.
// How does a thread keep one side of a book in order without copying it anew for every message?
//
// Levels lie from the touch outward in the places [from, end) of arrays with room at both ends: a level that comes or goes
// shifts those between it and the nearer end, most often the few between it and the touch.

function tickAt(ticks: usize, place: i32): i32 {
  return load<i32>(ticks + ((<usize>place) << 2));
}

function numberAt(numbers: usize, place: i32): f64 {
  return load<f64>(numbers + ((<usize>place) << 3));
}

/**
 * The first place from `start` on that is at or beyond `tick`, seen from the touch. Halves without a branch, for which half it
 * is nobody can foretell, and counts the nearer ones of the last sixteen.
 */
export function placeOf(side: usize, tick: i32, start: i32): i32 {
  const ticks = load<usize>(side, S_TICKS * 4);
  const end = load<i32>(side, S_END * 4);
  // On either side a nearer price is the larger one then.
  const flip = -load<i32>(side, S_SIDE * 4);
  const key = tick ^ flip;
  let left = end - start;
  if (left <= 0) return end;
  const least = end - load<i32>(side, S_FROM * 4) < 16 ? 1 : 16;
  let low = start;
  while (left > least) {
    const half = left >> 1;
    low += (tickAt(ticks, low + half - 1) ^ flip) > key ? half : 0;
    left -= half;
  }
  if (least === 1) return low + <i32>((tickAt(ticks, low) ^ flip) > key);
  // The sixteen may begin nearer the touch, where all that is before them is nearer as well.
  low = min(low, end - 16);
  const p = ticks + ((<usize>low) << 2);
  const flips = i32x4.splat(flip);
  const keys = i32x4.splat(key);
  const nearer = i32x4.add(
    i32x4.add(areNearer(p, flips, keys), areNearer(p + 16, flips, keys)),
    i32x4.add(areNearer(p + 32, flips, keys), areNearer(p + 48, flips, keys)),
  );
  const counts = i32x4.neg(nearer);
  const two = i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1);
  return max(start, low + <i32>two + <i32>(two >> 32));
}

/** By lane: is the price nearer than the key? −1 where it is. */
function areNearer(p: usize, flips: v128, keys: v128): v128 {
  return i32x4.gt_s(v128.xor(v128.load(p), flips), keys);
}

/** Takes over the first `count` changes. */
export function takeAll(bids: usize, asks: usize, count: i32): i32 {
  const end = CHANGES_AT + ((<usize>count) << 5);
  for (let p: usize = CHANGES_AT; p < end; p += 32) {
    const side = load<f64>(p) === 0 ? bids : asks;
    const taken = take(side, <i32>load<f64>(p, 8), load<f64>(p, 16), load<f64>(p, 24));
    if (taken !== TAKEN) return taken;
  }
  return TAKEN;
}

/** Takes over a change of the level at `tick` from `old` to `lot`. */
function take(side: usize, tick: i32, old: f64, lot: f64): i32 {
  let place = placeOf(side, tick, load<i32>(side, S_FROM * 4));
  const ticks = load<usize>(side, S_TICKS * 4);
  const units = load<usize>(side, S_UNITS * 4);
  const isThere = place < load<i32>(side, S_END * 4) && tickAt(ticks, place) === tick;
  if (old * <f64>tick !== (isThere ? numberAt(units, place) : 0)) return STRANGE;
  if (lot === 0) {
    if (isThere) remove(side, place);
    return TAKEN;
  }
  if (isThere) forget(side, place, place);
  else {
    place = makeRoom(side, place);
    if (place < 0) return FULL;
    store<i32>(ticks + ((<usize>place) << 2), tick);
  }
  store<f64>(units + ((<usize>place) << 3), <f64>tick * lot);
  return TAKEN;
}

function remove(side: usize, place: i32): void {
  const from = load<i32>(side, S_FROM * 4);
  const end = load<i32>(side, S_END * 4);
  if (place - from < end - place) {
    forget(side, from, place);
    shift(side, from, place, 1);
    store<i32>(side, from + 1, S_FROM * 4);
  } else {
    forget(side, place, end - 1);
    shift(side, place + 1, end, -1);
    store<i32>(side, end - 1, S_END * 4);
  }
}

/** A free place between the levels nearer than `place` and those from it on; negative where there is none. */
function makeRoom(side: usize, place: i32): i32 {
  if (load<i32>(side, S_FROM * 4) === 0 || load<i32>(side, S_END * 4) === load<i32>(side, S_PLACES * 4)) {
    const moved = center(side);
    if (moved === 0) return -1;
    place += moved;
  }
  const from = load<i32>(side, S_FROM * 4);
  const end = load<i32>(side, S_END * 4);
  if (place - from <= end - place) {
    forget(side, from - 1, place - 1);
    shift(side, from, place, -1);
    store<i32>(side, from - 1, S_FROM * 4);
    return place - 1;
  }
  forget(side, place, end);
  shift(side, place, end, 1);
  store<i32>(side, end + 1, S_END * 4);
  return place;
}

/** Beyond so many levels the machine's own copying is faster than a loop. */
const LOOP_MAX: i32 = 24;

/** Moves the levels of [first, last) by `by` places. */
function shift(side: usize, first: i32, last: i32, by: i32): void {
  const ticks = load<usize>(side, S_TICKS * 4);
  const units = load<usize>(side, S_UNITS * 4);
  const count = <usize>(last - first);
  if (last - first > LOOP_MAX) {
    memory.copy(ticks + ((first + by) << 2), ticks + (first << 2), count << 2);
    memory.copy(units + ((first + by) << 3), units + (first << 3), count << 3);
  } else {
    const step: i32 = by < 0 ? 1 : -1;
    let i = by < 0 ? first : last - 1;
    for (let left = last - first; left > 0; left--, i += step) {
      store<i32>(ticks + ((i + by) << 2), load<i32>(ticks + (i << 2)));
      store<f64>(units + ((i + by) << 3), load<f64>(units + (i << 3)));
    }
  }
}

/** Seldom: moves all levels to the middle of the arrays. By how many places; 0 where they fill them. */
function center(side: usize): i32 {
  const from = load<i32>(side, S_FROM * 4);
  const end = load<i32>(side, S_END * 4);
  const to = (load<i32>(side, S_PLACES * 4) - (end - from)) >> 1;
  if (to === 0) return 0;
  shift(side, from, end, to - from);
  store<i32>(side, to, S_FROM * 4);
  store<i32>(side, to + end - from, S_END * 4);
  forgetAll(side);
  return to - from;
}
