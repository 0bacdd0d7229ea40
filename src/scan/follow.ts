// hot: once per message of a book; a few ns per level change; allocates nothing.
// What has happened to a book's densities since the last scan? Every message is followed through the change ring, so that sums do
// not depend on when a scan ran (strategy 3).
import { OLDER_MS_MAX } from '../book/exchange-time.ts';
import {
  CHANGE_ASK,
  CHANGE_CLOSE,
  CHANGE_DAILY,
  CHANGE_EDGE,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_ORIGIN,
  CHANGE_RESET,
  CHANGE_RPI_SELL,
  CHANGE_TAIL,
  CHANGE_TOUCH,
  GIVEN_UP,
  SLOT_NUMBERS as BOOK_NUMBERS,
  SLOT_WORDS as BOOK_WORDS,
  changeAt,
} from '../book/layout.ts';
import { VIEW_EXCHANGE, VIEW_MESSAGE } from '../book/read.ts';
import { SYNCING } from '../book/trust.ts';
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';
import { changeLevel, settleTrades, showAgain, takeTrade } from './booked.ts';
import { CHANGES_MAX, FULL, STRANGE } from './kernel/layout.ts';
import { copyWhole, noteTaken } from './kept.ts';
import {
  DAILY_CHANGE,
  EXCHANGE_TIME,
  HEADER_AT,
  L_CURRENT,
  L_FOLLOWED_FROM,
  L_SIZE_NOTED,
  LIFE_COUNT,
  lifeAt,
  MESSAGE,
  PARAMS_AT,
  PENDING_COUNT,
  RESTARTS,
  SEEN_UNTIL,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  UNKNOWN,
} from './layout.ts';
import { endAll, endLife, noteSize } from './life.ts';
import { cover, isCovered, isEventful, lookAtLives, mayReturn } from './lineup.ts';
import { FACT_CHANGE, FACT_TRADES, readFact, tradeAt } from '../tape/layout.ts';
import type { Workspace } from './workspace.ts';

/** Added to a message's number in MESSAGE: it is not to be gone on from, nor begun with, but from the next one all is told. */
const BETWEEN = 0.5;

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
  if (followAll(work, slot, false)) return true;
  // Of another symbol, which has come meanwhile, nothing is told under the name of the one before.
  return restart(work, slot) && work.view.tenancy === work.lives.words[slot * SLOT_WORDS + TENANCY];
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
  if (Atomics.load(words, at + CHANGE_LOST) !== 0) return false;
  const head = Atomics.load(words, at + CHANGE_HEAD);
  const origin = words[at + CHANGE_ORIGIN] as number;
  let tail = words[at + CHANGE_TAIL] as number;
  while (work.lives.numbers[header + MESSAGE] !== target) {
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

/**
 * Takes the ring up anew: copies the book, ends the lives, forgets what waits, and skips the changes of all messages that the copy
 * already shows. False when no copy could be made behind which the ring tells all. Where trades behind it were lost nothing is
 * begun: the copy is `SYNCING`, and the next message is the first.
 */
export function restart(work: Workspace, slot: Slot): boolean {
  const { words } = work.books;
  const at = slot * BOOK_WORDS;
  const lives = work.lives;
  const lost = Atomics.load(words, at + CHANGE_LOST);
  if (lost !== 0) {
    // First the ring, then the copy: what main writes while a thread is busy here, or stands still, is not lost again.
    if (lost !== GIVEN_UP) Atomics.store(words, at + CHANGE_TAIL, Atomics.load(words, at + CHANGE_HEAD));
    Atomics.store(words, at + CHANGE_LOST, 0);
  }
  // What was under way had found the ring closed.
  if (!copyWhole(work, slot) || Atomics.load(words, at + CHANGE_LOST) !== 0) return false;
  const target = work.view.stamps[VIEW_MESSAGE] as number;
  const message = slot * SLOT_NUMBERS + HEADER_AT + MESSAGE;
  // A trade that the copy does not show may have found the ring closed: what it eats with the next message would look pulled.
  if (lost === 1 && hasTradedSince(work, slot)) lives.numbers[message] = target + BETWEEN;
  if ((lives.numbers[message] as number) > target) {
    work.view.trust = SYNCING;
    return true;
  }
  endAll(work, slot, UNKNOWN);
  lives.words[slot * SLOT_WORDS + PENDING_COUNT] = 0;
  lives.words[slot * SLOT_WORDS + RESTARTS] = (lives.words[slot * SLOT_WORDS + RESTARTS] as number) + 1;
  lives.numbers[message] = target;
  lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + EXCHANGE_TIME] = work.view.stamps[VIEW_EXCHANGE] as number;
  cover(work, slot, 0);
  const head = Atomics.load(words, at + CHANGE_HEAD);
  const origin = words[at + CHANGE_ORIGIN] as number;
  let tail = words[at + CHANGE_TAIL] as number;
  for (;;) {
    const end = findClose(work, slot, origin, tail, head);
    if (end === head || messageOf(work, slot, origin, end) > target) break;
    takeTrades(work, slot, origin, tail, end);
    tail = (end + 3) | 0;
  }
  Atomics.store(words, at + CHANGE_TAIL, tail);
  // What main could not tell through the ring it had written there before it tried.
  lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + DAILY_CHANGE] = readFact(work.tape, slot, FACT_CHANGE);
  return true;
}

