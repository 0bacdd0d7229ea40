// hot: once per scan; allocates when a book is first looked at, or has become deeper, and never else.
// How does a thread keep books of its own? It copies one once, and then takes over what the change ring says of it.
import type { Slot } from '../market/units.ts';
import { CHANGE_LOST, DEPTH, SLOT_WORDS, type BookMemory } from './layout.ts';
import { copyBook, createBook, readHeader, VIEW_MESSAGE, type Book } from './read.ts';

/** Places in which the levels of a side may move before they are moved back to the middle. */
const SPARE = 256;
const DEPTH_MAX = 1_000;
/** Places of the deepest side. */
export const PLACES_MAX = 2 * DEPTH_MAX + SPARE;
/** Last message of a book that is not to be believed. */
export const NONE = -1;

export interface KeptBook {
  readonly book: Book;
  /** Levels a side for which it has room. */
  readonly depth: number;
  tenancy: number;
  /** [message whose changes it has taken over last] */
  readonly message: Float64Array;
}

/** The thread's book of a slot; a new one where there is none, or where the topic has become deeper. */
export function keptBook(books: BookMemory, slot: Slot, kept: (KeptBook | undefined)[]): KeptBook {
  const depth = books.words[slot * SLOT_WORDS + DEPTH] as number;
  const found = kept[slot];
  if (found !== undefined && found.depth >= depth) return found;
  const book = createBook(depth, 2 * depth + SPARE);
  const made = { book, depth, tenancy: 0, message: new Float64Array([NONE]) };
  kept[slot] = made;
  return made;
}

/**
 * May the book go on by the changes behind message `followed[at]`? Brings its header up to date for that. False where changes
 * were lost, where another symbol has come, or where others have followed them meanwhile: it must be copied whole.
 */
export function isInStep(
  books: BookMemory,
  slot: Slot,
  { book, depth, tenancy, message }: KeptBook,
  followed: Float64Array,
  at: number,
): boolean {
  if (message[0] !== followed[at] || !readHeader(books, slot, book)) return false;
  return (
    book.tenancy === tenancy && book.depth <= depth && Atomics.load(books.words, slot * SLOT_WORDS + CHANGE_LOST) === 0
  );
}

/** Copies the whole book. False when main wrote all the time: look again later. */
export function copyWhole(books: BookMemory, slot: Slot, kept: KeptBook): boolean {
  kept.message[0] = NONE;
  // Main may have given the slot to a deeper book since `keptBook` has looked.
  if (!copyBook(books, slot, kept.book) || kept.book.depth > kept.depth) return false;
  kept.tenancy = kept.book.tenancy;
  kept.message[0] = kept.book.stamps[VIEW_MESSAGE] as number;
  return true;
}
