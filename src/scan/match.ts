// hot: once per scanned side; a handful of lives against a handful of densities; allocates nothing.
// Which density of this scan is which life?
import { BIRTH } from './event.ts';
import type { Found } from './kernel/kernel.ts';
import { FOUND_MAX } from './kernel/layout.ts';
import {
  ABSORBED,
  L_BEFORE_GONE,
  L_CLUSTER,
  L_CONFIRMED,
  L_DETECTED,
  L_EATEN,
  L_FIRST_SEEN,
  L_GONE_AT,
  L_HIDDEN,
  L_HIGH,
  L_LACKING,
  L_LAST_SEEN,
  L_LOW,
  L_PRICE,
  L_PULLED,
  L_RELATIVE,
  L_ROUND,
  L_SHARE,
  L_SHARE_THRESHOLD,
  L_SIDE,
  L_TYPICAL,
  LIFE_COUNT,
  lifeAt,
  LIVES_MAX,
  LIVES_REFUSED,
  MOVED,
  ORDER_AT,
  PARAMS_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
} from './layout.ts';
import { createLife, endLife, isVanished, labelBySums, resize } from './life.ts';
import { P_BREAKOUT_MS } from './params.ts';
import { tell } from './tell.ts';
import type { Workspace } from './workspace.ts';

const MOVE_TICKS_MAX = 10;
const MOVE_SIZE_TOLERANCE = 0.1;

const NOBODY = -1;
// The lives of both sides, oldest first, each side from its own beginning: its place among all, where it lies, and whether it is taken.
const countOf = new Int32Array(2);
const placeOf = new Int32Array(2 * LIVES_MAX);
const at = new Int32Array(2 * LIVES_MAX);
const taken = new Uint8Array(2 * LIVES_MAX);
// By found density: which of those lives it is, and the ticks that it covers.
const lifeOf = new Int32Array(FOUND_MAX);
const lowOf = new Int32Array(FOUND_MAX);
const highOf = new Int32Array(FOUND_MAX);
/** By L_DETECTED of a life, which is its density of the scan before and most often that of this one again: which life it is. */
const before = new Int32Array(1 + FOUND_MAX);
/** When the life that a new one goes on from was first seen. */
const inherited = new Float64Array(1);

/** Joins what was found on both sides to the lives there: goes on, absorbs, moves or gives birth. */
export function match(work: Workspace, slot: number): void {
  takeStock(work, slot);
  if (matchSide(work, slot, 0)) takeStock(work, slot);
  matchSide(work, slot, 1);
}

/** Lists the lives by side. */
function takeStock(work: Workspace, slot: number): void {
  const { numbers } = work.lives;
  const living = livesOf(work, slot);
  countOf[0] = countOf[1] = 0;
  for (let place = 0; place < living; place++) {
    const life = lifeAt(work.lives, slot, place);
    const side = numbers[life + L_SIDE] as number;
    const k = side * LIVES_MAX + (countOf[side] as number);
    countOf[side] = (countOf[side] as number) + 1;
    placeOf[k] = place;
    at[k] = life;
    taken[k] = 0;
  }
}

/** Have lives begun, ended or got another range? */
function matchSide(work: Workspace, slot: number, side: 0 | 1): boolean {
  const found = work.kernel.found[side];
  const { numbers } = work.lives;
  const levels = work.view.sides[side];
  const foundCount = found.count;
  const from = side * LIVES_MAX;
  const end = from + (countOf[side] as number);
  for (let i = 1; i <= foundCount; i++) before[i] = NOBODY;
  for (let k = from; k < end; k++) {
    const life = at[k] as number;
    before[numbers[life + L_DETECTED] as number] = k;
    numbers[life + L_DETECTED] = 0;
  }
  let changed = 0;
  for (let i = 0; i < foundCount; i++) {
    const first = levels.tickAt(found.first[i] as number);
    const last = levels.tickAt(found.last[i] as number);
    lowOf[i] = Math.min(first, last);
    highOf[i] = Math.max(first, last);
    const same = before[i + 1] as number;
    if (same !== NOBODY && isExactly(numbers, at[same] as number, i)) {
      taken[same] = 1;
      lifeOf[i] = same;
    } else {
      lifeOf[i] = NOBODY;
      changed++;
    }
  }
  // What has not changed shares no price with any other life.
  if (changed > 0) {
    for (let i = 0; i < foundCount; i++) if (lifeOf[i] === NOBODY) lifeOf[i] = claim(numbers, from, end, i, foundCount);
    // What is left of a life whose largest level an older one has taken over.
    for (let i = 0; i < foundCount; i++) if (lifeOf[i] === NOBODY) lifeOf[i] = claim(numbers, from, end, i, 0);
    absorb(numbers, from, end, foundCount);
  }
  for (let i = 0; i < foundCount; i++) {
    const k = lifeOf[i] as number;
    if (k !== NOBODY) goOn(work, slot, at[k] as number, found, i);
  }
  if (changed === 0) return false;
  for (let k = end - 1; k >= from; k--) if (taken[k] === 2) endLife(work, slot, placeOf[k] as number, ABSORBED);
  // From the touch outward: of equal age the one nearer the touch is the older.
  for (let i = 0; i < foundCount; i++) if (lifeOf[i] === NOBODY) begin(work, slot, side, found, i);
  return true;
}

