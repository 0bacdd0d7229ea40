// Where does everything of one book lie in shared memory? This file alone knows the offsets.
//
// One arena for all books; an instrument is a slot in it. Per slot:
//   Int32   header (one cache line of what changes with every message, one of what seldom changes)
//   Int32   occupancy bitmaps of bid and ask: WINDOW_TICKS / 32 words each
//   Float64 header: totals, sequence numbers, times
//   Float64 change ring: CHANGE_CAPACITY entries of CHANGE_STRIDE numbers; seldom more of it is used than lies beside the header
//   Float64 ladders of bid and ask: rings of WINDOW_TICKS lots, index = key & (WINDOW_TICKS - 1)
//   Float64 overflow of bid and ask, keys and lots: sorted from the touch outward
// Of all slots the Int32 lie together, and so in few pages: of what lies in the others most is never written to, and takes no memory.
//
// A *key* is a tick signed so that a higher key is nearer the touch: tick for a bid, −tick for an ask. So both sides are
// the same code. A side's window is [base, base + WINDOW_TICKS); levels farther out than base are in the overflow.

import { createSharedPages } from '../lib/shared-pages.ts';
import { kernelPlaces } from './kernel-places.ts';

export const WINDOW_TICKS = 4_096;
export const WINDOW_MASK = WINDOW_TICKS - 1;
/** Room kept above the best key when a window is laid, so that a rising touch seldom moves it. */
export const WINDOW_HEADROOM = 512;
export const BITMAP_WORDS = WINDOW_TICKS / 32;
/** A whole side of the deepest topic, levels far apart, and what one message may add before the farthest are pruned. */
export const OVERFLOW_LEVELS = 1_280;
/** What window and overflow of a side can hold. */
export const LEVELS_HELD_MAX = WINDOW_TICKS + OVERFLOW_LEVELS;
/** Best key of an empty side. */
export const EMPTY_KEY = -0x80000000;
/** Worst key of an empty side. */
export const EMPTY_WORST = 0x7fffffff;

// Int32 header: the line that every message writes …
export const GENERATION = 0; // odd while being written
export const EPOCH = 1; // grows whenever what the book says breaks off: another symbol, a resync, a restart
export const TRUST = 2; // see trust.ts
export const BEST_KEY = 3; // [side]
export const LEVEL_COUNT = 5; // [side]
export const BASE_KEY = 7; // [side]
export const OVERFLOW_COUNT = 9; // [side]
export const TRUNCATED = 11; // 1: levels were dropped for want of room; totals are no shares
export const CHANGE_HEAD = 12; // entries written, wrapping
export const WORST_KEY = 13; // [side]
export const CHANGE_ORIGIN = 15; // the entry that lies first in the ring; moved to the head whenever all is consumed: so few lines are used, and they stay warm
// … and a line of its own for what the reader of the change ring writes
export const CHANGE_TAIL = 16; // entries consumed, wrapping
export const CHANGE_LOST = 17; // not 0: entries were lost; the writer waits until the reader has cleared it
// … and what changes only with the symbol
export const TENANCY = 18; // counts the symbols that this slot has held
export const DEPTH = 19; // levels a side that the topic shows
export const HEADER_WORDS = 32;
/** In CHANGE_LOST, of a replay: nothing was lost, but whom it repeats began anew here. */
export const GIVEN_UP = 2;

export const BITMAP_AT = HEADER_WORDS; // [side]
export const SLOT_WORDS = BITMAP_AT + 2 * BITMAP_WORDS;

// Float64 header
export const TOTAL = 0; // [side] notional units of the whole side
export const UPDATE_ID = 2; // u
export const SEQUENCE = 3; // seq
export const EXCHANGE_TIME = 4; // cts, ms
export const RECEIVED = 5; // local ms of the frame
export const MESSAGE = 6; // number of the last message, from 1
export const HEADER_NUMBERS = 8;

