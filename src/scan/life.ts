// hot: for the few lives of one symbol, once per message; allocates nothing.
// What happens to one density: is it born, how large is it, how does it end?
import { OLDER_MS_MAX } from '../book/exchange-time.ts';
import { remainder } from '../lib/remainder.ts';
import {
  EATEN,
  FLOW_BUCKETS,
  FLOW_BUCKET_MS,
  FLOW_STRIDE,
  FLOWS_AT,
  FORMING,
  GONE,
  HEADER_AT,
  HELD,
  LIFE_COUNT,
  LIFE_STRIDE,
  LIVES_AT,
  LIVES_MAX,
  L_ADJUSTED,
  L_BEFORE_GONE,
  L_BOUNCE_MASK,
  L_BREAKOUT_MASK,
  L_CURRENT,
  L_EATEN,
  L_FALL_BASE,
  L_FIRST_SEEN,
  L_FLOW,
  L_FLOW_BUCKET,
  L_FLOW_TOTAL,
  L_FOLLOWED_FROM,
  L_ID,
  L_INITIAL,
  L_NOTE_AT,
  L_PAST,
  L_PEAK,
  L_PEAK_BUCKET,
  L_PULLED,
  L_SIDE,
  L_SIZE_NOTED,
  L_STABLE_BUCKET,
  L_STATE,
  L_HIDDEN_LIST,
  L_UNSTEADY,
  L_WINDOW_PEAK,
  NEXT_LIFE,
  ORDER_AT,
  PARAMS_AT,
  PASTS_AT,
  PAST_STRIDE,
  PEAKS_AT,
  PEAK_BUCKETS,
  PULLED,
  SLOT_NUMBERS,
  SLOT_WORDS,
  STABLE_AT,
  STABLE_BUCKETS,
  UNKNOWN,
  HIDDEN_AT,
  HIDDEN_STRIDE,
  flowOf,
  lifeAt,
  pastOf,
  type Label,
} from './layout.ts';
import { P_PEAK_MS, P_STABLE_MS } from './params.ts';
import { tellLabel } from './tell.ts';
import type { Workspace } from './workspace.ts';

/** Under this part of its peak a density is gone. */
const GONE_PART = 0.1;

/** L_UNSTEADY after a change of what it is made of. */
const UNASKED = -1;

/** Takes a free record for a life of `sums[i]` and returns its offset, −1 where all are taken. The caller fills in the extent. */
export function createLife(work: Workspace, slot: number, side: number, sums: Float64Array, i: number): number {
  const { words, numbers } = work.lives;
  const notional = sums[i] as number;
  const now = work.time[0] as number;
  const at = slot * SLOT_WORDS;
  const count = words[at + LIFE_COUNT] as number;
  if (count >= LIVES_MAX) return -1;
  const first = slot * SLOT_NUMBERS + LIVES_AT;
  // Free records stand behind the live ones in the order list; zeroed memory lists none.
  if (count === 0) for (let n = 0; n < LIVES_MAX; n++) words[at + ORDER_AT + n] = first + n * LIFE_STRIDE;
  words[at + LIFE_COUNT] = count + 1;
  const life = lifeAt(work.lives, slot, count);
  numbers.fill(0, life, life + LIFE_STRIDE);
  const record = (life - first) / LIFE_STRIDE;
  numbers[life + L_PAST] = slot * SLOT_NUMBERS + PASTS_AT + record * PAST_STRIDE;
  numbers[life + L_FLOW] = slot * SLOT_NUMBERS + FLOWS_AT + record * FLOW_STRIDE;
  numbers[life + L_HIDDEN_LIST] = slot * SLOT_NUMBERS + HIDDEN_AT + record * HIDDEN_STRIDE;
  const header = slot * SLOT_NUMBERS + HEADER_AT;
  const id = numbers[header + NEXT_LIFE] as number;
  numbers[header + NEXT_LIFE] = id + 1;
  numbers[life + L_ID] = id;
  numbers[life + L_SIDE] = side;
  numbers[life + L_STATE] = FORMING;
  numbers[life + L_FIRST_SEEN] = now;
  numbers[life + L_FOLLOWED_FROM] = now;
  numbers[life + L_INITIAL] = notional;
  numbers[life + L_CURRENT] = notional;
  numbers[life + L_BREAKOUT_MASK] = -1;
  numbers[life + L_BOUNCE_MASK] = -1;
  restartPeak(numbers, life, slot * SLOT_NUMBERS + PARAMS_AT, work.time);
  return life;
}