function livesOf(work: Workspace, slot: number): number {
  return work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
}

/** The oldest life of a side, in [from, end), that shares a price with a density and is at home in none of the others of `foundCount`. */
function claim(numbers: Float64Array, from: number, end: number, i: number, foundCount: number): number {
  for (let k = from; k < end; k++) {
    const life = at[k] as number;
    if (taken[k] === 1 || !overlaps(numbers, life, i) || isElsewhere(numbers, life, i, foundCount)) continue;
    taken[k] = 1;
    return k;
  }
  return NOBODY;
}

/** Where several densities stand in the range of one life, the one at its largest level is it. */
function isElsewhere(numbers: Float64Array, life: number, i: number, foundCount: number): boolean {
  const price = numbers[life + L_PRICE] as number;
  let j = 0;
  while (j < foundCount && (price < (lowOf[j] as number) || price > (highOf[j] as number))) j++;
  return j !== foundCount && j !== i;
}

function isExactly(numbers: Float64Array, life: number, i: number): boolean {
  return numbers[life + L_LOW] === lowOf[i] && numbers[life + L_HIGH] === highOf[i];
}

function overlaps(numbers: Float64Array, life: number, i: number): boolean {
  return (
    (numbers[life + L_LOW] as number) <= (highOf[i] as number) &&
    (numbers[life + L_HIGH] as number) >= (lowOf[i] as number)
  );
}

/** Where a density covers more than one life the oldest goes on; the others are marked 2. */
function absorb(numbers: Float64Array, from: number, end: number, foundCount: number): void {
  for (let k = from; k < end; k++) {
    if (taken[k] !== 0) continue;
    let i = 0;
    while (i < foundCount && !overlaps(numbers, at[k] as number, i)) i++;
    if (i < foundCount) taken[k] = 2;
  }
}

/** The life takes the extent and the strength that this scan saw. */
function goOn(work: Workspace, slot: number, life: number, found: Found, i: number): void {
  const { numbers } = work.lives;
  if (!isExactly(numbers, life, i)) {
    numbers[life + L_LOW] = lowOf[i] as number;
    numbers[life + L_HIGH] = highOf[i] as number;
    numbers[life + L_HIDDEN] = 0;
    resize(numbers, life, found.sum, i, slot * SLOT_NUMBERS + PARAMS_AT, work.time);
  }
  note(numbers, life, found, i, work.time);
}

function note(numbers: Float64Array, life: number, found: Found, i: number, time: Float64Array): void {
  const sum = found.sum[i] as number;
  const levels = (found.last[i] as number) - (found.first[i] as number) + 1;
  const typical = found.typical[i] as number;
  const total = found.band[0] as number;
  numbers[life + L_PRICE] = found.price[i] as number;
  numbers[life + L_LAST_SEEN] = time[0] as number;
  numbers[life + L_DETECTED] = i + 1;
  numbers[life + L_TYPICAL] = typical;
  numbers[life + L_LACKING] = Infinity;
  numbers[life + L_RELATIVE] = typical > 0 ? sum / levels / typical : 0;
  numbers[life + L_SHARE] = total > 0 ? (sum / total) * 100 : 0;
  numbers[life + L_SHARE_THRESHOLD] = found.band[1] as number;
  numbers[life + L_ROUND] = found.round[i] as number;
  numbers[life + L_CLUSTER] = levels > 1 ? 1 : 0;
}

