// hot: once per book frame on main, the sole writer of every book; allocates nothing.
// How does a parsed frame become the book?
import { beginWrite, endWrite } from '../lib/seqlock.ts';
import { TOWARD_TOUCH } from '../market/side.ts';
import type { Slot } from '../market/units.ts';
import { ChangeWriter } from './changes.ts';
import { OFF_GRID, TICK_MAX, unitsOf, type Grid } from './grid.ts';
import { clearSide, createSpill, findBest, lotsAt, nextKey, setLevel, worstKey } from './ladder.ts';
import {
  BASE_KEY,
  BEST_KEY,
  BITMAP_AT,
  BITMAP_WORDS,
  CHANGE_ASK,
  CHANGE_BID,
  CHANGE_DAILY,
  CHANGE_LOST,
  CHANGE_RESET,
  DEPTH,
  EMPTY_KEY,
  EPOCH,
  EXCHANGE_TIME,
  GENERATION,
  LADDER_AT,
  LEVEL_COUNT,
  LEVELS_HELD_MAX,
  MESSAGE,
  OVERFLOW_COUNT,
  OVERFLOW_KEYS_AT,
  OVERFLOW_LEVELS,
  RECEIVED,
  SEQUENCE,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  TOTAL,
  TRUNCATED,
  TRUST,
  UPDATE_ID,
  WINDOW_MASK,
  WINDOW_TICKS,
  WORST_KEY,
  changeAt,
  type BookMemory,
} from './layout.ts';
import { STAMP_EXCHANGE, STAMP_RECEIVED, STAMP_SEQUENCE, STAMP_UPDATE, type Staging } from './staging.ts';
import { LIVE, SUSPECT, SYNCING, type Trust } from './trust.ts';

export const APPLIED = 0;
export const OFF_THE_GRID = 1;
export const CROSSED = 2;
export type Applied = 0 | 1 | 2;

/** Writes books. One instance, on main. */
export class BookWriter {
  /** Levels that fell out because a side held more than its topic's depth (B14). */
  pruned = 0;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #changes: ChangeWriter;
  // The other book of a snapshot: what a side held before, from the touch outward.
  readonly #keys = new Int32Array(LEVELS_HELD_MAX);
  readonly #seen = new Uint8Array(LEVELS_HELD_MAX);
  readonly #spill = createSpill();

  constructor(memory: BookMemory) {
    this.#words = memory.words;
    this.#numbers = memory.numbers;
    this.#changes = new ChangeWriter(memory);
  }

  /** Messages whose changes found the change ring full: their reader starts anew. */
  get changesLost(): number {
    return this.#changes.lost;
  }

  /** Gives a slot to a new symbol: empty book, new epoch, waiting for its snapshot. */
  attach(slot: Slot, depth: number): void {
    this.#restart(slot, depth, SYNCING);
  }

  /** Empties a slot that no symbol uses any more. */
  detach(slot: Slot): void {
    this.#restart(slot, 0, 0);
  }

