// hot: once per scan; allocates when a book is first looked at, or has become deeper, and never else.
// How does a thread keep books of its own? It copies one once, and then takes over what the change ring says of it.
import { CHANGE_LOST, DEPTH, SLOT_WORDS, type BookMemory } from '../book/layout.ts';
import { copyBook, readHeader, VIEW_MESSAGE, type Book } from '../book/read.ts';
import type { Slot } from '../market/units.ts';
import type { ScanKernel, Side } from './kernel/kernel.ts';

/** Last message of a book that is not to be believed. */
export const NONE = -1;

export interface KeptBook {
  readonly book: Book<Side>;
  /** Levels a side for which it has room. */
  readonly depth: number;
  tenancy: number;
  /** [message whose changes it has taken over last] */
  readonly message: Float64Array;
}

/** Who keeps books: a thread's workspace. */
interface Keeper {
  readonly books: BookMemory;
  readonly kernel: ScanKernel;
  /** By slot. */
  readonly kept: (KeptBook | undefined)[];
}

/** The thread's book of a slot; a new one where there is none, or where the topic has become deeper. */
export function keptBook({ books, kernel, kept }: Keeper, slot: Slot): KeptBook {
  const depth = books.words[slot * SLOT_WORDS + DEPTH] as number;
  const found = kept[slot];
  if (found !== undefined && found.depth >= depth) return found;
  if (found !== undefined) kernel.dropBook(found.book);
  const made = { book: kernel.createBook(depth), depth, tenancy: 0, message: new Float64Array([NONE]) };
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
export function copyWhole({ books, kernel }: Keeper, slot: Slot, kept: KeptBook): boolean {
  kept.message[0] = NONE;
  // Main may have given the slot to a deeper book since `keptBook` has looked.
  if (!copyBook(books, slot, kept.book) || kept.book.depth > kept.depth) return false;
  for (const { at } of kept.book.sides) kernel.call.forgetAll(at);
  kept.tenancy = kept.book.tenancy;
  kept.message[0] = kept.book.stamps[VIEW_MESSAGE] as number;
  return true;
}
