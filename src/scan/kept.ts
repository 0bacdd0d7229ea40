// hot: once per scan; allocates when a book is first looked at, or has become deeper, and never else.
// How does a thread keep books of its own? It copies one once, and then takes over what the change ring says of it.
import { CHANGE_LOST, DEPTH, SLOT_WORDS, type BookMemory } from '../book/layout.ts';
import { copyBook, readHeader, VIEW_MESSAGE, type Book } from '../book/read.ts';
import type { Slot } from '../market/units.ts';
import type { ScanKernel, Side } from './kernel/kernel.ts';

/** Neither a depth nor a message: no book is kept, or it is not to be believed. */
const NONE = -1;

// One kept book, Float64: a cache line of its own, for to find a book that has rested is to wait for one line after the other.
const K_BIDS = 0; // addresses of its sides
const K_ASKS = 1;
const K_DEPTH = 2; // levels a side for which it has room; NONE where none is kept
const K_TENANCY = 3;
const K_MESSAGE = 4; // whose changes it has taken over last
const KEPT_NUMBERS = 8;

/** Who keeps books: a thread's workspace. */
interface Keeper {
  readonly books: BookMemory;
  readonly kernel: ScanKernel;
  /** By slot. */
  readonly kept: Float64Array;
  /** The book in hand. */
  readonly view: Book<Side>;
}

export function createKept(slots: number): Float64Array {
  return new Float64Array(slots * KEPT_NUMBERS).fill(NONE);
}

/** Takes the thread's book of a slot in hand; a new one where there is none, or where the topic has become deeper. */
export function takeUp({ books, kernel, kept, view }: Keeper, slot: Slot): void {
  const at = slot * KEPT_NUMBERS;
  const depth = books.words[slot * SLOT_WORDS + DEPTH] as number;
  const room = kept[at + K_DEPTH] as number;
  if (room < depth) {
    if (room !== NONE) kernel.dropSides([kept[at + K_BIDS] as number, kept[at + K_ASKS] as number]);
    const [bids, asks] = kernel.createSides(depth);
    kept[at + K_BIDS] = bids;
    kept[at + K_ASKS] = asks;
    kept[at + K_DEPTH] = depth;
    kept[at + K_MESSAGE] = NONE;
  }
  view.sides[0].at = kept[at + K_BIDS] as number;
  view.sides[1].at = kept[at + K_ASKS] as number;
}

/**
 * May the book in hand go on by the changes behind message `followed[from]`? Brings its header up to date for that. False where
 * changes were lost, where another symbol has come, or where others have followed them meanwhile: it must be copied whole.
 */
export function isInStep({ books, kept, view }: Keeper, slot: Slot, followed: Float64Array, from: number): boolean {
  const at = slot * KEPT_NUMBERS;
  if (kept[at + K_MESSAGE] !== followed[from] || !readHeader(books, slot, view)) return false;
  return (
    view.tenancy === kept[at + K_TENANCY] &&
    view.depth <= (kept[at + K_DEPTH] as number) &&
    Atomics.load(books.words, slot * SLOT_WORDS + CHANGE_LOST) === 0
  );
}

/** Copies the whole book in hand. False when main wrote all the time: look again later. */
export function copyWhole({ books, kernel, kept, view }: Keeper, slot: Slot): boolean {
  const at = slot * KEPT_NUMBERS;
  kept[at + K_MESSAGE] = NONE;
  // Main may have given the slot to a deeper book since `takeUp` has looked.
  if (!copyBook(books, slot, view) || view.depth > (kept[at + K_DEPTH] as number)) return false;
  for (const { at: side } of view.sides) kernel.call.forgetAll(side);
  kept[at + K_TENANCY] = view.tenancy;
  kept[at + K_MESSAGE] = view.stamps[VIEW_MESSAGE] as number;
  return true;
}

/** So far has the book taken over changes; one that is not noted is behind for good, and copied whole. */
export function noteTaken({ kept }: Keeper, slot: Slot, message: Float64Array, at: number): void {
  kept[slot * KEPT_NUMBERS + K_MESSAGE] = message[at] as number;
}
