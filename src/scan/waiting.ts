// hot: once per trade; allocates nothing.
// Which trades wait for the message that shows them?
import {
  PENDING_AT,
  PENDING_COUNT,
  PENDING_LOST,
  PENDING_MAX,
  PENDING_STRIDE,
  SLOT_NUMBERS,
  SLOT_WORDS,
} from './layout.ts';
import type { Workspace } from './workspace.ts';

/** Added to the side of a waiting trade that takes nothing from the book. */
export const UNSHOWN = 2;

/**
 * Keeps the trade at `entry` of the change ring. It may be told long before its message, and the density that it hits be born in
 * between; but in a crowd those that hit one now go first.
 */
export function wait(work: Workspace, slot: number, side: number, entry: number, hit: boolean): void {
  const lives = work.lives.numbers;
  const trades = work.books.numbers;
  const words = work.lives.words;
  const waiting = words[slot * SLOT_WORDS + PENDING_COUNT] as number;
  if (waiting >= PENDING_MAX / 2 && (!hit || waiting === PENDING_MAX)) {
    words[slot * SLOT_WORDS + PENDING_LOST] = (words[slot * SLOT_WORDS + PENDING_LOST] as number) + 1;
    return;
  }
  const place = slot * SLOT_NUMBERS + PENDING_AT + waiting * PENDING_STRIDE;
  lives[place] = side;
  for (let i = 1; i < PENDING_STRIDE; i++) lives[place + i] = trades[entry + i] as number;
  words[slot * SLOT_WORDS + PENDING_COUNT] = waiting + 1;
}

/** Takes out the lots that wait for a level and traded up to the message in hand. */
export function takePending(work: Workspace, slot: number, side: number, tick: number): number {
  const time = work.time[0] as number;
  const lives = work.lives.numbers;
  const words = work.lives.words;
  const waiting = words[slot * SLOT_WORDS + PENDING_COUNT] as number;
  if (waiting === 0) return 0;
  const base = slot * SLOT_NUMBERS + PENDING_AT;
  let lots = 0;
  let kept = 0;
  for (let i = 0; i < waiting; i++) {
    const from = base + i * PENDING_STRIDE;
    if (lives[from] === side && lives[from + 1] === tick && (lives[from + 3] as number) <= time) {
      lots += lives[from + 2] as number;
      continue;
    }
    const to = base + kept * PENDING_STRIDE;
    if (to !== from) for (let j = 0; j < PENDING_STRIDE; j++) lives[to + j] = lives[from + j] as number;
    kept++;
  }
  words[slot * SLOT_WORDS + PENDING_COUNT] = kept;
  return lots;
}