  setTrust(slot: Slot, trust: Trust): void {
    const at = slot * SLOT_WORDS;
    beginWrite(this.#words, at + GENERATION);
    Atomics.store(this.#words, at + TRUST, trust);
    endWrite(this.#words, at + GENERATION);
  }

  /** Best tick of a side, 0 where it is empty. */
  bestTick(slot: Slot, side: 0 | 1): number {
    const key = this.#words[slot * SLOT_WORDS + BEST_KEY + side] as number;
    return key === EMPTY_KEY ? 0 : key * TOWARD_TOUCH[side];
  }

  /** Applies one delta. The caller has checked the sequence. After anything but APPLIED the book is `suspect`. */
  applyDelta(slot: Slot, grid: Grid, frame: Staging): Applied {
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    const on = slot * SLOT_NUMBERS;
    beginWrite(words, at + GENERATION);
    this.#changes.open(at);
    const bids = frame.ends[0] as number;
    const fine =
      this.#applySide(at, on, 0, grid, frame, 0, bids) &&
      this.#applySide(at, on, 1, grid, frame, bids, frame.ends[1] as number);
    const result = this.#finish(at, on, fine, frame.stamps);
    endWrite(words, at + GENERATION);
    return result;
  }

  /**
   * Closes a delta whose levels the kernel has applied: `state` says how far its changes have come, and whether the sums are
   * sound. The book is still being written when this is called.
   */
  finishDelta(slot: Slot, stamps: Float64Array, state: Int32Array): Applied {
    const at = slot * SLOT_WORDS;
    this.#changes.goOn(at, state[0] as number, state[1] as number);
    const result = this.#finish(at, slot * SLOT_NUMBERS, state[2] === 1, stamps);
    endWrite(this.#words, at + GENERATION);
    return result;
  }

  /**
   * Replaces the book by a snapshot under a new epoch. What differs from the book before goes to the change ring behind
   * a reset entry, so that lives can go on where their price still holds. `depth`: of its topic,
   * where that is another one than before.
   */
  applySnapshot(
    slot: Slot,
    grid: Grid,
    frame: Staging,
    depth = this.#words[slot * SLOT_WORDS + DEPTH] as number,
  ): Applied {
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    const on = slot * SLOT_NUMBERS;
    beginWrite(words, at + GENERATION);
    words[at + DEPTH] = depth;
    words[at + TRUNCATED] = 0;
    this.#changes.open(at);
    words[at + EPOCH] = (words[at + EPOCH] as number) + 1;
    this.#changes.put(on, CHANGE_RESET, words[at + EPOCH] as number, 0, 0);
    const bids = frame.ends[0] as number;
    const fine =
      this.#replaceSide(at, on, 0, grid, frame, 0, bids) &&
      this.#replaceSide(at, on, 1, grid, frame, bids, frame.ends[1] as number);
    const result = this.#finish(at, on, fine, frame.stamps);
    endWrite(words, at + GENERATION);
    return result;
  }

  /**
   * A trade joins the changes of the message that will close next. `kind` is one of the four trade kinds, its time is
   * `times[i]`.
   */
  addTrade(slot: Slot, kind: number, tick: number, lot: number, times: Float64Array, i: number): void {
    this.#changes.add(slot * SLOT_WORDS, slot * SLOT_NUMBERS, kind, tick, lot, times, i);
  }

  /** A ticker told another change of 24 hours, `percent[i]`: scans of the messages that follow know it. */
  addDailyChange(slot: Slot, percent: Float64Array, i: number): void {
    this.#changes.add(slot * SLOT_WORDS, slot * SLOT_NUMBERS, CHANGE_DAILY, 0, 0, percent, i);
  }

  #restart(slot: Slot, depth: number, trust: Trust): void {
    const words = this.#words;
    const at = slot * SLOT_WORDS;
    const on = slot * SLOT_NUMBERS;
    beginWrite(words, at + GENERATION);
    for (let side = 0; side < 2; side++) {
      clearSide(words, this.#numbers, at, on, side);
      this.#numbers[on + TOTAL + side] = 0;
    }
    this.#numbers.fill(0, on + UPDATE_ID, on + RECEIVED + 1);
    words[at + EPOCH] = (words[at + EPOCH] as number) + 1;
    words[at + TENANCY] = (words[at + TENANCY] as number) + 1;
    words[at + DEPTH] = depth;
    words[at + TRUNCATED] = 0;
    Atomics.store(words, at + CHANGE_LOST, 1); // whatever the ring still holds is about another symbol
    Atomics.store(words, at + TRUST, trust);
    endWrite(words, at + GENERATION);
  }

  #applySide(at: number, on: number, side: number, grid: Grid, frame: Staging, from: number, to: number): boolean {
    const words = this.#words;
    const numbers = this.#numbers;
    const { priceDigits, priceDecimals, sizeDigits, sizeDecimals } = frame;
    const { priceScale, tickScaled, lotScale, lotScaled } = grid;
    const perTick = 1 / tickScaled;
    const perLot = 1 / lotScaled;
    const ladder = on + LADDER_AT + side * WINDOW_TICKS;
    const bitmap = at + BITMAP_AT + side * BITMAP_WORDS;
    const changes = this.#changes;
    const { limit, origin } = changes;
    let { head } = changes;
    let fine = true;
    let base = words[at + BASE_KEY + side] as number;
    let best = words[at + BEST_KEY + side] as number;
    let worst = words[at + WORST_KEY + side] as number;
    let count = words[at + LEVEL_COUNT + side] as number;
    let total = numbers[on + TOTAL + side] as number;
    for (let i = from; i < to; i++) {
      const price = priceDigits[i] as number;
      let tick: number;
      if (priceDecimals[i] === priceScale) {
        // Multiplying is exact enough to find the integer; multiplying back proves it.
        tick = (price * perTick + 0.5) | 0;
        if (tick * tickScaled !== price) tick = OFF_GRID;
      } else tick = unitsOf(price, priceDecimals[i] as number, priceScale, tickScaled);
      fine = tick > 0 && tick <= TICK_MAX;
      if (!fine) break;
      let lot = sizeDigits[i] as number;
      if (lot !== 0) {
        if (sizeDecimals[i] !== lotScale) lot = unitsOf(lot, sizeDecimals[i] as number, lotScale, lotScaled);
        else if (lotScaled !== 1) {
          const whole = Math.floor(lot * perLot + 0.5);
          lot = whole * lotScaled === lot ? whole : OFF_GRID;
        }
        fine = lot !== OFF_GRID;
        if (!fine) break;
      }
      const key = side === 0 ? tick : -tick;
      let old: number;
      if (key >= base && key <= base + WINDOW_MASK && best !== EMPTY_KEY) {
        const index = key & WINDOW_MASK;
        old = numbers[ladder + index] as number;
        if (old === lot) continue;
        numbers[ladder + index] = lot;
        if (old === 0) {
          const word = bitmap + (index >>> 5);
          words[word] = (words[word] as number) | (1 << (index & 31));
          count++;
          if (key > best) best = key;
          if (key < worst) worst = key;
        } else if (lot === 0) {
          const word = bitmap + (index >>> 5);
          words[word] = (words[word] as number) & ~(1 << (index & 31));
          count--;
          if (key === best) {
            best = nextKey(words, at, side, key - 1, base);
            if (best === EMPTY_KEY) {
              findBest(words, numbers, at, on, side, key - 1);
              base = words[at + BASE_KEY + side] as number;
              best = words[at + BEST_KEY + side] as number;
            }
          }
          if (key === worst) {
            words[at + BEST_KEY + side] = best;
            worst = worstKey(words, numbers, at, on, side, key);
          }
        }
      } else {
        words[at + LEVEL_COUNT + side] = count;
        words[at + BEST_KEY + side] = best;
        words[at + WORST_KEY + side] = worst;
        changes.head = head;
        old = setLevel(words, numbers, at, on, side, key, lot, this.#spill);
        if (this.#spill.count > 0) total -= this.#settleSpill(on, side);
        head = changes.head;
        base = words[at + BASE_KEY + side] as number;
        best = words[at + BEST_KEY + side] as number;
        worst = words[at + WORST_KEY + side] as number;
        count = words[at + LEVEL_COUNT + side] as number;
        if (old === lot) continue;
      }
      total += (lot - old) * tick;
      if (head !== limit) {
        const entry = changeAt(on, head, origin);
        numbers[entry] = side; // CHANGE_BID or CHANGE_ASK
        numbers[entry + 1] = tick;
        numbers[entry + 2] = old;
        numbers[entry + 3] = lot;
        head = (head + 1) | 0;
      }
      // Beyond this no sum is exact any more, and no market is that large.
      fine = total <= Number.MAX_SAFE_INTEGER;
      if (!fine) break;
    }
    words[at + BEST_KEY + side] = best;
    words[at + WORST_KEY + side] = worst;
    words[at + LEVEL_COUNT + side] = count;
    numbers[on + TOTAL + side] = total;
    changes.head = head;
    return fine;
  }

  /** Cold. Removes what the snapshot does not hold, then applies it like a delta: only differences become changes. */
  #replaceSide(at: number, on: number, side: number, grid: Grid, frame: Staging, from: number, to: number): boolean {
    const before = this.#listKeys(at, on, side);
    this.#seen.fill(0, 0, before);
    let hint = 0;
    for (let i = from; i < to; i++) {
      const tick = unitsOf(
        frame.priceDigits[i] as number,
        frame.priceDecimals[i] as number,
        grid.priceScale,
        grid.tickScaled,
      );
      const key = side === 0 ? tick : -tick;
      // Both run from the touch outward, so the search goes on where the last one ended.
      while (hint < before && (this.#keys[hint] as number) > key) hint++;
      while (hint > 0 && (this.#keys[hint - 1] as number) <= key) hint--;
      if (hint < before && this.#keys[hint] === key) this.#seen[hint] = 1;
    }
    // The total begins anew with what is kept: a frame that was refused for its sums may have left it inexact.
    let kept = 0;
    for (let i = before - 1; i >= 0; i--) {
      const key = this.#keys[i] as number;
      const worth = lotsAt(this.#words, this.#numbers, at, on, side, key) * Math.abs(key);
      if (this.#seen[i] === 1 && kept + worth <= Number.MAX_SAFE_INTEGER) kept += worth;
      else this.#remove(at, on, side, key);
    }
    this.#numbers[on + TOTAL + side] = kept;
    return this.#applySide(at, on, side, grid, frame, from, to);
  }

  #remove(at: number, on: number, side: number, key: number): void {
    const old = setLevel(this.#words, this.#numbers, at, on, side, key, 0, this.#spill);
    const tick = side === 0 ? key : -key;
    this.#numbers[on + TOTAL + side] = (this.#numbers[on + TOTAL + side] as number) - old * tick;
    this.#changes.put(on, side === 0 ? CHANGE_BID : CHANGE_ASK, tick, old, 0);
  }

  /** Takes the levels that fell out of a full overflow into the changes; returns their notional. */
  #settleSpill(on: number, side: number): number {
    const spill = this.#spill;
    let worth = 0;
    for (let i = 0; i < spill.count; i++) {
      const tick = Math.abs(spill.keys[i] as number);
      worth += (spill.lots[i] as number) * tick;
      this.#changes.put(on, side === 0 ? CHANGE_BID : CHANGE_ASK, tick, spill.lots[i] as number, 0);
    }
    spill.count = 0;
    return worth;
  }

  #listKeys(at: number, on: number, side: number): number {
    const words = this.#words;
    let count = 0;
    const base = words[at + BASE_KEY + side] as number;
    let key = words[at + BEST_KEY + side] as number;
    while (key !== EMPTY_KEY && key >= base) {
      this.#keys[count++] = key;
      key = nextKey(words, at, side, key - 1, base);
    }
    const overflow = words[at + OVERFLOW_COUNT + side] as number;
    for (let i = 0; i < overflow; i++)
      this.#keys[count++] = this.#numbers[on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS + i] as number;
    return count;
  }

  #finish(at: number, on: number, fine: boolean, stamps: Float64Array): Applied {
    const words = this.#words;
    const numbers = this.#numbers;
    if (fine) {
      const depth = words[at + DEPTH] as number;
      for (let side = 0; side < 2; side++) {
        while ((words[at + LEVEL_COUNT + side] as number) > depth && depth > 0) {
          this.#remove(at, on, side, words[at + WORST_KEY + side] as number);
          this.pruned++;
        }
      }
    }
    const bid = words[at + BEST_KEY] as number;
    const ask = words[at + BEST_KEY + 1] as number;
    const crossed = bid !== EMPTY_KEY && ask !== EMPTY_KEY && bid >= -ask;
    numbers[on + UPDATE_ID] = stamps[STAMP_UPDATE] as number;
    numbers[on + SEQUENCE] = stamps[STAMP_SEQUENCE] as number;
    numbers[on + EXCHANGE_TIME] = stamps[STAMP_EXCHANGE] as number;
    numbers[on + RECEIVED] = stamps[STAMP_RECEIVED] as number;
    numbers[on + MESSAGE] = (numbers[on + MESSAGE] as number) + 1;
    this.#changes.close(at, on);
    Atomics.store(words, at + TRUST, fine && !crossed ? LIVE : SUSPECT);
    return fine ? (crossed ? CROSSED : APPLIED) : OFF_THE_GRID;
  }
}
