// hot: once per scan in a worker; budget 0.3 µs per 100 levels; allocates nothing.
// How does another thread see one book whole? It copies, and keeps the copy only if nothing was written meanwhile.
import { beginRead, endRead } from '../lib/seqlock.ts';
import type { Slot } from '../market/units.ts';
import {
  BASE_KEY,
  BEST_KEY,
  BITMAP_AT,
  BITMAP_WORDS,
  DEPTH,
  EMPTY_KEY,
  EPOCH,
  EXCHANGE_TIME,
  GENERATION,
  LADDER_AT,
  LEVEL_COUNT,
  MESSAGE,
  OVERFLOW_COUNT,
  OVERFLOW_KEYS_AT,
  OVERFLOW_LEVELS,
  OVERFLOW_LOTS_AT,
  RECEIVED,
  SEQUENCE,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  TOTAL,
  TRUNCATED,
  TRUST,
  UPDATE_ID,
  WINDOW_MASK,
  WINDOW_TICKS,
  type BookMemory,
} from './layout.ts';
import { createLevels, type Levels } from './levels.ts';

/** Levels a side in a copy: more than the deepest topic shows. */
export const VIEW_LEVELS_MAX = 1_024;
export const READ_RETRIES_MAX = 64;

// BookView.stamps
export const VIEW_UPDATE = 0;
export const VIEW_SEQUENCE = 1;
export const VIEW_EXCHANGE = 2;
export const VIEW_RECEIVED = 3;
export const VIEW_MESSAGE = 4;

/** What a scan reads of a book. */
export interface Book<Side extends Levels = Levels> {
  epoch: number;
  tenancy: number;
  trust: number;
  depth: number;
  truncated: number;
  /** Copies thrown away because main wrote meanwhile; grows for ever. */
  retries: number;
  readonly totals: Float64Array; // [side] notional units of the whole side
  readonly stamps: Float64Array;
  readonly sides: readonly [Side, Side];
}

/** One consistent copy of a book, in arrays that are made once. Levels run from the touch outward, from place 0. */
export interface BookView extends Book {
  readonly counts: Int32Array; // [side]
  readonly ticks: readonly [Int32Array, Int32Array];
  readonly lots: readonly [Float64Array, Float64Array];
}

export function createBook<Side extends Levels>(bids: Side, asks: Side): Book<Side> {
  return {
    epoch: 0,
    tenancy: 0,
    trust: 0,
    depth: 0,
    truncated: 0,
    retries: 0,
    totals: new Float64Array(2),
    stamps: new Float64Array(5),
    sides: [bids, asks],
  };
}

export function createView(): BookView {
  const bids = createLevels(VIEW_LEVELS_MAX);
  const asks = createLevels(VIEW_LEVELS_MAX);
  return {
    ...createBook(bids, asks),
    counts: new Int32Array(2),
    ticks: [bids.ticks, asks.ticks],
    lots: [bids.lots, asks.lots],
  };
}

/** Counts the symbols that a slot has held: another number, another book. Main, or a thread that has the slot. */
export function readTenancy(books: BookMemory, slot: Slot): number {
  return books.words[slot * SLOT_WORDS + TENANCY] as number;
}

/**
 * Copies the book of `slot` into `view`. False when main wrote during READ_RETRIES_MAX copies in a row: the caller puts
 * the book back into its queue. `checked: false` leaves out the second look; only the test that proves its worth does.
 */
export function readBook(books: BookMemory, slot: Slot, view: BookView, checked = true): boolean {
  if (!copyBook(books, slot, view, checked)) return false;
  view.counts[0] = view.sides[0].end;
  view.counts[1] = view.sides[1].end;
  return true;
}

/** The same for a book that is kept and changed on: where its arrays have room to spare the levels lie in their middle. */
export function copyBook(books: BookMemory, slot: Slot, book: Book, checked = true): boolean {
  const at = slot * SLOT_WORDS;
  for (let attempt = 0; attempt < READ_RETRIES_MAX; attempt++) {
    const generation = beginRead(books.words, at + GENERATION);
    if ((generation & 1) === 0 || !checked) {
      copyHeader(books, slot, book);
      copySide(books, slot, 0, book.sides[0]);
      copySide(books, slot, 1, book.sides[1]);
      if (!checked || endRead(books.words, at + GENERATION, generation)) return true;
    }
    book.retries++;
  }
  return false;
}