export const CHANGES_AT = HEADER_NUMBERS;
/** A hundred and fifty messages of a dozen changes: seconds of the busiest book, in which a thread can die and another begin. */
export const CHANGE_CAPACITY = 2_048;
export const CHANGE_MASK = CHANGE_CAPACITY - 1;
/** kind, then three numbers that depend on it. */
export const CHANGE_STRIDE = 4;
export const LADDER_AT = CHANGES_AT + CHANGE_CAPACITY * CHANGE_STRIDE; // [side]
export const OVERFLOW_KEYS_AT = LADDER_AT + 2 * WINDOW_TICKS; // [side]
export const OVERFLOW_LOTS_AT = OVERFLOW_KEYS_AT + 2 * OVERFLOW_LEVELS; // [side]
export const SLOT_NUMBERS = OVERFLOW_LOTS_AT + 2 * OVERFLOW_LEVELS;

if (SLOT_WORDS % 16 !== 0) throw new Error('a slot must begin on a cache line');
if ((WINDOW_TICKS & WINDOW_MASK) !== 0 || (CHANGE_CAPACITY & CHANGE_MASK) !== 0)
  throw new Error('rings are powers of two');

// Change ring entries, [kind, a, b, c]
export const CHANGE_BID = 0; // tick, old lot, new lot
export const CHANGE_ASK = 1; // tick, old lot, new lot
export const CHANGE_BUY = 2; // a taker bought, so it traded against asks: tick, lot, time
export const CHANGE_SELL = 3; // tick, lot, time
export const CHANGE_RPI_BUY = 4; // as above, against liquidity that no book shows
export const CHANGE_RPI_SELL = 5;
/** The changes that follow, up to the close, come from a new snapshot: nobody knows what caused them. a = epoch */
export const CHANGE_RESET = 6;
/** End of a message, in three entries that follow each other at once. The first: u, cts, message number. */
export const CHANGE_CLOSE = 7;
/** The second: best bid tick, best ask tick (0 where a side is empty), 0. */
export const CHANGE_TOUCH = 8;
/** The third: farthest bid tick, farthest ask tick, and which sides are full (bit 0 bid, bit 1 ask): see there for the window's edge. */
export const CHANGE_EDGE = 9;

/** A ticker told another change of 24 hours: 0, 0, percent. Here, so that a scan of a message knows what was told before it, and no more. */
export const CHANGE_DAILY = 10;

/** Where an entry lies, its slot's numbers beginning at `on`. Who reads loads the head before the origin. */
export function changeAt(on: number, index: number, origin: number): number {
  return on + CHANGES_AT + ((index - origin) & CHANGE_MASK) * CHANGE_STRIDE;
}

/** The memory of all books as its threads see it. */
export interface BookMemory {
  /** On main alone: what the kernel needs. Without it frames are read and applied in TypeScript. */
  readonly kernel?: WebAssembly.Memory;
  readonly buffer: SharedArrayBuffer;
  readonly slots: number;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
}

export function bookBytes(slots: number): number {
  return slots * (SLOT_WORDS * 4 + SLOT_NUMBERS * 8);
}

/** Lays the views over an arena; the arena must have been made with `bookBytes(slots)`. */
export function mapBooks(buffer: SharedArrayBuffer, slots: number): BookMemory {
  const words = new Int32Array(buffer, 0, slots * SLOT_WORDS);
  const numbers = new Float64Array(buffer, slots * SLOT_WORDS * 4, slots * SLOT_NUMBERS);
  return { buffer, slots, words, numbers };
}

export function createBooks(slots: number): BookMemory {
  const kernel = createSharedPages(kernelPlaces(slots, bookBytes(slots)).end);
  return { ...emptyBooks(kernel.buffer, slots), kernel };
}

/** Books without a symbol, over memory that is all zero. */
export function emptyBooks(buffer: SharedArrayBuffer, slots: number): BookMemory {
  const memory = mapBooks(buffer, slots);
  for (let slot = 0; slot < slots; slot++) {
    for (let side = 0; side < 2; side++) {
      memory.words[slot * SLOT_WORDS + BEST_KEY + side] = EMPTY_KEY;
      memory.words[slot * SLOT_WORDS + WORST_KEY + side] = EMPTY_WORST;
    }
  }
  return memory;
}