/** Ends the `place`-th oldest life with its one label. */
export function endLife(work: Workspace, slot: number, place: number, label: Label): void {
  const { words } = work.lives;
  const at = slot * SLOT_WORDS;
  tellLabel(work, slot, lifeAt(work.lives, slot, place), label);
  const count = (words[at + LIFE_COUNT] as number) - 1;
  const freed = words[at + ORDER_AT + place] as number;
  for (let i = place; i < count; i++) words[at + ORDER_AT + i] = words[at + ORDER_AT + i + 1] as number;
  words[at + ORDER_AT + count] = freed;
  words[at + LIFE_COUNT] = count;
}

/** Ends every life of a slot: `UNKNOWN` where the book was lost, `HELD` where our watch ends. */
export function endAll(work: Workspace, slot: number, label: typeof UNKNOWN | typeof HELD): void {
  const { words, numbers } = work.lives;
  for (let place = (words[slot * SLOT_WORDS + LIFE_COUNT] as number) - 1; place >= 0; place--) {
    const life = lifeAt(work.lives, slot, place);
    const gone = numbers[life + L_STATE] === GONE;
    endLife(work, slot, place, label === HELD && gone ? labelBySums(numbers, life) : label);
  }
}

/** Where most of it went; unknown where nobody saw it go. */
export function labelBySums(numbers: Float64Array, life: number): Label {
  const eaten = numbers[life + L_EATEN] as number;
  const pulled = numbers[life + L_PULLED] as number;
  if (eaten === 0 && pulled === 0) return UNKNOWN;
  return eaten > pulled ? EATEN : PULLED;
}

/**
 * The range of a life has changed: it is now `sums[i]` large. It is as if it had always had that range: the sizes of its past
 * are moved by the difference, so that no erosion is read out of it, and none that was is forgotten.
 */
export function resize(
  numbers: Float64Array,
  life: number,
  sums: Float64Array,
  i: number,
  params: number,
  time: Float64Array,
): void {
  const notional = sums[i] as number;
  const moved = notional - (numbers[life + L_CURRENT] as number);
  numbers[life + L_CURRENT] = notional;
  for (let k = 0; k < SIZES.length; k++) {
    const at = life + (SIZES[k] as number);
    numbers[at] = (numbers[at] as number) + moved;
  }
  const peaks = pastOf(numbers, life) + PEAKS_AT;
  for (let at = peaks; at < peaks + PEAK_BUCKETS; at++) numbers[at] = (numbers[at] as number) + moved;
  moveStable(numbers, life, moved);
  numbers[life + L_NOTE_AT] = 0;
  noteSize(numbers, life, params, time);
}

/** What a life remembers of its size, and what was booked without a cause. */
const SIZES = new Int32Array([L_ADJUSTED, L_PEAK, L_WINDOW_PEAK, L_SIZE_NOTED, L_BEFORE_GONE, L_FALL_BASE]);

export function restartPeak(numbers: Float64Array, life: number, params: number, time: Float64Array): void {
  numbers[life + L_PEAK_BUCKET] = 0;
  numbers[life + L_NOTE_AT] = 0;
  noteSize(numbers, life, params, time);
}

