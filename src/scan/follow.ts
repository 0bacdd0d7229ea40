// hot: once per message of a book; a few ns per level change; allocates nothing.
// Where did a density's size go? Follows every message through the change ring, so that sums do not depend on when a scan
// ran (strategy 3).
import {
  CHANGE_ASK,
  CHANGE_BUY,
  CHANGE_CLOSE,
  CHANGE_EDGE,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_ORIGIN,
  CHANGE_RESET,
  CHANGE_RPI_BUY,
  CHANGE_RPI_SELL,
  CHANGE_SELL,
  CHANGE_TAIL,
  CHANGE_TOUCH,
  SLOT_NUMBERS as BOOK_NUMBERS,
  SLOT_WORDS as BOOK_WORDS,
  changeAt,
} from '../book/layout.ts';
import { VIEW_EXCHANGE, VIEW_MESSAGE } from '../book/read.ts';
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';
import { hide, unhide } from './hidden.ts';
import { CHANGES_MAX, FULL, STRANGE } from './kernel/layout.ts';
import { copyWhole, distrust, noteTaken } from './kept.ts';
import {
  EXCHANGE_TIME,
  HEADER_AT,
  HIDDEN_AT,
  L_CROSSED,
  L_CURRENT,
  L_FOLLOWED_FROM,
  L_HIDDEN,
  L_HIGH,
  L_LOW,
  L_OUT_AT,
  L_RPI,
  L_SIDE,
  L_SIZE_NOTED,
  LIFE_COUNT,
  lifeAt,
  LIVES_MAX,
  MESSAGE,
  pastOf,
  PARAMS_AT,
  PENDING_AT,
  PENDING_COUNT,
  PENDING_STRIDE,
  RESTARTS,
  SLOT_NUMBERS,
  SLOT_WORDS,
  UNKNOWN,
} from './layout.ts';
import { endAll, endLife, noteFlow, noteSize } from './life.ts';
import { account, adjust, explain } from './sums.ts';
import { takePending, UNSHOWN, wait } from './waiting.ts';
import type { Workspace } from './workspace.ts';

/**
 * Brings the thread's book and the lives in it up to the newest message: by the changes of each where the book is `inStep` with
 * them, by a whole copy where not. Where entries of the change ring were lost every life ends `unknown`, and the ring is taken up
 * behind the message that the copy shows. False when main wrote during every attempt to copy it.
 */
export function catchUp(work: Workspace, slot: Slot, inStep: boolean): boolean {
  if (inStep) {
    if (followAll(work, slot, true)) return true;
    if (!copyWhole(work, slot)) return false;
  }
  if (!followAll(work, slot, false)) restart(work, slot);
  return true;
}

/**
 * Follows the change ring up to the message that the view's header names. A book that `isKept` takes over the changes of each; one
 * that was copied has them. False where entries were lost, or where the kept book cannot take them over.
 */
function followAll(work: Workspace, slot: Slot, isKept: boolean): boolean {
  const { words } = work.books;
  const at = slot * BOOK_WORDS;
  const target = work.view.stamps[VIEW_MESSAGE] as number;
  const header = slot * SLOT_NUMBERS + HEADER_AT;
  if (Atomics.load(words, at + CHANGE_LOST) === 1) return false;
  const head = Atomics.load(words, at + CHANGE_HEAD);
  const origin = words[at + CHANGE_ORIGIN] as number;
  let tail = words[at + CHANGE_TAIL] as number;
  while ((work.lives.numbers[header + MESSAGE] as number) < target) {
    const end = findClose(work, slot, origin, tail, head);
    // Messages are numbered without a gap: where the next one is not here, or another one is, entries were lost between two looks.
    if (end === head || messageOf(work, slot, origin, end) !== (work.lives.numbers[header + MESSAGE] as number) + 1)
      return false;
    const goesOn = followMessage(work, slot, isKept, origin, tail, end);
    tail = (end + 3) | 0;
    Atomics.store(words, at + CHANGE_TAIL, tail);
    if (!goesOn) return false;
  }
  return true;
}

/** The kept book takes over changes of levels. False where it cannot be kept any further. */
function keep({ kernel, view }: Workspace, changes: number): boolean {
  const taken = kernel.call.takeAll(view.sides[0].at, view.sides[1].at, changes);
  assert(taken !== STRANGE, 'a change begins with the size that the level had before');
  return taken !== FULL;
}

