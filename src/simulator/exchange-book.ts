// What rests at every price of one contract? The exchange's whole book, far beyond what any subscriber sees.
import { assert } from '../lib/assert.ts';
import { ASK, BID, isBetter, SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';
import { LevelQueue, type Owner } from './level-queue.ts';

const SPAN = 16_384;
const MASK = SPAN - 1;
const HORIZON_MAX = 3_000;
const HORIZON_STEP = 256;

/** Levels of one side from the touch outward. */
export interface Window {
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  count: number;
}

export function createWindow(depth: number): Window {
  return { ticks: new Int32Array(depth), lots: new Float64Array(depth), count: 0 };
}

/**
 * Sizes in a ring indexed by tick; both sides share it, because a tick is on one side or the other. A level where clients'
 * orders rest has a queue beside its total; all others are anonymous and only a number.
 */
export class ExchangeBook {
  /** Best tick of each side. */
  readonly best: [number, number];
  /** Rises with every change of a level. */
  version = 0;
  /** Sizes of prices that come into the horizon for the first time. */
  source: (side: Side, tick: number) => number = () => 0;
  // Not Int32: fine lot steps make sizes beyond 2^31, exact in a double up to 2^53.
  readonly #lots = new Float64Array(SPAN);
  readonly #queues = new Map<number, LevelQueue>();
  /** Worst tick of each side that has been filled in. */
  readonly #worst: [number, number];
  readonly #horizon: number;

  constructor(bestBid: number, bestAsk: number) {
    assert(bestBid > 2 && bestAsk > bestBid, 'a book opens uncrossed');
    this.best = [bestBid, bestAsk];
    this.#worst = [bestBid + 1, bestAsk - 1];
    this.#horizon = Math.min(HORIZON_MAX, Math.floor(bestBid * 0.45));
  }

  /** Everything that rests at a price. */
  at(tick: number): number {
    return this.#lots[tick & MASK] as number;
  }

  /** What the ordinary participants have there: theirs to add to and to cancel. */
  anonymous(tick: number): number {
    return this.at(tick) - this.clients(tick);
  }

  /** What clients have there, also beyond the horizon. */
  clients(tick: number): number {
    return this.#queues.size === 0 ? 0 : (this.#queues.get(tick)?.clients ?? 0);
  }

  /** Sets the anonymous size at a price; 0 takes the level out, unless clients' orders rest there. */
  set(side: Side, tick: number, lots: number): void {
    const queue = this.#queues.size === 0 ? undefined : this.#queues.get(tick);
    if (queue !== undefined) queue.setAnonymous(lots);
    this.#put(side, tick, queue === undefined ? lots : lots + queue.clients);
  }

  /** A client's order comes to rest behind all that is there. */
  rest(side: Side, tick: number, owner: Owner, lots: number): void {
    let queue = this.#queues.get(tick);
    if (queue === undefined) {
      queue = new LevelQueue(this.#isFilled(side, tick) ? this.at(tick) : 0);
      this.#queues.set(tick, queue);
    }
    queue.join(owner, lots);
    if (this.#isFilled(side, tick)) this.#put(side, tick, this.at(tick) + lots);
  }

  /** Takes `lots` of a client's resting order away; what is left keeps its place. */
  withdraw(side: Side, tick: number, owner: Owner, lots: number): void {
    const queue = this.#queues.get(tick);
    assert(queue !== undefined, 'an order that is withdrawn rests somewhere');
    queue.leave(owner, lots);
    if (queue.clients === 0) this.#queues.delete(tick);
    if (this.#isFilled(side, tick)) this.#put(side, tick, this.at(tick) - lots);
  }

  /** What stands first on a side: how much, and whose it is; nobody's where it is anonymous. */
  frontLots(side: Side): number {
    const tick = this.best[side];
    const queue = this.#queues.size === 0 ? undefined : this.#queues.get(tick);
    return queue === undefined ? this.at(tick) : queue.front.lots;
  }

  frontOwner(side: Side): Owner | undefined {
    return this.#queues.size === 0 ? undefined : this.#queues.get(this.best[side])?.front.owner;
  }

  /** Takes `lots` of what stands first on a side, and says whose they were. */
  consume(side: Side, lots: number): Owner | undefined {
    const tick = this.best[side];
    const queue = this.#queues.size === 0 ? undefined : this.#queues.get(tick);
    let owner: Owner | undefined;
    if (queue !== undefined) {
      owner = queue.consume(lots);
      if (queue.clients === 0) this.#queues.delete(tick);
    }
    this.#put(side, tick, this.at(tick) - lots);
    return owner;
  }

  /** What up to `lots` would meet on a side, no worse than `limit`: how many there are, and their sum of tick × lots. */
  ahead(side: Side, lots: number, limit: number): { readonly lots: number; readonly units: number } {
    const outward = -TOWARD_TOUCH[side];
    const until = this.reach(side, limit);
    let met = 0;
    let units = 0;
    for (let tick = this.best[side]; met < lots && !isBetter(side, until, tick); tick += outward) {
      if (!this.#isFilled(side, tick)) this.#fillUntil(side, tick + outward * HORIZON_STEP);
      const fill = Math.min(lots - met, this.at(tick));
      met += fill;
      units += fill * tick;
    }
    return { lots: met, units };
  }

  /** `limit`, or the farthest price that the ring can hold beside the other side where that is nearer. */
  reach(side: Side, limit: number): number {
    const outward = -TOWARD_TOUCH[side];
    const far = this.#worst[(1 - side) as Side] + outward * (SPAN - 4 * HORIZON_STEP);
    const farthest = side === BID ? Math.max(far, 2 * HORIZON_STEP) : far;
    return isBetter(side, limit, farthest) ? limit : farthest;
  }

  /** Keeps a horizon of filled prices around the touch: new ones at the far end as it moves, old ones dropped. */
  extend(): void {
    for (const side of SIDES) {
      const outward = -TOWARD_TOUCH[side];
      const filled = (this.#worst[side] - this.best[side]) * outward;
      if (filled >= this.#horizon) this.#drop(side, filled - this.#horizon - 2 * HORIZON_STEP);
      else this.#fillUntil(side, this.best[side] + outward * (this.#horizon + HORIZON_STEP));
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

  #isFilled(side: Side, tick: number): boolean {
    return !isBetter(side, this.#worst[side], tick);
  }

  #put(side: Side, tick: number, lots: number): void {
    const index = tick & MASK;
    if (this.#lots[index] === lots) return;
    assert(side === BID ? tick < this.best[ASK] : tick > this.best[BID], 'no crossing order comes to rest');
    this.#lots[index] = lots;
    this.version++;
    if (lots === 0) {
      if (tick === this.best[side]) this.best[side] = this.#next(side, tick);
    } else if (isBetter(side, tick, this.best[side])) {
      this.best[side] = tick;
    }
  }

  #fillUntil(side: Side, until: number): void {
    const outward = -TOWARD_TOUCH[side];
    for (let tick = this.#worst[side] + outward; tick !== until + outward; tick += outward) {
      const lots = tick > 0 ? this.source(side, tick) : 0;
      const queue = this.#queues.size === 0 ? undefined : this.#queues.get(tick);
      if (queue !== undefined) queue.setAnonymous(lots);
      this.#lots[tick & MASK] = queue === undefined ? lots : lots + queue.clients;
    }
    this.#worst[side] = until;
    this.version++;
  }

  /** Clients' orders out there stay in their queues and come back with the price. */
  #drop(side: Side, excess: number): void {
    const outward = -TOWARD_TOUCH[side];
    for (let left = excess; left > 0; left--) {
      const tick = this.#worst[side];
      this.#lots[tick & MASK] = 0;
      if (this.#queues.size > 0) this.#queues.get(tick)?.setAnonymous(0);
      this.#worst[side] -= outward;
    }
  }

  #next(side: Side, tick: number): number {
    const outward = -TOWARD_TOUCH[side];
    for (let price = tick + outward; ; price += outward) {
      if (!this.#isFilled(side, price)) {
        const span = Math.abs(price - this.#worst[(1 - side) as Side]) + HORIZON_STEP;
        assert(span < SPAN && price > HORIZON_STEP, 'a side of the book is empty');
        this.#fillUntil(side, price + outward * HORIZON_STEP);
      }
      if (this.at(price) > 0) return price;
    }
  }
}
