// What do ordinary participants do? They quote around the fair price, cancel near the touch, and some of them take.
import type { Rng } from '../lib/rng.ts';
import { ASK, BID, isBetter, SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';
import type { Matching } from './matching.ts';
import type { Profile } from './profile.ts';
import type { Walls } from './walls.ts';

const SIGMA = 1.3;
const ORDER_USDT_MAX = 18_000;
const WHALE_GAP_MS = 150_000;

export class Flow {
  /** Where participants think the best bid belongs, in ticks with a fraction. */
  fair: number;
  spread = 1;
  readonly #matching: Matching;
  readonly #walls: Walls;
  readonly #profile: Profile;
  readonly #unit: number;
  readonly #rng: Rng;
  #whaleAt: number;

  constructor(matching: Matching, walls: Walls, profile: Profile, unit: number, startMs: number, rng: Rng) {
    this.fair = profile.openTick;
    this.#matching = matching;
    this.#walls = walls;
    this.#profile = profile;
    this.#unit = unit;
    this.#rng = rng;
    this.#whaleAt = startMs + rng.exponential(WHALE_GAP_MS);
    this.#matching.book.source = (side, tick) => this.#opening(side, tick);
    this.#matching.book.extend();
  }

  /** The best tick that participants want on a side. */
  desired(side: Side): number {
    return Math.floor(this.fair) + (side === ASK ? this.spread : 0);
  }

  /** One burst: the touch follows the fair price, then `orders` additions and cancellations, sometimes a taker. */
  burst(orders: number, takers: number, drift: number, timeMs: number): void {
    if (this.#rng.next() < 0.03)
      this.spread = this.#rng.next() < 0.8 ? 1 : 1 + this.#rng.below(1 + Math.ceil(this.#profile.stride));
    this.#matching.touch(timeMs);
    for (const side of SIDES) this.#vacate(side, timeMs);
    for (const side of SIDES) this.#advance(side);
    for (let i = 0; i < orders; i++) this.#order();
    if (this.#rng.next() < takers) this.#taker(drift, timeMs);
    if (timeMs >= this.#whaleAt) this.#whale(timeMs);
    if (this.#rng.next() < takers * 0.03) this.#beside(timeMs);
    this.#matching.book.extend();
  }

  /** The last tick of `side` a taker may reach without touching a wall, at most `ticks` beyond the best. */
  clearUntil(side: Side, until: number): number {
    const { book } = this.#matching;
    const outward = -TOWARD_TOUCH[side];
    for (let tick = book.best[side]; !isBetter(side, until, tick); tick += outward) {
      if (this.#walls.has(tick)) return tick - outward;
    }
    return until;
  }

  lotsFor(usdt: number, tick: number): number {
    return Math.max(1, Math.round(usdt / (tick * this.#unit)));
  }

  #typical(side: Side, distance: number): number {
    const { typicalUsdt, stride, lean } = this.#profile;
    const nearness = Math.min(1, distance / (8 * stride));
    return typicalUsdt * lean[side] * (0.45 + 0.55 * nearness);
  }

  #size(side: Side, tick: number, distance: number, factor: number): number {
    let usdt = Infinity;
    // Participants' own limits cut the tail: larger single orders are the walls' business, and the whales'.
    while (usdt > ORDER_USDT_MAX) usdt = this.#typical(side, distance) * factor * Math.exp(SIGMA * this.#rng.normal());
    return this.lotsFor(usdt, tick);
  }

  #opening(side: Side, tick: number): number {
    const distance = (this.#matching.book.best[side] - tick) * TOWARD_TOUCH[side];
    if (distance > 0 && this.#rng.next() > this.#profile.occupancy) return 0;
    return this.#size(side, tick, distance, 0.9);
  }

  /**
   * Levels better than what participants want are lifted or cancelled; a wall stands in the way until it is gone. Nobody
   * can cancel a client's order: that is always lifted.
   */
  #vacate(side: Side, timeMs: number): void {
    const { book } = this.#matching;
    const outward = -TOWARD_TOUCH[side];
    const last = this.desired(side) - outward;
    if (!isBetter(side, book.best[side], this.desired(side))) return;
    const limit = this.clearUntil(side, last);
    if (isBetter(side, limit, book.best[side])) return;
    let lots = 0;
    const lifted = this.#rng.next() < 0.65;
    for (let tick = book.best[side]; !isBetter(side, limit, tick); tick += outward) {
      lots += lifted ? book.at(tick) : book.clients(tick);
      if (!lifted) book.set(side, tick, 0);
    }
    if (lots > 0) this.#matching.take(side, lots, limit, timeMs);
  }

  #advance(side: Side): void {
    const { book } = this.#matching;
    const outward = -TOWARD_TOUCH[side];
    const other = book.best[(1 - side) as Side];
    const desired = this.desired(side);
    for (let tick = book.best[side] - outward; !isBetter(side, tick, desired); tick -= outward) {
      if ((tick - other) * outward <= 0) return;
      if (tick === desired || this.#rng.next() < this.#profile.occupancy) {
        book.set(side, tick, this.#size(side, tick, 0, 0.8));
      }
    }
  }

  #order(): void {
    const { book } = this.#matching;
    const { reach, stride, occupancy } = this.#profile;
    const side = this.#rng.next() < 0.5 ? BID : ASK;
    const deep = this.#rng.next() < 0.1;
    const distance = deep
      ? this.#rng.below(Math.ceil(reach * 1.3))
      : Math.floor(this.#rng.exponential(Math.min(7 * stride, 25)));
    const tick = book.best[side] - TOWARD_TOUCH[side] * distance;
    if (this.#walls.has(tick)) return;
    const resting = book.anonymous(tick);
    if (resting === 0) {
      if (this.#rng.next() < occupancy) book.set(side, tick, this.#size(side, tick, distance, 0.8));
      return;
    }
    const typical = this.lotsFor(this.#typical(side, distance), tick);
    const addChance = resting > typical * 3 ? 0.2 : resting < typical * 0.5 ? 0.8 : 0.5;
    if (this.#rng.next() < addChance) {
      book.set(side, tick, resting + this.#size(side, tick, distance, 0.45));
    } else if (this.#rng.next() < (1 - occupancy) * 0.8) {
      book.set(side, tick, 0);
    } else {
      book.set(side, tick, Math.max(1, resting - Math.ceil(resting * (0.15 + 0.7 * this.#rng.next()))));
    }
  }

  #taker(drift: number, timeMs: number): void {
    const { book } = this.#matching;
    const side = this.#rng.next() < 0.5 + 0.3 * drift ? ASK : BID;
    const best = book.best[side];
    const limit = this.clearUntil(side, best - TOWARD_TOUCH[side] * Math.ceil(this.#profile.stride));
    if (isBetter(side, limit, best)) return;
    this.#matching.take(side, this.#size(side, best, 0, 1), limit, timeMs);
  }

  /** Now and then somebody large who is nobody's plan: these are the natural levels of the truth log. */
  #whale(timeMs: number): void {
    const { book } = this.#matching;
    this.#whaleAt = timeMs + this.#rng.exponential(WHALE_GAP_MS);
    const side = this.#rng.next() < 0.5 ? BID : ASK;
    const tick = book.best[side] - TOWARD_TOUCH[side] * (1 + this.#rng.below(Math.floor(this.#profile.reach * 0.9)));
    if (!this.#walls.isFree(side, tick, 11, timeMs)) return;
    book.set(side, tick, this.lotsFor(28_000 * Math.exp(0.4 * this.#rng.normal()), tick));
  }

  #beside(timeMs: number): void {
    const best = this.#matching.book.best[BID];
    const block = this.#rng.next() < 0.1;
    const usdt = block ? 200_000 : this.#profile.typicalUsdt * Math.exp(this.#rng.normal());
    this.#matching.printBeside(block ? 'block' : 'rpi', this.lotsFor(usdt, best), timeMs);
  }
}
