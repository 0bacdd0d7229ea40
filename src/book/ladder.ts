// hot: a dozen times per frame on main; as long at any depth; allocates nothing.
// How does one level change in O(1)? A ring of sizes indexed by price, with a bitmap of what is occupied.
import {
  BASE_KEY,
  BEST_KEY,
  BITMAP_AT,
  BITMAP_WORDS,
  EMPTY_KEY,
  EMPTY_WORST,
  LADDER_AT,
  LEVEL_COUNT,
  LEVELS_HELD_MAX,
  OVERFLOW_COUNT,
  OVERFLOW_KEYS_AT,
  OVERFLOW_LEVELS,
  OVERFLOW_LOTS_AT,
  TRUNCATED,
  WINDOW_HEADROOM,
  WINDOW_MASK,
  WINDOW_TICKS,
  WORST_KEY,
} from './layout.ts';
import { assert } from '../lib/assert.ts';

/** Levels that a full overflow let go (B13), for whoever keeps totals and changes. */
export interface Spill {
  count: number;
  readonly keys: Int32Array;
  readonly lots: Float64Array;
}

export function createSpill(): Spill {
  return { count: 0, keys: new Int32Array(LEVELS_HELD_MAX), lots: new Float64Array(LEVELS_HELD_MAX) };
}

/**
 * Sets one level outside of the hot path's happy case: any key, in or out of the window. Returns the former lots, which
 * are `lot` itself where nothing changed: also when the level found no room. What it pushed out is added to `spill`.
 * `at` and `on` are the slot's offsets into words and numbers. The caller keeps the side's total.
 */
export function setLevel(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  key: number,
  lot: number,
  spill: Spill,
): number {
  if (words[at + BEST_KEY + side] === EMPTY_KEY) {
    if (lot === 0) return 0;
    words[at + BASE_KEY + side] = key + WINDOW_HEADROOM - WINDOW_MASK;
  }
  let base = words[at + BASE_KEY + side] as number;
  if (key > base + WINDOW_MASK) {
    if (lot === 0) return 0;
    raiseWindow(words, numbers, at, on, side, key + WINDOW_HEADROOM - WINDOW_MASK, spill);
    base = words[at + BASE_KEY + side] as number;
  }
  if (key < base) {
    const wanted = (words[at + BEST_KEY + side] as number) + WINDOW_HEADROOM - WINDOW_MASK;
    if (wanted >= base - WINDOW_HEADROOM || key < wanted)
      return setOverflow(words, numbers, at, on, side, key, lot, spill);
    lowerWindow(words, numbers, at, on, side, wanted);
  }
  const index = key & WINDOW_MASK;
  const cell = on + LADDER_AT + side * WINDOW_TICKS + index;
  const old = numbers[cell] as number;
  if (old === lot) return old;
  numbers[cell] = lot;
  const word = at + BITMAP_AT + side * BITMAP_WORDS + (index >>> 5);
  if (old === 0) {
    words[word] = (words[word] as number) | (1 << (index & 31));
    words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) + 1;
    if (key > (words[at + BEST_KEY + side] as number)) words[at + BEST_KEY + side] = key;
    if (key < (words[at + WORST_KEY + side] as number)) words[at + WORST_KEY + side] = key;
  } else if (lot === 0) {
    words[word] = (words[word] as number) & ~(1 << (index & 31));
    words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) - 1;
    if (key === words[at + BEST_KEY + side]) findBest(words, numbers, at, on, side, key - 1);
    if (key === words[at + WORST_KEY + side])
      words[at + WORST_KEY + side] = worstKey(words, numbers, at, on, side, key);
  }
  return old;
}

