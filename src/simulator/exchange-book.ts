// What rests at every price of one contract? The exchange's whole book, far beyond what any subscriber sees.
import { assert } from '../lib/assert.ts';
import { ASK, BID, SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';

const SPAN = 8_192;
const MASK = SPAN - 1;
const HORIZON_MAX = 3_000;
const HORIZON_STEP = 256;

/** Levels of one side from the touch outward. */
export interface Window {
  readonly ticks: Int32Array;
  readonly lots: Int32Array;
  count: number;
}

export function createWindow(depth: number): Window {
  return { ticks: new Int32Array(depth), lots: new Int32Array(depth), count: 0 };
}

/** Is tick `a` nearer the touch of `side` than tick `b`? */
export function nearer(side: Side, a: number, b: number): boolean {
  return (a - b) * TOWARD_TOUCH[side] > 0;
}

/** Sizes in a ring indexed by tick; both sides share it, because a tick is on one side or the other. */
export class ExchangeBook {
  /** Best tick of each side. */
  readonly best: [number, number];
  /** Rises with every change of a level. */
  version = 0;
  readonly #lots = new Int32Array(SPAN);
  /** Worst tick of each side that has been filled in. */
  readonly #worst: [number, number];
  readonly #horizon: number;

  constructor(bestBid: number, bestAsk: number) {
    assert(bestBid > 2 && bestAsk > bestBid, 'a book opens uncrossed');
    this.best = [bestBid, bestAsk];
    this.#worst = [bestBid + 1, bestAsk - 1];
    this.#horizon = Math.min(HORIZON_MAX, Math.floor(bestBid * 0.45));
  }

  at(tick: number): number {
    return this.#lots[tick & MASK] as number;
  }

  /** Sets the size at a price; 0 takes the level out. */
  set(side: Side, tick: number, lots: number): void {
    const index = tick & MASK;
    if (this.#lots[index] === lots) return;
    assert(side === BID ? tick < this.best[ASK] : tick > this.best[BID], 'no crossing order comes to rest');
    this.#lots[index] = lots;
    this.version++;
    if (lots === 0) {
      if (tick === this.best[side]) this.best[side] = this.#next(side, tick);
    } else if (nearer(side, tick, this.best[side])) {
      this.best[side] = tick;
    }
  }

  /** Keeps a horizon of filled prices around the touch: new ones at the far end as it moves, old ones dropped. */
  extend(sizeAt: (side: Side, tick: number) => number): void {
    for (const side of SIDES) {
      const outward = -TOWARD_TOUCH[side];
      const filled = (this.#worst[side] - this.best[side]) * outward;
      if (filled >= this.#horizon) {
        this.#drop(side, filled - this.#horizon - 2 * HORIZON_STEP);
        continue;
      }
      const until = this.best[side] + outward * (this.#horizon + HORIZON_STEP);
      for (let tick = this.#worst[side] + outward; tick !== until + outward; tick += outward) {
        this.#lots[tick & MASK] = tick > 0 ? sizeAt(side, tick) : 0;
      }
      this.#worst[side] = until;
      this.version++;
    }
  }

  /** The `ticks.length` levels nearest the touch. */
  gather(side: Side, window: Window): void {
    const { ticks, lots } = window;
    const outward = -TOWARD_TOUCH[side];
    const worst = this.#worst[side];
    const depth = ticks.length;
    let count = 0;
    for (let tick = this.best[side]; count < depth && (worst - tick) * outward >= 0; tick += outward) {
      const size = this.#lots[tick & MASK] as number;
      if (size === 0) continue;
      ticks[count] = tick;
      lots[count++] = size;
    }
    window.count = count;
  }

  #drop(side: Side, excess: number): void {
    const outward = -TOWARD_TOUCH[side];
    for (let left = excess; left > 0; left--) {
      this.#lots[this.#worst[side] & MASK] = 0;
      this.#worst[side] -= outward;
    }
  }

  #next(side: Side, tick: number): number {
    const outward = -TOWARD_TOUCH[side];
    for (let price = tick + outward; (this.#worst[side] - price) * outward >= 0; price += outward) {
      if (this.at(price) > 0) return price;
    }
    throw new Error('broken invariant: a side of the book is empty');
  }
}
