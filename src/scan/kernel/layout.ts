// Where does everything of a thread's own books lie in the kernel's memory? This file alone knows the offsets.
//
// First what belongs to the scan in hand: the numbers that it asks by, what it found on either side, and its marks by place.
// Behind that a record for each side of a book: its header, then its arrays.
import { VIEW_LEVELS_MAX } from '../../book/read.ts';
import { P_CLUSTER_LEVELS } from '../params.ts';

/** Places in which the levels of a side may move before they are moved back to the middle. */
export const SPARE_PLACES = 64;
/** Places of the deepest side. */
export const PLACES_MAX = VIEW_LEVELS_MAX + SPARE_PLACES;

// A side, Int32. Addresses are in bytes.
export const S_SIDE = 0; // 0 bids, 1 asks
export const S_FROM = 1; // place of the touch
export const S_END = 2; // place behind the farthest level
export const S_PLACES = 3; // of each array of levels
export const S_LENGTH = 4; // levels in a window
export const S_TICKS = 5; // address of Int32, by place
export const S_UNITS = 6; // address of Float64, by place: notional units, tick × lots
export const S_TOTALS = 7; // address of Float64, by block: notional units
export const S_HEAVIEST = 8; // address of Float64, by block: notional units of its heaviest window
export const S_KNOWN = 9; // address of Uint8, by block: 1 where the two are those of the levels as they are
export const SIDE_BYTES = 64;

/** A block is so many places: a power of two. */
export const BLOCK_BITS = 5;
export const BLOCK_PLACES = 1 << BLOCK_BITS;

// What taking over a change comes to
export const TAKEN = 0;
/** The side has no room for another level: it must be copied anew. */
export const FULL = 1;
/** The level had another size before: the change is of another book than this. */
export const STRANGE = 2;

/** Changes that are taken over at once. */
export const CHANGES_MAX = 64;

/** Densities of one side; more are dropped. */
export const FOUND_MAX = 64;
/** Runs of one side that may pass, before the overlapping ones are sorted out. */
export const RUNS_MAX = 512;
/** Levels on each side that a level or a run is compared with: the kernel counts them by fives and tens. */
export const NEIGHBOURS = 5;

// What was found on a side, Int32 …
export const F_COUNT = 0;
// … Float64 …
export const F_BAND = 1; // [total within the band, notional that the share test asks for]
// … and in bytes, arrays of FOUND_MAX from the touch outward
export const F_FIRST_AT = 24;
export const F_LAST_AT = F_FIRST_AT + FOUND_MAX * 4;
export const F_PRICE_AT = F_LAST_AT + FOUND_MAX * 4;
export const F_ROUND_AT = F_PRICE_AT + FOUND_MAX * 4;
export const F_SUM_AT = F_ROUND_AT + FOUND_MAX * 4;
export const F_TYPICAL_AT = F_SUM_AT + FOUND_MAX * 8;
export const FOUND_BYTES = F_TYPICAL_AT + FOUND_MAX * 8;

// Addresses of what belongs to the scan in hand
export const ASKED_AT = 0; // Float64: the params of the symbol, as far as a detection asks for them
export const ASKED_NUMBERS = P_CLUSTER_LEVELS + 1;
export const AROUND_AT = 128; // Float64: what is around a level
export const CHANGES_AT = AROUND_AT + 2 * NEIGHBOURS * 8; // Float64: [side, tick, old lots, new lots] of each change
export const FOUND_AT = CHANGES_AT + CHANGES_MAX * 4 * 8; // [side]
export const RUN_SUM_AT = FOUND_AT + 2 * FOUND_BYTES; // Float64
export const RUN_FIRST_AT = RUN_SUM_AT + RUNS_MAX * 8; // Int32
export const RUN_LAST_AT = RUN_FIRST_AT + RUNS_MAX * 4; // Int32
export const STARTS_AT = RUN_LAST_AT + RUNS_MAX * 4; // Int32: places from which on there is notional enough for a density
// The marks of detections, wiped together
export const ALONE_AT = STARTS_AT + PLACES_MAX * 4; // Int32, by place: the scan in which it was a density by itself
export const RUNG_AT = ALONE_AT + PLACES_MAX * 4; // Int32, by place: twice the scan in which it was asked, 1 more where it is a rung
export const SIDES_AT = RUNG_AT + PLACES_MAX * 4;

if (ASKED_NUMBERS * 8 > AROUND_AT) throw new Error('the numbers of a scan have no room');