/** Takes the ring up anew: ends the lives, forgets what waits, and skips all messages that the view already shows. */
export function restart(work: Workspace, slot: number): void {
  const { words } = work.books;
  const at = slot * BOOK_WORDS;
  const lives = work.lives;
  endAll(work, slot, UNKNOWN);
  lives.words[slot * SLOT_WORDS + PENDING_COUNT] = 0;
  lives.words[slot * SLOT_WORDS + RESTARTS] = (lives.words[slot * SLOT_WORDS + RESTARTS] as number) + 1;
  const target = work.view.stamps[VIEW_MESSAGE] as number;
  const head = Atomics.load(words, at + CHANGE_HEAD);
  const origin = words[at + CHANGE_ORIGIN] as number;
  let tail = words[at + CHANGE_TAIL] as number;
  for (;;) {
    const end = findClose(work, slot, origin, tail, head);
    if (end === head) {
      // Trades behind the last close are of no message yet; without lives nobody waits for them.
      tail = head;
      break;
    }
    if (messageOf(work, slot, origin, end) > target) break;
    tail = (end + 3) | 0;
  }
  lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + MESSAGE] = target;
  lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + EXCHANGE_TIME] = work.view.stamps[VIEW_EXCHANGE] as number;
  Atomics.store(words, at + CHANGE_TAIL, tail);
  Atomics.store(words, at + CHANGE_LOST, 0);
}

/** Index of the next close at or behind `tail`, `head` where there is none yet. */
function findClose(work: Workspace, slot: number, origin: number, tail: number, head: number): number {
  const numbers = work.books.numbers;
  const on = slot * BOOK_NUMBERS;
  let i = tail;
  while (i !== head && numbers[changeAt(on, i, origin)] !== CHANGE_CLOSE) i = (i + 1) | 0;
  return i;
}

/** What `account` is told. */
const change = new Float64Array(2);

// By side: a bit for each tick, modulo COVERED_TICKS, that some life covers. It settles most level changes with one look.
const COVERED_TICKS = 256;
const COVERED_WORDS = COVERED_TICKS / 32;
const covered = new Int32Array(2 * COVERED_WORDS);

