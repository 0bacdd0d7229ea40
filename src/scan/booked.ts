// hot: once per message of a book; a few ns per level change; allocates nothing.
// What of a density's size was traded with a message, what cancelled, what added, and what can only not be seen (strategy 3)?
import { CHANGE_BUY, CHANGE_RPI_BUY, CHANGE_SELL } from '../book/layout.ts';
import { hide, unhide } from './hidden.ts';
import {
  EXCHANGE_TIME,
  HEADER_AT,
  L_FOLLOWED_FROM,
  L_HIDDEN,
  L_LACKING,
  L_RPI,
  L_SIDE,
  LIFE_COUNT,
  lifeAt,
  PENDING_AT,
  PENDING_COUNT,
  PENDING_STRIDE,
  SLOT_NUMBERS,
  SLOT_WORDS,
  hiddenOf,
} from './layout.ts';
import { noteFlow } from './life.ts';
import { isBeyondEdge, lifeOver } from './lineup.ts';
import { account, adjust, explain } from './sums.ts';
import { takePending, UNSHOWN, wait } from './waiting.ts';
import type { Workspace } from './workspace.ts';

/** What `account` is told. */
const change = new Float64Array(2);

/** A level of some life may have changed: what of it was traded, what cancelled, what added? */
export function changeLevel(
  work: Workspace,
  slot: number,
  side: number,
  entry: number,
  edge: number,
  reset: boolean,
): void {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const tick = numbers[entry + 1] as number;
  const old = numbers[entry + 2] as number;
  const lot = numbers[entry + 3] as number;
  const life = lifeOver(side, tick);
  if (life < 0) return;
  lives[life + L_LACKING] = Infinity;
  if (lot === 0 && isBeyondEdge(numbers, edge, side, tick)) {
    // It left the window; nobody cancelled it (bybit-v5 4.4).
    if (!hide(lives, life, tick, old)) adjust(lives, life, -old * tick);
    return;
  }
  const before = old === 0 ? unhide(lives, life, tick) : old;
  if (reset) {
    adjust(lives, life, (lot - before) * tick);
    return;
  }
  change[0] = (before - lot) * tick;
  change[1] = takePending(work, slot, side, tick) * tick;
  account(lives, life, change);
}

/** A trade waits for the message that shows it; one that comes after its message was pulled by mistake. */
export function takeTrade(work: Workspace, slot: number, kind: number, entry: number): void {
  const numbers = work.books.numbers;
  const lives = work.lives.numbers;
  const side = kind === CHANGE_BUY || kind === CHANGE_RPI_BUY ? 1 : 0;
  const shown = kind === CHANGE_BUY || kind === CHANGE_SELL;
  const tick = numbers[entry + 1] as number;
  const lot = numbers[entry + 2] as number;
  const time = numbers[entry + 3] as number;
  const units = lot * tick;
  const late = time <= (lives[slot * SLOT_NUMBERS + HEADER_AT + EXCHANGE_TIME] as number);
  const life = lifeOver(side, tick);
  if (life >= 0 && shown) noteFlow(lives, life, numbers, entry);
  if (!late) wait(work, slot, shown ? side : side + UNSHOWN, entry, life >= 0);
  else if (life >= 0 && time > (lives[life + L_FOLLOWED_FROM] as number)) {
    if (shown) explain(lives, life, units);
    else lives[life + L_RPI] = (lives[life + L_RPI] as number) + units;
  }
}

/** Hidden levels whose price can be seen again and that are not there have gone meanwhile. */
export function showAgain(work: Workspace, slot: number, edge: number, reset: boolean): void {
  const lives = work.lives.numbers;
  const count = work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < count; place++) {
    const life = lifeAt(work.lives, slot, place);
    const side = lives[life + L_SIDE] as number;
    for (let i = (lives[life + L_HIDDEN] as number) - 1; i >= 0; i--) {
      const tick = lives[hiddenOf(lives, life) + 2 * i] as number;
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
export function settleTrades(work: Workspace, slot: number, reset: boolean): void {
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
    if (reset) continue;
    const life = lifeOver(side, tick);
    if (life < 0) continue;
    change[0] = 0;
    change[1] = (lives[from + 2] as number) * tick;
    if (shown) account(lives, life, change);
    else lives[life + L_RPI] = (lives[life + L_RPI] as number) + change[1];
  }
  words[slot * SLOT_WORDS + PENDING_COUNT] = kept;
}