/** Has a trade been told that is later than the book in hand? */
function hasTradedSince({ tape, view }: Workspace, slot: number): boolean {
  const trades = readFact(tape, slot, FACT_TRADES);
  const time = tape.numbers[tradeAt(slot, trades - 1)] as number;
  return trades > 0 && time > (view.stamps[VIEW_EXCHANGE] as number);
}

/** Of a message that the copy shows: what was traded behind it and told before it waits for its own. */
function takeTrades(work: Workspace, slot: number, origin: number, tail: number, end: number): void {
  for (let i = tail; i !== end; i = (i + 1) | 0) {
    const entry = changeAt(slot * BOOK_NUMBERS, i, origin);
    const kind = work.books.numbers[entry] as number;
    if (kind > CHANGE_ASK && kind <= CHANGE_RPI_SELL) takeTrade(work, slot, kind, entry);
  }
}

/** Index of the next close at or behind `tail`, `head` where there is none yet. */
function findClose(work: Workspace, slot: number, origin: number, tail: number, head: number): number {
  const numbers = work.books.numbers;
  const on = slot * BOOK_NUMBERS;
  let i = tail;
  while (i !== head && numbers[changeAt(on, i, origin)] !== CHANGE_CLOSE) i = (i + 1) | 0;
  return i;
}

/** The message that closes at `end`. */
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
  let isSnapshot = false;
  const isBehind = (work.time[0] as number) < (lives[header + EXCHANGE_TIME] as number) - OLDER_MS_MAX;
  // Behind a snapshot older than what was followed before it, what was booked once is told again.
  let reset = isBehind || (work.time[0] as number) <= (lives[header + SEEN_UNTIL] as number);
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
    } else if (kind === CHANGE_DAILY) {
      lives[header + DAILY_CHANGE] = numbers[entry + 3] as number;
    } else if (kind === CHANGE_RESET) {
      reset = isSnapshot = true;
      const seen = Math.max(lives[header + EXCHANGE_TIME] as number, lives[header + SEEN_UNTIL] as number);
      lives[header + SEEN_UNTIL] = Math.min(seen, (work.time[0] as number) + OLDER_MS_MAX);
    }
  }
  if (isKept) goesOn = goesOn && keep(work, handed);
  const isBack = mayReturn(numbers, edge);
  if (isBack) showAgain(work, slot, edge, reset);
  settleTrades(work, slot, reset);
  if (living > 0) {
    if (isSnapshot) endHalved(work, slot);
    if (isBack || isEventful(numbers, touch, edge)) lookAtLives(work, slot, touch, edge);
    noteSizes(work, slot);
    // The time before was wrong: by it lives would be young, erode and be gone until it has come.
    if (isBehind) endAll(work, slot, UNKNOWN);
  }
  lives[header + MESSAGE] = numbers[close + 3] as number;
  lives[header + EXCHANGE_TIME] = work.time[0] as number;
  if (isKept && goesOn) noteTaken(work, slot, lives, header + MESSAGE);
  return goesOn;
}

/** After a new snapshot only a density that still holds half its last size is the same one. */
function endHalved(work: Workspace, slot: number): void {
  const lives = work.lives.numbers;
  const from = Math.max(work.time[0] as number, lives[slot * SLOT_NUMBERS + HEADER_AT + SEEN_UNTIL] as number);
  for (let place = (work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number) - 1; place >= 0; place--) {
    const life = lifeAt(work.lives, slot, place);
    const current = lives[life + L_CURRENT] as number;
    if (current < (lives[life + L_SIZE_NOTED] as number) / 2) endLife(work, slot, place, UNKNOWN);
    else lives[life + L_FOLLOWED_FROM] = from;
  }
}

/** What every life learns at the end of a message: its size. */
function noteSizes(work: Workspace, slot: number): void {
  const lives = work.lives.numbers;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  const count = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < count; place++) noteSize(lives, lifeAt(work.lives, slot, place), params, work.time);
}

if (CHANGE_TOUCH !== CHANGE_CLOSE + 1 || CHANGE_EDGE !== CHANGE_CLOSE + 2)
  throw new Error('a message closes with three entries');