// By side, oldest first: where each of its lives lies, and which ticks it covers.
const countOf = new Int32Array(2);
const lifeOf = new Int32Array(2 * LIVES_MAX);
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
function cover(work: Workspace, slot: number, living: number): void {
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
    lifeOf[k] = life;
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

function messageOf(work: Workspace, slot: number, origin: number, end: number): number {
  return work.books.numbers[changeAt(slot * BOOK_NUMBERS, end, origin) + 3] as number;
}

/** One message: entries [tail, end) and its three closing ones from `end`. False where the kept book cannot take it over. */
function followMessage(
  work: Workspace,
  slot: Slot,
  isKept: boolean,
  origin: number,
  tail: number,
  end: number,
): boolean {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const on = slot * BOOK_NUMBERS;
  const header = slot * SLOT_NUMBERS + HEADER_AT;
  const close = changeAt(on, end, origin);
  const touch = changeAt(on, end + 1, origin);
  const edge = changeAt(on, end + 2, origin);
  work.time[0] = numbers[close + 2] as number;
  const living = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  let reset = false;
  let goesOn = true;
  let handed = 0; // changes, to the kept book
  const into = work.kernel.changes;
  cover(work, slot, living);
  for (let i = tail; i !== end; i = (i + 1) | 0) {
    const entry = changeAt(on, i, origin);
    const kind = numbers[entry] as number;
    if (kind <= CHANGE_ASK) {
      if (isKept) {
        const at = 4 * handed++;
        into[at] = kind;
        into[at + 1] = numbers[entry + 1] as number;
        into[at + 2] = numbers[entry + 2] as number;
        into[at + 3] = numbers[entry + 3] as number;
        if (handed === CHANGES_MAX) {
          goesOn = goesOn && keep(work, handed);
          handed = 0;
        }
      }
      if (living > 0 && isCovered(kind, numbers[entry + 1] as number))
        changeLevel(work, slot, kind, entry, edge, reset);
    } else if (kind <= CHANGE_RPI_SELL) {
      takeTrade(work, slot, kind, entry);
    } else if (kind === CHANGE_RESET) {
      reset = true;
    }
  }
  if (isKept) goesOn = goesOn && keep(work, handed);
  const mayReturn = isInWindow(numbers, edge, 0) || isInWindow(numbers, edge, 1);
  if (mayReturn) showAgain(work, slot, edge, reset);
  settleTrades(work, slot, reset);
  if (living > 0) {
    if (reset) endHalved(work, slot);
    if (mayReturn || isEventful(numbers, touch, edge)) lookAtLives(work, slot, touch, edge);
    noteSizes(work, slot);
  }
  lives[header + MESSAGE] = numbers[close + 3] as number;
  lives[header + EXCHANGE_TIME] = work.time[0] as number;
  if (!goesOn) distrust(work, slot);
  else if (isKept) noteTaken(work, slot, lives, header + MESSAGE);
  return goesOn;
}

/** A level of some life may have changed: what of it was traded, what cancelled, what added? */
function changeLevel(work: Workspace, slot: number, side: number, entry: number, edge: number, reset: boolean): void {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const tick = numbers[entry + 1] as number;
  const old = numbers[entry + 2] as number;
  const lot = numbers[entry + 3] as number;
  let traded = -1; // lots matched with this level in this message, taken from the waiting trades once
  const end = side * LIVES_MAX + (countOf[side] as number);
  for (let k = side * LIVES_MAX; k < end; k++) {
    if (!covers(k, tick)) continue;
    const life = lifeOf[k] as number;
    if (lot === 0 && isBeyondEdge(numbers, edge, side, tick)) {
      // It left the window; nobody cancelled it (bybit-v5 4.4).
      if (!hide(lives, life, tick, old)) adjust(lives, life, -old * tick);
      continue;
    }
    const before = old === 0 ? unhide(lives, life, tick) : old;
    if (reset) {
      adjust(lives, life, (lot - before) * tick);
      continue;
    }
    if (traded < 0) traded = takePending(work, slot, side, tick);
    change[0] = (before - lot) * tick;
    change[1] = traded * tick;
    account(lives, life, change);
  }
}

/** Is a price at or beyond the window's end after this message, the side being full? */
function isBeyondEdge(numbers: Float64Array, edge: number, side: number, tick: number): boolean {
  if (((numbers[edge + 3] as number) & (1 << side)) === 0) return false;
  const worst = numbers[edge + 1 + side] as number;
  return side === 0 ? tick < worst : tick > worst;
}

/** A trade waits for the message that shows it; one that comes after its message was pulled by mistake. */
function takeTrade(work: Workspace, slot: number, kind: number, entry: number): void {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const side = kind === CHANGE_BUY || kind === CHANGE_RPI_BUY ? 1 : 0;
  const shown = kind === CHANGE_BUY || kind === CHANGE_SELL;
  const tick = numbers[entry + 1] as number;
  const lot = numbers[entry + 2] as number;
  const time = numbers[entry + 3] as number;
  const units = lot * tick;
  const late = time <= (lives[slot * SLOT_NUMBERS + HEADER_AT + EXCHANGE_TIME] as number);
  let hit = false;
  const end = side * LIVES_MAX + (isCovered(side, tick) ? (countOf[side] as number) : 0);
  for (let k = side * LIVES_MAX; k < end; k++) {
    if (!covers(k, tick)) continue;
    const life = lifeOf[k] as number;
    hit = true;
    if (shown) noteFlow(lives, life, numbers, entry);
    if (!late || time <= (lives[life + L_FOLLOWED_FROM] as number)) continue;
    if (shown) explain(lives, life, units);
    else lives[life + L_RPI] = (lives[life + L_RPI] as number) + units;
  }
  if (!late) wait(work, slot, shown ? side : side + UNSHOWN, entry, hit);
}

function isCovered(side: number, tick: number): boolean {
  const word = side * COVERED_WORDS + ((tick & (COVERED_TICKS - 1)) >>> 5);
  return (((covered[word] as number) >>> (tick & 31)) & 1) === 1;
}

function covers(k: number, tick: number): boolean {
  return tick >= (lowOf[k] as number) && tick <= (highOf[k] as number);
}

/** Hidden levels whose price can be seen again and that are not there have gone meanwhile. */
function showAgain(work: Workspace, slot: number, edge: number, reset: boolean): void {
  const lives = work.lives.numbers;
  const count = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < count; place++) {
    const life = lifeAt(work.lives, slot, place);
    const side = lives[life + L_SIDE] as number;
    const near = lives[life + (side === 0 ? L_HIGH : L_LOW)] as number;
    if (isBeyondEdge(work.books.numbers, edge, side, near)) continue;
    for (let i = (lives[life + L_HIDDEN] as number) - 1; i >= 0; i--) {
      const tick = lives[pastOf(lives, life) + HIDDEN_AT + 2 * i] as number;
      if (isBeyondEdge(work.books.numbers, edge, side, tick)) continue;
      const units = unhide(lives, life, tick) * tick;
      if (reset) adjust(lives, life, -units);
      else {
        change[0] = units;
        change[1] = takePending(work, slot, side, tick) * tick;
        account(lives, life, change);
      }
    }
  }
}