/** Copies all but the levels. */
export function readHeader(books: BookMemory, slot: Slot, book: Book): boolean {
  const at = slot * SLOT_WORDS;
  for (let attempt = 0; attempt < READ_RETRIES_MAX; attempt++) {
    const generation = beginRead(books.words, at + GENERATION);
    if ((generation & 1) === 0) {
      copyHeader(books, slot, book);
      if (endRead(books.words, at + GENERATION, generation)) return true;
    }
    book.retries++;
  }
  return false;
}

function copyHeader(books: BookMemory, slot: Slot, book: Book): void {
  const { words, numbers } = books;
  const at = slot * SLOT_WORDS;
  const on = slot * SLOT_NUMBERS;
  book.epoch = words[at + EPOCH] as number;
  book.tenancy = words[at + TENANCY] as number;
  book.trust = words[at + TRUST] as number;
  book.depth = words[at + DEPTH] as number;
  book.truncated = words[at + TRUNCATED] as number;
  book.totals[0] = numbers[on + TOTAL] as number;
  book.totals[1] = numbers[on + TOTAL + 1] as number;
  book.stamps[VIEW_UPDATE] = numbers[on + UPDATE_ID] as number;
  book.stamps[VIEW_SEQUENCE] = numbers[on + SEQUENCE] as number;
  book.stamps[VIEW_EXCHANGE] = numbers[on + EXCHANGE_TIME] as number;
  book.stamps[VIEW_RECEIVED] = numbers[on + RECEIVED] as number;
  book.stamps[VIEW_MESSAGE] = numbers[on + MESSAGE] as number;
}

function copySide({ words, numbers }: BookMemory, slot: number, side: number, levels: Levels): void {
  const at = slot * SLOT_WORDS;
  const on = slot * SLOT_NUMBERS;
  const { ticks, lots, units } = levels;
  const sign = side === 0 ? 1 : -1;
  const ladder = on + LADDER_AT + side * WINDOW_TICKS;
  const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
  // A torn header may say anything: the loops below are bounded by the copy's and the window's size, never by it.
  const total = words[at + LEVEL_COUNT + side] as number;
  const best = words[at + BEST_KEY + side] as number;
  const base = Math.max(words[at + BASE_KEY + side] as number, best - WINDOW_MASK);
  const from = (ticks.length - levels.max) >> 1;
  const limit = from + (total < levels.max ? total : levels.max);
  let count = from;
  let low = best & ~31; // key of the word's lowest bit
  let bits = (words[bitmap + ((best & WINDOW_MASK) >>> 5)] as number) & (0xffffffff >>> (31 - (best & 31)));
  while (best !== EMPTY_KEY && count < limit) {
    while (bits !== 0 && count < limit) {
      const bit = 31 - Math.clz32(bits);
      bits &= ~(1 << bit);
      const key = low + bit;
      if (key < base) break;
      const lot = numbers[ladder + (key & WINDOW_MASK)] as number;
      ticks[count] = key * sign;
      if (lots !== undefined) lots[count] = lot;
      units[count++] = key * sign * lot;
    }
    low -= 32;
    if (low + 31 < base) break;
    bits = words[bitmap + ((low & WINDOW_MASK) >>> 5)] as number;
  }
  const overflow = Math.min(words[at + OVERFLOW_COUNT + side] as number, OVERFLOW_LEVELS);
  for (let i = 0; i < overflow && count < limit; i++) {
    const tick = (numbers[on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS + i] as number) * sign;
    const lot = numbers[on + OVERFLOW_LOTS_AT + side * OVERFLOW_LEVELS + i] as number;
    ticks[count] = tick;
    if (lots !== undefined) lots[count] = lot;
    units[count++] = tick * lot;
  }
  levels.from = from;
  levels.end = count;
}
