// What happens when an order meets the book? Levels are consumed from the touch outward, and every fill is printed.
import type { Rng } from '../lib/rng.ts';
import { SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';
import type { ExchangeBook } from './exchange-book.ts';

export interface Print {
  readonly timeMs: number;
  /** The side whose resting orders were hit: an ask is hit by a taker who buys. */
  readonly hit: Side;
  readonly tick: number;
  readonly lots: number;
  readonly seq: number;
  readonly kind: 'book' | 'rpi' | 'block';
  readonly uptick: 'PlusTick' | 'ZeroPlusTick' | 'MinusTick' | 'ZeroMinusTick';
}

export class Matching {
  readonly book: ExchangeBook;
  /** Fills of planted levels are theirs to account for. */
  readonly onFill: (tick: number, lots: number) => void;
  readonly prints: Print[] = [];
  seq: number;
  /** Time of the last event that changed the book. */
  cts: number;
  lastTick: number;
  readonly #rng: Rng;
  #rising = true;

  constructor(
    book: ExchangeBook,
    onFill: (tick: number, lots: number) => void,
    seq: number,
    startMs: number,
    rng: Rng,
  ) {
    this.book = book;
    this.onFill = onFill;
    this.seq = seq;
    this.cts = startMs;
    this.lastTick = book.best[0];
    this.#rng = rng;
  }

  /** A new sequence for what happens at `timeMs`. */
  touch(timeMs: number): void {
    this.cts = timeMs;
    this.seq += 1 + this.#rng.below(40);
  }

  /** Sets a level's size by new or cancelled orders. */
  rest(side: Side, tick: number, lots: number): void {
    this.book.set(side, tick, lots);
  }

  /** A taker hits `side` for up to `lots`, no worse than `limit`. Returns what was filled. */
  take(side: Side, lots: number, limit: number, timeMs: number): number {
    let left = lots;
    this.touch(timeMs);
    while (left > 0) {
      const tick = this.book.best[side];
      if ((tick - limit) * TOWARD_TOUCH[side] < 0) break;
      const resting = this.book.at(tick);
      const fill = Math.min(left, resting);
      this.#print(side, tick, fill, timeMs, 'book');
      this.book.set(side, tick, resting - fill);
      this.onFill(tick, fill);
      left -= fill;
    }
    return lots - left;
  }

  /** Trades that never touch the visible book: retail price improvement at the touch, and block trades. */
  printBeside(kind: 'rpi' | 'block', lots: number, timeMs: number): void {
    const side = SIDES[this.#rng.below(2)] as Side;
    this.seq += 1 + this.#rng.below(8);
    this.#print(side, this.book.best[side], lots, timeMs, kind);
  }

  #print(hit: Side, tick: number, lots: number, timeMs: number, kind: Print['kind']): void {
    const move = tick - this.lastTick;
    if (move !== 0) this.#rising = move > 0;
    const uptick = this.#rising
      ? move === 0
        ? 'ZeroPlusTick'
        : 'PlusTick'
      : move === 0
        ? 'ZeroMinusTick'
        : 'MinusTick';
    if (kind !== 'block') this.lastTick = tick;
    this.prints.push({ timeMs, hit, tick, lots, seq: this.seq, kind, uptick });
  }
}
