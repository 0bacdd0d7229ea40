// Where does what the analysis knows of one instrument lie in shared memory? This file alone knows the offsets.
//
// It lies there and not in a worker's heap so that another thread can go on after a worker's death. Per slot:
//   Int32   header, and the order of the lives: offsets of records, oldest first
//   Float64 parameters (written by main), header, LIVES_MAX life records, as many pasts, flows and lists of hidden levels, and
//           pending trades: what a message asks of a life stands close together, the rings of its past sizes apart, and apart from
//           these what most lives never have, for memory that nobody has written to is none
// One writer: the owner of the instrument. The generation is odd while it writes.
import { createSharedPages } from '../lib/shared-pages.ts';
import { P_NUMBERS } from './params.ts';

/** Numbers of a cache line. */
export const LINE = 8;
export const LIVES_MAX = 64;
export const PENDING_MAX = 256;

// Int32 header
export const GENERATION = 0; // odd while a scan is under way
export const TENANCY = 1; // of the book whose densities these are
export const LIFE_COUNT = 2;
export const PENDING_COUNT = 3;
export const LIVES_REFUSED = 4; // densities for which no record was free
export const PENDING_LOST = 5; // trades that found no place to wait for their message
export const RESTARTS = 6; // times the change ring had lost entries, or a worker had died in mid-scan
export const ABRIDGED = 7; // 1: only what is made into rows and counts is told, see tell.ts; written by main before any scan
export const HEADER_WORDS = 16;
export const ORDER_AT = HEADER_WORDS; // where the LIVES_MAX records lie
export const SLOT_WORDS = ORDER_AT + LIVES_MAX;

// Float64 header
export const MESSAGE = 0; // last message followed
export const EXCHANGE_TIME = 1; // its cts
export const NEXT_LIFE = 2; // ordinal of the next life, never used again in this process
export const PRESSURE = 3; // smoothed
export const PRESSURE_TIME = 4;
export const COOLDOWN_UNTIL = 5;
export const SEEN_UNTIL = 6; // what the newest snapshot and the messages behind it tell up to here was told before
export const DAILY_CHANGE = 7; // of 24 hours in percent, as told before the last message followed; NaN until known
export const HEADER_NUMBERS = 8;

export const PARAMS_AT = 0;
export const HEADER_AT = PARAMS_AT + P_NUMBERS;
export const LIVES_AT = HEADER_AT + HEADER_NUMBERS;

// One life. Times are exchange ms, amounts notional units. What is asked together lies together in one cache line: a book that has
// not been looked at for some milliseconds has left the caches, and a line then costs as much as a hundred instructions.
// Of every life:
export const L_SIDE = 0;
export const L_LOW = 1; // ticks, both included
export const L_HIGH = 2;
export const L_HIDDEN = 3; // levels of it that left through the window's edge, listed apart
export const L_CURRENT = 4;
export const L_SIZE_NOTED = 5; // current at the end of the last message
export const L_OUT_AT = 6; // out of the visible window since; 0 = in view
export const L_NOTE_AT = 7; // when the peak of the window leaves it; Infinity while the size is that peak
export const L_PEAK = 8;
export const L_WINDOW_PEAK = 9; // largest current of the peak window
export const L_CONFIRMED = 10; // 0 = never
export const L_DETECTED = 11; // in the last scan: 1 more than its place among what was found on its side; 0 = not
export const L_GONE_AT = 12; // 0 = not gone
export const L_STATE = 13;
export const L_CROSSED = 14;
export const L_BEFORE_GONE = 15; // current at the end of the last message that left it over the floor
// Of one in view:
export const L_TYPICAL = 16; // the neighbours' typical notional, at the last detection
export const L_TOUCHING = 17; // 0 no, 1 yes, 2 yes and its signal is given
export const L_ARMED = 18; // 1: the price has been away since confirmation
export const L_BREAKOUT_MASK = 19; // criteria passed at the last telling, -1 = not yet told
export const L_BOUNCE_MASK = 20;
export const L_EATEN = 21;
export const L_FALL_BASE = 22;
export const L_LACKING = 23; // what its levels lack of as many typical ones; Infinity until asked for, and after any change
// Of one that is detected:
export const L_FIRST_SEEN = 24;
export const L_LAST_SEEN = 25; // last detected
export const L_PRICE = 26; // tick of its largest level
export const L_RELATIVE = 27; // times the neighbours' typical, at the last detection
export const L_SHARE = 28; // percent of the side in the band, at the last detection
export const L_SHARE_THRESHOLD = 29; // notional that the share test asked for, at the last detection
export const L_ROUND = 30;
export const L_CLUSTER = 31;
// Of one that changes:
export const L_PEAK_BUCKET = 32; // number of the newest bucket of this ring of its past
export const L_STABLE_BUCKET = 33;
export const L_UNSTEADY = 34; // largest deviation of its size over the stability window, in percent; below 0 until asked
export const L_PAST = 35; // where its past lies
export const L_FLOW_TOTAL = 36; // traded into it in the flow ring
export const L_PULLED = 37;
export const L_REFILLED = 38;
export const L_TRADED = 39; // matched trades in all
// Now and then:
export const L_FLOW_BUCKET = 40; // 0 until something trades into it
export const L_TOLD_AT = 41; // of a candidate
export const L_FALL_AT = 42; // last fall of over 2 % while eroding
export const L_STORED_AT = 43;
export const L_BREAKOUT_AT = 44; // 0 = no signal yet
export const L_FOLLOWED_FROM = 45; // nothing up to this time counts: its birth, or what the snapshot after a lost book tells again
export const L_TOUCHES = 46;
export const L_ADJUSTED = 47; // booked without a cause: resyncs, changed extents, what came back into view smaller
export const L_RPI = 48;
export const L_ID = 49;
export const L_INITIAL = 50;
export const L_FLOW = 51; // where its flow lies
export const L_HIDDEN_LIST = 52; // where its hidden levels lie
export const L_STORED_TENTH = 53; // tenths of erosion already told
/** Whole cache lines, an odd number of them: lives of one slot must not all fall into the same sets of the cache. */
export const LIFE_STRIDE = 7 * LINE;