/** After the best level went: the next occupied key at or below `from`. */
export function findBest(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  from: number,
): void {
  const base = words[at + BASE_KEY + side] as number;
  const next = nextKey(words, at, side, from, base);
  if (next !== EMPTY_KEY) {
    words[at + BEST_KEY + side] = next;
    return;
  }
  // The window has run empty; what is left, if anything, is in the overflow.
  if (words[at + OVERFLOW_COUNT + side] === 0) {
    words[at + BEST_KEY + side] = EMPTY_KEY;
    return;
  }
  const first = numbers[on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS] as number;
  words[at + BEST_KEY + side] = first;
  lowerWindow(words, numbers, at, on, side, first + WINDOW_HEADROOM - WINDOW_MASK);
}

/** The highest occupied key in [base, from] of the window, EMPTY_KEY where there is none. */
export function nextKey(words: Int32Array, at: number, side: number, from: number, base: number): number {
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  let key = from;
  while (key >= base) {
    const index = key & WINDOW_MASK;
    // Bits at or below the key within its word; the ring runs the same way as the keys.
    const bits = (words[bitmap + (index >>> 5)] as number) & (0xffffffff >>> (31 - (index & 31)));
    if (bits !== 0) {
      const found = key - (index & 31) + (31 - Math.clz32(bits));
      return found >= base ? found : EMPTY_KEY;
    }
    key -= (index & 31) + 1;
  }
  return EMPTY_KEY;
}

/** The farthest level of a side, EMPTY_WORST where it is empty; the search in the window begins at `from`. */
export function worstKey(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  from: number,
): number {
  const overflow = words[at + OVERFLOW_COUNT + side] as number;
  if (overflow > 0) return numbers[on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS + overflow - 1] as number;
  const best = words[at + BEST_KEY + side] as number;
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  let key = Math.max(from, words[at + BASE_KEY + side] as number);
  while (key <= best) {
    const index = key & WINDOW_MASK;
    const bits = (words[bitmap + (index >>> 5)] as number) & (0xffffffff << (index & 31));
    if (bits !== 0) return key - (index & 31) + (31 - Math.clz32(bits & -bits));
    key += 32 - (index & 31);
  }
  return EMPTY_WORST;
}

/** The lots at a key, 0 where nothing rests. */
export function lotsAt(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  key: number,
): number {
  const base = words[at + BASE_KEY + side] as number;
  if (key >= base)
    return key > base + WINDOW_MASK
      ? 0
      : (numbers[on + LADDER_AT + side * WINDOW_TICKS + (key & WINDOW_MASK)] as number);
  const keys = on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS;
  const count = words[at + OVERFLOW_COUNT + side] as number;
  for (let i = 0; i < count; i++) {
    if (numbers[keys + i] === key) return numbers[on + OVERFLOW_LOTS_AT + side * OVERFLOW_LEVELS + i] as number;
  }
  return 0;
}

function setOverflow(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  key: number,
  lot: number,
  spill: Spill,
): number {
  const keys = on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS;
  const lots = on + OVERFLOW_LOTS_AT + side * OVERFLOW_LEVELS;
  let count = words[at + OVERFLOW_COUNT + side] as number;
  let place = 0;
  while (place < count && (numbers[keys + place] as number) > key) place++;
  if (place < count && numbers[keys + place] === key) {
    const old = numbers[lots + place] as number;
    if (lot > 0) {
      numbers[lots + place] = lot;
      return old;
    }
    for (let i = place + 1; i < count; i++) {
      numbers[keys + i - 1] = numbers[keys + i] as number;
      numbers[lots + i - 1] = numbers[lots + i] as number;
    }
    words[at + OVERFLOW_COUNT + side] = count - 1;
    words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) - 1;
    if (key === words[at + WORST_KEY + side])
      words[at + WORST_KEY + side] = worstKey(words, numbers, at, on, side, EMPTY_KEY);
    return old;
  }
  if (lot === 0) return 0;
  if (count === OVERFLOW_LEVELS) {
    // The farthest level of all goes (B13); the mark says that totals are no longer the whole side's.
    words[at + TRUNCATED] = 1;
    if (place === count) return lot;
    count--;
    words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) - 1;
    addSpill(spill, numbers[keys + count] as number, numbers[lots + count] as number);
  }
  for (let i = count; i > place; i--) {
    numbers[keys + i] = numbers[keys + i - 1] as number;
    numbers[lots + i] = numbers[lots + i - 1] as number;
  }
  numbers[keys + place] = key;
  numbers[lots + place] = lot;
  words[at + OVERFLOW_COUNT + side] = count + 1;
  words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) + 1;
  words[at + WORST_KEY + side] = numbers[keys + count] as number;
  return 0;
}