/**
 * Notes the size of a life at `time[0]` in the rings for the peak of its window and for its stability. A size that is what it was
 * is noted only when a higher one leaves the window; the time that it has stood is made up for when it changes, or when its
 * stability is asked for.
 */
export function noteSize(numbers: Float64Array, life: number, params: number, time: Float64Array): void {
  const current = numbers[life + L_CURRENT] as number;
  if (current === numbers[life + L_SIZE_NOTED] && (time[0] as number) < (numbers[life + L_NOTE_AT] as number)) return;
  notePeak(numbers, life, params, time);
  if (current !== numbers[life + L_SIZE_NOTED] || numbers[life + L_STABLE_BUCKET] === 0)
    noteStable(numbers, life, params, time);
  if (current > (numbers[life + L_PEAK] as number)) numbers[life + L_PEAK] = current;
  if (!isVanished(numbers, life)) numbers[life + L_BEFORE_GONE] = current;
  numbers[life + L_SIZE_NOTED] = current;
}

export function isVanished(numbers: Float64Array, life: number): boolean {
  return (numbers[life + L_CURRENT] as number) < GONE_PART * (numbers[life + L_PEAK] as number);
}

// The window moves in steps of a sixtieth of its length.
function notePeak(numbers: Float64Array, life: number, params: number, time: Float64Array): void {
  const step = (numbers[params + P_PEAK_MS] as number) / PEAK_BUCKETS;
  const current = numbers[life + L_CURRENT] as number;
  reachPeak(numbers, life, Math.floor((time[0] as number) / step), step);
  const newest = numbers[life + L_PEAK_BUCKET] as number;
  if (current >= (numbers[life + L_WINDOW_PEAK] as number)) {
    numbers[life + L_WINDOW_PEAK] = current;
    numbers[life + L_NOTE_AT] = Infinity;
  } else if (numbers[life + L_NOTE_AT] === Infinity) {
    // It was the peak up to now.
    numbers[life + L_NOTE_AT] = (newest + PEAK_BUCKETS) * step;
  } else if ((time[0] as number) >= (numbers[life + L_NOTE_AT] as number)) findPeak(numbers, life, newest, step);
}

/**
 * Was a ring counted by a shorter window than that of now? No life goes so far back in time, and its past would stand still until it
 * ends.
 */
function isOutdated(newest: number, bucket: number, step: number): boolean {
  return (newest - bucket - 1) * step > OLDER_MS_MAX;
}

/** Brings the ring up to `bucket`: however long no message came, the last size stood until now. */
function reachPeak(numbers: Float64Array, life: number, bucket: number, step: number): void {
  const current = numbers[life + L_CURRENT] as number;
  const peaks = pastOf(numbers, life) + PEAKS_AT;
  const newest = numbers[life + L_PEAK_BUCKET] as number;
  if (newest === 0 || isOutdated(newest, bucket, step)) {
    // What a shorter window shows a longer one shows too.
    const peak = newest === 0 ? current : Math.max(current, numbers[life + L_WINDOW_PEAK] as number);
    numbers.fill(0, peaks, peaks + PEAK_BUCKETS);
    numbers[peaks + remainder(bucket, PEAK_BUCKETS)] = peak;
    numbers[life + L_PEAK_BUCKET] = bucket;
    numbers[life + L_WINDOW_PEAK] = peak;
    return;
  }
  const before = numbers[life + L_SIZE_NOTED] as number;
  for (let b = Math.max(newest + 1, bucket - PEAK_BUCKETS + 1); b <= bucket; b++)
    numbers[peaks + remainder(b, PEAK_BUCKETS)] = before;
  if (bucket > newest) numbers[life + L_PEAK_BUCKET] = bucket;
  const place = peaks + remainder(Math.max(bucket, newest), PEAK_BUCKETS);
  if (current > (numbers[place] as number)) numbers[place] = current;
}