// One past
export const PEAK_BUCKETS = 60;
export const STABLE_BUCKETS = 30;
export const PEAKS_AT = 0;
export const STABLE_AT = PEAKS_AT + PEAK_BUCKETS; // last, lowest, highest of each bucket
export const PAST_STRIDE = (Math.ceil((STABLE_AT + 3 * (STABLE_BUCKETS + 1)) / LINE) | 1) * LINE;
export const PASTS_AT = LIVES_AT + LIVES_MAX * LIFE_STRIDE;

// One flow, where L_FLOW_BUCKET says that there is any: units by bucket
export const FLOW_BUCKETS = 50;
export const FLOW_BUCKET_MS = 100;
export const FLOW_STRIDE = (Math.ceil(FLOW_BUCKETS / LINE) | 1) * LINE;
export const FLOWS_AT = PASTS_AT + LIVES_MAX * PAST_STRIDE;

// The hidden levels of one, as many as L_HIDDEN says: tick and lots of each
export const HIDDEN_MAX = 16;
export const HIDDEN_STRIDE = 2 * HIDDEN_MAX;
export const HIDDEN_AT = FLOWS_AT + LIVES_MAX * FLOW_STRIDE;
export const PENDING_AT = HIDDEN_AT + LIVES_MAX * HIDDEN_STRIDE;
export const PENDING_STRIDE = 4; // side (2 more where it does not show in the book), tick, lots, time
export const SLOT_NUMBERS = PENDING_AT + PENDING_MAX * PENDING_STRIDE;
if (LIVES_AT % 8 !== 0 || (SLOT_WORDS * 4) % 64 !== 0) throw new Error('lives must start on cache lines');

// L_STATE
export const FORMING = 1;
export const CONFIRMED = 2;
export const ERODING = 3;
export const GONE = 4;
export const STATE_NAMES = ['none', 'forming', 'confirmed', 'eroding', 'gone'] as const;

// Labels
export const EATEN = 1;
export const PULLED = 2;
export const MOVED = 3;
export const ABSORBED = 4;
export const OUT_OF_VIEW = 5;
export const UNKNOWN = 6;
export const HELD = 7;
export const LABEL_NAMES = ['none', 'eaten', 'pulled', 'moved', 'absorbed', 'out_of_view', 'unknown', 'held'] as const;
export type Label = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface LifeMemory {
  readonly buffer: SharedArrayBuffer;
  readonly slots: number;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
}

export function mapLives(buffer: SharedArrayBuffer, slots: number): LifeMemory {
  const words = new Int32Array(buffer, 0, slots * SLOT_WORDS);
  return { buffer, slots, words, numbers: new Float64Array(buffer, slots * SLOT_WORDS * 4, slots * SLOT_NUMBERS) };
}

export function createLives(slots: number): LifeMemory {
  return mapLives(createSharedPages(slots * (SLOT_WORDS * 4 + SLOT_NUMBERS * 8)).buffer, slots);
}

/** From now on only what is made into rows and counts is told: of every other event main would make an object for nobody. */
export function abridge({ words, slots }: LifeMemory): void {
  for (let slot = 0; slot < slots; slot++) words[slot * SLOT_WORDS + ABRIDGED] = 1;
}

/** Offset of the `place`-th oldest life of a slot in `numbers`. */
export function lifeAt(lives: LifeMemory, slot: number, place: number): number {
  return lives.words[slot * SLOT_WORDS + ORDER_AT + place] as number;
}

/** How often all that was known of a slot's densities had to be given up. */
export function restartsOf({ words }: LifeMemory, slot: number): number {
  return words[slot * SLOT_WORDS + RESTARTS] as number;
}

/** Offset of a life's past in `numbers`. */
export function pastOf(numbers: Float64Array, life: number): number {
  return (numbers[life + L_PAST] as number) | 0;
}

/** Offset of a life's flow in `numbers`. */
export function flowOf(numbers: Float64Array, life: number): number {
  return (numbers[life + L_FLOW] as number) | 0;
}

/** Offset of a life's hidden levels in `numbers`. */
export function hiddenOf(numbers: Float64Array, life: number): number {
  return (numbers[life + L_HIDDEN_LIST] as number) | 0;
}
