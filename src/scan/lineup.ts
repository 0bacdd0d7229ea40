// hot: once per message of a book; allocates nothing.
// Whom does a message concern? The lives of the book in hand, laid out as a message asks for them: by side and price, and by what
// must happen to the touch or to the window's edge before any of them is concerned.
import {
  L_CROSSED,
  L_HIDDEN,
  L_HIGH,
  L_LOW,
  L_OUT_AT,
  L_SIDE,
  LIFE_COUNT,
  lifeAt,
  LIVES_MAX,
  SLOT_WORDS,
} from './layout.ts';
import type { Workspace } from './workspace.ts';

// By side: a bit for each tick, modulo COVERED_TICKS, that some life covers. It settles most level changes with one look.
const COVERED_TICKS = 256;
const COVERED_WORDS = COVERED_TICKS / 32;
const covered = new Int32Array(2 * COVERED_WORDS);

// By side: where each of its lives lies, and which ticks it covers.
const countOf = new Int32Array(2);
const lifeFrom = new Int32Array(2 * LIVES_MAX);
const lowOf = new Int32Array(2 * LIVES_MAX);
const highOf = new Int32Array(2 * LIVES_MAX);

// By side, the ticks at which something happens to the first of its lives, so that most messages need not ask any of them:
/** The window's edge passes it, it was in view. */
const leaves = new Float64Array(2);
/** The window's edge passes it, it was out of view or has hidden levels. */
const returns = new Float64Array(2);
/** The mid passes it. */
const passed = new Float64Array(2);

/** Lays the lives out as a message looks for them. */
export function cover(work: Workspace, slot: number, living: number): void {
  const lives = work.lives.numbers;
  for (let word = 0; word < 2 * COVERED_WORDS; word++) covered[word] = 0;
  countOf[0] = countOf[1] = 0;
  leaves[0] = returns[1] = passed[1] = Infinity;
  leaves[1] = returns[0] = passed[0] = -Infinity;
  for (let place = 0; place < living; place++) {
    const life = lifeAt(work.lives, slot, place);
    const side = lives[life + L_SIDE] as number;
    const words = side * COVERED_WORDS;
    const low = (lives[life + L_LOW] as number) | 0;
    const end = (lives[life + L_HIGH] as number) | 0;
    const k = side * LIVES_MAX + (countOf[side] as number);
    countOf[side] = (countOf[side] as number) + 1;
    lifeFrom[k] = life;
    lowOf[k] = low;
    highOf[k] = end;
    const out = lives[life + L_OUT_AT] !== 0;
    const hidden = lives[life + L_HIDDEN] !== 0;
    const crossed = lives[life + L_CROSSED] !== 0;
    if (side === 0) {
      if (!out && end < (leaves[0] as number)) leaves[0] = end;
      if ((out || hidden) && end > (returns[0] as number)) returns[0] = end;
      if (!crossed && low > (passed[0] as number)) passed[0] = low;
    } else {
      if (!out && low > (leaves[1] as number)) leaves[1] = low;
      if ((out || hidden) && low < (returns[1] as number)) returns[1] = low;
      if (!crossed && end < (passed[1] as number)) passed[1] = end;
    }
    const high = Math.min(end, low + COVERED_TICKS - 1);
    for (let tick = low; tick <= high;) {
      const bit = tick & 31;
      const ticks = Math.min(32 - bit, high - tick + 1);
      const word = words + ((tick & (COVERED_TICKS - 1)) >>> 5);
      covered[word] = (covered[word] as number) | ((ticks === 32 ? -1 : (1 << ticks) - 1) << bit);
      tick += ticks;
    }
  }
}

export function isCovered(side: number, tick: number): boolean {
  const word = side * COVERED_WORDS + ((tick & (COVERED_TICKS - 1)) >>> 5);
  return (((covered[word] as number) >>> (tick & 31)) & 1) === 1;
}

/** Offset of the life of a side that covers a tick, below 0 where none does: no two of them share a price. */
export function lifeOver(side: number, tick: number): number {
  if (!isCovered(side, tick)) return -1;
  const end = side * LIVES_MAX + (countOf[side] as number);
  for (let k = side * LIVES_MAX; k < end; k++)
    if (tick >= (lowOf[k] as number) && tick <= (highOf[k] as number)) return lifeFrom[k] as number;
  return -1;
}

/** Is a price at or beyond the window's end after this message, the side being full? */
export function isBeyondEdge(numbers: Float64Array, edge: number, side: number, tick: number): boolean {
  if (((numbers[edge + 3] as number) & (1 << side)) === 0) return false;
  const worst = numbers[edge + 1 + side] as number;
  return side === 0 ? tick < worst : tick > worst;
}

/** Does the window reach as far as something that was beyond its edge? */
export function mayReturn(numbers: Float64Array, edge: number): boolean {
  return reaches(numbers, edge, 0) || reaches(numbers, edge, 1);
}

function reaches(numbers: Float64Array, edge: number, side: 0 | 1): boolean {
  const first = returns[side] as number;
  return Number.isFinite(first) && !isBeyondEdge(numbers, edge, side, first);
}

/** Does some life leave the window with this message, or has the mid passed one? */
export function isEventful(numbers: Float64Array, touch: number, edge: number): boolean {
  if (isBeyondEdge(numbers, edge, 0, leaves[0] as number) || isBeyondEdge(numbers, edge, 1, leaves[1] as number))
    return true;
  const bid = numbers[touch + 1] as number;
  const ask = numbers[touch + 2] as number;
  return bid + ask < 2 * (passed[0] as number) || bid + ask > 2 * (passed[1] as number);
}

/** Can each life be seen, and has the mid passed it? */
export function lookAtLives(work: Workspace, slot: number, touch: number, edge: number): void {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const bid = numbers[touch + 1] as number;
  const ask = numbers[touch + 2] as number;
  const count = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < count; place++) {
    const life = lifeAt(work.lives, slot, place);
    const side = lives[life + L_SIDE] as number;
    const near = lives[life + (side === 0 ? L_HIGH : L_LOW)] as number;
    const far = lives[life + (side === 0 ? L_LOW : L_HIGH)] as number;
    if (isBeyondEdge(numbers, edge, side, near)) {
      if (lives[life + L_OUT_AT] === 0) lives[life + L_OUT_AT] = work.time[0] as number;
    } else lives[life + L_OUT_AT] = 0;
    if (bid !== 0 && ask !== 0 && (side === 0 ? bid + ask < 2 * far : bid + ask > 2 * far)) lives[life + L_CROSSED] = 1;
  }
}
