// wasm: for the few levels that pass the cheaper tests; see detect.as.ts, whose variables it uses: they are compiled as one text.
// What is typical around a level, is its price round, and is it one rung of a market maker's ladder?

/** A rung is looked for no farther than this many levels from the one before. */
const GRID_STEP_LEVELS_MAX: i32 = 20;

/** Makes room for what is around a level. */
function clear(): void {
  const nobody = f64x2.splat(Infinity);
  for (let p: usize = AROUND_AT; p < AROUND_AT + 2 * NEIGHBOURS * 8; p += 16) v128.store(p, nobody);
}

function put(size: i32, value: f64): void {
  store<f64>(AROUND_AT + ((<usize>size) << 3), value);
}

/**
 * The median of `size` numbers, the mean of the middle two where they are even. Either is the largest number that no more
 * than so many are less than: counting has no branch to be guessed, and sorting has little else. Numbers that are not
 * negative are in the order of their bits.
 */
function medianOf(size: i32): f64 {
  const half = size >> 1;
  const end: usize = AROUND_AT + ((<usize>size) << 3);
  let upper: i64 = 0;
  let lower: i64 = 0;
  for (let p: usize = AROUND_AT; p < end; p += 8) {
    const value = v128.load64_splat(p);
    const before = i64x2.add(
      i64x2.add(i64x2.add(areLess(0, value), areLess(16, value)), i64x2.add(areLess(32, value), areLess(48, value))),
      areLess(64, value),
    );
    const less = -(<i32>(i64x2.extract_lane(before, 0) + i64x2.extract_lane(before, 1)));
    const bits = load<i64>(p);
    upper = max<i64>(upper, less <= half ? bits : 0);
    lower = max<i64>(lower, less < half ? bits : 0);
  }
  return size & 1 ? reinterpret<f64>(upper) : (reinterpret<f64>(lower) + reinterpret<f64>(upper)) / 2;
}

/** By lane: is the number less than the value? −1 where it is. */
function areLess(at: usize, value: v128): v128 {
  return f64x2.lt(v128.load(AROUND_AT + at), value);
}

/** `typical` becomes the median notional of up to 5 levels before `a` and 5 behind `b`; false below two of them. */
function typicalAround(a: i32, b: i32): bool {
  const last = min(b + NEIGHBOURS, end - 1);
  clear();
  let size = 0;
  for (let i = max(a - NEIGHBOURS, from); i < a; i++) put(size++, numberAt(units, i));
  for (let i = b + 1; i <= last; i++) put(size++, numberAt(units, i));
  if (size < 2) return false;
  typical = medianOf(size);
  return true;
}

/**
 * Can the typical level around [a..b] be at most `most`? Counting is a third of the price of sorting and settles most runs:
 * the lower middle neighbour must be at most the bound.
 */
function mayBeTypical(a: i32, b: i32, most: f64): bool {
  const first = max(a - NEIGHBOURS, from);
  const last = min(b + NEIGHBOURS, end - 1);
  if (last - b === NEIGHBOURS && a - first === NEIGHBOURS)
    return (
      countOfFive(units + ((<usize>first) << 3), most) + countOfFive(units + ((<usize>last) << 3) - 32, most) >=
      NEIGHBOURS
    );
  let below = 0;
  for (let i = first; i < a; i++) below += <i32>(numberAt(units, i) <= most);
  for (let i = b + 1; i <= last; i++) below += <i32>(numberAt(units, i) <= most);
  return below * 2 >= a - first + last - b;
}

/** How many of five are at most `most`? */
function countOfFive(p: usize, most: f64): i32 {
  return (
    <i32>(load<f64>(p) <= most) +
    <i32>(load<f64>(p, 8) <= most) +
    <i32>(load<f64>(p, 16) <= most) +
    <i32>(load<f64>(p, 24) <= most) +
    <i32>(load<f64>(p, 32) <= most)
  );
}

/** Has the price at least two more trailing zeros than the median of its neighbours' prices? */
function isRound(i: i32): bool {
  const own = trailingZeros(tickAt(ticks, i));
  if (own < 2) return false;
  const last = min(i + NEIGHBOURS, end - 1);
  clear();
  let size = 0;
  for (let j = max(i - NEIGHBOURS, from); j <= last; j++) {
    if (j !== i) put(size++, <f64>trailingZeros(tickAt(ticks, j)));
  }
  return size > 0 && <f64>own >= 2 + medianOf(size);
}

function trailingZeros(tick: i32): i32 {
  let zeros = 0;
  for (let rest = tick; rest > 0 && rest % 10 === 0; rest /= 10) zeros++;
  return zeros;
}

/** Lots of a level. Both are whole numbers, so that this is exact. */
function sizeAt(i: i32): f64 {
  return numberAt(units, i) / <f64>tickAt(ticks, i);
}

function isOf(i: i32, size: f64): bool {
  return numberAt(units, i) === size * <f64>tickAt(ticks, i);
}

/**
 * Does the level at `i` belong to `rungsMin` or more levels of exactly its size at equal steps of price, each step at most
 * GRID_STEP_LEVELS_MAX levels long?
 */
function isGridLevel(i: i32, rungsMin: f64): bool {
  const size = sizeAt(i);
  return (
    isGridWith(i, max(i - GRID_STEP_LEVELS_MAX, from), i, size, rungsMin) ||
    isGridWith(i, i + 1, min(i + 1 + GRID_STEP_LEVELS_MAX, end), size, rungsMin)
  );
}

/** The nearest rung on either side fixes the step; a farther one may fix another, so all of [first, last) are tried. */
function isGridWith(i: i32, first: i32, last: i32, size: f64, rungsMin: f64): bool {
  const sizes = f64x2.splat(size);
  for (let four = first; four < last; four += 4) {
    if (!v128.any_true(v128.or(areOf(four, sizes), areOf(four + 2, sizes)))) continue;
    for (let j = four; j < min(four + 4, last); j++) {
      if (!isOf(j, size)) continue;
      const step = abs<i32>(tickAt(ticks, j) - tickAt(ticks, i));
      if (<f64>(1 + rungsFrom(i, step, -1) + rungsFrom(i, step, 1)) >= rungsMin) return true;
    }
  }
  return false;
}

/** By lane: is the level, at `i` and at the next place, one of that size? */
function areOf(i: i32, sizes: v128): v128 {
  const two = f64x2.convert_low_i32x4_s(v128.load64_zero(ticks + ((<usize>i) << 2)));
  return f64x2.eq(f64x2.mul(two, sizes), v128.load(units + ((<usize>i) << 3)));
}

/** Rungs beyond `i` in one direction of the arrays. */
function rungsFrom(i: i32, step: i32, direction: i32): i32 {
  const size = sizeAt(i);
  let rungs = 0;
  let rung = i;
  while (true) {
    const reach = rung + direction * (GRID_STEP_LEVELS_MAX + 1);
    let next = -1;
    for (let j = rung + direction; j >= from && j < end && j !== reach; j += direction) {
      const away = abs<i32>(tickAt(ticks, j) - tickAt(ticks, rung));
      if (away > step) break;
      if (away === step) {
        if (isOf(j, size)) next = j;
        break;
      }
    }
    if (next < 0) return rungs;
    rungs++;
    rung = next;
  }
}