/** Looks for the largest size of the window, and when that one will leave it. */
function findPeak(numbers: Float64Array, life: number, newest: number, step: number): void {
  const peaks = pastOf(numbers, life) + PEAKS_AT;
  let peak = 0;
  let found = newest;
  let place = remainder(newest + 1, PEAK_BUCKETS);
  for (let b = newest - PEAK_BUCKETS + 1; b <= newest; b++) {
    if ((numbers[peaks + place] as number) >= peak) {
      peak = numbers[peaks + place] as number;
      found = b;
    }
    place = place + 1 === PEAK_BUCKETS ? 0 : place + 1;
  }
  numbers[life + L_WINDOW_PEAK] = peak;
  numbers[life + L_NOTE_AT] = peak === numbers[life + L_CURRENT] ? Infinity : (found + PEAK_BUCKETS) * step;
}

/** The buckets of the window and the one that is not yet full. */
const STABLE_RING = STABLE_BUCKETS + 1;

function noteStable(numbers: Float64Array, life: number, params: number, time: Float64Array): void {
  const step = (numbers[params + P_STABLE_MS] as number) / STABLE_BUCKETS;
  const bucket = Math.floor((time[0] as number) / step);
  const stable = pastOf(numbers, life) + STABLE_AT;
  const newest = numbers[life + L_STABLE_BUCKET] as number;
  const fresh = newest === 0 || isOutdated(newest, bucket, step);
  if (fresh) {
    // Nothing is known of the time before: those buckets are marked by a size below zero.
    for (let i = 0; i < STABLE_RING; i++) numbers[stable + 3 * i] = -1;
    numbers[life + L_STABLE_BUCKET] = bucket;
  } else reachStable(numbers, life, bucket);
  const current = numbers[life + L_CURRENT] as number;
  const place = stable + 3 * remainder(numbers[life + L_STABLE_BUCKET] as number, STABLE_RING);
  numbers[place] = current;
  if (fresh || current < (numbers[place + 1] as number)) numbers[place + 1] = current;
  if (fresh || current > (numbers[place + 2] as number)) numbers[place + 2] = current;
  numbers[life + L_UNSTEADY] = UNASKED;
}

/** Moves the sizes of the stability window that are known. None falls below nothing: below zero marks what is not known. */
function moveStable(numbers: Float64Array, life: number, moved: number): void {
  const stable = pastOf(numbers, life) + STABLE_AT;
  for (let place = stable; place < stable + 3 * STABLE_RING; place += 3) {
    if ((numbers[place] as number) < 0) continue;
    for (let at = place; at < place + 3; at++) numbers[at] = Math.max(0, (numbers[at] as number) + moved);
  }
  numbers[life + L_UNSTEADY] = UNASKED;
}

/** Until this bucket the size has stood as it was last noted. */
function reachStable(numbers: Float64Array, life: number, bucket: number): void {
  const newest = numbers[life + L_STABLE_BUCKET] as number;
  if (bucket <= newest) return;
  const stable = pastOf(numbers, life) + STABLE_AT;
  const last = numbers[life + L_SIZE_NOTED] as number;
  for (let b = Math.max(newest + 1, bucket - STABLE_BUCKETS); b <= bucket; b++) {
    const place = stable + 3 * remainder(b, STABLE_RING);
    numbers[place] = last;
    numbers[place + 1] = last;
    numbers[place + 2] = last;
  }
  numbers[life + L_STABLE_BUCKET] = bucket;
  numbers[life + L_UNSTEADY] = UNASKED;
}