/** Trades of this message at levels that did not change: what was taken came back at once. A new snapshot explains none. */
function settleTrades(work: Workspace, slot: number, reset: boolean): void {
  const time = work.time[0] as number;
  const lives = work.lives.numbers;
  const words = work.lives.words;
  const waiting = words[slot * SLOT_WORDS + PENDING_COUNT] as number;
  if (waiting === 0) return;
  const base = slot * SLOT_NUMBERS + PENDING_AT;
  let kept = 0;
  for (let i = 0; i < waiting; i++) {
    const from = base + i * PENDING_STRIDE;
    if ((lives[from + 3] as number) > time) {
      const to = base + kept * PENDING_STRIDE;
      if (to !== from) for (let j = 0; j < PENDING_STRIDE; j++) lives[to + j] = lives[from + j] as number;
      kept++;
      continue;
    }
    const shown = (lives[from] as number) < UNSHOWN;
    const side = shown ? (lives[from] as number) : (lives[from] as number) - UNSHOWN;
    const tick = lives[from + 1] as number;
    if (reset || !isCovered(side, tick)) continue;
    const units = (lives[from + 2] as number) * tick;
    const end = side * LIVES_MAX + (countOf[side] as number);
    for (let k = side * LIVES_MAX; k < end; k++) {
      if (!covers(k, tick)) continue;
      const life = lifeOf[k] as number;
      change[0] = 0;
      change[1] = units;
      if (shown) account(lives, life, change);
      else lives[life + L_RPI] = (lives[life + L_RPI] as number) + units;
    }
  }
  words[slot * SLOT_WORDS + PENDING_COUNT] = kept;
}

/** After a new snapshot only a density that still holds half its last size is the same one. */
function endHalved(work: Workspace, slot: number): void {
  const lives = work.lives.numbers;
  for (let place = (work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number) - 1; place >= 0; place--) {
    const life = lifeAt(work.lives, slot, place);
    const current = lives[life + L_CURRENT] as number;
    if (current < (lives[life + L_SIZE_NOTED] as number) / 2) endLife(work, slot, place, UNKNOWN);
    else lives[life + L_FOLLOWED_FROM] = work.time[0] as number;
  }
}

/** Does the window reach as far as what was beyond its edge on this side? */
function isInWindow(numbers: Float64Array, edge: number, side: 0 | 1): boolean {
  const first = returns[side] as number;
  return Number.isFinite(first) && !isBeyondEdge(numbers, edge, side, first);
}

/** Does some life leave the window with this message, or has the mid passed one? */
function isEventful(numbers: Float64Array, touch: number, edge: number): boolean {
  if (isBeyondEdge(numbers, edge, 0, leaves[0] as number) || isBeyondEdge(numbers, edge, 1, leaves[1] as number))
    return true;
  const bid = numbers[touch + 1] as number;
  const ask = numbers[touch + 2] as number;
  if (bid === 0 || ask === 0) return false;
  return bid + ask < 2 * (passed[0] as number) || bid + ask > 2 * (passed[1] as number);
}

/** What every life learns at the end of a message: its size. */
function noteSizes(work: Workspace, slot: number): void {
  const lives = work.lives.numbers;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  const count = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < count; place++) noteSize(lives, lifeAt(work.lives, slot, place), params, work.time);
}

/** Can each life be seen, and has the mid passed it? */
function lookAtLives(work: Workspace, slot: number, touch: number, edge: number): void {
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

if (CHANGE_TOUCH !== CHANGE_CLOSE + 1 || CHANGE_EDGE !== CHANGE_CLOSE + 2)
  throw new Error('a message closes with three entries');
