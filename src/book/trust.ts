// How far may a book be believed?
import { SLOT_WORDS, TRUST, type BookMemory } from './layout.ts';
import type { Slot } from '../market/units.ts';

export const DEAD = 0; // no symbol in this slot
export const SYNCING = 1; // waits for a snapshot
export const LIVE = 2; // whole and current: the only state in which signals and entries are allowed
export const SUSPECT = 3; // contradicted itself or the exchange; waits for a snapshot
export const STALE = 4; // silent for too long

export type Trust = 0 | 1 | 2 | 3 | 4;
export const TRUST_NAMES = ['dead', 'syncing', 'live', 'suspect', 'stale'] as const;

/** Any thread. */
export function readTrust(books: BookMemory, slot: Slot): Trust {
  return Atomics.load(books.words, slot * SLOT_WORDS + TRUST) as Trust;
}

/** May deltas be applied? A stale book is whole, only old. */
export function takesDeltas(trust: Trust): boolean {
  return trust === LIVE || trust === STALE;
}