/** Brings L_UNSTEADY up to `time[0]`: the largest deviation from the mean over the stability window, in percent. */
export function measureStability(numbers: Float64Array, life: number, params: number, time: Float64Array): void {
  const step = (numbers[params + P_STABLE_MS] as number) / STABLE_BUCKETS;
  const bucket = Math.floor((time[0] as number) / step);
  if (isOutdated(numbers[life + L_STABLE_BUCKET] as number, bucket, step)) noteStable(numbers, life, params, time);
  // What did not move in a whole window, and has not changed since, does not move.
  else if (numbers[life + L_UNSTEADY] === 0) return;
  else reachStable(numbers, life, bucket);
  if (numbers[life + L_UNSTEADY] !== UNASKED) return;
  // Until the window is full it is Infinity.
  numbers[life + L_UNSTEADY] = Infinity;
  const stable = pastOf(numbers, life) + STABLE_AT;
  let sum = 0;
  let low = Infinity;
  let high = 0;
  for (let i = 0; i < STABLE_RING; i++) {
    const place = stable + 3 * i;
    const last = numbers[place] as number;
    if (last < 0) return;
    sum += last;
    if ((numbers[place + 1] as number) < low) low = numbers[place + 1] as number;
    if ((numbers[place + 2] as number) > high) high = numbers[place + 2] as number;
  }
  const mean = sum / STABLE_RING;
  numbers[life + L_UNSTEADY] = (Math.max(high - mean, mean - low) / mean) * 100;
}

/** Adds a trade, [kind, tick, lots, time] at `entry` of `trades`, to what flows into a life; what is older than the ring is forgotten. */
export function noteFlow(numbers: Float64Array, life: number, trades: Float64Array, entry: number): void {
  const time = trades[entry + 3] as number;
  const bucket = Math.floor(time / FLOW_BUCKET_MS);
  if (numbers[life + L_FLOW_BUCKET] === 0) beginFlow(numbers, life, bucket);
  else advanceFlow(numbers, life, time);
  if (bucket <= (numbers[life + L_FLOW_BUCKET] as number) - FLOW_BUCKETS) return;
  const units = (trades[entry + 1] as number) * (trades[entry + 2] as number);
  const place = flowOf(numbers, life) + remainder(bucket, FLOW_BUCKETS);
  numbers[place] = (numbers[place] as number) + units;
  numbers[life + L_FLOW_TOTAL] = (numbers[life + L_FLOW_TOTAL] as number) + units;
}

/** The first trade into a life: what stands in its place is of one before. */
function beginFlow(numbers: Float64Array, life: number, bucket: number): void {
  const flow = flowOf(numbers, life);
  numbers.fill(0, flow, flow + FLOW_BUCKETS);
  numbers[life + L_FLOW_BUCKET] = bucket;
}

function advanceFlow(numbers: Float64Array, life: number, time: number): void {
  const bucket = Math.floor(time / FLOW_BUCKET_MS);
  const newest = numbers[life + L_FLOW_BUCKET] as number;
  if (newest === 0 || bucket <= newest) return;
  const steps = Math.min(bucket - newest, FLOW_BUCKETS);
  // Where nothing has traded into it there is nothing to forget.
  if (numbers[life + L_FLOW_TOTAL] !== 0) {
    const flow = flowOf(numbers, life);
    for (let i = 0; i < steps; i++) {
      const place = flow + remainder(bucket - i, FLOW_BUCKETS);
      numbers[life + L_FLOW_TOTAL] = (numbers[life + L_FLOW_TOTAL] as number) - (numbers[place] as number);
      numbers[place] = 0;
    }
  }
  numbers[life + L_FLOW_BUCKET] = bucket;
}

/** Writes to `out[at]` how long the density would last at the rate of the last 5 s, in ms; Infinity while nothing trades into it. */
export function timeToEat(
  numbers: Float64Array,
  life: number,
  time: Float64Array,
  out: Float64Array,
  at: number,
): void {
  if (numbers[life + L_FLOW_TOTAL] !== 0) advanceFlow(numbers, life, time[0] as number);
  const flow = numbers[life + L_FLOW_TOTAL] as number;
  out[at] = flow <= 0 ? Infinity : ((numbers[life + L_CURRENT] as number) * FLOW_BUCKETS * FLOW_BUCKET_MS) / flow;
}
