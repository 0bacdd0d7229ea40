// What happens when an order meets the book? Levels are consumed from the touch outward, and every fill is printed.
import type { Rng } from '../lib/rng.ts';
import { SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';
import type { ExchangeBook } from './exchange-book.ts';
import type { Owner } from './level-queue.ts';
import type { MarkPrice } from './mark-price.ts';

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
  readonly mark: MarkPrice;
  /** Fills of planted levels are theirs to account for. */
  readonly onFill: (tick: number, lots: number) => void;
  readonly prints: Print[] = [];
  seq: number;
  /** Time of the last event that changed the book. */
  cts: number;
  lastTick: number;
  /** Extremes of the last price since somebody looked: a spike of one print fires a trigger too. */
  lowTick: number;
  highTick: number;
  /** A client's resting order has been filled. */
  onClientFill: (owner: Owner, tick: number, lots: number) => void = () => {};
  readonly #rng: Rng;
  #rising = true;

  constructor(
    book: ExchangeBook,
    mark: MarkPrice,
    onFill: (tick: number, lots: number) => void,
    seq: number,
    startMs: number,
    rng: Rng,
  ) {
    this.book = book;
    this.mark = mark;
    this.onFill = onFill;
    this.seq = seq;
    this.cts = startMs;
    this.lastTick = book.best[0];
    this.lowTick = this.lastTick;
    this.highTick = this.lastTick;
    this.#rng = rng;
  }

  /** A new sequence for what happens at `timeMs`. */
  touch(timeMs: number): void {
    this.cts = timeMs;
    this.seq += 1 + this.#rng.below(40);
  }

  /** Sets a level's anonymous size by new or cancelled orders. */
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
      const fill = Math.min(left, this.book.frontLots(side));
      this.hit(side, fill, timeMs);
      left -= fill;
    }
    return lots - left;
  }

  /** Fills `lots` of what stands first on a side. */
  hit(side: Side, lots: number, timeMs: number): void {
    const tick = this.book.best[side];
    this.#print(side, tick, lots, timeMs, 'book');
    const owner = this.book.consume(side, lots);
    if (owner === undefined) this.onFill(tick, lots);
    else this.onClientFill(owner, tick, lots);
  }

  /** The extremes of the last price since the last look. */
  look(): readonly [low: number, high: number] {
    const seen = [this.lowTick, this.highTick] as const;
    this.lowTick = this.lastTick;
    this.highTick = this.lastTick;
    return seen;
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
    if (kind !== 'block') this.#last(tick, timeMs);
    this.prints.push({ timeMs, hit, tick, lots, seq: this.seq, kind, uptick });
  }

  #last(tick: number, timeMs: number): void {
    this.mark.follow(this.lastTick, timeMs);
    this.lastTick = tick;
    if (tick < this.lowTick) this.lowTick = tick;
    if (tick > this.highTick) this.highTick = tick;
  }
}