function addSpill(spill: Spill, key: number, lot: number): void {
  spill.keys[spill.count] = key;
  spill.lots[spill.count] = lot;
  spill.count++;
}

/** Lays the window nearer: what falls out at the far end goes to the overflow. */
function raiseWindow(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  base: number,
  spill: Spill,
): void {
  const oldBase = words[at + BASE_KEY + side] as number;
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  const ladder = on + LADDER_AT + side * WINDOW_TICKS;
  let key = nextKey(words, at, side, Math.min(base - 1, oldBase + WINDOW_MASK), oldBase);
  while (key !== EMPTY_KEY) {
    const index = key & WINDOW_MASK;
    const lot = numbers[ladder + index] as number;
    numbers[ladder + index] = 0;
    words[bitmap + (index >>> 5)] = (words[bitmap + (index >>> 5)] as number) & ~(1 << (index & 31));
    words[at + LEVEL_COUNT + side] = (words[at + LEVEL_COUNT + side] as number) - 1;
    if (setOverflow(words, numbers, at, on, side, key, lot, spill) === lot) addSpill(spill, key, lot);
    key = nextKey(words, at, side, key - 1, oldBase);
  }
  words[at + BASE_KEY + side] = base;
}

/** Lays the window farther out: what it now covers is taken from the overflow. */
function lowerWindow(
  words: Int32Array,
  numbers: Float64Array,
  at: number,
  on: number,
  side: number,
  base: number,
): void {
  assert((words[at + BEST_KEY + side] as number) <= base + WINDOW_MASK, 'a window is never laid below the best level');
  words[at + BASE_KEY + side] = base;
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  const ladder = on + LADDER_AT + side * WINDOW_TICKS;
  const keys = on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS;
  const lots = on + OVERFLOW_LOTS_AT + side * OVERFLOW_LEVELS;
  const count = words[at + OVERFLOW_COUNT + side] as number;
  let taken = 0;
  while (taken < count && (numbers[keys + taken] as number) >= base) {
    const index = (numbers[keys + taken] as number) & WINDOW_MASK;
    numbers[ladder + index] = numbers[lots + taken] as number;
    words[bitmap + (index >>> 5)] = (words[bitmap + (index >>> 5)] as number) | (1 << (index & 31));
    taken++;
  }
  for (let i = taken; i < count; i++) {
    numbers[keys + i - taken] = numbers[keys + i] as number;
    numbers[lots + i - taken] = numbers[lots + i] as number;
  }
  words[at + OVERFLOW_COUNT + side] = count - taken;
}

/** Empties a side. */
export function clearSide(words: Int32Array, numbers: Float64Array, at: number, on: number, side: number): void {
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  const ladder = on + LADDER_AT + side * WINDOW_TICKS;
  // Only what is there is touched: most ticks of a ladder are nobody's all its life, and even reading them may take memory.
  for (let word = 0; word < BITMAP_WORDS; word++) {
    let bits = words[bitmap + word] as number;
    if (bits === 0) continue;
    words[bitmap + word] = 0;
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits);
      bits &= ~(1 << bit);
      numbers[ladder + 32 * word + bit] = 0;
    }
  }
  words[at + OVERFLOW_COUNT + side] = 0;
  words[at + LEVEL_COUNT + side] = 0;
  words[at + BEST_KEY + side] = EMPTY_KEY;
  words[at + WORST_KEY + side] = EMPTY_WORST;
}