function begin(work: Workspace, slot: number, side: 0 | 1, found: Found, i: number): void {
  const { words, numbers } = work.lives;
  const former = findMoved(work, slot, side, found, i);
  if (former !== NOBODY) {
    inherited[0] = numbers[lifeAt(work.lives, slot, former) + L_FIRST_SEEN] as number;
    endLife(work, slot, former, MOVED);
  }
  let life = createLife(work, slot, side, found.sum, i);
  if (life < 0 && endForgotten(work, slot)) life = createLife(work, slot, side, found.sum, i);
  if (life < 0) {
    words[slot * SLOT_WORDS + LIVES_REFUSED] = (words[slot * SLOT_WORDS + LIVES_REFUSED] as number) + 1;
    return;
  }
  if (former !== NOBODY) numbers[life + L_FIRST_SEEN] = inherited[0] as number;
  orderByAge(work, slot);
  numbers[life + L_LOW] = lowOf[i] as number;
  numbers[life + L_HIGH] = highOf[i] as number;
  note(numbers, life, found, i, work.time);
  tell(work, slot, life, BIRTH);
}

/** The newest life may have inherited an age, or the time may have gone back: it goes before those that were seen later. */
function orderByAge(work: Workspace, slot: number): void {
  const { words, numbers } = work.lives;
  const order = slot * SLOT_WORDS + ORDER_AT;
  let place = livesOf(work, slot) - 1;
  const record = words[order + place] as number;
  const firstSeen = numbers[lifeAt(work.lives, slot, place) + L_FIRST_SEEN] as number;
  for (; place > 0; place--) {
    if ((numbers[lifeAt(work.lives, slot, place - 1) + L_FIRST_SEEN] as number) <= firstSeen) break;
    words[order + place] = words[order + place - 1] as number;
  }
  words[order + place] = record;
}

/** Makes room: of the lives that never got confirmed the one that has not been a density for longest ends. */
function endForgotten(work: Workspace, slot: number): boolean {
  const { numbers } = work.lives;
  let oldest = NOBODY;
  let lastSeen = Infinity;
  for (let place = 0; place < livesOf(work, slot); place++) {
    const life = lifeAt(work.lives, slot, place);
    if (numbers[life + L_CONFIRMED] !== 0 || numbers[life + L_DETECTED] !== 0) continue;
    if ((numbers[life + L_LAST_SEEN] as number) >= lastSeen) continue;
    oldest = place;
    lastSeen = numbers[life + L_LAST_SEEN] as number;
  }
  if (oldest === NOBODY) return false;
  endLife(work, slot, oldest, labelBySums(numbers, lifeAt(work.lives, slot, oldest)));
  return true;
}

/** The life that was just pulled and whose size stands here now: the nearest of several, then the oldest. */
function findMoved(work: Workspace, slot: number, side: number, found: Found, i: number): number {
  const price = found.price[i] as number;
  const sum = found.sum[i] as number;
  const { numbers } = work.lives;
  const now = work.time[0] as number;
  const window = numbers[slot * SLOT_NUMBERS + PARAMS_AT + P_BREAKOUT_MS] as number;
  let nearest = NOBODY;
  let least = MOVE_TICKS_MAX + 1;
  for (let place = 0; place < livesOf(work, slot); place++) {
    const life = lifeAt(work.lives, slot, place);
    if (numbers[life + L_SIDE] !== side || numbers[life + L_DETECTED] !== 0 || !isVanished(numbers, life)) continue;
    if ((numbers[life + L_PULLED] as number) <= (numbers[life + L_EATEN] as number)) continue;
    const gone = numbers[life + L_GONE_AT] as number;
    const size = numbers[life + L_BEFORE_GONE] as number;
    if ((gone !== 0 && now - gone > window) || Math.abs(sum - size) > MOVE_SIZE_TOLERANCE * size) continue;
    const distance = Math.abs((numbers[life + L_PRICE] as number) - price);
    if (distance >= least) continue;
    nearest = place;
    least = distance;
  }
  return nearest;
}
